package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Verifies bh-stopall. */
class SupervisorStopAllTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final Workbench bench = new Workbench();

    @Test
    void stopsRequirersBeforeWhatTheyRequire() {
        bench.service("app", POST).service("db", POST).up("app");
        bench.scriptOf("app").require("db");

        Ticket stopAll = bench.stopAll();

        assertThat(bench.supervisor().isStoppingEverything()).isTrue();
        assertThat(bench, "app").isStopping();
        assertThat(bench, "db").isStarted();
        bench.exits("app", 0);
        assertThat(bench, "app").isStopped();
        assertThat(bench, "db").isStopping();
        assertThat(stopAll).isWaiting();
        bench.exits("db", 0);
        assertThat(stopAll).succeeded();
        assertThat(bench.supervisor().isStoppingEverything()).isFalse();
        assertThat(bench.supervisor().isAllDown()).isTrue();
    }

    @Test
    void stopsAllElseInParallel() {
        bench.service("a", POST).service("b", POST).up("a", "b").require("c");

        bench.stopAll();

        assertThat(bench, "a").isStopping().isNotPinned();
        assertThat(bench, "b").isStopping();
        assertThat(bench, "c").isStopped().isHeldByNobody();
    }

    @Test
    void stopsACircleOfHoldsTogether() {
        bench.up("a", "b");
        bench.scriptOf("a").require("b");
        bench.scriptOf("b").require("a");

        assertThat(bench.stopAll()).succeeded();
    }

    @Test
    void leavesACircleOfHoldsUpUntilWhoRequiresItIsDown() {
        bench.service("app", POST).up("a", "b", "app");
        bench.scriptOf("a").require("b");
        bench.scriptOf("b").require("a");
        bench.scriptOf("app").require("a");

        bench.stopAll();

        assertThat(bench, "a").isStarted();
        assertThat(bench, "b").isStarted();
        bench.exits("app", 0);
        assertThat(bench, "a").isStopped();
        assertThat(bench, "b").isStopped();
    }

    @Test
    void refusesStartsAndRequiresMeanwhileButNotReleases() {
        bench.service("app", POST).up("app");
        bench.scriptOf("app").require("db");
        bench.stopAll();

        assertThat(bench.start("x")).failed("refused: everything is being stopped");
        assertThat(bench.start("db")).failed("refused: everything is being stopped");
        assertThat(bench.restart("x")).failed("refused: everything is being stopped");
        assertThat(bench.require("x")).failed("refused: everything is being stopped");
        assertThat(bench.scriptOf("app").release("db")).succeeded();
        bench.exits("app", 0);
        assertThat(bench.start("x")).succeeded();
    }

    @Test
    void failsWhoeverStillWaitsToBeUp() {
        bench.service("web", PRE).service("x", PRE).up("x");
        Ticket start = bench.start("web");
        Ticket require = bench.require("web");

        assertThat(bench.stopAll()).succeeded();

        assertThat(start).failed("web: refused: everything is being stopped");
        assertThat(require).failed("web: refused: everything is being stopped");
    }

    @Test
    void saysWhichFailed() {
        bench.service("a", POST).service("b", POST).up("a", "b");

        Ticket stopAll = bench.stopAll();
        bench.exits("a", 1).exits("b", 0);

        assertThat(stopAll).failed("a: post exited 1 after 0.0 s");
    }

    @Test
    void cancelsRestartsAndStartsThatWait() {
        bench.service("a", POST).up("a", "b").exits("b", 1);
        bench.stop("a");
        Ticket start = bench.start("a");

        Ticket stopAll = bench.stopAll();
        bench.exits("a", 0).pass(LONG);

        assertThat(start).failed("a: refused: everything is being stopped");
        assertThat(stopAll).succeeded();
        assertThat(bench, "a").isStopped().launched("run", "post");
        assertThat(bench, "b").isStopped().launched("run");
    }

    @Test
    void asksTwiceIsAnsweredTwice() {
        bench.service("a", POST).up("a");
        Ticket first = bench.stopAll();
        Ticket second = bench.stopAll();

        bench.exits("a", 0);

        assertThat(first).succeeded();
        assertThat(second).succeeded();
    }

    @Test
    void withNothingUpIsDoneAtOnceAndRefusesNothingAfterwards() {
        assertThat(bench.stopAll()).succeeded();
        assertThat(bench.start("web")).succeeded();
    }

    @Test
    void leavesARequiredServiceRestartingUntilItsTurn() {
        bench.service("app", POST).up("app");
        bench.scriptOf("app").require("db");
        bench.exits("db", 1);

        bench.stopAll();
        bench.pass(Duration.ofMillis(100));

        assertThat(bench, "db").isStarted();
        bench.exits("app", 0);
        assertThat(bench, "db").isStopped();
    }

    @Test
    void byAServicesOwnScriptIsRefusedSinceItWouldWaitForItself() {
        bench.up("power");

        assertThat(bench.scriptOf("power").stopAll()).failed("power: refused: circular wait: power -> power");
        assertThat(bench, "power").isStarted();
    }
}
