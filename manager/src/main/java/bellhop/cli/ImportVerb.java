package bellhop.cli;

import bellhop.cli.Verbs.Common;
import bellhop.control.ControlException;
import bellhop.control.RunDir;
import bellhop.convert.ImportException;
import bellhop.convert.Importer;
import bellhop.linux.Self;
import bellhop.manager.ExitCode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code bh import}: service directories of the files of other managers. */
@Command(description = "Make services of units of systemd, programs of supervisord and services of Compose.")
final class ImportVerb extends Common implements LocalVerb {

    /** Services were made, and one of them cannot be used before it is changed. */
    private static final int UNUSABLE = 2;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where to make them; the first directory of services if not given.")
    @Nullable
    String directory;

    @Option(
            names = "--name",
            paramLabel = "WORD",
            description = "The name of the service; that of its file if not given.")
    @Nullable
    String name;

    @Option(
            names = "--from",
            paramLabel = "systemd|supervisord|compose",
            converter = FormatName.class,
            description = "The format of the files; what their names say if not given.")
    Importer.@Nullable Format format;

    @Option(names = "--dry-run", description = "Print what would be made, and make nothing.")
    boolean dry;

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "Units, configurations of supervisord, Compose files.")
    List<String> files = List.of();

    /** Reads the name of a format. */
    static final class FormatName implements ITypeConverter<Importer.Format> {
        @Override
        public Importer.Format convert(String text) {
            for (Importer.Format format : Importer.Format.values()) {
                if (format.toString().equals(text)) {
                    return format;
                }
            }
            throw new TypeConversionException(text);
        }
    }

    @Override
    public boolean changes() {
        return true;
    }

    @Override
    public LocalTask task() {
        List<String> asked = List.copyOf(files);
        Optional<Importer.Format> from = Optional.ofNullable(format);
        Optional<String> as = Optional.ofNullable(name);
        Optional<String> named = Optional.ofNullable(directory);
        boolean onlyShown = dry;
        return here -> {
            try {
                Path place = named.isPresent()
                        ? RunDir.path("--directory", named.get())
                        : here.directories().roots().getFirst();
                Importer.Request request = new Importer.Request(
                        asked,
                        from,
                        as,
                        place.toAbsolutePath().normalize(),
                        onlyShown,
                        Self.euid() == 0,
                        System.getenv());
                Importer.Outcome outcome = Importer.run(request, here.directories());
                outcome.lines().forEach(here.out());
                return outcome.usable() ? ExitCode.OK : outcome.made() ? UNUSABLE : ExitCode.FAILED;
            } catch (ImportException | ControlException e) {
                here.err().accept(String.valueOf(e.getMessage()));
                return ExitCode.FAILED;
            } catch (
                    RuntimeException e) { // files of others are full of surprises; a stack trace helps nobody with them
                here.err().accept("internal error: " + e);
                return ExitCode.FAILED;
            }
        };
    }
}
