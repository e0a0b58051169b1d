package bellhop.catalog;

import bellhop.definition.ServiceName;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Which files there are in a service directory, as far as can be seen without reading them. There is one for each
 * service: so it is small.
 */
public final class DirectoryFingerprint {

    /** Equal to no stamp of a directory. */
    public static final DirectoryFingerprint NONE = new DirectoryFingerprint(Optional.empty(), List.of(), new long[0]);

    /** The files that make a definition. */
    private static final List<String> FILES = List.of(ServiceDirectories.YAML, "service.yml", "pre", "run", "post");

    private static final int OF_DIRECTORY = 3;
    private static final int OF_FILE = 5;

    private final Optional<Path> directory;
    /** Mostly none, and then nothing is kept of them. */
    private final List<Path> overrides;
    /** What the kernel says of the directory and of each file that counts; zeros for a file that is not there. */
    private final long[] stats;

    private DirectoryFingerprint(Optional<Path> directory, List<Path> overrides, long[] stats) {
        this.directory = directory;
        this.overrides = overrides;
        this.stats = stats;
    }

    /** Whether a file of that name in a service directory counts. */
    static boolean counts(String file) {
        return FILES.contains(file) || file.equals(ServiceDirectories.OVERRIDE);
    }

    static DirectoryFingerprint of(ServiceDirectories directories, ServiceName name) {
        ServiceDirectories.Location location;
        try {
            location = directories.locate(name);
        } catch (UnusableException e) {
            return NONE;
        }
        Path directory = location.directory();
        List<Path> overrides = location.overrides();
        long[] stats = new long[OF_DIRECTORY + FILES.size() * OF_FILE + overrides.size() * (OF_DIRECTORY + OF_FILE)];
        int at = putDirectory(stats, 0, directory);
        for (String file : FILES) {
            at = putFile(stats, at, directory.resolve(file));
        }
        for (Path override : overrides) {
            at = putDirectory(stats, at, override.resolveSibling(""));
            at = putFile(stats, at, override);
        }
        return new DirectoryFingerprint(Optional.of(directory), overrides, stats);
    }

    /** What else is put into the directory changes its times, and says nothing. */
    private static int putDirectory(long[] stats, int at, Path directory) {
        stat(directory).ifPresent(it -> put(stats, at, it.dev(), it.ino(), it.mode()));
        return at + OF_DIRECTORY;
    }

    private static int putFile(long[] stats, int at, Path file) {
        stat(file).ifPresent(it -> put(stats, at, it.dev(), it.ino(), it.mode(), it.size(), it.ctime()));
        return at + OF_FILE;
    }

    private static void put(long[] stats, int at, long... values) {
        System.arraycopy(values, 0, stats, at, values.length);
    }

    private static Optional<Stat> stat(Path file) {
        try {
            return Optional.of(Fd.stat(file));
        } catch (PosixException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DirectoryFingerprint that
                && directory.equals(that.directory)
                && overrides.equals(that.overrides)
                && Arrays.equals(stats, that.stats);
    }

    @Override
    public int hashCode() {
        return 31 * directory.hashCode() + Arrays.hashCode(stats);
    }
}
