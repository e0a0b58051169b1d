package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Verifies that a limit counts a script's own time, and the timers of the rest. */
class SupervisorLimitsTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final Workbench bench = new Workbench();

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
