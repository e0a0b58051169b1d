package bellhop.program;

import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.RegularFile;
import bellhop.linux.Self;
import bellhop.linux.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A lock on a {@link Place} that no other user can take, hold up or break: {@code .NAME.lock} beside it, which nobody
 * else may open. A directory or the file itself would not do: whoever may read them may lock them.
 */
final class OwnLock implements AutoCloseable {
    private static final String SUFFIX = ".lock";
    private static final int FOR_OTHERS = 0077;
    private static final int LONGEST_NOTE = 100;

    private final Place place;
    private final int fd;
    private final boolean isRemoved;
    private boolean isHeld = true;

    private OwnLock(Place place, int fd, boolean isRemoved) {
        this.place = place;
        this.fd = fd;
        this.isRemoved = isRemoved;
    }

    /** Waits until no other process of this user holds it. */
    static OwnLock take(Place place) throws IOException {
        return take(place, Fd.LOCK_EX, false).orElseThrow();
    }

    /** Takes it for as long as what is there exists, and removes its file then; nothing if another process has it. */
    static Optional<OwnLock> tryTake(Place place) throws IOException {
        return take(place, Fd.LOCK_EX | Fd.LOCK_NB, true);
    }

    private static Optional<OwnLock> take(Place place, int operation, boolean isRemoved) throws IOException {
        try {
            while (true) {
                int fd = open(place);
                OwnLock lock = new OwnLock(place, fd, isRemoved);
                try {
                    if (!Fd.flock(fd, operation)) {
                        lock.leave();
                        return Optional.empty();
                    }
                    if (lock.isStillThere()) {
                        return Optional.of(lock);
                    }
                } catch (IOException e) {
                    lock.leave();
                    throw e;
                }
                lock.leave(); // its holder removed it between our open and our lock
            }
        } catch (PosixException e) {
            throw new IOException(place.shown(place.beside(SUFFIX)) + ": " + e.reason(), e);
        }
    }

    private static int open(Place place) throws IOException {
        while (true) {
            String name = place.beside(SUFFIX);
            try {
                return Fd.openat(place.directory(), name, Fd.O_RDWR | Fd.O_CREAT | Fd.O_EXCL | Fd.O_NOFOLLOW, 0600);
            } catch (PosixException e) {
                if (e.errno() != Errno.EEXIST) {
                    throw e;
                }
            }
            try {
                int fd = Fd.openat(place.directory(), name, Fd.O_RDWR | Fd.O_NOFOLLOW | Fd.O_NONBLOCK, 0);
                if (isOwn(Fd.fstat(fd))) {
                    return fd;
                }
                Fd.close(fd);
            } catch (PosixException e) {
                switch (e.errno()) {
                    case Errno.ENOENT -> {
                        continue; // its holder removed it meanwhile
                    }
                    case Errno.EACCES, Errno.EISDIR, Errno.ELOOP, Errno.ENXIO -> {
                        // no lock of this user's
                    }
                    default -> throw e;
                }
            }
            throw new IOException(place.shown(name) + ": is in the way of a lock, and is not a file of this user alone;"
                    + " remove it, or use another directory");
        }
    }

    private static boolean isOwn(Stat stat) {
        return stat.isRegular()
                && stat.uid() == Self.euid()
                && (stat.permissions() & FOR_OTHERS) == 0
                && stat.links() <= 1;
    }

    private boolean isStillThere() throws PosixException {
        try {
            Stat now = Fd.lstatat(place.directory(), place.beside(SUFFIX));
            Stat mine = Fd.fstat(fd);
            return now.ino() == mine.ino() && now.dev() == mine.dev();
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** What its last holder has written into it, if it could not remove it. */
    String note() throws IOException {
        String name = place.beside(SUFFIX);
        byte[] bytes = RegularFile.read(place.directory(), name, place.shown(name), LONGEST_NOTE);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** Writes into it, for whoever takes it if this process is killed. */
    void note(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        int again = Fd.openat(place.directory(), place.beside(SUFFIX), Fd.O_WRONLY | Fd.O_TRUNC | Fd.O_NOFOLLOW, 0);
        try {
            Fd.write(again, ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        } finally {
            Fd.close(again);
        }
    }

    /** Lets it go, and leaves the file. */
    void leave() throws PosixException {
        if (isHeld) {
            isHeld = false;
            Fd.close(fd);
        }
    }

    /** Lets it go. Mostly the file stays: where many wait, each removal would wake all of them, one after the other. */
    @Override
    public void close() throws PosixException {
        if (isHeld && isRemoved) {
            try {
                Fd.unlinkat(place.directory(), place.beside(SUFFIX));
            } catch (PosixException e) {
                // It stays, as one that was killed leaves it.
            }
        }
        leave();
    }
}
