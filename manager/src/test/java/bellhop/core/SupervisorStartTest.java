package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static bellhop.definition.Script.RUN;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Verifies bh-start: pins, and is answered by the first attempt. */
class SupervisorStartTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final Workbench bench = new Workbench();

    @Test
    void runsPreThenRunAndIsAnsweredOnceRunIsSpawned() {
        bench.service("web", PRE, POST).slowToSpawn("web");

        Ticket start = bench.start("web");
        bench.spawned("web").exits("web", 0);

        assertThat(start).isWaiting();
        assertThat(bench, "web").isStarting().launched("pre", "run");
        bench.spawned("web");
        assertThat(start).succeeded();
        assertThat(bench, "web").isStarted().isPinned();
    }

    @Test
    void ofWhatIsUpIsAnsweredAtOnceAndPins() {
        bench.require("web");

        Ticket start = bench.start("web");

        assertThat(start).succeeded();
        assertThat(bench, "web").isStarted().isPinned().launched("run");
    }

    @Test
    void twiceAtOnceMakesOneIncarnationAndOneOutcome() {
        bench.service("web", PRE);

        Ticket first = bench.start("web");
        Ticket second = bench.start("web");
        bench.succeeds("web", PRE);

        assertThat(first).succeeded();
        assertThat(second).succeeded();
        assertThat(bench, "web").isStarted().launched("pre", "run");
    }

    @Test
    void failsWithThePreThatFailed() {
        bench.service(Draft.of("web").with(PRE, POST).restart(NO));

        Ticket start = bench.start("web");
        bench.pass(Duration.ofMillis(100)).exits("web", 42);

        assertThat(start).failed("web: pre exited 42 after 0.1 s (log: bh logs web)");
        assertThat(bench, "web").isFailed().isPinned().launched("pre");
    }

    @Test
    void failsWithTheFirstAttemptWhileThePolicyGoesOn() {
        bench.service("web", PRE);

        Ticket start = bench.start("web");
        bench.exits("web", 1);

        assertThat(start).failed("web: pre exited 1 after 0.0 s (log: bh logs web)");
        assertThat(bench, "web").isRestarting();
        bench.pass(Duration.ofMillis(100)).succeeds("web", PRE);
        assertThat(bench, "web").isStarted().launched("pre", "pre", "run");
    }

    @Test
    void failsWithWhatKeptTheScriptFromBeingRun() {
        bench.service(Draft.of("web").restart(NO)).unspawnable("web");

        Ticket start = bench.start("web");

        assertThat(start).failed("web: run could not be run: no such file (log: bh logs web)");
        assertThat(bench, "web").isFailed();
    }

    @Test
    void ofSeveralIsAnsweredOnceWhenAllHaveBeenTried() {
        bench.service(Draft.of("a").with(PRE).restart(NO)).service("b", PRE);

        Ticket start = bench.start("a", "b");
        bench.exits("a", 1);

        assertThat(start).isWaiting();
        bench.exits("b", 0);
        assertThat(start).failed("a: pre exited 1 after 0.0 s (log: bh logs a)");
    }

    @Test
    void ofAOneShotIsAnsweredOncePreSucceeded() {
        bench.service(Draft.of("net").with(PRE, POST).without(RUN));

        Ticket start = bench.start("net");
        assertThat(start).isWaiting();
        bench.exits("net", 0);

        assertThat(start).succeeded();
        assertThat(bench, "net").isStarted().launched("pre");
    }

    @Test
    void ofADirectoryWithoutScriptsSucceeds() {
        bench.service(Draft.of("nothing").without(RUN));

        assertThat(bench.start("nothing")).succeeded();
        assertThat(bench.stop("nothing")).succeeded();
        assertThat(bench, "nothing").isStopped().launched();
    }

    @Test
    void duringStoppingWaitsForPostThenStarts() {
        bench.service("web", PRE, POST).up("web");
        Ticket stop = bench.stop("web");
        assertThat(bench, "web").launched("pre", "run", "post");

        Ticket start = bench.start("web");

        assertThat(bench, "web").isStopping();
        bench.exits("web", 0);
        assertThat(stop).succeeded();
        assertThat(start).isWaiting();
        bench.succeeds("web", PRE);
        assertThat(start).succeeded();
        assertThat(bench, "web").isStarted().launched("pre", "run", "post", "pre", "run");
    }

    @Test
    void duringRestartingLaunchesAtOnce() {
        bench.up("web").exits("web", 1);
        assertThat(bench, "web").isRestarting();

        Ticket start = bench.start("web");

        assertThat(start).succeeded();
        assertThat(bench, "web").isStarted().launched("run", "run");
    }

    @Test
    void afterAFailedPreRetriesAtOnceWithWhatTheDirectorySaysNow() {
        bench.service("web", PRE);
        bench.start("web");
        bench.exits("web", 1);

        bench.service(Draft.of("web").restart(NO));

        assertThat(bench.start("web")).succeeded();
        assertThat(bench, "web").launched("pre", "run");
    }

    @Test
    void whileADeadRunIsClearedAwayLaunchesAsSoonAsThatIsDone() {
        bench.service(Draft.of("web").restartDelay(LONG, LONG))
                .leavingSomebody("web")
                .up("web")
                .exits("web", 1);

        Ticket start = bench.start("web");
        assertThat(start).isWaiting();
        bench.cleared("web");

        assertThat(start).succeeded();
        assertThat(bench, "web").isStarted().launched("run", "run");
    }

    @Test
    void ofWhatFailedTriesAgain() {
        bench.service(Draft.of("web").with(PRE).restart(NO));
        bench.start("web");
        bench.exits("web", 1);

        Ticket again = bench.start("web");
        bench.succeeds("web", PRE);

        assertThat(again).succeeded();
        assertThat(bench, "web").isStarted();
    }

    @Test
    void endsBeingHeldDown() {
        bench.up("app");
        bench.scriptOf("app").require("db");
        bench.stop("db");

        assertThat(bench.start("db")).succeeded();
        assertThat(bench, "db").isStarted().isNotHeldDown().isPinned();
    }

    @Test
    void ofAServiceByItselfBeforeItIsUpIsRefused() {
        bench.service("web", PRE);
        bench.start("web");

        Ticket own = bench.scriptOf("web").start("web");

        assertThat(own).failed("web: refused: circular wait: web -> web");
        assertThat(bench, "web").isStarting();
    }

    @Test
    void refusedForOneNameChangesNothingForTheOthers() {
        bench.service("web", PRE);
        bench.start("web");

        bench.scriptOf("web").start("other", "web");

        assertThat(bench.supervisor().service(Draft.name("other"))).isEmpty();
    }

    @Test
    void thatNobodyWaitsForAnymoreStillStarts() {
        bench.service("web", PRE);
        bench.start("web").goAway();

        bench.succeeds("web", PRE);

        assertThat(bench, "web").isStarted().isPinned();
    }
}
