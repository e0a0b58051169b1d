package bellhop.core;

import java.util.Locale;

/** The words of {@code bh-status}. */
public enum Word {
    /** Not running, by request or because it was never asked for. */
    STOPPED,
    /** Waits for what it requires, or {@code pre} runs, or {@code run} is not ready yet. */
    STARTING,
    /** Does its work. */
    STARTED,
    /** Waits for its next launch. */
    RESTARTING,
    /** On its way down. */
    STOPPING,
    /** Down, because something failed. */
    FAILED,
    /** {@code run} did what it had to do: down, or, if that is what it is required for, up without a process. */
    FINISHED;

    /** The word as users see it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
