package bellhop.program;

/**
 * The end of a small program. {@link System#exit} first looks for a logger that wants to know, in each jar of the class
 * path: this takes as long as all else that such a program does. No small program has a shutdown hook.
 */
final class ProgramEnd {

    private ProgramEnd() {}

    /** Ends the process at once. */
    static void with(int status) {
        System.out.flush();
        System.err.flush();
        Runtime.getRuntime().halt(status);
    }
}
