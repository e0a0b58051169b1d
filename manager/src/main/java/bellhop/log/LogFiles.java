package bellhop.log;

import bellhop.linux.Directories;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The files of one log. Whatever happens to them between two calls (a removal, a rename) takes effect with the next
 * line, also while the current one stays open.
 */
public final class LogFiles {
    static final String CURRENT = "current";
    private static final int FILE_MODE = 0640;
    private static final int DIRECTORY_MODE = 0750;

    private final Path directory;
    private final Path current;
    private final InstantSource clock;
    private final Consumer<String> warnings;
    private boolean rotationFails;

    /** The current file as it was opened last, or -1. */
    private int fd = -1;

    private long device;
    private long inode;

    /** When the first line of the file with that inode was written, in milliseconds since 1970; if somebody asked. */
    private OptionalLong begun = OptionalLong.empty();

    /** Is informed of a write before it begins. */
    interface BeforeWrite {
        void writes(Stat file, int length);
    }

    LogFiles(Path directory, InstantSource clock, Consumer<String> warnings) {
        this.directory = directory;
        this.clock = clock;
        this.warnings = warnings;
        this.current = older(directory, 0);
    }

    /** The file that was rotated so many times: {@code current}, {@code current.1}, … */
    static Path older(Path directory, int times) {
        return directory.resolve(times == 0 ? CURRENT : CURRENT + "." + times);
    }

    /**
     * Appends all of the bytes or, if that fails, none. The file stays open then, until {@link #close}.
     *
     * @param atLineStart whether the log may be rotated before these bytes
     * @param before called right before the first byte is written, once the file is known
     * @throws IOException if the bytes are not in the log
     */
    void append(ByteBuffer bytes, Rotation rotation, boolean atLineStart, BeforeWrite before) throws IOException {
        boolean appended = false;
        try {
            Stat file = opened();
            long limit = atLineStart ? rotation.maxSize() : 2 * rotation.maxSize();
            boolean full = file.size() + bytes.remaining() > limit || (atLineStart && isTooOld(file, rotation));
            if (file.size() > 0 && full && rotate(rotation.kept())) {
                close();
                file = opened();
            }
            before.writes(file, bytes.remaining());
            write(fd, bytes, file.size());
            appended = true;
        } finally {
            if (!appended) {
                close();
            }
        }
    }

    /** Opens the current file, unless the one that is open still is it. */
    private Stat opened() throws IOException {
        if (fd >= 0) {
            Stat now = statOfCurrent();
            if (now != null && now.dev() == device && now.ino() == inode) {
                return now;
            }
            close();
        }
        fd = open(directory);
        Stat opened = Fd.fstat(fd);
        if (opened.ino() != inode || opened.dev() != device || opened.size() == 0) {
            begun = OptionalLong.empty();
        }
        device = opened.dev();
        inode = opened.ino();
        return opened;
    }

    /** Whether the first line of the current file is older than it may be. */
    boolean isTooOld(Rotation rotation) {
        Stat now = rotation.maxAge().isPresent() ? statOfCurrent() : null;
        return now != null && isTooOld(now, rotation);
    }

    private boolean isTooOld(Stat file, Rotation rotation) {
        if (rotation.maxAge().isEmpty()) {
            return false;
        }
        long now = clock.millis();
        if (file.ino() != inode || file.dev() != device || begun.isEmpty()) {
            inode = file.ino();
            device = file.dev();
            begun = OptionalLong.of(
                    file.size() == 0 ? now : FirstLine.written(current).orElse(now));
        }
        return now - begun.getAsLong() >= rotation.maxAge().get().toMillis();
    }

    private @Nullable Stat statOfCurrent() {
        try {
            return Fd.lstat(current);
        } catch (PosixException e) {
            return null;
        }
    }

    /** Closes what {@link #append} left open. */
    void close() throws PosixException {
        int old = fd;
        fd = -1;
        if (old >= 0) {
            Fd.close(old);
        }
    }

