package bellhop.engine.process;

import bellhop.linux.Fd;
import bellhop.linux.PosixException;

/**
 * A descriptor kept for when there are no more: what ends processes, and so gives descriptors back, must not
 * fail for want of one.
 */
final class SpareDescriptor {

    private static final int NONE = -1;

    private int fd = NONE;

    SpareDescriptor() {
        take();
    }

    /** Gives it back, so that it can be used. */
    void release() {
        if (fd != NONE) {
            try {
                Fd.close(fd);
            } catch (PosixException e) {
                // It is free all the same.
            }
            fd = NONE;
        }
    }

    /** Has it again, if there is one. */
    void take() {
        try {
            fd = Fd.open("/dev/null", Fd.O_RDONLY, 0);
        } catch (PosixException e) {
            fd = NONE; // Somebody else was faster: there may be one next time.
        }
    }
}
