package bellhop.manager;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether this process uses the image's cache of loaded classes. The JVM maps it only if it fits: a jar whose time changed
 * is enough to make it useless, which the JVM does not report.
 */
public enum ClassCache {
    USED,
    UNUSED,
    /** There is none, so {@code bh run} makes it behind the first manager. */
    MISSING;

    private static final String FILE = "lib/manager.aot";

    /** Looked at once, as a cache that is made later is for the next start. */
    private static final class Holder {
        static final ClassCache OF_THIS_PROCESS = look(Path.of("/proc/self/maps"), DefaultPaths.home());
    }

    /** The one of this process. */
    public static ClassCache ofThisProcess() {
        return Holder.OF_THIS_PROCESS;
    }

    /** Judges by what is mapped, by whatever path: the image may have been reached by a link, or replaced since. */
    static ClassCache look(Path maps, Path home) {
        try {
            if (Files.readString(maps).contains("/" + FILE)) {
                return USED;
            }
            return Files.size(home.resolve(FILE)) > 0 ? UNUSED : MISSING;
        } catch (IOException e) {
            return MISSING;
        }
    }

    /** How JSON names it. */
    public String word() {
        return switch (this) {
            case USED -> "used";
            case UNUSED -> "unused";
            case MISSING -> "missing";
        };
    }

    /** What a user should know of it, and do. */
    public Optional<String> complaint() {
        Path home = DefaultPaths.home();
        return this == UNUSED
                ? Optional.of(
                        "the cache " + home.resolve(FILE) + " is not used, because the image's files, or their times,"
                                + " are not those of its making; each start takes longer. Make it again with "
                                + home.resolve("lib/train.sh"))
                : Optional.empty();
    }
}
