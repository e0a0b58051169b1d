package bellhop.program;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Execution;
import bellhop.Outcome;
import bellhop.linux.Signals;
import bellhop.manager.ManagerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies the sockets of single services under a manager, and {@code escort} and {@code connect} in their scripts. */
@Timeout(120)
class ServiceSocketTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeServices() throws Exception {
        manager = new ManagerProcess();
        manager.script("web", "run", "exec sleep 1000")
                .script("web", "post", "echo post >>" + manager.root() + "/done")
                .yaml("web", "control_socket: true");
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path socket(String service) {
        return manager.runDir().path().resolve(service).resolve("socket");
    }

    private Outcome connect(String service) throws Exception {
        return manager.run("connect", socket(service).toString());
    }

    @Test
    void whoConnectsStopsTheServiceAndWaitsForIt() throws Exception {
        manager.script("plain", "run", "exec sleep 1000").start();
        manager.ask("start", "web", "plain").succeeds();
        assertThat(socket("plain")).doesNotExist();

        assertThat(connect("web")).isEqualTo(new Outcome(0, "", ""));

        assertThat(manager.root().resolve("done")).hasContent("post");
        assertThat(manager.state("web")).isEqualTo("stopped");
        assertThat(socket("web")).doesNotExist();
        assertThat(connect("web"))
                .isEqualTo(new Outcome(
                        1,
                        "",
                        "connect: " + socket("web")
                                + ": nobody listens there; its service or escort is not running\n"));
        assertThat(manager.awaitLine("over the socket"))
                .matches(".*asked by uid \\d+, pid \\d+ over the socket of web: stop web");
        assertThat(manager.state("plain")).isEqualTo("started");

        manager.ask("start", "web").succeeds();
        assertThat(connect("web")).isEqualTo(new Outcome(0, "", ""));
    }

    @Test
    void itIsThereBetweenTwoLaunchesToo() throws Exception {
        manager.script("web", "run", "exit 1").start();
        manager.ask("start", "web");
        manager.awaitLine("web restarting");
        assertThat(connect("web")).isEqualTo(new Outcome(0, "", ""));
        assertThat(manager.state("web")).isEqualTo("stopped");
    }

    @Test
    void allWhoConnectAreToldAndWhatFailedIsSaid() throws Exception {
        manager.script("web", "post", "exit 3").start();
        manager.ask("start", "web").succeeds();
        Execution one = manager.program("connect", socket("web").toString());
        Execution other = manager.program("connect", socket("web").toString());
        for (Execution program : new Execution[] {one, other}) {
            Outcome outcome = program.outcome();
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.err())
                    .matches(
                            "connect: " + socket("web")
                                    + ": (web: post exited 3 after [0-9.]+ s|nobody listens there; its service or escort is not running)\n");
        }
        assertThat(manager.state("web")).isEqualTo("failed");
    }

    @Test
    void aPathThatIsTooLongIsSaidAndTheServiceRuns() throws Exception {
        String name = "web@" + "t".repeat(90);
        manager.start();
        manager.ask("start", name).succeeds();
        assertThat(manager.awaitLine("no control socket"))
                .endsWith(name + ": no control socket: " + socket(name) + ": too long for a socket: "
                        + socket(name).toString().length() + " bytes of at most 106");
        manager.ask("stop", name).succeeds();
    }

    /** A stop reaches the escort as any other process of the service; it stops its own program before it goes. */
    @Test
    void anEscortThatPreStartedGoesWithItsService() throws Exception {
        Path helper = manager.root().resolve("helper");
        manager.script("web", "pre", "escort " + helper + " sleep 1000").start();
        manager.ask("start", "web").succeeds();
        assertThat(helper).exists();
        assertThat(manager.processes()).hasSize(3);

        manager.ask("stop", "web").succeeds();

        assertThat(manager.processes()).isEmpty();
        assertThat(helper).doesNotExist();
    }

    /** What post is to end itself lives until then where a stop reaches the group only. */
    @Test
    void preStartsAnEscortAndPostConnectsToIt() throws Exception {
        Path helper = manager.root().resolve("helper");
        manager.script("web", "pre", "escort " + helper + " sleep 1000")
                .script("web", "post", "connect " + helper, "echo \"connect exited $?\"")
                .yaml("web", "kill_mode: group")
                .start();
        manager.ask("start", "web").succeeds();
        int before = manager.pid("web");
        Signals.kill(before, Signals.KILL);
        manager.awaitLine("web started", 2);
        assertThat(helper).exists();

        manager.ask("stop", "web").succeeds();

        assertThat(manager.ask("logs", "web").out()).endsWith(" [post] connect exited 0\n");
        assertThat(helper).doesNotExist();
        assertThat(manager.processes()).isEmpty();
    }

    @Test
    void runMayUseBoth() throws Exception {
        Path helper = manager.root().resolve("helper");
        manager.script(
                        "batch",
                        "run",
                        "escort " + helper + " sleep 1000 || exit 1",
                        "connect " + helper + " || exit 2",
                        "connect " + helper)
                .yaml("batch", "restart: \"no\"")
                .start();
        manager.ask("start", "batch").succeeds();
        assertThat(manager.awaitLine("batch failed")).contains("batch failed: run exited 1 after ");
        assertThat(manager.ask("logs", "batch").out())
                .endsWith(" connect: " + helper + ": nobody listens there; its service or escort is not running\n");
        assertThat(Files.exists(helper)).isFalse();
    }
}
