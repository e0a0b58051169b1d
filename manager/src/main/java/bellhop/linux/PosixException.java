package bellhop.linux;

import java.io.IOException;

/** A system call that failed: which, on what, and why. */
public final class PosixException extends IOException {

    private static final long serialVersionUID = 1;

    private final String call;
    private final int errno;

    /**
     * A failure.
     *
     * @param call the C function's name
     * @param errno why, a constant of {@link Errno}
     * @param arguments what it was called with, as a reader wants to see it
     */
    public PosixException(String call, int errno, String arguments) {
        super(call + "(" + arguments + "): " + Errno.describe(errno));
        this.call = call;
        this.errno = errno;
    }

    /** The C function's name. */
    public String call() {
        return call;
    }

    /** Why it failed: a constant of {@link Errno}. */
    public int errno() {
        return errno;
    }

    /** Why it failed, in words and by name: {@code No such file or directory (ENOENT)}. */
    public String reason() {
        return Errno.describe(errno);
    }
}
