package bellhop.convert;

import bellhop.catalog.ServiceDirectories;
import bellhop.catalog.ServiceReader;
import bellhop.definition.InvalidNameException;
import bellhop.definition.Quote;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.linux.FileErrors;
import bellhop.yaml.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** Makes service directories of the files of other managers: all of them, or none. */
public final class Importer {

    /** The format of a file. */
    public enum Format {
        SYSTEMD,
        SUPERVISORD,
        COMPOSE;

        /** The word for it on a command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** What the name of a file says of its format; empty if it says nothing. */
        static Optional<Format> of(String fileName) {
            String end = fileName.substring(fileName.lastIndexOf('.') + 1);
            return switch (end) {
                case "service",
                        "timer",
                        "socket",
                        "path",
                        "target",
                        "mount",
                        "automount",
                        "swap",
                        "slice",
                        "scope",
                        "device" -> Optional.of(SYSTEMD);
                case "conf", "ini" -> Optional.of(SUPERVISORD);
                case "yaml", "yml" -> Optional.of(COMPOSE);
                default -> Optional.empty();
            };
        }
    }

    /** What is known of this machine. */
    record ImportSite(SystemPlaces places, Set<String> services) {

        /** Whether there is such a service, or will be. */
        boolean isKnown(String name) {
            int at = name.indexOf('@');
            return services.contains(name) || (at > 0 && services.contains(name.substring(0, at)));
        }
    }

    /**
     * What to import and where to.
     *
     * @param files the files as they were named
     * @param format their format; empty if their names say it
     * @param name the name for the only service; empty for that which its file gives it
     * @param directory where the service directories are made
     * @param dry whether they are only shown
     * @param root whether the units are the system's, not a user's
     */
    public record Request(
            List<String> files,
            Optional<Format> format,
            Optional<String> name,
            Path directory,
            boolean dry,
            boolean root,
            Map<String, String> environment) {}

    /**
     * What came of it.
     *
     * @param lines what was made, and the report
     * @param made whether there are services
     * @param usable whether all of them can be started as they are, and nothing of the files is missing
     */
    public record Outcome(List<String> lines, boolean made, boolean usable) {}

    private final Request request;
    private final ServiceDirectories directories;
    private final ImportReport report = new ImportReport();
    private final SequencedMap<String, ImportedService> services = new LinkedHashMap<>();
    private boolean complete = true;

    private Importer(Request request, ServiceDirectories directories) {
        this.request = request;
        this.directories = directories;
    }

    /**
     * Imports.
     *
     * @param directories the services that there are
     * @throws ImportException if nothing was made
     */
    public static Outcome run(Request request, ServiceDirectories directories) throws ImportException {
        try {
            return new Importer(request, directories).run();
        } catch (InvalidPathException e) {
            throw new ImportException(Quote.of(e.getInput()) + ": not a file name in this locale");
        }
    }

    private Outcome run() throws ImportException {
        Set<String> known = new HashSet<>();
        directories.list().names().forEach(name -> known.add(name.toString()));
        for (String file : request.files) {
            if (format(file) == Format.SYSTEMD) {
                known.add(UnitName.of(fileName(file)).service());
            }
        }
        ImportSite here = new ImportSite(SystemPlaces.of(request.root, request.environment), known);
        for (String file : request.files) {
            read(file, here);
        }
        if (request.name.isPresent() && !services.isEmpty()) {
            rename(request.name.get());
        }
        services.values().forEach(this::tellReadable);
        List<String> lines = new ArrayList<>();
        if (services.isEmpty()) {
            lines.addAll(report.lines());
            lines.addFirst("no service was made");
            return new Outcome(lines, false, false);
        }
        List<Problem> problems = write(lines);
        lines.addAll(report.lines());
        if (!problems.isEmpty()) {
            lines.add("bh check finds:");
            problems.forEach(problem -> lines.add("  " + problem));
        }
        return new Outcome(lines, true, complete && problems.isEmpty() && !report.lacksEssentials());
    }

    private static String fileName(String file) {
        return String.valueOf(Path.of(file).getFileName());
    }

    private Format format(String file) throws ImportException {
        return request.format
                .or(() -> Format.of(fileName(file)))
                .orElseThrow(() -> new ImportException(Quote.onOneLine(file)
                        + ": its name does not tell its format; expected NAME.service, a NAME.conf of supervisord or a"
                        + " NAME.yaml of Compose, or --from"));
    }

    private void read(String file, ImportSite here) throws ImportException {
        Path path = Path.of(file);
        switch (format(file)) {
            case SYSTEMD -> {
                String name = request.name
                        .filter(_ -> request.files.size() == 1)
                        .orElse(UnitName.of(fileName(file)).service());
                Optional<ImportedService> made = UnitReader.read(path, name, here, report);
                complete &= made.isPresent();
                if (made.isPresent()) {
                    add(file, made.get());
                }
            }
            case SUPERVISORD -> addAll(file, SupervisordReader.read(path, report));
            case COMPOSE -> addAll(file, ComposeReader.read(path, here, report));
        }
    }

    /** Gives the only service another name. */
    private void rename(String name) throws ImportException {
        if (services.size() > 1) {
            throw new ImportException("--name is for one service, and there are " + services.size() + ": "
                    + String.join(", ", services.keySet()));
        }
        ImportedService service = services.sequencedValues().getFirst();
        services.clear();
        service.rename(name);
        services.put(name, service);
    }

    private void addAll(String file, List<ImportedService> made) throws ImportException {
        complete &= !made.isEmpty();
        for (ImportedService service : made) {
            add(file, service);
        }
    }

    private void add(String file, ImportedService service) throws ImportException {
        if (!isReadableByAll(Path.of(file))) {
            service.keepPrivate();
        }
        if (services.putIfAbsent(service.name(), service) != null) {
            throw new ImportException(Quote.onOneLine(file) + ": there is another service " + service.name()
                    + " among these files; import one of them alone, with --name");
        }
    }

    private void tellReadable(ImportedService service) {
        if (service.isPrivate() && service.runsAsAnother() && service.files().containsKey(Script.RUN.fileName())) {
            report.advise(
                    "run of " + service.name() + " is readable by all, since its user executes it, and what it was made"
                            + " of is not; if it has secrets, give it to that user, with the mode 0700");
        }
    }

    static boolean isReadableByAll(Path file) {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException e) {
            return false;
        }
    }

    private List<Problem> write(List<String> lines) throws ImportException {
        List<ServiceName> names = new ArrayList<>();
        for (String name : services.keySet()) {
            names.add(parsed(name));
        }
        try (ServiceFiles files = ServiceFiles.prepare(request.directory, request.dry, services.values())) {
            List<Problem> problems = new ServiceReader(directories.after(files.prepared()))
                    .check(names).stream().map(files::relocated).toList();
            if (request.dry) {
                services.values()
                        .forEach(service -> service.files().forEach((name, text) -> {
                            lines.add("== "
                                    + request.directory.resolve(service.name()).resolve(name));
                            text.lines().forEach(lines::add);
                        }));
            } else {
                files.publish();
                services.values()
                        .forEach(service -> lines.add("made " + request.directory.resolve(service.name()) + ": "
                                + String.join(", ", service.files().keySet())));
            }
            return problems;
        } catch (IOException e) {
            throw new ImportException(FileErrors.withFile(e));
        }
    }

    private static ServiceName parsed(String name) throws ImportException {
        try {
            return ServiceName.parse(name);
        } catch (InvalidNameException e) {
            throw new ImportException(e.getMessage() + "; choose another name with --name");
        }
    }
}
