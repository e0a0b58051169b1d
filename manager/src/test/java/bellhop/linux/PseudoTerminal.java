package bellhop.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A terminal whose other end a test holds: {@code pts(4)}. */
public final class PseudoTerminal implements AutoCloseable {
    // <asm-generic/ioctls.h>
    private static final int TIOCGPTN = 0x80045430;
    private static final int TIOCSPTLCK = 0x40045431;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final CFunction IOCTL = CFunction.named("ioctl");

    private final int fd;
    private final int number;
    private final StringBuilder unread = new StringBuilder();

    /** A new one, unlocked. */
    public PseudoTerminal() throws PosixException {
        fd = Fd.open("/dev/ptmx", Fd.O_RDWR | Fd.O_NOCTTY, 0);
        CallFrame frame = CallFrame.get();
        frame.struct.putInt(0, 0);
        check(IOCTL.call(frame, fd, TIOCSPTLCK, frame.structAddress), frame);
        check(IOCTL.call(frame, fd, TIOCGPTN, frame.structAddress), frame);
        number = frame.struct.getInt(0);
    }

    private static void check(int result, CallFrame frame) throws PosixException {
        if (result < 0) {
            throw frame.failure("ioctl");
        }
    }

    /** The terminal's own file. */
    public Path path() {
        return Path.of("/dev/pts", Integer.toString(number));
    }

    /** Types. */
    public void type(String text) throws PosixException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        while (buffer.hasRemaining()) {
            Fd.write(fd, buffer);
        }
    }

    /** Waits until this is on the screen, after what was waited for before; returns what was there up to its end. */
    public String await(String text) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (Epoll epoll = Epoll.open()) {
            epoll.add(fd, Epoll.IN, 0);
            while (unread.indexOf(text) < 0) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new AssertionError("\"" + text + "\" is not on the screen, only \"" + unread + "\"");
                }
                epoll.await(left, (token, events) -> {});
                readInto(buffer);
            }
        }
        int end = unread.indexOf(text) + text.length();
        String seen = unread.substring(0, end);
        unread.delete(0, end);
        return seen;
    }

    private void readInto(ByteBuffer buffer) throws PosixException {
        buffer.clear();
        try {
            Fd.read(fd, buffer);
            unread.append(StandardCharsets.UTF_8.decode(buffer.flip()));
        } catch (PosixException e) {
            // EIO for as long as nobody has the terminal open, as between two logins.
            if (e.errno() != Errno.EIO) {
                throw e;
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() throws PosixException {
        Fd.close(fd);
    }
}
