package bellhop.linux;

import bellhop.linux.Netlink.Received;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Run by {@link NetlinkTest} in a network namespace of its own: makes interfaces and prints what the kernel says. */
final class UeventsOfNamespace {
    private static final int MORE_THAN_ANY_BUFFER_TAKES = 10_000;
    private static final CFunction SENDTO = CFunction.named("sendto");

    private UeventsOfNamespace() {}

    public static void main(String[] arguments) throws Exception {
        try (Netlink netlink = Netlink.open()) {
            System.out.println("at first: " + netlink.receive());

            ip("link", "add", "bh0", "type", "veth", "peer", "name", "bh1");
            print(netlink, "add", "bh0");
            forge("remove@/devices/virtual/net/bh0\0ACTION=remove\0SUBSYSTEM=net\0INTERFACE=bh0\0");
            ip("link", "set", "bh0", "name", "bh2");
            print(netlink, "move", "bh2");
            ip("link", "del", "bh2");
            print(netlink, "remove", "bh2");

            askForEvents();
            System.out.println("after too many: " + drain(netlink));
            ip("link", "add", "bh3", "type", "veth", "peer", "name", "bh4");
            print(netlink, "add", "bh3");
        }
    }

    /** Prints what comes up to the event that is waited for, of this interface and not of its queues and its peer. */
    private static void print(Netlink netlink, String action, String name) throws IOException {
        while (true) {
            Children.awaitReadable(netlink.fd(), action + " of " + name);
            for (Optional<Received> next = netlink.receive(); next.isPresent(); next = netlink.receive()) {
                if (next.get() instanceof Received.Uevent event
                        && event.subsystem().equals("net")
                        && name.equals(event.variables().get("INTERFACE"))) {
                    System.out.println(event.action() + " " + event.devicePath());
                    if (event.action().equals(action)) {
                        return;
                    }
                }
            }
        }
    }

    private static String drain(Netlink netlink) throws IOException {
        boolean overrun = false;
        for (Optional<Received> next = netlink.receive(); next.isPresent(); next = netlink.receive()) {
            overrun |= next.get() instanceof Received.Overrun;
        }
        return overrun ? "overrun" : "all came";
    }

    private static void askForEvents() throws IOException {
        int fd = Fd.open("/sys/class/net/lo/uevent", Fd.O_WRONLY, 0);
        ByteBuffer word = ByteBuffer.allocateDirect(6).put("change".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < MORE_THAN_ANY_BUFFER_TAKES; i++) {
            Fd.write(fd, word.rewind());
        }
        Fd.close(fd);
    }

    /** Sends to the kernel's group what the kernel did not say. */
    private static void forge(String text) throws IOException {
        CallFrame frame = CallFrame.get();
        CFunction socket = CFunction.named("socket");
        int fd = socket.call(frame, Netlink.AF_NETLINK, Netlink.SOCK_RAW, Netlink.NETLINK_KOBJECT_UEVENT);
        frame.struct.putInt(Netlink.NL_FAMILY, 0).putShort(Netlink.NL_FAMILY, (short) Netlink.AF_NETLINK);
        frame.struct.putInt(Netlink.NL_PID, 0).putInt(Netlink.NL_GROUPS, 1);
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        long message = frame.path("sendto", "x".repeat(bytes.length));
        java.lang.foreign.MemorySegment.ofAddress(message)
                .reinterpret(bytes.length)
                .copyFrom(java.lang.foreign.MemorySegment.ofArray(bytes));
        int sent = SENDTO.call(frame, fd, message, bytes.length, 0, frame.structAddress, Netlink.SOCKADDR_NL_SIZE);
        System.out.println("forged: "
                + (sent == bytes.length ? "sent" : frame.failure("sendto").getMessage()));
        Fd.close(fd);
    }

    private static void ip(String... words) throws IOException {
        List<String> argv = new java.util.ArrayList<>(List.of("ip"));
        argv.addAll(List.of(words));
        int pid =
                Spawn.start(new Spawn.Command(argv, List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), Path.of("/"), 1, 2));
        ExitStatus status = Wait.reapPid(pid);
        if (!status.equals(new ExitStatus.NormalExit(0))) {
            throw new IOException(argv + ": " + status);
        }
    }
}
