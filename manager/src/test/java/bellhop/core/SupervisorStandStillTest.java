package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Verifies that nobody misses a deadline by the time that the manager stood still. */
class SupervisorStandStillTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration LIMIT = Duration.ofSeconds(3);
    private static final Duration ALMOST = LIMIT.minusMillis(1);

    private final Workbench bench = new Workbench();

    /** It has as much left as it had before, and no more. */
    private void goesOnWithWhatWasLeft(Runnable isAsBefore, Runnable isOver) {
        bench.pass(ALMOST).standStill(LONG).pass(Duration.ofNanos(999_999));
        isAsBefore.run();
        bench.pass(Duration.ofNanos(1));
        isOver.run();
    }

    @Test
    void aPreGoesOnWithWhatWasLeftOfItsTime() {
        bench.service(Draft.of("web").with(PRE).limit(PRE, LIMIT).restart(NO)).start("web");

        goesOnWithWhatWasLeft(
                () -> assertThat(bench, "web").isStarting(),
                () -> assertThat(bench, "web").isFailed().says("pre took longer than 3.0 s"));
    }

    @Test
    void aPostGoesOnWithWhatWasLeftOfItsTime() {
        bench.service(Draft.of("web").with(POST).limit(POST, LIMIT)).up("web");
        bench.stop("web");

        goesOnWithWhatWasLeft(
                () -> assertThat(bench, "web").isStopping(),
                () -> assertThat(bench, "web").isFailed().says("post took longer than 3.0 s"));
    }

    @Test
    void aRunGoesOnWithWhatWasLeftUntilItHasToBeReady() {
        bench.service(Draft.of("web").saysReady(LIMIT).restart(NO)).start("web");

        goesOnWithWhatWasLeft(
                () -> assertThat(bench, "web").isStarting(),
                () -> assertThat(bench, "web").isFailed().says("run was not ready within 3.0 s"));
    }

    @Test
    void aWatchdogGoesOnWithWhatWasLeft() {
        bench.service(Draft.of("web").watchdog(LIMIT).restart(NO)).start("web");
        bench.ready("web");

        goesOnWithWhatWasLeft(
                () -> assertThat(bench, "web").isStarted(),
                () -> assertThat(bench, "web").isFailed().says("run gave no sign of life for 3.0 s"));
    }

    @Test
    void aGraceGoesOnWithWhatWasLeft() {
        bench.service(Draft.of("web").stopGracePeriod(LIMIT)).up("web").stubborn("web");
        Ticket stop = bench.stop("web");

        goesOnWithWhatWasLeft(
                () -> assertThat(stop).isWaiting(), () -> assertThat(stop).succeeded());
    }

    @Test
    void theGraceOfWhoLeavesByItselfGoesOnWithWhatWasLeft() {
        bench.service(Draft.of("web").saysReady(LONG).stopGracePeriod(LIMIT).restart(NO))
                .start("web");
        bench.ready("web").leaving("web");

        goesOnWithWhatWasLeft(
                () -> assertThat(bench, "web").isStopping(),
                () -> assertThat(bench, "web").isFailed().says("run began to stop and had not ended after 3.0 s"));
    }

    @Test
    void whoLingersDoesSoForWhatWasLeft() {
        bench.service(Draft.of("web").linger(LIMIT)).require("web");
        bench.release("web");

        goesOnWithWhatWasLeft(
                () -> assertThat(bench, "web").isStarted(),
                () -> assertThat(bench, "web").isStopped());
    }

    @Test
    void aRelaunchWaitsNoLongerForIt() {
        bench.service(Draft.of("web").restartDelay(LIMIT, LIMIT)).up("web").exits("web", 1);

        bench.pass(ALMOST).standStill(LONG).pass(Duration.ZERO);

        assertThat(bench, "web").isStarted().launched("run", "run");
    }

    @Test
    void aClockThatStandsStillAnywayHasWhatItHadLeft() {
        bench.service(Draft.of("web").with(PRE).limit(PRE, LIMIT))
                .service(Draft.of("db").with(PRE).noLimit(PRE))
                .start("web");
        bench.scriptOf("web").require("db");

        bench.standStill(LONG).exits("db", 0);

        assertThat(bench.supervisor().nextDeadline()).isEqualTo(bench.now() + LIMIT.toNanos());
    }

    @Test
    void whatIsDueBecomesSoOnlyByWhatCouldBeHeardOfUntilThen() {
        bench.service(Draft.of("web").watchdog(LIMIT)).start("web");
        bench.ready("web");
        long woke = bench.now();

        bench.passUnnoticed(LIMIT, woke).pinged("web").pass(ALMOST);

        assertThat(bench, "web").isStarted().launched("run");
    }
}
