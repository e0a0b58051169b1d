package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;

import bellhop.core.Workbench.Ticket;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Verifies that nobody waits in a circle, and that nothing else is refused for one. */
class SupervisorCirclesTest {

    private final Workbench bench = new Workbench();

    @Test
    void aRequireInsidePreOfWhatRequiresItInPreIsRefusedAndTheErrorNamesTheCircle() {
        bench.service("a", PRE).service("b", PRE).start("a");
        Ticket first = bench.scriptOf("a").require("b");

        Ticket second = bench.scriptOf("b").require("a");

        assertThat(second).failed("a: refused: circular wait: b -> a -> b");
        assertThat(first).isWaiting();
        assertThat(bench, "a").isHeldByNobody();
    }

    @Test
    void aCircleOfManyIsNamedWhole() {
        List<String> names = IntStream.range(0, 6).mapToObj(i -> "s" + i).toList();
        names.forEach(name -> bench.service(name, PRE));
        bench.start("s0");
        for (int i = 1; i < 6; i++) {
            assertThat(bench.scriptOf("s" + (i - 1)).require("s" + i)).isWaiting();
        }

        assertThat(bench.scriptOf("s5").start("s0"))
                .failed("s0: refused: circular wait: s5 -> s0 -> s1 -> s2 -> s3 -> s4 -> s5");
    }

    @Test
    void aChainInsidePreIsGrantedAndBroughtUpFromItsEnd() {
        bench.service("a", PRE).service("b", PRE).service("c", PRE).start("a");
        Ticket ab = bench.scriptOf("a").require("b");
        Ticket bc = bench.scriptOf("b").require("c");

        bench.succeeds("c", PRE);
        assertThat(bc).succeeded();
        bench.succeeds("b", PRE);
        assertThat(ab).succeeded();
        bench.succeeds("a", PRE);

        assertThat(bench, "a").isStarted();
    }

    @Test
    void twoMayWaitForTheSameOne() {
        bench.service("a", PRE).service("b", PRE).service("c", PRE).start("a", "b");

        assertThat(bench.scriptOf("a").require("c")).isWaiting();
        assertThat(bench.scriptOf("b").require("c")).isWaiting();
    }

    @Test
    void requiringWhatIsUpWaitsForNobodyAndIsGranted() {
        bench.service("a", PRE).service("b", PRE).up("a").start("b");

        assertThat(bench.scriptOf("b").require("a")).succeeded();
    }

    @Test
    void aCircleThroughAStopInPostIsRefused() {
        bench.service("a", POST).service("b", POST).up("a", "b");
        bench.stop("a");
        assertThat(bench.scriptOf("a").stop("b")).isWaiting();

        assertThat(bench.scriptOf("b").start("a")).failed("a: refused: circular wait: b -> a -> b");
    }

    @Test
    void aReleaseInPostThatWouldWaitInACircleIsRefusedAndTheHoldGoesWithItsIncarnation() {
        bench.service("a", POST).service("b", POST).up("a");
        bench.scriptOf("a").require("b");
        bench.stop("a", "b");
        assertThat(bench.scriptOf("b").stop("a")).isWaiting();

        assertThat(bench.scriptOf("a").release("b")).failed("b: refused: circular wait: a -> b -> a");
        assertThat(bench, "b").isHeldBy("a");
        bench.exits("a", 1);
        assertThat(bench, "b").isHeldByNobody();
    }

    @Test
    void aRequestThatWasAnsweredClosesNoCircle() {
        bench.service("a", PRE).service("b", PRE).start("a");
        bench.scriptOf("a").require("b");
        bench.succeeds("b", PRE);

        assertThat(bench.scriptOf("b").require("a")).isWaiting();
    }

    @Test
    void aRequestOfAScriptThatHasEndedClosesNoCircle() {
        bench.service("a", PRE, POST).service("b", PRE).start("a");
        bench.scriptOf("a").start("b");
        bench.exits("a", 0);
        assertThat(bench, "a").isStarted();

        bench.stop("a");

        assertThat(bench.scriptOf("b").start("a")).isWaiting();
    }

    @Test
    void namingAnotherOwnerHidesNobodyWhoWaits() {
        bench.service("a", PRE).service("b", PRE).start("a");
        bench.scriptOf("a").requireAs("somebody", "b");

        assertThat(bench.scriptOf("b").requireAs("else", "a")).failed("a: refused: circular wait: b -> a -> b");
    }

    @Test
    void ofSeveralNamesEachIsLookedAt() {
        bench.service("a", PRE).service("b", PRE).service("c", PRE).start("a");
        assertThat(bench.scriptOf("a").start("c", "b")).isWaiting();

        assertThat(bench.scriptOf("b").start("x", "a")).failed("a: refused: circular wait: b -> a -> b");
    }
}
