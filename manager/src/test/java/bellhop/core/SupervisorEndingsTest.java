package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.RestartPolicy.ON_FAILURE;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static bellhop.definition.Script.RUN;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Verifies what follows when a script ends by itself. */
class SupervisorEndingsTest {

    private final Workbench bench = new Workbench();

    @Test
    void aCrashRelaunchesRunAloneInTheSameIncarnation() {
        bench.service("web", PRE, POST).up("web");
        long incarnation = bench.incarnation("web");

        bench.ends("web", new Exit.Killed("SEGV"));

        assertThat(bench, "web").isRestarting().says("run was killed by SIGSEGV after 0.0 s");
        bench.pass(Duration.ofMillis(100));
        assertThat(bench, "web").isStarted().launched("pre", "run", "run");
        assertThat(bench.incarnation("web")).isEqualTo(incarnation);
    }

    @Test
    void whatIsNamedASuccessIsOne() {
        bench.service(Draft.of("job").restart(ON_FAILURE).success("3", "TERM").with(POST));

        for (Exit exit : List.of(new Exit.Exited(3), new Exit.Killed("TERM"), new Exit.Exited(0))) {
            bench.up("job").ends("job", exit).succeeds("job", POST);

            assertThat(bench, "job").isFinished().says("run " + exit.phrase() + " after 0.0 s");
        }
    }

    @Test
    void whatIsNotNamedASuccessIsAFailure() {
        bench.service(Draft.of("job").restart(NO).success("3", "KILL"));

        for (Exit exit : List.of(
                new Exit.Exited(9),
                new Exit.Killed("SEGV"),
                new Exit.OutOfMemory(new Exit.Killed("KILL")),
                new Exit.Unknown())) {
            bench.up("job").ends("job", exit);

            assertThat(bench, "job").isFailed();
        }
    }

    @Test
    void whatPreventsARestartWinsOverThePolicy() {
        bench.service(Draft.of("web").prevent("78", "SEGV").with(POST));

        for (Exit exit :
                List.of(new Exit.Exited(78), new Exit.Killed("SEGV"), new Exit.OutOfMemory(new Exit.Killed("SEGV")))) {
            bench.up("web").ends("web", exit).succeeds("web", POST);

            assertThat(bench, "web").isFailed().says("run " + exit.phrase() + " after 0.0 s, which prevents a restart");
            assertThat(bench.pass(Duration.ofHours(1)).serviceNow("web").isDown())
                    .isTrue();
        }
        bench.up("web").exits("web", 1);
        assertThat(bench, "web").isRestarting();
    }

    @Test
    void whatPreventsARestartMayBeASuccess() {
        bench.service(Draft.of("web").success("3").prevent("0", "3"));

        bench.up("web").exits("web", 3);
        assertThat(bench, "web").isFinished();
        bench.up("web").exits("web", 0);
        assertThat(bench, "web").isFinished();
    }

    @Test
    void whatPreventsARestartFailsTheStartOfWhoRequiresIt() {
        bench.service(Draft.of("db").saysReady(Duration.ofMinutes(1)).prevent("78"))
                .service(Draft.of("app").requires("db").restart(NO))
                .read("db");
        Ticket start = bench.start("app");

        bench.exits("db", 78);

        assertThat(bench, "db").isFailed();
        assertThat(bench, "app").isFailed().launched();
        assertThat(start)
                .failed("app: requires db: run exited 78 after 0.0 s, before it was ready, which prevents a restart"
                        + " (log: bh logs db)");
    }

    private RunEnd end(String name) {
        Effect.Launch post = bench.launches(name).getLast();
        assertThat(post.script()).isEqualTo(POST);
        return post.life().end().orElseThrow();
    }

    @Test
    void postIsToldOfAnEndByItself() {
        bench.service(Draft.of("web").restart(NO).success("3").with(POST));

        for (Exit exit : List.of(new Exit.Exited(3), new Exit.Killed("SEGV", true), new Exit.Unknown())) {
            bench.up("web").ends("web", exit);

            assertThat(end("web").exit()).contains(exit);
            assertThat(end("web").result())
                    .isEqualTo(exit instanceof Exit.Exited ? RunResult.SUCCESS : RunResult.FAILED);
            bench.succeeds("web", POST);
        }
        Exit outOfMemory = new Exit.OutOfMemory(new Exit.Killed("KILL"));
        bench.up("web").ends("web", outOfMemory);
        assertThat(end("web")).isEqualTo(new RunEnd(RunResult.MEMORY, Optional.of(outOfMemory)));
    }

    @Test
    void postIsToldOfAStopAndHowRunEndedByIt() {
        bench.service("web", POST).up("web");

        bench.stop("web");

        assertThat(end("web")).isEqualTo(new RunEnd(RunResult.STOPPED, Optional.of(new Exit.Killed("TERM"))));
    }

    @Test
    void postIsToldOfTheLastEndIfTheStopComesLater() {
        bench.service("web", POST).up("web").exits("web", 3);

        bench.stop("web");

        assertThat(end("web")).isEqualTo(new RunEnd(RunResult.FAILED, Optional.of(new Exit.Exited(3))));
    }

