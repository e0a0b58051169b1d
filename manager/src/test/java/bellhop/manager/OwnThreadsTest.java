package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.trigger.PluginMaker;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies which threads a manager has, and that it neither loads plugins nor waits for them before they are needed. */
@Timeout(120)
class OwnThreadsTest {

    /** Leaves a file when it is loaded, and finds one target. */
    private static final String PLUGIN = """
            package p;

            import bellhop.spi.*;
            import java.nio.file.*;
            import java.util.*;

            public final class Plugin implements TriggerPlugin {
                public String name() {
                    try {
                        Files.writeString(Path.of("FOLDER/loaded"), "");
                    } catch (java.io.IOException e) {
                        throw new IllegalStateException(e);
                    }
                    return "fake";
                }

                public Trigger open(Settings settings, Host host) {
                    return () -> Set.of(new Target("t0", "", Map.of()));
                }
            }
            """;

    private ManagerProcess manager;
    private String plugins;

    @BeforeEach
    void begin() throws Exception {
        manager = new ManagerProcess();
        Path root = manager.root();
        Path jars = Files.createDirectory(root.resolve("plugins"));
        new PluginMaker(Files.createDirectory(root.resolve("made")))
                .jar(jars.resolve("fake.jar"), PLUGIN.replace("FOLDER", root.toString()));
        Files.writeString(jars.resolve("broken.jar"), "no jar");
        plugins = jars.toString();
        manager.script("web", "run", "exec sleep 1000");
    }

    @AfterEach
    void end() throws Exception {
        manager.close();
    }

    private boolean isLoaded() {
        return Files.exists(manager.root().resolve("loaded"));
    }

    /** The threads that are not the JVM's; the kernel knows the first 15 letters of a name. */
    private Set<String> threads() throws IOException {
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> tasks =
                Files.newDirectoryStream(Path.of("/proc/" + manager.process().pid() + "/task"))) {
            for (Path task : tasks) {
                try {
                    names.add(Files.readString(task.resolve("comm")).strip());
                } catch (NoSuchFileException e) {
                    // It has just ended.
                }
            }
        }
        names.removeIf(name -> !name.matches("bellhop-.*|Cleaner-.*|FileSystemWatch.*"));
        return names;
    }

    private void awaitThreads(String... expected) throws IOException {
        Await.until("the threads are " + Set.of(expected), () -> threads().equals(Set.of(expected)));
    }

    @Test
    void idleManagerHasNoThreadForPluginsThatNoServiceNames() throws Exception {
        manager.start("--plugins", plugins);
        manager.ask("start", "web").succeeds();
        manager.ask("reload").isSilent(0);

        awaitThreads("Cleaner-0", "bellhop-control", "bellhop-definit", "bellhop-log");
        assertThat(isLoaded()).isFalse();
        assertThat(manager.said()).doesNotContain("left out");
    }

    @Test
    void pluginsAreLoadedForWhoeverAsksForThem() throws Exception {
        manager.start("--plugins", plugins);

        assertThat(manager.ask("plugins").out().lines())
                .contains("fake  " + plugins + "/fake.jar  used by 0 services")
                .anyMatch(line -> line.startsWith("(left out)  " + plugins + "/broken.jar  not a jar"));
        manager.awaitLine("broken.jar is left out: not a jar");
        awaitThreads("Cleaner-0", "bellhop-control", "bellhop-definit", "bellhop-log", "bellhop-trigger");
    }

    @Test
    void serviceThatComesAndNamesAPluginHasItLoaded() throws Exception {
        manager.start("--plugins", plugins);
        manager.script("job", "run", "exec sleep 1000").yaml("job", "triggers: {fake: {}}");

        manager.awaitLine("job@t0 started");
        assertThat(isLoaded()).isTrue();
        manager.awaitLine("broken.jar is left out: not a jar");
    }

    @Test
    void serviceThatNamesAnUnknownPluginIsReportedAtTheStart() throws Exception {
        manager.script("job", "run", "exec sleep 1000").yaml("job", "triggers: {fakd: {}}");
        manager.start("--plugins", plugins);

        manager.awaitLine("fakd: there is no such plugin; expected one of fake");
    }
}
