package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.RestartPolicy.ON_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Verifies STOPPING=1: who says that it is about to end is not up any more. */
class SupervisorLeavingTest {

    private final Workbench bench = new Workbench();

    @Test
    void isStoppingAndFollowsThePolicyOnceItHasEnded() {
        bench.service(Draft.of("web").restart(ON_FAILURE)).up("web").leaving("web");
        assertThat(bench, "web").isStopping();

        bench.exits("web", 0);

        assertThat(bench, "web").isFinished();
    }

    @Test
    void aStartMeanwhileIsRemembered() {
        bench.service(Draft.of("web").restart(NO)).up("web").leaving("web");

        Ticket start = bench.start("web");
        assertThat(start).isWaiting();
        bench.exits("web", 0);

        assertThat(start).succeeded();
        assertThat(bench, "web").isStarted().launched("run", "run");
    }

    @Test
    void endsWithTheGrace() {
        bench.service(Draft.of("web").restart(NO)).up("web").leaving("web").takeEffects();

        bench.pass(Duration.ofSeconds(10));

        assertThat(bench.takeEffects())
                .filteredOn(Effect.End.class::isInstance)
                .extracting(effect -> ((Effect.End) effect).signal())
                .containsExactly(Signal.KILL);
        assertThat(bench, "web").isFailed().says("run began to stop and had not ended after 10.0 s");
    }

    @Test
    void mayTakeMoreTimeIfItSaysSo() {
        bench.up("web").leaving("web").extended("web", Duration.ofSeconds(30));

        bench.pass(Duration.ofSeconds(29));
        assertThat(bench, "web").isStopping();
        bench.pass(Duration.ofSeconds(1));

        assertThat(bench, "web").isStarted().launched("run", "run");
    }

    @Test
    void aStopThatNeedsMoreTimeIsKilledThatMuchLater() {
        bench.stubborn("web").up("web").stop("web");
        bench.extended("web", Duration.ofSeconds(30)).pass(Duration.ofSeconds(29));
        assertThat(bench, "web").isStopping();

        bench.pass(Duration.ofSeconds(1));

        assertThat(bench, "web").isStopped();
    }

    @Test
    void whatNobodyWantsAnyMoreIsNotRelaunched() {
        bench.require("web");
        bench.leaving("web");

        assertThat(bench.release("web")).succeeded();
        assertThat(bench, "web").isStopped().launched("run");
    }
}
