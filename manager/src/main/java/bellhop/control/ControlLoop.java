package bellhop.control;

import bellhop.linux.Epoll;
import bellhop.linux.PosixException;
import bellhop.linux.Wakeup;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * The thread {@code bellhop-control}: waits for all descriptors of this package at once, and carries
 * out requests. Everything that is package-private here belongs to that thread.
 */
public final class ControlLoop implements AutoCloseable {

    /** What all clients together may leave unread before the one with the most is dropped. */
    static final int MOST_QUEUED = 4 << 20;

    /** How long a closing loop tries to bring out what is still queued. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private static final long WAKEUP_TOKEN = 0;
    /** The clock may begin anywhere: only differences compare. */
    private static final long START = System.nanoTime();

    /** What one descriptor does with its events. */
    @FunctionalInterface
    interface ReadyHandler {
        /** Called with the epoll bits that hold now. */
        void ready(int events);
    }

    private record Deadline(long due, long number, Runnable task) {}

    private final Epoll epoll;
    private final Wakeup wakeup;
    private final Consumer<String> journal;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Map<Long, ReadyHandler> watchers = new HashMap<>();
    private final Set<Wire> wires = new HashSet<>();
    private final PriorityQueue<Deadline> timers = new PriorityQueue<>(
            Comparator.comparingLong((Deadline t) -> t.due - START).thenComparingLong(Deadline::number));
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(1 << 17);

    private long lastNumber = WAKEUP_TOKEN;
    private volatile boolean closing;
    /** Guarded by {@link #wakeup}: its descriptor may be another file's by now. */
    private boolean ended;

    private ControlLoop(Epoll epoll, Wakeup wakeup, Consumer<String> journal) {
        this.epoll = epoll;
        this.wakeup = wakeup;
        this.journal = journal;
        this.thread = new Thread(this::run, "bellhop-control");
    }

    /**
     * Starts the thread.
     *
     * @param journal takes one line for each thing that the manager's log should say; called on the
     *     thread
     */
    public static ControlLoop start(Consumer<String> journal) throws PosixException {
        Epoll epoll = Epoll.open();
        Wakeup wakeup = Wakeup.open();
        epoll.add(wakeup.fd(), Epoll.IN, WAKEUP_TOKEN);
        ControlLoop loop = new ControlLoop(epoll, wakeup, journal);
        loop.thread.setDaemon(true);
        loop.thread.start();
        return loop;
    }

    /** Has {@code task} run on the thread, after all that came before it. Any thread may call this. */
    public void execute(Runnable task) {
        tasks.add(task);
        if (Thread.currentThread() != thread) {
            wake();
        }
    }

    private void wake() {
        synchronized (wakeup) {
            if (!ended) {
                try {
                    wakeup.wake();
                } catch (PosixException e) {
                    throw new IllegalStateException("an event counter of this process cannot be written", e);
                }
            }
        }
    }

    /** Brings out what is queued, for a second at the most, closes every connection and ends the thread. */
    @Override
    public void close() {
        closing = true;
        wake();
        if (Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Calls {@code watcher} while any of {@code events}, an error or a hang-up holds for {@code fd}. */
    long watch(int fd, int events, ReadyHandler watcher) throws PosixException {
        long token = ++lastNumber;
        epoll.add(fd, events, token);
        watchers.put(token, watcher);
        return token;
    }

    /** Waits for other events of a watched descriptor. */
    void rewatch(int fd, int events, long token) throws PosixException {
        epoll.modify(fd, events, token);
    }

    /** Forgets a descriptor that is about to be closed. */
    void unwatch(int fd, long token) throws PosixException {
        watchers.remove(token);
        epoll.remove(fd);
    }

    /** Runs {@code task} once {@code delay} has passed. */
    void after(Duration delay, Runnable task) {
        timers.add(new Deadline(System.nanoTime() + delay.toNanos(), ++lastNumber, task));
    }

    void log(String line) {
        journal.accept(line);
    }

    /** A buffer for whoever is reading or writing just now. */
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
                    .ifPresent(most -> most.drop("it has the most unread, and others need the memory"));
        }
    }

    private static int held(Wire wire) {
        return wire.queued() + wire.unread();
    }

    private void run() {
        try {
            while (!closing) {
                runTasks();
                await(-1);
            }
            runTasks();
            long end = System.nanoTime() + LAST_WORDS.toNanos();
            while (hasWork() && end - System.nanoTime() > 0) {
                await(end - System.nanoTime());
                runTasks();
            }
            for (Wire wire : Set.copyOf(wires)) {
                wire.close();
            }
        } catch (PosixException e) {
            journal.accept("control: no requests are taken any more: " + e.getMessage());
        } finally {
            release();
        }
    }

    private boolean hasWork() {
        return !tasks.isEmpty() || wires.stream().anyMatch(wire -> wire.queued() > 0);
    }

    private void release() {
        synchronized (wakeup) {
            ended = true;
            try (epoll;
                    wakeup) {
                tasks.clear();
            } catch (PosixException e) {
                journal.accept("control: " + e.getMessage());
            }
        }
    }

    private void runTasks() {
        for (int left = tasks.size(); left > 0; left--) {
            run(tasks.remove());
        }
        for (Deadline next = timers.peek(); next != null && next.due - System.nanoTime() <= 0; next = timers.peek()) {
            timers.poll();
            run(next.task);
        }
    }

    private void await(long longest) throws PosixException {
        long timeout = longest;
        Deadline next = timers.peek();
        if (next != null) {
            long left = Math.max(0, next.due - System.nanoTime());
            timeout = longest < 0 ? left : Math.min(left, longest);
        }
        epoll.await(tasks.isEmpty() ? timeout : 0, (token, events) -> {
            if (token == WAKEUP_TOKEN) {
                run(this::drain);
                return;
            }
            ReadyHandler watcher = watchers.get(token);
            if (watcher != null) {
                run(() -> watcher.ready(events));
            }
        });
    }

    private void drain() {
        try {
            wakeup.drain();
        } catch (PosixException e) {
            throw new IllegalStateException("an event counter of this process cannot be read", e);
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            log("control: internal error: " + e);
        }
    }
}
