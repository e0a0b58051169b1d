package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Execution;
import bellhop.Outcome;
import bellhop.control.Dialog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies {@code bh wait} with real services under a real manager. */
@Timeout(120)
class WaitTest {

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

    private String waitFor(String gate) {
        return "until [ -e " + file(gate) + " ]; do sleep 0.02; done";
    }

    private void open(String gate) throws IOException {
        Files.createFile(file(gate));
    }

    /** A request that waits by now: a request that came after it on the same socket's loop was answered. */
    private Dialog waiting(String... words) throws IOException {
        Dialog dialog = new Dialog(manager.runDir().socket());
        dialog.send("wait " + String.join(" ", words) + "\n");
        manager.ask("status"); // was read, and carried out, later
        return dialog;
    }

    @Test
    void startedIsHeardOfByAllThatWaitForIt() throws Exception {
        manager.script("web", "pre", waitFor("go")).script("web", "run", "exec sleep 1000");
        manager.script("db", "run", "exec sleep 1000");
        manager.start();
        try (Dialog both = waiting("web", "db");
                Dialog one = waiting("web")) {
            Execution start = manager.program("bh-start", "web");
            manager.awaitLine("web starting");
            open("go");

            start.outcome().succeeds();
            ManagerProcess.answer(one).succeeds();
            manager.ask("start", "db").succeeds();
            ManagerProcess.answer(both).succeeds();
        }
        manager.ask("wait", "web", "db").succeeds();
    }

    @Test
    void aFailureEndsTheWait() throws Exception {
        manager.script("web", "pre", waitFor("go"), "exit 3").script("web", "run", "exec sleep 1000");
        manager.yaml("web", "restart: \"no\"");
        manager.script("db", "run", "exec sleep 1000");
        manager.start();
        try (Dialog wait = waiting("db", "web")) {
            Execution start = manager.program("bh-start", "web");
            manager.awaitLine("web starting");
            open("go");
            start.outcome();

            Outcome outcome = ManagerProcess.answer(wait);
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.err()).startsWith("bh-wait: web: failed: pre exited 3");
        }
        assertThat(manager.ask("wait", "web").status()).isEqualTo(1);
        manager.ask("wait", "--until", "stopped", "web").succeeds();
        assertThat(manager.ask("wait", "none").status()).isEqualTo(1);
    }

    @Test
    void stoppedAndFinishedAreHeardOf() throws Exception {
        manager.script("job", "run", waitFor("go")).yaml("job", "restart: on-failure");
        manager.script("web", "run", "exec sleep 1000");
        manager.start();
        manager.ask("start", "job", "web").succeeds();
        try (Dialog finished = waiting("--until=finished", "job");
                Dialog down = waiting("--until", "stopped", "job", "web")) {
            open("go");

            ManagerProcess.answer(finished).succeeds();
            manager.ask("stop", "web").succeeds();
            ManagerProcess.answer(down).succeeds();
        }
        manager.ask("wait", "job").succeeds();
        assertThat(manager.ask("wait", "--until", "finished", "web"))
                .isEqualTo(new Outcome(
                        1,
                        "",
                        "bh-wait: web: never finishes: run is started again whenever it ends (restart: always)\n"));
    }

    @Test
    void healthyIsHeardOf() throws Exception {
        manager.script("web", "run", "exec sleep 1000")
                .yaml(
                        "web",
                        "healthcheck: {test: [CMD-SHELL, \"test -e " + file("well") + "\"], interval: 20ms,",
                        "  start_period: 1h, start_interval: 20ms}");
        manager.script("db", "run", "exec sleep 1000");
        manager.start();
        try (Dialog wait = waiting("--until", "healthy", "web")) {
            manager.ask("start", "web", "db").succeeds();
            open("well");
            ManagerProcess.answer(wait).succeeds();
        }
        assertThat(manager.ask("wait", "--until", "healthy", "db"))
                .isEqualTo(new Outcome(1, "", "bh-wait: db: has no healthcheck\n"));
    }

    @Test
    void theTimeoutHasAStatusOfItsOwn() throws Exception {
        manager.script("web", "run", "exec sleep 1000");
        manager.script("db", "run", "exec sleep 1000");
        manager.start();
        manager.ask("start", "db").succeeds();

        assertThat(manager.ask("wait", "--timeout", "50ms", "web", "db"))
                .isEqualTo(new Outcome(124, "", "bh-wait: web: not started after 0.05 s, but stopped\n"));
        assertThat(manager.ask("wait", "--until", "upp", "web").err())
                .isEqualTo("bh-wait: --until: \"upp\"; expected one of started, stopped, finished, healthy\n");
        assertThat(manager.ask("wait", "--timeout", "soon", "web").status()).isEqualTo(64);
    }

    @Test
    void aClientThatGoesAwayIsForgotten() throws Exception {
        manager.script("web", "run", "exec sleep 1000");
        manager.start();
        waiting("web").close();
        waiting("--timeout", "1h", "web").close();

        manager.ask("start", "web").succeeds();
        manager.ask("wait", "web").succeeds();
        assertThat(manager.said()).doesNotContain("internal error");
    }

    @Test
    void aScriptDoesNotWaitForItself() throws Exception {
        manager.script("web", "pre", "! bh wait web 2>" + file("why")).script("web", "run", "exec sleep 1000");
        manager.start();

        manager.ask("start", "web").succeeds();

        assertThat(file("why")).hasContent("bh-wait: web: refused: this script of it would wait for itself");
    }

    @Test
    void aScriptWaitsForAnother() throws Exception {
        manager.script("web", "pre", "touch " + file("waits"), "bh wait db").script("web", "run", "exec sleep 1000");
        manager.script("db", "run", "exec sleep 1000");
        manager.start();
        Execution start = manager.program("bh-start", "web");
        manager.awaitFile(file("waits"));
        assertThat(manager.state("web")).isEqualTo("starting");

        manager.ask("start", "db").succeeds();

        start.outcome().succeeds();
    }
}
