package bellhop.core;

import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static bellhop.definition.Script.RUN;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.Definition;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Verifies how the services that an earlier manager left are taken over. */
class SupervisorAdoptionTest {

    private static final ServiceName A = Draft.name("a");
    private static final ServiceName B = Draft.name("b");
    private static final Owner.Incarnation OF_A = new Owner.Incarnation(A, 5);
    private static final Ending DEATH = Ending.failed("run exited 1");
    private static final long NOW = Duration.ofHours(1).toNanos();
    private static final long GRACE = Duration.ofSeconds(10).toNanos();

    private final Supervisor supervisor = new Supervisor(100, () -> "secret");
    private final Draft draft = Draft.of("a").with(PRE, POST).saysReady(Duration.ofMinutes(1));
    private final Life life = new Life(5, draft.definition(), Optional.of("secret"));

    @Test
    void whatIsDownStaysDown() {
        assertThat(adopted(new State.Down(DEATH, false))).isEmpty();

        assertThat(state()).isEqualTo(new State.Down(DEATH, false));
    }

    @Test
    void aPreIsLookedFor() {
        Run pre = run(PRE);

        assertThat(adopted(new State.Preparing(life, pre))).containsExactly(new Effect.Adopt(A, life, pre, true));
        assertThat(state()).isEqualTo(new State.Preparing(life, pre));
    }

    @Test
    void aLaunchIsLookedForAndHasItsWholeTimeToGetReadyAgain() {
        Run timed = run(RUN).limited(TimeLimit.at(NOW + Duration.ofMinutes(1).toNanos()));

        assertThat(adopted(new State.Launching(life, run(RUN), false)))
                .containsExactly(new Effect.Adopt(A, life, timed, false));
        assertThat(state()).isEqualTo(new State.Launching(life, timed, true));
    }

    @Test
    void aRunIsLookedFor() {
        assertThat(adopted(new State.Up(life, Optional.of(run(RUN)))))
                .containsExactly(new Effect.Adopt(A, life, run(RUN), true));
        assertThat(state()).isEqualTo(new State.Up(life, Optional.of(run(RUN).limited(TimeLimit.NONE))));
    }

    @Test
    void whatIsUpWithoutAProcessStaysUp() {
        assertThat(adopted(new State.Up(life, Optional.empty()))).isEmpty();
        assertThat(state()).isEqualTo(new State.Up(life, Optional.empty()));
    }

    @Test
    void aRunThatLeavesIsLookedFor() {
        State.Leaving leaving = new State.Leaving(life, run(RUN), false, NOW + 7);

        assertThat(adopted(leaving)).containsExactly(new Effect.Adopt(A, life, run(RUN), true));
        assertThat(state()).isEqualTo(leaving);
    }

    @Test
    void aStopIsGivenAgainWithANewGrace() {
        After after = new After.CleanUp(DEATH);

        assertThat(adopted(new State.Clearing(life, run(RUN), after, false, Signal.STOP, 3)))
                .containsExactly(
                        new Effect.Adopt(A, life, run(RUN), true),
                        new Effect.End(A, life, 6, life.reach(), Signal.STOP));
        assertThat(state()).isEqualTo(new State.Clearing(life, run(RUN), after, false, Signal.STOP, NOW + GRACE));
    }

    @Test
    void aKillIsRepeatedNoSoonerThanAlways() {
        Draft hasty = draft.stopGracePeriod(Duration.ZERO);
        Life hurried = new Life(5, hasty.definition(), Optional.of("secret"));
        After after = new After.Relaunch(DEATH, OptionalLong.of(4));

        assertThat(adopted(new State.Clearing(hurried, run(RUN), after, false, Signal.KILL, 3)))
                .contains(new Effect.End(A, hurried, 6, hurried.reach(), Signal.KILL));
        assertThat(supervisor.nextDeadline())
                .isEqualTo(NOW + Duration.ofSeconds(1).toNanos());
    }

    @Test
    void aPostIsLookedFor() {
        State.CleaningUp cleaning = new State.CleaningUp(life, run(POST), DEATH, false);

        assertThat(adopted(cleaning)).containsExactly(new Effect.Adopt(A, life, run(POST), true));
        assertThat(state()).isEqualTo(cleaning);
    }

    @Test
    void aDelayGoesOn() {
        State.Restarting restarting = new State.Restarting(Optional.of(life), DEATH, NOW + 7);

        assertThat(adopted(restarting)).isEmpty();
        assertThat(supervisor.nextDeadline()).isEqualTo(NOW + 7);
    }

    @Test
    void eachIsOnRecordAgain() {
        List<Effect> effects = supervisor.handle(new Input.Adopted(List.of(record(new State.Down(DEATH, false)))), NOW);

        assertThat(effects).containsExactly(supervisor.record(A));
    }

