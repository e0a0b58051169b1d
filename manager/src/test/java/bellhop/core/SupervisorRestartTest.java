package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import org.junit.jupiter.api.Test;

/** Verifies bh-restart. */
class SupervisorRestartTest {

    private final Workbench bench = new Workbench();

    @Test
    void stopsThenStartsInANewIncarnation() {
        bench.service("web", PRE, POST).up("web");
        long before = bench.incarnation("web");

        Ticket restart = bench.restart("web");
        bench.succeeds("web", POST);
        assertThat(restart).isWaiting();
        bench.succeeds("web", PRE);

        assertThat(restart).succeeded();
        assertThat(bench, "web").isStarted().isPinned().launched("pre", "run", "post", "pre", "run");
        assertThat(bench.incarnation("web")).isGreaterThan(before);
    }

    @Test
    void ofWhatIsDownStartsAndPins() {
        assertThat(bench.restart("web")).succeeded();
        assertThat(bench, "web").isStarted().isPinned();
    }

    @Test
    void ofWhatIsHeldPinsNothing() {
        bench.require("web");

        assertThat(bench.restart("web")).succeeded();
        assertThat(bench, "web").isStarted().isNotPinned().launched("run", "run");
    }

    @Test
    void endsBeingHeldDown() {
        bench.require("web");
        bench.stop("web");

        assertThat(bench.restart("web")).succeeded();
        assertThat(bench, "web").isStarted().isNotHeldDown().isHeldBy("operator");
    }

    @Test
    void failsTheStartBeforeIt() {
        bench.service("web", PRE);
        Ticket start = bench.start("web");

        Ticket restart = bench.restart("web");
        bench.succeeds("web", PRE);

        assertThat(start).failed("web: was restarted before it was up");
        assertThat(restart).succeeded();
    }

    @Test
    void pinsWhatOnlyARequireHeldThatItCutsShort() {
        bench.service("web", PRE);
        Ticket require = bench.require("web");

        Ticket restart = bench.restart("web");
        bench.succeeds("web", PRE);

        assertThat(require).failed("web: was restarted before it was up");
        assertThat(restart).succeeded();
        assertThat(bench, "web").isStarted().isPinned().isHeldByNobody();
    }

    @Test
    void failsOnceNobodyWantsTheServiceAnymore() {
        bench.service("web", PRE).require("web");
        bench.succeeds("web", PRE);
        Ticket restart = bench.restart("web");

        assertThat(bench.release("web")).succeeded();

        assertThat(restart).failed("web: is no longer wanted");
        assertThat(bench, "web").isStopped();
    }

    @Test
    void ofTheSameNameTwiceIsOneRestart() {
        bench.service("web", PRE);

        Ticket restart = bench.restart("web", "web");
        bench.succeeds("web", PRE);

        assertThat(restart).succeeded();
        assertThat(bench, "web").launched("pre", "run");
    }

    @Test
    void duringRestartingWaitsForNoDelay() {
        bench.up("web").exits("web", 1);

        assertThat(bench.restart("web")).succeeded();
        assertThat(bench, "web").isStarted();
    }

    @Test
    void ofAServiceByItsOwnScriptIsRefused() {
        bench.up("web");

        assertThat(bench.scriptOf("web").restart("web")).failed("web: refused: circular wait: web -> web");
        assertThat(bench, "web").isStarted().launched("run");
    }
}
