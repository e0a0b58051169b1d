package bellhop.linux;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Sockets by descriptor, {@code socket(2)}: those by which Bellhop receives the reports of its services. Each is
 * close-on-exec and never waits.
 */
public final class Sockets {

    /** The longest path that a Unix socket can have, in bytes. */
    public static final int PATH_MAX = SocketAddress.UNIX_PATH_MAX;

    // <bits/socket.h>
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SHUT_RD = 0;

    // <asm-generic/socket.h>
    static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int SO_PASSCRED = 16;

    /** Where the value of an option, or the length of an address, lies behind what else is in the frame. */
    private static final int BEHIND = 128;

    private static final CFunction SOCKET = CFunction.named("socket");
    private static final CFunction BIND = CFunction.named("bind");
    private static final CFunction CONNECT = CFunction.named("connect");
    private static final CFunction SHUTDOWN = CFunction.named("shutdown");
    private static final CFunction SETSOCKOPT = CFunction.named("setsockopt");
    private static final CFunction GETSOCKOPT = CFunction.named("getsockopt");
    private static final CFunction GETSOCKNAME = CFunction.named("getsockname");
    private static final CFunction GETPEERNAME = CFunction.named("getpeername");

    private Sockets() {}

    /**
     * Makes a Unix datagram socket that identifies the sender of each datagram.
     *
     * @param path its path, which must not exist yet. Its mode is 0777 less the umask
     * @return the descriptor, to be read by a {@link DatagramReader}
     * @throws PosixException with ENAMETOOLONG if the path has more than {@link #PATH_MAX} bytes
     */
    public static int datagrams(Path path) throws PosixException {
        int fd = socket(AF_UNIX, SOCK_DGRAM);
        try {
            CallFrame frame = CallFrame.get();
            frame.struct.putInt(0, 1);
            int set = SETSOCKOPT.call(frame, fd, SOL_SOCKET, SO_PASSCRED, frame.structAddress, Integer.BYTES);
            if (set < 0) {
                throw frame.failure("setsockopt", fd, "SO_PASSCRED");
            }
            int length = SocketAddress.put(frame.struct, path);
            int bound = BIND.call(frame, fd, frame.structAddress, length);
            if (bound < 0) {
                throw frame.failure("bind", path);
            }
            return fd;
        } catch (PosixException e) {
            Fd.close(fd);
            throw e;
        }
    }

    /**
     * Begins to connect to a TCP port.
     *
     * @return a descriptor that is {@link Epoll#OUT} once it is known whether it worked, see {@link #error}
     * @throws PosixException if it has failed already, and why
     */
    public static int connect(InetAddress address, int port) throws PosixException {
        int fd = socket(SocketAddress.family(address), SOCK_STREAM);
        CallFrame frame = CallFrame.get();
        int length = SocketAddress.put(frame.struct, address, port);
        int result = CONNECT.call(frame, fd, frame.structAddress, length);
        if (result == 0 || frame.lastError() == Errno.EINPROGRESS) {
            return fd;
        }
        PosixException failure = frame.failure("connect", fd, address.getHostAddress());
        Fd.close(fd);
        throw failure;
    }

    /**
     * Has a listening Unix socket refuse who connects from now on, {@code shutdown(2)}. Those who have connected can
     * still be accepted; to accept one more then fails.
     */
    public static void refuseClients(int fd) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = SHUTDOWN.call(frame, fd, SHUT_RD);
        if (result < 0) {
            throw frame.failure("shutdown", fd);
        }
    }

    /** The result of an attempt to connect: 0 if it succeeded, else a constant of {@link Errno}. */
    public static int error(int fd) throws PosixException {
        CallFrame frame = CallFrame.get();
        frame.struct.putInt(BEHIND, Integer.BYTES);
        int result =
                GETSOCKOPT.call(frame, fd, SOL_SOCKET, SO_ERROR, frame.structAddress, frame.structAddress + BEHIND);
        if (result < 0) {
            throw frame.failure("getsockopt", fd, "SO_ERROR");
        }
        return frame.struct.getInt(0);
    }

    /**
     * Whether a connection has one and the same socket at both its ends. That happens if nothing listens
     * on a port and the kernel gives that very port to the client.
     */
    public static boolean isConnectedToItself(int fd) throws PosixException {
        return Arrays.equals(name(GETSOCKNAME, "getsockname", fd), name(GETPEERNAME, "getpeername", fd));
    }

    private static byte[] name(CFunction function, String call, int fd) throws PosixException {
        CallFrame frame = CallFrame.get();
        ByteBuffer struct = frame.struct;
        struct.put(0, new byte[BEHIND]).putInt(BEHIND, BEHIND);
        int result = function.call(frame, fd, frame.structAddress, frame.structAddress + BEHIND);
        if (result < 0) {
            throw frame.failure(call, fd);
        }
        byte[] name = new byte[Math.min(struct.getInt(BEHIND), BEHIND)];
        struct.get(0, name);
        return name;
    }

    private static int socket(int family, int type) throws PosixException {
        CallFrame frame = CallFrame.get();
        int fd = SOCKET.call(frame, family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw frame.failure("socket", family, type);
        }
        return fd;
    }
}
