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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Verifies what requests do to services, one sentence at a time. */
class SupervisorTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final Workbench bench = new Workbench();

    /** Verifies bh-start: pins, and is answered by the first attempt. */
    @Nested
    class Start {

        @Test
        void whoRequiresInALoopGetsOnlySoManyHolds() {
            for (int i = 0; i < Holds.MOST; i++) {
                bench.require("web");
            }

            assertThat(bench.require("web")).failed("web: has 1000 holds, and more are not given; release some first");
        }

        @Test
        void runsPreThenRunAndIsAnsweredOnceRunIsSpawned() {
            bench.service("web", PRE, POST).slowToSpawn("web");

            Ticket start = bench.start("web");
            bench.spawned("web").exits("web", 0);

            assertThat(start).isWaiting();
            assertThat(bench, "web").isStarting().launched("pre", "run");
            bench.spawned("web");
            assertThat(start).succeeded();
            assertThat(bench, "web").isStarted().isPinned();
        }

        @Test
        void ofWhatIsUpIsAnsweredAtOnceAndPins() {
            bench.require("web");

            Ticket start = bench.start("web");

            assertThat(start).succeeded();
            assertThat(bench, "web").isStarted().isPinned().launched("run");
        }

        @Test
        void twiceAtOnceMakesOneIncarnationAndOneOutcome() {
            bench.service("web", PRE);

            Ticket first = bench.start("web");
            Ticket second = bench.start("web");
            bench.succeeds("web", PRE);

            assertThat(first).succeeded();
            assertThat(second).succeeded();
            assertThat(bench, "web").isStarted().launched("pre", "run");
        }

        @Test
        void failsWithThePreThatFailed() {
            bench.service(Draft.of("web").with(PRE, POST).restart(NO));

            Ticket start = bench.start("web");
            bench.pass(Duration.ofMillis(100)).exits("web", 42);

            assertThat(start).failed("web: pre exited 42 after 0.1 s (log: bh logs web)");
            assertThat(bench, "web").isFailed().isPinned().launched("pre");
        }

        @Test
        void failsWithTheFirstAttemptWhileThePolicyGoesOn() {
            bench.service("web", PRE);

            Ticket start = bench.start("web");
            bench.exits("web", 1);

            assertThat(start).failed("web: pre exited 1 after 0.0 s (log: bh logs web)");
            assertThat(bench, "web").isRestarting();
            bench.pass(Duration.ofMillis(100)).succeeds("web", PRE);
            assertThat(bench, "web").isStarted().launched("pre", "pre", "run");
        }

        @Test
        void failsWithWhatKeptTheScriptFromBeingRun() {
            bench.service(Draft.of("web").restart(NO)).unspawnable("web");

            Ticket start = bench.start("web");

            assertThat(start).failed("web: run could not be run: no such file (log: bh logs web)");
            assertThat(bench, "web").isFailed();
        }

        @Test
        void ofSeveralIsAnsweredOnceWhenAllHaveBeenTried() {
            bench.service(Draft.of("a").with(PRE).restart(NO)).service("b", PRE);

            Ticket start = bench.start("a", "b");
            bench.exits("a", 1);

            assertThat(start).isWaiting();
            bench.exits("b", 0);
            assertThat(start).failed("a: pre exited 1 after 0.0 s (log: bh logs a)");
        }

        @Test
        void ofAOneShotIsAnsweredOncePreSucceeded() {
            bench.service(Draft.of("net").with(PRE, POST).without(RUN));

            Ticket start = bench.start("net");
            assertThat(start).isWaiting();
            bench.exits("net", 0);

            assertThat(start).succeeded();
            assertThat(bench, "net").isStarted().launched("pre");
        }

        @Test
        void ofADirectoryWithoutScriptsSucceeds() {
            bench.service(Draft.of("nothing").without(RUN));

            assertThat(bench.start("nothing")).succeeded();
            assertThat(bench.stop("nothing")).succeeded();
            assertThat(bench, "nothing").isStopped().launched();
        }

        @Test
        void duringStoppingWaitsForPostThenStarts() {
            bench.service("web", PRE, POST).up("web");
            Ticket stop = bench.stop("web");
            assertThat(bench, "web").launched("pre", "run", "post");

            Ticket start = bench.start("web");

            assertThat(bench, "web").isStopping();
            bench.exits("web", 0);
            assertThat(stop).succeeded();
            assertThat(start).isWaiting();
            bench.succeeds("web", PRE);
            assertThat(start).succeeded();
            assertThat(bench, "web").isStarted().launched("pre", "run", "post", "pre", "run");
        }

        @Test
        void duringRestartingLaunchesAtOnce() {
            bench.up("web").exits("web", 1);
            assertThat(bench, "web").isRestarting();

            Ticket start = bench.start("web");

            assertThat(start).succeeded();
            assertThat(bench, "web").isStarted().launched("run", "run");
        }

        @Test
        void afterAFailedPreRetriesAtOnceWithWhatTheDirectorySaysNow() {
            bench.service("web", PRE);
            bench.start("web");
            bench.exits("web", 1);

            bench.service(Draft.of("web").restart(NO));

            assertThat(bench.start("web")).succeeded();
            assertThat(bench, "web").launched("pre", "run");
        }

        @Test
        void whileADeadRunIsClearedAwayLaunchesAsSoonAsThatIsDone() {
            bench.service(Draft.of("web").restartDelay(LONG, LONG))
                    .leavingSomebody("web")
                    .up("web")
                    .exits("web", 1);

            Ticket start = bench.start("web");
            assertThat(start).isWaiting();
            bench.cleared("web");

            assertThat(start).succeeded();
            assertThat(bench, "web").isStarted().launched("run", "run");
        }

        @Test
        void ofWhatFailedTriesAgain() {
            bench.service(Draft.of("web").with(PRE).restart(NO));
            bench.start("web");
            bench.exits("web", 1);

            Ticket again = bench.start("web");
            bench.succeeds("web", PRE);

            assertThat(again).succeeded();
            assertThat(bench, "web").isStarted();
        }

        @Test
        void endsBeingHeldDown() {
            bench.up("app");
            bench.scriptOf("app").require("db");
            bench.stop("db");

            assertThat(bench.start("db")).succeeded();
            assertThat(bench, "db").isStarted().isNotHeldDown().isPinned();
        }

        @Test
        void ofAServiceByItselfBeforeItIsUpIsRefused() {
            bench.service("web", PRE);
            bench.start("web");

            Ticket own = bench.scriptOf("web").start("web");

            assertThat(own).failed("web: refused, it would wait in a circle: web -> web");
            assertThat(bench, "web").isStarting();
        }

        @Test
        void refusedForOneNameChangesNothingForTheOthers() {
            bench.service("web", PRE);
            bench.start("web");

            bench.scriptOf("web").start("other", "web");

            assertThat(bench.supervisor().service(Draft.name("other"))).isEmpty();
        }

        @Test
        void thatNobodyWaitsForAnymoreStillStarts() {
            bench.service("web", PRE);
            bench.start("web").goAway();

            bench.succeeds("web", PRE);

            assertThat(bench, "web").isStarted().isPinned();
        }
    }

    /** Verifies bh-stop: unpins, stops now, is answered once post is done. */
    @Nested
    class Stop {

        @Test
        void isAnsweredOncePostIsDone() {
            bench.service("web", PRE, POST).up("web");

            Ticket stop = bench.stop("web");

            assertThat(stop).isWaiting();
            assertThat(bench, "web").isStopping().isNotPinned().launched("pre", "run", "post");
            bench.exits("web", 0);
            assertThat(stop).succeeded();
            assertThat(bench, "web").isStopped().says("");
        }

        @Test
        void ofWhatWasNeverAskedForSucceeds() {
            assertThat(bench.stop("web")).succeeded();
        }

        @Test
        void ofWhatIsDownSucceedsAndTurnsFailedIntoStopped() {
            bench.service(Draft.of("web").restart(NO)).up("web").exits("web", 1);
            assertThat(bench, "web").isFailed();

            assertThat(bench.stop("web")).succeeded();

            assertThat(bench, "web").isStopped();
        }

        @Test
        void twiceAtOnceSharesOneOutcome() {
            bench.service("web", POST).up("web");

            Ticket first = bench.stop("web");
            Ticket second = bench.stop("web");
            bench.exits("web", 0);

            assertThat(first).succeeded();
            assertThat(second).succeeded();
            assertThat(bench, "web").launched("run", "post");
        }

        @Test
        void failsIfPostFails() {
            bench.service("web", POST).up("web");

            Ticket stop = bench.stop("web");
            bench.exits("web", 3);

            assertThat(stop).failed("web: post exited 3 after 0.0 s");
            assertThat(bench, "web").isFailed().says("post exited 3 after 0.0 s");
        }

        @Test
        void duringStartingCancelsTheStart() {
            bench.service("web", PRE, POST);
            Ticket start = bench.start("web");

            Ticket stop = bench.stop("web");

            assertThat(start).failed("web: was stopped before it was up");
            assertThat(stop).succeeded();
            assertThat(bench, "web").isStopped().launched("pre");
        }

        @Test
        void beforeTheSpawnIsKnownEndsWhatWasSpawned() {
            bench.service("web", POST).slowToSpawn("web");
            bench.start("web");

            Ticket stop = bench.stop("web");
            bench.takeEffects();
            bench.spawned("web");

            assertThat(bench.takeEffects())
                    .filteredOn(Effect.End.class::isInstance)
                    .extracting(effect -> ((Effect.End) effect).signal())
                    .containsExactly(Signal.STOP);
            bench.spawned("web").exits("web", 0);
            assertThat(stop).succeeded();
            assertThat(bench, "web").isStopped().launched("run", "post");
        }

        @Test
        void whenPreSucceedsAllTheSameStillRunsPost() {
            bench.service("web", PRE, POST).stubborn("web");
            bench.start("web");

            Ticket stop = bench.stop("web");
            bench.exits("web", 0);

            assertThat(bench, "web").isStopping().launched("pre", "post");
            bench.exits("web", 0);
            assertThat(stop).succeeded();
        }

        @Test
        void thenStartWhenPreSucceedsAllTheSameRunsPostBeforeTheNextPre() {
            bench.service("web", PRE, POST).stubborn("web");
            bench.start("web");
            bench.stop("web");
            Ticket start = bench.start("web");

            bench.exits("web", 0).succeeds("web", POST).succeeds("web", PRE);

            assertThat(bench, "web").isStarted().launched("pre", "post", "pre", "run");
            assertThat(start).succeeded();
        }

        @Test
        void whenPreFailsRunsNoPost() {
            bench.service("web", PRE, POST).stubborn("web");
            bench.start("web");

            Ticket stop = bench.stop("web");
            bench.exits("web", 1);

            assertThat(stop).succeeded();
            assertThat(bench, "web").isStopped().launched("pre");
        }

        @Test
        void ofAPreThatTookTooLongRunsNoPostEvenIfItExitsWellInTheEnd() {
            bench.service("web", PRE, POST).stubborn("web");
            bench.start("web");
            bench.pass(Duration.ofSeconds(10));

            Ticket stop = bench.stop("web");
            bench.exits("web", 0);

            assertThat(stop).succeeded();
            assertThat(bench, "web").isStopped().launched("pre");
        }

        @Test
        void duringRestartingCancelsTheTimerAtOnce() {
            bench.up("web").exits("web", 1);

            Ticket stop = bench.stop("web");
            bench.pass(LONG);

            assertThat(stop).succeeded();
            assertThat(bench, "web").isStopped().launched("run");
            assertThat(bench.supervisor().nextDeadline()).isEqualTo(Lifecycle.NEVER);
        }

        @Test
        void duringRestartingStillRunsPost() {
            bench.service("web", PRE, POST).up("web").exits("web", 1);

            Ticket stop = bench.stop("web");

            assertThat(bench, "web").isStopping().launched("pre", "run", "post");
            bench.exits("web", 0);
            assertThat(stop).succeeded();
        }

        @Test
        void duringRestartingAfterAFailedPreIsDoneAtOnceWithoutPost() {
            bench.service("web", PRE, POST);
            bench.start("web");
            bench.exits("web", 1);

            assertThat(bench.stop("web")).succeeded();
            assertThat(bench, "web").isStopped().launched("pre");
        }

        @Test
        void whoseProcessDiesFirstIsAStopAndNotACrash() {
            bench.service("web").stubborn("web").up("web");

            Ticket stop = bench.stop("web");
            bench.exits("web", 1);

            assertThat(stop).succeeded();
            assertThat(bench, "web").isStopped().launched("run");
        }

        @Test
        void killsAfterTheGraceAndAgainUntilNobodyIsLeft() {
            bench.service(Draft.of("web").stopGracePeriod(Duration.ofSeconds(3)))
                    .stubborn("web")
                    .up("web");
            bench.takeEffects();

            Ticket stop = bench.stop("web");
            bench.pass(Duration.ofMillis(2999));
            assertThat(stop).isWaiting();
            bench.pass(Duration.ofMillis(1));

            assertThat(stop).succeeded();
            assertThat(bench.takeEffects())
                    .filteredOn(Effect.End.class::isInstance)
                    .extracting(effect -> ((Effect.End) effect).signal())
                    .containsExactly(Signal.STOP, Signal.KILL);
        }

        @Test
        void ofWhatOthersHoldNamesThemAndHoldsItDown() {
            bench.service("app", PRE).up("app");
            bench.scriptOf("app").require("db");

            Ticket stop = bench.stop("db");

            assertThat(stop).succeeded().notes("db: still held by app; held down until the next start or require");
            assertThat(bench, "db").isStopped().isHeldDown().isHeldBy("app");
            assertThat(bench, "app").isStarted();
            bench.pass(LONG);
            assertThat(bench, "db").isStopped();
        }

        @Test
        void ofWhatIsHeldEndsToBeHeldDownOnceNobodyHoldsIt() {
            bench.up("app");
            bench.scriptOf("app").require("db");
            bench.stop("db");

            bench.stop("app");

            assertThat(bench, "db").isStopped().isHeldByNobody().isNotHeldDown();
        }

        @Test
        void ofWhatSomebodyStillWaitsForFailsThatRequireAndLeavesNoHold() {
            bench.service("db", PRE).service("app", PRE);
            bench.start("app");
            Ticket require = bench.scriptOf("app").require("db");

            Ticket stop = bench.stop("db");

            assertThat(require).failed("db: was stopped before it was up");
            assertThat(stop).succeeded().notes();
            assertThat(bench, "db").isStopped().isHeldByNobody().isNotHeldDown();
        }

        @Test
        void saysWhoHoldsItOnceForEachNameEvenIfAskedTwice() {
            bench.up("app");
            bench.scriptOf("app").require("db");

            Ticket stop = bench.stop("db", "db");

            assertThat(stop).succeeded().notes("db: still held by app; held down until the next start or require");
        }

        @Test
        void ofARequiredServiceDoesNotStopWhoRequiresIt() {
            bench.up("app");
            bench.scriptOf("app").require("db");

            bench.stop("db");

            assertThat(bench, "app").isStarted();
        }

        @Test
        void ofAServiceByItsOwnScriptIsRefused() {
            bench.up("web");

            assertThat(bench.scriptOf("web").stop("web")).failed("web: refused, it would wait in a circle: web -> web");
            assertThat(bench, "web").isStarted();
        }

        @Test
        void cancelsAStartThatWaitsForTheStopBefore() {
            bench.service("web", POST).up("web");
            bench.stop("web");
            Ticket start = bench.start("web");

            Ticket stop = bench.stop("web");
            bench.exits("web", 0);

            assertThat(start).failed("web: was stopped before it was up");
            assertThat(stop).succeeded();
            assertThat(bench, "web").isStopped().launched("run", "post");
        }
    }

    /** Verifies what follows when a script ends by itself. */
    @Nested
    class Endings {

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
                bench.exits("web", 1).pass(Duration.ofMillis(delay - 1));
                assertThat(bench, "web").isRestarting();
                bench.pass(Duration.ofMillis(1));
                assertThat(bench, "web").isStarted();
            }
        }

        @Test
        void delaysNeverWrapAroundHoweverLongAndOften() {
            Duration first = Duration.ofNanos(1L << 34);
            bench.service(Draft.of("web").restartDelay(first, Duration.ofDays(1)))
                    .up("web");

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

            bench.pass(Duration.ofSeconds(10)).exits("web", 1).pass(Duration.ofMillis(100));

            assertThat(bench, "web").isStarted();
        }

        @Test
        void aLifeShorterThanTenSecondsDoesNot() {
            bench.up("web").exits("web", 1).pass(Duration.ofMillis(100));

            bench.pass(Duration.ofMillis(9_999)).exits("web", 1).pass(Duration.ofMillis(100));

            assertThat(bench, "web").isRestarting();
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

            assertThat(bench, "batch")
                    .isFinished()
                    .says("run exited 0 after 0.0 s")
                    .launched("run", "post");
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

    /** Verifies bh-restart. */
    @Nested
    class Restart {

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

            assertThat(bench.scriptOf("web").restart("web"))
                    .failed("web: refused, it would wait in a circle: web -> web");
            assertThat(bench, "web").isStarted().launched("run");
        }
    }

    /** Verifies bh-require and bh-release: who holds what. */
    @Nested
    class Holding {

        @Test
        void aRequireStartsAndIsAnsweredByTheFirstAttempt() {
            bench.service("db", PRE);

            Ticket require = bench.require("db");
            assertThat(require).isWaiting();
            bench.succeeds("db", PRE);

            assertThat(require).succeeded();
            assertThat(bench, "db").isStarted().isNotPinned().isHeldBy("operator");
        }

        @Test
        void aRequireOfWhatIsUpIsAnsweredAtOnce() {
            bench.up("db");

            assertThat(bench.require("db")).succeeded();
            assertThat(bench, "db").isHeldBy("operator").launched("run");
        }

        @Test
        void aFailedRequireLeavesNoHold() {
            bench.service(Draft.of("db").with(PRE).restart(NO));

            Ticket require = bench.require("db");
            bench.exits("db", 1);

            assertThat(require).failed("db: pre exited 1 after 0.0 s (log: bh logs db)");
            assertThat(bench, "db").isFailed().isHeldByNobody();
        }

        @Test
        void aFailedRequireOfWhatWouldBeRetriedLeavesItDown() {
            bench.service("db", PRE);

            bench.require("db");
            bench.exits("db", 1).pass(LONG);

            assertThat(bench, "db").isStopped().isHeldByNobody().launched("pre");
        }

        @Test
        void aRequireAfterAFailedOneFailsAgainInsteadOfFindingACount() {
            bench.service(Draft.of("db").with(PRE).restart(NO));
            bench.require("db");
            bench.exits("db", 1);

            Ticket second = bench.require("db");
            assertThat(second).isWaiting();
            bench.exits("db", 1);

            assertThat(second).failed("db: pre exited 1 after 0.0 s (log: bh logs db)");
        }

        @Test
        void aFailedRequireTakesNoOtherHoldOfItsOwnerWithIt() {
            bench.require("db");
            bench.exits("db", 1);
            Ticket second = bench.require("db");

            bench.unspawnable("db").pass(Duration.ofMillis(100));

            assertThat(second).failed("db: run could not be run: no such file (log: bh logs db)");
            assertThat(bench, "db").isRestarting().isHeldBy("operator");
        }

        @Test
        void aRefusedRequireTakesNoHoldOfItsOwnerWithIt() {
            bench.service("app", PRE, POST).up("app");
            bench.scriptOf("app").require("db");
            bench.stopAll();

            assertThat(bench.scriptOf("app").require("db")).failed("refused: stopping everything");

            assertThat(bench, "db").isStarted().isHeldBy("app");
        }

        @Test
        void aRequireWhoseClientWentAwayLeavesNoHold() {
            bench.service("db", PRE);

            bench.require("db").goAway();

            assertThat(bench, "db").isStopped().isHeldByNobody();
        }

        @Test
        void aClientThatGoesAwayAfterTheAnswerKeepsItsHold() {
            bench.require("db").goAway();

            assertThat(bench, "db").isStarted().isHeldBy("operator");
        }

        @Test
        void aRequireDuringStoppingWaitsForTheNewIncarnation() {
            bench.service("db", PRE, POST).up("db");
            bench.stop("db");

            Ticket require = bench.require("db");
            bench.exits("db", 0);

            assertThat(require).isWaiting();
            bench.succeeds("db", PRE);
            assertThat(require).succeeded();
            assertThat(bench, "db").isStarted().isHeldBy("operator");
        }

        @Test
        void aRequireDuringRestartingWaitsForTheNextAttempt() {
            bench.up("db").exits("db", 1);

            Ticket require = bench.require("db");

            assertThat(require).isWaiting();
            assertThat(bench, "db").isRestarting();
            bench.pass(Duration.ofMillis(100));
            assertThat(require).succeeded();
        }

        @Test
        void aRequireEndsBeingHeldDown() {
            bench.require("db");
            bench.stop("db");

            Ticket require = bench.require("db");

            assertThat(require).succeeded();
            assertThat(bench, "db").isStarted().isNotHeldDown().isHeldBy("operator", "operator");
        }

        @Test
        void aRequireWhileADeadRunIsClearedAwayWaitsForTheNextAttempt() {
            bench.leavingSomebody("db").up("db").exits("db", 1);

            Ticket require = bench.require("db");
            bench.cleared("db");

            assertThat(require).isWaiting();
            bench.pass(Duration.ofMillis(100));
            assertThat(require).succeeded();
        }

        @Test
        void theFirstAttemptFailsItsOwnWaitersAndNotThoseOfTheNext() {
            bench.service("db", PRE).leavingSomebody("db");
            Ticket first = bench.start("db");
            bench.exits("db", 1);
            Ticket second = bench.require("db");

            bench.cleared("db");

            assertThat(first).failed("db: pre exited 1 after 0.0 s (log: bh logs db)");
            assertThat(second).isWaiting();
        }

        @Test
        void aStartByHandDuringTheClearingFailsTheWaitersOfTheAttemptBefore() {
            bench.service("db", PRE).leavingSomebody("db");
            Ticket first = bench.start("db");
            bench.exits("db", 1);
            Ticket second = bench.start("db");

            bench.cleared("db");

            assertThat(first).failed("db: pre exited 1 after 0.0 s (log: bh logs db)");
            assertThat(second).isWaiting();
            bench.succeeds("db", PRE);
            assertThat(second).succeeded();
        }

        @Test
        void theLastReleaseStopsAndIsAnsweredOnceItIsDown() {
            bench.service("db", POST);
            bench.require("db");
            bench.require("db");

            assertThat(bench.release("db")).succeeded();
            assertThat(bench, "db").isStarted().isHeldBy("operator");
            Ticket last = bench.release("db");

            assertThat(last).isWaiting();
            assertThat(bench, "db").isStopping();
            bench.exits("db", 0);
            assertThat(last).succeeded();
            assertThat(bench, "db").isStopped().isHeldByNobody();
        }

        @Test
        void aReleaseOfWhatIsPinnedStopsNothing() {
            bench.up("db");
            bench.require("db");

            assertThat(bench.release("db")).succeeded();
            assertThat(bench, "db").isStarted();
        }

        @Test
        void anOverReleaseIsAnErrorAndStopsNothing() {
            bench.up("db", "app");
            bench.require("db");
            bench.release("db");

            assertThat(bench.release("db")).failed("db: not held by operator, so there is nothing to release");
            assertThat(bench.scriptOf("app").release("db"))
                    .failed("db: not held by app, so there is nothing to release");
            assertThat(bench.release("ghost")).failed("ghost: not held by operator, so there is nothing to release");
            assertThat(bench, "db").isStarted();
        }

        @Test
        void nobodyReleasesTheHoldOfAnother() {
            bench.up("app");
            bench.scriptOf("app").require("db");

            assertThat(bench.release("db")).failed("db: not held by operator, so there is nothing to release");
            assertThat(bench, "db").isStarted().isHeldBy("app");
        }

        @Test
        void aReleaseDuringRestartingCancelsTheRestart() {
            bench.require("db");
            bench.exits("db", 1);

            Ticket release = bench.release("db");
            bench.pass(LONG);

            assertThat(release).succeeded();
            assertThat(bench, "db").isStopped().launched("run");
        }

        @Test
        void aReleaseOfARequireThatStillWaitsFailsThatRequire() {
            bench.service("db", PRE).start("db");

            Ticket require = bench.require("db");
            Ticket release = bench.release("db");

            assertThat(require).failed("db: its hold was released before it was up");
            assertThat(release).succeeded();
            bench.succeeds("db", PRE);
            assertThat(bench, "db").isStarted().isHeldByNobody();
        }

        @Test
        void aReleaseFailsNobodyElsesRequire() {
            bench.service("db", PRE).up("app").start("db");
            Ticket own = bench.require("db");
            Ticket others = bench.scriptOf("app").require("db");

            bench.release("db");

            assertThat(own).failed("db: its hold was released before it was up");
            assertThat(others).isWaiting();
            bench.succeeds("db", PRE);
            assertThat(others).succeeded();
            assertThat(bench, "db").isHeldBy("app");
        }

        @Test
        void aHoldThatWasReleasedIsNotGivenBackAtTheExpenseOfTheNextOne() {
            bench.service("db", PRE).leavingSomebody("db").start("db");
            bench.require("db");
            bench.release("db");
            bench.exits("db", 1);

            Ticket second = bench.require("db");
            bench.cleared("db").pass(Duration.ofMillis(100)).succeeds("db", PRE);

            assertThat(second).succeeded();
            assertThat(bench, "db").isHeldBy("operator");
        }

        @Test
        void aHoldThatWasSettledIsReleasedBeforeOneThatStillWaits() {
            bench.service("db", PRE).up("db");
            bench.require("db");
            bench.exits("db", 1);
            Ticket waiting = bench.require("db");

            assertThat(bench.release("db")).succeeded();

            assertThat(waiting).isWaiting();
            bench.pass(Duration.ofMillis(100)).succeeds("db", PRE);
            assertThat(waiting).succeeded();
            assertThat(bench, "db").isHeldBy("operator");
        }

        @Test
        void aRequireFailsOnceTheIncarnationItIsMadeForHasEnded() {
            bench.service("db", PRE).up("app").start("db");
            Ticket require = bench.operator().requireAs("app", "db");

            bench.stop("app");

            assertThat(require).failed("db: app, for which it was required, has ended");
            bench.succeeds("db", PRE);
            assertThat(bench, "db").isStarted().isHeldByNobody();
        }

        @Test
        void aRequirerThatIsKilledBeforeItsPostLeaksNothing() {
            bench.service(Draft.of("app").with(PRE, POST).restart(NO)).start("app");
            bench.scriptOf("app").require("db");
            bench.exits("app", 0).ends("app", new Exit.Killed("KILL")).ends("app", new Exit.Killed("KILL"));

            assertThat(bench, "app").isFailed().launched("pre", "run", "post");
            assertThat(bench, "db").isStopped().isHeldByNobody();
        }

        @Test
        void ownersAreTheScriptsIncarnationUnlessAnotherIsNamed() {
            bench.up("app");

            bench.scriptOf("app").require("db");
            bench.scriptOf("app").requireAs("wifi:wlan0", "db");

            assertThat(bench, "db").isHeldBy("app", "wifi:wlan0");
            bench.stop("app");
            assertThat(bench, "db").isStarted().isHeldBy("wifi:wlan0");
            assertThat(bench.operator().releaseAs("wifi:wlan0", "db")).succeeded();
            assertThat(bench, "db").isStopped();
        }

        @Test
        void aDevicesHoldAndOneInItsNameAreTwo() {
            Owner.Device device = new Owner.Device("wifi", "wlan0");
            bench.operator().requireFor(device, "db");
            bench.operator().requireAs("wifi:wlan0", "db");

            assertThat(bench, "db").isHeldBy("wifi:wlan0", "wifi:wlan0");
            assertThat(bench.operator().releaseFor(device, "db")).succeeded();
            assertThat(bench, "db").isStarted().isHeldBy("wifi:wlan0");
            assertThat(bench.operator().releaseFor(device, "db"))
                    .failed("db: not held by wifi:wlan0, so there is nothing to release");
            assertThat(bench.operator().releaseAs("wifi:wlan0", "db")).succeeded();
            assertThat(bench, "db").isStopped();
        }

        @Test
        void nobodyElseReleasesWhatADeviceHolds() {
            bench.operator().requireFor(new Owner.Device("wifi", "wlan0"), "db");

            assertThat(bench.operator().releaseAs("wifi:wlan0", "db"))
                    .failed(
                            "db: not held by wifi:wlan0 but by the device, so there is nothing to release; bh stop db stops it");

            assertThat(bench, "db").isStarted().isHeldBy("wifi:wlan0");
        }

        @Test
        void stoppingEverythingDropsTheHoldsOfDevices() {
            bench.operator().requireFor(new Owner.Device("wifi", "wlan0"), "db");

            bench.operator().stopAll();

            assertThat(bench, "db").isStopped().isHeldByNobody();
        }

        @Test
        void aServiceNamedAsOwnerMeansItsPresentIncarnation() {
            bench.up("app");

            bench.operator().requireAs("app", "db");

            assertThat(bench, "db").isHeldBy("app");
            bench.stop("app");
            assertThat(bench, "db").isStopped().isHeldByNobody();
        }

        @Test
        void aHoldForAServiceThatIsDownCanBeReleasedOnceItIsUp() {
            bench.up("app").stop("app");
            bench.operator().requireAs("app", "db");
            bench.up("app");

            assertThat(bench.operator().releaseAs("app", "db")).succeeded();
            assertThat(bench, "db").isStopped().isHeldByNobody();
        }

        @Test
        void aStaleIncarnationIsRefusedAndChangesNothing() {
            bench.up("app");
            long first = bench.incarnation("app");
            bench.restart("app");
            String refusal = "refused: it comes from incarnation " + first + " of app, which has ended";

            for (Ticket late : List.of(
                    bench.script("app", first).require("db"),
                    bench.script("app", first).start("db"),
                    bench.script("app", first).stop("app"),
                    bench.script("app", first).restart("app"),
                    bench.script("app", first).release("db"),
                    bench.script("app", first).stopAll())) {
                assertThat(late).failed(refusal);
            }
            assertThat(bench.supervisor().service(Draft.name("db"))).isEmpty();
            assertThat(bench, "app").isStarted();
        }

        @Test
        void aStaleReleaseOfAnothersHoldIsRefused() {
            bench.up("app");
            long first = bench.incarnation("app");
            bench.restart("app");
            bench.require("db");

            assertThat(bench.script("app", first).releaseAs("operator", "db"))
                    .failed("refused: it comes from incarnation " + first + " of app, which has ended");
            assertThat(bench, "db").isHeldBy("operator");
        }

        @Test
        void anIncarnationThatNeverWasIsRefused() {
            bench.up("app");

            assertThat(bench.script("app", 4711).require("db"))
                    .failed("refused: it comes from incarnation 4711 of app, which has ended");
            assertThat(bench.script("ghost", 1).require("db"))
                    .failed("refused: it comes from incarnation 1 of ghost, which has ended");
        }

        @Test
        void servicesAreListedByName() {
            bench.up("web", "app", "db");

            assertThat(bench.supervisor().services())
                    .extracting(Service::name)
                    .containsExactly(Draft.name("app"), Draft.name("db"), Draft.name("web"));
        }

        @Test
        void heldByListsWhatAServiceHolds() {
            bench.up("app");
            bench.scriptOf("app").require("db");
            bench.scriptOf("app").require("cache");
            bench.require("other");

            assertThat(bench.supervisor().heldBy(Draft.name("app")))
                    .containsExactly(Draft.name("cache"), Draft.name("db"));
        }
    }

    /** Verifies that nobody waits in a circle, and that nothing else is refused for one. */
    @Nested
    class Circles {

        @Test
        void aRequireInsidePreOfWhatRequiresItInPreIsRefusedAndTheErrorNamesTheCircle() {
            bench.service("a", PRE).service("b", PRE).start("a");
            Ticket first = bench.scriptOf("a").require("b");

            Ticket second = bench.scriptOf("b").require("a");

            assertThat(second).failed("a: refused, it would wait in a circle: b -> a -> b");
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
                    .failed("s0: refused, it would wait in a circle: s5 -> s0 -> s1 -> s2 -> s3 -> s4 -> s5");
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

            assertThat(bench.scriptOf("b").start("a")).failed("a: refused, it would wait in a circle: b -> a -> b");
        }

        @Test
        void aReleaseInPostThatWouldWaitInACircleIsRefusedAndTheHoldGoesWithItsIncarnation() {
            bench.service("a", POST).service("b", POST).up("a");
            bench.scriptOf("a").require("b");
            bench.stop("a", "b");
            assertThat(bench.scriptOf("b").stop("a")).isWaiting();

            assertThat(bench.scriptOf("a").release("b")).failed("b: refused, it would wait in a circle: a -> b -> a");
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

            assertThat(bench.scriptOf("b").requireAs("else", "a"))
                    .failed("a: refused, it would wait in a circle: b -> a -> b");
        }

        @Test
        void ofSeveralNamesEachIsLookedAt() {
            bench.service("a", PRE).service("b", PRE).service("c", PRE).start("a");
            assertThat(bench.scriptOf("a").start("c", "b")).isWaiting();

            assertThat(bench.scriptOf("b").start("x", "a"))
                    .failed("a: refused, it would wait in a circle: b -> a -> b");
        }
    }

    /** Verifies bh-stopall. */
    @Nested
    class StopAll {

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

            assertThat(bench.start("x")).failed("refused: stopping everything");
            assertThat(bench.start("db")).failed("refused: stopping everything");
            assertThat(bench.restart("x")).failed("refused: stopping everything");
            assertThat(bench.require("x")).failed("refused: stopping everything");
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

            assertThat(start).failed("web: refused, everything is being stopped");
            assertThat(require).failed("web: refused, everything is being stopped");
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

            assertThat(start).failed("a: refused, everything is being stopped");
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

            assertThat(bench.scriptOf("power").stopAll())
                    .failed("power: refused, it would wait in a circle: power -> power");
            assertThat(bench, "power").isStarted();
        }
    }

    /** Verifies requires: held from before pre until after post, and waited for before pre. */
    @Nested
    class Requires {

        @Test
        void whatIsRequiredIsUpBeforePreAndHeldUntilAfterPost() {
            bench.service(Draft.of("app").with(PRE, POST).requires("db"))
                    .service("db", PRE)
                    .read("db");

            Ticket start = bench.start("app");
            assertThat(bench, "app").isStarting().launched();
            assertThat(bench, "db").isStarting().isHeldBy("app").isNotPinned();
            bench.succeeds("db", PRE);
            assertThat(bench, "app").launched("pre");
            bench.succeeds("app", PRE);
            assertThat(start).succeeded();

            bench.stop("app");
            assertThat(bench, "app").isStopping().launched("pre", "run", "post");
            assertThat(bench, "db").isStarted().isHeldBy("app");
            bench.exits("app", 0);
            assertThat(bench, "db").isStopped().isHeldByNobody();
        }

        @Test
        void allThatIsRequiredStartsAtOnce() {
            bench.service(Draft.of("app").requires("a", "b"))
                    .service("a", PRE)
                    .service("b", PRE)
                    .read("a", "b");

            bench.start("app");

            assertThat(bench, "a").launched("pre");
            assertThat(bench, "b").launched("pre");
            bench.succeeds("b", PRE);
            assertThat(bench, "app").launched();
            bench.succeeds("a", PRE);
            assertThat(bench, "app").isStarted().launched("run");
        }

        @Test
        void aChainComesUpFromItsEnd() {
            bench.service(Draft.of("a").requires("b"))
                    .service(Draft.of("b").requires("c"))
                    .service("c", PRE)
                    .read("b", "c");

            Ticket start = bench.start("a");
            assertThat(bench, "b").isStarting().launched();
            bench.succeeds("c", PRE);

            assertThat(start).succeeded();
            assertThat(bench, "b").isStarted().isHeldBy("a");
            assertThat(bench, "c").isStarted().isHeldBy("b");
        }

        @Test
        void whatIsUpIsHeldAndNotWaitedFor() {
            bench.service(Draft.of("app").requires("db")).up("db");

            assertThat(bench.start("app")).succeeded();
            assertThat(bench, "db").isHeldBy("app").launched("run");
        }

        @Test
        void whatIsRequiredTwiceIsHeldOnce() {
            bench.service(Draft.of("app").requires("db", "db")).read("db").start("app");

            assertThat(bench, "db").isHeldBy("app");
        }

        @Test
        void aRequirementThatFailsFailsTheStartAndSaysWhich() {
            bench.service(Draft.of("app").with(PRE, POST).requires("db").restart(NO))
                    .service(Draft.of("db").with(PRE).restart(NO))
                    .read("db");

            Ticket start = bench.start("app");
            bench.pass(Duration.ofMillis(100)).exits("db", 1);

            assertThat(start).failed("app: requires db: pre exited 1 after 0.1 s (log: bh logs db)");
            assertThat(bench, "app")
                    .isFailed()
                    .says("requires db: pre exited 1 after 0.1 s (log: bh logs db)")
                    .launched();
            assertThat(bench, "db").isHeldByNobody();
        }

        @Test
        void aFailedRequirementLetsGoOfTheOthersAndIsTriedAgainInANewIncarnation() {
            bench.service(Draft.of("app").with(PRE).requires("a", "b"))
                    .service("a", PRE)
                    .service("b")
                    .read("a", "b")
                    .start("app");
            long first = bench.incarnation("app");

            bench.exits("a", 1);
            assertThat(bench, "app").isRestarting();
            assertThat(bench, "a").isStopped();
            assertThat(bench, "b").isStopped().isHeldByNobody();

            bench.pass(Duration.ofMillis(100)).succeeds("a", PRE).succeeds("app", PRE);
            assertThat(bench, "app").isStarted().launched("pre", "run");
            assertThat(bench.incarnation("app")).isGreaterThan(first);
        }

        @Test
        void aRestartOfRunKeepsTheHolds() {
            bench.service(Draft.of("app").requires("db")).read("db").up("app").exits("app", 1);

            assertThat(bench, "app").isRestarting();
            assertThat(bench, "db").isStarted().isHeldBy("app").launched("run");
            bench.pass(Duration.ofMillis(100));
            assertThat(bench, "app").isStarted();
        }

        @Test
        void theDeathOfWhatIsRequiredStopsNobody() {
            bench.service(Draft.of("app").requires("db")).read("db").up("app").exits("db", 1);

            assertThat(bench, "db").isRestarting();
            assertThat(bench, "app").isStarted().launched("run");
        }

        @Test
        void aStopWhileItWaitsCancelsItAtOnceWithoutPost() {
            bench.service(Draft.of("app").with(POST).requires("db"))
                    .service("db", PRE)
                    .read("db");
            Ticket start = bench.start("app");

            assertThat(bench.stop("app")).succeeded();

            assertThat(start).failed("app: was stopped before it was up");
            assertThat(bench, "app").isStopped().launched();
            assertThat(bench, "db").isStopped();
        }

        @Test
        void aStopOfWhatItWaitsForFailsTheStart() {
            bench.service(Draft.of("app").requires("db").restart(NO))
                    .service("db", PRE)
                    .read("db");
            Ticket start = bench.start("app");

            bench.stop("db");

            assertThat(start).failed("app: requires db: was stopped before it was up");
            assertThat(bench, "db").isStopped().isNotHeldDown();
        }

        @Test
        void whatNobodyKnowsIsNoService() {
            bench.service(Draft.of("app").requires("db").restart(NO));

            assertThat(bench.start("app")).failed("app: requires db: no such service");
        }

        @Test
        void whatCannotBeUsedFailsTheStartUntilItCan() {
            bench.service(Draft.of("app").requires("db").restart(NO)).readUnusable("db", "its service.yaml has errors");

            assertThat(bench.start("app")).failed("app: requires db: its service.yaml has errors");
            bench.read("db");
            assertThat(bench.start("app")).succeeded();
        }

        @Test
        void whatIsUpAndCannotBeUsedAnyMoreGoesOnAndIsAsGoodAsEver() {
            bench.service(Draft.of("app").requires("db")).up("db").readUnusable("db", "its service.yaml has errors");

            assertThat(bench.start("app")).succeeded();
            bench.exits("db", 1).pass(Duration.ofMillis(100));
            assertThat(bench, "db").isStarted().launched("run", "run");
        }

        @Test
        void aCircleIsRefusedAndNamedWhole() {
            bench.service(Draft.of("a").requires("b").restart(NO))
                    .service(Draft.of("b").requires("c").restart(NO))
                    .service(Draft.of("c").requires("a").restart(NO))
                    .read("a", "b", "c");

            assertThat(bench.start("a"))
                    .failed("a: requires b: requires c: requires a: refused, it would wait in a circle:"
                            + " c -> a -> b -> c");
            assertThat(bench, "c").isFailed();
        }

        @Test
        void whoRequiresItselfIsRefused() {
            bench.service(Draft.of("a").requires("a").restart(NO));

            assertThat(bench.start("a")).failed("a: requires a: refused, it would wait in a circle: a -> a");
        }

        @Test
        void aRequestThatClosesACircleThroughARequirementIsRefused() {
            bench.service(Draft.of("app").requires("db"))
                    .service("db", PRE)
                    .read("db")
                    .start("app");

            assertThat(bench.scriptOf("db").require("app"))
                    .failed("app: refused, it would wait in a circle: db -> app -> db");
        }

        @Test
        void aRequirementThatClosesACircleThroughARequestIsRefused() {
            bench.service("app", PRE).service(Draft.of("db").requires("app")).start("app");

            assertThat(bench.scriptOf("app").require("db"))
                    .failed("db: requires app: refused, it would wait in a circle: db -> app -> db");
        }

        @Test
        void theTwoKindsOfHoldsMix() {
            bench.service(Draft.of("app").requires("db")).read("db").up("app");
            bench.scriptOf("app").require("db");
            assertThat(bench, "db").isHeldBy("app", "app");

            assertThat(bench.scriptOf("app").release("db")).succeeded();
            assertThat(bench, "db").isStarted().isHeldBy("app");
        }

        @Test
        void aStopOfEverythingStopsRequirersFirst() {
            bench.service(Draft.of("app").with(POST).requires("db")).read("db").up("app");

            Ticket stop = bench.stopAll();
            assertThat(bench, "db").isStarted();
            bench.exits("app", 0);

            assertThat(stop).succeeded();
            assertThat(bench, "db").isStopped();
        }

        @Test
        void aStopOfEverythingCancelsWhoWaits() {
            bench.service(Draft.of("app").requires("db"))
                    .service("db", PRE)
                    .read("db")
                    .start("app");

            assertThat(bench.stopAll()).succeeded();
            assertThat(bench, "app").isStopped().launched();
        }

        @Test
        void whatIsReadIsBegunByNobodyAndNotOnRecord() {
            bench.read("web");

            assertThat(bench, "web").isStopped().launched();
            assertThat(bench.takeEffects()).isEmpty();
        }

        @Test
        void aDefinitionThatIsNewerThanTheOneInUseIsSeen() {
            bench.up("web").service(Draft.of("web").restart(NO)).read("web");
            assertThat(bench.serviceNow("web").isNewerOnDisk()).isTrue();

            bench.restart("web");

            assertThat(bench.serviceNow("web").isNewerOnDisk()).isFalse();
        }
    }

    /** Verifies ready: a service that says so is starting until it has. */
    @Nested
    class Readiness {

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
            bench.service(web)
                    .service(Draft.of("app").requires("web"))
                    .read("web")
                    .start("app");
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

    /** Verifies the watchdog: who is up has to say that it is well. */
    @Nested
    class Watchdog {

        private static final Duration WATCHDOG = Duration.ofSeconds(30);

        @Test
        void isArmedOnceItIsReadyAndAnewByEachSignOfLife() {
            bench.service(Draft.of("web").watchdog(WATCHDOG)).start("web");
            bench.pass(LONG).ready("web").pass(Duration.ofSeconds(29));
            bench.pinged("web").pass(Duration.ofSeconds(29));

            assertThat(bench, "web").isStarted();
        }

        @Test
        void endsWhoGivesNoSignOfLifeAndRestartsIt() {
            bench.service(Draft.of("web").watchdog(WATCHDOG).restart(ON_FAILURE))
                    .start("web");
            bench.ready("web").takeEffects();

            bench.pass(WATCHDOG);

            assertThat(bench.takeEffects())
                    .filteredOn(Effect.End.class::isInstance)
                    .extracting(effect -> ((Effect.End) effect).signal())
                    .containsExactly(Signal.ABORT);
            assertThat(bench, "web").isRestarting().says("run gave no sign of life for 30.0 s");
            bench.pass(Duration.ofMillis(100));
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

    /** Verifies STOPPING=1: who says that it is about to end is not up any more. */
    @Nested
    class Leaving {

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
            bench.up("web").leaving("web").takeEffects();

            bench.pass(Duration.ofSeconds(10));

            assertThat(bench.takeEffects())
                    .filteredOn(Effect.End.class::isInstance)
                    .extracting(effect -> ((Effect.End) effect).signal())
                    .containsExactly(Signal.KILL);
            assertThat(bench, "web").isRestarting().says("run began to stop and had not ended after 10.0 s");
        }

        @Test
        void mayTakeMoreTimeIfItSaysSo() {
            bench.up("web").leaving("web").extended("web", Duration.ofSeconds(30));

            bench.pass(Duration.ofSeconds(29));
            assertThat(bench, "web").isStopping();
            bench.pass(Duration.ofSeconds(1));

            assertThat(bench, "web").isRestarting();
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

    /** Verifies healthcheck: who is not well is restarted. */
    @Nested
    class Health {

        @Test
        void isAskedForAtEachLaunchOnceItIsUp() {
            bench.service(Draft.of("web").health().watchdog(LONG)).start("web");
            assertThat(bench.takeEffects()).noneMatch(Effect.CheckHealth.class::isInstance);

            bench.ready("web");

            assertThat(bench.takeEffects()).anyMatch(Effect.CheckHealth.class::isInstance);
            bench.exits("web", 1).pass(Duration.ofMillis(100)).ready("web");
            assertThat(bench.takeEffects()).anyMatch(Effect.CheckHealth.class::isInstance);
        }

        @Test
        void isAskedOfNobodyWhoNeedsNoCheck() {
            bench.up("web");

            assertThat(bench.takeEffects()).noneMatch(Effect.CheckHealth.class::isInstance);
        }

        @Test
        void badHealthIsAFailure() {
            bench.service(Draft.of("web").health().restart(ON_FAILURE)).up("web");

            bench.unhealthy("web", "connection refused");

            assertThat(bench, "web").isRestarting().says("unhealthy: connection refused");
            bench.pass(Duration.ofMillis(100));
            assertThat(bench, "web").isStarted().launched("run", "run");
        }

        @Test
        void badHealthWithoutRestartsIsTheEnd() {
            bench.service(Draft.of("web").with(POST).health().restart(NO)).up("web");

            bench.unhealthy("web", "connection refused").exits("web", 0);

            assertThat(bench, "web")
                    .isFailed()
                    .says("unhealthy: connection refused")
                    .launched("run", "post");
        }
    }

    /** Verifies restart_limit. */
    @Nested
    class RestartLimit {

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

            assertThat(bench, "web").isRestarting();
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

    /** Verifies that nobody misses a deadline by the time that the manager stood still. */
    @Nested
    class StandStill {

        private static final Duration LIMIT = Duration.ofSeconds(3);
        private static final Duration ALMOST = LIMIT.minusMillis(1);

        /** It has as much left as it had before, and no more. */
        private void goesOnWithWhatWasLeft(Runnable isAsBefore, Runnable isOver) {
            bench.pass(ALMOST).standStill(LONG).pass(Duration.ofNanos(999_999));
            isAsBefore.run();
            bench.pass(Duration.ofNanos(1));
            isOver.run();
        }

        @Test
        void aPreGoesOnWithWhatWasLeftOfItsTime() {
            bench.service(Draft.of("web").with(PRE).limit(PRE, LIMIT).restart(NO))
                    .start("web");

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

    /** Verifies linger: kept for a while once its last hold went. */
    @Nested
    class Linger {

        private static final Duration TIME = Duration.ofSeconds(30);

        private Workbench lingering() {
            bench.service(Draft.of("web").linger(TIME)).require("web");
            assertThat(bench.release("web")).succeeded().notes("web: kept for 30.0 s");
            return bench;
        }

        @Test
        void keepsItUpForAWhile() {
            lingering().pass(TIME.minusSeconds(1));
            assertThat(bench, "web").isStarted().isHeldByNobody();
            assertThat(bench.serviceNow("web").lingers(bench.now())).contains(Duration.ofSeconds(1));

            bench.pass(Duration.ofSeconds(1));

            assertThat(bench, "web").isStopped();
            assertThat(bench.serviceNow("web").lingers(bench.now())).isEmpty();
        }

        @Test
        void isCancelledByANewHoldAndBeginsAnewWithItsRelease() {
            lingering().pass(TIME.minusSeconds(1)).require("web");
            bench.pass(TIME);
            assertThat(bench, "web").isStarted().launched("run");

            bench.release("web");
            bench.pass(TIME.minusSeconds(1));

            assertThat(bench, "web").isStarted().launched("run");
        }

        @Test
        void isCancelledByAStart() {
            lingering().start("web");

            bench.pass(LONG);

            assertThat(bench, "web").isStarted().isPinned().launched("run");
        }

        @Test
        void endsWithAStop() {
            assertThat(lingering().stop("web")).succeeded();

            assertThat(bench, "web").isStopped();
        }

        @Test
        void endsWithAStopOfEverything() {
            assertThat(lingering().stopAll()).succeeded();

            assertThat(bench, "web").isStopped();
        }

        @Test
        void endsWithADeathThatNobodyRestarts() {
            lingering().exits("web", 1).pass(LONG);

            assertThat(bench, "web").isStopped().launched("run");
        }

        @Test
        void beginsWithTheEndOfWhoHeldIt() {
            bench.service(Draft.of("web").linger(TIME))
                    .service(Draft.of("app").requires("web"))
                    .read("web")
                    .up("app");

            bench.stop("app");
            assertThat(bench, "web").isStarted().isHeldByNobody();
            bench.pass(TIME);

            assertThat(bench, "web").isStopped();
        }

        @Test
        void isNotForWhatIsNotUp() {
            bench.service(Draft.of("web").with(PRE).linger(TIME)).require("web");

            assertThat(bench.release("web")).succeeded().notes();
            assertThat(bench, "web").isStopped();
        }
    }

    /** Verifies that what comes late or twice changes nothing. */
    @Nested
    class LateEvents {

        @Test
        void ofAnEarlierLaunchAreIgnored() {
            bench.service("web", PRE, POST).up("web");
            long pre = bench.launches("web").getFirst().launch();
            List<Event> late = List.of(
                    new Event.Spawned(pre, 1),
                    new Event.SpawnFailed(pre, "late"),
                    new Event.ScriptExited(pre, new Exit.Exited(1)),
                    new Event.Cleared(pre, 0),
                    new Event.BecameReady(pre),
                    new Event.Extended(pre, 1),
                    new Event.Pinged(pre),
                    new Event.StopAnnounced(pre),
                    new Event.Unhealthy(pre, "late"));
            Service before = bench.serviceNow("web");
            bench.takeEffects();

            late.forEach(event -> bench.tell("web", event));

            assertThat(bench.serviceNow("web")).isEqualTo(before);
            assertThat(bench.takeEffects()).isEmpty();
        }

        @Test
        void ofAServiceNobodyKnowsAreIgnored() {
            bench.tell("ghost", new Event.ScriptExited(1, new Exit.Exited(0)));

            assertThat(bench.supervisor().services()).isEmpty();
        }

        @Test
        void anExitThatComesTwiceIsOneDeath() {
            bench.leavingSomebody("web").up("web");
            long run = bench.launch("web");

            bench.tell("web", new Event.ScriptExited(run, new Exit.Exited(1)));
            bench.tell("web", new Event.ScriptExited(run, new Exit.Exited(0)));
            bench.tell("web", new Event.Cleared(run, 0));
            bench.tell("web", new Event.Cleared(run, 0));

            assertThat(bench, "web").isRestarting().says("run exited 1 after 0.0 s");
        }

        @Test
        void anExitMayComeBeforeTheNewsOfTheSpawn() {
            bench.service("web", PRE).slowToSpawn("web");
            Ticket start = bench.start("web");
            long pre = bench.launch("web");

            bench.tell("web", new Event.ScriptExited(pre, new Exit.Exited(0)));
            bench.tell("web", new Event.Spawned(pre, 4711));
            bench.spawned("web");

            assertThat(start).succeeded();
            assertThat(bench, "web").isStarted().launched("pre", "run");
        }

        @Test
        void aTimerThatComesLateStillCounts() {
            bench.service("web", PRE).start("web");

            bench.passUnnoticed(LONG);

            assertThat(bench, "web").isRestarting().says("pre took longer than 10.0 s");
        }

        @Test
        void aGoneOfARequestThatWasAnsweredChangesNothing() {
            Ticket require = bench.require("db");
            bench.takeEffects();

            require.goAway();

            assertThat(bench.takeEffects()).isEmpty();
            assertThat(bench, "db").isHeldBy("operator");
        }

        @Test
        void whoDoesNotWaitGetsNoAnswer() {
            Service web = Service.of(Draft.of("web").definition());

            bench.tell(new Input.StartRequest(Input.NOBODY, new Caller.Operator(), List.of(web.latest())));

            assertThat(bench, "web").isStarted();
            assertThat(bench.takeEffects()).noneMatch(Effect.Answer.class::isInstance);
        }
    }

    /** Verifies that a limit counts a script's own time, and the timers of the rest. */
    @Nested
    class Limits {

        @Test
        void aPreThatTakesTooLongIsStoppedAndFails() {
            bench.service(Draft.of("web").with(PRE, POST).restart(NO).limit(PRE, Duration.ofSeconds(2)));
            Ticket start = bench.start("web");

            bench.pass(Duration.ofMillis(1999));
            assertThat(bench, "web").isStarting();
            bench.pass(Duration.ofMillis(1));

            assertThat(start).failed("web: pre took longer than 2.0 s (log: bh logs web)");
            assertThat(bench, "web").isFailed().launched("pre");
        }

        @Test
        void aPostThatTakesTooLongIsStoppedAndFails() {
            bench.service("web", POST).up("web");
            Ticket stop = bench.stop("web");

            bench.pass(Duration.ofSeconds(10));

            assertThat(stop).failed("web: post took longer than 10.0 s");
            assertThat(bench, "web").isFailed();
        }

        @Test
        void theClockStandsStillWhileARequestOfThePreWaits() {
            bench.service(Draft.of("db").with(PRE).noLimit(PRE)).service("app", PRE);
            bench.start("app");
            bench.pass(Duration.ofSeconds(9));
            Ticket require = bench.scriptOf("app").require("db");

            bench.pass(LONG);
            assertThat(bench, "app").isStarting();
            bench.succeeds("db", PRE);
            assertThat(require).succeeded();
            bench.pass(Duration.ofMillis(999));
            assertThat(bench, "app").isStarting();
            bench.pass(Duration.ofMillis(1));

            assertThat(bench, "app").isRestarting().says("pre took longer than 10.0 s");
        }

        @Test
        void theClockStandsStillUntilTheLastOfItsRequestsIsAnswered() {
            bench.service(Draft.of("db").with(PRE).noLimit(PRE))
                    .service(Draft.of("log").with(PRE).noLimit(PRE))
                    .service("app", PRE);
            bench.start("app");
            bench.scriptOf("app").require("db");
            bench.scriptOf("app").require("log");

            bench.succeeds("db", PRE).pass(LONG);
            assertThat(bench, "app").isStarting();
            bench.succeeds("log", PRE).pass(Duration.ofSeconds(10));

            assertThat(bench, "app").isRestarting();
        }

        @Test
        void theClockGoesOnWhenTheClientOfTheRequestIsGone() {
            bench.service(Draft.of("db").with(PRE).noLimit(PRE)).service("app", PRE);
            bench.start("app");
            Ticket require = bench.scriptOf("app").require("db");
            bench.pass(LONG);

            require.goAway();
            bench.pass(Duration.ofSeconds(10));

            assertThat(bench, "app").isRestarting();
        }

        @Test
        void theClockOfPostStandsStillToo() {
            bench.service("db", POST).service("app", POST).up("app");
            bench.scriptOf("app").require("db");
            bench.stop("app");
            bench.scriptOf("app").release("db");

            bench.pass(Duration.ofMillis(9_999)).exits("db", 0).pass(Duration.ofMillis(9_999));

            assertThat(bench, "app").isStopping();
        }

        @Test
        void aScriptWithoutALimitMayTakeForever() {
            bench.service(Draft.of("web").with(PRE).noLimit(PRE));
            bench.start("web");

            bench.pass(Duration.ofDays(1));

            assertThat(bench, "web").isStarting();
            assertThat(bench.supervisor().nextDeadline()).isEqualTo(Lifecycle.NEVER);
        }

        @Test
        void runHasNoLimit() {
            bench.up("web").pass(Duration.ofDays(1000));

            assertThat(bench, "web").isStarted().launched("run");
        }

        @Test
        void withoutAGraceKillComesAtOnceAndNotInALoop() {
            bench.service(Draft.of("web").stopGracePeriod(Duration.ZERO)).up("web");
            long run = bench.launch("web");
            Supervisor core = bench.supervisor();
            core.handle(new Input.StopRequest(99, new Caller.Operator(), List.of(Draft.name("web"))), bench.now());

            assertThat(core.handle(new Input.TimePassed(bench.now()), bench.now()))
                    .contains(new Effect.End(
                            Draft.name("web"),
                            bench.serviceNow("web").life().orElseThrow(),
                            run,
                            bellhop.definition.KillMode.ALL,
                            Signal.KILL));
            assertThat(core.nextDeadline()).isGreaterThan(bench.now());
        }

        @Test
        void theNextDeadlineIsTheNearestOfAll() {
            bench.service(Draft.of("a").with(PRE).limit(PRE, Duration.ofSeconds(5)))
                    .service(Draft.of("b").with(PRE).limit(PRE, Duration.ofSeconds(3)))
                    .start("a", "b");

            assertThat(bench.supervisor().nextDeadline())
                    .isEqualTo(bench.now() + Duration.ofSeconds(3).toNanos());
        }
    }

    /** Verifies that the record is written before the act. */
    @Nested
    class Records {

        @Test
        void aSaveGoesBeforeTheLaunchItAnnounces() {
            bench.service("web", PRE).start("web");

            List<Effect> effects = bench.takeEffects();

            assertThat(effects.get(0)).isInstanceOfSatisfying(Effect.Save.class, save -> {
                assertThat(save.service().pinned()).isTrue();
                assertThat(save.service().run()).map(Run::script).contains(PRE);
            });
            assertThat(effects.get(1)).isInstanceOf(Effect.Launch.class);
        }

        @Test
        void anAnswerIsGivenOnceWhatItPromisesIsOnRecord() {
            bench.require("web");
            bench.takeEffects();

            bench.start("web");

            assertThat(bench.takeEffects())
                    .satisfiesExactly(
                            save -> assertThat(save).isInstanceOf(Effect.Save.class),
                            answer -> assertThat(answer).isInstanceOf(Effect.Answer.class));
        }

        @Test
        void aHoldIsSavedWithTheServiceThatIsHeld() {
            bench.up("db");
            bench.takeEffects();

            bench.require("db");

            assertThat(bench.takeEffects())
                    .contains(new Effect.Save(bench.serviceNow("db"), List.of(Owner.OPERATOR), List.of()));
        }

        @Test
        void theEndOfAnIncarnationSavesWhatItHeld() {
            bench.up("app");
            bench.scriptOf("app").require("db");
            bench.start("db");
            bench.takeEffects();

            bench.stop("app");

            assertThat(bench.takeEffects()).contains(new Effect.Save(bench.serviceNow("db"), List.of(), List.of()));
        }

        @Test
        void nothingIsSavedWhereNothingChanged() {
            bench.up("web");
            bench.takeEffects();

            bench.start("web");

            assertThat(bench.takeEffects()).noneMatch(Effect.Save.class::isInstance);
        }
    }
}
