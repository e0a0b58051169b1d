package bellhop.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The other end of a serial line of the guest, where a person would sit. */
final class SerialLine implements AutoCloseable {

    private final SocketChannel channel;
    private final StringBuilder read = new StringBuilder();
    private boolean ended;

    SerialLine(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try {
            while (channel.read(buffer.clear()) >= 0) {
                add(StandardCharsets.ISO_8859_1.decode(buffer.flip()).toString());
            }
        } catch (IOException e) {
            // As at its end: closed here, or pulled.
        }
        synchronized (this) {
            ended = true;
            notifyAll();
        }
    }

    private synchronized void add(String text) {
        read.append(text);
        notifyAll();
    }

    /** What the guest has written so far. */
    synchronized String text() {
        return read.toString();
    }

    /** Waits until the guest has written this. */
    synchronized void await(String text) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Machine.LIMIT);
        while (read.indexOf(text) < 0) {
            long left = end - System.nanoTime();
            if (left <= 0 || ended) {
                throw new AssertionError("waited for \"" + text + "\" on the line, which has: " + read);
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    /** Types. */
    void type(String text) {
        try {
            channel.write(StandardCharsets.UTF_8.encode(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
