package bellhop.log;

import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The current transfer of bytes from a FIFO to a log, noted in a file that outlives the manager: the next manager after
 * one that was killed finishes it, so that each byte is in the log once.
 *
 * <p>The file is mapped, and a note is a few stores in memory: it costs no system call, and its content stays when the
 * process is killed. It names which FIFO and which log it is, how large the log was before and how much is
 * appended, so the size of the log shows whether that happened, wholly or in part. The bytes are taken from the FIFO
 * into the same file, where the first of them was turned into its complement before: so it shows whether they were
 * taken, even if the next bytes in the FIFO are the same again. Both {@code write(2)} and {@code read(2)} are
 * judged by their effect, so there is no moment at which the answer is unknown. Of the console alone it
 * is not known how much of a write that was cut off got there; that is written again.
 *
 * <p>Confined to the pump thread after {@link #open}.
 */
class Transfer implements AutoCloseable {
    /** The capacity of a FIFO. */
    static final int CAPACITY = 64 * 1024;

    private static final int THIS_VERSION = 1;

    // The note, then the bytes.
    private static final int VERSION = 0;
    private static final int STATE = 4;
    private static final int COUNT = 8;
    private static final int FIRST = 12;
    private static final int WITHIN = 13;
    private static final int FIFO_DEVICE = 16;
    private static final int FIFO_INODE = 24;
    private static final int LOG_DEVICE = 32;
    private static final int LOG_INODE = 40;
    private static final int SIZE_BEFORE = 48;
    private static final int SIZE_AFTER = 56;
    private static final int NAME = 64;
    private static final int LONGEST_NAME = 510;
    private static final int FIFO = NAME + 2 + LONGEST_NAME;
    private static final int BYTES = 8192;
    private static final int LONGEST_PATH = BYTES - FIFO - 2;
    private static final int SIZE = BYTES + CAPACITY;

    // The values of STATE.
    private static final int NONE = 0;
    private static final int TO_FILE = 1;
    private static final int TO_CONSOLE = 2;
    private static final int ON_CONSOLE = 3;

    private final Path file;
    private final MappedByteBuffer note;
    private final ByteBuffer bytes;

    private Transfer(Path file, MappedByteBuffer note) {
        this.file = file;
        this.note = note;
        this.bytes = note.slice(BYTES, CAPACITY);
    }

    /** The same file, for one who wants to stand between the steps. */
    Transfer(Transfer other) {
        this(other.file, other.note);
    }

    /**
     * Opens the file, makes it if it does not exist, and finishes the transfer that it describes.
     *
     * @param logs the directory of the directories of the logs
     * @throws IOException if it cannot be made or opened
     */
    static Transfer open(Path file, Path logs, Consumer<String> warnings) throws IOException {
        setAsideWhatIsNoFile(file, warnings);
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            if (channel.size() != SIZE) {
                fill(channel);
            }
            Transfer transfer = new Transfer(file, channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
            transfer.finish(logs, warnings);
            return transfer;
        }
    }

    private static void setAsideWhatIsNoFile(Path file, Consumer<String> warnings) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            Path aside = file.resolveSibling(file.getFileName() + ".set-aside");
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            warnings.accept(file + ": not a regular file; it was renamed to " + aside.getFileName());
        }
    }

    /** Allocates each page: touching one for which a full disk has no room would end the process. */
    private static void fill(FileChannel channel) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate(SIZE);
        channel.truncate(0).position(0);
        while (zeros.hasRemaining()) {
            channel.write(zeros);
        }
    }

    /** Room for what the FIFO holds. To be filled before a transfer begins, and by {@link LogFifo#take} in it. */
    final ByteBuffer bytes() {
        return bytes;
    }

    /**
     * Now bytes are going to be appended to a file, and then so many to be taken from the FIFO. They have to be where
     * they are going to be appended from: the first in {@link #bytes} is changed.
     *
     * @param count how many of the first bytes in the FIFO; 0 for what does not come from it
     * @param within whether the log breaks off within a line of the source then
     * @param current the file
     * @param length how many bytes are appended
     */
    void begin(LogFifo source, int count, boolean within, Stat current, int length) {
        note.putLong(LOG_DEVICE, current.dev()).putLong(LOG_INODE, current.ino());
        note.putLong(SIZE_BEFORE, current.size()).putLong(SIZE_AFTER, current.size() + length);
        note.put(WITHIN, (byte) (within ? 1 : 0));
        begin(source, count, TO_FILE);
    }

    /** Now bytes are going to be written to the console, and then so many to be taken from the FIFO. */
    void beginOnConsole(LogFifo source, int count) {
        begin(source, count, TO_CONSOLE);
    }

    private void begin(LogFifo source, int count, int state) {
        note.putLong(FIFO_DEVICE, source.identity.device()).putLong(FIFO_INODE, source.identity.inode());
        put(NAME, source.log().nameBytes, LONGEST_NAME);
        put(FIFO, source.path, LONGEST_PATH);
        note.putInt(COUNT, count);
        if (count > 0) {
            note.put(FIRST, bytes.get(0));
            bytes.put(0, (byte) ~bytes.get(0));
        }
        VarHandle.releaseFence();
        note.putInt(STATE, state);
    }

    private void put(int at, byte[] text, int longest) {
        int length = Math.min(text.length, longest);
        note.putShort(at, (short) length).put(at + 2, text, 0, length);
    }

    private byte[] text(int at) {
        byte[] text = new byte[note.getShort(at)];
        note.get(at + 2, text);
        return text;
    }

    /** The console has the bytes. */
    final void wroteToConsole() {
        note.putInt(STATE, ON_CONSOLE);
    }

    /** The bytes were taken from the FIFO, or nothing was appended. */
    void end() {
        note.putInt(STATE, NONE);
    }

    private void finish(Path logs, Consumer<String> warnings) {
        int version = note.getInt(VERSION);
        if (version != THIS_VERSION && version != 0) {
            warnings.accept(file + ": written by another version of Bellhop (" + version + ", expected " + THIS_VERSION
                    + "); its last lines may be in the log twice");
        } else if (note.getInt(STATE) != NONE) {
            String name = new String(text(NAME), StandardCharsets.UTF_8);
            try {
                finish(logs.resolve(name).resolve(LogFiles.CURRENT));
            } catch (IOException | RuntimeException e) {
                warnings.accept("log of " + name + ": the last lines before the manager was killed may be in it twice: "
                        + e.getMessage());
            }
        }
        end();
        note.putInt(VERSION, THIS_VERSION);
    }

    private void finish(Path current) throws IOException {
        int fifo = openFifo();
        try {
            // Output that was on its way to the console stays in the FIFO.
            if (note.getInt(STATE) == TO_FILE) {
                finish(current, fifo);
            } else if (note.getInt(STATE) == ON_CONSOLE) {
                take(fifo);
            }
        } finally {
            if (fifo >= 0) {
                Fd.close(fifo);
            }
        }
    }

    private void finish(Path current, int fifo) throws IOException {
        long size = sizeOf(current);
        if (size >= note.getLong(SIZE_AFTER)) {
            take(fifo);
            if (fifo >= 0) {
                LogFifo.setLineOpen(fifo, note.get(WITHIN) != 0);
            }
        } else if (size > note.getLong(SIZE_BEFORE) && fifo >= 0 && Fd.unread(fifo) >= note.getInt(COUNT)) {
            // Killed amid the write. What its writer took with it when it ended is at least there in part.
            try (FileChannel log = FileChannel.open(current, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                log.truncate(note.getLong(SIZE_BEFORE));
            }
        }
    }

    /** Takes what was to be taken, if it was not; may itself be cut off and done again. */
    private void take(int fifo) throws PosixException {
        int count = note.getInt(COUNT);
        boolean taken = count == 0 || bytes.get(0) == note.get(FIRST);
        if (!taken && fifo >= 0) {
            Fd.read(fifo, bytes.clear().limit(count));
        }
    }

    /** How large the log is, or -1 if it is another file now. */
    private long sizeOf(Path current) throws IOException {
        try {
            Stat stat = Fd.lstat(current);
            boolean same = stat.dev() == note.getLong(LOG_DEVICE) && stat.ino() == note.getLong(LOG_INODE);
            return same ? stat.size() : -1;
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return -1;
            }
            throw e;
        }
    }

    /** The FIFO for reading, or -1 if it is gone: its content went with its last writer. */
    private int openFifo() throws IOException {
        int fd;
        try {
            String path = new String(text(FIFO), StandardCharsets.UTF_8);
            fd = Fd.open(path, Fd.O_RDONLY | Fd.O_NOFOLLOW | Fd.O_NONBLOCK, 0);
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return -1;
            }
            throw e;
        }
        Stat stat = Fd.fstat(fd);
        if (stat.isFifo() && stat.dev() == note.getLong(FIFO_DEVICE) && stat.ino() == note.getLong(FIFO_INODE)) {
            return fd;
        }
        Fd.close(fd);
        return -1;
    }

    /** Clears the note: nothing is under way any more. */
    @Override
    public final void close() throws IOException {
        Files.deleteIfExists(file);
    }
}
