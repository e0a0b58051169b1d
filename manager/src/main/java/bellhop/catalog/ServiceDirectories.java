package bellhop.catalog;

import bellhop.definition.FileVersion;
import bellhop.definition.InvalidNameException;
import bellhop.definition.Nearest;
import bellhop.definition.Quote;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.linux.FileErrors;
import bellhop.yaml.Problem;
import bellhop.yaml.Reading;
import bellhop.yaml.ServiceYaml;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The directories that hold service directories, in the order in which they are looked into. Nothing is kept:
 * each question is answered from the disk as it is then. Usable from any thread.
 *
 * <p>The first match wins. For a name with a target the directory of that instance, {@code NAME@TARGET/},
 * goes before the template's, {@code NAME/}, whichever of them each is in. A directory with an {@code override.yaml}, and
 * with no service, is an overlay: the search goes on, and its keys go before those of what is found. So do those of an
 * {@code override.yaml} beside a service.
 */
public final class ServiceDirectories {
    public static final String YAML = "service.yaml";
    public static final String OVERRIDE = "override.yaml";
    private static final String MISNAMED_YAML = "service.yml";
    private static final String MISNAMED_OVERRIDE = "override.yml";
    private static final List<String> OF_SERVICE = List.of(YAML, MISNAMED_YAML, "pre", "run", "post");
    private static final int MOST_SHOWN = 100;

    private final List<Path> roots;
    private final boolean eachIsExpected;
    private final int most;
    private final Optional<NameFiles> masks;

    private ServiceDirectories(List<Path> roots, boolean eachIsExpected, int most, Optional<NameFiles> masks) {
        this.roots = List.copyOf(roots);
        this.eachIsExpected = eachIsExpected;
        this.most = most;
        this.masks = masks;
    }

    /** Directories of services that somebody named; {@link #list} reports each that is missing. */
    public static ServiceDirectories named(List<Path> roots) {
        return new ServiceDirectories(roots, true, Integer.MAX_VALUE, Optional.empty());
    }

    /** The usual directories of services, of which some may be missing; {@link #list} reports it when all are. */
    public static ServiceDirectories usual(List<Path> roots) {
        return new ServiceDirectories(roots, false, Integer.MAX_VALUE, Optional.empty());
    }

    /** The directories of services, in the order in which they are looked into. */
    public List<Path> roots() {
        return roots;
    }

    /**
     * What there is.
     *
     * @param names the names of all service directories, sorted, templates among them
     * @param problems a line for each directory of services that cannot be read and each directory whose name is none
     */
    public record Listing(List<ServiceName> names, List<String> problems) {
        public Listing {
            names = List.copyOf(names);
            problems = List.copyOf(problems);
        }
    }

