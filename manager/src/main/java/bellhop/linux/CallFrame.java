package bellhop.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The memory of one call: for {@code errno}, one path and one small struct. Every thread
 * has its own and uses it again for its next call, so that calls make no garbage and no two threads
 * ever see each other's {@code errno}. What is in it lasts until the thread's next call.
 */
final class CallFrame {

    static final int PATH_MAX = 4096;
    private static final int STRUCT_MAX = 256;
    private static final ThreadLocal<CallFrame> OF_THREAD = new ThreadLocal<>() {
        @Override
        protected CallFrame initialValue() {
            return new CallFrame();
        }
    };

    /** Where the linker puts {@code errno} after each call. */
    final MemorySegment errno;
    /** Room for one struct of at most 256 bytes, in or out; what the last call left is still in it. */
    final ByteBuffer struct;
    /** Where {@link #struct} is. */
    final long structAddress;

    private final ByteBuffer capture;
    private final ByteBuffer path;
    private final long pathAddress;

    private CallFrame() {
        Arena untilTheThreadIsGone = Arena.ofAuto();
        errno = untilTheThreadIsGone.allocate(Linker.Option.captureStateLayout());
        capture = buffer(errno);
        MemorySegment structMemory = untilTheThreadIsGone.allocate(STRUCT_MAX, Long.BYTES);
        struct = buffer(structMemory);
        structAddress = structMemory.address();
        MemorySegment pathMemory = untilTheThreadIsGone.allocate(PATH_MAX, 1);
        path = buffer(pathMemory);
        pathAddress = pathMemory.address();
    }

    /** The memory as numbers of this machine. A buffer needs no {@code VarHandle}, which is slow to make. */
    static ByteBuffer buffer(MemorySegment memory) {
        return memory.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** A text as C wants it: its bytes, and a zero after them. */
    static MemorySegment string(Arena arena, byte[] bytes) {
        MemorySegment memory = arena.allocate(bytes.length + 1L);
        buffer(memory).put(0, bytes);
        return memory;
    }

    /** This thread's frame. */
    static CallFrame get() {
        return OF_THREAD.get();
    }

    /**
     * Where the path is, as C wants it.
     *
     * @throws PosixException with ENAMETOOLONG or EINVAL if no system call could take it
     */
    long path(String call, String text) throws PosixException {
        byte[] bytes = CText.encode(text);
        if (bytes.length >= PATH_MAX) {
            throw new PosixException(call, Errno.ENAMETOOLONG, text.substring(0, 60) + "...");
        }
        if (text.indexOf('\0') >= 0) {
            throw new PosixException(call, Errno.EINVAL, text.replace("\0", "\\0"));
        }
        path.put(0, bytes).put(bytes.length, (byte) 0);
        return pathAddress;
    }

    /** The errno that the last call of this thread left. */
    int lastError() {
        return capture.getInt(0);
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
