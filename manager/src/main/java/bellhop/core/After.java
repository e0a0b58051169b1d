package bellhop.core;

import java.util.OptionalLong;

/** What follows once everything within reach of a script is gone. */
public sealed interface After {
    /** How the service ends, or what its last death was. */
    Ending ending();

    /**
     * {@code run} died and is to be launched again in the same life.
     *
     * @param launched when it was launched, monotonic nanoseconds, if it was up: the delay is measured from there
     */
    record Relaunch(Ending ending, OptionalLong launched) implements After {}

    /** {@code pre} failed, or what is required did, and is to be tried again, in a new life. */
    record Retry(Ending ending) implements After {}

    /** {@code pre} was halted: nothing, unless it exits 0 all the same, or may have; then {@code post} is due. */
    record Abandon(Ending ending) implements After {}

    /** {@code run}, a job, has done what it had to do: the service is up without a process. */
    record Finish(Ending ending) implements After {}

    /** {@code post} is due. */
    record CleanUp(Ending ending) implements After {}

    /** Nothing: it is down. */
    record Rest(Ending ending) implements After {}

    /** The same way down with no way back up. */
    default After halted() {
        return switch (this) {
            case Relaunch _, Finish _ -> new CleanUp(Ending.STOPPED);
            case Retry _ -> new Rest(Ending.STOPPED);
            case Abandon a -> a;
            case CleanUp(Ending e) -> new CleanUp(e.halted());
            case Rest(Ending e) -> new Rest(e.halted());
        };
    }

    /** What follows now that the script has ended like this. */
    default After given(Exit exit) {
        if (!(this instanceof Abandon(Ending e))) {
            return this;
        }
        // Decided once and for all: a later manager can only say of it that it is gone.
        return exit.mayBeSuccess() ? new CleanUp(e) : new Rest(e);
    }

    /** Whether it leads up again, by another launch. */
    default boolean leadsUp() {
        return this instanceof Relaunch || this instanceof Retry;
    }
}
