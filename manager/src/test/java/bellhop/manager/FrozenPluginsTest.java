package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.linux.Signals;
import bellhop.trigger.PluginMaker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Managers that stand still together with their plugins: neither a plugin nor a device is given up for that. */
class FrozenPluginsTest {

    /** Says its name once there is {@code named}; a target for each file in {@code targets}, as {@code seen} says. */
    private static final String PLUGIN = """
            package p;

            import bellhop.spi.*;
            import java.nio.file.*;
            import java.util.*;

            public final class Plugin implements TriggerPlugin {
                private static final Path ROOT = Path.of("FOLDER");

                public String name() {
                    try {
                        Files.writeString(ROOT.resolve("loading"), "");
                        while (!Files.exists(ROOT.resolve("named"))) {
                            Thread.sleep(5);
                        }
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                    return "fake";
                }

                public Trigger open(Settings settings, Host host) {
                    return () -> {
                        Set<Target> found = new HashSet<>();
                        try (DirectoryStream<Path> files = Files.newDirectoryStream(ROOT.resolve("targets"))) {
                            files.forEach(file -> found.add(new Target(file.getFileName().toString(), "", Map.of())));
                        }
                        Files.writeString(ROOT.resolve("seen"), found.size() + " there");
                        return found;
                    };
                }
            }
            """;

    private ManagerProcess manager;

    @BeforeEach
    void begin() throws Exception {
        manager = new ManagerProcess();
        Path root = manager.root();
        Files.createDirectory(file("targets"));
        Files.createFile(device());
        new PluginMaker(Files.createDirectory(root.resolve("made")))
                .jar(root.resolve("plugins/fake.jar"), PLUGIN.replace("FOLDER", root.toString()));
        manager.script("job", "run", "exec sleep 1000").yaml("job", "triggers: {fake: {interval: 100ms, settle: 3s}}");
    }

    @AfterEach
    void end() throws Exception {
        manager.close();
    }

    private Path file(String name) {
        return manager.root().resolve(name);
    }

    private Path device() {
        return file("targets").resolve("t0");
    }

    private void standStill(Duration time, Callable<?> meanwhile) throws Exception {
        manager.signal(Signals.STOP);
        try {
            meanwhile.call();
            Thread.sleep(time); // this is the stand-still
        } finally {
            manager.signal(Signals.CONT);
        }
    }

    @Test
    void aPluginIsNotLeftOutForTheTimeThatItCouldNotLoad() throws Exception {
        manager.begin("--plugins", file("plugins").toString());
        manager.awaitFile(file("loading"));

        standStill(Duration.ofMillis(2_100), () -> "nothing happens");
        manager.awaitAnswer();
        Files.createFile(file("named"));

        manager.awaitText(file("seen"), "1 there");
        assertThat(manager.said()).doesNotContain("left out");
    }

    @Test
    void aDeviceThatWentAndCameAgainMeanwhileDoesNotStopItsService() throws Exception {
        Files.createFile(file("named"));
        manager.start("--plugins", file("plugins").toString());
        manager.awaitLine("job@t0 started");
        Files.delete(device());
        manager.awaitText(file("seen"), "0 there");

        standStill(Duration.ofMillis(3_100), () -> Files.createFile(device()));

        manager.awaitText(file("seen"), "1 there");
        manager.ask("status");
        assertThat(manager.said()).doesNotContain("job@t0 stop");
    }
}
