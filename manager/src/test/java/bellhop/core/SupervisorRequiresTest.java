package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Verifies requires: held from before pre until after post, and waited for before pre. */
class SupervisorRequiresTest {

    private final Workbench bench = new Workbench();

    @Test
    void whatIsOptionalIsWaitedForAndHeldIfItCanBeHad() {
        bench.service(Draft.of("syslogd").saysReady(Duration.ofMinutes(1)))
                .service(Draft.of("app").requires("syslogd").optional("syslogd"))
                .read("syslogd");
        bench.start("app");
        assertThat(bench, "app").isStarting().launched();

        bench.ready("syslogd");

        assertThat(bench, "app").isStarted();
        assertThat(bench, "syslogd").isHeldBy("app");
        bench.stop("app");
        assertThat(bench, "syslogd").isStopped();
    }

    @Test
    void theFirstFailureOfWhatIsOptionalEndsTheWaitAndTheHoldStays() {
        bench.service(Draft.of("syslogd").saysReady(Duration.ofMinutes(1)))
                .service(Draft.of("app").requires("syslogd").optional("syslogd"))
                .read("syslogd");
        Ticket start = bench.start("app");
        bench.takeEffects();

        bench.exits("syslogd", 3);

        assertThat(start).succeeded();
        assertThat(bench, "app").isStarted();
        assertThat(bench, "syslogd").isRestarting().isHeldBy("app");
        assertThat(bench.takeEffects())
                .contains(
                        new Effect.Warn(
                                Draft.name("app"),
                                "starts without syslogd: run exited 3 after 0.0 s, before it was ready (log: bh logs syslogd)"));
    }

    @Test
    void whatIsOptionalAndIsNotThereIsLeftOut() {
        bench.service(Draft.of("app").requires("syslogd", "cache", "app2").optional("syslogd", "cache"))
                .readUnusable("cache", "its service.yaml has errors")
                .read("app2");

        assertThat(bench.start("app")).succeeded();

        assertThat(bench, "app").isStarted();
        assertThat(bench, "app2").isHeldBy("app");
        assertThat(bench.takeEffects())
                .contains(
                        new Effect.Warn(Draft.name("app"), "starts without syslogd: no such service"),
                        new Effect.Warn(Draft.name("app"), "starts without cache: its service.yaml has errors"));
    }

    @Test
    void whatIsOptionalInACircleIsLeftOut() {
        bench.service(Draft.of("a").requires("b"))
                .service(Draft.of("b").requires("a").optional("a"))
                .read("a", "b");

        assertThat(bench.start("a")).succeeded();

        assertThat(bench, "a").isStarted().isHeldByNobody();
        assertThat(bench, "b").isStarted().isHeldBy("a");
    }

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
                .failed("a: requires b: requires c: requires a: refused: circular wait:" + " c -> a -> b -> c");
        assertThat(bench, "c").isFailed();
    }

    @Test
    void whoRequiresItselfIsRefused() {
        bench.service(Draft.of("a").requires("a").restart(NO));

        assertThat(bench.start("a")).failed("a: requires a: refused: circular wait: a -> a");
    }

    @Test
    void aRequestThatClosesACircleThroughARequirementIsRefused() {
        bench.service(Draft.of("app").requires("db"))
                .service("db", PRE)
                .read("db")
                .start("app");

        assertThat(bench.scriptOf("db").require("app")).failed("app: refused: circular wait: db -> app -> db");
    }

    @Test
    void aRequirementThatClosesACircleThroughARequestIsRefused() {
        bench.service("app", PRE).service(Draft.of("db").requires("app")).start("app");

        assertThat(bench.scriptOf("app").require("db"))
                .failed("db: requires app: refused: circular wait: db -> app -> db");
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
