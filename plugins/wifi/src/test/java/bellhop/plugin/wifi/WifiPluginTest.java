package bellhop.plugin.wifi;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.spi.Target;
import bellhop.spi.Trigger;
import bellhop.spi.testkit.FakeHost;
import bellhop.spi.testkit.FakeSysfs;
import bellhop.spi.testkit.SettingsOf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which interfaces are taken, and what is told of them. */
class WifiPluginTest {

    @TempDir
    Path folder;

    private FakeSysfs sysfs;

    @BeforeEach
    void threeCards() {
        sysfs = new FakeSysfs(folder)
                .wired("lo", 1)
                .wireless("wlan0", 2, "ath9k")
                .wireless("wlan1", 3, "rtl8xxxu")
                .wireless("mesh0", 4, "ath9k");
    }

    private Set<String> names(Map<String, Object> settings) throws IOException {
        SettingsOf keys = SettingsOf.map(settings);
        Set<String> names = new TreeSet<>();
        try (Trigger trigger = new WifiPlugin().open(keys, new FakeHost(sysfs))) {
            trigger.present().forEach(target -> names.add(target.name()));
        }
        assertThat(keys.neverAsked()).isEmpty();
        return names;
    }

    @Test
    void allThatIsWirelessIsTakenIfNothingIsSaid() throws IOException {
        assertThat(names(Map.of())).containsExactly("mesh0", "wlan0", "wlan1");
    }

    @Test
    void interfacesAreChosenByPatterns() throws IOException {
        assertThat(names(Map.of("interfaces", "wlan*"))).containsExactly("wlan0", "wlan1");
        assertThat(names(Map.of("interfaces", List.of("wlan0", "mesh?")))).containsExactly("mesh0", "wlan0");
    }

    @Test
    void driversAreChosenByPatterns() throws IOException {
        assertThat(names(Map.of("driver", "ath*"))).containsExactly("mesh0", "wlan0");
    }

    @Test
    void whatIsExcludedIsNotTakenWhateverElseIsSaid() throws IOException {
        assertThat(names(Map.of("interfaces", "wlan*", "exclude", "wlan0"))).containsExactly("wlan1");
    }

    @Test
    void anInterfaceOfWirelessExtensionsIsTakenToo() throws IOException {
        sysfs.wired("eth1", 9).folder("class/net/eth1/wireless");
        assertThat(names(Map.of("interfaces", "eth*"))).containsExactly("eth1");
    }

    @Test
    void aRenamedInterfaceIsTheSameDevice() throws IOException {
        try (Trigger trigger = new WifiPlugin().open(SettingsOf.map(Map.of("driver", "rtl*")), new FakeHost(sysfs))) {
            Target before = trigger.present().iterator().next();
            sysfs.rename("net", "wlan1", "wlp3s0");
            Target after = trigger.present().iterator().next();
            assertThat(after.name()).isEqualTo("wlp3s0");
            assertThat(after.identity()).isEqualTo(before.identity());
        }
    }

    @Test
    void scriptsAreToldOfTheDevice() throws IOException {
        FakeHost host = new FakeHost(sysfs);
        try (Trigger trigger = new WifiPlugin().open(SettingsOf.map(Map.of("interfaces", "wlan0")), host)) {
            Path device = folder.toRealPath().resolve("devices/pci0000:00/card2/net/wlan0");
            assertThat(trigger.present())
                    .singleElement()
                    .satisfies(target -> assertThat(target.facts())
                            .isEqualTo(Map.of(
                                    "DRIVER", "ath9k",
                                    "IFINDEX", "2",
                                    "MAC", "02:00:00:00:00:02",
                                    "PHY", "phy2",
                                    "SYSPATH", device.toString())));
        }
        assertThat(host.subsystems()).containsExactly("net");
        assertThat(host.keepsPolling()).isFalse();
    }
}
