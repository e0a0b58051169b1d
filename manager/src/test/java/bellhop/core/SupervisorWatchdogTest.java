package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.RestartPolicy.ON_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Verifies the watchdog: who is up has to say that it is well. */
class SupervisorWatchdogTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration WATCHDOG = Duration.ofSeconds(30);

    private final Workbench bench = new Workbench();

    @Test
    void isArmedOnceItIsReadyAndAnewByEachSignOfLife() {
        bench.service(Draft.of("web").watchdog(WATCHDOG)).start("web");
        bench.pass(LONG).ready("web").pass(Duration.ofSeconds(29));
        bench.pinged("web").pass(Duration.ofSeconds(29));

        assertThat(bench, "web").isStarted();
    }

    @Test
    void endsWhoGivesNoSignOfLifeAndRestartsIt() {
        bench.service(Draft.of("web").watchdog(WATCHDOG).restart(ON_FAILURE)).start("web");
        bench.ready("web").takeEffects();

        bench.pass(WATCHDOG);

        assertThat(bench.takeEffects())
                .filteredOn(Effect.End.class::isInstance)
                .extracting(effect -> ((Effect.End) effect).signal())
                .containsExactly(Signal.ABORT);
        assertThat(bench, "web").isStarting().launched("run", "run");
    }

    @Test
    void killsWhoSurvivesTheAbort() {
        bench.service(Draft.of("web").watchdog(WATCHDOG).restart(NO)).leavingSomebody("web");
        bench.start("web");
        bench.ready("web").takeEffects();

        bench.pass(WATCHDOG.plusSeconds(10));

        assertThat(bench.takeEffects())
                .filteredOn(Effect.End.class::isInstance)
                .extracting(effect -> ((Effect.End) effect).signal())
                .containsExactly(Signal.ABORT, Signal.KILL);
        assertThat(bench, "web").isFailed().says("run gave no sign of life for 30.0 s");
    }
}
