package bellhop.linux;

import java.util.Optional;

/**
 * A process by descriptor, which stays that process's whatever becomes of its number. In an {@link
 * Epoll} it is {@link Epoll#IN} once the process has ended.
 *
 * <pre>{@code
 * struct pidfd_info {                 // <linux/pidfd.h>, 64 bytes in its first version
 *     __u64 mask;                     //   0
 *     __u64 cgroupid;                 //   8
 *     __u32 pid, tgid, ppid;          //  16
 *     __u32 ruid, rgid, euid, egid;   //  28
 *     __u32 suid, sgid, fsuid, fsgid; //  44
 *     __s32 exit_code;                //  60, as wait(2) has it
 * };
 * }</pre>
 */
public final class Pidfd {

    private static final CFunction OPEN = CFunction.named("pidfd_open");
    private static final CFunction SEND_SIGNAL = CFunction.named("pidfd_send_signal");

    private static final CFunction IOCTL = CFunction.named("ioctl");

    // <linux/pidfd.h>
    private static final int PIDFD_SIGNAL_PROCESS_GROUP = 1 << 2;

    // <linux/pidfd.h>: _IOWR(0xFF, 11, struct pidfd_info) of 64 bytes
    private static final long PIDFD_GET_INFO = 0xC040FF0BL;
    private static final long PIDFD_INFO_EXIT = 1 << 3;
    private static final int INFO_MASK = 0;
    private static final int INFO_EXIT_CODE = 60;

    private Pidfd() {}

    /**
     * Opens a descriptor. For a child that has not been reaped, it surely refers to that child.
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
        return send(frame, pidfd, signal, 0) || isSomebodyThere(frame, pidfd, signal);
    }

    /**
     * Kills a process that was seen before, and not another one that has its pid by now. Does nothing if it is gone.
     */
    public static void kill(Proc.Task seen) throws PosixException {
        int pidfd;
        try {
            pidfd = open(seen.pid());
        } catch (PosixException e) {
            if (e.errno() == Errno.ESRCH) {
                return;
            }
            throw e;
        }
        try {
            if (Proc.isStill(seen)) {
                var _ = sendSignal(pidfd, Signals.KILL);
            }
        } finally {
            Fd.close(pidfd);
        }
    }

    /**
     * Signals the whole group that the process leads, or led before it was reaped: that group and none that has its
     * number by now. Linux 6.9 and newer can.
     *
     * @param signal 0 sends no signal, and only checks
     * @return false if it is empty, nothing if the kernel cannot
     */
    public static Optional<Boolean> sendSignalToGroup(int pidfd, int signal) throws PosixException {
        CallFrame frame = CallFrame.get();
        if (send(frame, pidfd, signal, PIDFD_SIGNAL_PROCESS_GROUP)) {
            return Optional.of(true);
        }
        return frame.lastError() == Errno.EINVAL
                ? Optional.empty()
                : Optional.of(isSomebodyThere(frame, pidfd, signal));
    }

    private static boolean send(CallFrame frame, int pidfd, int signal, int flags) {
        return SEND_SIGNAL.call(frame, pidfd, signal, CFunction.NULL, flags) == 0;
    }

    /** Whether the process exists, by the error of a signal that was not sent. */
    private static boolean isSomebodyThere(CallFrame frame, int pidfd, int signal) throws PosixException {
        if (frame.lastError() == Errno.ESRCH) {
            return false;
        }
        throw frame.failure("pidfd_send_signal", pidfd, Signals.name(signal));
    }

    /**
     * How a process ended that is not a child of this one; Linux 6.15 and newer keep that for holders of a pidfd. It is
     * known once its parent has reaped it.
     *
     * @return empty if it is not known yet
     * @throws PosixException with ENOTTY or EINVAL if the kernel keeps no such thing
     */
    public static Optional<ExitStatus> exitStatus(int pidfd) throws PosixException {
        CallFrame frame = CallFrame.get();
        frame.struct.putLong(INFO_MASK, PIDFD_INFO_EXIT);
        if (IOCTL.call(frame, pidfd, PIDFD_GET_INFO, frame.structAddress) != 0) {
            if (frame.lastError() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw frame.failure("ioctl", pidfd, "PIDFD_GET_INFO");
        }
        if ((frame.struct.getLong(INFO_MASK) & PIDFD_INFO_EXIT) == 0) {
            return Optional.empty();
        }
        int status = frame.struct.getInt(INFO_EXIT_CODE);
        int signal = status & 0x7f;
        return Optional.of(
                signal == 0
                        ? new ExitStatus.NormalExit((status >> 8) & 0xff)
                        : new ExitStatus.KilledBySignal(signal, (status & 0x80) != 0));
    }
}
