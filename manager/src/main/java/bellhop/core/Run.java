package bellhop.core;

import bellhop.definition.Script;

/**
 * One script that was told to run.
 *
 * @param launch its number, never reused
 * @param pid its process, 0 until the kernel has said
 * @param since when it was told to, monotonic nanoseconds
 * @param limit when it has used up its time
 */
public record Run(long launch, Script script, int pid, long since, TimeLimit limit) {
    Run spawned(int newPid) {
        return new Run(launch, script, newPid, since, limit);
    }

    Run limited(TimeLimit newLimit) {
        return new Run(launch, script, pid, since, newLimit);
    }

    Run later(long nanos) {
        return limited(limit.later(nanos));
    }

    Run clockStopped(long now) {
        return limited(limit.stop(now));
    }

    Run clockResumed(long now) {
        return limited(limit.resume(now));
    }

    /** How long it has run, as what follows upon how it ended: {@code  after 0.1 s}. */
    public String after(long now) {
        return " after " + Lifecycle.seconds(now - since);
    }

    Ending failed(Exit exit, long now) {
        return Ending.failed(script.fileName() + " " + exit.phrase() + after(now));
    }
}
