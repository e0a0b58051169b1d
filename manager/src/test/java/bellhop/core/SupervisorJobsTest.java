package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.RestartPolicy.ON_FAILURE;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Verifies jobs: services that are up once {@code run} has ended well. */
class SupervisorJobsTest {

    private final Workbench bench = new Workbench();

    @BeforeEach
    void makeAJob() {
        bench.service(Draft.of("job").with(PRE, POST).job().restart(ON_FAILURE));
    }

    @Test
    void itIsUpOnceRunHasExited0AndItsPostComesWithTheStop() {
        Ticket start = bench.start("job");
        bench.succeeds("job", PRE);
        assertThat(bench, "job").isStarting();
        assertThat(start).isWaiting();

        bench.exits("job", 0);

        assertThat(start).succeeded();
        assertThat(bench, "job").isFinished().says("run exited 0").launched("pre", "run");
        bench.stop("job");
        assertThat(bench, "job").isStopping().launched("pre", "run", "post");
        bench.succeeds("job", POST);
        assertThat(bench, "job").isStopped();
    }

    @Test
    void whoRequiresItWaitsForItsEndAndHoldsItFinished() {
        bench.service(Draft.of("app").requires("job")).read("job");
        bench.start("app");
        bench.succeeds("job", PRE);
        assertThat(bench, "app").isStarting().launched();

        bench.exits("job", 0);

        assertThat(bench, "app").isStarted();
        assertThat(bench, "job").isFinished().isHeldBy("app");
        assertThat(bench.require("job")).succeeded();
        assertThat(bench, "job").launched("pre", "run");
        bench.release("job");
        bench.stop("app");
        assertThat(bench, "job").isStopping().launched("pre", "run", "post");
    }

    @Test
    void whatItsRunLeftIsGoneBeforeItIsUp() {
        bench.leavingSomebody("job").start("job");
        bench.exits("job", 0).cleared("job");

        bench.exits("job", 0);

        assertThat(bench, "job").isStarting();
        bench.cleared("job");
        assertThat(bench, "job").isFinished();
    }

    @Test
    void aStartManuallyRunsItAnewWithItsHolds() {
        bench.up("job").exits("job", 0);
        bench.operator().requireAs("me", "job");
        long incarnation = bench.incarnation("job");

        Ticket again = bench.start("job");

        assertThat(again).isWaiting();
        assertThat(bench, "job").isStarting().isHeldBy("me").launched("pre", "run", "run");
        bench.exits("job", 0);
        assertThat(again).succeeded();
        assertThat(bench.incarnation("job")).isEqualTo(incarnation);
    }

    @Test
    void aStartOfAJobThatSaysSomethingElseByNowIsAnotherLife() {
        bench.up("job").exits("job", 0);
        bench.service(Draft.of("job").with(POST).job().restart(NO));

        Ticket again = bench.start("job");
        bench.succeeds("job", POST);
        bench.exits("job", 0);

        assertThat(again).succeeded();
        assertThat(bench, "job").isFinished().launched("pre", "run", "post", "run");
    }

    @Test
    void aFailureIsTriedAgainAndFailsTheFirstStart() {
        Ticket start = bench.start("job");
        bench.succeeds("job", PRE).exits("job", 3);

        assertThat(start).failed("job: run exited 3 after 0.0 s (log: bh logs job)");
        assertThat(bench, "job").isRestarting();
        bench.pass(Duration.ofSeconds(1)).exits("job", 0);
        assertThat(bench, "job").isFinished();
    }

    @Test
    void anEndThatNobodySawIsAFailure() {
        bench.service(Draft.of("job").job().restart(NO));
        bench.start("job");

        bench.ends("job", new Exit.Unknown());

        assertThat(bench, "job")
                .isFailed()
                .says("run ended with unknown exit status after 0.0 s, which counts as a failure");
    }

    @Test
    void aLimitIsForTheWholeOfRun() {
        bench.service(Draft.of("job").job().restart(NO).limit(bellhop.definition.Script.RUN, Duration.ofSeconds(3)));
        bench.start("job");

        bench.pass(Duration.ofSeconds(3));

        assertThat(bench, "job").isFailed().says("run had not finished within 3.0 s");
    }

    @Test
    void whatNobodyWantsAnyMoreIsNotLeftFinished() {
        bench.service(Draft.of("job").job().restart(NO));
        bench.require("job");
        bench.exits("job", 0);

        bench.release("job");

        assertThat(bench, "job").isStopped();
        assertThat(bench.serviceNow("job").isDown()).isTrue();
    }
}
