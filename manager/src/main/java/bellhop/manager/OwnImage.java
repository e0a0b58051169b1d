package bellhop.manager;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The image that this process was started from. A package manager replaces its files under the running manager, which
 * must then read no class that is of another build: what is on the class path is opened once, and stays open, and what is
 * opened later is not used if the image is no longer the same.
 */
final class OwnImage {
    private static final String IN_NO_JAR = "bellhop.manager.NoSuchClass";

    private final Path home;
    private final Path firstJar;
    private final @Nullable Object identity;

    private OwnImage(Path home, Path firstJar) {
        this.home = home;
        this.firstJar = firstJar;
        this.identity = identity(firstJar);
    }

    /** Opens all jars of the class path; takes less than one millisecond. */
    static OwnImage open() {
        OwnImage image = of(
                DefaultPaths.home(),
                Path.of(System.getProperty("java.class.path").split(File.pathSeparator, 2)[0]));
        try {
            // Every jar is opened and searched in vain. A resource would be looked for in all modules, which takes
            // longer.
            var _ = Class.forName(IN_NO_JAR, false, OwnImage.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            // As expected.
        }
        return image;
    }

    /** One whose class path begins with this jar. */
    static OwnImage of(Path home, Path firstJar) {
        return new OwnImage(home, firstJar);
    }

    /**
     * Why a file must not be used that this process has just opened, if so; from any thread. The files of an image are
     * replaced in the order of their names, or all at once: {@code lib} before {@code plugins}.
     */
    Optional<String> whyNot(Path file) {
        return !file.startsWith(home.toAbsolutePath().normalize()) || Objects.equals(identity, identity(firstJar))
                ? Optional.empty()
                : Optional.of("is of another build than the running manager, because " + home
                        + " was replaced; run: bh upgrade");
    }

    private static @Nullable Object identity(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }
}
