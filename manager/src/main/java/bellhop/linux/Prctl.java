package bellhop.linux;

import static bellhop.linux.Native.INT;
import static bellhop.linux.Native.LONG;

import java.lang.invoke.MethodHandle;

/** {@code prctl(2)}. */
public final class Prctl {

    // <linux/prctl.h>
    private static final int PR_SET_CHILD_SUBREAPER = 36;

    private static final MethodHandle PRCTL = Native.variadic("prctl", 1, INT, INT, LONG, LONG, LONG, LONG);

    private Prctl() {}

    /** From now on the orphans among this process's descendants become its children. */
    public static void becomeSubreaper() throws PosixException {
        CallFrame frame = CallFrame.get();
        int result;
        try {
            result = (int) PRCTL.invokeExact(frame.errno, PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
        if (result < 0) {
            throw frame.failure("prctl", "PR_SET_CHILD_SUBREAPER");
        }
    }
}
