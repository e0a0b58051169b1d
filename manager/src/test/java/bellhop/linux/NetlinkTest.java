package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.linux.Children.Child;
import bellhop.linux.Netlink.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel says of devices. */
class NetlinkTest {

    private final Children children = new Children();

    @AfterEach
    void nothingIsLeft() throws IOException {
        children.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aMessageIsAnActionAPathAndVariables() {
        Received received = Netlink.parse(
                        bytes("add@/devices/virtual/net/wlan0\0ACTION=add\0SUBSYSTEM=net\0NAME=a=b\0EMPTY=\0"))
                .orElseThrow();
        assertThat(received)
                .isEqualTo(new Received.Uevent(
                        "add",
                        "/devices/virtual/net/wlan0",
                        Map.of("ACTION", "add", "SUBSYSTEM", "net", "NAME", "a=b", "EMPTY", "")));
    }

    @Test
    void onlyTheFirstUserNamespaceGetsTheEventsOfAllDevices() {
        assertThat(Netlink.isOfFirstNamespace("         0          0 4294967295\n"))
                .isTrue();
        assertThat(Netlink.isOfFirstNamespace("         0     100000      65536\n"))
                .isFalse();
        assertThat(Netlink.isOfFirstNamespace("         0       1000          1\n         1 100000 65536\n"))
                .isFalse();
    }

    @Test
    void whatIsNoMessageIsNone() {
        for (String text : new String[] {"", "\0", "libudev\0\1\2", "add", "@/devices", "add@devices", "add@"}) {
            assertThat(Netlink.parse(bytes(text))).as(text).isEmpty();
        }
    }

    @Test
    void aMessageWithoutSubsystemHasAnEmptyOne() {
        assertThat(Netlink.parse(bytes("change@/x\0garbage\0=none\0")))
                .contains(new Received.Uevent("change", "/x", Map.of()))
                .hasValueSatisfying(event ->
                        assertThat(((Received.Uevent) event).subsystem()).isEmpty());
    }

    @Test
    void theKernelTellsOfInterfacesNobodyElseDoesAndAnOverrunIsSeen() throws IOException {
        Child namespace = children.sh("unshare -n -m sh -c 'mount -t sysfs none /sys && ip link show lo'");
        namespace.rest();
        assumeTrue(
                namespace.reap().equals(new ExitStatus.NormalExit(0)),
                "skipped: no network namespace can be made, or there is no ip (iproute2)");

        Child java = children.java(
                "set -- unshare -n -m sh -c 'mount -t sysfs none /sys && exec \"$@\"' sh \"$@\"",
                UeventsOfNamespace.class);

        assertThat(java.line()).isEqualTo("at first: Optional.empty");
        assertThat(java.line()).isEqualTo("add /devices/virtual/net/bh0");
        assertThat(java.line()).isEqualTo("forged: sent");
        assertThat(java.line()).isEqualTo("move /devices/virtual/net/bh2");
        assertThat(java.line()).isEqualTo("remove /devices/virtual/net/bh2");
        assertThat(java.line()).isEqualTo("after too many: overrun");
        assertThat(java.line()).isEqualTo("add /devices/virtual/net/bh3");
        assertThat(java.rest()).isEmpty();
        assertThat(java.reap()).isEqualTo(new ExitStatus.NormalExit(0));
    }
}
