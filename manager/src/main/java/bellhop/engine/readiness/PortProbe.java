package bellhop.engine.readiness;

import bellhop.definition.HttpUrl;
import bellhop.definition.Quote;
import bellhop.engine.process.Probes.ProbeOutcome;
import bellhop.linux.Epoll;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Sockets;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks a TCP port whether it takes connections, or by HTTP/1.0 for a page, of whose answer only the status is read
 * (RFC 9112, section 4). Each connection is closed as soon as that is known. {@code localhost} is asked at both its
 * addresses at once, and one good answer suffices.
 */
final class PortProbe {

    /** The most that is read of a status line. */
    private static final int LONGEST_STATUS = 1024;

    private final EventLoop loop;
    private final List<InetAddress> addresses;
    private final int port;
    /** Empty: to connect is all. */
    private final String request;

    private final Consumer<String> warnings;
    private final Map<Integer, Attempt> attempts = new HashMap<>();
    private Optional<EventLoop.Timer> timer = Optional.empty();
    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private Consumer<ProbeOutcome> done = outcome -> {};
    /** Why the attempts so far have failed; of several, one that was answered says more. */
    private String failure = "";

    /** One connection. */
    private final class Attempt {
        final int fd;
        final EventLoop.Watch watch;
        final StringBuilder status = new StringBuilder();
        boolean connected;

        Attempt(int fd) throws PosixException {
            this.fd = fd;
            this.watch = loop.watch(fd, Epoll.OUT, events -> goOn());
        }

        private void goOn() {
            try {
                if (connected) {
                    read();
                } else {
                    connected();
                }
            } catch (PosixException e) {
                failed(this, connected ? "the connection broke: " + Errno.text(e.errno()) : cannotConnect(e.errno()));
            }
        }

        private void connected() throws PosixException {
            int error = Sockets.error(fd);
            if (error == 0 && Sockets.isConnectedToItself(fd)) {
                error = Errno.ECONNREFUSED;
            }
            if (error != 0) {
                failed(this, cannotConnect(error));
                return;
            }
            connected = true;
            if (request.isEmpty()) {
                finish(new ProbeOutcome(true, "", "connected"));
                return;
            }
            // A socket that has sent nothing takes more than the longest request.
            buffer.clear().put(request.getBytes(StandardCharsets.US_ASCII)).flip();
            var _ = Fd.write(fd, buffer);
            loop.rewatch(watch, Epoll.IN);
        }

        private void read() throws PosixException {
            buffer.clear().limit(LONGEST_STATUS - status.length());
            int count = Fd.read(fd, buffer);
            if (count == Fd.WOULD_BLOCK) {
                return;
            }
            buffer.flip();
            boolean isLine = false;
            while (buffer.hasRemaining() && !isLine) {
                char next = (char) (buffer.get() & 0xFF);
                isLine = next == '\n';
                status.append(next);
            }
            if (isLine || count == 0 || status.length() == LONGEST_STATUS) {
                answered(this);
            }
        }
    }

    /** Whether a port takes connections. */
    static PortProbe tcp(EventLoop loop, String host, int port, Consumer<String> warnings) throws IOException {
        return new PortProbe(loop, "ready: tcp", host, port, "", warnings);
    }

    /** What a server answers to a request for a page. */
    static PortProbe http(EventLoop loop, HttpUrl url, Consumer<String> warnings) throws IOException {
        String request = "GET " + url.path() + " HTTP/1.0\r\nHost: " + url.authority()
                + "\r\nUser-Agent: bellhop\r\nAccept: */*\r\n\r\n";
        return new PortProbe(loop, "http", url.host(), url.port(), request, warnings);
    }

    /**
     * Asks nothing yet.
     *
     * @throws IOException if {@code host} is neither a literal address nor {@code localhost}: a name is not looked up,
     *     as that can take seconds
     */
    private PortProbe(EventLoop loop, String key, String host, int port, String request, Consumer<String> warnings)
            throws IOException {
        this.loop = loop;
        this.addresses = addresses(key, host);
        this.port = port;
        this.request = request;
        this.warnings = warnings;
    }

    private static List<InetAddress> addresses(String key, String host) throws IOException {
        if (host.equals("localhost")) {
            return List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
        }
        try {
            return List.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    key + ": " + host + " is not an address; expected one such as 127.0.0.1, ::1 or localhost", e);
        }
    }

    /**
     * Asks once.
     *
     * @param limit when no answer is waited for any longer
     * @param newDone gets the outcome, now or later; not after {@link #cancel}
     */
    void ask(Duration limit, Consumer<ProbeOutcome> newDone) {
        done = newDone;
        failure = "";
        if (!request.isEmpty() && !buffer.isDirect()) {
            buffer = ByteBuffer.allocateDirect(Math.max(LONGEST_STATUS, request.length()));
        }
        timer = Optional.of(loop.after(
                limit,
                () -> finish(new ProbeOutcome(
                        false,
                        "",
                        "timed out after " + String.format(Locale.ROOT, "%.1f s", limit.toMillis() / 1e3)))));
        for (InetAddress address : addresses) {
            try {
                attempt(Sockets.connect(address, port));
            } catch (PosixException e) { // refused at once, no IPv6 here, no descriptor left
                failure = failure.isEmpty() ? cannotConnect(e.errno()) : failure;
            }
        }
        if (attempts.isEmpty()) {
            finish(new ProbeOutcome(false, "", failure));
        }
    }

    private void attempt(int fd) throws PosixException {
        try {
            attempts.put(fd, new Attempt(fd));
        } catch (PosixException e) {
            Fd.close(fd);
            throw e;
        }
    }

    private static String cannotConnect(int errno) {
        return "cannot connect: " + Errno.text(errno);
    }

    private void answered(Attempt attempt) {
        String line = Quote.onOneLine(attempt.status.toString().strip());
        String[] words = line.split(" +", 2);
        boolean isHttp = words.length == 2 && words[0].startsWith("HTTP/") && words[1].matches("[1-5][0-9]{2}( .*)?");
        if (!isHttp) {
            failed(attempt, line.isEmpty() ? "closed the connection without an answer" : "did not answer by HTTP");
        } else if (words[1].charAt(0) == '2' || words[1].charAt(0) == '3') {
            finish(new ProbeOutcome(true, "", "answered " + words[1]));
        } else {
            failed(attempt, "answered " + words[1]);
        }
    }

    private void failed(Attempt attempt, String why) {
        if (attempt.connected || failure.isEmpty()) {
            failure = why;
        }
        close(attempt);
        if (attempts.isEmpty()) {
            finish(new ProbeOutcome(false, "", failure));
        }
    }

    private void finish(ProbeOutcome outcome) {
        cancel();
        done.accept(outcome);
    }

    /** Lets go of what is still being asked. */
    void cancel() {
        timer.ifPresent(EventLoop.Timer::cancel);
        timer = Optional.empty();
        new ArrayList<>(attempts.values()).forEach(this::close);
    }

    private void close(Attempt attempt) {
        attempts.remove(attempt.fd);
        loop.unwatch(attempt.watch);
        try {
            Fd.close(attempt.fd);
        } catch (PosixException e) {
            warnings.accept(String.valueOf(e.getMessage()));
        }
    }
}
