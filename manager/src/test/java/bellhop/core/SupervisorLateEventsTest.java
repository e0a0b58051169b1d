package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Workbench.Ticket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Verifies that what comes late or twice changes nothing. */
class SupervisorLateEventsTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final Workbench bench = new Workbench();

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
