package bellhop.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Secret texts from the kernel's random numbers: {@code SecureRandom} would cost a program some 30 ms at its start. */
public final class Secrets {

    private static final int BYTES = 16;
    private static final int GRND_NONBLOCK = 1;
    private static final CFunction GETRANDOM = CFunction.named("getrandom");

    private Secrets() {}

    /** Another one at each call: 32 hexadecimal digits. */
    public static String next() {
        CallFrame frame = CallFrame.get();
        byte[] bytes = new byte[BYTES];
        // Without waiting: early in a boot the kernel may have gathered nothing yet, and everything would wait for us.
        if (GETRANDOM.callLong(frame, frame.structAddress, BYTES, GRND_NONBLOCK) == BYTES) {
            frame.struct.get(0, bytes);
        } else {
            readDevice(bytes);
        }
        return HexFormat.of().formatHex(bytes);
    }

    /** It never waits, and gives what there is. */
    private static void readDevice(byte[] bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(BYTES);
            int fd = Fd.open("/dev/urandom", Fd.O_RDONLY, 0);
            try {
                if (Fd.read(fd, memory) != BYTES) {
                    throw new IllegalStateException("/dev/urandom gave less than " + BYTES + " bytes");
                }
            } finally {
                Fd.close(fd);
            }
            ByteBuffer.wrap(bytes).put(memory.asByteBuffer());
        } catch (PosixException e) {
            throw new IllegalStateException("cannot get random numbers: " + e.getMessage(), e);
        }
    }
}
