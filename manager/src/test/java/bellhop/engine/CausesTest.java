package bellhop.engine;

import static bellhop.engine.LiveEngine.answer;
import static bellhop.engine.LiveEngine.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that each change of a service comes with what led to it. */
class CausesTest {

    @TempDir
    Path home;

    private LiveEngine engine;

    @BeforeEach
    void startEngine() throws Exception {
        engine = new LiveEngine(home);
    }

    @AfterEach
    void stopEngine() throws Exception {
        engine.close();
    }

    private List<String> changes(String service) {
        return engine.changes().stream()
                .filter(change -> change.startsWith(service + " "))
                .map(change -> change.replaceAll("after \\d+\\.\\d s", "after N s"))
                .toList();
    }

    @Test
    void aRequestIsTheCauseAndWhatItLedToLaterHasItsOwn() throws Exception {
        engine.script("web", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("web"));
        succeeds(engine.stop("web"));

        assertThat(engine.changes())
                .containsExactly(
                        "web starting: by request (the test)",
                        "web started: run was started",
                        "web stopping: by request (the test)",
                        "web stopped: all its processes have ended");
    }

    @Test
    void aRestartIsRememberedUntilTheServiceIsBegunAgain() throws Exception {
        engine.script("web", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("web"));
        succeeds(engine.restart("web"));

        assertThat(changes("web").subList(2, 5))
                .containsExactly(
                        "web stopping: by request (the test)",
                        "web starting: by request (the test)",
                        "web started: run was started");
    }

    @Test
    void whatIsRequiredHasItsRequirerAsCauseAndTheSameAsker() throws Exception {
        engine.script("app", Script.RUN, "exec sleep 1000")
                .script("db", Script.PRE, "true")
                .script("db", Script.RUN, "exec sleep 1000")
                .define("app", builder -> builder.requires(List.of(LiveEngine.name("db"))));
        engine.read("db");
        succeeds(engine.start("app"));
        succeeds(engine.stop("app"));
        awaitChange("db stopped: all its processes have ended");

        assertThat(changes("app"))
                .containsExactly(
                        "app starting: by request (the test)",
                        "app started: run was started",
                        "app stopping: by request (the test)",
                        "app stopped: all its processes have ended");
        assertThat(changes("db"))
                .containsExactly(
                        "db starting: required by app (the test)",
                        "db started: run was started",
                        "db stopping: no longer required by app",
                        "db stopped: all its processes have ended");
    }

    @Test
    void whatRequiresAServiceThatFailsSaysSo() throws Exception {
        engine.script("app", Script.RUN, "exec sleep 1000")
                .restart("app", RestartPolicy.NO)
                .script("db", Script.PRE, "exit 3")
                .restart("db", RestartPolicy.NO)
                .define("app", builder -> builder.requires(List.of(LiveEngine.name("db"))));
        engine.read("db");
        assertThat(answer(engine.start("app")).failures()).isNotEmpty();

        assertThat(changes("app"))
                .containsExactly("app starting: by request (the test)", "app failed: what it requires did not start");
        assertThat(changes("db"))
                .startsWith("db starting: required by app (the test)")
                .endsWith("db failed: all its processes have ended");
    }

    @Test
    void anExitAndTheDelayAfterItAreCauses() throws Exception {
        engine.script("web", Script.PRE, "test -e again || { touch again; exit 1; }")
                .script("web", Script.RUN, "exec sleep 1000");
        assertThat(answer(engine.start("web")).failures()).isNotEmpty();
        awaitChange("web started: run was started");

        assertThat(changes("web"))
                .containsExactly(
                        "web starting: by request (the test)",
                        "web restarting: pre exited 1 after N s",
                        "web starting: the delay before its restart is over",
                        "web started: run was started");
    }

    @Test
    void aRestartWithoutADelaySaysSo() throws Exception {
        engine.script("web", Script.RUN, "test -e again || { touch again; exit 1; }", "exec sleep 1000")
                .restartDelay("web", Duration.ZERO);
        succeeds(engine.start("web"));
        Await.until("it is restarted", () -> changes("web").size() >= 5);

        assertThat(changes("web"))
                .containsExactly(
                        "web starting: by request (the test)",
                        "web started: run was started",
                        "web restarting: run exited 1 after N s",
                        "web starting: its restart has no delay left",
                        "web started: run was started");
    }

    private void awaitChange(String change) {
        Await.until(change, () -> engine.changes().contains(change));
    }

    @Test
    void aTimeLimitIsACause() throws Exception {
        engine.script("web", Script.PRE, "exec sleep 1000")
                .restart("web", RestartPolicy.NO)
                .limit("web", Duration.ofMillis(50));
        assertThat(answer(engine.start("web")).failures()).isNotEmpty();

        assertThat(changes("web"))
                .startsWith("web starting: by request (the test)")
                .anyMatch(it -> it.endsWith(": timed out"));
    }

    @Test
    void holdsNameTheirOwners() throws Exception {
        engine.script("web", Script.RUN, "exec sleep 1000");
        succeeds(engine.require("me", "web"));
        succeeds(engine.release("me", "web"));

        assertThat(changes("web"))
                .containsExactly(
                        "web starting: required by me (the test)",
                        "web started: run was started",
                        "web stopping: released by me (the test)",
                        "web stopped: all its processes have ended");
    }

    @Test
    void aStopOfEverythingIsACause() throws Exception {
        engine.script("web", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("web"));
        succeeds(engine.stopAll());

        assertThat(changes("web").get(2)).isEqualTo("web stopping: everything is being stopped (the test)");
    }
}
