package bellhop.loop;

/**
 * Notices that a loop stood still: that its process was stopped or frozen, or was kept from its turn by a busy
 * machine, a slow disk, a handler that took long. All instants are of {@link System#nanoTime}.
 */
final class StandStill {

    /**
     * While anything is timed the loop waits no longer than this at a time, because a stand-still could be anywhere in
     * a wait.
     */
    static final long LONGEST_WAIT = 1_000_000_000L;

    /** So much later than asked for is no stand-still yet, nor is a turn of the loop that takes as long. */
    private static final long TOLERATED = 1_000_000_000L;

    private boolean begun;
    private long turned;
    private long waited;
    private long asked;

    /** The loop takes its turn from now on. */
    void turns(long now) {
        begun = true;
        turned = now;
    }

    /**
     * The loop waits from now on.
     *
     * @param nanos the longest wait; below 0 forever
     */
    void waits(long now, long nanos) {
        if (!begun) {
            turns(now); // what was done before the first wait was no turn
        }
        waited = now;
        asked = nanos;
    }

    /**
     * The loop woke.
     *
     * @return for how many nanoseconds it stood still since it began its last turn: all of a wait that took too long,
     *     because a process that was frozen with it may have had nothing of that; of a turn that took too long, during
     *     which all others went on, what is beyond a second, so that deadlines come nearer with each turn
     */
    long wakes(long now) {
        long slept = now - waited;
        boolean isLate = asked >= 0 && slept - asked > TOLERATED;
        return (isLate ? slept : 0) + Math.max(0, waited - turned - TOLERATED);
    }
}
