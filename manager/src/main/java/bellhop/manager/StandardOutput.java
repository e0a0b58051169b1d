package bellhop.manager;

import bellhop.log.ConsoleSink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Standard output, written by a thread of its own: who reads it slowly or not at all keeps nobody from supervising.
 * Whole lines come one after the other, whoever they are from. Once it holds {@link #ROOM} bytes that nobody has
 * read, services have to wait with theirs, and a while later the manager's own lines are left out, which is told.
 *
 * <p>The thread is there while there is something to write, and a moment longer.
 */
final class StandardOutput implements ConsoleSink, AutoCloseable {

    static final int ROOM = 256 * 1024;
    private static final int ROOM_OF_MANAGER = ROOM + 64 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Lines come in groups, and most of these need one thread only. */
    private static final Duration LINGERS = Duration.ofSeconds(1);

    private final OutputStream out;
    private final Deque<byte[]> pending = new ArrayDeque<>();
    /** The bytes that are pending or being written. */
    private int size;

    private long written;
    private long leftOut;
    private boolean refused;
    private boolean hasThread;
    private Runnable onRoom = () -> {};

    StandardOutput(OutputStream out) {
        this.out = out;
    }

    /** Calls this, on any thread, whenever there is room for what was refused. */
    synchronized void onRoom(Runnable action) {
        onRoom = action;
    }

    @Override
    public synchronized boolean take(byte[] lines, boolean last) {
        startThread();
        if (size > 0 && size + lines.length > ROOM && !last) {
            refused = true;
            return false;
        }
        add(lines);
        return true;
    }

    /** Takes a line of the manager's own; never waits. */
    synchronized void say(String line) {
        startThread();
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        if (leftOut > 0 || size + bytes.length > ROOM_OF_MANAGER) {
            leftOut++;
        } else {
            add(bytes);
        }
    }

    private void add(byte[] lines) {
        pending.add(lines);
        size += lines.length;
        notifyAll();
    }

    /** Also if nothing can be added: the kernel may have refused a thread for what is pending. */
    private void startThread() {
        if (hasThread) {
            return;
        }
        Thread thread = new Thread(this::run, "bellhop-console");
        thread.setDaemon(true);
        try {
            thread.start();
            hasThread = true;
        } catch (OutOfMemoryError e) {
            // The next line tries again.
        }
    }

    private void run() {
        for (Optional<byte[]> lines = next(); lines.isPresent(); lines = next()) {
            write(lines.get());
            done(lines.get().length);
        }
    }

    /** Empty once there were none for a while; this thread is none of this any more then. */
    private synchronized Optional<byte[]> next() {
        try {
            await(LINGERS, pending::isEmpty);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does that
        }
        hasThread = !pending.isEmpty();
        return Optional.ofNullable(pending.poll());
    }

    /** Waits for at most so long, as long as that is true. */
    private synchronized void await(Duration time, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); condition.getAsBoolean() && left > 0; left = deadline - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    private void write(byte[] lines) {
        try {
            out.write(lines);
            out.flush();
        } catch (IOException e) {
            // It was closed: nobody wants to know.
        }
    }

    private void done(int bytes) {
        Runnable action = () -> {};
        synchronized (this) {
            size -= bytes;
            written += bytes;
            if (leftOut > 0 && size <= ROOM) {
                long lines = leftOut;
                leftOut = 0;
                say("warning: " + lines + " lines of the manager were left out here, because this output was not read");
            }
            if (refused && size <= ROOM / 2) {
                refused = false;
                action = onRoom;
            }
            notifyAll();
        }
        action.run();
    }

    /** Waits until all is written, as long as there is somebody who reads. */
    @Override
    public synchronized void close() {
        startThread();
        try {
            long before = -1;
            while (size > 0 && before != written) {
                long seen = written;
                before = seen;
                await(PATIENCE, () -> size > 0 && seen == written);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
