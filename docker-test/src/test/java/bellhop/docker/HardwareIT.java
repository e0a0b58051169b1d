package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Capability;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.utility.MountableFile;

/** Verifies what plugins do in a container whose hardware is a folder that looks like sysfs. */
@Timeout(300)
class HardwareIT {

    @RegisterExtension
    final Boxes boxes = new Boxes();

    /**
     * A wifi dongle brings its login and its address up with it, by the real programs, and takes them away in
     * order.
     *
     * <p>The dongle is one end of a pair of virtual cables; at the other is a DHCP server. Only the kernel's word
     * that it is wireless is made up.
     */
    @Test
    void aDongleBringsLoginAndAddressAndTakesThemAwayInOrder() {
        Box box = boxes.box()
                .withEnv("BELLHOP_SYSFS", "/hardware")
                .withCreateContainerCmdModifier(
                        command -> command.getHostConfig().withCapAdd(Capability.NET_ADMIN))
                .readyMade("wpa_supplicant")
                .readyMade("udhcpc")
                // The driver of a cable is the only one that a virtual one has.
                .program("wpa_supplicant", "exec /usr/sbin/wpa_supplicant -D wired \"$@\"")
                .file("/etc/wpa_supplicant/wpa_supplicant.conf", "ap_scan=0\nnetwork={\n  key_mgmt=NONE\n}\n")
                .file("/etc/udhcpd.conf", """
                        start 10.99.0.20
                        end 10.99.0.29
                        interface air0
                        lease_file /tmp/udhcpd.leases
                        pidfile /tmp/udhcpd.pid
                        option subnet 255.255.255.0
                        """)
                .yaml("air", "command: [busybox, udhcpd, -f, /etc/udhcpd.conf]");
        box.start();
        box.awaitThat("bh triggers | grep udhcpc");
        assertThat(box.run("bh-status", "udhcpc@wlan0").out()).doesNotContain("started");

        box.shell(
                        "ip link add wlan0 type veth peer name air0 && ip link set wlan0 up",
                        "ip addr add 10.99.0.1/24 dev air0 && ip link set air0 up",
                        "touch /tmp/udhcpd.leases && bh-start air",
                        "mkdir -p /hardware/class/net /hardware/devices/dongle/phy0",
                        "cp -R -L /sys/class/net/wlan0/ifindex /sys/class/net/wlan0/address /hardware/devices/dongle/",
                        "ln -s phy0 /hardware/devices/dongle/phy80211",
                        "ln -s ../../devices/dongle /hardware/class/net/wlan0")
                .succeeds();

        box.awaitState("udhcpc@wlan0", "started");
        assertThat(box.run("bh-status", "wpa_supplicant@wlan0").succeeds().out())
                .isEqualTo("started\n");
        box.awaitThat("ip -4 address show dev wlan0 | grep 10.99.0.2");

        box.shell("rm /hardware/class/net/wlan0").succeeds();

        box.awaitLog("wpa_supplicant@wlan0 stopped");
        assertThat(box.log())
                .containsSubsequence(
                        "wpa_supplicant@wlan0 started",
                        "udhcpc@wlan0 started",
                        "udhcpc@wlan0 stopping",
                        "udhcpc@wlan0 stopped",
                        "wpa_supplicant@wlan0 stopped");
        box.run("pgrep", "-x", "wpa_supplicant").exits(1);
        box.run("pgrep", "-x", "udhcpc").exits(1);
    }

    /** A third party's jar in the folder of plugins is loaded, and brings its service up with its device. */
    @Test
    void aThirdPartysJarBringsItsService(@TempDir Path folder) throws IOException {
        Path jar = GuidesPlugin.jar(folder);
        Box box = boxes.box()
                .withEnv("BELLHOP_SYSFS", "/hardware")
                .withCopyFileToContainer(
                        MountableFile.forHostPath(jar, 0644), "/usr/lib/bellhop/plugins/usb-printer.jar")
                .yaml("printer", GuidesPlugin.yaml().split("\n"))
                .script("printer", "run", "echo \"$1 of $BELLHOP_DEVICE_VENDOR\"", "exec sleep 1000");
        box.start();
        assertThat(box.run("bh", "plugins").succeeds().out()).contains("usb-printer");

        box.shell(
                        "mkdir -p /hardware/bus/usb/devices /hardware/devices/usb1/1-2/1-2:1.0",
                        "echo 03f0 >/hardware/devices/usb1/1-2/idVendor",
                        "echo 07 >/hardware/devices/usb1/1-2/1-2:1.0/bInterfaceClass",
                        "ln -s ../../../devices/usb1/1-2/1-2:1.0 /hardware/bus/usb/devices/1-2:1.0")
                .succeeds();

        box.awaitState("printer@1-2:1.0", "started");
        box.awaitLog("printer@1-2:1.0: 1-2:1.0 of 03f0\n");
        box.shell("rm /hardware/bus/usb/devices/1-2:1.0").succeeds();
        box.awaitState("printer@1-2:1.0", "stopped");
    }
}
