package bellhop.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The kernel's events about devices that come and go ({@code NETLINK_KOBJECT_UEVENT}, netlink(7)): those of the network
 * namespace that it was opened in. One thread at a time; nothing here blocks.
 */
public final class Netlink implements AutoCloseable {

    // <sys/socket.h>
    static final int AF_NETLINK = 16;
    static final int SOCK_RAW = 3;
    static final int SOCK_CLOEXEC = Fd.O_CLOEXEC;
    static final int SOCK_NONBLOCK = Fd.O_NONBLOCK;
    static final int SOL_SOCKET = 1;
    static final int SO_RCVBUF = 8;
    static final int MSG_TRUNC = 0x20;

    // <linux/netlink.h>
    static final int NETLINK_KOBJECT_UEVENT = 15;

    // struct sockaddr_nl { sa_family_t nl_family; unsigned short nl_pad; __u32 nl_pid; __u32 nl_groups; };
    static final int SOCKADDR_NL_SIZE = 12;
    static final int NL_FAMILY = 0;
    static final int NL_PID = 4;
    static final int NL_GROUPS = 8;

    /** The group of the kernel's own messages; udev sends its own to another. */
    private static final int KERNEL_GROUP = 1;

    private static final int KERNEL_PID = 0;

    /** Room for some hundred messages, of which only that there were some is of interest. */
    private static final int RECEIVE_BUFFER = 256 * 1024;

    /** The kernel's own limit is 2 KiB of variables (UEVENT_BUFFER_SIZE) and a path. */
    private static final int MESSAGE_MAX = 8192;

    private static final CFunction SOCKET = CFunction.named("socket");
    private static final CFunction BIND = CFunction.named("bind");
    private static final CFunction SETSOCKOPT = CFunction.named("setsockopt");
    private static final CFunction RECVFROM = CFunction.named("recvfrom");

    private final int fd;
    private final MemorySegment message = Arena.ofAuto().allocate(MESSAGE_MAX, Long.BYTES);
    private final ByteBuffer text = CallFrame.buffer(message);

    /** The content of the socket. */
    public sealed interface Received {

        /**
         * Something happened to a device.
         *
         * @param action {@code add}, {@code remove}, {@code move}, {@code change} and the like
         * @param devicePath its directory under {@code /sys}, beginning with a slash
         * @param variables such as {@code SUBSYSTEM} and {@code DEVNAME}, in the order in which they came
         */
        record Uevent(String action, String devicePath, Map<String, String> variables) implements Received {
            public Uevent {
                variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
            }

            /** The subsystem, {@code net} or {@code tty}; empty if the kernel names none. */
            public String subsystem() {
                return variables.getOrDefault("SUBSYSTEM", "");
            }
        }

        /** Events were lost, for they came faster than they were read: anything may have happened. */
        record Overrun() implements Received {}
    }

    private Netlink(int fd) {
        this.fd = fd;
    }

    /**
     * Listens from now on.
     *
     * @throws PosixException if the kernel or a sandbox refuses it
     */
    public static Netlink open() throws PosixException {
        CallFrame frame = CallFrame.get();
        int fd = SOCKET.call(frame, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
        if (fd < 0) {
            throw frame.failure("socket", "AF_NETLINK", "NETLINK_KOBJECT_UEVENT");
        }
        try {
            bind(frame, fd);
        } catch (PosixException e) {
            Fd.close(fd);
            throw e;
        }
        frame.struct.putInt(0, RECEIVE_BUFFER);
        // A smaller one overruns sooner, and then all is looked at: nothing is wrong with that.
        int _ = SETSOCKOPT.call(frame, fd, SOL_SOCKET, SO_RCVBUF, frame.structAddress, Integer.BYTES);
        return new Netlink(fd);
    }

    /**
     * Whether the kernel sends the events of all devices to this process: in a user namespace other than the first,
     * only those of its own network come.
     */
    public static boolean hasAllEvents() {
        try {
            return isOfFirstNamespace(Files.readString(Path.of("/proc/self/uid_map")));
        } catch (IOException e) {
            return true; // a kernel without user namespaces
        }
    }

    /** In the first one every user is the same inside and outside. */
    static boolean isOfFirstNamespace(String uidMap) {
        return uidMap.strip().matches("0\\s+0\\s+4294967295");
    }

    private static void bind(CallFrame frame, int fd) throws PosixException {
        frame.struct.putInt(NL_FAMILY, 0).putShort(NL_FAMILY, (short) AF_NETLINK);
        frame.struct.putInt(NL_PID, 0);
        frame.struct.putInt(NL_GROUPS, KERNEL_GROUP);
        int result = BIND.call(frame, fd, frame.structAddress, SOCKADDR_NL_SIZE);
        if (result < 0) {
            throw frame.failure("bind", fd, "NETLINK_KOBJECT_UEVENT");
        }
    }

    /** To be added to an {@link Epoll} with {@link Epoll#IN}. */
    public int fd() {
        return fd;
    }

    /**
     * Takes the next message of the kernel; messages of other senders, and malformed ones, are ignored.
     *
     * @return empty if there is none now
     */
    public Optional<Received> receive() throws PosixException {
        CallFrame frame = CallFrame.get();
        while (true) {
            frame.struct.putInt(NL_PID, -1);
            // The length of the address is in the frame as well, after the address.
            frame.struct.putInt(SOCKADDR_NL_SIZE, SOCKADDR_NL_SIZE);
            long count;
            try {
                count = RECVFROM.callLong(
                        frame,
                        fd,
                        message.address(),
                        MESSAGE_MAX,
                        MSG_TRUNC,
                        frame.structAddress,
                        frame.structAddress + SOCKADDR_NL_SIZE);
            } finally {
                Reference.reachabilityFence(message);
            }
            if (count < 0) {
                switch (frame.lastError()) {
                    case Errno.EAGAIN -> {
                        return Optional.empty();
                    }
                    case Errno.EINTR -> {}
                    case Errno.ENOBUFS -> {
                        return Optional.of(new Received.Overrun());
                    }
                    default -> throw frame.failure("recvfrom", fd);
                }
            } else if (frame.struct.getInt(NL_PID) == KERNEL_PID && count <= MESSAGE_MAX) {
                byte[] bytes = new byte[(int) count];
                text.get(0, bytes);
                Optional<Received> event = parse(bytes);
                if (event.isPresent()) {
                    return event;
                }
            }
        }
    }

    /** {@code ACTION@DEVPATH}, then {@code KEY=VALUE}, each with a NUL at its end. */
    static Optional<Received> parse(byte[] message) {
        String[] parts = new String(message, StandardCharsets.UTF_8).split("\0", -1);
        int at = parts[0].indexOf('@');
        if (at <= 0 || !parts[0].startsWith("/", at + 1)) {
            return Optional.empty();
        }
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals > 0) {
                variables.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
            }
        }
        return Optional.of(new Received.Uevent(parts[0].substring(0, at), parts[0].substring(at + 1), variables));
    }

    @Override
    public void close() throws PosixException {
        Fd.close(fd);
    }
}
