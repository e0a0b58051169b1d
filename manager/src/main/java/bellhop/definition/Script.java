package bellhop.definition;

/** The three scripts of a service, in the order of one incarnation. */
public enum Script {
    /** Prepares; what follows waits for it to exit 0. */
    PRE,
    /** The service itself; stays in the foreground. */
    RUN,
    /** Cleans up, once for each {@code pre} that succeeded. */
    POST;

    /** The script's file name in a service directory: {@code pre}, {@code run} or {@code post}. */
    public String fileName() {
        return switch (this) {
            case PRE -> "pre";
            case RUN -> "run";
            case POST -> "post";
        };
    }
}
