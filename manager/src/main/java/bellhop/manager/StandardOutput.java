package bellhop.manager;

import bellhop.log.ConsoleSink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Standard output, written by a thread of its own: who reads it slowly or not at all keeps nobody from supervising.
 * Whole lines come one after the other, whoever they are from. Once it holds {@link #ROOM} bytes that nobody has
 * read, services have to wait with theirs, and a while later the manager's own lines are left out, which is told.
 */
final class StandardOutput implements ConsoleSink, AutoCloseable {

    static final int ROOM = 256 * 1024;
    private static final int ROOM_OF_MANAGER = ROOM + 64 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final OutputStream out;
    private final Thread thread = new Thread(this::run, "bellhop-console");
    private final Deque<byte[]> pending = new ArrayDeque<>();
    /** The bytes that are pending or being written. */
    private int size;

    private long written;
    private long leftOut;
    private boolean refused;
    private Runnable onRoom = () -> {};

    StandardOutput(OutputStream out) {
        this.out = out;
        thread.setDaemon(true);
        thread.start();
    }

    /** Calls this, on any thread, whenever there is room for what was refused. */
    synchronized void onRoom(Runnable action) {
        onRoom = action;
    }

    @Override
    public synchronized boolean take(byte[] lines, boolean last) {
        if (size > 0 && size + lines.length > ROOM && !last) {
            refused = true;
            return false;
        }
        add(lines);
        return true;
    }

    /** Takes a line of the manager's own; never waits. */
    synchronized void say(String line) {
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

    private void run() {
        try {
            while (true) {
                byte[] lines = next();
                write(lines);
                done(lines.length);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does that
        }
    }

    private synchronized byte[] next() throws InterruptedException {
        while (pending.isEmpty()) {
            wait();
        }
        return pending.remove();
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
        try {
            long seen = -1;
            while (size > 0 && seen != written) {
                seen = written;
                long deadline = System.nanoTime() + PATIENCE.toNanos();
                for (long left = PATIENCE.toNanos();
                        size > 0 && seen == written && left > 0;
                        left = deadline - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
