package bellhop.linux;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The addresses of sockets, the same on x86-64 and aarch64. The family is a number of this machine, the
 * port has its high byte first.
 *
 * <pre>{@code
 * struct sockaddr_un {                // 110 bytes
 *     sa_family_t sun_family;         //   0
 *     char sun_path[108];             //   2
 * };
 * struct sockaddr_in {                //  16 bytes
 *     sa_family_t sin_family;         //   0
 *     in_port_t sin_port;             //   2
 *     struct in_addr sin_addr;        //   4
 *     ...
 * };
 * struct sockaddr_in6 {               //  28 bytes
 *     sa_family_t sin6_family;        //   0
 *     in_port_t sin6_port;            //   2
 *     uint32_t sin6_flowinfo;         //   4
 *     struct in6_addr sin6_addr;      //   8
 *     uint32_t sin6_scope_id;         //  24
 * };
 * }</pre>
 */
final class SocketAddress {

    static final int UNIX_SIZE = 110;
    static final int UNIX_PATH = 2;
    static final int INET_SIZE = 16;
    static final int INET_PORT = 2;
    static final int INET_ADDRESS = 4;
    static final int INET6_SIZE = 28;
    static final int INET6_ADDRESS = 8;

    /** The longest path of a socket in bytes; one more is its NUL. */
    static final int UNIX_PATH_MAX = UNIX_SIZE - UNIX_PATH - 1;

    private static final int IPV4_BYTES = 4;

    private SocketAddress() {}

    /** Puts a path at the start of the struct; returns how long the address is. */
    static int put(ByteBuffer struct, Path path) throws PosixException {
        byte[] bytes = CText.encode(CText.of(path));
        if (bytes.length > UNIX_PATH_MAX) {
            throw new PosixException("bind", Errno.ENAMETOOLONG, path.toString());
        }
        struct.putShort(0, (short) Sockets.AF_UNIX).put(UNIX_PATH, bytes).put(UNIX_PATH + bytes.length, (byte) 0);
        return UNIX_PATH + bytes.length + 1;
    }

    /** Puts an address and port at the start of the struct; returns how long that is. */
    static int put(ByteBuffer struct, InetAddress address, int port) {
        byte[] bytes = address.getAddress();
        boolean four = bytes.length == IPV4_BYTES;
        int size = four ? INET_SIZE : INET6_SIZE;
        struct.put(0, new byte[size])
                .putShort(0, (short) (four ? Sockets.AF_INET : Sockets.AF_INET6))
                .put(INET_PORT, (byte) (port >> Byte.SIZE))
                .put(INET_PORT + 1, (byte) port)
                .put(four ? INET_ADDRESS : INET6_ADDRESS, bytes);
        return size;
    }

    /** The family that an address is of. */
    static int family(InetAddress address) {
        return address.getAddress().length == IPV4_BYTES ? Sockets.AF_INET : Sockets.AF_INET6;
    }
}
