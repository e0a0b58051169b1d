package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Verifies bh-require and bh-release: who holds what. */
class SupervisorHoldingTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final Workbench bench = new Workbench();

    @Test
    void aRequireStartsAndIsAnsweredByTheFirstAttempt() {
        bench.service("db", PRE);

        Ticket require = bench.require("db");
        assertThat(require).isWaiting();
        bench.succeeds("db", PRE);

        assertThat(require).succeeded();
        assertThat(bench, "db").isStarted().isNotPinned().isHeldBy("operator");
    }

    @Test
    void aRequireOfWhatIsUpIsAnsweredAtOnce() {
        bench.up("db");

        assertThat(bench.require("db")).succeeded();
        assertThat(bench, "db").isHeldBy("operator").launched("run");
    }

    @Test
    void aFailedRequireLeavesNoHold() {
        bench.service(Draft.of("db").with(PRE).restart(NO));

        Ticket require = bench.require("db");
        bench.exits("db", 1);

        assertThat(require).failed("db: pre exited 1 after 0.0 s (log: bh logs db)");
        assertThat(bench, "db").isFailed().isHeldByNobody();
    }

    @Test
    void aFailedRequireOfWhatWouldBeRetriedLeavesItDown() {
        bench.service("db", PRE);

        bench.require("db");
        bench.exits("db", 1).pass(LONG);

        assertThat(bench, "db").isStopped().isHeldByNobody().launched("pre");
    }

    @Test
    void aRequireAfterAFailedOneFailsAgainInsteadOfFindingACount() {
        bench.service(Draft.of("db").with(PRE).restart(NO));
        bench.require("db");
        bench.exits("db", 1);

        Ticket second = bench.require("db");
        assertThat(second).isWaiting();
        bench.exits("db", 1);

        assertThat(second).failed("db: pre exited 1 after 0.0 s (log: bh logs db)");
    }

    @Test
    void aFailedRequireTakesNoOtherHoldOfItsOwnerWithIt() {
        bench.require("db");
        bench.exits("db", 1);
        Ticket second = bench.require("db");

        bench.unspawnable("db").pass(Duration.ofMillis(100));

        assertThat(second).failed("db: run could not be run: no such file (log: bh logs db)");
        assertThat(bench, "db").isRestarting().isHeldBy("operator");
    }

    @Test
    void aRefusedRequireTakesNoHoldOfItsOwnerWithIt() {
        bench.service("app", PRE, POST).up("app");
        bench.scriptOf("app").require("db");
        bench.stopAll();

        assertThat(bench.scriptOf("app").require("db")).failed("refused: everything is being stopped");

        assertThat(bench, "db").isStarted().isHeldBy("app");
    }

    @Test
    void aRequireWhoseClientWentAwayLeavesNoHold() {
        bench.service("db", PRE);

        bench.require("db").goAway();

        assertThat(bench, "db").isStopped().isHeldByNobody();
    }

    @Test
    void aClientThatGoesAwayAfterTheAnswerKeepsItsHold() {
        bench.require("db").goAway();

        assertThat(bench, "db").isStarted().isHeldBy("operator");
    }

    @Test
    void aRequireDuringStoppingWaitsForTheNewIncarnation() {
        bench.service("db", PRE, POST).up("db");
        bench.stop("db");

        Ticket require = bench.require("db");
        bench.exits("db", 0);

        assertThat(require).isWaiting();
        bench.succeeds("db", PRE);
        assertThat(require).succeeded();
        assertThat(bench, "db").isStarted().isHeldBy("operator");
    }

    @Test
    void aRequireDuringRestartingWaitsForTheNextAttempt() {
        bench.up("db").exits("db", 1);

        Ticket require = bench.require("db");

        assertThat(require).isWaiting();
        assertThat(bench, "db").isRestarting();
        bench.pass(Duration.ofMillis(100));
        assertThat(require).succeeded();
    }

    @Test
    void aRequireEndsBeingHeldDown() {
        bench.require("db");
        bench.stop("db");

        Ticket require = bench.require("db");

        assertThat(require).succeeded();
        assertThat(bench, "db").isStarted().isNotHeldDown().isHeldBy("operator", "operator");
    }

    @Test
    void aRequireWhileADeadRunIsClearedAwayWaitsForTheNextAttempt() {
        bench.leavingSomebody("db").up("db").exits("db", 1);

        Ticket require = bench.require("db");
        bench.cleared("db");

        assertThat(require).isWaiting();
        bench.pass(Duration.ofMillis(100));
        assertThat(require).succeeded();
    }

    @Test
    void theFirstAttemptFailsItsOwnWaitersAndNotThoseOfTheNext() {
        bench.service("db", PRE).leavingSomebody("db");
        Ticket first = bench.start("db");
        bench.exits("db", 1);
        Ticket second = bench.require("db");

        bench.cleared("db");

        assertThat(first).failed("db: pre exited 1 after 0.0 s (log: bh logs db)");
        assertThat(second).isWaiting();
    }

    @Test
    void aStartByHandDuringTheClearingFailsTheWaitersOfTheAttemptBefore() {
        bench.service("db", PRE).leavingSomebody("db");
        Ticket first = bench.start("db");
        bench.exits("db", 1);
        Ticket second = bench.start("db");

        bench.cleared("db");

        assertThat(first).failed("db: pre exited 1 after 0.0 s (log: bh logs db)");
        assertThat(second).isWaiting();
        bench.succeeds("db", PRE);
        assertThat(second).succeeded();
    }

    @Test
    void theLastReleaseStopsAndIsAnsweredOnceItIsDown() {
        bench.service("db", POST);
        bench.require("db");
        bench.require("db");

        assertThat(bench.release("db")).succeeded();
        assertThat(bench, "db").isStarted().isHeldBy("operator");
        Ticket last = bench.release("db");

        assertThat(last).isWaiting();
        assertThat(bench, "db").isStopping();
        bench.exits("db", 0);
        assertThat(last).succeeded();
        assertThat(bench, "db").isStopped().isHeldByNobody();
    }

    @Test
    void aReleaseOfWhatIsPinnedStopsNothing() {
        bench.up("db");
        bench.require("db");

        assertThat(bench.release("db")).succeeded();
        assertThat(bench, "db").isStarted();
    }

    @Test
    void anOverReleaseIsAnErrorAndStopsNothing() {
        bench.up("db", "app");
        bench.require("db");
        bench.release("db");

        assertThat(bench.release("db")).failed("db: not held by operator, so there is nothing to release");
        assertThat(bench.scriptOf("app").release("db")).failed("db: not held by app, so there is nothing to release");
        assertThat(bench.release("ghost")).failed("ghost: not held by operator, so there is nothing to release");
        assertThat(bench, "db").isStarted();
    }

    @Test
    void nobodyReleasesTheHoldOfAnother() {
        bench.up("app");
        bench.scriptOf("app").require("db");

        assertThat(bench.release("db")).failed("db: not held by operator, so there is nothing to release");
        assertThat(bench, "db").isStarted().isHeldBy("app");
    }

    @Test
    void aReleaseDuringRestartingCancelsTheRestart() {
        bench.require("db");
        bench.exits("db", 1);

        Ticket release = bench.release("db");
        bench.pass(LONG);

        assertThat(release).succeeded();
        assertThat(bench, "db").isStopped().launched("run");
    }

    @Test
    void aReleaseOfARequireThatStillWaitsFailsThatRequire() {
        bench.service("db", PRE).start("db");

        Ticket require = bench.require("db");
        Ticket release = bench.release("db");

        assertThat(require).failed("db: its hold was released before it was up");
        assertThat(release).succeeded();
        bench.succeeds("db", PRE);
        assertThat(bench, "db").isStarted().isHeldByNobody();
    }

    @Test
    void aReleaseFailsNobodyElsesRequire() {
        bench.service("db", PRE).up("app").start("db");
        Ticket own = bench.require("db");
        Ticket others = bench.scriptOf("app").require("db");

        bench.release("db");

        assertThat(own).failed("db: its hold was released before it was up");
        assertThat(others).isWaiting();
        bench.succeeds("db", PRE);
        assertThat(others).succeeded();
        assertThat(bench, "db").isHeldBy("app");
    }

    @Test
    void aHoldThatWasReleasedIsNotGivenBackAtTheExpenseOfTheNextOne() {
        bench.service("db", PRE).leavingSomebody("db").start("db");
        bench.require("db");
        bench.release("db");
        bench.exits("db", 1);

        Ticket second = bench.require("db");
        bench.cleared("db").pass(Duration.ofMillis(100)).succeeds("db", PRE);

        assertThat(second).succeeded();
        assertThat(bench, "db").isHeldBy("operator");
    }

    @Test
    void aHoldThatWasSettledIsReleasedBeforeOneThatStillWaits() {
        bench.service("db", PRE).up("db");
        bench.require("db");
        bench.exits("db", 1);
        Ticket waiting = bench.require("db");

        assertThat(bench.release("db")).succeeded();

        assertThat(waiting).isWaiting();
        bench.pass(Duration.ofMillis(100)).succeeds("db", PRE);
        assertThat(waiting).succeeded();
        assertThat(bench, "db").isHeldBy("operator");
    }

    @Test
    void aRequireFailsOnceTheIncarnationItIsMadeForHasEnded() {
        bench.service("db", PRE).up("app").start("db");
        Ticket require = bench.operator().requireAs("app", "db");

        bench.stop("app");

        assertThat(require).failed("db: app, which required it, has ended");
        bench.succeeds("db", PRE);
        assertThat(bench, "db").isStarted().isHeldByNobody();
    }

    @Test
    void aRequirerThatIsKilledBeforeItsPostLeaksNothing() {
        bench.service(Draft.of("app").with(PRE, POST).restart(NO)).start("app");
        bench.scriptOf("app").require("db");
        bench.exits("app", 0).ends("app", new Exit.Killed("KILL")).ends("app", new Exit.Killed("KILL"));

        assertThat(bench, "app").isFailed().launched("pre", "run", "post");
        assertThat(bench, "db").isStopped().isHeldByNobody();
    }

    @Test
    void ownersAreTheScriptsIncarnationUnlessAnotherIsNamed() {
        bench.up("app");

        bench.scriptOf("app").require("db");
        bench.scriptOf("app").requireAs("wifi:wlan0", "db");

        assertThat(bench, "db").isHeldBy("app", "wifi:wlan0");
        bench.stop("app");
        assertThat(bench, "db").isStarted().isHeldBy("wifi:wlan0");
        assertThat(bench.operator().releaseAs("wifi:wlan0", "db")).succeeded();
        assertThat(bench, "db").isStopped();
    }

    @Test
    void aDevicesHoldAndOneInItsNameAreTwo() {
        Owner.Device device = new Owner.Device("wifi", "wlan0");
        bench.operator().requireFor(device, "db");
        bench.operator().requireAs("wifi:wlan0", "db");

        assertThat(bench, "db").isHeldBy("wifi:wlan0", "wifi:wlan0");
        assertThat(bench.operator().releaseFor(device, "db")).succeeded();
        assertThat(bench, "db").isStarted().isHeldBy("wifi:wlan0");
        assertThat(bench.operator().releaseFor(device, "db"))
                .failed("db: not held by wifi:wlan0, so there is nothing to release");
        assertThat(bench.operator().releaseAs("wifi:wlan0", "db")).succeeded();
        assertThat(bench, "db").isStopped();
    }

    @Test
    void nobodyElseReleasesWhatADeviceHolds() {
        bench.operator().requireFor(new Owner.Device("wifi", "wlan0"), "db");

        assertThat(bench.operator().releaseAs("wifi:wlan0", "db"))
                .failed(
                        "db: not held by wifi:wlan0 but by the device, so there is nothing to release; bh stop db stops it");

        assertThat(bench, "db").isStarted().isHeldBy("wifi:wlan0");
    }

    @Test
    void stoppingEverythingDropsTheHoldsOfDevices() {
        bench.operator().requireFor(new Owner.Device("wifi", "wlan0"), "db");

        bench.operator().stopAll();

        assertThat(bench, "db").isStopped().isHeldByNobody();
    }

    @Test
    void aServiceNamedAsOwnerMeansItsPresentIncarnation() {
        bench.up("app");

        bench.operator().requireAs("app", "db");

        assertThat(bench, "db").isHeldBy("app");
        bench.stop("app");
        assertThat(bench, "db").isStopped().isHeldByNobody();
    }

    @Test
    void aHoldForAServiceThatIsDownCanBeReleasedOnceItIsUp() {
        bench.up("app").stop("app");
        bench.operator().requireAs("app", "db");
        bench.up("app");

        assertThat(bench.operator().releaseAs("app", "db")).succeeded();
        assertThat(bench, "db").isStopped().isHeldByNobody();
    }

    @Test
    void aStaleIncarnationIsRefusedAndChangesNothing() {
        bench.up("app");
        long first = bench.incarnation("app");
        bench.restart("app");
        String refusal = "refused: the request comes from incarnation " + first + " of app, which has ended";

        for (Ticket late : List.of(
                bench.script("app", first).require("db"),
                bench.script("app", first).start("db"),
                bench.script("app", first).stop("app"),
                bench.script("app", first).restart("app"),
                bench.script("app", first).release("db"),
                bench.script("app", first).stopAll())) {
            assertThat(late).failed(refusal);
        }
        assertThat(bench.supervisor().service(Draft.name("db"))).isEmpty();
        assertThat(bench, "app").isStarted();
    }

    @Test
    void aStaleReleaseOfAnothersHoldIsRefused() {
        bench.up("app");
        long first = bench.incarnation("app");
        bench.restart("app");
        bench.require("db");

        assertThat(bench.script("app", first).releaseAs("operator", "db"))
                .failed("refused: the request comes from incarnation " + first + " of app, which has ended");
        assertThat(bench, "db").isHeldBy("operator");
    }

    @Test
    void anIncarnationThatNeverWasIsRefused() {
        bench.up("app");

        assertThat(bench.script("app", 4711).require("db"))
                .failed("refused: the request comes from incarnation 4711 of app, which has ended");
        assertThat(bench.script("ghost", 1).require("db"))
                .failed("refused: the request comes from incarnation 1 of ghost, which has ended");
    }

    @Test
    void servicesAreListedByName() {
        bench.up("web", "app", "db");

        assertThat(bench.supervisor().services())
                .extracting(Service::name)
                .containsExactly(Draft.name("app"), Draft.name("db"), Draft.name("web"));
    }

    @Test
    void heldByListsWhatAServiceHolds() {
        bench.up("app");
        bench.scriptOf("app").require("db");
        bench.scriptOf("app").require("cache");
        bench.require("other");

        assertThat(bench.supervisor().heldBy(Draft.name("app"))).containsExactly(Draft.name("cache"), Draft.name("db"));
    }

    @Test
    void whoRequiresInALoopGetsOnlySoManyHolds() {
        for (int i = 0; i < Holds.MOST; i++) {
            bench.require("web");
        }

        assertThat(bench.require("web")).failed("web: has 1000 holds, the maximum; release some first");
    }
}
