package bellhop.core;

import java.util.Locale;

/** What became of a launch of {@code run}: why it ended, or was ended. */
public enum RunResult {
    /** It ended by itself, and well. */
    SUCCESS,
    /** It could not be run, or did not end well, or ended before it was ready. */
    FAILED,
    /** It was halted. */
    STOPPED,
    /** It gave no sign of life. */
    WATCHDOG,
    /** It was not ready in time, or did not end in the time that it has for that. */
    TIMEOUT,
    /** Its health check said that it is not well. */
    UNHEALTHY,
    /** The kernel killed for memory. */
    MEMORY;

    /** What an end by itself amounts to. */
    static RunResult of(Exit exit, boolean isSuccess) {
        return isSuccess ? SUCCESS : exit instanceof Exit.OutOfMemory ? MEMORY : FAILED;
    }

    /** Where nothing is known but how the life ends. */
    static RunResult of(Ending ending) {
        return switch (ending.word()) {
            case FAILED -> FAILED;
            case FINISHED -> SUCCESS;
            case STOPPED, STARTING, STARTED, RESTARTING, STOPPING -> STOPPED;
        };
    }

    /** What it amounts to where the service has failed all the same. */
    RunResult ofFailure() {
        return switch (this) {
            case SUCCESS, STOPPED -> FAILED;
            case FAILED, WATCHDOG, TIMEOUT, UNHEALTHY, MEMORY -> this;
        };
    }

    /** The word as scripts see it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
