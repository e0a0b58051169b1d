package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Outcome;
import bellhop.linux.Fd;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies what {@code bh run} is in a container: process 1, which ends as it is told to and says all on one console. */
@Timeout(240)
class ContainerModeTest {

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

    private void endsWith(int status) {
        assertThat(manager.awaitEnd())
                .as("exit status of the manager: %s", manager.said())
                .isEqualTo(status);
        assertThat(manager.runDir().path()).doesNotExist();
    }

    @Nested
    class AsProcess1 {

        @BeforeEach
        void makeNamespace() {
            manager.asProcess1();
        }

        @Test
        void itReapsEveryOrphanAndEndsTheDaemonsOfItsServices() throws Exception {
            manager.script(
                    "forker",
                    "run",
                    "i=0",
                    "while [ $i -lt 100 ]; do (sh -c 'exit 3' &); i=$((i+1)); done",
                    "(setsid sh -c 'setsid sleep 1000 & echo $! > " + file("daemon") + "' &)",
                    "while [ ! -s " + file("daemon") + " ]; do sleep 0.05; done",
                    "touch " + file("forked"),
                    "exec sleep 1000");
            manager.start().ask("start", "forker").succeeds();
            manager.awaitFile(file("forked"));

            awaitNoZombies();
            assertThat(manager.processes()).hasSize(2); // the service and its daemon
            manager.ask("stop", "forker").succeeds();
            assertThat(manager.processes()).isEmpty();
            awaitNoZombies();
        }

        private void awaitNoZombies() throws IOException {
            int self = (int) manager.manager().pid();
            Await.until("the zombies are reaped", () -> zombiesOf(self).isEmpty());
        }

        private static List<Proc.Task> zombiesOf(int parent) throws IOException {
            return Proc.census().stream()
                    .filter(task -> task.ppid() == parent && task.isDead())
                    .toList();
        }

        @ParameterizedTest
        @ValueSource(ints = {Signals.TERM, Signals.INT, Signals.QUIT})
        void aSignalStopsEverythingInOrderAndItExits0(int signal) throws Exception {
            for (String service : List.of("web", "app", "db")) {
                manager.script(
                                service,
                                "run",
                                "trap 'echo " + service + " >> " + file("order") + "; exit 0' TERM",
                                "touch " + file("ready-" + service),
                                "while :; do sleep 0.05; done")
                        .script(service, "post", "echo post of " + service + " >> " + file("order"));
            }
            manager.yaml("web", "requires: [app]", "ready: {path: " + file("ready-web") + "}")
                    .yaml("app", "requires: [db]", "ready: {path: " + file("ready-app") + "}")
                    .yaml("db", "ready: {path: " + file("ready-db") + "}");
            manager.start().ask("start", "web").succeeds();

            manager.signal(signal);

            endsWith(0);
            assertThat(file("order")).hasContent("web\npost of web\napp\npost of app\ndb\npost of db\n");
        }

        @Test
        void signalsOfItsOwnAreNotForwarded() throws Exception {
            manager.script(
                    "web", "run", "trap 'touch " + file("hit") + "' USR1 HUP WINCH", "while :; do sleep 0.05; done");
            manager.start().ask("start", "web").succeeds();

            manager.signal(Signals.number("WINCH").orElseThrow());
            manager.signal(Signals.USR1);

            manager.ask("status", "web").succeeds();
            manager.stop();
            assertThat(file("hit")).doesNotExist();
        }
    }

    private void makeStubborn() throws IOException {
        manager.script(
                        "stubborn",
                        "run",
                        "trap '' TERM INT",
                        "(trap '' TERM; while :; do sleep 0.05; done) &",
                        "touch " + file("up"),
                        "while :; do sleep 0.05; done")
                .script("stubborn", "post", "touch " + file("post"))
                .script("needed", "run", "exec sleep 1000")
                .yaml("stubborn", "stop_grace_period: 1000s", "requires: [needed]", "autostart: true");
    }

    @ParameterizedTest
    @CsvSource({"INT, TERM", "TERM, QUIT", "QUIT, QUIT"})
    void aSecondSignalKillsEverythingAtOnce(String first, String second) throws Exception {
        manager.asProcess1();
        makeStubborn();
        manager.start();
        manager.awaitFile(file("up"));

        manager.signal(Signals.number(first).orElseThrow());
        manager.awaitLine("SIG" + first + ": stopping everything");
        manager.awaitLine("stubborn stopping");
        manager.signal(Signals.number(second).orElseThrow());

        endsWith(1);
        assertThat(manager.said()).contains("warning: SIG" + second + " again: killing what is left");
        assertThat(manager.said()).contains("warning: stubborn: post could not be run: stopping was cut short");
        assertThat(file("post")).doesNotExist();
        assertThat(manager.processes()).isEmpty();
    }