    @Test
    void postIsToldWhatWasMissed() {
        bench.service(Draft.of("slow")
                        .saysReady(Duration.ofSeconds(3))
                        .restart(NO)
                        .with(POST))
                .service(Draft.of("silent")
                        .watchdog(Duration.ofSeconds(3))
                        .restart(NO)
                        .with(POST))
                .service(Draft.of("ill").health().restart(NO).with(POST));

        bench.start("slow", "silent", "ill");
        bench.ready("silent").unhealthy("ill", "its probe exited 3").pass(Duration.ofSeconds(3));

        assertThat(end("slow").result()).isEqualTo(RunResult.TIMEOUT);
        assertThat(end("silent")).isEqualTo(new RunEnd(RunResult.WATCHDOG, Optional.of(new Exit.Killed("ABRT"))));
        assertThat(end("ill").result()).isEqualTo(RunResult.UNHEALTHY);
    }

    @Test
    void postOfAOneShotIsToldOfTheStopAlone() {
        bench.service(Draft.of("mount").without(RUN).with(PRE, POST)).up("mount");

        bench.stop("mount");

        assertThat(end("mount")).isEqualTo(new RunEnd(RunResult.STOPPED, Optional.empty()));
    }

    @Test
    void aRetryOfPreIsANewIncarnation() {
        bench.service("web", PRE);
        bench.start("web");
        long incarnation = bench.incarnation("web");

        bench.exits("web", 1).pass(Duration.ofMillis(100));

        assertThat(bench.incarnation("web")).isGreaterThan(incarnation);
    }

    @Test
    void delaysDoubleWithEachQuickDeathUpToTheLongest() {
        bench.up("web");

        for (long delay : List.of(100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000)) {
            assertDelay(delay);
        }
    }

    @Test
    void delaysNeverWrapAroundHoweverLongAndOften() {
        Duration first = Duration.ofNanos(1L << 34);
        bench.service(Draft.of("web").restartDelay(first, Duration.ofDays(1))).up("web");

        for (int death = 0; death < 80; death++) {
            bench.exits("web", 1).pass(first.minusNanos(1));
            assertThat(bench, "web").isRestarting();
            bench.passUnnoticed(Duration.ofDays(1));
            assertThat(bench, "web").isStarted();
        }
    }

    @Test
    void aLifeOfTenSecondsBringsBackTheFirstDelay() {
        bench.up("web").exits("web", 1).pass(Duration.ofMillis(100));

        bench.pass(Duration.ofSeconds(10)).exits("web", 1);

        assertThat(bench, "web").isStarted();
        assertDelay(200);
    }

    @Test
    void aLifeShorterThanTenSecondsDoesNot() {
        bench.up("web").exits("web", 1).pass(Duration.ofMillis(100));

        bench.pass(Duration.ofMillis(9_999)).exits("web", 1);

        assertThat(bench, "web").isStarted();
        assertDelay(400);
    }

    /** The next launch, if it dies at once, is followed by one so much later. */
    private void assertDelay(long millis) {
        bench.exits("web", 1).pass(Duration.ofMillis(millis - 1));
        assertThat(bench, "web").isRestarting();
        bench.pass(Duration.ofMillis(1));
        assertThat(bench, "web").isStarted();
    }

    @Test
    void whoLivedAsLongAsItsDelayIsLaunchedAgainAtOnce() {
        bench.up("web").pass(Duration.ofMillis(100)).exits("web", 1);

        assertThat(bench, "web").isStarted().launched("run", "run");
    }

    @Test
    void whoLivedForAPartOfItsDelayWaitsForTheRest() {
        bench.up("web").pass(Duration.ofMillis(40)).exits("web", 1).pass(Duration.ofMillis(59));
        assertThat(bench, "web").isRestarting();

        bench.pass(Duration.ofMillis(1));

        assertThat(bench, "web").isStarted().launched("run", "run");
    }

    @Test
    void theTimeOfItsStopCountsToo() {
        bench.leavingSomebody("web").up("web").exits("web", 1);
        assertThat(bench, "web").isRestarting();

        bench.pass(Duration.ofSeconds(10));

        assertThat(bench, "web").isStarted().launched("run", "run");
    }

    @Test
    void aStartThatFailedWaitsForItsWholeDelayHoweverLongItTook() {
        bench.service("web", PRE);
        bench.start("web");

        bench.pass(Duration.ofSeconds(5)).exits("web", 1).pass(Duration.ofMillis(99));

        assertThat(bench, "web").isRestarting();
        bench.pass(Duration.ofMillis(1));
        assertThat(bench, "web").isStarting();
    }

    @Test
    void soDoesARunThatWasNotReady() {
        bench.service(Draft.of("web").saysReady(Duration.ofMinutes(1))).start("web");

        bench.pass(Duration.ofSeconds(5)).exits("web", 1).pass(Duration.ofMillis(99));

        assertThat(bench, "web").isRestarting();
        bench.pass(Duration.ofMillis(1));
        assertThat(bench, "web").isStarting();
    }

