package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Execution;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Managers that stand still, alone or with all that they look after: nobody misses a deadline by that. */
class FrozenManagerTest {

    /** The deadlines of these tests are shorter, and the manager notices it however long it meant to wait. */
    private static final Duration LONG_ENOUGH = Duration.ofMillis(3_300);

    private static final Path UNIFIED = Path.of("/sys/fs/cgroup/unified");

    /** Who stands still. */
    enum Still {
        MANAGER,
        EVERYBODY
    }

    /** What happens while somebody stands still. */
    @FunctionalInterface
    private interface Meanwhile {
        void happens() throws Exception;
    }

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

    private void open(String gate) throws IOException {
        Files.createFile(file(gate));
    }

    private String waitFor(String gate) {
        return "until [ -e " + file(gate) + " ]; do sleep 0.02; done";
    }

    /** A {@code run} in Perl that has {@code notify} to talk to the manager by, and {@code nap} to rest by. */
    private String perl(String program) {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "SKIPPED: there is no perl here");
        return "exec /usr/bin/perl -MSocket -e 'socket(S, AF_UNIX, SOCK_DGRAM, 0);"
                + " $to = pack_sockaddr_un($ENV{NOTIFY_SOCKET}); sub notify { send(S, $_[0], 0, $to) }"
                + " sub nap { select(undef, undef, undef, $_[0]) } " + program + "'";
    }

    /** Says that it is well, and once the gate {@code later} is open also that it has seen that. */
    private String pinging(double seconds) {
        return perl("notify(\"READY=1\"); while (1) { notify(\"WATCHDOG=1\" . (-e \"" + file("later")
                + "\" ? \"\\nSTATUS=later\" : \"\")); nap(" + seconds + ") }");
    }

    /** It was not ended: it goes on giving signs of life, as the process that it was. */
    private void livesOn(String service, int pid) throws Exception {
        open("later");
        manager.awaitStatus(service, "status", "later");
        assertThat(manager.pid(service)).isEqualTo(pid);
        assertThat(manager.said()).doesNotContain(service + " restarting");
    }

    private void standStill(Still who, Duration time, Meanwhile meanwhile) throws Exception {
        List<Integer> still = new ArrayList<>(List.of((int) manager.manager().pid()));
        if (who == Still.EVERYBODY) {
            for (Proc.Task task : manager.processes()) {
                still.add(task.pid());
            }
        }
        for (int pid : still) {
            Signals.kill(pid, Signals.STOP);
        }
        try {
            meanwhile.happens();
            Thread.sleep(time); // this is the stand-still
        } finally {
            for (int pid : still) { // the manager first: it has nobody's news yet
                Signals.kill(pid, Signals.CONT);
            }
        }
    }

    private void standStill(Still who) throws Exception {
        standStill(who, LONG_ENOUGH, () -> {});
    }

    @ParameterizedTest
    @EnumSource(Still.class)
    void whoGaveSignsOfLifeIsNotEnded(Still who) throws Exception {
        manager.script("web", "run", pinging(0.2)).yaml("web", "ready: {notify: true, watchdog: 2s}");
        manager.start();
        manager.ask("start", "web").succeeds();
        int pid = manager.pid("web");

        standStill(who);

        livesOn("web", pid);
    }

    @Test
    void aStandStillThatIsOverBeforeTheDeadlineCountsAsWell() throws Exception {
        manager.script("web", "run", pinging(2)).yaml("web", "ready: {notify: true, watchdog: 3s}");
        manager.start();
        manager.ask("start", "web").succeeds();
        int pid = manager.pid("web");

        standStill(Still.EVERYBODY);

        livesOn("web", pid);
    }

    @Test
    void whoGivesNoSignOfLifeIsEndedInTimeAfterAStandStill() throws Exception {
        manager.script("web", "run", perl("notify(\"READY=1\"); nap(1000)"))
                .yaml("web", "ready: {notify: true, watchdog: 1s}", "restart: \"no\"");
        manager.start();
        manager.ask("start", "web").succeeds();

        standStill(Still.EVERYBODY);

        manager.awaitLine("web failed: run gave no sign of life for 1.0 s");
    }

    @Test
    void aFreezerThawsWithoutHarm() throws Exception {
        Path cgroup = UNIFIED.resolve("bh" + ProcessHandle.current().pid());
        assumeTrue(Files.isWritable(UNIFIED), "SKIPPED: there is no cgroup v2 here that this user may use");
        Files.createDirectory(cgroup);
        try {
            assumeTrue(Files.exists(cgroup.resolve("cgroup.freeze")), "SKIPPED: this kernel's cgroups do not freeze");
            manager.script("web", "run", pinging(0.2)).yaml("web", "ready: {notify: true, watchdog: 2s}");
            manager.start();
            Files.writeString(
                    cgroup.resolve("cgroup.procs"),
                    Long.toString(manager.manager().pid()));
            manager.ask("start", "web").succeeds();
            int pid = manager.pid("web");

            Files.writeString(cgroup.resolve("cgroup.freeze"), "1");
            Thread.sleep(LONG_ENOUGH);
            Files.writeString(cgroup.resolve("cgroup.freeze"), "0");

            livesOn("web", pid);
        } finally {
            manager.stop();
            Files.delete(cgroup);
        }
    }

    @ParameterizedTest
    @EnumSource(Still.class)
    void preAndPostThatWouldEndInTimeDo(Still who) throws Exception {
        manager.script("web", "pre", "touch " + file("begun"), waitFor("prepared"))
                .script("web", "run", "exec sleep 1000")
                .script("web", "post", "touch " + file("cleans"), waitFor("cleaned"))
                .yaml("web", "timeouts: {pre: 2s, post: 2s}", "restart: \"no\"");
        manager.start();
        Execution start = manager.program("bh-start", "web");
        manager.awaitFile(file("begun"));

        standStillAndOpen(who, "prepared");

        start.outcome().succeeds();
        Execution stop = manager.program("bh-stop", "web");
        manager.awaitFile(file("cleans"));

        standStillAndOpen(who, "cleaned");

        stop.outcome().succeeds();
        assertThat(manager.state("web")).isEqualTo("stopped");
    }

    /** Who goes on meanwhile gets through the gate then; who does not, after that. */
    private void standStillAndOpen(Still who, String gate) throws Exception {
        standStill(who, LONG_ENOUGH, () -> {
            if (who == Still.MANAGER) {
                open(gate);
            }
        });
        if (who == Still.EVERYBODY) {
            for (int turns = 0; turns < 2; turns++) {
                manager.ask("status"); // it has judged by then
            }
            open(gate);
        }
    }

    @ParameterizedTest
    @EnumSource(Still.class)
    void whoWouldBeReadyInTimeIsReady(Still who) throws Exception {
        manager.script("web", "run", "touch " + file("begun"), waitFor("go"), perl("notify(\"READY=1\"); nap(1000)"))
                .yaml("web", "ready: {notify: true}", "timeouts: {ready: 2s}", "restart: \"no\"");
        manager.start();
        Execution start = manager.program("bh-start", "web");
        manager.awaitFile(file("begun"));

        standStillAndOpen(who, "go");

        start.outcome().succeeds();
    }

    @ParameterizedTest
    @EnumSource(Still.class)
    void aProbeThatWouldAnswerInTimeDoes(Still who) throws Exception {
        manager.script("web", "run", "exec sleep 1000")
                .script("web", "probe", "touch " + file("asked"), waitFor("go"), "echo fine")
                .yaml(
                        "web",
                        "healthcheck: {test: [CMD, ./probe], interval: 100ms, timeout: 2s, retries: 1}",
                        "restart: \"no\"");
        manager.start();
        manager.ask("start", "web").succeeds();
        manager.awaitFile(file("asked"));

        standStillAndOpen(who, "go");

        manager.awaitStatus("web", "health", "healthy");
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void theGraceOfAStopIsThatOfWhoWasFrozen() throws Exception {
        manager.script(
                        "web",
                        "run",
                        "trap 'touch " + file("told") + "; " + waitFor("go") + "; touch " + file("saved")
                                + "; exit' TERM",
                        "touch " + file("up"),
                        waitFor("never"))
                .yaml("web", "stop_grace_period: 2s");
        manager.start();
        manager.ask("start", "web").succeeds();
        manager.awaitFile(file("up"));
        Execution stop = manager.program("bh-stop", "web");
        manager.awaitFile(file("told"));

        standStillAndOpen(Still.EVERYBODY, "go");

        stop.outcome().succeeds();
        assertThat(file("saved")).exists();
    }

    @Test
    void allThatEndedMeanwhileIsHeardOfHoweverMany() throws Exception {
        int many = 70;
        List<String> start = new ArrayList<>(List.of("bh", "start"));
        for (int i = 0; i < many; i++) {
            manager.script(
                            "job" + i,
                            "pre",
                            "touch " + file("begun" + i),
                            "until [ -e " + file("gate") + " ]; do sleep 0.5; done")
                    .yaml("job" + i, "timeouts: {pre: 6s}", "restart: \"no\"");
            start.add("job" + i);
        }
        manager.start();
        Execution all = manager.program(start.toArray(String[]::new));
        manager.awaitFile(file("begun" + (many - 1)));
        for (int i = 0; i < many; i++) {
            manager.awaitFile(file("begun" + i));
        }

        standStill(Still.MANAGER, Duration.ofMillis(6_100), () -> open("gate"));

        all.outcome().succeeds();
    }

    @Test
    void aFloodKeepsNobodyFromItsDeadlineAndNobodyFromBeingHeard() throws Exception {
        manager.script("flood", "run", perl("notify(\"READY=1\"); while (1) { notify(\"STATUS=and on\") }"))
                .yaml("flood", "ready: {notify: true}");
        manager.script("web", "run", pinging(0.2)).yaml("web", "ready: {notify: true, watchdog: 2s}");
        manager.script("hung", "run", perl("notify(\"READY=1\"); nap(1000)"))
                .yaml("hung", "ready: {notify: true, watchdog: 1s}", "restart: \"no\"");
        manager.start();
        manager.ask("start", "flood", "web").succeeds();
        int pid = manager.pid("web");
        long begun = System.nanoTime();
        manager.ask("start", "hung").succeeds();

        manager.awaitLine("hung failed: run gave no sign of life for 1.0 s");

        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
        livesOn("web", pid);
    }
}
