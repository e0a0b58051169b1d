package bellhop.control;

import bellhop.linux.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/**
 * The sockets of single services, as {@code escort} has one: to connect is to ask for the stop, and the
 * answer is {@code stopped}, or {@code failed: } and why. Any thread may call these methods.
 */
public final class ControlSockets implements AutoCloseable {

    /** The good answer. */
    public static final String STOPPED = "stopped";

    /** The beginning of the other answer. */
    public static final String FAILED = "failed: ";

    private final ControlLoop loop;
    private final Access access;
    private final Map<Path, ListeningSocket> listeners = new ConcurrentHashMap<>();

    /**
     * With no socket yet.
     *
     * @param access who may connect
     */
    public ControlSockets(ControlLoop loop, Access access) {
        this.loop = loop;
        this.access = access;
    }

    /**
     * Listens at {@code socket}; one that a process left behind when it was killed is replaced. No two
     * processes must do this at once for one path.
     *
     * @param onConnect called for each who connects, on the thread {@code bellhop-control}; must not block
     * @throws ControlException if the path is too long, another process listens there, or something else is there
     */
    public void open(Path socket, Consumer<StopClient> onConnect) throws IOException {
        ListeningSocket listener = ListeningSocket.open(
                loop, socket, access, connected -> onConnect.accept(new StopConnection(loop, connected)));
        ListeningSocket former = listeners.put(socket, listener);
        if (former != null) {
            loop.execute(former::close);
        }
    }

    /** Listens there no more and removes the path; those who wait keep waiting for their answer. */
    public void close(Path socket) {
        ListeningSocket listener = listeners.remove(socket);
        if (listener != null) {
            loop.execute(listener::close);
        }
    }

    /** Closes all of them. */
    @Override
    public void close() {
        listeners.keySet().forEach(this::close);
    }

    private static final class StopConnection extends Wire implements StopClient {

        private final AFUNIXSocketChannel channel;

        StopConnection(ControlLoop loop, ListeningSocket.Connected connected) throws PosixException {
            super(loop, connected.peer(), connected.fd(), 0);
            this.channel = connected.channel();
        }

        @Override
        public void stopped() {
            answer(STOPPED);
        }

        @Override
        public void failed(String why) {
            answer(FAILED + why.replace('\n', ' '));
        }

        private void answer(String line) {
            loop().execute(() -> {
                send((line + "\n").getBytes(StandardCharsets.UTF_8));
                finish();
            });
        }

        @Override
        void readable() {}

        @Override
        void hasRoom() {}

        @Override
        void gone() {}

        @Override
        void release() {
            try {
                channel.close();
            } catch (IOException e) {
                loop().log("control: " + e.getMessage());
            }
        }
    }
}
