package bellhop.loop;

import bellhop.loop.EventLoop.Timer;
import java.time.Duration;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Actions for later. The time for which the loop stood still does not count. */
final class Timers {

    /** In a tree: among the timers of a thousand services one that is cancelled is not searched for. */
    private final TreeSet<Timer> pending = new TreeSet<>();

    private long last;
    /** All of that time so far. */
    private long stoodStill;

    /** Does this once so much time has passed, unless it is cancelled before. */
    Timer add(Duration time, Runnable action) {
        Timer timer = new Timer(now() + time.toNanos(), ++last, action, this);
        pending.add(timer);
        return timer;
    }

    void remove(Timer timer) {
        pending.remove(timer);
    }

    /** When the next is due, in {@link System#nanoTime}; {@link EventLoop#NEVER} if there is none. */
    long next() {
        return pending.isEmpty() ? EventLoop.NEVER : pending.first().deadline + stoodStill;
    }

    /** The time that counts, in nanoseconds: only differences of it mean anything. */
    long now() {
        return System.nanoTime() - stoodStill;
    }

    /** Puts off everything that is pending. */
    void stoodStill(long nanos) {
        stoodStill += nanos;
    }

    /** Takes the first of those that were due by this instant of {@link System#nanoTime}; null if there is none. */
    @Nullable
    Timer poll(long until) {
        return !pending.isEmpty() && pending.first().deadline <= until - stoodStill ? pending.pollFirst() : null;
    }
}
