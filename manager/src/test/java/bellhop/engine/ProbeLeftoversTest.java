package bellhop.engine;

import static bellhop.engine.EngineTest.awaitFile;
import static bellhop.engine.LiveEngine.isAlive;
import static bellhop.engine.LiveEngine.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.core.Word;
import bellhop.definition.HealthCheck;
import bellhop.definition.KillMode;
import bellhop.definition.Ready;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.linux.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies that nothing of a probe is left once it has answered or was killed, and that a service's own is untouched. */
@Timeout(300)
final class ProbeLeftoversTest {

    private static final Duration OFTEN = Duration.ofMillis(50);

    @TempDir
    Path home;

    private LiveEngine engine;

    @BeforeEach
    void startEngine() throws Exception {
        engine = new LiveEngine(home);
        Files.createDirectories(engine.directory("web"));
    }

    @AfterEach
    void stopEngine() throws Exception {
        engine.close();
        assertThat(ofProbes()).isEmpty();
    }

    private Path file(String name) {
        return engine.directory("web").resolve(name);
    }

    /** A health check that says each time that it was begun. */
    private void check(String test, Duration timeout) {
        HealthCheck check = new HealthCheck(
                List.of("/bin/sh", "-c", "echo x >>asked; " + test),
                OFTEN,
                timeout,
                1_000,
                Duration.ZERO,
                OFTEN,
                Optional.empty());
        engine.define("web", web -> web.health(check));
    }

    private void awaitProbes(int count) throws Exception {
        Await.until(
                count + " probes",
                () -> Files.exists(file("asked"))
                        && Files.readAllLines(file("asked")).size() >= count);
    }

    /** Whatever probes of this test have started that lives: all sleep for as long as nothing else does. */
    private List<Proc.Task> ofProbes() throws IOException {
        List<Proc.Task> found = new ArrayList<>();
        for (Proc.Task task : Proc.census()) {
            Path cwd = Path.of("/proc", Integer.toString(task.pid()), "cwd");
            Path command = Path.of("/proc", Integer.toString(task.pid()), "cmdline");
            try {
                if (!task.isDead()
                        && Files.readString(command).contains("7777")
                        && Files.readSymbolicLink(cwd).startsWith(home)) {
                    found.add(task);
                }
            } catch (IOException e) {
                // It has ended meanwhile.
            }
        }
        return found;
    }

    private void awaitNothingOfProbes() throws Exception {
        Await.until("all probes have ended", () -> ofProbes().isEmpty());
    }

    /** At most the last one's are there, however many there were. */
    private void checkThatNothingPilesUp() throws Exception {
        int pipes = 3; // the shell, the program before it, and the sleep itself
        assertThat(ofProbes()).hasSizeLessThanOrEqualTo(pipes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "timeout 90 sleep 7777 || exit 1",
                "setsid -w sleep 7777",
                "setsid sleep 7777 & wait",
                "env -i setsid sleep 7777 & wait",
                "setsid -f sleep 7777 >/dev/null 2>&1; sleep 7777",
                "bash -c 'set -m; sleep 7777 & wait'"
            })
    void aProbeThatIsKilledLeavesNothing(String test) throws Exception {
        check(test, Duration.ofMillis(300));
        engine.script("web", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("web"));

        awaitProbes(5);

        checkThatNothingPilesUp();
        succeeds(engine.stop("web"));
        assertThat(ofProbes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sleep 7777 &",
                "setsid -f sleep 7777",
                "setsid -f sleep 7777 >/dev/null 2>&1",
                "setsid -f timeout 90 sleep 7777 >/dev/null 2>&1",
                "bash -c 'set -m; sleep 7777 & exit 0'",
                "bash -c 'set -m; env -i sleep 7777 & exit 0'"
            })
    void aProbeThatEndsWellLeavesNothing(String test) throws Exception {
        check(test, Duration.ofSeconds(20));
        engine.script("web", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("web"));

        awaitProbes(5);

        checkThatNothingPilesUp();
        succeeds(engine.stop("web"));
        assertThat(ofProbes()).isEmpty();
    }

    @Test
    void whatAProbeLeftEndsWithTheServiceThoughAStopReachesTheGroupAlone() throws Exception {
        check("setsid sleep 7777 & wait", Duration.ofHours(1));
        engine.killMode("web", KillMode.GROUP).script("web", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("web"));
        awaitProbes(1);

        succeeds(engine.stop("web"));

        assertThat(ofProbes()).isEmpty();
        assertThat(engine.service("web").leftAlive()).isZero();
    }

    @Test
    void whatTheServiceStartedItselfLivesOn() throws Exception {
        check("setsid sleep 7777 & wait", Duration.ofMillis(100));
        engine.script(
                "web",
                Script.RUN,
                "setsid -f sh -c 'echo $$ >daemon.new; mv daemon.new daemon; exec sleep 1000'",
                "sleep 1000 & echo $! >child.new; mv child.new child; wait");
        succeeds(engine.start("web"));
        awaitFile(file("daemon"));
        awaitFile(file("child"));

        awaitProbes(5);

        assertThat(isAlive(Integer.parseInt(Files.readString(file("daemon")).strip())))
                .isTrue();
        assertThat(isAlive(Integer.parseInt(Files.readString(file("child")).strip())))
                .isTrue();
        assertThat(engine.service("web").word()).isEqualTo(Word.STARTED);
    }

    /**
     * A test of readiness has ten seconds: the end of {@code run} is what kills it here. What it left is out of reach for
     * the end of the service.
     */
    @ParameterizedTest
    @ValueSource(strings = {"timeout 90 sleep 7777", "setsid sleep 7777 & wait", "setsid -f sleep 7777; exit 1"})
    void aTestOfReadinessLeavesNothing(String test) throws Exception {
        Ready ready = new Ready.Test(List.of("/bin/sh", "-c", "echo x >>asked; " + test));
        engine.restart("web", RestartPolicy.NO)
                .killMode("web", KillMode.GROUP)
                .define("web", web -> web.ready(ready))
                .script("web", Script.RUN, "until [ -e asked ]; do sleep 0.01; done", "sleep 0.3");

        assertThat(LiveEngine.answer(engine.start("web")).failures()).hasSize(1);

        awaitProbes(1);
        engine.await("web", Word.FAILED);
        assertThat(ofProbes()).isEmpty();
    }

    @Test
    void whatATestOfReadinessLeftThatEndedWellEndsAtOnce() throws Exception {
        Ready ready = new Ready.Test(List.of("/bin/sh", "-c", "setsid -f sleep 7777 >/dev/null 2>&1"));
        engine.define("web", web -> web.ready(ready)).script("web", Script.RUN, "exec sleep 1000");

        succeeds(engine.start("web"));

        awaitNothingOfProbes();
    }
}
