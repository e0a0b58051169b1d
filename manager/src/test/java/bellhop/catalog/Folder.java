package bellhop.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A folder of services that a test fills. */
record Folder(Path path) {

    static Folder in(Path directory, String name) {
        return new Folder(make(directory.resolve(name)));
    }

    /** A service directory with a {@code run} script that could be run. */
    Folder service(String name) {
        return script(name, "run", "#!/bin/sh\nexec sleep 1000\n", "rwxr-xr-x");
    }

    Folder script(String service, String script, String text, String permissions) {
        try {
            Path file = make(path.resolve(service)).resolve(script);
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Folder yaml(String service, String text) {
        try {
            Files.writeString(make(path.resolve(service)).resolve("service.yaml"), text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path make(Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
