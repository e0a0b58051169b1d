package bellhop.plugin.getty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.spi.SettingsException;
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

/** Which terminals are taken, and what is told of them. */
class GettyPluginTest {

    @TempDir
    Path folder;

    private FakeSysfs sysfs;

    @BeforeEach
    void aBoard() {
        sysfs = new FakeSysfs(folder)
                .consoles("tty0 ttyS0")
                .serial("ttyS0", 64, 4)
                .serial("ttyS1", 65, 0)
                .serial("ttyAMA0", 70, 32)
                .terminal("tty", 5, 0)
                .terminal("tty0", 4, 0)
                .terminal("tty1", 4, 1)
                .terminal("tty2", 4, 2)
                .terminal("ptmx", 5, 2)
                .terminal("hvc0", 229, 0)
                .terminal("ttyUSB0", 188, 0, "ftdi_sio")
                .terminal("ttyACM0", 166, 0, "cdc_acm")
                .terminal("ttyGS0", 240, 0);
    }

    private Set<String> names(Map<String, Object> settings) throws IOException {
        SettingsOf keys = SettingsOf.map(settings);
        Set<String> names = new TreeSet<>();
        try (Trigger trigger = new GettyPlugin().open(keys, new FakeHost(sysfs))) {
            trigger.present().forEach(target -> names.add(target.name()));
        }
        assertThat(keys.neverAsked()).isEmpty();
        return names;
    }

    @Test
    void whatHasHardwareBehindItIsTakenIfNothingIsSaid() throws IOException {
        assertThat(names(Map.of())).containsExactly("hvc0", "ttyACM0", "ttyAMA0", "ttyGS0", "ttyS0", "ttyUSB0");
    }

    @Test
    void virtualTerminalsAreTakenAsListed() throws IOException {
        assertThat(names(Map.of("virtual", List.of("tty1", "tty9"), "terminals", "tty[0-9]*")))
                .containsExactly("tty1");
    }

    @Test
    void aVirtualTerminalThatIsTheConsoleIsTaken() throws IOException {
        sysfs.consoles("tty2");
        assertThat(names(Map.of("terminals", "tty[0-9]*"))).containsExactly("tty2");
    }

    @Test
    void aConsoleIsTakenWhateverItsTypeSays() throws IOException {
        sysfs.consoles("ttyS1");
        assertThat(names(Map.of("terminals", "ttyS*"))).containsExactly("ttyS0", "ttyS1");
    }

    @Test
    void terminalsAreChosenByPatternsAndDrivers() throws IOException {
        assertThat(names(Map.of("terminals", List.of("ttyUSB*", "hvc*")))).containsExactly("hvc0", "ttyUSB0");
        assertThat(names(Map.of("driver", "cdc_*"))).containsExactly("ttyACM0");
        assertThat(names(Map.of("terminals", "ttyS*", "exclude", "ttyS0"))).isEmpty();
    }

    @Test
    void whatIsNoVirtualTerminalIsRefusedByItsPlaceInTheList() {
        SettingsOf settings = SettingsOf.map(Map.of("virtual", List.of("tty1", "ttyS0")));
        assertThatThrownBy(() -> new GettyPlugin().open(settings, new FakeHost(sysfs)))
                .isInstanceOfSatisfying(SettingsException.class, e -> {
                    assertThat(e.key()).isEqualTo("virtual");
                    assertThat(e.item()).isEqualTo(1);
                })
                .hasMessage("\"ttyS0\" is not a virtual terminal; expected one such as tty1");
    }

    @Test
    void scriptsAreToldOfTheDevice() throws IOException {
        FakeHost host = new FakeHost(sysfs);
        try (Trigger trigger = new GettyPlugin().open(SettingsOf.map(Map.of("terminals", "ttyUSB0")), host)) {
            Path device = folder.toRealPath().resolve("devices/platform/port-ttyUSB0/tty/ttyUSB0");
            assertThat(trigger.present())
                    .singleElement()
                    .satisfies(target -> assertThat(target.facts())
                            .isEqualTo(Map.of(
                                    "DEV", "188:0",
                                    "DEVICE", "/dev/ttyUSB0",
                                    "DRIVER", "ftdi_sio",
                                    "SYSPATH", device.toString())));
        }
        assertThat(host.subsystems()).containsExactly("tty");
        assertThat(host.keepsPolling()).isTrue();
    }
}
