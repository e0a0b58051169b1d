package bellhop.linux;

/**
 * A process by descriptor, which stays that process's whatever becomes of its number. In an {@link
 * Epoll} it is {@link Epoll#IN} once the process has ended.
 */
public final class Pidfd {

    private static final CFunction OPEN = CFunction.named("pidfd_open");
    private static final CFunction SEND_SIGNAL = CFunction.named("pidfd_send_signal");

    private Pidfd() {}

    /**
     * Opens. Of a child that nobody has reaped this is surely the child.
     *
     * @throws PosixException with ESRCH if there is no such process
     */
    public static int open(int pid) throws PosixException {
        CallFrame frame = CallFrame.get();
        int fd = OPEN.call(frame, pid, 0);
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
        int result = SEND_SIGNAL.call(frame, pidfd, signal, CFunction.NULL, 0);
        if (result == 0) {
            return true;
        }
        if (frame.lastError() == Errno.ESRCH) {
            return false;
        }
        throw frame.failure("pidfd_send_signal", pidfd, Signals.name(signal));
    }
}
