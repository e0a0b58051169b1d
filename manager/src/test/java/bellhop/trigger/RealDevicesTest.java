package bellhop.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Interfaces that the real kernel makes and removes, in a network namespace of the test's own. */
class RealDevicesTest {
    private static final String PLUGIN = """
            package p;

            import bellhop.spi.*;
            import java.nio.file.*;
            import java.util.*;

            public final class Plugin implements TriggerPlugin {
                public String name() {
                    return "links";
                }

                public Trigger open(Settings settings, Host host) {
                    host.wakeOn("net");
                    Path net = host.sysfs().resolve("class/net");
                    return () -> {
                        Set<Target> found = new HashSet<>();
                        try (DirectoryStream<Path> links = Files.newDirectoryStream(net, "{lo,bh*}")) {
                            for (Path link : links) {
                                try {
                                    String index = Files.readString(link.resolve("ifindex")).strip();
                                    found.add(new Target(link.getFileName().toString(), index, Map.of()));
                                } catch (java.io.IOException e) {
                                    // Just going.
                                }
                            }
                        }
                        return found;
                    };
                }
            }
            """;

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    private Process inNamespace(String... command) throws IOException {
        List<String> argv = new ArrayList<>(
                List.of("unshare", "-n", "-m", "sh", "-c", "mount -t sysfs none /sys && exec \"$@\"", "sh"));
        argv.addAll(List.of(command));
        Process process = new ProcessBuilder(argv).redirectErrorStream(true).start();
        started.add(process);
        return process;
    }

    /** The times in which the first of two new interfaces was asked for, in milliseconds. */
    private List<Long> times(boolean hearsKernel, String interval) throws Exception {
        boolean possible = inNamespace("ip", "link", "show", "lo").waitFor() == 0;
        assumeTrue(possible, "skipped: no network namespace can be made, or there is no ip (iproute2)");
        new PluginMaker(folder).jar(folder.resolve("plugins/links.jar"), PLUGIN);
        Process java = inNamespace(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                DevicesOfNamespace.class.getName(),
                folder.resolve("plugins").toString(),
                Boolean.toString(hearsKernel),
                interval);
        List<Long> times = new ArrayList<>();
        try (BufferedReader lines = java.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines.readLine()).isEqualTo("require srv@lo for links:lo");
            for (int round = 0; round < 5; round++) {
                assertThat(lines.readLine())
                        .isEqualTo("[require srv@bh0 for links:bh0, require srv@bh1 for links:bh1]");
                times.add(Long.parseLong(lines.readLine()));
                assertThat(lines.readLine()).isEqualTo("release srv@bh0 of links:bh0");
                assertThat(lines.readLine()).isEqualTo("require srv@bh2 for links:bh2");
                assertThat(lines.readLine()).isEqualTo("[release srv@bh1 of links:bh1, release srv@bh2 of links:bh2]");
            }
            assertThat(lines.readLine()).isEqualTo("end");
        }
        assertThat(java.waitFor(60, TimeUnit.SECONDS)).isTrue();
        System.out.println("from `ip link add` to the require, " + (hearsKernel ? "with" : "without")
                + " events of the kernel, looking each " + interval + ": " + times + " ms");
        return times;
    }

    @Test
    void anEventOfTheKernelHasDevicesLookedAtLongBeforeTheNextPoll() throws Exception {
        assertThat(Collections.min(times(true, "1h"))).isLessThan(1000);
    }

    @Test
    void withoutEventsDevicesAreFoundWithinOneInterval() throws Exception {
        assertThat(Collections.min(times(false, "300ms"))).isLessThan(2000);
    }
}
