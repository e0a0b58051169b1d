package bellhop.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * {@code epoll(7)}: waits for many descriptors at once. One thread calls {@link #await}; any may add,
 * modify and remove.
 */
public final class Epoll implements AutoCloseable {

    // <sys/epoll.h>
    public static final int IN = 0x1;
    public static final int OUT = 0x4;
    /** Always waited for. */
    public static final int ERR = 0x8;
    /** Always waited for. */
    public static final int HUP = 0x10;

    public static final int RDHUP = 0x2000;
    /** Edge-triggered: reported once for each change. */
    public static final int ET = 1 << 31;

    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLL_CTL_MOD = 3;

    private static final int MAX_EVENTS = 64;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final EpollEvent LAYOUT = EpollEvent.of(Architecture.THIS);

    private static final CFunction CREATE = CFunction.named("epoll_create1");
    private static final CFunction CTL = CFunction.named("epoll_ctl");
    private static final CFunction WAIT = CFunction.named("epoll_wait");

    private final int fd;
    private int room = MAX_EVENTS;
    private ByteBuffer events;
    private long eventsAddress;
    private int found;

    /** Handles a ready descriptor. */
    @FunctionalInterface
    public interface Handler {
        /**
         * A descriptor is ready. It may have been removed by the handling of one before it in the same
         * round: after a removal, its token must be known as stale.
         *
         * @param token as it was added
         * @param events {@link #IN}, {@link #OUT}, {@link #ERR}, {@link #HUP}
         */
        void ready(long token, int events);
    }

    private Epoll(int fd) {
        this.fd = fd;
        MemorySegment memory = memory(room);
        this.events = CallFrame.buffer(memory);
        this.eventsAddress = memory.address();
    }

    private static MemorySegment memory(int events) {
        return Arena.ofAuto().allocate((long) LAYOUT.size() * events, Long.BYTES);
    }

    /** A new one with nothing in it. */
    public static Epoll open() throws PosixException {
        CallFrame frame = CallFrame.get();
        int fd = CREATE.call(frame, Fd.O_CLOEXEC);
        if (fd < 0) {
            throw frame.failure("epoll_create1");
        }
        return new Epoll(fd);
    }

    /** Waits for the descriptor too, until it is removed or closed (every duplicate of it). */
    public void add(int fd, int events, long token) throws PosixException {
        control(EPOLL_CTL_ADD, "EPOLL_CTL_ADD", fd, events, token);
    }

    /** Waits for other events of it, or with another token. */
    public void modify(int fd, int events, long token) throws PosixException {
        control(EPOLL_CTL_MOD, "EPOLL_CTL_MOD", fd, events, token);
    }

    /** Waits for it no more. */
    public void remove(int fd) throws PosixException {
        control(EPOLL_CTL_DEL, "EPOLL_CTL_DEL", fd, 0, 0);
    }

    private void control(int operation, String name, int watched, int events, long token) throws PosixException {
        CallFrame frame = CallFrame.get();
        frame.struct.putInt(EpollEvent.EVENTS, events);
        frame.struct.putLong(LAYOUT.data(), token);
        int result = CTL.call(frame, fd, operation, watched, frame.structAddress);
        if (result < 0) {
            throw frame.failure("epoll_ctl", name, watched);
        }
    }

    /**
     * Waits until something is ready or the time is over, and calls the handler for each, at most 64.
     *
     * @param timeoutNanos the longest wait, rounded up to whole milliseconds; below 0 forever
     * @return how many were ready; 0 also after a signal to this thread
     */
    public int await(long timeoutNanos, Handler handler) throws PosixException {
        if (!isInterrupted(timeoutNanos)) {
            tell(handler);
        }
        return found;
    }

    /**
     * Waits until something is ready or the time is over, and takes note of all that is ready by then, each once;
     * {@link #tell} reports it. A signal to this thread ends the wait, and hides nothing: a process that was stopped
     * and goes on gets out of its wait like that, and much may have come meanwhile.
     *
     * @param timeoutNanos the longest wait, rounded up to whole milliseconds; below 0 forever
     * @param watched how many are waited for
     */
    public void awaitAll(long timeoutNanos, int watched) throws PosixException {
        makeRoom(watched);
        boolean again = isInterrupted(timeoutNanos);
        while (again) {
            again = isInterrupted(0);
        }
    }

    private void makeRoom(int watched) {
        if (room < watched) {
            room = Math.max(watched, 2 * room);
            MemorySegment memory = memory(room);
            events = CallFrame.buffer(memory);
            eventsAddress = memory.address();
        }
    }

    private boolean isInterrupted(long timeoutNanos) throws PosixException {
        CallFrame frame = CallFrame.get();
        found = WAIT.call(frame, fd, eventsAddress, room, millis(timeoutNanos));
        if (found >= 0) {
            return false;
        }
        found = 0;
        if (frame.lastError() == Errno.EINTR) {
            return true;
        }
        throw frame.failure("epoll_wait", fd);
    }

    /** Tells of what was ready when the last wait ended. */
    public void tell(Handler handler) {
        for (int i = 0; i < found; i++) {
            int event = i * LAYOUT.size();
            handler.ready(events.getLong(event + LAYOUT.data()), events.getInt(event + EpollEvent.EVENTS));
        }
    }

    /** Rounded up, so that a deadline has passed when the wait for it ends. */
    static int millis(long nanos) {
        if (nanos < 0) {
            return -1;
        }
        return (int) Math.min(Math.ceilDiv(nanos, NANOS_PER_MILLI), Integer.MAX_VALUE);
    }

    /** Closes it; what was in it stays open. Not while a thread waits. */
    @Override
    public void close() throws PosixException {
        Fd.close(fd);
    }
}
