package bellhop.program;

import bellhop.control.RunDir;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;

/** Connects to Unix stream sockets with nothing but the JDK. */
final class UnixSocket {

    private UnixSocket() {}

    /** Says that nobody listens at a path, which is not the same as not being let in. */
    static final class NobodyListensException extends IOException {
        private static final long serialVersionUID = 1;

        NobodyListensException(String socket) {
            super(socket + ": nobody listens there; its service or escort is not running");
        }
    }

    /**
     * Connects.
     *
     * @throws NobodyListensException if nobody listens there
     * @throws IOException if it is no socket, or not for this user
     */
    static SocketChannel connect(String socket) throws IOException {
        Path path = RunDir.named("socket", socket);
        int length = socket.getBytes(StandardCharsets.UTF_8).length;
        if (length > RunDir.LONGEST_SOCKET_PATH) {
            throw new IOException(
                    socket + ": too long for a socket: " + length + " bytes of at most " + RunDir.LONGEST_SOCKET_PATH);
        }
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            throw explained(socket, path, e);
        }
    }

    /** The JDK tells the reason in words only, so the file is asked. */
    private static IOException explained(String socket, Path path, IOException failure) {
        boolean exists = Files.exists(path);
        boolean refused = exists ? !Files.isWritable(path) : !Files.notExists(path);
        if (refused) {
            return new IOException(exists ? forWhom(socket, path) : socket + ": permission denied", failure);
        }
        if (exists && (Files.isRegularFile(path) || Files.isDirectory(path))) {
            return new IOException(socket + ": is not a socket", failure);
        }
        return new NobodyListensException(socket);
    }

    /** Who may connect. */
    private static String forWhom(String socket, Path path) {
        try {
            PosixFileAttributes file = Files.readAttributes(path, PosixFileAttributes.class);
            boolean isForGroup = file.permissions().contains(PosixFilePermission.GROUP_WRITE);
            String owner = file.owner().getName();
            String others = isForGroup ? ", or a member of group " + file.group() : ", or user " + owner;
            return "no permission to use " + socket + "; be root" + (isForGroup || !owner.equals("root") ? others : "");
        } catch (IOException e) {
            return socket + ": permission denied";
        }
    }
}
