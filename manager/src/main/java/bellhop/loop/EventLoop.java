package bellhop.loop;

import bellhop.linux.Epoll;
import bellhop.linux.PosixException;
import bellhop.linux.Wakeup;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/**
 * The event loop of one thread: descriptors with handlers to call when they are ready, tasks from other threads, and
 * time. The thread is the owner's, who goes round on it: {@link #await}, {@link #work}, and what else there is to do.
 *
 * <p>Nothing that is called from here can end the loop: every failure is reported to the owner, and the others go on.
 * Everything is confined to the owner's thread, unless a method says otherwise.
 */
public final class EventLoop implements AutoCloseable {

    /** A deadline that does not come. */
    public static final long NEVER = Long.MAX_VALUE;

    /** A handler that has failed would be called again at once, for its descriptor is as ready as before. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Epoll epoll;
    private final Wakeup wakeup;
    private final BiConsumer<String, Throwable> failed;
    private final LongConsumer stoodStill;
    /** By tokens that are never reused: an event of a descriptor that was closed meanwhile finds none. */
    private final Map<Long, Watch> watches = new HashMap<>();

    private final Epoll.Handler caller = this::call;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Timers timers = new Timers();
    private final Timers clock = new Timers();
    private final StandStill standStill = new StandStill();
    private long lastToken;
    private long woke;
    private boolean closed;

    /** A descriptor that is watched. */
    public static final class Watch {
        private final int fd;
        private final long token;
        private final IntConsumer handler;
        private int events;
        private boolean paused;

        private Watch(int fd, long token, IntConsumer handler, int events) {
            this.fd = fd;
            this.token = token;
            this.handler = handler;
            this.events = events;
        }

        public int fd() {
            return fd;
        }
    }

    /** One thing to be done once. */
    public static final class Timer implements Comparable<Timer> {
        final long deadline;
        final long number;
        final Runnable action;
        private final Timers pending;

        Timer(long deadline, long number, Runnable action, Timers pending) {
            this.deadline = deadline;
            this.number = number;
            this.action = action;
            this.pending = pending;
        }

        /** Not wrong if it was done meanwhile. */
        public void cancel() {
            pending.remove(this);
        }

        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(deadline, other.deadline);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    /** Something that is done now. */
    @FunctionalInterface
    public interface LoopStep {
        void run() throws IOException;
    }

    /**
     * For an owner whom it does not matter that this process stood still.
     *
     * @param failed gets what has failed, and why; must not throw
     */
    public EventLoop(BiConsumer<String, Throwable> failed) throws PosixException {
        this(failed, nanos -> {});
    }

    /**
     * Waits for nothing yet.
     *
     * @param failed gets what has failed, and why; must not throw
     * @param stoodStill gets the nanoseconds of a stand-still, before the handlers of that round are called
     */
    public EventLoop(BiConsumer<String, Throwable> failed, LongConsumer stoodStill) throws PosixException {
        this.failed = failed;
        this.stoodStill = stoodStill;
        epoll = Epoll.open();
        wakeup = Wakeup.open();
        watch(wakeup.fd(), Epoll.IN, events -> drain());
    }

    /**
     * Calls the handler with the {@link Epoll} events whenever there are some. One that fails is called again a second
     * later.
     */
    public Watch watch(int fd, int events, IntConsumer handler) throws PosixException {
        Watch watch = new Watch(fd, ++lastToken, handler, events);
        epoll.add(fd, events, watch.token);
        watches.put(watch.token, watch);
        return watch;
    }

    /** Waits for other events of it. */
    public void rewatch(Watch watch, int events) throws PosixException {
        watch.events = events;
        if (!watch.paused) {
            epoll.modify(watch.fd, events, watch.token);
        }
    }

    /** Before the descriptor is closed. */
    public void unwatch(Watch watch) {
        try {
            if (watches.remove(watch.token) != null && !watch.paused) {
                epoll.remove(watch.fd);
            }
        } catch (PosixException e) {
            throw new IllegalStateException("a watched descriptor was closed: " + watch.fd, e);
        }
    }

    /** After the descriptor was closed elsewhere: the kernel watches it no more, and its number may be another's. */
    public void forget(Watch watch) {
        watches.remove(watch.token);
    }

    /** From any thread: has {@link #work} do this, after all that came before. */
    public void execute(Runnable task) {
        tasks.add(task);
        wake();
    }

    /** From any thread: whether there is something that {@link #execute} was given and that is not begun. */
    public boolean hasTasks() {
        return !tasks.isEmpty();
    }

