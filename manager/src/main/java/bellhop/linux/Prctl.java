package bellhop.linux;

/** {@code prctl(2)}. */
public final class Prctl {

    // <linux/prctl.h>
    private static final int PR_SET_CHILD_SUBREAPER = 36;

    private static final CFunction PRCTL = CFunction.named("prctl");

    private Prctl() {}

    /** From now on the orphans among this process's descendants become its children. */
    public static void becomeSubreaper() throws PosixException {
        setSubreaper(1);
    }

    /** Ends that: orphans go where they went before; those that came already stay. */
    public static void ceaseToBeSubreaper() throws PosixException {
        setSubreaper(0);
    }

    private static void setSubreaper(int isOne) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = PRCTL.call(frame, PR_SET_CHILD_SUBREAPER, isOne, 0, 0, 0);
        if (result < 0) {
            throw frame.failure("prctl", "PR_SET_CHILD_SUBREAPER");
        }
    }
}
