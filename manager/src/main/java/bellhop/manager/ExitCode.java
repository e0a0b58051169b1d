package bellhop.manager;

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

    private ExitCode() {}
}
