package bellhop.catalog;

import bellhop.ServiceWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of services that a test fills. */
record Folder(Path path) implements ServiceWriter<Folder> {

    static Folder in(Path directory, String name) {
        try {
            return new Folder(Files.createDirectories(directory.resolve(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A service directory with a {@code run} script that could be run. */
    Folder service(String name) {
        return script(name, "run", "exec sleep 1000");
    }

    @Override
    public Folder write(String file, boolean isExecutable, String content) {
        ServiceWriter.write(path.resolve(file), isExecutable, content);
        return this;
    }
}
