package bellhop.core;

import bellhop.definition.Script;
import java.util.Optional;

/** Where a service is in its life, with exactly what is known there. */
public sealed interface State {
    /**
     * No process, no incarnation.
     *
     * @param again whether a begin came on the way down and is due now
     * @param end how {@code run} ended last in the life that is over; empty if it never ran, or an earlier image ended it
     */
    record Down(Ending ending, boolean again, Optional<RunEnd> end) implements State {
        /** Of which no end of {@code run} is known. */
        public Down(Ending ending, boolean again) {
            this(ending, again, Optional.empty());
        }
    }

    /** Waits until what it requires is up; no script of it has run yet. */
    record Requiring(Life life) implements State {}

    /** {@code pre} runs. */
    record Preparing(Life life, Run pre) implements State {}

    /**
     * {@code run} was told to start and is not ready yet.
     *
     * @param unheard whether it may have said that it is ready while nobody was there to hear it
     */
    record Launching(Life life, Run run, boolean unheard) implements State {
        Launching(Life life, Run run) {
            this(life, run, false);
        }

        Launching with(Run other) {
            return new Launching(life, other, unheard);
        }
    }

    /** Does its work, or has done it; a one-shot, and a job, have no process while they are up. The limit of {@code run} is its watchdog's. */
    record Up(Life life, Optional<Run> run) implements State {}

    /**
     * {@code run} has said that it is about to end.
     *
     * @param deadline when it is ended if it has not
     */
    record Leaving(Life life, Run run, boolean again, long deadline) implements State {}

    /**
     * A script has ended or is to end, and everything within its reach with it.
     *
     * @param sent how it was told to end; KILL once the grace is over
     * @param deadline when to send KILL (again)
     */
    record Clearing(Life life, Run of, After after, boolean again, Signal sent, long deadline) implements State {
        Clearing of(Run spawned) {
            return new Clearing(life, spawned, after, again, sent, deadline);
        }

        /** {@code run} is seen to have ended like this. */
        Clearing seen(Exit exit) {
            return of.script() == Script.RUN ? new Clearing(life.seen(exit), of, after, again, sent, deadline) : this;
        }

        @SuppressWarnings("ReferenceEquality")
        Clearing then(After other) {
            return other == after ? this : new Clearing(life, of, other, again, sent, deadline);
        }

        Clearing again(boolean isAgain) {
            return new Clearing(life, of, after, isAgain, sent, deadline);
        }

        Clearing until(long newDeadline) {
            return new Clearing(life, of, after, again, sent, newDeadline);
        }
    }

    /** {@code post} runs. */
    record CleaningUp(Life life, Run post, Ending ending, boolean again) implements State {
        CleaningUp with(Run other) {
            return new CleaningUp(life, other, ending, again);
        }
    }

    /**
     * Waits for the next launch.
     *
     * @param life the life that goes on; empty if {@code run} never ran in it and a new one will begin
     */
    record Restarting(Optional<Life> life, Ending death, long deadline) implements State {}
}