    @Test
    void aPostThatHangsIsKilledToo() throws Exception {
        manager.script("slow", "run", "exec sleep 1000")
                .script("slow", "post", "touch " + file("post"), "trap '' TERM", "sleep 1000")
                .yaml("slow", "autostart: true", "timeouts: {post: 1000s}");
        manager.start();
        manager.awaitLine("slow started");

        manager.signal(Signals.TERM);
        manager.awaitFile(file("post"));
        manager.signal(Signals.TERM);

        endsWith(1);
        assertThat(manager.processes()).isEmpty();
    }

    @Test
    void whatHasNotStoppedInTimeIsKilled() throws Exception {
        makeStubborn();
        manager.start("--stop-timeout", "300ms");
        manager.awaitFile(file("up"));

        manager.signal(Signals.TERM);

        endsWith(1);
        assertThat(manager.said()).contains("warning: not everything stopped within 0.3 s: killing what is left");
        assertThat(manager.processes()).isEmpty();
    }

    @Test
    void aStopThatIsInTimeIsNotCutShort() throws Exception {
        manager.script("web", "run", "exec sleep 1000").yaml("web", "autostart: true");
        manager.start("--stop-timeout=60s");
        manager.awaitLine("web started");

        manager.signal(Signals.TERM);

        endsWith(0);
    }

    private Outcome endsBy(String... run) throws Exception {
        manager.script("job", "run", run)
                .script(
                        "other",
                        "run",
                        "trap 'touch " + file("stopped") + "; exit 0' TERM",
                        "while :; do sleep 0.05; done")
                .yaml("job", "restart: no")
                .yaml("other", "autostart: true");
        Outcome outcome = manager.refuses("--exit-with", "job");
        assertThat(manager.processes()).isEmpty();
        return outcome;
    }

    @Test
    void itEndsWithTheExitStatusOfAServiceOnceTheOthersAreStopped() throws Exception {
        Outcome outcome = endsBy(
                "while [ ! -d " + manager.runDir().path() + "/other ]; do sleep 0.05; done", "sleep 0.3", "exit 7");

        assertThat(outcome.status()).isEqualTo(7);
        assertThat(outcome.out()).contains("job has ended (run exited 7").contains("other stopped");
        assertThat(outcome.err()).isEmpty();
        assertThat(file("stopped")).exists();
    }

    @Test
    void itEndsWith128AndTheSignalThatKilledTheService() throws Exception {
        assertThat(endsBy("kill -KILL $$").status()).isEqualTo(128 + 9);
    }

    @Test
    void itEndsWith0IfTheServiceFinished() throws Exception {
        assertThat(endsBy("exit 0").status()).isZero();
    }

    @Test
    void itEndsWithTheStatusOfAPreThatFailed() throws Exception {
        manager.script("job", "pre", "exit 42");

        assertThat(endsBy("exit 0").status()).isEqualTo(42);
    }

