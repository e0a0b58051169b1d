package bellhop.catalog;

import bellhop.definition.ServiceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which files stand in a service directory, as far as can be seen without reading them.
 *
 * @param directory the directory that the name leads to, if to one
 * @param files what the kernel says of each file that counts; empty where there is none
 */
public record DirectoryFingerprint(Optional<Path> directory, List<Map<String, Object>> files) {

    /** Equal to no stamp of a directory. */
    public static final DirectoryFingerprint NONE = new DirectoryFingerprint(Optional.empty(), List.of());

    /** The files that make a definition. */
    static final Set<String> FILES = Set.of(ServiceDirectories.YAML, "service.yml", "pre", "run", "post");

    static DirectoryFingerprint of(ServiceDirectories directories, ServiceName name) {
        Path directory;
        try {
            directory = directories.directoryOf(name);
        } catch (UnusableException e) {
            return NONE;
        }
        List<Map<String, Object>> files = new ArrayList<>();
        // What else is put into the directory changes its times, and says nothing.
        files.add(attributes(directory, "unix:dev,ino,mode"));
        for (String file : FILES) {
            files.add(attributes(directory.resolve(file), "unix:dev,ino,size,mode,ctime"));
        }
        return new DirectoryFingerprint(Optional.of(directory), files);
    }

    private static Map<String, Object> attributes(Path file, String which) {
        try {
            return Files.readAttributes(file, which);
        } catch (IOException e) {
            return Map.of();
        }
    }
}
