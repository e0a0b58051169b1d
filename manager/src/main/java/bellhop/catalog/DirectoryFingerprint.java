package bellhop.catalog;

import bellhop.definition.ServiceName;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Which files there are in a service directory, as far as can be seen without reading them. There is one for each
 * service: so it is small.
 */
public final class DirectoryFingerprint {

    /** Equal to no stamp of a directory. */
    public static final DirectoryFingerprint NONE = new DirectoryFingerprint(Optional.empty(), new long[0]);

    /** The files that make a definition. */
    static final Set<String> FILES = Set.of(ServiceDirectories.YAML, "service.yml", "pre", "run", "post");

    private static final int OF_DIRECTORY = 3;
    private static final int OF_FILE = 5;

    private final Optional<Path> directory;
    /** What the kernel says of the directory and of each file that counts; zeros for a file that is not there. */
    private final long[] stats;

    private DirectoryFingerprint(Optional<Path> directory, long[] stats) {
        this.directory = directory;
        this.stats = stats;
    }

    static DirectoryFingerprint of(ServiceDirectories directories, ServiceName name) {
        Path directory;
        try {
            directory = directories.directoryOf(name);
        } catch (UnusableException e) {
            return NONE;
        }
        long[] stats = new long[OF_DIRECTORY + FILES.size() * OF_FILE];
        // What else is put into the directory changes its times, and says nothing.
        stat(directory).ifPresent(it -> put(stats, 0, it.dev(), it.ino(), it.mode()));
        int at = OF_DIRECTORY;
        for (String file : FILES) {
            int here = at;
            stat(directory.resolve(file))
                    .ifPresent(it -> put(stats, here, it.dev(), it.ino(), it.mode(), it.size(), it.ctime()));
            at += OF_FILE;
        }
        return new DirectoryFingerprint(Optional.of(directory), stats);
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
                && Arrays.equals(stats, that.stats);
    }

    @Override
    public int hashCode() {
        return 31 * directory.hashCode() + Arrays.hashCode(stats);
    }
}
