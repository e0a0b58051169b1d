package bellhop.core;

/** How to end processes. */
public enum Signal {
    /** The service's stop signal, and CONT so that a stopped process gets it. */
    STOP,
    /** ABRT, for what missed its watchdog: it may leave a core dump. */
    ABORT,
    /** KILL. */
    KILL
}
