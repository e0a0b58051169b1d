package bellhop.engine.record;

import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.FileErrors;
import bellhop.linux.PosixException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What has happened to services, and to the manager, a line for each event: two files in the run dir of at most 128 KiB
 * each, of which the newer one grows. They outlive a manager that is killed; what it had not written yet, which is at most
 * that of one round of its loop, is lost. Confined to the loop's thread.
 */
public final class EventLog implements AutoCloseable {

    /** The newer file; no name of a service begins with a dot. */
    static final String FILE = ".events";

    static final String OLDER = ".events.old";

    /** The most bytes of a file. */
    static final int HALF = 128 << 10;

    /** What waits to be written is not much longer, in characters: with the next line it still fits into a file. */
    private static final int MOST_WAITING = 32 << 10;

    private static final long BETWEEN_ATTEMPTS = 1_000_000_000L;
    private static final int PRIVATE = 0600;
    private static final byte NEWLINE = '\n';

    private final Path file;
    private final Path older;
    private final Consumer<String> warnings;
    private final StringBuilder waiting = new StringBuilder();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(8192);
    private final List<Consumer<EventLine>> followers = new ArrayList<>();
    private int fd = -1;
    private long size;
    /** Whether the file may end in the middle of a line. */
    private boolean midLine;

    private boolean failing;
    /** When to try again, in {@link System#nanoTime}. */
    private long tryAgain;

    private int lost;

    /**
     * One that goes on with what is there.
     *
     * @param runDir where it is
     * @param warnings gets a line if it cannot be written, and once it can be written again
     */
    public EventLog(Path runDir, Consumer<String> warnings) {
        this.file = runDir.resolve(FILE);
        this.older = runDir.resolve(OLDER);
        this.warnings = warnings;
    }

    /** Removes what is there. */
    public void clear() throws IOException {
        waiting.setLength(0);
        leaveFile();
        Files.deleteIfExists(file);
        Files.deleteIfExists(older);
    }

    /** Adds an event, which the next {@link #flush} writes. */
    public void add(EventLine event) {
        if (waiting.length() > MOST_WAITING) {
            flush();
        }
        if (waiting.length() > MOST_WAITING) {
            lost++;
        } else {
            event.appendTo(waiting);
            waiting.append('\n');
        }
        if (!followers.isEmpty()) {
            List.copyOf(followers).forEach(follower -> follower.accept(event));
        }
    }

    /** Writes what was added. If that fails it is tried again by a later call, no sooner than in a second. */
    public void flush() {
        if (waiting.isEmpty() || (failing && System.nanoTime() < tryAgain)) {
            return;
        }
        byte[] text = waiting.toString().getBytes(StandardCharsets.UTF_8);
        long before = -1;
        try {
            makeRoom(text.length + 1);
            before = size + (midLine ? 1 : 0);
            write(text);
            waiting.setLength(0);
            midLine = false;
            if (failing) {
                failing = false;
                warnings.accept("events are recorded again; " + lost + " were lost");
                lost = 0;
            }
        } catch (IOException e) {
            if (before >= 0) {
                keepFrom(text, (int) Math.max(0, size - before));
            }
            tryAgain = System.nanoTime() + BETWEEN_ATTEMPTS;
            if (!failing) {
                failing = true;
                warnings.accept("events are not recorded: " + FileErrors.withFile(e) + "; it is tried again");
            }
        }
    }

    private void makeRoom(int length) throws IOException {
        if (fd < 0) {
            open();
        }
        if (size > 0 && size + length > HALF) {
            leaveFile();
            Files.move(file, older, StandardCopyOption.ATOMIC_MOVE);
            open();
        }
    }

    private void open() throws IOException {
        try {
            fd = Fd.open(file, Fd.O_WRONLY | Fd.O_APPEND | Fd.O_CREAT | Fd.O_NOFOLLOW, PRIVATE);
            size = Fd.fstat(fd).size();
            midLine = size > 0;
        } catch (PosixException e) {
            throw FileErrors.on(file, e);
        }
    }

    private void write(byte[] text) throws IOException {
        int from = 0;
        buffer.clear();
        if (midLine) {
            buffer.put(NEWLINE); // what there is of the line before is not one
        }
        try {
            while (from < text.length) {
                int count = Math.min(buffer.remaining(), text.length - from);
                buffer.put(text, from, count).flip();
                while (buffer.hasRemaining()) {
                    size += Fd.write(fd, buffer);
                }
                from += count;
                buffer.clear();
            }
        } catch (PosixException e) {
            throw FileErrors.on(file, e);
        }
    }

    /** Of the lines of which so many bytes were written, keeps those that are not whole in the file. */
    private void keepFrom(byte[] text, int written) {
        midLine |= written > 0;
        int whole = 0;
        for (int i = 0; i < written; i++) {
            if (text[i] == NEWLINE) {
                whole = waiting.indexOf("\n", whole) + 1;
            }
        }
        waiting.delete(0, whole);
    }

    private void leaveFile() {
        if (fd >= 0) {
            try {
                Fd.close(fd);
            } catch (PosixException e) {
                warnings.accept("events: " + e.getMessage());
            }
            fd = -1;
        }
    }

    /**
     * What is recorded by now, to be read on another thread; has to be closed.
     *
     * @throws IOException if it cannot be opened
     */
    public RecordedEvents recorded() throws IOException {
        flush();
        int first = opened(older);
        int second = -1;
        try {
            second = opened(file);
            if (second < 0) {
                leaveFile(); // who cleans directories of temporary files took its name away
            }
            // What is added from now on is given to those who follow.
            return new RecordedEvents(
                    first, second, second < 0 ? 0 : Fd.fstat(second).size());
        } catch (IOException e) {
            new RecordedEvents(first, second, 0).close();
            throw e;
        }
    }

    private static int opened(Path path) throws IOException {
        try {
            return Fd.open(path, Fd.O_RDONLY | Fd.O_NOFOLLOW | Fd.O_NONBLOCK, 0);
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return -1;
            }
            throw FileErrors.on(path, e);
        }
    }

    /** Has every event that comes from now on given to this one, on the loop's thread; returns what ends that. */
    public Runnable follow(Consumer<EventLine> follower) {
        followers.add(follower);
        return () -> followers.remove(follower);
    }

    /** Writes what was added and leaves all to the next manager. */
    @Override
    public void close() {
        flush();
        leaveFile();
    }
}
