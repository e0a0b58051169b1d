package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies what batch jobs need, with real processes under a real manager. */
@Timeout(120)
class JobsTest {

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

    private Outcome ask(String... words) {
        try {
            return manager.ask(words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its {@code post} writes what it was told into a file of its name. */
    private ManagerProcess told(String name, String run, String... yaml) throws IOException {
        return manager.script(name, "run", run)
                .script(name, "post", "echo \"$BELLHOP_RESULT $BELLHOP_EXIT_CODE $BELLHOP_EXIT_STATUS\" >" + file(name))
                .yaml(name, yaml);
    }

    @Test
    void postIsToldHowRunEnded() throws Exception {
        told("done", "exit 0", "restart: on-failure");
        told("three", "exit 3", "restart: \"no\"");
        told("killed", "kill -KILL $$", "restart: \"no\"");
        told("stopped", "trap 'exit 7' TERM; echo >" + file("traps") + "; while :; do sleep 0.05; done");
        told("late", "exec sleep 1000", "restart: \"no\"", "ready: {path: /no/such}", "timeouts: {ready: 50ms}");
        told("ill", "exec sleep 1000", "restart: \"no\"", "healthcheck: {test: exit 1, interval: 20ms, retries: 1}");
        manager.script("shot", "pre", "true").script("shot", "post", "env >" + file("shot"));
        manager.with("BELLHOP_RESULT", "foreign").start();

        manager.ask("start", "done", "three", "killed", "stopped", "ill", "shot")
                .succeeds();
        assertThat(manager.ask("start", "late").status()).isEqualTo(1);
        manager.awaitFile(file("traps"));
        manager.ask("stop", "stopped", "shot").succeeds();

        manager.awaitText(file("done"), "success exited 0\n");
        manager.awaitText(file("three"), "failed exited 3\n");
        manager.awaitText(file("killed"), "failed killed KILL\n");
        manager.awaitText(file("stopped"), "stopped exited 7\n");
        manager.awaitText(file("late"), "timeout killed TERM\n");
        manager.awaitText(file("ill"), "unhealthy killed TERM\n");
        assertThat(file("shot")).content().contains("BELLHOP_RESULT=stopped\n", "BELLHOP_EXIT_CODE=unknown\n");
    }

    @Test
    void anEndThatNoManagerSawIsAFailureOfAnUnknownKind() throws Exception {
        told("web", "while [ ! -e " + file("end") + " ]; do sleep 0.02; done", "restart: \"no\"");
        manager.start();
        manager.ask("start", "web").succeeds();
        int run = manager.pid("web");
        manager.kill();
        Files.createFile(file("end"));
        Await.until(
                () -> "run has ended",
                () -> ProcessHandle.of(run).filter(ProcessHandle::isAlive).isEmpty());

        manager.start();

        manager.awaitText(file("web"), "failed unknown \n");
    }

    @Test
    void aJobIsWaitedForAndItsPostComesWithItsLastHold() throws Exception {
        told(
                "setup",
                "while [ ! -e " + file("end") + " ]; do sleep 0.02; done; echo x >>" + file("runs"),
                "ready: {finished: true}");
        manager.script("app", "run", "cp " + file("runs") + " " + file("seen") + "; exec sleep 1000")
                .yaml("app", "requires: [setup]");
        manager.start();
        var start = CompletableFuture.supplyAsync(() -> ask("start", "app"));
        manager.awaitLine(" app starting");
        manager.awaitLine(" setup starting");
        assertThat(manager.state("app")).isEqualTo("starting");

        Files.createFile(file("end"));

        assertThat(start.get()).isEqualTo(new Outcome(0, "", ""));
        manager.awaitText(file("seen"), "x\n");
        assertThat(manager.state("setup")).isEqualTo("finished");
        manager.ask("start", "setup").succeeds();
        assertThat(file("runs")).hasContent("x\nx");
        manager.kill();
        manager.start();
        assertThat(manager.state("setup")).isEqualTo("finished");
        manager.ask("stop", "app").succeeds();
        manager.ask("stop", "setup").succeeds();
        manager.awaitText(file("setup"), "success exited 0\n");
    }

    @Test
    void aClientThatWaitsForAJobExitsWithItsStatus() throws Exception {
        manager.script("good", "run", "exit 0").yaml("good", "ready: {finished: true}");
        manager.script("plain", "run", "exit 0").yaml("plain", "restart: on-failure");
        manager.script("bad", "run", "exit 7").yaml("bad", "ready: {finished: true}", "restart: \"no\"");
        manager.script("killed", "run", "kill -KILL $$").yaml("killed", "restart: \"no\"");
        manager.script("second", "run", "test -e " + file("once") + " || { echo >" + file("once") + "; exit 1; }")
                .yaml("second", "ready: {finished: true}", "restart_delay: 10ms");
        manager.script("server", "run", "exec sleep 1000");
        manager.start();

        for (String name : List.of("good", "plain", "second", "good")) {
            assertThat(manager.ask("start", "--wait-finished", name)).as(name).isEqualTo(new Outcome(0, "", ""));
        }
        assertThat(manager.ask("start", "--wait-finished", "bad").status()).isEqualTo(7);
        assertThat(manager.ask("start", "--wait-finished", "killed").status()).isEqualTo(137);
        assertThat(manager.ask("start", "--wait-finished", "server"))
                .isEqualTo(Outcome.failed("bh-start: server: never finishes: run is started again whenever it ends"
                        + " (restart: always)"));
        assertThat(manager.ask("start", "--wait-finished", "good", "bad").status())
                .isEqualTo(64);
    }

    @Test
    void aFailureForGoodStartsAnInstanceThatKnowsIt() throws Exception {
        manager.script("db", "run", "exit 3")
                .yaml("db", "restart: on-failure:1", "restart_delay: 10ms", "on_failure: [mail]");
        manager.script(
                        "mail",
                        "run",
                        "echo \"$1 $BELLHOP_FAILED_SERVICE $BELLHOP_RESULT $BELLHOP_EXIT_CODE $BELLHOP_EXIT_STATUS\""
                                + " >>" + file("mails"),
                        "echo \"$BELLHOP_FAILURE\" >>" + file("mails"))
                .yaml("mail", "template: true", "restart: on-failure");
        manager.start();

        manager.ask("start", "db");

        manager.awaitLine(" mail@db finished");
        assertThat(Files.readAllLines(file("mails")).getFirst()).isEqualTo("db db failed exited 3");
        assertThat(Files.readAllLines(file("mails")).getLast())
                .startsWith("restarted once, and then run exited 3 after ");
        assertThat(manager.runDir().path().resolve(".events")).content().contains("on_failure of db");
        manager.kill();
        manager.start();
        manager.ask("start", "db");
        manager.await("another mail", () -> Files.readAllLines(file("mails")).size() == 4);
        manager.yaml("db", "on_failure: [db, gone]");
        assertThat(manager.ask("check", "db").out())
                .contains("service.yaml:1:14: on_failure: db starts itself", "service.yaml:1:18: on_failure: ");
    }

    @Test
    void whatIsOptionalStopsNobody() throws Exception {
        manager.script("bad", "run", "exit 3").yaml("bad", "restart: \"no\"", "ready: {fd: 3}");
        manager.script("good", "run", "exec sleep 1000");
        manager.script("app", "run", "exec sleep 1000")
                .yaml("app", "requires: [{bad: optional}, {missing: optional}, good]");
        manager.start();

        manager.ask("start", "app").succeeds();

        assertThat(manager.awaitLine("app: starts without bad: ")).contains("run exited 3 after ");
        manager.awaitLine("app: starts without missing: ");
        assertThat(manager.state("good")).isEqualTo("started");
        assertThat(manager.ask("check", "app")).isEqualTo(new Outcome(0, "", ""));
        assertThat(manager.ask("status").out()).contains("requires bad, which is failed");
        manager.yaml("app", "requires: [{bad: optional}, {missing: optional}, good, gone]");
        assertThat(manager.ask("check", "app").out())
                .contains("service.yaml:1:")
                .contains("gone")
                .doesNotContain("missing");
    }

    @Test
    void endsThatAreNamedASuccessOrPreventARestart() throws Exception {
        manager.script("three", "run", "exit 3")
                .yaml("three", "restart: on-failure", "success_exit_status: [3, SIGTERM]");
        manager.script("term", "run", "kill -TERM $$")
                .yaml("term", "restart: on-failure", "success_exit_status: SIGTERM");
        manager.script("usage", "run", "echo x >>" + file("launches") + "; exit 78")
                .yaml("usage", "restart_prevent: [78]");
        manager.start();

        manager.ask("start", "three", "term", "usage").succeeds();

        assertThat(manager.awaitLine(" three finished")).contains("run exited 3 after ");
        assertThat(manager.awaitLine(" term finished")).contains("run was killed by SIGTERM after ");
        assertThat(manager.awaitLine(" usage failed"))
                .contains("run exited 78 after ")
                .endsWith(", which prevents a restart");
        assertThat(file("launches")).hasContent("x");
    }
}
