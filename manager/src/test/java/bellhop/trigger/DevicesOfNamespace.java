package bellhop.trigger;

import bellhop.catalog.TrustCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Run by {@link RealDevicesTest} in a network namespace of its own: makes and removes interfaces, and prints what a
 * plugin that finds them brings about.
 */
final class DevicesOfNamespace {

    private DevicesOfNamespace() {}

    public static void main(String[] arguments) throws Exception {
        boolean hearsKernel = Boolean.parseBoolean(arguments[1]);
        FakeServices services = new FakeServices();
        services.use(PluginSettingsTest.use(
                "srv", "links", Map.of("interval", PluginSettingsTest.word(arguments[2], 4, 5))));
        Triggers.Setting setting = new Triggers.Setting(
                List.of(Path.of(arguments[0])),
                Path.of("/sys"),
                TrustCheck.none(),
                Duration.ofSeconds(10),
                hearsKernel,
                jar -> Optional.empty(),
                System.out::println);
        try (Triggers _ = Triggers.start(setting, services)) {
            System.out.println(services.next());
            for (int round = 0; round < 5; round++) {
                long begin = System.nanoTime();
                ip("link", "add", "bh0", "type", "veth", "peer", "name", "bh1");
                Set<String> asked = new TreeSet<>(List.of(services.next()));
                long taken = System.nanoTime() - begin;
                asked.add(services.next());
                System.out.println(asked);
                System.out.println(Duration.ofNanos(taken).toMillis());
                ip("link", "set", "bh0", "name", "bh2");
                System.out.println(services.next());
                System.out.println(services.next());
                ip("link", "del", "bh2");
                asked = new TreeSet<>(List.of(services.next()));
                asked.add(services.next());
                System.out.println(asked);
            }
        }
        System.out.println("end");
    }

    private static void ip(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(command + " exited " + status);
        }
    }
}
