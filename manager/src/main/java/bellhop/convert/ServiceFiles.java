package bellhop.convert;

import bellhop.definition.Quote;
import bellhop.definition.Script;
import bellhop.yaml.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Service directories that are prepared beside their place, in a directory that no manager looks into, and then moved to
 * it: no manager sees half of one, and what is there is never touched.
 */
final class ServiceFiles implements AutoCloseable {
    private static final String SCRIPT = "rwxr-xr-x";
    private static final String PRIVATE_SCRIPT = "rwx------";
    private static final String PLAIN = "rw-r--r--";
    private static final String PRIVATE = "rw-------";

    private final Path directory;
    private final Path prepared;
    private final List<String> names;

    private ServiceFiles(Path directory, Path prepared, List<String> names) {
        this.directory = directory;
        this.prepared = prepared;
        this.names = names;
    }

    /**
     * Writes the directories.
     *
     * @param dry whether they are never published
     * @throws ImportException if one of them exists
     */
    static ServiceFiles prepare(Path directory, boolean dry, Collection<ImportedService> services)
            throws ImportException, IOException {
        for (ImportedService service : services) {
            Path place = directory.resolve(service.name());
            if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
                throw exists(place);
            }
        }
        if (!dry) {
            Files.createDirectories(directory);
        }
        Path prepared = dry ? Files.createTempDirectory("bh-import") : Files.createTempDirectory(directory, ".import");
        ServiceFiles files = new ServiceFiles(
                directory,
                prepared,
                services.stream().map(ImportedService::name).toList());
        try {
            for (ImportedService service : services) {
                Path place = Files.createDirectory(prepared.resolve(service.name()));
                Files.setPosixFilePermissions(place, PosixFilePermissions.fromString(SCRIPT));
                for (Map.Entry<String, String> file : service.files().entrySet()) {
                    Path path = Files.writeString(place.resolve(file.getKey()), file.getValue());
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode(service, file.getKey())));
                }
            }
            return files;
        } catch (IOException e) {
            files.close();
            throw e;
        }
    }

    /** The manager reads and runs all of them as its own user, but run as that of the service. */
    private static String mode(ImportedService service, String fileName) {
        if (!ImportedService.isScript(fileName)) {
            return service.isPrivate() ? PRIVATE : PLAIN;
        }
        boolean isOthers = fileName.equals(Script.RUN.fileName()) && service.runsAsAnother();
        return service.isPrivate() && !isOthers ? PRIVATE_SCRIPT : SCRIPT;
    }

    private static ImportException exists(Path place) {
        return new ImportException(Quote.onOneLine(place)
                + ": exists, and nothing is overwritten; remove it, or choose another --name or --directory");
    }

    /** Where they are until they are published. */
    Path prepared() {
        return prepared;
    }

    /** A problem as it will be once they are published. */
    Problem relocated(Problem problem) {
        Optional<Path> file = problem.file()
                .map(path -> path.startsWith(prepared) ? directory.resolve(prepared.relativize(path)) : path);
        String message = problem.message().replace(prepared.toString(), directory.toString());
        return new Problem(file, problem.line(), problem.column(), problem.key(), message);
    }

    /**
     * Moves them to their places: all, or none.
     *
     * @throws ImportException if one of them has come to exist
     */
    void publish() throws ImportException, IOException {
        List<Path> moved = new ArrayList<>();
        try {
            for (String name : names) {
                Path place = directory.resolve(name);
                Files.move(prepared.resolve(name), place);
                moved.add(place);
            }
        } catch (IOException e) {
            for (Path place : moved) {
                Files.move(place, prepared.resolve(String.valueOf(place.getFileName())));
            }
            if (e instanceof FileAlreadyExistsException) {
                throw exists(directory.resolve(names.get(moved.size())));
            }
            throw e;
        }
    }

    /** Removes what was not published. */
    @Override
    public void close() throws IOException {
        try (Stream<Path> left = Files.walk(prepared)) {
            for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
