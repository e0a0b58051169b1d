package bellhop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Writes service directories, wherever its manager looks for them.
 *
 * @param <W> the writer's own class, so that calls can be chained
 */
public interface ServiceWriter<W> {

    /**
     * Writes a file, and makes the directories that it is in.
     *
     * @param path below the directory of the services
     */
    W write(String path, boolean isExecutable, String content);

    /** Writes a script of a service; the lines come after {@code #!/bin/sh}. */
    default W script(String service, String script, String... lines) {
        return write(service + "/" + script, true, shell(lines));
    }

    /** Writes a service's {@code service.yaml}. */
    default W yaml(String service, String... lines) {
        return write(service + "/service.yaml", false, String.join("\n", lines) + "\n");
    }

    /** A shell script of these lines. */
    static String shell(String... lines) {
        return "#!/bin/sh\n" + String.join("\n", lines) + "\n";
    }

    /** Writes a file of this machine, which everybody may read, and makes the directories that it is in. */
    static Path write(Path file, boolean isExecutable, String content) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
            return Files.setPosixFilePermissions(
                    file, PosixFilePermissions.fromString(isExecutable ? "rwxr-xr-x" : "rw-r--r--"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
