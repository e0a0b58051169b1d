package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Verifies bh-stop: unpins, stops now, is answered once post is done. */
class SupervisorStopTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final Workbench bench = new Workbench();

    @Test
    void isAnsweredOncePostIsDone() {
        bench.service("web", PRE, POST).up("web");

        Ticket stop = bench.stop("web");

        assertThat(stop).isWaiting();
        assertThat(bench, "web").isStopping().isNotPinned().launched("pre", "run", "post");
        bench.exits("web", 0);
        assertThat(stop).succeeded();
        assertThat(bench, "web").isStopped().says("");
    }

    @Test
    void ofWhatWasNeverAskedForSucceeds() {
        assertThat(bench.stop("web")).succeeded();
    }

    @Test
    void ofWhatIsDownSucceedsAndTurnsFailedIntoStopped() {
        bench.service(Draft.of("web").restart(NO)).up("web").exits("web", 1);
        assertThat(bench, "web").isFailed();

        assertThat(bench.stop("web")).succeeded();

        assertThat(bench, "web").isStopped();
    }

    @Test
    void twiceAtOnceSharesOneOutcome() {
        bench.service("web", POST).up("web");

        Ticket first = bench.stop("web");
        Ticket second = bench.stop("web");
        bench.exits("web", 0);

        assertThat(first).succeeded();
        assertThat(second).succeeded();
        assertThat(bench, "web").launched("run", "post");
    }

    @Test
    void failsIfPostFails() {
        bench.service("web", POST).up("web");

        Ticket stop = bench.stop("web");
        bench.exits("web", 3);

        assertThat(stop).failed("web: post exited 3 after 0.0 s");
        assertThat(bench, "web").isFailed().says("post exited 3 after 0.0 s");
    }

    @Test
    void duringStartingCancelsTheStart() {
        bench.service("web", PRE, POST);
        Ticket start = bench.start("web");

        Ticket stop = bench.stop("web");

        assertThat(start).failed("web: was stopped before it was up");
        assertThat(stop).succeeded();
        assertThat(bench, "web").isStopped().launched("pre");
    }

    @Test
    void beforeTheSpawnIsKnownEndsWhatWasSpawned() {
        bench.service("web", POST).slowToSpawn("web");
        bench.start("web");

        Ticket stop = bench.stop("web");
        bench.takeEffects();
        bench.spawned("web");

        assertThat(bench.takeEffects())
                .filteredOn(Effect.End.class::isInstance)
                .extracting(effect -> ((Effect.End) effect).signal())
                .containsExactly(Signal.STOP);
        bench.spawned("web").exits("web", 0);
        assertThat(stop).succeeded();
        assertThat(bench, "web").isStopped().launched("run", "post");
    }

    @Test
    void whenPreSucceedsAllTheSameStillRunsPost() {
        bench.service("web", PRE, POST).stubborn("web");
        bench.start("web");

        Ticket stop = bench.stop("web");
        bench.exits("web", 0);

        assertThat(bench, "web").isStopping().launched("pre", "post");
        bench.exits("web", 0);
        assertThat(stop).succeeded();
    }

    @Test
    void thenStartWhenPreSucceedsAllTheSameRunsPostBeforeTheNextPre() {
        bench.service("web", PRE, POST).stubborn("web");
        bench.start("web");
        bench.stop("web");
        Ticket start = bench.start("web");

        bench.exits("web", 0).succeeds("web", POST).succeeds("web", PRE);

        assertThat(bench, "web").isStarted().launched("pre", "post", "pre", "run");
        assertThat(start).succeeded();
    }

    @Test
    void whenPreFailsRunsNoPost() {
        bench.service("web", PRE, POST).stubborn("web");
        bench.start("web");

        Ticket stop = bench.stop("web");
        bench.exits("web", 1);

        assertThat(stop).succeeded();
        assertThat(bench, "web").isStopped().launched("pre");
    }

    @Test
    void ofAPreThatTookTooLongRunsNoPostEvenIfItExitsWellInTheEnd() {
        bench.service("web", PRE, POST).stubborn("web");
        bench.start("web");
        bench.pass(Duration.ofSeconds(10));

        Ticket stop = bench.stop("web");
        bench.exits("web", 0);

        assertThat(stop).succeeded();
        assertThat(bench, "web").isStopped().launched("pre");
    }

    @Test
    void duringRestartingCancelsTheTimerAtOnce() {
        bench.up("web").exits("web", 1);

        Ticket stop = bench.stop("web");
        bench.pass(LONG);

        assertThat(stop).succeeded();
        assertThat(bench, "web").isStopped().launched("run");
        assertThat(bench.supervisor().nextDeadline()).isEqualTo(Lifecycle.NEVER);
    }

    @Test
    void duringRestartingStillRunsPost() {
        bench.service("web", PRE, POST).up("web").exits("web", 1);

        Ticket stop = bench.stop("web");

        assertThat(bench, "web").isStopping().launched("pre", "run", "post");
        bench.exits("web", 0);
        assertThat(stop).succeeded();
    }

    @Test
    void duringRestartingAfterAFailedPreIsDoneAtOnceWithoutPost() {
        bench.service("web", PRE, POST);
        bench.start("web");
        bench.exits("web", 1);

        assertThat(bench.stop("web")).succeeded();
        assertThat(bench, "web").isStopped().launched("pre");
    }

    @Test
    void whoseProcessDiesFirstIsAStopAndNotACrash() {
        bench.service("web").stubborn("web").up("web");

        Ticket stop = bench.stop("web");
        bench.exits("web", 1);

        assertThat(stop).succeeded();
        assertThat(bench, "web").isStopped().launched("run");
    }

    @Test
    void killsAfterTheGraceAndAgainUntilNobodyIsLeft() {
        bench.service(Draft.of("web").stopGracePeriod(Duration.ofSeconds(3)))
                .stubborn("web")
                .up("web");
        bench.takeEffects();

        Ticket stop = bench.stop("web");
        bench.pass(Duration.ofMillis(2999));
        assertThat(stop).isWaiting();
        bench.pass(Duration.ofMillis(1));

        assertThat(stop).succeeded();
        assertThat(bench.takeEffects())
                .filteredOn(Effect.End.class::isInstance)
                .extracting(effect -> ((Effect.End) effect).signal())
                .containsExactly(Signal.STOP, Signal.KILL);
    }

    @Test
    void ofWhatOthersHoldNamesThemAndHoldsItDown() {
        bench.service("app", PRE).up("app");
        bench.scriptOf("app").require("db");

        Ticket stop = bench.stop("db");

        assertThat(stop).succeeded().notes("db: still held by app; held down until the next start or require");
        assertThat(bench, "db").isStopped().isHeldDown().isHeldBy("app");
        assertThat(bench, "app").isStarted();
        bench.pass(LONG);
        assertThat(bench, "db").isStopped();
    }

    @Test
    void ofWhatIsHeldEndsToBeHeldDownOnceNobodyHoldsIt() {
        bench.up("app");
        bench.scriptOf("app").require("db");
        bench.stop("db");

        bench.stop("app");

        assertThat(bench, "db").isStopped().isHeldByNobody().isNotHeldDown();
    }

    @Test
    void ofWhatSomebodyStillWaitsForFailsThatRequireAndLeavesNoHold() {
        bench.service("db", PRE).service("app", PRE);
        bench.start("app");
        Ticket require = bench.scriptOf("app").require("db");

        Ticket stop = bench.stop("db");

        assertThat(require).failed("db: was stopped before it was up");
        assertThat(stop).succeeded().notes();
        assertThat(bench, "db").isStopped().isHeldByNobody().isNotHeldDown();
    }

    @Test
    void saysWhoHoldsItOnceForEachNameEvenIfAskedTwice() {
        bench.up("app");
        bench.scriptOf("app").require("db");

        Ticket stop = bench.stop("db", "db");

        assertThat(stop).succeeded().notes("db: still held by app; held down until the next start or require");
    }

    @Test
    void ofARequiredServiceDoesNotStopWhoRequiresIt() {
        bench.up("app");
        bench.scriptOf("app").require("db");

        bench.stop("db");

        assertThat(bench, "app").isStarted();
    }

    @Test
    void ofAServiceByItsOwnScriptIsRefused() {
        bench.up("web");

        assertThat(bench.scriptOf("web").stop("web")).failed("web: refused: circular wait: web -> web");
        assertThat(bench, "web").isStarted();
    }

    @Test
    void cancelsAStartThatWaitsForTheStopBefore() {
        bench.service("web", POST).up("web");
        bench.stop("web");
        Ticket start = bench.start("web");

        Ticket stop = bench.stop("web");
        bench.exits("web", 0);

        assertThat(start).failed("web: was stopped before it was up");
        assertThat(stop).succeeded();
        assertThat(bench, "web").isStopped().launched("run", "post");
    }
}
