package bellhop.program;

import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import java.nio.file.Path;

/**
 * A lock on a directory, for who replaces files in it: held by one process at a time, left behind by
 * none, and no file of its own.
 */
final class DirectoryLock implements AutoCloseable {

    private final int fd;

    private DirectoryLock(int fd) {
        this.fd = fd;
    }

    /** Waits until nobody else holds it. */
    static DirectoryLock take(Path directory) throws PosixException {
        int fd = Fd.open(directory, Fd.O_RDONLY | Fd.O_DIRECTORY, 0);
        try {
            Fd.flock(fd, Fd.LOCK_EX);
        } catch (PosixException e) {
            Fd.close(fd);
            throw e;
        }
        return new DirectoryLock(fd);
    }

    @Override
    public void close() throws PosixException {
        Fd.close(fd);
    }
}
