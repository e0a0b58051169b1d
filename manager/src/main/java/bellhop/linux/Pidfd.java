package bellhop.linux;

import static bellhop.linux.Native.INT;
import static bellhop.linux.Native.POINTER;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A process by descriptor, which stays that process's whatever becomes of its number. In an {@link
 * Epoll} it is {@link Epoll#IN} once the process has ended.
 */
public final class Pidfd {

    private static final MethodHandle OPEN = Native.function("pidfd_open", INT, INT, INT);
    private static final MethodHandle SEND_SIGNAL = Native.function("pidfd_send_signal", INT, INT, INT, POINTER, INT);

    private Pidfd() {}

    /**
     * Opens. Of a child that nobody has reaped this is surely the child.
     *
     * @throws PosixException with ESRCH if there is no such process
     */
    public static int open(int pid) throws PosixException {
        CallFrame frame = CallFrame.get();
        int fd;
        try {
            fd = (int) OPEN.invokeExact(frame.errno, pid, 0);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
        if (fd < 0) {
            throw frame.failure("pidfd_open", pid);
        }
        return fd;
    }

    /**
     * Signals the process alone.
     *
     * @return false if it is gone and reaped
     */
    public static boolean sendSignal(int pidfd, int signal) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result;
        try {
            result = (int) SEND_SIGNAL.invokeExact(frame.errno, pidfd, signal, MemorySegment.NULL, 0);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
        if (result == 0) {
            return true;
        }
        if (frame.lastError() == Errno.ESRCH) {
            return false;
        }
        throw frame.failure("pidfd_send_signal", pidfd, Signals.name(signal));
    }
}
