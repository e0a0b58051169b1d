package bellhop.vm;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** One of the emulator's sockets, line by line: all that came is kept, and can be waited for. */
final class Lines implements AutoCloseable {

    private final SocketChannel channel;
    private final BufferedWriter writer;
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    private Lines(SocketChannel channel) {
        this.channel = channel;
        writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
        Thread.ofVirtual().start(this::read);
    }

    static Lines of(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new Lines(channel);
    }

    private void read() {
        try (BufferedReader reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                add(line);
            }
        } catch (IOException e) {
            // As at its end: closed here, or the emulator has gone.
        }
        end();
    }

    private synchronized void add(String line) {
        lines.add(line);
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    void write(String line) {
        try {
            writer.write(line + "\n");
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that came so far. */
    synchronized List<String> all() {
        return List.copyOf(lines);
    }

    synchronized int count() {
        return lines.size();
    }

    /**
     * Waits for a line.
     *
     * @param from how many of those that came first do not count
     * @return its number, from 0
     * @throws TimeoutException if none came in time, or none can come any more
     */
    synchronized int await(int from, Predicate<String> wanted, long seconds) throws TimeoutException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (int next = from; ; ) {
            for (; next < lines.size(); next++) {
                if (wanted.test(lines.get(next))) {
                    return next;
                }
            }
            long left = end - System.nanoTime();
            if (left <= 0 || ended) {
                throw new TimeoutException(ended ? "the machine has ended" : "not within " + seconds + " s");
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    synchronized String get(int number) {
        return lines.get(number);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
