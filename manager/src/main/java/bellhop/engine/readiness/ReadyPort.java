package bellhop.engine.readiness;

import bellhop.linux.Epoll;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Sockets;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** A TCP port that takes connections. They are closed at once. */
final class ReadyPort extends ReadyPoll {

    private static final Duration SHORTEST = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofMillis(200);
    /** One that has not been answered by then is given up, and tried again. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final EventLoop loop;
    private final Consumer<String> warnings;
    private final List<InetAddress> addresses;
    private final int port;
    private final Map<Integer, EventLoop.Watch> attempts = new HashMap<>();
    private Optional<EventLoop.Timer> limit = Optional.empty();

    /**
     * A port of one address, or of both if it is {@code localhost}.
     *
     * @throws IOException if {@code host} is no literal address
     */
    ReadyPort(EventLoop loop, String host, int port, Runnable ready, Consumer<String> warnings) throws IOException {
        super(loop, SHORTEST, LONGEST, ready);
        this.loop = loop;
        this.addresses = addresses(host);
        this.port = port;
        this.warnings = warnings;
    }

    /** Never looks a name up: that can take seconds. */
    private static List<InetAddress> addresses(String host) throws IOException {
        if (host.equals("localhost")) {
            return List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
        }
        try {
            return List.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "ready: tcp: " + host + " is not an address; expected one such as 127.0.0.1, ::1 or localhost", e);
        }
    }

    @Override
    void ask() {
        for (InetAddress address : addresses) {
            try {
                OptionalInt fd = Sockets.connect(address, port);
                if (fd.isPresent()) {
                    watch(fd.getAsInt());
                }
            } catch (PosixException e) {
                // No IPv6 here, no descriptor left: as one that refuses.
            }
        }
        if (attempts.isEmpty()) {
            answer(false);
        } else {
            limit = Optional.of(loop.after(LIMIT, () -> {
                cancel();
                answer(false);
            }));
        }
    }

    private void watch(int fd) throws PosixException {
        try {
            attempts.put(fd, loop.watch(fd, Epoll.OUT, out -> known(fd)));
        } catch (PosixException e) {
            Fd.close(fd);
            throw e;
        }
    }

    private void known(int fd) {
        boolean works = isConnected(fd);
        close(fd);
        if (works || attempts.isEmpty()) {
            cancel();
            answer(works);
        }
    }

    private static boolean isConnected(int fd) {
        try {
            return Sockets.error(fd) == 0 && !Sockets.isConnectedToItself(fd);
        } catch (PosixException e) {
            return false; // Closed by the other side between the two calls.
        }
    }

    private void close(int fd) {
        EventLoop.Watch watch = attempts.remove(fd);
        if (watch != null) {
            loop.unwatch(watch);
            try {
                Fd.close(fd);
            } catch (PosixException e) {
                warnings.accept(String.valueOf(e.getMessage()));
            }
        }
    }

    @Override
    void cancel() {
        limit.ifPresent(EventLoop.Timer::cancel);
        new ArrayList<>(attempts.keySet()).forEach(this::close);
    }
}