    /**
     * Opens the current file of a log for appending; makes it, and its directory, if it does not exist.
     *
     * @return a descriptor that does not block, lest a FIFO of that name hangs anybody
     */
    public static int open(Path directory) throws IOException {
        Path current = older(directory, 0);
        try {
            return openCurrent(current);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            makeDirectory(directory);
            return openCurrent(current);
        }
    }

    /** Makes a directory of logs or of one log, and its parents. */
    public static void makeDirectory(Path directory) throws IOException {
        Directories.makeAll(directory, DIRECTORY_MODE);
    }

    /**
     * Has the current file of a log followed by a new one, whatever its size, and keeps it as {@code current.1}.
     *
     * @param kept how many are kept; one at least is
     */
    public static void begin(Path directory, int kept) throws IOException {
        LogFiles files = new LogFiles(directory, InstantSource.system(), line -> {});
        if (!files.rotate(Math.max(1, kept))) {
            throw new IOException(files.current + ": cannot be renamed");
        }
    }

    private static int openCurrent(Path current) throws PosixException {
        int flags = Fd.O_WRONLY | Fd.O_APPEND | Fd.O_NOFOLLOW | Fd.O_NONBLOCK;
        try {
            return Fd.open(current, flags, 0);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        int fd = Fd.open(current, flags | Fd.O_CREAT, FILE_MODE);
        try {
            Fd.fchmod(fd, FILE_MODE);
            return fd;
        } catch (PosixException e) {
            Fd.close(fd);
            throw e;
        }
    }

    private void write(int fd, ByteBuffer bytes, long sizeBefore) throws IOException {
        int start = bytes.position();
        try {
            while (bytes.hasRemaining()) {
                if (Fd.write(fd, bytes) == Fd.WOULD_BLOCK) {
                    throw new IOException(current + ": not a regular file");
                }
            }
        } catch (IOException e) {
            if (bytes.position() > start) {
                cutTo(sizeBefore, e);
            }
            throw e;
        }
    }

    /** A full disk takes the first part of a write; that part is cut off, so that a retry does not double it. */
    private void cutTo(long size, IOException cause) {
        try (FileChannel file = FileChannel.open(current, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            file.truncate(size);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** Makes room for a new {@code current}; if that fails, the log grows and no writer has to wait. */
    private boolean rotate(int kept) {
        try {
            int surplus = kept + 1;
            while (Files.deleteIfExists(older(directory, surplus))) {
                surplus++;
            }
            if (kept == 0) {
                Files.delete(current);
            } else {
                shift(kept);
            }
            rotationFails = false;
            return true;
        } catch (IOException e) {
            if (!rotationFails) {
                rotationFails = true;
                warnings.accept(directory + ": cannot rotate the log, which keeps growing: " + e);
            }
            return false;
        }
    }

    /** Cut short by a crash this leaves a gap in the numbers, which the next time fills, and loses nothing. */
    private void shift(int kept) throws IOException {
        int free = 1;
        while (free < kept && Files.exists(older(directory, free))) {
            free++;
        }
        for (int to = free; to >= 1; to--) {
            Files.move(older(directory, to - 1), older(directory, to), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** How large the current file is; 0 if there is none. */
    long size() {
        Stat now = statOfCurrent();
        return now == null ? 0 : now.size();
    }

    /** Whether the log breaks off within a line, as after a crash; it may just have been rotated. */
    boolean endsWithinALine() {
        return endsWithinALine(current) || (isEmpty(current) && endsWithinALine(older(directory, 1)));
    }

    private static boolean isEmpty(Path file) {
        try {
            return Fd.lstat(file).size() == 0;
        } catch (PosixException e) {
            return e.errno() == Errno.ENOENT;
        }
    }

    private static boolean endsWithinALine(Path path) {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return file.size() > 0 && file.read(last, file.size() - 1) == 1 && last.get(0) != '\n';
        } catch (IOException e) {
            return false;
        }
    }
}
