package bellhop.log;

import bellhop.linux.PosixException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The time in which a log cannot be written, as on a full disk. At first its writers are held; once that took too long,
 * lines are dropped, and counted, until the log takes a line again that says how many.
 */
final class Outage {
    /** How long writers are held. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long NEVER = -1;

    /** {@link System#nanoTime} of the first failure. */
    private final long since;

    private final String reason;

    /** The file of the writer that was the first whose lines were dropped. */
    private Destination.@Nullable LogFile file;

    /** Since when lines are dropped, in milliseconds since 1970. */
    private long dropping = NEVER;

    private long lines;

    /** Whether it is time to try again. */
    boolean due;

    /** Whether something was written again. */
    boolean over;

    Outage(long since, Throwable why) {
        this.since = since;
        this.reason = why instanceof PosixException e ? e.reason() : String.valueOf(why.getMessage());
    }

    boolean lasted(Duration time, long now) {
        return now - since >= time.toNanos();
    }

    /** From now on lines are dropped. */
    void drop(Destination.LogFile from, long now) {
        file = from;
        dropping = now;
    }

    /** Where the line goes that says how many were dropped, once that is so. */
    Destination.LogFile file() {
        return Objects.requireNonNull(file);
    }

    boolean isDropping() {
        return dropping != NEVER;
    }

    void dropped(long count) {
        lines += count;
    }

    /** The line of the log that says what is missing in it. */
    String note() {
        return "bellhop: " + dropped() + ", because this log could not be written: " + reason + "\n";
    }

    /** Such as {@code 17 lines were dropped since 2026-11-23T21:41:10.123Z}. */
    String dropped() {
        return lines + (lines == 1 ? " line was" : " lines were") + " dropped since " + Instant.ofEpochMilli(dropping);
    }

    /** What the journal says at its beginning. */
    static String begins(String log, Throwable why, boolean drops) {
        return "log of " + log + ": " + (why instanceof IOException ? why.getMessage() : why)
                + (drops
                        ? "; services that write a lot wait for " + PATIENCE.toSeconds() + " s, then lines are dropped"
                        : "; nothing is lost, but services that write a lot will block");
    }

    /** What the journal says at its end. */
    String ends(String log) {
        return "log of " + log + ": can be written again" + (isDropping() ? "; " + dropped() : "");
    }
}