    @Test
    void whatTheDirectorySaidBeforeIsTheLatest() {
        Definition newer = Draft.of("a").definition();
        supervisor.handle(new Input.Read(List.of(newer), Map.of()), NOW);

        adopted(new State.Up(life, Optional.empty()));

        assertThat(service().latest()).isEqualTo(newer);
        assertThat(service().isNewerOnDisk()).isTrue();
    }

    @Test
    void holdsOfLabelsDevicesAndLivesStayAndThoseOfEndedLivesDoNot() {
        Owner device = new Owner.Device("wifi", "wlan0");
        Effect.Save b = new Effect.Save(
                down(B).pinned(false).heldDown(true),
                List.of(Owner.OPERATOR, device, OF_A, new Owner.Incarnation(A, 4)),
                List.of());

        adopt(record(new State.Up(life, Optional.empty())), b);

        assertThat(supervisor.holders(B)).containsExactlyInAnyOrder(Owner.OPERATOR, device, OF_A);
        assertThat(supervisor.heldBy(A)).containsExactly(B);
        assertThat(supervisor.service(B).orElseThrow().heldDown()).isTrue();
    }

    @Test
    void whoWaitsForWhatItRequiresRequiresItAgain() {
        adopt(record(new State.Requiring(life)), new Effect.Save(down(B), List.of(OF_A), List.of()));

        assertThat(supervisor.holders(B)).isEmpty();
    }

    @Test
    void aHoldWhoseRequestWasNotAnsweredIsGone() {
        adopt(new Effect.Save(
                down(B).heldDown(true), List.of(Owner.OPERATOR, Owner.OPERATOR), List.of(Owner.OPERATOR)));
        assertThat(supervisor.holders(B)).containsExactly(Owner.OPERATOR);
        assertThat(supervisor.service(B).orElseThrow().heldDown()).isTrue();
    }

    @Test
    void whatNobodyHoldsAnyMoreIsNotHeldDown() {
        adopt(new Effect.Save(down(B).heldDown(true), List.of(Owner.OPERATOR), List.of(Owner.OPERATOR)));

        assertThat(supervisor.service(B).orElseThrow().heldDown()).isFalse();
    }

    @Test
    void aRestartThatGotNoFurtherThanItsStopGoesOn() {
        adopt(new Effect.Save(down(B).pinned(true), List.of(), List.of()));

        assertThat(supervisor.service(B).orElseThrow().state()).isInstanceOf(State.Launching.class);
    }

    @Test
    void soItDoesIfItsStopOrPostIsNotOverYet() {
        State clearing = new State.Clearing(life, run(POST), new After.Rest(Ending.STOPPED), false, Signal.STOP, 3);
        State cleaning = new State.CleaningUp(life, run(POST), Ending.STOPPED, false);

        adopt(new Effect.Save(down(A).in(clearing).pinned(true), List.of(), List.of()));
        assertThat(((State.Clearing) state()).again()).isTrue();

        adopt(new Effect.Save(down(A).in(cleaning).pinned(true), List.of(), List.of()));
        assertThat(((State.CleaningUp) state()).again()).isTrue();
    }

    @Test
    void whatHasFailedOrFinishedIsNotBegunAgain() {
        State failed = new State.CleaningUp(life, run(POST), DEATH, false);

        adopt(new Effect.Save(down(A).in(failed).pinned(true), List.of(), List.of()));
        assertThat(state()).isEqualTo(failed);

        adopt(new Effect.Save(down(A).in(new State.Down(DEATH, false)).pinned(true), List.of(), List.of()));
        assertThat(state()).isEqualTo(new State.Down(DEATH, false));
    }

    @Test
    void whatIsHeldDownIsNotBegun() {
        adopt(new Effect.Save(down(B).heldDown(true), List.of(Owner.OPERATOR), List.of()));

        assertThat(supervisor.service(B).orElseThrow().isDown()).isTrue();
    }

    @Test
    void aStopOfEverythingDropsTheHoldsThatNoLifeHas() {
        adopt(
                record(new State.Up(life, Optional.empty())),
                new Effect.Save(down(B).heldDown(true), List.of(Owner.OPERATOR, OF_A), List.of()));

        supervisor.handle(new Input.StopAllRequest(1, new Caller.Operator()), NOW);

        assertThat(supervisor.holders(B)).containsExactly(OF_A);
    }

    @Test
    void whatIsHeldDownIsNotOnceEverythingWasStopped() {
        adopt(new Effect.Save(down(B).heldDown(true), List.of(Owner.OPERATOR), List.of()));

        supervisor.handle(new Input.StopAllRequest(1, new Caller.Operator()), NOW);

        assertThat(supervisor.service(B).orElseThrow().heldDown()).isFalse();
    }

