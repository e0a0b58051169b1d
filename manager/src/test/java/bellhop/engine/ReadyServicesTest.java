package bellhop.engine;

import static bellhop.engine.LiveEngine.answer;
import static bellhop.engine.LiveEngine.isAlive;
import static bellhop.engine.LiveEngine.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.core.Word;
import bellhop.definition.HealthCheck;
import bellhop.definition.Ready;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.engine.readiness.ReadyScene;
import bellhop.engine.readiness.SelfReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that services are started once they say so, and restarted once they are not well. */
@Timeout(60)
class ReadyServicesTest {

    private static final Ready NOTIFY = new Ready.Notify(Optional.empty());
    private static final Ready THREE = new Ready.Descriptor(3);

    @TempDir
    Path home;

    private LiveEngine engine;

    @BeforeEach
    void open() throws Exception {
        engine = new LiveEngine(home);
    }

    @AfterEach
    void close() throws Exception {
        engine.close();
        assertThat(engine.runDirPath).doesNotExist();
    }

    private Path file(String name) {
        return engine.directory("web").resolve(name);
    }

    /** Makes the FIFO that a script waits at with {@code read go <NAME}. */
    private void letGo(String gate) throws Exception {
        Files.writeString(file(gate), "go\n");
    }

    private String gate(String name) throws Exception {
        bellhop.linux.Fd.mkfifo(Files.createDirectories(engine.directory("web")).resolve(name), 0600);
        return "read go <" + name;
    }

    @Test
    void whoStartsItWaitsUntilItSaysReady() throws Exception {
        ReadyScene.needs("/usr/bin/systemd-notify");
        engine.define("web", web -> web.ready(NOTIFY))
                .script(
                        "web",
                        Script.RUN,
                        gate("gate"),
                        "systemd-notify --ready --status='at work'",
                        "exec sleep 1000");
        CompletableFuture<LiveEngine.Answer> start = engine.start("web");
        engine.pid("web");
        assertThat(engine.service("web").word()).isEqualTo(Word.STARTING);
        assertThat(start).isNotDone();

        letGo("gate");

        succeeds(start);
        assertThat(engine.service("web").word()).isEqualTo(Word.STARTED);
        assertThat(engine.report("web").status()).isEqualTo("at work");
    }

    @Test
    void notReadyInTimeFailsTheStartAndIsSaid() throws Exception {
        engine.restart("web", RestartPolicy.NO)
                .define("web", web -> web.ready(THREE).timeout(Script.RUN, Duration.ofMillis(300)))
                .script("web", Script.RUN, "exec sleep 1000");

        assertThat(answer(engine.require("me", "web")).failures())
                .singleElement()
                .asString()
                .contains("was not ready within 0.3 s");
        engine.await("web", Word.FAILED);
    }

    @Test
    void deadBeforeItWasReadyFailsTheStartAndIsSaid() throws Exception {
        engine.restart("web", RestartPolicy.NO)
                .define("web", web -> web.ready(NOTIFY))
                .script("web", Script.RUN, "exit 0");

        assertThat(answer(engine.start("web")).failures())
                .singleElement()
                .asString()
                .contains("exited 0")
                .contains("before it was ready");
    }

    @Test
    void askedForMoreTimeItHasIt() throws Exception {
        ReadyScene.needs("/usr/bin/systemd-notify");
        engine.restart("web", RestartPolicy.NO)
                .define("web", web -> web.ready(NOTIFY).timeout(Script.RUN, Duration.ofSeconds(3)))
                .script(
                        "web",
                        Script.RUN,
                        "systemd-notify EXTEND_TIMEOUT_USEC=20000000",
                        "sleep 3.2",
                        "systemd-notify --ready",
                        "exec sleep 1000");

        succeeds(engine.start("web"));
    }

    @Test
    void readinessIsAskedAnewAfterEachRestart() throws Exception {
        engine.define("web", web -> web.ready(THREE))
                .script(
                        "web",
                        Script.RUN,
                        "echo x >>runs",
                        "[ $(wc -l <runs) = 1 ] || " + gate("gate"),
                        "echo >&3",
                        "exec sleep 1000");
        succeeds(engine.start("web"));

        new ProcessBuilder("kill", Integer.toString(engine.pid("web"))).start().waitFor();

        engine.await(
                "web",
                s -> s.word() == Word.STARTING
                        && s.run().isPresent()
                        && s.run().get().pid() != 0);
        CompletableFuture<LiveEngine.Answer> require = engine.require("me", "web");
        engine.service("web");
        assertThat(require).isNotDone();
        letGo("gate");
        succeeds(require);
    }

    @Test
    void aMissedWatchdogKillsAndRestarts() throws Exception {
        ReadyScene.needs("/usr/bin/systemd-notify");
        engine.define("web", web -> web.ready(new Ready.Notify(Optional.of(Duration.ofMillis(500)))))
                .script(
                        "web",
                        Script.RUN,
                        "systemd-notify --ready",
                        "for i in 1 2 3; do sleep 0.2; systemd-notify WATCHDOG=1; done",
                        "echo x >>missed",
                        "sleep 1000");
        succeeds(engine.start("web"));
        int first = engine.pid("web");

        engine.await("web", s -> s.word() == Word.RESTARTING && s.detail().contains("gave no sign of life for 0.5 s"));

        assertThat(file("missed")).hasContent("x");
        engine.await("web", Word.STARTED);
        assertThat(engine.pid("web")).isNotEqualTo(first);
        assertThat(isAlive(first)).isFalse();
    }

    @Test
    void anUnhealthyServiceIsRestartedAndNoProbeIsLeft() throws Exception {
        Duration often = Duration.ofMillis(50);
        HealthCheck check = new HealthCheck(
                List.of("/bin/sh", "-c", "echo the door is shut; [ -e open ]"),
                often,
                Duration.ofSeconds(5),
                2,
                Duration.ZERO,
                often,
                Optional.empty());
        Files.createDirectories(engine.directory("web"));
        Files.createFile(file("open"));
        engine.define("web", web -> web.health(check)).script("web", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("web"));
        int first = engine.pid("web");
        Await.until(
                "web is healthy",
                () -> engine.report("web").health().map(SelfReport.Health::word).equals(Optional.of("healthy")));

        Files.delete(file("open"));

        engine.await("web", s -> s.word() == Word.RESTARTING && s.detail().contains("exited 1: the door is shut"));
        engine.await("web", s -> s.word() == Word.STARTED);
        assertThat(engine.pid("web")).isNotEqualTo(first);
        succeeds(engine.stop("web"));
        assertThat(engine.report("web")).isEqualTo(SelfReport.NONE);
    }

    @Test
    void aProbeThatHangsDoesNotOutliveItsService() throws Exception {
        HealthCheck check = new HealthCheck(
                List.of("/bin/sh", "-c", "echo $$ >probe.new; mv probe.new probe; exec sleep 1000"),
                Duration.ofMillis(10),
                Duration.ofSeconds(50),
                1,
                Duration.ZERO,
                Duration.ofMillis(10),
                Optional.empty());
        engine.define("web", web -> web.health(check)).script("web", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("web"));
        Await.until("a probe runs", () -> Files.exists(file("probe")));

        succeeds(engine.stop("web"));

        assertThat(isAlive(Integer.parseInt(Files.readString(file("probe")).strip())))
                .isFalse();
        assertThat(engine.service("web").leftAlive()).isZero();
    }
}
