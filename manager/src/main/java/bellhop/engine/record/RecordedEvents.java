package bellhop.engine.record;

import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * The events that were recorded at one moment, in files that are open. May be read once, by any thread, and has to be
 * closed.
 *
 * @param older the descriptor of the older file, -1 if there is none
 * @param newer that of the newer one, likewise
 * @param size how many bytes the newer one had at that moment; it may grow while it is read
 */
public record RecordedEvents(int older, int newer, long size) implements AutoCloseable {

    /**
     * Reads them, the oldest first. What is no event, or half a one, is left out.
     *
     * @throws IOException if a file cannot be read
     */
    public void read(Consumer<EventLine> taker) throws IOException {
        read(older, EventLog.HALF, taker);
        read(newer, Math.min(size, EventLog.HALF), taker);
    }

    private static void read(int fd, long most, Consumer<EventLine> taker) throws IOException {
        if (fd < 0) {
            return;
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(8192);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        long left = most;
        int count = 1;
        while (left > 0 && count > 0) {
            count = Fd.read(fd, buffer.clear().limit((int) Math.min(buffer.capacity(), left)));
            left -= count;
            buffer.flip();
            while (buffer.hasRemaining()) {
                byte next = buffer.get();
                if (next == '\n') {
                    EventLine.parse(line.toString(StandardCharsets.UTF_8)).ifPresent(taker);
                    line.reset();
                } else {
                    line.write(next);
                }
            }
        }
    }

    @Override
    public void close() throws PosixException {
        try {
            close(older);
        } finally {
            close(newer);
        }
    }

    private static void close(int fd) throws PosixException {
        if (fd >= 0) {
            Fd.close(fd);
        }
    }
}
