package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies what {@code healthcheck} in {@code service.yaml} does, with real probes under a real manager. */
@Timeout(120)
class HealthKeyTest {

    private static final int CYCLES = 100;

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path file(String name) {
        return manager.root().resolve(name);
    }

    @Test
    void unhealthyIsShownAndRestarts() throws Exception {
        Files.createFile(file("open"));
        manager.script("web", "run", "exec sleep 1000")
                .yaml(
                        "web",
                        "restart_delay: 10ms",
                        "healthcheck:",
                        "  test: [CMD-SHELL, \"echo first; echo the door is shut; test -e " + file("open") + "\"]",
                        "  interval: 50ms",
                        "  retries: 2");
        manager.start();
        manager.ask("start", "web").succeeds();
        manager.awaitStatus("web", "health", "healthy");
        int first = manager.pid("web");

        Files.delete(file("open"));

        assertThat(manager.awaitLine("web restarting: unhealthy: ")).endsWith("exited 1: the door is shut");
        manager.awaitLine("web started", 2);
        assertThat(ProcessHandle.of(first).filter(ProcessHandle::isAlive)).isEmpty();
        manager.awaitNote("web", "the door is shut");
    }

    @Test
    void withoutRestartItIsFailed() throws Exception {
        manager.script("web", "run", "exec sleep 1000")
                .yaml("web", "restart: \"no\"", "healthcheck: {test: [CMD-SHELL, exit 3], interval: 20ms, retries: 1}");
        manager.start();
        manager.ask("start", "web").succeeds();

        assertThat(manager.awaitLine("web failed: ")).contains("unhealthy: ").contains("exited 3");
        assertThat(manager.processes()).isEmpty();
    }

    @Test
    void aProbeThatHangsIsOneAndEndsWithItsService() throws Exception {
        String hang = "echo $$ >>" + file("probes") + "; exec sleep 1000";
        manager.script("web", "run", "exec sleep 1000")
                .yaml("web", "healthcheck: {test: [CMD-SHELL, \"" + hang + "\"], interval: 10ms, timeout: 1h}");
        manager.script("other", "run", "exec sleep 1000")
                .yaml("other", "healthcheck: {test: [CMD-SHELL, \"echo x >>" + file("ticks") + "\"], interval: 10ms}");
        manager.start();
        manager.ask("start", "web", "other").succeeds();
        manager.awaitText(file("probes"), "\n");
        manager.awaitText(file("ticks"), "x\nx\nx\nx\nx\nx\nx\nx\nx\nx\n");
        assertThat(Files.readAllLines(file("probes"))).hasSize(1);

        manager.ask("stop", "web", "other").succeeds();
        assertThat(manager.processes()).isEmpty();

        // With one that hangs the manager still ends well, which is seen when it is closed.
        manager.ask("start", "web").succeeds();
        manager.await(
                "the second probe", () -> Files.readAllLines(file("probes")).size() == 2);
    }

    @Test
    void nothingIsLeftInTheManagerOfManyLives() throws Exception {
        manager.script("web", "run", "echo >&3", "exec sleep 1000")
                .yaml("web", "ready: {fd: 3}", "healthcheck: {test: \"true\", interval: 1ms}");
        manager.script("told", "run", "exec sleep 1000")
                .yaml("told", "ready: {test: [CMD-SHELL, \"true\"]}", "healthcheck: {test: \"true\", interval: 1ms}");
        manager.script("late", "run", "exec sleep 1000").yaml("late", "ready: {notify: true, watchdog: 1s}");
        manager.start();
        live(5);
        long descriptors = count("fd");
        long threads = count("task");

        live(CYCLES);

        assertThat(count("fd")).isLessThanOrEqualTo(descriptors + 2);
        assertThat(count("task")).isLessThanOrEqualTo(threads + 2);
    }

    private void live(int times) throws Exception {
        for (int i = 0; i < times; i++) {
            Execution late = i == 0 ? manager.program("bh-start", "late") : null;
            manager.ask("start", "web", "told").succeeds();
            manager.ask("stop", "web", "told").succeeds();
            if (late != null) {
                manager.ask("stop", "late").succeeds();
                late.outcome();
            }
        }
    }

    private long count(String what) throws IOException {
        try (Stream<Path> entries =
                Files.list(Path.of("/proc", Long.toString(manager.process().pid()), what))) {
            return entries.count();
        }
    }
}
