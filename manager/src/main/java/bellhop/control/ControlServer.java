package bellhop.control;

import bellhop.linux.Epoll;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/** The way in by the Unix stream socket {@code control.sock}. */
public final class ControlServer implements AutoCloseable {

    /** The longest request, with its newline. */
    static final int LONGEST_REQUEST = 1 << 16;

    /**
     * Open connections, of 1,024 descriptors that a process usually has; past it, those who have been
     * silent longest go.
     */
    static final int MOST_CONNECTIONS = 600;

    private static final int USAGE = 64;
    private static final int TRY_LATER = 75;

    private final ControlLoop loop;
    private final RequestHandler handler;
    private final ListeningSocket listener;
    private final Set<Connection> busy = new LinkedHashSet<>();
    /** Those without a request in progress, the one that is so for the longest time first. */
    private final Set<Connection> idle = new LinkedHashSet<>();

    private boolean closing;

    private ControlServer(ControlLoop loop, Path socket, Access access, RequestHandler handler) throws IOException {
        this.loop = loop;
        this.handler = handler;
        this.listener = ListeningSocket.open(loop, socket, access, this::accept);
    }

    /**
     * Listens at {@code socket} and takes requests from now on. Any thread may call this; it loads the
     * socket library.
     *
     * @throws ControlException if the path is too long, or something is there that must not go
     */
    public static ControlServer open(ControlLoop loop, Path socket, Access access, RequestHandler handler)
            throws IOException {
        return new ControlServer(loop, socket, access, handler);
    }

    /** Takes no more requests and removes the socket; answers under way are still sent. */
    @Override
    public void close() {
        loop.execute(() -> {
            closing = true;
            listener.close();
            for (Connection connection : Set.copyOf(idle)) {
                connection.finish();
            }
        });
    }

    /** Makes a socket and closes it: fails if a socket could not be made, also for lack of the native library. */
    public static void tryOut() throws IOException {
        AFUNIXServerSocketChannel.open().close();
    }

    private void accept(ListeningSocket.Connected connected) throws IOException {
        if (busy.size() + idle.size() >= MOST_CONNECTIONS) {
            if (idle.isEmpty()) {
                refuse(connected);
                return;
            }
            idle.iterator().next().drop("there are " + MOST_CONNECTIONS + " connections, and it was silent longest");
        }
        try {
            idle.add(new Connection(connected));
        } catch (PosixException e) {
            connected.channel().close();
            throw e;
        }
    }

    private void refuse(ListeningSocket.Connected connected) throws IOException {
        try (AFUNIXSocketChannel channel = connected.channel()) {
            channel.write(ByteBuffer.wrap(Exchange.refusal(
                    "too many requests are waiting (" + MOST_CONNECTIONS + "); try again later", TRY_LATER)));
        }
    }

    /** One client: its requests, one after the other. */
    private final class Connection extends Wire {

        private static final byte[] NOTHING = {};

        private final AFUNIXSocketChannel channel;
        /** Input that is not yet a request: from {@link #start} to {@link #end}. */
        private byte[] input = NOTHING;

        private int start;
        private int end;
        /** Inside a line that was too long, and is answered already. */
        private boolean skipping;

        private @Nullable Exchange exchange;

        Connection(ListeningSocket.Connected connected) throws PosixException {
            super(loop, connected.peer(), connected.fd(), Epoll.IN);
            this.channel = connected.channel();
        }

        @Override
        void readable() throws PosixException {
            ByteBuffer bytes = loop.scratch();
            int count = Fd.read(fd(), bytes);
            if (count == 0) {
                finish();
            } else if (count > 0) {
                append(bytes.flip());
                nextRequest();
                loop.limitQueues();
            }
        }

        @Override
        int unread() {
            return input.length;
        }

        private void append(ByteBuffer bytes) {
            byte[] joined = new byte[end - start + bytes.remaining()];
            System.arraycopy(input, start, joined, 0, end - start);
            bytes.get(joined, end - start, bytes.remaining());
            keep(joined, 0);
        }

        private void keep(byte[] bytes, int from) {
            boolean nothing = from == bytes.length;
            input = nothing ? NOTHING : bytes;
            start = nothing ? 0 : from;
            end = nothing ? 0 : bytes.length;
        }

        /** Begins the next request, if a whole one is there and none is in progress. */
        private void nextRequest() {
            while (exchange == null && isOpen()) {
                int newline = start;
                while (newline < end && input[newline] != '\n') {
                    newline++;
                }
                if (newline == end) {
                    limit();
                    break;
                }
                byte[] line = Arrays.copyOfRange(input, start, newline);
                keep(input, newline + 1);
                if (!skipping) {
                    request(line);
                }
                skipping = false;
            }
            if (isOpen()) {
                read(exchange == null);
            }
        }

        private void limit() {
            if (!skipping && end - start >= LONGEST_REQUEST) {
                skipping = true;
                send(Exchange.refusal("the request is longer than " + LONGEST_REQUEST + " bytes", USAGE));
            }
            if (skipping) {
                keep(NOTHING, 0);
            }
        }

        private void request(byte[] line) {
            if (line.length >= LONGEST_REQUEST) {
                send(Exchange.refusal("the request is longer than " + LONGEST_REQUEST + " bytes", USAGE));
                return;
            }
            String text = new String(line, StandardCharsets.UTF_8);
            if (text.isBlank()) {
                return;
            }
            try {
                var words = RequestLine.parse(text);
                Exchange begun = new Exchange(this, this::answered);
                exchange = begun;
                idle.remove(this);
                busy.add(this);
                begun.begin(handler, words);
            } catch (MalformedRequestException e) {
                send(Exchange.refusal(e.getMessage(), USAGE));
            }
        }

        private void answered() {
            exchange = null;
            busy.remove(this);
            if (!isOpen()) {
                return;
            }
            if (closing) {
                finish();
                return;
            }
            idle.add(this);
            nextRequest();
        }

        @Override
        void hasRoom() {
            if (exchange != null) {
                exchange.hasRoom();
            }
        }

        @Override
        void gone() {
            if (exchange != null) {
                exchange.gone();
            }
        }

        @Override
        void release() {
            idle.remove(this);
            busy.remove(this);
            keep(NOTHING, 0); // whoever has the request still knows this connection
            try {
                channel.close();
            } catch (IOException e) {
                loop.log("control: " + e.getMessage());
            }
        }
    }
}