    @Test
    void aStartByHandBringsBackTheFirstDelay() {
        bench.up("web").exits("web", 1).pass(Duration.ofMillis(100)).exits("web", 1);

        bench.start("web");
        bench.exits("web", 1).pass(Duration.ofMillis(100));

        assertThat(bench, "web").isStarted();
    }

    @Test
    void failedPresCountAsQuickDeaths() {
        bench.service("web", PRE);
        bench.start("web");

        bench.exits("web", 1).pass(Duration.ofMillis(100)).exits("web", 1).pass(Duration.ofMillis(199));

        assertThat(bench, "web").isRestarting();
        bench.pass(Duration.ofMillis(1));
        assertThat(bench, "web").isStarting();
    }

    @Test
    void exitZeroIsFinishedUnlessAlwaysRestarted() {
        bench.service(Draft.of("batch").with(POST).restart(ON_FAILURE)).up("batch");

        bench.exits("batch", 0).exits("batch", 0);

        assertThat(bench, "batch").isFinished().says("run exited 0 after 0.0 s").launched("run", "post");
    }

    @Test
    void exitZeroIsFinishedWhereNothingIsRestarted() {
        bench.service(Draft.of("batch").restart(NO)).up("batch").exits("batch", 0);

        assertThat(bench, "batch").isFinished();
    }

    @Test
    void exitZeroIsRestartedByAlways() {
        bench.up("web").exits("web", 0);

        assertThat(bench, "web").isRestarting();
    }

    @Test
    void aFailureIsRestartedOnFailure() {
        bench.service(Draft.of("web").restart(ON_FAILURE)).up("web").exits("web", 1);

        assertThat(bench, "web").isRestarting();
    }

    @Test
    void aFailureIsFailedWhereNothingIsRestarted() {
        bench.service(Draft.of("web").with(POST).restart(NO)).up("web").exits("web", 1);

        assertThat(bench, "web").isStopping().launched("run", "post");
        bench.exits("web", 0);
        assertThat(bench, "web").isFailed().says("run exited 1 after 0.0 s");
    }

    @Test
    void postRunsByTheDefinitionThatItsPreRanBy() {
        bench.service("web", PRE, POST).up("web");
        bench.service(Draft.of("web").killMode(bellhop.definition.KillMode.PROCESS));
        bench.start("web");

        bench.stop("web");

        assertThat(bench, "web").launched("pre", "run", "post");
        assertThat(bench.launches("web"))
                .extracting(launch -> launch.life().definition())
                .containsOnly(Draft.of("web").with(PRE, POST).definition());
    }

    @Test
    void aCrashOfARequiredServiceDoesNotStopWhoRequiresIt() {
        bench.service(Draft.of("db").restart(NO)).up("app");
        bench.scriptOf("app").require("db");

        bench.exits("db", 1);

        assertThat(bench, "db").isFailed().isHeldBy("app");
        assertThat(bench, "app").isStarted();
    }

    @Test
    void aCrashKeepsTheHoldsThatTheServiceTook() {
        bench.up("app");
        bench.scriptOf("app").require("db");

        bench.exits("app", 1);

        assertThat(bench, "app").isRestarting();
        assertThat(bench, "db").isStarted().isHeldBy("app");
    }

    @Test
    void aFailedPreDropsTheHoldsThatTheServiceTook() {
        bench.service("app", PRE);
        bench.start("app");
        bench.scriptOf("app").require("db");

        bench.exits("app", 1);

        assertThat(bench, "app").isRestarting();
        assertThat(bench, "db").isStopped().isHeldByNobody();
    }

    @Test
    void holdsThatWereForgottenAreDroppedOnceTheServiceHasEnded() {
        bench.service("app", POST).up("app");
        bench.scriptOf("app").require("db");
        bench.scriptOf("app").require("db");

        bench.stop("app");
        assertThat(bench, "db").isStarted().isHeldBy("app", "app");
        bench.exits("app", 0);

        assertThat(bench, "db").isStopped().isHeldByNobody();
    }

    @Test
    void aPostThatCannotBeRunIsAFailedPost() {
        bench.service(Draft.of("web").with(POST)).up("web").unspawnable("web");

        assertThat(bench.stop("web")).failed("web: post could not be run: no such file");
        assertThat(bench, "web").isFailed();
    }

    @Test
    void aFailedPostDoesNotKeepTheNextStartFromHappening() {
        bench.service("web", POST).up("web");
        bench.stop("web");
        Ticket start = bench.start("web");

        bench.exits("web", 1);

        assertThat(start).succeeded();
        assertThat(bench, "web").isStarted();
    }

    @Test
    void whatIsLeftAliveOnPurposeIsCountedUntilTheNextAttempt() {
        bench.leavingSomebody("sshd").up("sshd").stop("sshd");

        bench.tell("sshd", new Event.Cleared(bench.launch("sshd"), 2));

        assertThat(bench.serviceNow("sshd").leftAlive()).isEqualTo(2);
        bench.start("sshd");
        assertThat(bench.serviceNow("sshd").leftAlive()).isZero();
    }
}
