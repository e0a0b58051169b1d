package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import bellhop.ServiceWriter;
import bellhop.spi.testkit.FakeSysfs;
import bellhop.trigger.PluginMaker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Verifies that a wireless interface that comes gets its login and its address, and that both go with it: a manager,
 * the plugin, and the services as they are, with a sysfs and programs that are made up.
 */
class PluggedDevicesTest {

    private ManagerProcess manager;
    private FakeSysfs sysfs;
    private Path record;

    @BeforeEach
    void begin() throws Exception {
        manager = new ManagerProcess();
        Path root = manager.root();
        sysfs = new FakeSysfs(Files.createDirectory(root.resolve("sys")));
        record = Files.createFile(root.resolve("record"));
        new PluginMaker(Files.createDirectory(root.resolve("made"))).jarOf(root.resolve("plugins/wifi.jar"), "wifi");
        Files.writeString(root.resolve("wpa.conf"), "network={}\n");
        Path programs = Files.createDirectory(root.resolve("stand-ins"));
        for (String name : List.of("udhcpc", "wpa_supplicant")) {
            ServiceWriter.write(
                    programs.resolve(name),
                    true,
                    ServiceWriter.shell(
                            "echo \"${0##*/} $* $BELLHOP_DEVICE_DRIVER $BELLHOP_DEVICE_MAC\" >>\"$RECORD\"",
                            "exec sleep 1000"));
            copy(Path.of("..", "services.d", name), manager.services().resolve(name));
        }
        manager.with("PATH", programs + ":" + System.getenv("PATH"))
                .with("BELLHOP_SYSFS", sysfs.root().toString())
                .with("RECORD", record.toString())
                .with("UDHCPC_SCRIPT", "/bin/sh")
                .with("WPA_SUPPLICANT_CONFIG", root.resolve("wpa.conf").toString());
    }

