package bellhop.vm;

/**
 * A machine with an access point in the air (WPA2, a DHCP server behind it) and no radio yet. The access point is in
 * a network namespace, which is not the manager's: it might as well be in the next room.
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
        return machine;
    }
}
