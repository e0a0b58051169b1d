package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Execution;
import bellhop.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies what {@code requires} does, alone and together with {@code bh-require}, with real scripts. */
@Timeout(120)
class RequirementsTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    /** Lines that go to one file in the order in which they are written. */
    private String note(String what) {
        return "echo " + what + " >>" + order();
    }

    private Path order() {
        return manager.root().resolve("order");
    }

    /** A line of a script that waits for a file, and one that makes it. */
    private String waitFor(String gate) {
        return "until [ -e " + manager.root().resolve(gate) + " ]; do sleep 0.02; done";
    }

    private void open(String gate) throws Exception {
        Files.createFile(manager.root().resolve(gate));
    }

    private void service(String name, String... yaml) throws Exception {
        manager.script(name, "pre", note(name + "-pre"))
                .script(name, "run", note(name + "-run"), "exec sleep 1000")
                .script(name, "post", note(name + "-post"))
                .yaml(name, yaml);
    }

    @Test
    void requirementsAreUpBeforePreAndHeldUntilAfterPost() throws Exception {
        service("app", "requires: [store, net]");
        service("store");
        service("net", "requires: [link]");
        service("link");
        manager.start();

        manager.ask("start", "app").succeeds();

        // Each line is written by a process of its own, so only what waits for what is in order.
        assertThat(Files.readAllLines(order()))
                .containsSubsequence("link-pre", "net-pre", "app-pre")
                .containsSubsequence("store-pre", "app-pre");
        assertThat(manager.ask("status").out())
                .containsPattern("store +started .* app")
                .containsPattern("net +started .* app")
                .containsPattern("link +started .* net");

        manager.ask("stop", "app").succeeds();
        manager.awaitLine("link stopped");
        manager.awaitLine("store stopped");
        assertThat(Files.readAllLines(order()))
                .containsSubsequence("app-post", "net-post", "link-post")
                .containsSubsequence("app-post", "store-post");
    }

    @Test
    void requirementsStartInParallel() throws Exception {
        manager.script("app", "run", "exec sleep 1000").yaml("app", "requires: [left, right]");
        for (String[] side : new String[][] {{"left", "right"}, {"right", "left"}}) {
            manager.script(
                    side[0],
                    "pre",
                    "touch " + manager.root().resolve(side[0]),
                    waitFor(side[1])); // ends only if the other one runs too
        }
        manager.start();

        manager.ask("start", "app").succeeds();
    }

    @Test
    void whatStartsByItselfStartsInParallel() throws Exception {
        manager.script("left", "pre", "touch " + manager.root().resolve("left"), waitFor("right"))
                .yaml("left", "autostart: true");
        manager.script("right", "pre", "touch " + manager.root().resolve("right"), waitFor("left"));
        Files.createFile(
                Files.createDirectory(manager.root().resolve("enabled")).resolve("right"));
        manager.start();

        manager.awaitLine("left started");
        manager.awaitLine("right started");
    }

    @Test
    void targetsExpand() throws Exception {
        manager.script("dhcp", "run", "exec sleep 1000").yaml("dhcp", "requires: [\"wifi@{target}\"]");
        manager.script("wifi", "run", "echo \"up for $1\"", "exec sleep 1000").yaml("wifi", "template: true");
        manager.start();

        manager.ask("start", "dhcp@wlan0").succeeds();

        assertThat(manager.state("wifi@wlan0")).isEqualTo("started");
        manager.awaitText(manager.log("wifi@wlan0"), "up for wlan0");
        manager.ask("stop", "dhcp@wlan0").succeeds();
        manager.awaitLine("wifi@wlan0 stopped");
    }

    @Test
    void declaredHoldsAndThoseOfScriptsMixFreely() throws Exception {
        manager.script("app", "pre", "bh-require extra")
                .script("app", "run", "exec sleep 1000")
                .yaml("app", "requires: [store]");
        manager.script("store", "run", "exec sleep 1000");
        manager.script("extra", "run", "exec sleep 1000").yaml("extra", "requires: [store]");
        manager.start();

        manager.ask("start", "app").succeeds();
        assertThat(Files.readString(manager.runDir().path().resolve("store/require")))
                .isEqualTo("2\n");

        manager.ask("stop", "app").succeeds();
        manager.awaitLine("extra stopped");
        manager.awaitLine("store stopped");
    }

    @Test
    void aRequirementThatFailsFailsTheStartAndLeavesNoHold() throws Exception {
        service("app", "requires: [broken, fine]", "restart: no");
        manager.script("broken", "pre", "exit 42")
                .script("broken", "run", "exit 0")
                .yaml("broken", "restart: no");
        service("fine");
        manager.start();

        Outcome start = manager.ask("start", "app");

        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err())
                .contains("app: ")
                .contains("broken")
                .contains("pre exited 42")
                .endsWith("(log: bh logs broken)\n");
        manager.awaitLine("fine stopped");
        assertThat(manager.ask("status", "app").out()).isEqualTo("failed\n");
        assertThat(Files.exists(order()) ? Files.readAllLines(order()) : java.util.List.<String>of())
                .doesNotContain("app-pre", "app-post");
    }

    @Test
    void aPendingRestartKeepsTheRequirements() throws Exception {
        manager.script("app", "run", waitFor("die"), "exit 1")
                .yaml("app", "requires: [store]", "restart_delay: 1h", "restart_max_delay: 1h");
        service("store");
        manager.start();
        manager.ask("start", "app").succeeds();

        open("die");
        manager.awaitLine("app restarting");

        assertThat(manager.state("store")).isEqualTo("started");
        assertThat(manager.ask("status").out()).containsPattern("store +started .* app");
    }

    @Test
    void aRequirementThatCrashesDoesNotStopItsRequirer() throws Exception {
        service("app", "requires: [store]");
        manager.script("store", "run", waitFor("die"), "exit 1").yaml("store", "restart: no");
        manager.start();
        manager.ask("start", "app").succeeds();

        open("die");
        manager.awaitLine("store failed");

        assertThat(manager.state("app")).isEqualTo("started");
        assertThat(manager.ask("status").out()).contains("requires store, which is failed");
    }

    @Test
    void aCircleOfYamlIsAnErrorThatNamesAllOfIt() throws Exception {
        service("a", "requires: [b]");
        service("b", "requires: [c]");
        service("c", "requires: [a]");
        manager.start();

        Outcome start = manager.ask("start", "a");

        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err())
                .contains("a requires b, b requires c, c requires a")
                .contains("service.yaml:1:");
        assertThat(Files.exists(order())).isFalse();
    }

    @Test
    void aCircleOfYamlAndAScriptIsRefusedAtOnce() throws Exception {
        service("a", "requires: [b]");
        manager.script("b", "pre", "bh-require a")
                .script("b", "run", "exec sleep 1000")
                .yaml("b", "restart: no");
        manager.yaml("a", "requires: [b]", "restart: no");
        manager.start();

        Outcome start = manager.ask("start", "a");

        assertThat(start.status()).isEqualTo(1);
        assertThat(start.err()).contains("requires b");
        manager.awaitText(manager.log("b"), "b -> a -> b");
    }

    @Test
    void aStopWhileItWaitsForItsRequirementsCancelsTheStart() throws Exception {
        service("app", "requires: [slow]");
        manager.script("slow", "pre", note("slow-begun"), waitFor("never"));
        manager.yaml("slow", "timeouts: {pre: 1h}");
        manager.start();
        Execution start = manager.program("bh-start", "app");
        manager.awaitText(order(), "slow-begun");
        assertThat(manager.state("app")).isEqualTo("starting");

        manager.ask("stop", "app").succeeds();

        assertThat(start.outcome().err()).contains("app: was stopped before it was up");
        manager.awaitLine("slow stopped");
        assertThat(Files.readAllLines(order())).doesNotContain("app-pre", "app-post");
    }

    @Test
    void aServiceIsKeptForAWhileAfterItsLastHold() throws Exception {
        service("app", "requires: [store]");
        service("store", "linger: 1h");
        manager.start();
        manager.ask("start", "app").succeeds();

        manager.ask("stop", "app").succeeds();
        assertThat(manager.state("store")).isEqualTo("started");
        assertThat(manager.ask("status").out()).containsPattern("store +started .*kept for (59 min|1 h)");

        manager.ask("start", "app").succeeds();
        assertThat(manager.ask("status").out()).doesNotContain("kept for");
        assertThat(Files.readAllLines(order())).containsOnlyOnce("store-run");

        manager.ask("stop", "app").succeeds();
        manager.ask("stop", "store").succeeds();
        assertThat(manager.state("store")).isEqualTo("stopped");
    }

    @Test
    void aLingerThatIsOverStopsTheService() throws Exception {
        service("app", "requires: [store]");
        service("store", "linger: 100ms");
        manager.start();
        manager.ask("start", "app").succeeds();

        manager.ask("stop", "app").succeeds();

        manager.awaitLine("store stopped");
    }

    @Test
    void aLimitOfRestartsMakesItFailedUntilItIsStartedByHand() throws Exception {
        manager.script("crash", "run", note("crash-run"), "exit 7")
                .script("crash", "post", note("crash-post"))
                .yaml("crash", "restart_delay: 1ms", "restart_max_delay: 1ms", "restart_limit: {times: 3, within: 1h}");
        manager.start();

        manager.ask("start", "crash");
        assertThat(manager.awaitLine("crash failed")).contains("3 times").contains("run exited 7");
        assertThat(Files.readAllLines(order()))
                .containsExactly("crash-run", "crash-run", "crash-run", "crash-run", "crash-post");

        manager.ask("start", "crash");
        manager.awaitLine("crash failed", 2);
        assertThat(Files.readAllLines(order())).hasSize(10);
    }

    @Test
    void aBatchJobIsFinishedOrFailedAndItsCodeIsShown() throws Exception {
        manager.script("good", "run", "exit 0").yaml("good", "restart: no");
        manager.script("bad", "run", "exit 3").yaml("bad", "restart: no");
        manager.start();
        manager.ask("start", "good", "bad");
        manager.awaitLine("good finished");
        manager.awaitLine("bad failed");

        assertThat(manager.ask("status", "good").isSilentButFor("finished\n")).isZero();
        assertThat(manager.ask("status", "bad").isSilentButFor("failed\n")).isOne();
        assertThat(manager.ask("status", "good", "bad").out())
                .contains("run exited 0 after")
                .contains("run exited 3 after");
    }
}
