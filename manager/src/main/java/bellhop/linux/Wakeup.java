package bellhop.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Wakes the thread that waits in an {@link Epoll}, from any thread; an {@code eventfd(2)}. */
public final class Wakeup implements AutoCloseable {

    private final int fd;
    /** What is added to the counter, and where it is read to: 64 bits each. */
    private final MemorySegment one;

    private final MemorySegment counted;

    private Wakeup(int fd) {
        this.fd = fd;
        Arena arena = Arena.ofAuto();
        this.one = arena.allocate(Long.BYTES, Long.BYTES);
        this.counted = arena.allocate(Long.BYTES, Long.BYTES);
        CallFrame.buffer(one).putLong(0, 1);
    }

    /** A new one, not woken. */
    public static Wakeup open() throws PosixException {
        return new Wakeup(Fd.eventfd());
    }

    /** Wraps an existing eventfd. */
    static Wakeup at(int fd) {
        return new Wakeup(fd);
    }

    /** To be added to the epoll with {@link Epoll#IN}. */
    public int fd() {
        return fd;
    }

    /** Makes {@link #fd} ready to read until it is drained. Any thread, never blocks. */
    public void wake() throws PosixException {
        Fd.write(fd, one);
    }

    /** Takes back every wake until now; the waiting thread calls it before it looks at what there is to do. */
    public void drain() throws PosixException {
        Fd.read(fd, counted);
    }

    @Override
    public void close() throws PosixException {
        Fd.close(fd);
    }
}
