package bellhop.linux;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/**
 * {@code waitid(2)}: how children ended. A status is read by {@code peek}, which leaves the zombie, and
 * taken by {@code reap}, which frees its number; each child is reaped by its owner and by nothing
 * else.
 *
 * <pre>{@code
 * siginfo_t {                         // 128 bytes on x86-64 and on aarch64
 *     int si_signo;                   //   0
 *     int si_errno;                   //   4
 *     int si_code;                    //   8
 *     pid_t si_pid;                   //  16
 *     uid_t si_uid;                   //  20
 *     int si_status;                  //  24
 * };
 * }</pre>
 */
public final class Wait {

    static final int SI_CODE = 8;
    static final int SI_PID = 16;
    static final int SI_STATUS = 24;
    static final int SIGINFO_SIZE = 128;

    // <bits/waitflags.h>
    private static final int P_ALL = 0;
    private static final int P_PID = 1;
    private static final int P_PIDFD = 3;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x01000000;

    // <bits/siginfo-consts.h>
    private static final int CLD_EXITED = 1;
    private static final int CLD_DUMPED = 3;

    private static final CFunction WAITID = CFunction.named("waitid");

    private Wait() {}

    /** How the child ended, leaving it a zombie; empty while it runs. */
    public static Optional<ExitStatus> peek(int pidfd) throws PosixException {
        return peek(P_PIDFD, pidfd);
    }

    /** As {@link #peek}, by number. */
    public static Optional<ExitStatus> peekPid(int pid) throws PosixException {
        return peek(P_PID, pid);
    }

    private static Optional<ExitStatus> peek(int kind, int id) throws PosixException {
        CallFrame frame = CallFrame.get();
        return waitid(frame, kind, id, WEXITED | WNOWAIT | WNOHANG) == 0
                ? Optional.empty()
                : Optional.of(status(frame.struct));
    }

    /**
     * Takes the child's status and frees its number. Waits for a child that still runs.
     *
     * @throws PosixException with ECHILD if it is no child, or was reaped
     */
    public static ExitStatus reap(int pidfd) throws PosixException {
        return reap(P_PIDFD, pidfd);
    }

    /** As {@link #reap}, by number. */
    public static ExitStatus reapPid(int pid) throws PosixException {
        return reap(P_PID, pid);
    }

    private static ExitStatus reap(int kind, int id) throws PosixException {
        CallFrame frame = CallFrame.get();
        waitid(frame, kind, id, WEXITED);
        return status(frame.struct);
    }

    /**
     * Any child that has ended, left as it is; the same one again until it is reaped. A zombie that
     * is kept hides all that come after it: {@link #reapOrphans} sees past it.
     */
    public static OptionalInt peekAnyChild() throws PosixException {
        CallFrame frame = CallFrame.get();
        try {
            int pid = waitid(frame, P_ALL, 0, WEXITED | WNOWAIT | WNOHANG);
            return pid == 0 ? OptionalInt.empty() : OptionalInt.of(pid);
        } catch (PosixException noChildren) {
            if (noChildren.errno() == Errno.ECHILD) {
                return OptionalInt.empty();
            }
            throw noChildren;
        }
    }

    /**
     * Reaps each child that has ended and that has no owner: one that a subreaper or process 1 inherited, and one that a
     * child of the calling thread has made its sibling (CLONE_PARENT). No child may be spawned and not yet be known to
     * {@code owned} meanwhile.
     *
     * @param owned whether an owner will reap this one
     * @param gone gets each that was reaped
     * @return how many were reaped
     */
    public static int reapOrphans(IntPredicate owned, IntConsumer gone) throws PosixException {
        return reapOrphans(owned, gone, Wait::children);
    }

    /**
     * As {@link #reapOrphans}, but for siblings, which may be left, so that it takes no longer if the calling thread has
     * many children.
     */
    public static int reapInherited(IntPredicate owned, IntConsumer gone) throws PosixException {
        return reapOrphans(owned, gone, () -> {
            Optional<List<Integer>> inherited = Proc.children(Proc.INHERITED);
            return inherited.isPresent() ? inherited.get() : children();
        });
    }

    @FunctionalInterface
    private interface ChildList {
        List<Integer> children() throws PosixException;
    }

    private static int reapOrphans(IntPredicate owned, IntConsumer gone, ChildList list) throws PosixException {
        int reaped = 0;
        while (true) {
            OptionalInt dead = peekAnyChild();
            if (dead.isEmpty()) {
                return reaped;
            }
            if (owned.test(dead.getAsInt())) {
                return reaped + reapBehindOwned(owned, gone, list.children());
            }
            reapPid(dead.getAsInt());
            gone.accept(dead.getAsInt());
            reaped++;
        }
    }

    /** The kernel goes on offering the owned zombie, so the others are looked for by name. */
    private static int reapBehindOwned(IntPredicate owned, IntConsumer gone, List<Integer> children)
            throws PosixException {
        int reaped = 0;
        for (int child : children) {
            // One whose other threads still run, or that is traced, looks dead and would be waited for.
            if (!owned.test(child) && peekPid(child).isPresent()) {
                reapPid(child);
                gone.accept(child);
                reaped++;
            }
        }
        return reaped;
    }

    /** Those that this process has inherited, and those of the calling thread. */
    private static List<Integer> children() throws PosixException {
        Optional<List<Integer>> inherited = Proc.children(Proc.INHERITED);
        Optional<List<Integer>> started = Proc.children(Proc.STARTED);
        if (inherited.isPresent() && started.isPresent()) {
            return Stream.concat(inherited.get().stream(), started.get().stream())
                    .toList();
        }
        int self = Proc.self();
        return Proc.census().stream()
                .filter(task -> task.ppid() == self && task.isDead())
                .map(Proc.Task::pid)
                .toList();
    }

    private static int waitid(CallFrame frame, int kind, int id, int options) throws PosixException {
        while (true) {
            frame.struct.putInt(SI_PID, 0);
            int result = WAITID.call(frame, kind, id, frame.structAddress, options);
            if (result == 0) {
                return frame.struct.getInt(SI_PID);
            }
            if (frame.lastError() != Errno.EINTR) {
                throw frame.failure("waitid", kindName(kind), id);
            }
        }
    }

    private static String kindName(int kind) {
        return switch (kind) {
            case P_PID -> "P_PID";
            case P_PIDFD -> "P_PIDFD";
            default -> "P_ALL";
        };
    }

    private static ExitStatus status(ByteBuffer info) {
        int status = info.getInt(SI_STATUS);
        int code = info.getInt(SI_CODE);
        return code == CLD_EXITED
                ? new ExitStatus.NormalExit(status)
                : new ExitStatus.KilledBySignal(status, code == CLD_DUMPED);
    }
}