    /** Lists the service directories without looking into them. What begins with a dot and what is no directory is passed over. */
    public Listing list() {
        SortedSet<ServiceName> names = new TreeSet<>();
        List<String> problems = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (Path root : roots) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(root, ServiceDirectories::isCandidate)) {
                for (Path entry : entries) {
                    addName(entry, names, problems);
                }
            } catch (NoSuchFileException e) {
                missing.add(Quote.onOneLine(root));
            } catch (IOException | DirectoryIteratorException e) {
                IOException cause =
                        e instanceof IOException io ? io : (IOException) Objects.requireNonNull(e.getCause());
                problems.add(Quote.onOneLine(root) + ": " + FileErrors.of(cause));
            }
        }
        if (eachIsExpected) {
            missing.forEach(root -> problems.add(root + ": no such directory of services"));
        } else if (missing.size() == roots.size()) {
            problems.add("no directory of services: looked for " + String.join(", ", missing)
                    + "; make one of them, or name another with --services");
        }
        List<ServiceName> all = List.copyOf(names);
        if (all.size() <= most) {
            return new Listing(all, problems);
        }
        List<ServiceName> ignored = all.subList(most, all.size());
        problems.add("there are " + all.size() + " service directories, and the manager's memory is enough for " + most
                + "; ignored: " + shown(ignored));
        return new Listing(all.subList(0, most), problems);
    }

    private static String shown(List<ServiceName> names) {
        int more = names.size() - MOST_SHOWN;
        return names.stream().limit(MOST_SHOWN).map(ServiceName::toString).collect(Collectors.joining(", "))
                + (more > 0 ? " and " + more + " more" : "");
    }

    private static boolean isCandidate(Path entry) {
        return !fileName(entry).startsWith(".") && Files.isDirectory(entry);
    }

    private static void addName(Path entry, SortedSet<ServiceName> names, List<String> problems) {
        try {
            names.add(ServiceName.parse(fileName(entry)));
        } catch (InvalidNameException e) {
            problems.add(Quote.onOneLine(entry) + ": ignored: " + e.getMessage());
        }
    }

    private static String fileName(Path entry) {
        return String.valueOf(entry.getFileName());
    }

    /** Reads the directory of a service, and looks whether all that it needs is in place. */
    public Finding find(ServiceName name) {
        return new ServiceReader(this).find(name);
    }

    /** These, and another before them. */
    public ServiceDirectories after(Path root) {
        List<Path> all = new ArrayList<>(List.of(root));
        roots.stream().filter(other -> !other.equals(root)).forEach(all::add);
        return new ServiceDirectories(all, eachIsExpected, most, masks);
    }

    /** These, where one is looked for elsewhere. */
    public ServiceDirectories replacing(Path root, Path by) {
        List<Path> all = roots.stream().map(it -> it.equals(root) ? by : it).toList();
        return new ServiceDirectories(all, eachIsExpected, most, masks);
    }

    /** The same, but {@link #list} ignores all names after so many, and says so. */
    public ServiceDirectories atMost(int names) {
        return new ServiceDirectories(roots, eachIsExpected, names, masks);
    }

    /** The same, of which those that are masked are not to be started. */
    public ServiceDirectories masking(NameFiles masked) {
        return new ServiceDirectories(roots, eachIsExpected, most, Optional.of(masked));
    }

    /** What masks services; empty if there is nothing that does. */
    Optional<NameFiles> masks() {
        return masks.filter(NameFiles::isThere);
    }

    /** What keeps a service from being started whatever its directory says, if it is masked. */
    public Optional<Finding.Masked> mask(ServiceName name) {
        return masks().flatMap(it -> it.chooses(name)).map(by -> new Finding.Masked(name, by));
    }

    /** Whether a directory is that of a service, or an overlay of one, and not one that holds such. */
    public static boolean isService(Path directory) {
        return hasOneOf(OF_SERVICE, directory) || isThere(directory.resolve(OVERRIDE));
    }

    private static boolean hasOneOf(List<String> files, Path directory) {
        return files.stream().anyMatch(file -> isThere(directory.resolve(file)));
    }

    private static boolean isThere(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Reads a service directory, and looks at nothing else. */
    Reading read(ServiceName name) throws UnusableException {
        Location location = locate(name);
        Path directory = location.directory();
        List<Problem> problems = new ArrayList<>();
        Optional<ServiceYaml> yaml = yaml(location, name, problems);
        Map<Script, FileVersion> versions = new EnumMap<>(Script.class);
        Map<Script, List<String>> commands = Scripts.commands(directory, name, problems, versions);
        yaml.ifPresent(it -> it.checkThereIsARun(commands.containsKey(Script.RUN)));
        if (commands.isEmpty()
                && yaml.map(it -> !it.given().containsKey("command")).orElse(true)) {
            problems.add(Problem.with(
                    directory,
                    "has none of pre, run and post; expected at least one"
                            + hiddenBy(directory)
                                    .map(hidden ->
                                            ", or " + OVERRIDE + ", or remove it: it hides " + Quote.onOneLine(hidden))
                                    .orElse("")));
            if (isThere(directory.resolve(MISNAMED_OVERRIDE))) {
                problems.add(Problem.with(directory.resolve(MISNAMED_OVERRIDE), "not read; rename it to " + OVERRIDE));
            }
        }
        if (!problems.isEmpty()) {
            throw new UnusableException(new Finding.Broken(List.copyOf(problems)));
        }
        return Reading.of(name, directory.toAbsolutePath(), commands, versions, yaml);
    }

    /** What would be found without a directory that has nothing of a service. */
    private Optional<Path> hiddenBy(Path directory) {
        return roots.stream()
                .dropWhile(root -> !root.equals(directory.getParent()))
                .skip(1)
                .map(root -> root.resolve(fileName(directory)))
                .filter(Files::isDirectory)
                .findFirst();
    }

    /**
     * Where a service is read from.
     *
     * @param directory the service directory
     * @param overrides the files whose keys go before its own, the first before the others
     */
    public record Location(Path directory, List<Path> overrides) {}

    /** Where a service is read from; empty if it has no directory, or what leads there cannot be read. */
    public Optional<Location> location(ServiceName name) {
        try {
            return Optional.of(locate(name));
        } catch (UnusableException e) {
            return Optional.empty();
        }
    }

    /** Finds where a service is read from, and reads nothing. */
    Location locate(ServiceName name) throws UnusableException {
        List<String> fileNames =
                name.target().isPresent() ? List.of(name.toString(), name.template()) : List.of(name.template());
        List<Path> overrides = List.of();
        for (String fileName : fileNames) {
            for (Path root : roots) {
                Optional<Path> directory = directory(root, fileName, name);
                if (directory.isEmpty()) {
                    continue;
                }
                Path override = directory.get().resolve(OVERRIDE);
                if (!isThere(override)) {
                    return new Location(directory.get(), overrides);
                }
                overrides = new ArrayList<>(overrides);
                overrides.add(override);
                if (hasOneOf(OF_SERVICE, directory.get())) {
                    return new Location(directory.get(), List.copyOf(overrides));
                }
            }
        }
        String lookedIn = roots.stream().map(Quote::onOneLine).collect(Collectors.joining(", "));
        if (!overrides.isEmpty()) {
            throw problem(
                    overrides.getFirst(),
                    "there is no service " + name + " for it to override (looked in " + lookedIn
                            + "); expected a directory with pre, run, post or service.yaml");
        }
        throw new UnusableException(new Finding.Missing(
                List.of(Problem.of("no such service: " + name + " (looked in " + lookedIn + ")" + hint(name)))));
    }

    /** What somebody who mistyped this probably meant; what is there is looked at by its name alone, and the nearest. */
    private String hint(ServiceName name) {
        SortedSet<String> there = new TreeSet<>();
        for (Path root : roots) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
                for (Path entry : entries) {
                    there.add(fileName(entry));
                }
            } catch (IOException | DirectoryIteratorException e) {
                // Nothing in it is named.
            }
        }
        String target = name.target().map(it -> "@" + it).orElse("");
        return Nearest.to(name.toString(), there)
                .or(() -> Nearest.to(name.template(), there).map(template -> template + target))
                .filter(this::isThere)
                .map(nearest -> "; did you mean \"" + nearest + "\"?")
                .orElse("");
    }

    private boolean isThere(String text) {
        try {
            ServiceName name = ServiceName.parse(text);
            return roots.stream()
                    .anyMatch(root -> Files.isDirectory(root.resolve(name.toString()))
                            || Files.isDirectory(root.resolve(name.template())));
        } catch (InvalidNameException | InvalidPathException e) {
            return false;
        }
    }

    private static Optional<Path> directory(Path root, String fileName, ServiceName name) throws UnusableException {
        Path directory;
        try {
            directory = root.resolve(fileName);
        } catch (InvalidPathException e) {
            throw UnusableException.broken(
                    Problem.of(name + ": file names are in " + System.getProperty("sun.jnu.encoding")
                            + " here, which cannot express this name; start the manager with LANG=C.UTF-8"));
        }
        try {
            if (Files.readAttributes(directory, BasicFileAttributes.class).isDirectory()) {
                return Optional.of(directory);
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw problem(directory, FileErrors.of(e));
        }
        throw problem(directory, "not a directory; expected one with pre, run or post in it");
    }

    private static UnusableException problem(Path path, String what) {
        return UnusableException.broken(Problem.with(path, what));
    }

    private static Optional<ServiceYaml> yaml(Location location, ServiceName name, List<Problem> problems)
            throws UnusableException {
        Optional<Path> yaml = yaml(location.directory(), problems);
        // What is wrong with a file as a whole is said already: its content would only add to that.
        if (yaml.isEmpty() && (location.overrides().isEmpty() || !problems.isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(
                ServiceYaml.read(location.directory().toAbsolutePath(), yaml, location.overrides(), name, problems));
    }

    private static Optional<Path> yaml(Path directory, List<Problem> problems) throws UnusableException {
        Path yaml = directory.resolve(YAML);
        try {
            if (Files.readAttributes(yaml, BasicFileAttributes.class).isRegularFile()) {
                return Optional.of(yaml);
            }
            problems.add(Problem.with(yaml, "not a regular file"));
        } catch (NoSuchFileException e) {
            if (Files.exists(directory.resolve(MISNAMED_YAML))) {
                problems.add(Problem.with(directory.resolve(MISNAMED_YAML), "not read; rename it to " + YAML));
            }
        } catch (IOException e) {
            throw problem(Files.isExecutable(directory) ? yaml : directory, FileErrors.of(e));
        }
        return Optional.empty();
    }
}
