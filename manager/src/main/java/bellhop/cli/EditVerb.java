package bellhop.cli;

import bellhop.cli.Verbs.Common;
import bellhop.control.RunDir;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.linux.FileErrors;
import bellhop.linux.Self;
import bellhop.manager.ExitCode;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bh edit}: changes a file of a service in an editor, if the result is right. */
@Command(description = "Edit a service; a change that is not right has no effect.")
final class EditVerb extends Common implements LocalVerb {

    /** The state words of a service whose incarnation keeps the definition that it began with. */
    private static final Set<String> OF_LIVING = Set.of("started", "starting", "restarting", "stopping");

    @Option(names = "--services", paramLabel = "DIR", description = "A directory of services; repeatable.")
    @Nullable
    List<String> services;

    /** Put here by the client. */
    @Option(names = "--rundir", hidden = true)
    @Nullable
    String rundir;

    @Parameters(index = "0", paramLabel = "NAME", description = "The service.")
    String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "service.yaml|pre|run|post",
            description = "The file; service.yaml if not given.")
    @Nullable
    String file;

    @Override
    public LocalTask task() {
        String asked = name;
        String which = file == null ? EditedFile.SETTINGS : file;
        List<String> named = services == null ? List.of() : List.copyOf(services);
        String namedRunDir = rundir;
        return all -> {
            Here here = all.with(named);
            Optional<ServiceName> service = here.name(asked);
            if (service.isEmpty()) {
                return ExitCode.FAILED;
            }
            try {
                Optional<EditedFile> edited = EditedFile.find(service.get(), which, here);
                return edited.isEmpty() ? ExitCode.FAILED : edit(service.get(), edited.get(), namedRunDir, here);
            } catch (IOException e) {
                here.err().accept(asked + ": cannot be edited: " + Quote.onOneLine(FileErrors.withFile(e)));
                return ExitCode.FAILED;
            }
        };
    }

    private static int edit(ServiceName service, EditedFile file, @Nullable String namedRunDir, Here here)
            throws IOException {
        try (EditedCopy copy = new EditedCopy(service, file, here)) {
            return switch (copy.edit()) {
                case UNCHANGED -> {
                    here.out().accept(service + ": nothing changed");
                    yield ExitCode.OK;
                }
                case FAILED -> ExitCode.FAILED;
                case GOOD -> {
                    try {
                        file.replace(copy.content());
                    } catch (IOException e) {
                        here.err()
                                .accept(service + ": " + Quote.onOneLine(FileErrors.withFile(e))
                                        + "; what you wrote is in " + Quote.onOneLine(copy.keep()));
                        yield ExitCode.FAILED;
                    }
                    here.out()
                            .accept(service + ": " + Quote.onOneLine(file.path()) + " changed; "
                                    + effect(service, namedRunDir));
                    yield ExitCode.OK;
                }
            };
        }
    }

    /** When the change takes effect, as far as the views of the records tell. */
    private static String effect(ServiceName service, @Nullable String namedRunDir) {
        List<String> living = living(service, namedRunDir);
        return living.isEmpty()
                ? "used at its next start"
                : String.join(", ", living) + (living.size() == 1 ? " keeps" : " keep")
                        + " the former until the next start: bh restart " + String.join(" ", living);
    }

    private static List<String> living(ServiceName service, @Nullable String namedRunDir) {
        List<String> living = new ArrayList<>();
        try {
            Path directory =
                    RunDir.find(namedRunDir, System.getenv(), Self.euid()).path();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                for (Path entry : entries) {
                    String text = String.valueOf(entry.getFileName());
                    boolean isMeant = text.equals(service.toString())
                            || (service.target().isEmpty() && text.startsWith(service + "@"));
                    if (isMeant && isLiving(entry.resolve("state"))) {
                        living.add(text);
                    }
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return List.of(); // there is no manager, or it is not this user's
        }
        return living.stream().sorted().toList();
    }

    private static boolean isLiving(Path state) {
        try {
            return OF_LIVING.contains(Files.readString(state).strip());
        } catch (IOException e) {
            return false;
        }
    }
}
