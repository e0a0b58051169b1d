package bellhop.control;

import bellhop.linux.PosixException;
import bellhop.loop.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The thread {@code bellhop-control}: waits for all descriptors of this package at once, and carries
 * out requests. Everything that is package-private here belongs to that thread.
 */
public final class ControlLoop implements AutoCloseable {

    /** The bytes that all clients together may leave unread before the one with the most is dropped. */
    static final int MOST_QUEUED = 4 << 20;

    /** How long a closing loop tries to bring out what is still queued. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final EventLoop events;
    private final Consumer<String> journal;
    private final Thread thread = new Thread(this::run, "bellhop-control");
    private final Set<Wire> wires = new HashSet<>();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(1 << 17);
    private volatile boolean closing;

    private ControlLoop(Consumer<String> journal) throws PosixException {
        this.journal = journal;
        this.events = new EventLoop((what, why) -> log("control: internal error: " + why));
    }

    /**
     * Starts the thread.
     *
     * @param journal takes one line for each thing that the manager's log should say; called on the
     *     thread
     */
    public static ControlLoop start(Consumer<String> journal) throws PosixException {
        ControlLoop loop = new ControlLoop(journal);
        loop.thread.setDaemon(true);
        loop.thread.start();
        return loop;
    }

    /** Has {@code task} run on the thread, after all that came before it. Any thread may call this. */
    public void execute(Runnable task) {
        events.execute(task);
    }

    /** Writes what is queued, for at most a second, closes every connection and ends the thread. */
    @Override
    public void close() {
        closing = true;
        events.wake();
        if (Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Runs {@code task} once {@code delay} has passed. */
    void after(Duration delay, Runnable task) {
        var _ = events.afterByClock(delay, task);
    }

    /** The event loop of the thread. */
    EventLoop events() {
        return events;
    }

    void log(String line) {
        journal.accept(line);
    }

    /** A buffer for the connection that is just being read or written. */
    ByteBuffer scratch() {
        return scratch.clear();
    }

    /** The open connections and reply FIFOs. */
    Set<Wire> wires() {
        return wires;
    }

    /** Keeps within bounds what clients leave unread and what they send ahead: the one with the most has to go. */
    void limitQueues() {
        if (wires.stream().mapToInt(ControlLoop::held).sum() > MOST_QUEUED) {
            wires.stream()
                    .max(Comparator.comparingInt(ControlLoop::held))
                    .ifPresent(most -> most.drop("it has the most unread output, and others need the memory"));
        }
    }

    private static int held(Wire wire) {
        return wire.queued() + wire.unread();
    }

    private void run() {
        try (events) {
            while (!closing) {
                round(EventLoop.NEVER);
            }
            long end = System.nanoTime() + LAST_WORDS.toNanos();
            while (hasWork() && end - System.nanoTime() > 0) {
                round(end);
            }
            for (Wire wire : Set.copyOf(wires)) {
                wire.close();
            }
        } catch (PosixException e) {
            journal.accept("control: requests are no longer accepted: " + e.getMessage());
        }
    }

    private void round(long deadline) throws PosixException {
        events.await(deadline);
        events.work();
    }

    private boolean hasWork() {
        return events.hasTasks() || wires.stream().anyMatch(wire -> wire.queued() > 0);
    }
}
