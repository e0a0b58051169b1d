package bellhop.loop;

import java.time.Duration;
import java.util.PriorityQueue;

/**
 * What is to be done later, by the loop that waits for the least of these deadlines. The time that the loop was told
 * to have stood still does not count.
 */
public final class Timers {

    private final PriorityQueue<Timer> pending = new PriorityQueue<>();
    private long last;
    /** All of it that was told. */
    private long stoodStill;

    /** One thing to be done once. */
    public static final class Timer implements Comparable<Timer> {
        private final long deadline;
        private final long number;
        private final Runnable action;

        private Timer(long deadline, long number, Runnable action) {
            this.deadline = deadline;
            this.number = number;
            this.action = action;
        }

        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(deadline, other.deadline);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    /** Does this once so much time has passed, unless it is cancelled before. */
    public Timer after(Duration time, Runnable action) {
        Timer timer = new Timer(now() + time.toNanos(), ++last, action);
        pending.add(timer);
        return timer;
    }

    /** Not wrong if it was done meanwhile. */
    public void cancel(Timer timer) {
        pending.remove(timer);
    }

    /** When the next is due, in {@link System#nanoTime}; {@link Long#MAX_VALUE} if there is none. */
    public long next() {
        Timer first = pending.peek();
        return first == null ? Long.MAX_VALUE : first.deadline + stoodStill;
    }

    /** The time that counts, in nanoseconds: only differences of it mean anything. */
    public long now() {
        return System.nanoTime() - stoodStill;
    }

    /** Puts off everything that is pending. */
    public void stoodStill(long nanos) {
        stoodStill += nanos;
    }

    /** Does what was due by this instant of {@link System#nanoTime}, and not what that adds. */
    public void run(long until) {
        long due = until - stoodStill;
        for (Timer first = pending.peek(); first != null && first.deadline <= due; first = pending.peek()) {
            pending.remove();
            first.action.run();
        }
    }
}