    @Test
    void itEndsWith1IfTheServiceCannotBeRun() throws Exception {
        manager.script("job", "run").yaml("job", "restart: no");
        Files.writeString(manager.services().resolve("job/run"), "#!/no/such/interpreter\n");

        Outcome outcome = manager.refuses("--exit-with", "job");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out()).contains("job has ended (run could not be run: ");
    }

    @Test
    void aServiceThatIsRestartedHasNotEnded() throws Exception {
        manager.script("job", "run", "echo >> " + file("runs"), "exit $(wc -l < " + file("runs") + ")")
                .yaml("job", "restart: on-failure:2", "restart_delay: 10ms");

        assertThat(manager.refuses("--exit-with=job").status()).isEqualTo(3);
        assertThat(Files.readAllLines(file("runs"))).hasSize(3);
    }

    @Test
    void aServiceThatSomebodyStopsHasEnded() throws Exception {
        manager.script("job", "run", "exec sleep 1000");
        manager.start("--exit-with", "job").ask("restart", "job").succeeds();
        manager.awaitLine("warning: job: is restarted whenever it ends");
        manager.awaitLine("job started", 2);

        manager.run("bh-stop", "job");

        endsWith(128 + Signals.TERM);
    }

    @Test
    void aSignalEndsItWellWhateverServiceItWasToEndWith() throws Exception {
        manager.script("job", "run", "exec sleep 1000").yaml("job", "restart: no");
        manager.start("--exit-with", "job");
        manager.awaitLine("job started");

        manager.signal(Signals.TERM);

        endsWith(0);
    }

    @Test
    void aServiceThatIsNotThereIsToldAtTheStart() throws Exception {
        Outcome outcome = manager.refuses("--exit-with", "job");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines())
                .singleElement()
                .asString()
                .startsWith("bh-run: --exit-with: no such service: job ");
        assertThat(manager.runDir().path()).doesNotExist();
    }

    @Test
    void optionsThatAreNoneAreWrongUsage() throws Exception {
        assertThat(manager.refuses("--stop-timeout", "5").err())
                .startsWith(
                        "bh-run: --stop-timeout: \"5\" is not a duration such as 10s, 100ms or 1m30s\nusage: bh run ");
        assertThat(manager.refuses("--exit-with", "a/b").err())
                .startsWith("bh-run: --exit-with: \"a/b\" is not the name of a service\nusage: bh run ");
        assertThat(manager.refuses("--console=yes").status()).isEqualTo(64);
    }

    @Nested
    class OnTheConsole {

        @Test
        void linesAreWholeAndNeverMixed() throws Exception {
            manager.asProcess1();
            int lines = 20_000;
            for (String service : List.of("left", "right")) {
                manager.script(
                                service,
                                "run",
                                "yes " + service + "-0123456789-0123456789-0123456789-end | head -n " + lines,
                                "printf 'no end'")
                        .yaml(service, "restart: no", "autostart: true");
            }
            manager.script("quiet", "run", "echo nobody hears this")
                    .yaml("quiet", "log: none", "restart: no", "autostart: true");

            manager.start("--console");
            manager.awaitLine("left: no end");
            manager.awaitLine("right: no end");
            manager.stop();

            for (String service : List.of("left", "right")) {
                assertThat(manager.said().lines().filter(line -> line.startsWith(service + ": ")))
                        .hasSize(lines + 1)
                        .filteredOn(line ->
                                !line.equals(service + ": " + service + "-0123456789-0123456789-0123456789-end"))
                        .containsExactly(service + ": no end");
            }
            assertThat(manager.said()).doesNotContain("nobody hears this");
            assertThat(file("log")).doesNotExist();
        }

        @Test
        void theEnvironmentOfTheContainerReachesTheServices() throws Exception {
            manager.with("GREETING", "hello from outside")
                    .script("web", "run", "echo \"$GREETING\"; exec sleep 1000")
                    .yaml("web", "autostart: true");

            manager.start("--console");

            manager.awaitLine("web: hello from outside");
            assertThat(manager.ask("logs", "web"))
                    .isEqualTo(
                            Outcome.failed("bh-logs: web: there is no log: the service writes to the manager's output"
                                    + " (bh run --console)"));
        }

        @Test
        void anOutputThatNobodyReadsHoldsNobodyUp() throws Exception {
            Path fifo = file("output");
            Fd.mkfifo(fifo, 0600);
            int held = Fd.open(fifo, Fd.O_RDWR, 0);
            try {
                manager.writingTo(fifo)
                        .script("flood", "run", "exec yes 0123456789")
                        .script("web", "run", "touch " + file("web"), "exec sleep 1000");
                manager.start("--console").ask("start", "flood").succeeds();

                for (int i = 0; i < 50; i++) { // each of which is told
                    manager.ask("restart", "web").succeeds();
                }

                manager.awaitFile(file("web"));
                assertThat(manager.state("flood")).isEqualTo("started");
                manager.stop();
            } finally {
                Fd.close(held);
            }
        }

        @Test
        void anOutputThatWasClosedIsNoReasonToEnd() throws Exception {
            Path fifo = file("output");
            Fd.mkfifo(fifo, 0600);
            int held = Fd.open(fifo, Fd.O_RDWR, 0);
            try {
                manager.writingTo(fifo)
                        .script("talker", "run", "while :; do echo line; sleep 0.01; done")
                        .script("web", "run", "exec sleep 1000");
                manager.start("--console");
            } finally {
                Fd.close(held);
            }

            manager.ask("start", "talker", "web").succeeds();
            manager.ask("restart", "talker", "web").succeeds();
            manager.stop();
        }
    }

    @Test
    void theRunDirOfAnOrdinaryUserIsAllThatIsWritten() throws Exception {
        manager.asOrdinaryUser()
                .script("web", "run", "echo ready; exec sleep 1000")
                .yaml("web", "autostart: true");

        manager.start("--console");

        manager.awaitLine("web: ready");
        assertThat(file("log")).doesNotExist();
    }
}
