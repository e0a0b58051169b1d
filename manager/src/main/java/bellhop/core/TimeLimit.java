package bellhop.core;

/**
 * A limit on a script's own time.
 *
 * @param deadline when it is over; {@link Lifecycle#NEVER} while the clock stands still or without a limit
 * @param left what was left when the clock was stopped, nanoseconds; {@link Lifecycle#NEVER} while it runs
 */
public record TimeLimit(long deadline, long left) {
    /** No more than this much longer, at a time, is granted to whoever asks for more time. */
    private static final long MOST_EXTENSION_NANOS = 3_600_000_000_000L;

    static final TimeLimit NONE = new TimeLimit(Lifecycle.NEVER, Lifecycle.NEVER);

    static TimeLimit at(long deadline) {
        return new TimeLimit(deadline, Lifecycle.NEVER);
    }

    /** Whether there is no limit. */
    boolean isNone() {
        return deadline == Lifecycle.NEVER && !stopped();
    }

    boolean stopped() {
        return left != Lifecycle.NEVER;
    }

    TimeLimit stop(long now) {
        return deadline == Lifecycle.NEVER ? this : new TimeLimit(Lifecycle.NEVER, Math.max(0, deadline - now));
    }

    TimeLimit resume(long now) {
        return stopped() ? at(now + left) : this;
    }

    /** At least this much from now; never less than there was. */
    TimeLimit extend(long now, long nanos) {
        if (stopped()) {
            return new TimeLimit(Lifecycle.NEVER, Math.max(left, granted(nanos)));
        }
        return deadline == Lifecycle.NEVER ? this : at(Math.max(deadline, now + granted(nanos)));
    }

    /** So much later. */
    TimeLimit later(long nanos) {
        return deadline == Lifecycle.NEVER ? this : at(deadline + nanos);
    }

    /** What is granted of the time that somebody asks for. */
    static long granted(long nanos) {
        return Math.clamp(nanos, 0, MOST_EXTENSION_NANOS);
    }
}
