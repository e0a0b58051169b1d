package bellhop.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The memory of one call: where {@code errno} is left, one path and one small struct. Every thread
 * has its own and uses it again for its next call, so that calls make no garbage and no two threads
 * ever see each other's {@code errno}. What is in it lasts until the thread's next call.
 */
final class CallFrame {

    private static final int PATH_MAX = 4096;
    private static final int STRUCT_MAX = 256;
    private static final MemoryLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(PathElement.groupElement("errno"));
    private static final ThreadLocal<CallFrame> OF_THREAD = ThreadLocal.withInitial(CallFrame::new);

    /** Given to every handle of {@link Native#function} as its first argument. */
    final MemorySegment errno;
    /** Room for one struct of at most 256 bytes, in or out; what the last call left is still in it. */
    final MemorySegment struct;

    private final MemorySegment path;

    private CallFrame() {
        Arena untilTheThreadIsGone = Arena.ofAuto();
        errno = untilTheThreadIsGone.allocate(CAPTURE);
        struct = untilTheThreadIsGone.allocate(STRUCT_MAX, Long.BYTES);
        path = untilTheThreadIsGone.allocate(PATH_MAX, 1);
    }

    /** This thread's frame. */
    static CallFrame get() {
        return OF_THREAD.get();
    }

    /**
     * The path as C wants it.
     *
     * @throws PosixException with ENAMETOOLONG or EINVAL if no system call could take it
     */
    MemorySegment path(String call, String text) throws PosixException {
        byte[] bytes = Text.encode(text);
        if (bytes.length >= PATH_MAX) {
            throw new PosixException(call, Errno.ENAMETOOLONG, text.substring(0, 60) + "...");
        }
        if (text.indexOf('\0') >= 0) {
            throw new PosixException(call, Errno.EINVAL, text.replace("\0", "\\0"));
        }
        MemorySegment.copy(bytes, 0, path, ValueLayout.JAVA_BYTE, 0, bytes.length);
        path.set(ValueLayout.JAVA_BYTE, bytes.length, (byte) 0);
        return path;
    }

    /** What the last call of this thread left. */
    int lastError() {
        return (int) ERRNO.get(errno, 0L);
    }

    /** The failure of the last call of this thread. */
    PosixException failure(String call, Object... arguments) {
        StringBuilder text = new StringBuilder();
        for (Object argument : arguments) {
            text.append(text.isEmpty() ? "" : ", ").append(argument);
        }
        return new PosixException(call, lastError(), text.toString());
    }
}
