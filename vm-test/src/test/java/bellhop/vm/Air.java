package bellhop.vm;

import bellhop.Outcome;

/**
 * A machine with an access point in the air (WPA2, a DHCP server behind it) and no radio yet. The access point is in
 * a network namespace, which is not the manager's: it might as well be in the next room. The kernel's own word on who
 * is connected and has an address goes to the journal.
 */
final class Air {

    private Air() {}

    static Machine of(Guest guest) {
        Machine machine = guest.boot();
        machine.file("/etc/hostapd.conf", """
                interface=wlan0
                driver=nl80211
                ssid=bellhop
                hw_mode=g
                channel=1
                wpa=2
                wpa_key_mgmt=WPA-PSK
                rsn_pairwise=CCMP
                wpa_passphrase=stay a while
                """)
                .file("/etc/udhcpd.conf", """
                        start 10.99.0.100
                        end 10.99.0.199
                        interface wlan0
                        lease_file /run/udhcpd.leases
                        pidfile /run/udhcpd.pid
                        option subnet 255.255.255.0
                        """)
                .file("/etc/wpa_supplicant/wpa_supplicant.conf", """
                        network={
                          ssid="bellhop"
                          psk="stay a while"
                          scan_freq=2412
                        }
                        """)
                .readyMade("wpa_supplicant", "udhcpc");
        machine.run(
                        "modprobe mac80211_hwsim radios=1",
                        "ip netns add air && iw phy phy0 set netns name air",
                        "ip -n air address add 10.99.0.1/24 dev wlan0",
                        "touch /run/udhcpd.leases",
                        "ip netns exec air hostapd -B -f /run/hostapd.log /etc/hostapd.conf",
                        "ip netns exec air busybox udhcpd /etc/udhcpd.conf")
                .succeeds();
        machine.awaitThat("ip netns exec air iw dev wlan0 info | grep -q 'type AP'");
        machine.run(
                        "iw event >%1$s & ip -o -4 monitor address >%1$s &".formatted(Machine.JOURNAL),
                        // All the same, but that it says that it is run.
                        "sed -i '1a echo \"post $1\" >%s' /etc/bellhop/services.d/udhcpc/post"
                                .formatted(Machine.JOURNAL))
                .succeeds();
        return machine;
    }

    /** What the journal says once an interface of this radio, see {@code radio new}, is connected. */
    static String associated(String name, Outcome radio) {
        return name + " (phy #" + radio.out().strip() + "): connected to";
    }

    /** What the journal says once the interface that has this name now has an address of the access point's. */
    static String bound(Machine machine, String name) {
        String index = machine.run("cat /sys/class/net/" + name + "/ifindex")
                .succeeds()
                .out()
                .strip();
        return index + ": " + name + "    inet 10.99.0.1";
    }

    /** Waits until an interface is connected and has its address; returns when. */
    static double isOnline(Machine machine, String name) {
        return machine.awaitThat(
                "iw dev %1$s link | grep -q '^Connected' && ip -4 address show dev %1$s | grep -q 'inet 10.99.0.1'"
                        .formatted(name));
    }

    /** The processes that serve radios, one a line, with what they were started as. */
    static String served(Machine machine) {
        return machine.run("pgrep -a -x 'wpa_supplicant|udhcpc'").succeeds().out();
    }

    /** Fails if any process is left that serves a radio. */
    static void hasNobody(Machine machine) {
        machine.awaitThat("! pgrep -x 'wpa_supplicant|udhcpc'"); // init may have to bury them yet
    }
}
