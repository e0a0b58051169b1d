package bellhop.linux;

/** How a process ended. */
public sealed interface ExitStatus {

    /** By itself, with a code of 0 to 255. */
    record NormalExit(int code) implements ExitStatus {}

    /** By a signal, leaving a core dump or not. */
    record KilledBySignal(int signal, boolean core) implements ExitStatus {}
}
