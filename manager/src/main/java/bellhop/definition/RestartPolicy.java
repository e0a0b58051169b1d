package bellhop.definition;

/** What to do once {@code run} has ended by itself; the YAML key {@code restart}. */
public enum RestartPolicy {
    /** Launch it again however it ended. */
    ALWAYS,
    /** Launch it again unless it exited 0, which makes the service finished. */
    ON_FAILURE,
    /** Never launch it again: exit 0 makes it finished, anything else failed. */
    NO
}
