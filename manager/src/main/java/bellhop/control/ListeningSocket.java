package bellhop.control;

import bellhop.linux.Epoll;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Sockets;
import bellhop.linux.Stat;
import bellhop.loop.EventLoop;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketCredentials;
import org.newsclub.net.unix.FileDescriptorCast;
import org.newsclub.net.unix.InvalidSocketException;

/** A Unix stream socket that listens at a path. */
final class ListeningSocket {

    private static final int BACKLOG = 128;
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** One who has connected. */
    record Connected(AFUNIXSocketChannel channel, int fd, Peer peer) {}

    /** Takes those who connect. */
    @FunctionalInterface
    interface Acceptor {
        /** Owns the channel from now on, even if this throws. */
        void accept(Connected connected) throws IOException;
    }

    private final ControlLoop loop;
    private final Path path;
    private final AFUNIXServerSocketChannel channel;
    private final int fd;
    private final Stat file;
    private final Acceptor acceptor;
    private Optional<EventLoop.Watch> watch = Optional.empty();
    private boolean open = true;
    /** Since accepting failed, until it succeeds. */
    private boolean failing;

    private ListeningSocket(ControlLoop loop, Path path, AFUNIXServerSocketChannel channel, Acceptor acceptor)
            throws IOException {
        this.loop = loop;
        this.path = path;
        this.channel = channel;
        this.fd = number(channel.getFileDescriptor());
        this.file = Fd.lstat(path);
        this.acceptor = acceptor;
    }

    /**
     * Listens; replaces a socket without a listener. Any thread may call this, and no two
     * at once for one path.
     *
     * @throws ControlException if another process listens there, if something else is there, or if the path
     *     is too long
     */
    static ListeningSocket open(ControlLoop loop, Path path, Access access, Acceptor acceptor) throws IOException {
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > RunDir.LONGEST_SOCKET_PATH) {
            throw new ControlException(
                    path + ": too long for a socket: " + length + " bytes of at most " + RunDir.LONGEST_SOCKET_PATH);
        }
        removeStale(path);
        AFUNIXServerSocketChannel channel = AFUNIXServerSocketChannel.open();
        try {
            channel.configureBlocking(false);
            if ((Object) channel.socket() instanceof AFUNIXServerSocket socket) {
                // Left to itself the library removes whatever file is in its way.
                socket.setReuseAddress(false);
                socket.setDeleteOnClose(false);
            }
            try {
                channel.bind(AFUNIXSocketAddress.of(path), BACKLOG);
            } catch (IOException e) {
                throw new ControlException(path + ": cannot listen: " + e.getMessage(), e);
            }
            access.allowReadingAndWriting(path);
            // A client that connected before the mode was set may be any user's.
            for (AFUNIXSocketChannel early = channel.accept(); early != null; early = channel.accept()) {
                early.close();
            }
            ListeningSocket listener = new ListeningSocket(loop, path, channel, acceptor);
            loop.execute(listener::resume);
            return listener;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void removeStale(Path path) throws IOException {
        try {
            if (!Fd.lstat(path).isSocket()) {
                throw new ControlException(path + ": exists and is not a socket");
            }
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return;
            }
            throw e;
        }
        if (isListening(path)) {
            throw new ControlException(path + ": another process already listens there");
        }
        Files.deleteIfExists(path);
    }

    /**
     * Whether a process listens there. Connecting might be a command, so this asks with a socket of
     * another kind: the kernel refuses it for its kind if there is a listener, and for the missing
     * listener otherwise.
     */
    private static boolean isListening(Path path) throws IOException {
        try (AFUNIXDatagramSocket probe = AFUNIXDatagramSocket.newInstance()) {
            probe.connect(AFUNIXSocketAddress.of(path));
            return true;
        } catch (InvalidSocketException wrongKind) {
            return true;
        } catch (IOException nobody) {
            return false;
        }
    }

    /** Listens no more and removes the path, if it is still this one's. Who has connected by then is accepted. */
    void close() {
        if (!open) {
            return;
        }
        open = false;
        try {
            acceptTheLast();
            pause();
            channel.close();
            if (isStillThere()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            loop.log("control: " + path + ": " + e.getMessage());
        }
    }

    /** Nobody may connect behind the last look: the kernel would cut the connection without a word. */
    private void acceptTheLast() throws PosixException {
        if (!channel.isOpen()) {
            return;
        }
        Sockets.refuseClients(fd);
        try {
            for (Optional<Connected> next = next(); next.isPresent(); next = next()) {
                acceptor.accept(next.get());
            }
        } catch (IOException noMore) {
            // EINVAL: nobody is left, and nobody can come
        }
    }

    private boolean isStillThere() throws PosixException {
        try {
            Stat now = Fd.lstat(path);
            return now.ino() == file.ino() && now.dev() == file.dev();
        } catch (PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    private void pause() {
        watch.ifPresent(channel.isOpen() ? loop.events()::unwatch : loop.events()::forget);
        watch = Optional.empty();
    }

    private void resume() {
        if (!open) {
            return;
        }
        try {
            watch = Optional.of(loop.events().watch(fd, Epoll.IN, events -> acceptSome()));
        } catch (PosixException e) {
            loop.log("control: " + path + ": " + e.getMessage());
        }
    }

    /** No more than were waiting when it began: who connects again and again would keep everybody else waiting. */
    private void acceptSome() {
        try {
            for (int i = 0; i < BACKLOG; i++) {
                Optional<Connected> next = next();
                if (next.isEmpty()) {
                    return;
                }
                acceptor.accept(next.get());
                failing = false;
            }
        } catch (IOException e) {
            if (!channel.isOpen()) {
                // The library has closed it, for its path is gone.
                loop.log("control: " + path + ": was removed; new clients cannot connect");
                pause();
                open = false;
                return;
            }
            // Most likely no descriptor is left: without the pause this would be tried without end.
            if (!failing) {
                loop.log("control: " + path + ": cannot accept, trying again: " + e.getMessage());
            }
            failing = true;
            pause();
            loop.after(PAUSE, this::resume);
        }
    }

    private Optional<Connected> next() throws IOException {
        AFUNIXSocketChannel client = channel.accept();
        if (client == null) {
            return Optional.empty();
        }
        try {
            client.configureBlocking(false);
            AFUNIXSocketCredentials credentials = client.getPeerCredentials();
            Peer peer =
                    new Peer((int) credentials.getUid(), (int) credentials.getGid(), (int) credentials.getPid(), false);
            return Optional.of(new Connected(client, number(client.getFileDescriptor()), peer));
        } catch (IOException | RuntimeException e) {
            client.close();
            throw e;
        }
    }

    private static int number(FileDescriptor descriptor) throws IOException {
        return FileDescriptorCast.using(descriptor).as(Integer.class);
    }
}
