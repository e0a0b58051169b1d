package bellhop.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.ServiceWriter;
import bellhop.definition.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Verifies what {@code udhcpc} and {@code wpa_supplicant} check and require, with the scripts as they are, and a
 * sysfs and programs that are made up.
 */
class NetworkServicesTest {

    @TempDir
    Path root;

    @BeforeEach
    void makeTwoInterfacesAndThePrograms() throws IOException {
        Files.createDirectories(root.resolve("sys/class/net/eth0"));
        Files.createDirectories(root.resolve("sys/class/net/wlan0/phy80211"));
        Files.writeString(root.resolve("wpa.conf"), "network={}\n");
        for (String name : new String[] {"udhcpc", "wpa_supplicant", "bh-require", "bh-release"}) {
            ServiceWriter.write(
                    root.resolve("bin").resolve(name), true, ServiceWriter.shell("echo \"${0##*/}\" \"$@\""));
        }
    }

    @Test
    void udhcpcRequiresTheWifiLoginOfAWirelessInterface() throws IOException, InterruptedException {
        assertThat(run("udhcpc", Script.PRE, "wlan0")).isEqualTo("bh-require wpa_supplicant@wlan0\n0");
        assertThat(run("udhcpc", Script.POST, "wlan0")).isEqualTo("bh-release wpa_supplicant@wlan0\n0");
    }

    @Test
    void udhcpcRequiresNothingOnAWire() throws IOException, InterruptedException {
        assertThat(run("udhcpc", Script.PRE, "eth0")).isEqualTo("0");
        assertThat(run("udhcpc", Script.POST, "eth0")).isEqualTo("0");
    }

    @Test
    void udhcpcRunsInTheForegroundWithTheScriptThatWasFound() throws IOException, InterruptedException {
        assertThat(run("udhcpc", Script.RUN, "eth0")).isEqualTo("udhcpc -f -R -A 3 -i eth0 -s /bin/sh\n0");
    }

    @Test
    void wpaSupplicantTakesTheConfigurationThatWasFound() throws IOException, InterruptedException {
        assertThat(run("wpa_supplicant", Script.PRE, "wlan0")).isEqualTo("0");
        assertThat(run("wpa_supplicant", Script.RUN, "wlan0"))
                .isEqualTo("wpa_supplicant -i wlan0 -c " + root.resolve("wpa.conf") + "\n0");
    }

    @Test
    void anInterfaceThatIsNotThereIsNamedInOneLine() throws IOException, InterruptedException {
        String missing =
                ": there is no interface wlan7; ls " + root.resolve("sys/class/net") + " lists the existing ones\n1";

        assertThat(run("udhcpc", Script.PRE, "wlan7")).isEqualTo("udhcpc@wlan7" + missing);
        assertThat(run("wpa_supplicant", Script.PRE, "wlan7")).isEqualTo("wpa_supplicant@wlan7" + missing);
    }

    @Test
    void wpaSupplicantRefusesAWire() throws IOException, InterruptedException {
        assertThat(run("wpa_supplicant", Script.PRE, "eth0"))
                .isEqualTo("wpa_supplicant@eth0: eth0 is not a wireless interface\n1");
    }

    /** What the script wrote, and its exit status. */
    private String run(String service, Script script, String target) throws IOException, InterruptedException {
        Path directory = Path.of("..", "services.d", service);
        ProcessBuilder builder = new ProcessBuilder("./" + script.fileName(), target)
                .directory(directory.toFile())
                .redirectErrorStream(true);
        builder.environment().merge("PATH", root.resolve("bin").toString(), (path, own) -> own + ":" + path);
        builder.environment().put("BELLHOP_SYSFS", root.resolve("sys").toString());
        builder.environment().put("UDHCPC_SCRIPT", "/bin/sh");
        builder.environment()
                .put("WPA_SUPPLICANT_CONFIG", root.resolve("wpa.conf").toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return said + process.waitFor();
    }
}