    /** From any thread: lets {@link #await} return. Does nothing once this is closed: the descriptor may be another's. */
    public synchronized void wake() {
        try {
            if (!closed) {
                wakeup.wake();
            }
        } catch (PosixException e) {
            throw new IllegalStateException("the loop cannot be woken", e);
        }
    }

    private void drain() {
        try {
            wakeup.drain();
        } catch (PosixException e) {
            throw new IllegalStateException("the loop cannot be woken again", e);
        }
    }

    /** Does this once so much time has passed, not counting that for which the loop stood still. */
    public Timer after(Duration time, Runnable action) {
        return timers.add(time, action);
    }

    /** Does this once so much time has passed, even if the loop stood still meanwhile. */
    public Timer afterByClock(Duration time, Runnable action) {
        return clock.add(time, action);
    }

    /** The time that {@link #after} goes by, in nanoseconds: only differences of it mean anything. */
    public long now() {
        return timers.now();
    }

    /** When a timer is due next, in {@link System#nanoTime}, or {@link #NEVER}. */
    public long nextTimer() {
        return Math.min(timers.next(), clock.next());
    }

    /** When the last wait ended, in {@link System#nanoTime}: all events before that have been handled. */
    public long woke() {
        return woke;
    }

    /**
     * Waits until a descriptor is ready, there is a task, a timer is due or it is woken, and calls the handlers of
     * all that was ready then, each once.
     *
     * @param deadline when to wait no longer, in {@link System#nanoTime}, or {@link #NEVER}
     */
    public void await(long deadline) throws PosixException {
        await(deadline, NEVER);
    }

    /**
     * Waits as {@link #await(long)} does, and no longer than until a deadline that a stand-still does not put off: such
     * a wait need not be cut into pieces, each of which wakes this process.
     */
    public void await(long deadline, long deadlineByClock) throws PosixException {
        long now = System.nanoTime();
        long timed = Math.min(deadline, timers.next());
        long until = Math.min(deadlineByClock, clock.next());
        if (timed != NEVER) {
            until = Math.min(until, Math.min(timed, now + StandStill.LONGEST_WAIT));
        }
        if (hasTasks()) {
            until = now;
        }
        long longest = until == NEVER ? -1 : Math.max(0, until - now);
        standStill.waits(now, longest);
        epoll.awaitAll(longest, watches.size());
        woke = System.nanoTime();
        long nanos = standStill.wakes(woke);
        if (nanos > 0) {
            timers.stoodStill(nanos);
            guarded("a stand-still", () -> stoodStill.accept(nanos));
        }
        standStill.turns(System.nanoTime()); // to put deadlines off takes its time, and is no reason to do so again
        epoll.tell(caller);
    }

    private void call(long token, int events) {
        Watch watch = watches.get(token);
        if (watch == null) {
            return;
        }
        try {
            watch.handler.accept(events);
        } catch (RuntimeException | Error e) {
            failed.accept("an event of descriptor " + watch.fd, e);
            guarded("a pause", () -> pause(watch));
        }
    }

    private void pause(Watch watch) throws PosixException {
        if (watches.containsKey(watch.token)) {
            watch.paused = true;
            epoll.remove(watch.fd);
            var _ = afterByClock(PAUSE, () -> guarded("the end of a pause", () -> resume(watch)));
        }
    }

    private void resume(Watch watch) throws PosixException {
        if (watches.containsKey(watch.token)) {
            watch.paused = false;
            epoll.add(watch.fd, watch.events, watch.token);
        }
    }

    /**
     * Does the tasks that there are by now, and then what was due when the last wait ended. What these add waits for
     * another round, so that endless tasks do not keep a deadline from its turn.
     */
    public void work() {
        for (int left = tasks.size(); left > 0; left--) {
            guarded("a task", tasks.remove()::run);
        }
        runDue(timers);
        runDue(clock);
    }

    private void runDue(Timers pending) {
        for (Timer due = pending.poll(woke); due != null; due = pending.poll(woke)) {
            guarded("a timer", due.action::run);
        }
    }

    /** Does this now, and reports a failure to the owner. */
    public void guarded(String what, LoopStep step) {
        try {
            step.run();
        } catch (IOException | RuntimeException | Error e) {
            failed.accept(what, e);
        }
    }

    /** Closes the loop; watched descriptors stay open. Must not be called while a thread waits. */
    @Override
    public synchronized void close() throws PosixException {
        closed = true;
        wakeup.close();
        epoll.close();
    }
}
