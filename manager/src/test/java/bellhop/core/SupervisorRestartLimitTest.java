package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Verifies restart_limit. */
class SupervisorRestartLimitTest {

    private final Workbench bench = new Workbench();

    @Test
    void soManyRelaunchesAndNoMore() {
        bench.service(Draft.of("web").with(POST).restartLimit(2, Duration.ofMinutes(1)))
                .up("web");
        bench.exits("web", 1).pass(Duration.ofMillis(100));
        bench.exits("web", 1).pass(Duration.ofMillis(200));
        assertThat(bench, "web").isStarted();

        bench.exits("web", 1).exits("web", 0);

        assertThat(bench, "web")
                .isFailed()
                .says("restarted 2 times within 60.0 s, and then run exited 1 after 0.0 s")
                .launched("run", "run", "run", "post");
    }

    @Test
    void thoseThatAreLongAgoDoNotCount() {
        bench.service(Draft.of("web").restartLimit(1, Duration.ofMinutes(1)))
                .up("web")
                .exits("web", 1)
                .pass(Duration.ofMinutes(2));

        bench.exits("web", 1);

        assertThat(bench, "web").isStarted();
    }

    @Test
    void countsForEverWhereNoTimeIsSaid() {
        bench.service(Draft.of("web").restartLimit(1)).up("web").exits("web", 1);

        bench.pass(Duration.ofDays(1)).exits("web", 1);

        assertThat(bench, "web").isFailed().says("restarted once, and then run exited 1 after 86399.9 s");
    }

    @Test
    void countsRetriesOfPreAndOfRequirements() {
        bench.service(Draft.of("app").requires("db").restartLimit(1))
                .service(Draft.of("db").with(PRE).restart(NO))
                .read("db")
                .start("app");

        bench.exits("db", 1).pass(Duration.ofMillis(100)).exits("db", 1);

        assertThat(bench, "app")
                .isFailed()
                .says("restarted once, and then requires db: pre exited 1 after 0.0 s (log: bh logs db)");
    }

    @Test
    void isForgottenByAStartByHand() {
        bench.service(Draft.of("web").restartLimit(1)).up("web").exits("web", 1);
        bench.pass(Duration.ofMillis(100)).exits("web", 1);
        assertThat(bench, "web").isFailed();

        bench.start("web");
        bench.exits("web", 1).pass(Duration.ofMillis(100));

        assertThat(bench, "web").isStarted();
    }

    @Test
    void isNotForgottenByARequire() {
        bench.service(Draft.of("web").restartLimit(1)).require("web");
        bench.exits("web", 1).pass(Duration.ofMillis(100)).exits("web", 1);
        assertThat(bench, "web").isFailed();

        bench.require("web");
        assertThat(bench, "web").isStarted();
        bench.exits("web", 1);

        assertThat(bench, "web").isFailed();
    }

    @Test
    void aStartDuringTheCleanupForgetsItToo() {
        bench.service(Draft.of("web").with(POST).restartLimit(1)).up("web").exits("web", 1);
        bench.pass(Duration.ofMillis(100)).exits("web", 1);
        assertThat(bench, "web").isStopping();

        bench.start("web");
        bench.exits("web", 0).exits("web", 1);

        assertThat(bench, "web").isRestarting();
    }
}
