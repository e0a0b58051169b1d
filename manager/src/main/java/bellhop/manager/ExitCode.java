package bellhop.manager;

import bellhop.core.Exit;
import bellhop.linux.Signals;

/** The exit statuses of {@code bh}; those that are not Bellhop's own are of {@code <sysexits.h>}. */
public final class ExitCode {

    public static final int OK = 0;
    public static final int FAILED = 1;
    /** Wrong words, {@code EX_USAGE}. */
    public static final int USAGE = 64;
    /** It has taken too long, as {@code timeout(1)} says it. */
    public static final int TIMED_OUT = 124;
    /** No manager can be reached, {@code EX_UNAVAILABLE}. */
    public static final int NO_MANAGER = 69;

    private static final int KILLED = 128;

    private ExitCode() {}

    /** The exit status that a process had, as a shell would give it. */
    public static int of(Exit exit) {
        return switch (exit) {
            case Exit.Exited(int code) -> code;
            case Exit.Killed(String signal, boolean _) ->
                KILLED + Signals.number(signal).orElse(0);
            case Exit.OutOfMemory(Exit end) -> of(end);
            case Exit.Unknown() -> FAILED;
        };
    }
}
