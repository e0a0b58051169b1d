package bellhop.program;

import bellhop.control.RunDir;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.RegularFile;
import bellhop.linux.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A file of one line that many processes read and change at once. Each change is a new file, complete
 * on disk, that takes the place of the old one: whatever kills a process in the middle, the file is the
 * old or the new one. What such a process may leave is {@code .NAME.new} beside it; the next change
 * removes it.
 */
final class LockedFile {

    /** What is longer is not one of these files; nothing needs more of it. */
    private static final int LONGEST = 4096;

    /** The permission bits, without setuid and its kin. */
    private static final int RIGHTS = 0777;

    private final Place place;

    private LockedFile(Place place) {
        this.place = place;
    }

    /** What the content should become. */
    @FunctionalInterface
    interface FileChange {
        /**
         * Decides with the lock held.
         *
         * @param content what the file says, without white space around it; empty if there is no file
         * @return what it shall say, or empty to leave it as it is
         */
        Optional<String> apply(Optional<String> content) throws IOException;
    }

    /**
     * Reads, decides and replaces; nobody else who comes this way does anything to the file meanwhile.
     *
     * @param name its path; of a symbolic link, what it leads to
     */
    static void change(String name, FileChange change) throws IOException {
        if (name.isEmpty()) {
            throw new SmallProgram.MisuseException("FILE is empty");
        }
        try (Place place = Place.of(RunDir.named("FILE", name).toString());
                OwnLock _ = OwnLock.take(place)) {
            new LockedFile(place).change(change);
        }
    }

    private void change(FileChange change) throws IOException {
        Optional<Stat> old = place.look();
        Optional<String> next = change.apply(old.isPresent() ? Optional.of(read()) : Optional.empty());
        if (next.isPresent()) {
            try {
                replace(old, next.get());
            } catch (PosixException e) {
                throw place.failed(e);
            }
        }
    }

    private String read() throws IOException {
        byte[] bytes = RegularFile.read(place.directory(), place.name(), place.shown(place.name()), LONGEST);
        return new String(bytes, StandardCharsets.UTF_8).strip();
    }

    private void replace(Optional<Stat> old, String content) throws IOException {
        if (old.isPresent() && !Fd.isWritable(place.directory(), place.name())) {
            throw new IOException(place.shown(place.name()) + ": permission denied");
        }
        String fresh = place.beside(".new");
        removeIfThere(fresh);
        int flags = Fd.O_WRONLY | Fd.O_CREAT | Fd.O_EXCL | Fd.O_NOFOLLOW;
        int fd = Fd.openat(place.directory(), fresh, flags, old.isPresent() ? 0600 : 0666);
        try {
            try {
                byte[] bytes = (content + "\n").getBytes(StandardCharsets.UTF_8);
                ByteBuffer buffer =
                        ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
                while (buffer.hasRemaining()) {
                    Fd.write(fd, buffer);
                }
                if (old.isPresent()) {
                    keepOwnerAndMode(fd, old.get());
                }
                Fd.fsync(fd);
            } finally {
                Fd.close(fd);
            }
            Fd.renameat(place.directory(), fresh, place.name());
        } catch (PosixException e) {
            removeIfThere(fresh);
            throw e;
        }
    }

    private void removeIfThere(String name) throws PosixException {
        try {
            Fd.unlinkat(place.directory(), name);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private static void keepOwnerAndMode(int fd, Stat old) throws PosixException {
        Stat now = Fd.fstat(fd);
        if (now.uid() != old.uid() || now.gid() != old.gid()) {
            Fd.fchown(fd, old.uid(), old.gid());
        }
        Fd.fchmod(fd, old.permissions() & RIGHTS);
    }
}
