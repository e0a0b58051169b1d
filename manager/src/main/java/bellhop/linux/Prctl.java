package bellhop.linux;

/** {@code prctl(2)}. */
public final class Prctl {

    // <linux/prctl.h>
    private static final int PR_SET_CHILD_SUBREAPER = 36;

    private static final CFunction PRCTL = CFunction.named("prctl");

    private Prctl() {}

    /** From now on the orphans among this process's descendants become its children. */
    public static void becomeSubreaper() throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = PRCTL.call(frame, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        if (result < 0) {
            throw frame.failure("prctl", "PR_SET_CHILD_SUBREAPER");
        }
    }
}