    @Test
    void aRequireIsOnRecordAsUnansweredUntilItIsAnsweredAndGoesWithItsClient() {
        Definition b = Draft.of("b").saysReady(Duration.ofMinutes(1)).definition();
        supervisor.handle(new Input.RequireRequest(1, new Caller.Operator(), Optional.empty(), b), NOW);
        supervisor.handle(new Input.RequireRequest(2, new Caller.Operator(), Optional.empty(), b), NOW);
        assertThat(supervisor.record(B).unanswered()).containsExactly(Owner.OPERATOR, Owner.OPERATOR);

        supervisor.handle(new Input.Gone(1), NOW);

        assertThat(supervisor.record(B).unanswered()).containsExactly(Owner.OPERATOR);
        assertThat(supervisor.record(B).holders()).containsExactly(Owner.OPERATOR);
        supervisor.handle(new Input.Gone(1), NOW);
        assertThat(supervisor.record(B).holders()).containsExactly(Owner.OPERATOR);

        long launch = supervisor.service(B).orElseThrow().launch();
        supervisor.handle(new Input.Happened(B, new Event.BecameReady(launch)), NOW);

        assertThat(supervisor.record(B).unanswered()).isEmpty();
        assertThat(supervisor.record(B).holders()).containsExactly(Owner.OPERATOR);
        assertThat(supervisor.isNobodyWaiting()).isTrue();

        Owner label = new Owner.Label("x");
        assertThat(supervisor.handle(new Input.RequireRequest(3, new Caller.Operator(), Optional.of(label), b), NOW))
                .contains(supervisor.record(B));
        assertThat(supervisor.record(B).holders()).containsExactly(Owner.OPERATOR, label);
    }

    @Test
    void whoseHoldIsReleasedWaitsNoMore() {
        Definition b = Draft.of("b").saysReady(Duration.ofMinutes(1)).definition();
        supervisor.handle(new Input.RequireRequest(1, new Caller.Operator(), Optional.empty(), b), NOW);
        assertThat(supervisor.isNobodyWaiting()).isFalse();

        supervisor.handle(new Input.ReleaseRequest(Input.NOBODY, new Caller.Operator(), Optional.empty(), B), NOW);
        long launch = supervisor.service(B).orElseThrow().launch();
        supervisor.handle(new Input.Happened(B, new Event.ScriptExited(launch, new Exit.Exited(0))), NOW);
        supervisor.handle(new Input.Happened(B, new Event.Cleared(launch, 0)), NOW);

        assertThat(supervisor.isNobodyWaiting()).isTrue();
    }

    @Test
    void whoHasNotSaidAgainThatItIsReadyIsTakenForReady() {
        adopted(new State.Launching(life, run(RUN), false));
        long due = supervisor.nextDeadline();

        List<Effect> effects = supervisor.handle(new Input.TimePassed(due), due);

        assertThat(effects)
                .anyMatch(effect -> effect instanceof Effect.Warn(ServiceName name, String _) && name.equals(A));
        assertThat(service().isUp()).isTrue();
    }

    @Test
    void aDelayIsNobodysToMeet() {
        adopted(new State.Restarting(Optional.of(life), DEATH, NOW + 7));

        supervisor.handle(new Input.StoodStill(100), NOW);

        assertThat(supervisor.nextDeadline()).isEqualTo(NOW + 7);
    }

    @Test
    void aClockThatStandsIsGivenMoreTimeToo() {
        assertThat(new TimeLimit(Lifecycle.NEVER, 5).extend(NOW, 7)).isEqualTo(new TimeLimit(Lifecycle.NEVER, 7));
    }

    @Test
    void aLifeKeepsItsSecretToItself() {
        assertThat(life.toString()).contains("incarnation=5").doesNotContain("secret");
    }

    private static Run run(Script script) {
        return new Run(6, script, 4711, 2, TimeLimit.at(NOW + 9));
    }

    private static Service down(ServiceName name) {
        return Service.of(Draft.of(name).definition());
    }

    private Effect.Save record(State state) {
        return new Effect.Save(Service.of(draft.definition()).pinned(true).in(state), List.of(), List.of());
    }

    /** What is done about a service in this state, beside its record. */
    private List<Effect> adopted(State state) {
        return adopt(record(state));
    }

    private List<Effect> adopt(Effect.Save... records) {
        return supervisor.handle(new Input.Adopted(List.of(records)), NOW).stream()
                .filter(effect -> !(effect instanceof Effect.Save))
                .toList();
    }

    private Service service() {
        return supervisor.service(A).orElseThrow();
    }

    private State state() {
        return service().state();
    }
}
