package bellhop.linux;

import java.io.IOException;

/** A system call that failed: which, on what, and why. */
public final class PosixException extends IOException {

    private static final long serialVersionUID = 1;

    private final String call;
    private final int errno;
    private final String arguments;

    /**
     * A failure.
     *
     * @param call the C function's name
     * @param errno why, a constant of {@link Errno}
     * @param arguments what it was called with, as a reader wants to see it
     */
    public PosixException(String call, int errno, String arguments) {
        this.call = call;
        this.errno = errno;
        this.arguments = arguments;
    }

    @Override
    public String getMessage() {
        return call + "(" + arguments + "): " + Errno.describe(errno);
    }

    /** There is none: a call that fails is mostly an answer, such as ENOENT, and a trace takes longer than the call. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
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
