package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Verifies ready: a service that says so is starting until it has. */
class SupervisorReadinessTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final Workbench bench = new Workbench();

    private final Draft web = Draft.of("web").with(POST).saysReady(Duration.ofMinutes(1));

    @Test
    void isWaitedFor() {
        bench.service(web);
        Ticket start = bench.start("web");

        assertThat(start).isWaiting();
        assertThat(bench, "web").isStarting();
        bench.ready("web");

        assertThat(start).succeeded();
        assertThat(bench, "web").isStarted();
    }

    @Test
    void holdsBackWhoRequires() {
        bench.service(web).service(Draft.of("app").requires("web")).read("web").start("app");
        assertThat(bench, "app").isStarting().launched();

        bench.ready("web");

        assertThat(bench, "app").isStarted();
    }

    @Test
    void notInTimeIsAFailedLaunch() {
        bench.service(web);
        Ticket start = bench.start("web");

        bench.pass(Duration.ofMinutes(1));

        assertThat(start).failed("web: run was not ready within 60.0 s (log: bh logs web)");
        assertThat(bench, "web").isRestarting();
        bench.pass(Duration.ofMillis(100));
        assertThat(bench, "web").isStarting().launched("run", "run");
    }

    @Test
    void deadBeforeItIsReadyIsAFailedLaunchEvenWithZero() {
        bench.service(web.restart(NO));
        Ticket start = bench.start("web");

        bench.pass(Duration.ofMillis(200)).exits("web", 0).exits("web", 0);

        assertThat(start).failed("web: run exited 0 after 0.2 s, before it was ready (log: bh logs web)");
        assertThat(bench, "web").isFailed().launched("run", "post");
    }

    @Test
    void leavingBeforeItIsReadyIsAFailedLaunch() {
        bench.service(web).start("web");

        bench.pass(Duration.ofMillis(200)).leaving("web");

        assertThat(bench, "web").isRestarting().says("run began to stop after 0.2 s, before it was ready");
    }

    @Test
    void isAskedAnewAfterEachRelaunch() {
        bench.service(web).start("web");
        bench.ready("web").exits("web", 1).pass(Duration.ofMillis(100));

        assertThat(bench, "web").isStarting();
        Ticket start = bench.start("web");
        assertThat(start).isWaiting();
        bench.ready("web");
        assertThat(start).succeeded();
    }

    @Test
    void isGivenMoreTimeAndNeverLess() {
        bench.service(web).start("web");
        bench.pass(Duration.ofSeconds(50)).extended("web", Duration.ofSeconds(30));
        bench.extended("web", Duration.ofSeconds(1)).pass(Duration.ofSeconds(29));
        assertThat(bench, "web").isStarting();

        bench.pass(Duration.ofSeconds(1));

        assertThat(bench, "web").isRestarting();
    }

    @Test
    void theClockStandsStillWhileARequestOfItWaits() {
        bench.service(web).service(Draft.of("db").with(PRE).noLimit(PRE)).start("web");
        bench.scriptOf("web").require("db");

        bench.pass(LONG);
        assertThat(bench, "web").isStarting();
        bench.succeeds("db", PRE).pass(Duration.ofMinutes(1));

        assertThat(bench, "web").isRestarting();
    }

    @Test
    void withoutALimitIsWaitedForAsLongAsItTakes() {
        bench.service(Draft.of("web").watchdog(Duration.ofSeconds(30))).start("web");

        bench.pass(LONG);

        assertThat(bench, "web").isStarting();
    }

    @Test
    void aStopBeforeItIsReadyRunsPost() {
        bench.service(web).start("web");

        Ticket stop = bench.stop("web");
        bench.exits("web", 0);

        assertThat(stop).succeeded();
        assertThat(bench, "web").isStopped().launched("run", "post");
    }
}
