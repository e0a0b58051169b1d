package bellhop.linux;

import java.util.function.IntSupplier;

/**
 * The kernel's session keyring, which a child inherits from the thread that spawns it, with every key that the parent of
 * this process had in it. See keyctl(2) and session-keyring(7).
 */
final class SessionKeyring {

    private static final int KEYCTL_JOIN_SESSION_KEYRING = 1;

    /** glibc has no {@code keyctl}; the numbers of the call are those of the two architectures. */
    private static final int SYS_KEYCTL = System.getProperty("os.arch").equals("aarch64") ? 219 : 250;

    private static final CFunction SYSCALL = CFunction.named("syscall");

    private SessionKeyring() {}

    /**
     * Spawns from a thread that has joined a new, empty session keyring, and ends with that: the keyring is then the
     * child's alone, and our own stays as it is.
     *
     * <p>Where the kernel has no keys, or forbids this call, as container engines do by a filter that children inherit,
     * there are no keys to be had by the child either.
     *
     * @param frame of the calling thread, which waits: the other one uses it meanwhile
     * @param spawn returns 0 or an error
     * @return that, or the error for which there is no keyring or no thread
     */
    static int anew(CallFrame frame, IntSupplier spawn) {
        int[] error = {Errno.EAGAIN};
        Thread thread = new Thread(
                () -> {
                    error[0] = join(frame);
                    if (error[0] == 0) {
                        error[0] = spawn.getAsInt();
                    }
                },
                "bellhop-spawn");
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            return Errno.EAGAIN; // no thread can be had, and so no process either
        }
        boolean isInterrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        return error[0];
    }

    private static int join(CallFrame frame) {
        if (SYSCALL.callLong(frame, SYS_KEYCTL, KEYCTL_JOIN_SESSION_KEYRING, CFunction.NULL) >= 0) {
            return 0;
        }
        int error = frame.lastError();
        return error == Errno.ENOSYS || error == Errno.EPERM ? 0 : error;
    }
}