    @AfterEach
    void end() throws Exception {
        manager.close();
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private int lineOf(String text) {
        return manager.said()
                .lines()
                .toList()
                .indexOf(manager.said()
                        .lines()
                        .filter(line -> line.contains(text))
                        .findFirst()
                        .orElseThrow());
    }

    @Test
    void aCardPluggedInGetsItsLoginAndItsAddressAndPulledOutBothAreGone() throws Exception {
        manager.start();
        manager.ask("triggers").succeeds();

        sysfs.wireless("wlan0", 7, "ath9k");
        manager.awaitLine("udhcpc@wlan0 started (pid");
        manager.awaitText(record, "udhcpc -f"); // a stop could be faster than what was started
        manager.awaitText(record, "wpa_supplicant -i");
        assertThat(lineOf("wpa_supplicant@wlan0 started (pid")).isLessThan(lineOf("udhcpc@wlan0 started (pid"));
        assertThat(manager.ask("status", "udhcpc@wlan0").out()).isEqualTo("started\n");
        assertThat(manager.ask("triggers").out()).isEqualTo("udhcpc by wifi\n  udhcpc@wlan0  present, held\n");
        assertThat(manager.ask("plugins").out())
                .isEqualTo("wifi  " + manager.root().resolve("plugins/wifi.jar") + "  used by 1 services\n");

        sysfs.remove("net", "wlan0");
        manager.awaitLine("wpa_supplicant@wlan0 stopped");
        assertThat(lineOf("udhcpc@wlan0 stopped")).isLessThan(lineOf("wpa_supplicant@wlan0 stopped"));
        assertThat(Files.readAllLines(record))
                .containsExactlyInAnyOrder(
                        "wpa_supplicant -i wlan0 -c " + manager.root().resolve("wpa.conf") + "  ",
                        "udhcpc -f -R -A 3 -i wlan0 -s /bin/sh ath9k 02:00:00:00:00:07");
        assertThat(manager.ask("triggers").out()).isEqualTo("udhcpc by wifi\n");
    }

    @Test
    void aCardThatWasThereBeforeIsFoundAndAStopByHandLastsUntilItComesAgain() throws Exception {
        sysfs.wireless("wlan0", 7, "ath9k");
        manager.start();
        manager.awaitLine("udhcpc@wlan0 started (pid");

        assertThat(manager.ask("stop", "udhcpc@wlan0").err()).contains("still held by wifi:wlan0");
        manager.awaitLine("udhcpc@wlan0 stopped");
        assertThat(manager.ask("status", "udhcpc@wlan0").out()).isEqualTo("stopped\n");

        sysfs.remove("net", "wlan0").wireless("wlan0", 8, "ath9k");
        manager.awaitLine("udhcpc@wlan0 started (pid", 2);
    }

    @Test
    void whatIsStoppedOnItsWayUpIsNotAskedForAgainUntilItsCardComesAgain() throws Exception {
        manager.script("udhcpc", "pre", "exec sleep 1000");
        sysfs.wireless("wlan0", 7, "ath9k");
        manager.start();
        manager.awaitState("udhcpc@wlan0", "starting");

        manager.ask("stop", "udhcpc@wlan0").succeeds();
        assertThat(manager.ask("triggers").out()).isEqualTo("udhcpc by wifi\n  udhcpc@wlan0  present, held down\n");

        sysfs.remove("net", "wlan0").wireless("wlan0", 8, "ath9k");
        manager.awaitState("udhcpc@wlan0", "starting");
        manager.ask("stopall").succeeds();
        assertThat(manager.ask("triggers").out()).isEqualTo("udhcpc by wifi\n  udhcpc@wlan0  present, held down\n");
    }

    @Test
    void aCardThatWasReplacedBetweenTwoLooksHasItsServiceStartedAnew() throws Exception {
        sysfs.wireless("wlan0", 7, "ath9k");
        manager.start();
        manager.awaitLine("udhcpc@wlan0 started (pid");

        sysfs.remove("net", "wlan0").wireless("wlan0", 8, "rtl8xxxu");
        manager.awaitLine("udhcpc@wlan0 started (pid", 2);
        manager.awaitText(record, "rtl8xxxu");
        assertThat(Files.readAllLines(record))
                .contains("udhcpc -f -R -A 3 -i wlan0 -s /bin/sh rtl8xxxu 02:00:00:00:00:08");
    }

    @Test
    void whatAnOperatorHoldsInADevicesNameIsNotTheDevicesForTheNextManagerEither() throws Exception {
        sysfs.wireless("wlan0", 7, "ath9k").wireless("wlan1", 8, "ath9k");
        manager.start();
        manager.awaitLine("udhcpc@wlan0 started (pid");
        manager.awaitLine("udhcpc@wlan1 started (pid");
        manager.ask("require", "--owner", "wifi:wlan0", "udhcpc@wlan0").succeeds();
        assertThat(manager.status("udhcpc@wlan0").path("wantedBy"))
                .map(JsonNode::asText)
                .containsExactly("wifi:wlan0", "wifi:wlan0 (--owner)");
        int pid = manager.pid("udhcpc@wlan0");
        manager.kill();
        sysfs.remove("net", "wlan0").remove("net", "wlan1");

        manager.start();
        manager.awaitLine("udhcpc@wlan1 stopped");
        manager.awaitStatus("udhcpc@wlan0", "wantedBy", "[\"wifi:wlan0 (--owner)\"]");
        assertThat(manager.pid("udhcpc@wlan0")).isEqualTo(pid);

        sysfs.wireless("wlan0", 7, "ath9k");
        manager.awaitStatus("udhcpc@wlan0", "wantedBy", "[\"wifi:wlan0\",\"wifi:wlan0 (--owner)\"]");
        manager.ask("release", "--owner", "wifi:wlan0", "udhcpc@wlan0").succeeds();
        assertThat(manager.ask("release", "--owner", "wifi:wlan0", "udhcpc@wlan0"))
                .isEqualTo(Outcome.failed("bh-release: udhcpc@wlan0: not held by wifi:wlan0 but by the device, "
                        + "so there is nothing to release; bh stop udhcpc@wlan0 stops it"));
        assertThat(manager.pid("udhcpc@wlan0")).isEqualTo(pid);
    }

    @Test
    void aManagerThatWasKilledLeavesItsHoldsToTheNext() throws Exception {
        sysfs.wireless("wlan0", 7, "ath9k").wireless("wlan1", 8, "ath9k");
        manager.start();
        manager.awaitLine("udhcpc@wlan0 started (pid");
        manager.awaitLine("udhcpc@wlan1 started (pid");
        manager.awaitText(record, "-i wlan0 -s");
        manager.awaitText(record, "-i wlan1 -s");
        int pid = manager.pid("udhcpc@wlan0");
        manager.kill();
        sysfs.remove("net", "wlan1");

        manager.start();
        manager.awaitLine("udhcpc@wlan1 stopped");
        assertThat(manager.ask("triggers").out()).isEqualTo("udhcpc by wifi\n  udhcpc@wlan0  present, held\n");
        assertThat(manager.pid("udhcpc@wlan0")).isEqualTo(pid);

        sysfs.remove("net", "wlan0");
        manager.awaitLine("udhcpc@wlan0 stopped");
        manager.awaitLine("wpa_supplicant@wlan0 stopped");
        assertThat(Files.readAllLines(record)).hasSize(4);
    }
}
