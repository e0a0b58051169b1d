package bellhop.log;

import bellhop.loop.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The manager's own log. Any thread adds a line and goes on; the pump's thread appends them: one at once, and those that
 * come in quick succession, as at boot, ten times a second. A line that cannot be written is left out, and the log says
 * so with the next line that can be written; a manager that is killed takes the lines of at most a tenth of a second along.
 */
final class OwnLog {
    private static final long BETWEEN_WRITES = Duration.ofMillis(100).toNanos();

    private static final Rotation ROTATION = new Rotation(1 << 20, 5);

    /** How much is held for a pump that is slow. */
    private static final int ROOM = 256 * 1024;

    private final EventLoop loop;
    private final Log log;
    private final LineCopier copier;
    private final InstantSource clock;
    private final Consumer<String> warnings;

    /** As the log has them. */
    private List<byte[]> pending = new ArrayList<>();

    private final Timestamp stamp = new Timestamp();
    private final ByteBuffer moment = ByteBuffer.allocate(Timestamp.LENGTH + 8);
    private int size;
    private long leftOut;
    private boolean scheduled;
    /** Whether the pump has ended, and who adds a line writes it. */
    private boolean ended;

    private boolean writing;

    // Of whoever writes:
    private long written = System.nanoTime() - BETWEEN_WRITES;
    private boolean failing;

    OwnLog(EventLoop loop, Log log, LineCopier copier, InstantSource clock, Consumer<String> warnings) {
        this.loop = loop;
        this.log = log;
        this.copier = copier;
        this.clock = clock;
        this.warnings = warnings;
    }

    /** Adds a line; from any thread. */
    void add(String line) {
        synchronized (this) {
            if (size > ROOM) {
                leftOut++;
                return;
            }
            byte[] bytes = stamped(line);
            pending.add(bytes);
            size += bytes.length;
            if (!ended) {
                if (!scheduled) {
                    scheduled = true;
                    loop.execute(this::writeSoon);
                }
                return;
            }
        }
        writeNow();
    }

    private synchronized byte[] stamped(String line) {
        stamp.put(moment.clear(), clock.millis());
        byte[] text = line.getBytes(StandardCharsets.UTF_8);
        int start = moment.position();
        byte[] bytes = new byte[start + text.length + 1];
        moment.get(0, bytes, 0, start);
        System.arraycopy(text, 0, bytes, start, text.length);
        bytes[bytes.length - 1] = '\n';
        return bytes;
    }

    /** On the pump's thread. */
    private void writeSoon() {
        long wait = written + BETWEEN_WRITES - System.nanoTime();
        if (wait <= 0) {
            write();
        } else {
            loop.afterByClock(Duration.ofNanos(wait), this::write);
        }
    }

    /** On the pump's thread, at its end. */
    void end() {
        synchronized (this) {
            ended = true;
        }
        writeNow();
    }

    /**
     * One at a time writes, also what others add meanwhile. No lock is held: who is warned may wait for one who adds a
     * line.
     */
    private void writeNow() {
        while (begins()) {
            try {
                write();
            } finally {
                isWriting(false);
            }
        }
    }

    private synchronized boolean begins() {
        boolean begins = !writing && !pending.isEmpty();
        writing |= begins;
        return begins;
    }

    private synchronized void isWriting(boolean isSo) {
        writing = isSo;
    }

    private void write() {
        List<byte[]> lines;
        long told;
        synchronized (this) {
            told = leftOut;
            scheduled = false;
            lines = pending;
            pending = new ArrayList<>();
            size = 0;
        }
        if (lines.isEmpty()) {
            return; // if nothing is kept, there is no file
        }
        List<byte[]> note = told == 0
                ? List.of()
                : List.of(stamped("warning: " + told
                        + " lines of the manager are missing here, because they could not be written"));
        lines.addAll(0, note);
        try {
            copier.append(log, lines, ROTATION);
            written = System.nanoTime();
            failing = false;
            leave(-told);
        } catch (IOException e) {
            leave(lines.size() - (lines.containsAll(note) ? note.size() : told));
            if (!failing) {
                failing = true;
                warnings.accept("log of the manager: " + e.getMessage() + "; its lines are on standard output alone");
            }
        }
    }

    private synchronized void leave(long more) {
        leftOut += more;
    }
}
