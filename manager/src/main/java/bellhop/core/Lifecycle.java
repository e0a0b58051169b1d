package bellhop.core;

import bellhop.definition.Definition;
import bellhop.definition.Ready;
import bellhop.definition.Restart;
import bellhop.definition.Script;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The machine of one service. A {@link State} and an {@link Event} give the next state and the {@link Effect}s
 * that are due: one method per state answers every event.
 *
 * <pre>
 *               Begin             provided          pre exits 0          spawned, ready
 *      Down ------------> Requiring ------> Preparing ------> Launching ------------> Up ---> Leaving
 *       ^                   |                 |                 |  ^                  |          |
 *       |                   | lacks one,      | fails, halted   |  | delay over       | fails,   | exits,
 *       |                   | halted          v                 v  |                  v halted   v halted
 *       |  rest             |              Clearing <-----------|-+-------------------+----------+
 *       +-------------------+---------------- |  \__ relaunch __> Restarting
 *       ^                                     |                   |
 *       |                                     | clean up          | halted
 *       +------- Clearing <---------------- CleaningUp (post) <---+
 * </pre>
 *
 * <p>A service that requires nothing is never {@code Requiring}, one without a {@code pre} never
 * {@code Preparing}. The {@link Supervisor} asks for what is required and is not up, and reports the outcome; if
 * one is lacking, a retry waits in {@code Restarting} as after a {@code pre} that failed.
 *
 * <p>An <em>incarnation</em> is one life, from what it requires to {@code post}. Within it {@code run} may
 * be launched many times: a crash relaunches {@code run} alone, so that what {@code pre} prepared and
 * what it holds stays. Only a life that lacks what it requires, or whose {@code pre} fails or is halted before
 * it has succeeded, ends without a {@code post}.
 *
 * <p>A service is up once {@code run} was spawned, or, if its definition says how it gets ready, once
 * it has said so; each launch has to say it again. One whose {@code run} is a job says so by its end: from
 * {@code Launching} it goes through {@code Clearing} to {@code Up}, where it has no process and keeps what it holds, as
 * a service without {@code run} does. Its end before that is a failure like any other. A manual begin launches it again.
 *
 * <p>Deciders, strongest first: a halt (the service is no longer wanted, or held down), a begin (it
 * is asked for), the restart policy with its limit. A halt never waits for a delay; a begin during the way
 * down is remembered as <em>again</em> and carried out once the service is down. The last request wins.
 * A manual begin forgets past failures.
 *
 * <p>Timed are {@code pre}, {@code post} and the way of {@code run} to readiness (their own time: the
 * clock stands still while a request that they made is waiting), the time between two signs of life
 * if there is a watchdog, the grace of a stop and of a service that leaves by itself, and the delay before
 * a relaunch. Waiting for what is required is not timed: it ends with the first attempt of each.
 * A deadline is part of the state, not an object beside it: a state that has been left has no timer
 * that could still fire.
 *
 * <p>Every script that is spawned has a <em>launch</em> number of its own; what comes back carries
 * it, and what belongs to an earlier launch is ignored by {@link #next}.
 *
 * <p>A script that ended while nobody watched it has an {@link Exit.Unknown} end. A {@code run} has then failed. A
 * {@code pre} may have succeeded: what it left is ended, {@code post} is run, and then the policy decides. A {@code
 * post} counts as done, unless it is not even known to have been spawned: then it is run, perhaps once more.
 */
public final class Lifecycle {

    /** A deadline that never comes. */
    public static final long NEVER = Long.MAX_VALUE;

    /** A life of this length is a healthy one: the next relaunch waits for the first delay again. */
    private static final long HEALTHY_NANOS = 10_000_000_000L;

    /** KILL is repeated no sooner than this, even if a stop has no grace. */
    private static final long KILL_AGAIN_NANOS = 1_000_000_000L;

    private static final int MOST_DOUBLINGS = 62;

    /** What could not be spawned has not succeeded. */
    private static final Exit NOT_RUN = new Exit.Exited(127);

    private Lifecycle() {}

    /** A service after an event, and what should be done about it. */
    record Step(Service service, List<Effect.OfService> effects) {
        Step and(Effect.OfService more) {
            List<Effect.OfService> all = new ArrayList<>(effects);
            all.add(more);
            return new Step(service, all);
        }
    }

    /**
     * The whole machine: what becomes of a service by an event.
     *
     * @param now monotonic nanoseconds
     * @param fresh a number that was never given before: the next launch, or incarnation, if one begins
     * @param secrets gives an incarnation that begins its secret
     */
    static Step next(Service service, Event event, long now, long fresh, Supplier<String> secrets) {
        if (isLate(service, event)) {
            return stay(service);
        }
        boolean atOnce = event instanceof Event.Begin begin && begin.atOnce();
        Transition machine = new Transition(atOnce ? service.with(History.NONE) : service, now, fresh, secrets);
        return switch (service.state()) {
            case State.Down state -> machine.down(state, event);
            case State.Requiring state -> machine.requiring(state, event);
            case State.Preparing state -> machine.preparing(state, event);
            case State.Launching state -> machine.launching(state, event);
            case State.Up state -> machine.up(state, event);
            case State.Leaving state -> machine.leaving(state, event);
            case State.Clearing state -> machine.clearing(state, event);
            case State.CleaningUp state -> machine.cleaningUp(state, event);
            case State.Restarting state -> machine.restarting(state, event);
        };
    }

    /** What becomes of a service that an earlier manager left as it is. */
    static Step adopt(Service service, long now) {
        Supplier<String> none = () -> {
            throw new IllegalStateException("an adoption begins no life");
        };
        return new Transition(service, now, 0, none).adopted();
    }

    /**
     * A service whose manager stood still for so long. What was frozen along with it had no time either, so whatever
     * somebody has to meet comes that much later. A delay before a relaunch is nobody's to meet, and goes on.
     */
    static Service stoodStill(Service service, long nanos) {
        State state = switch (service.state()) {
            case State.Preparing(Life life, Run pre) -> new State.Preparing(life, pre.later(nanos));
            case State.Launching launching -> launching.with(launching.run().later(nanos));
            case State.Up(Life life, Optional<Run> run) -> new State.Up(life, run.map(it -> it.later(nanos)));
            case State.Leaving(Life life, Run run, boolean again, long deadline) ->
                new State.Leaving(life, run, again, deadline + nanos);
            case State.Clearing clearing -> clearing.until(clearing.deadline() + nanos);
            case State.CleaningUp cleaning -> cleaning.with(cleaning.post().later(nanos));
            case State.Restarting _, State.Requiring _, State.Down _ -> service.state();
        };
        Service later = service.in(state);
        return service.isLingering() ? later.lingering(service.lingersUntil() + nanos) : later;
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }

    private static Step stay(Service service) {
        return new Step(service, List.of());
    }

    /** Whether it belongs to a life, or a launch, that is over. */
    private static boolean isLate(Service service, Event event) {
        return switch (event) {
            case Event.OfLife it -> it.incarnation() != service.incarnation();
            case Event.OfLaunch it -> it.launch() != service.launch();
            case Event.Begin _, Event.Halt _, Event.DeadlinePassed _, Event.ClockStopped _, Event.ClockResumed _ ->
                false;
        };
    }

    /** One step: the service as it was, the time, a fresh number, and where a fresh secret comes from. */
    private record Transition(Service service, long now, long fresh, Supplier<String> secrets) {

        Step down(State.Down down, Event event) {
            return switch (event) {
                case Event.Begin(Definition definition, boolean _) ->
                    with(service.history().recovered()).begin(definition);
                case Event.Halt _ -> to(new State.Down(down.ending().halted(), false, down.end()));
                case Event.OfLife _, Event.OfLaunch _ -> stay(service); // none lives, and none is under way
                case Event.DeadlinePassed _, Event.ClockStopped _, Event.ClockResumed _ -> stay(service); // not timed
            };
        }

        Step requiring(State.Requiring state, Event event) {
            Life life = state.life();
            return switch (event) {
                case Event.Halt _ -> to(new State.Down(Ending.STOPPED, false)); // nothing has run that is to be cleared
                case Event.Provided _ -> prepare(life);
                case Event.Lacking(long _, String why) -> proceed(life, preFailed(life, Ending.failed(why)), false);
                case Event.Begin _ -> stay(service); // on its way up already
                case Event.OfLaunch _ -> stay(service); // no script has run
                case Event.DeadlinePassed _, Event.ClockStopped _, Event.ClockResumed _ -> stay(service); // not timed
            };
        }

        Step preparing(State.Preparing state, Event event) {
            Life life = state.life();
            Run pre = state.pre();
            return switch (event) {
                case Event.Halt _ -> clear(life, pre, new After.Abandon(Ending.STOPPED), false);
                case Event.Spawned(long _, int pid) -> to(new State.Preparing(life, pre.spawned(pid)));
                case Event.SpawnFailed(long _, String why) ->
                    clear(life, pre, preFailed(life, failed(pre, why)), false);
                case Event.ScriptExited(long _, Exit.Unknown exit) -> // it may have succeeded
                    clear(life, pre, new After.CleanUp(pre.failed(exit, now)), triesAgain(life));
                case Event.ScriptExited(long launch, Exit exit) ->
                    exit.success()
                            ? run(life, new Effect.Reap(service.name(), launch))
                            : clear(life, pre, preFailed(life, pre.failed(exit, now)), false);
                case Event.DeadlinePassed _ -> clear(life, pre, preFailed(life, tookTooLong(life, pre)), false);
                case Event.ClockStopped _ -> to(new State.Preparing(life, pre.clockStopped(now)));
                case Event.ClockResumed _ -> to(new State.Preparing(life, pre.clockResumed(now)));
                case Event.Begin _ -> stay(service); // on its way up already
                case Event.Provided _, Event.Lacking _ -> stay(service); // it had all once; what it had, it may lose
                case Event.Cleared _ -> stay(service); // nobody asked for it
                case Event.BecameReady _, Event.Extended _, Event.Pinged _, Event.StopAnnounced _, Event.Unhealthy _ ->
                    stay(service); // only run can say these
            };
        }

        Step launching(State.Launching state, Event event) {
            Life life = state.life();
            Run run = state.run();
            return switch (event) {
                case Event.Halt _ ->
                    clear(life.ending(RunResult.STOPPED), run, new After.CleanUp(Ending.STOPPED), false);
                case Event.Spawned(long _, int pid) ->
                    life.saysReady() ? to(state.with(run.spawned(pid))) : up(life, run.spawned(pid));
                case Event.SpawnFailed(long _, String why) ->
                    clear(life.ending(RunResult.FAILED), run, runFailed(life, failed(run, why)), false);
                case Event.ScriptExited(long _, Exit exit) ->
                    life.saysReady() && !life.isJob() ? endedUnready(life, run, exit) : ended(life, run, exit, false);
                case Event.BecameReady _ -> life.isJob() ? stay(service) : up(life, run); // a job says it by its end
                case Event.Extended(long _, long nanos) ->
                    to(state.with(run.limited(run.limit().extend(now, nanos))));
                case Event.StopAnnounced _ -> // it gave up; what follows is what follows a launch that failed
                    clear(
                            life.ending(RunResult.FAILED),
                            run,
                            runFailed(life, unready(Ending.failed("run began to stop" + run.after(now)))),
                            false);
                case Event.DeadlinePassed _ ->
                    state.unheard()
                            ? up(life, run, warn("has not reported again that it is ready; assumed ready"))
                            : clear(
                                    life.ending(RunResult.TIMEOUT),
                                    run,
                                    runFailed(life, tookTooLong(life, run)),
                                    false);
                case Event.ClockStopped _ -> to(state.with(run.clockStopped(now)));
                case Event.ClockResumed _ -> to(state.with(run.clockResumed(now)));
                case Event.Begin _ -> stay(service); // on its way up already
                case Event.Pinged _, Event.Unhealthy _ -> stay(service); // nobody watches it before it is ready
                case Event.Provided _, Event.Lacking _ -> stay(service); // it had all once; what it had, it may lose
                case Event.Cleared _ -> stay(service); // nobody asked for it
            };
        }

        Step up(State.Up state, Event event) {
            return state.run()
                    .map(run -> up(state.life(), run, event))
                    .orElseGet(() -> upWithoutProcess(state.life(), event));
        }

        private Step up(Life life, Run run, Event event) {
            return switch (event) {
                case Event.Halt _ ->
                    clear(life.ending(RunResult.STOPPED), run, new After.CleanUp(Ending.STOPPED), false);
                case Event.ScriptExited(long _, Exit exit) -> ended(life, run, exit, false);
                case Event.Pinged _ -> to(new State.Up(life, Optional.of(run.limited(watchdog(life)))));
                case Event.DeadlinePassed _ ->
                    run.limit().isNone()
                            ? stay(service) // nothing is timed without a watchdog
                            : ended(
                                    life.ending(RunResult.WATCHDOG),
                                    run,
                                    Signal.ABORT,
                                    runFailed(life, noSignOfLife(life)),
                                    false);
                case Event.Unhealthy(long _, String why) ->
                    ended(
                            life.ending(RunResult.UNHEALTHY),
                            run,
                            Signal.STOP,
                            runFailed(life, Ending.failed("unhealthy: " + why)),
                            false);
                case Event.StopAnnounced _ -> to(new State.Leaving(life, run, false, now + life.graceNanos()));
                case Event.Spawned(long _, int pid) -> to(new State.Up(life, Optional.of(run.spawned(pid))));
                case Event.Begin _, Event.BecameReady _, Event.SpawnFailed _ -> stay(service); // it is up
                case Event.Extended _ -> stay(service); // it is at nothing that has an end
                case Event.Provided _, Event.Lacking _ -> stay(service); // it had all once; what it had, it may lose
                case Event.Cleared _ -> stay(service); // nobody asked for it
                case Event.ClockStopped _, Event.ClockResumed _ -> stay(service); // signs of life are due regardless
            };
        }

        private Step upWithoutProcess(Life life, Event event) {
            return switch (event) {
                case Event.Halt _ -> cleanUp(life, Ending.STOPPED, false);
                case Event.Begin(Definition definition, boolean atOnce) ->
                    atOnce && life.isJob() ? repeat(life, definition) : stay(service); // is up
                case Event.OfLife _ -> stay(service); // it had all once; what it had, it may lose
                case Event.OfLaunch _ -> stay(service); // none is under way
                case Event.DeadlinePassed _, Event.ClockStopped _, Event.ClockResumed _ -> stay(service); // not timed
            };
        }

        Step leaving(State.Leaving state, Event event) {
            Life life = state.life();
            Run run = state.run();
            return switch (event) {
                case Event.Begin _ -> to(new State.Leaving(life, run, true, state.deadline()));
                case Event.Halt _ ->
                    clear(life.ending(RunResult.STOPPED), run, new After.CleanUp(Ending.STOPPED), false);
                case Event.ScriptExited(long _, Exit exit) -> ended(life, run, exit, state.again());
                case Event.DeadlinePassed _ -> // it has had its grace
                    ended(
                            life.ending(RunResult.TIMEOUT),
                            run,
                            Signal.KILL,
                            runFailed(life, stayed(life)),
                            state.again());
                case Event.Extended(long _, long nanos) ->
                    to(new State.Leaving(life, run, state.again(), extended(state.deadline(), nanos)));
                case Event.Spawned(long _, int pid) ->
                    to(new State.Leaving(life, run.spawned(pid), state.again(), state.deadline()));
                case Event.BecameReady _, Event.Unhealthy _, Event.StopAnnounced _ -> stay(service); // it ends anyway
                case Event.Pinged _, Event.ClockStopped _, Event.ClockResumed _ ->
                    stay(service); // its grace is all the time that it has
                case Event.Provided _, Event.Lacking _ -> stay(service); // it had all once; what it had, it may lose
                case Event.SpawnFailed _ -> stay(service); // it was spawned
                case Event.Cleared _ -> stay(service); // nobody asked for it
            };
        }

        Step clearing(State.Clearing state, Event event) {
            Life life = state.life();
            Run of = state.of();
            return switch (event) {
                case Event.Begin(Definition _, boolean atOnce) ->
                    state.after() instanceof After.Finish || (state.after().leadsUp() && !atOnce)
                            ? stay(service) // it is about to be up, or the restart that is due will do
                            : to(state.again(true));
                case Event.Halt _ -> to(state.then(state.after().halted()).again(false));
                case Event.Spawned(long _, int pid) -> {
                    // Halted between the order to spawn and its outcome: now there is somebody to signal.
                    Run spawned = of.spawned(pid);
                    yield to(state.of(spawned), end(life, spawned, state.sent()));
                }
                case Event.SpawnFailed _ -> // nobody to wait for; Cleared follows
                    to(state.then(state.after().given(NOT_RUN)));
                case Event.ScriptExited(long _, Exit exit) -> // Cleared follows once the rest is gone too
                    to(state.seen(exit).then(state.after().given(exit)));
                case Event.Cleared(long _, int leftAlive) ->
                    new Transition(service.leaving(leftAlive), now, fresh, secrets)
                            .proceed(life, state.after(), state.again());
                case Event.DeadlinePassed _ ->
                    // Again and again: whoever forks faster than one KILL reaches is caught by a later one.
                    clear(life, of, Signal.KILL, state.after(), state.again());
                case Event.Extended(long _, long nanos) ->
                    of.script() == Script.RUN && state.sent() != Signal.KILL
                            ? to(state.until(extended(state.deadline(), nanos)))
                            : stay(service); // no longer, or never, run's grace
                case Event.Provided _, Event.Lacking _, Event.BecameReady _, Event.Pinged _ ->
                    stay(service); // too late
                case Event.StopAnnounced _, Event.Unhealthy _ -> stay(service); // it ends anyway
                case Event.ClockStopped _, Event.ClockResumed _ ->
                    stay(service); // the grace of a stop is not the script's own time
            };
        }

        Step cleaningUp(State.CleaningUp state, Event event) {
            Life life = state.life();
            Run post = state.post();
            return switch (event) {
                case Event.Begin _ -> to(new State.CleaningUp(life, post, state.ending(), true));
                case Event.Halt _ ->
                    to(new State.CleaningUp(life, post, state.ending().halted(), false));
                case Event.Spawned(long _, int pid) -> to(state.with(post.spawned(pid)));
                case Event.SpawnFailed(long _, String why) ->
                    clear(life, post, new After.Rest(postFailed(failed(post, why))), state.again());
                case Event.ScriptExited(long launch, Exit.Unknown _)
                when post.pid() == 0 ->
                    // It was about to be run, and nobody knows whether it was: rather twice than never.
                    post(life, state.ending(), state.again(), new Effect.Reap(service.name(), launch));
                case Event.ScriptExited(long _, Exit.Unknown exit) ->
                    clear(life, post, new After.Rest(state.ending()), state.again())
                            .and(warn("post " + exit.phrase() + "; assumed done"));
                case Event.ScriptExited(long _, Exit exit) -> {
                    Ending ending = exit.success() ? state.ending() : postFailed(post.failed(exit, now));
                    yield clear(life, post, new After.Rest(ending), state.again());
                }
                case Event.DeadlinePassed _ ->
                    clear(life, post, new After.Rest(postFailed(tookTooLong(life, post))), state.again());
                case Event.ClockStopped _ -> to(state.with(post.clockStopped(now)));
                case Event.ClockResumed _ -> to(state.with(post.clockResumed(now)));
                case Event.Provided _, Event.Lacking _ -> stay(service); // too late
                case Event.Cleared _ -> stay(service); // nobody asked for it
                case Event.BecameReady _, Event.Extended _, Event.Pinged _, Event.StopAnnounced _, Event.Unhealthy _ ->
                    stay(service); // only run can say these
            };
        }

        Step restarting(State.Restarting state, Event event) {
            return switch (event) {
                case Event.Begin(Definition _, boolean atOnce) ->
                    atOnce ? relaunch(state.life()) : stay(service); // its next attempt will do
                case Event.Halt _ ->
                    state.life()
                            .map(life -> cleanUp(life, Ending.STOPPED, false))
                            .orElseGet(() -> to(new State.Down(Ending.STOPPED, false)));
                case Event.DeadlinePassed _ -> restarted(state.life());
                case Event.OfLife _, Event.OfLaunch _ -> stay(service); // no launch is under way
                case Event.ClockStopped _, Event.ClockResumed _ -> stay(service); // a delay is nobody's own time
            };
        }

        // The ways up.

        private Step begin(Definition definition) {
            Life life = new Life(fresh, definition, Optional.of(secrets.get())).startedFor(service.failure());
            Transition attempt = new Transition(service.attempting(), now, fresh, secrets);
            return definition.requires().isEmpty() ? attempt.prepare(life) : attempt.to(new State.Requiring(life));
        }

        private Step relaunch(Optional<Life> life) {
            return life.map(new Transition(service.attempting(), now, fresh, secrets)::run)
                    .orElseGet(() -> begin(service.latest()));
        }

        /** A job does its work once more; in another life if its directory says something else by now. */
        private Step repeat(Life life, Definition definition) {
            return life.definition().equals(definition)
                    ? relaunch(Optional.of(life.startedFor(service.failure())))
                    : cleanUp(life, Ending.STOPPED, true);
        }

        private Step prepare(Life life) {
            return life.definition().has(Script.PRE)
                    ? to(new State.Preparing(life, order(life, Script.PRE)), launch(life, Script.PRE))
                    : run(life);
        }

        private Step run(Life life, Effect.OfService... before) {
            return life.definition().has(Script.RUN)
                    ? to(new State.Launching(life, order(life, Script.RUN)), concat(before, launch(life, Script.RUN)))
                    : to(new State.Up(life, Optional.empty()), before);
        }

        private Step up(Life life, Run run, Effect.OfService... more) {
            State up = new State.Up(life, Optional.of(run.limited(watchdog(life))));
            Step step = to(up, more);
            return life.definition().health().isPresent() ? step.and(checkHealth(life, run)) : step;
        }

        // What an earlier manager left.

        /**
         * As it was left: what it ran is looked for. Its orders are given again, since nobody knows whether they
         * were carried out, with a new grace; the wait for readiness and for signs of life begins again.
         */
        Step adopted() {
            return switch (service.state()) {
                case State.Down _, State.Requiring _, State.Restarting _ -> stay(service);
                case State.Preparing s -> to(s, adopt(s.life(), s.pre()));
                case State.Launching(Life life, Run run, boolean _) -> {
                    boolean mayHaveSaid =
                            life.definition().ready().map(Ready::isSaid).orElse(false);
                    Run timed = run.limited(limit(life, Script.RUN));
                    yield to(new State.Launching(life, timed, mayHaveSaid), adopt(life, timed));
                }
                case State.Up(Life life, Optional<Run> run) ->
                    run.map(it -> up(life, it, adopt(life, it))).orElseGet(() -> stay(service));
                case State.Leaving s -> to(s, adopt(s.life(), s.run()));
                case State.Clearing s -> {
                    long grace = s.sent() == Signal.KILL
                            ? killAgainNanos(s.life())
                            : s.life().graceNanos();
                    yield to(s.until(now + grace), adopt(s.life(), s.of()), end(s.life(), s.of(), s.sent()));
                }
                case State.CleaningUp s -> to(s, adopt(s.life(), s.post()));
            };
        }

        private Effect.OfService adopt(Life life, Run run) {
            return new Effect.Adopt(service.name(), life, run, !(service.state() instanceof State.Launching));
        }

        private Effect.OfService warn(String what) {
            return new Effect.Warn(service.name(), what);
        }

        private Effect.OfService checkHealth(Life life, Run run) {
            return new Effect.CheckHealth(service.name(), life, run.launch());
        }

        private TimeLimit watchdog(Life life) {
            long nanos = life.watchdogNanos();
            return nanos == NEVER ? TimeLimit.NONE : TimeLimit.at(now + nanos);
        }

        // The ways down.

        /** {@code run} has ended by itself. */
        private Step ended(Life life, Run run, Exit exit, boolean again) {
            Ending death = run.failed(exit, now);
            boolean isUnseen = life.isJob() && exit instanceof Exit.Unknown;
            After after = afterRun(life, exit, isUnseen ? unseen(death) : death);
            return ended(life.ended(exit, life.isSuccess(exit)), run, Signal.STOP, after, again);
        }

        private Step endedUnready(Life life, Run run, Exit exit) {
            After after = afterRunUnready(life, exit, unready(run.failed(exit, now)));
            return clear(life.ended(exit, false), run, after, false);
        }

        /** {@code run} was up and is not any more, or is to be no more. */
        private Step ended(Life life, Run run, Signal signal, After after, boolean again) {
            boolean healthy = now - run.since() >= HEALTHY_NANOS;
            Transition machine = healthy ? with(service.history().recovered()) : this;
            boolean wasUp = !(service.state() instanceof State.Launching);
            After next = wasUp && after instanceof After.Relaunch(Ending death, OptionalLong _)
                    ? new After.Relaunch(death, OptionalLong.of(run.since()))
                    : after;
            return machine.clear(life, run, signal, next, again);
        }

        private Step clear(Life life, Run of, After after, boolean again) {
            return clear(life, of, Signal.STOP, after, again);
        }

        private Step clear(Life life, Run of, Signal signal, After after, boolean again) {
            long grace = signal == Signal.KILL ? killAgainNanos(life) : life.graceNanos();
            return to(new State.Clearing(life, of, after, again, signal, now + grace), end(life, of, signal));
        }

        private long extended(long deadline, long nanos) {
            return Math.max(deadline, now + TimeLimit.granted(nanos));
        }

        private static long killAgainNanos(Life life) {
            return Math.max(life.graceNanos(), KILL_AGAIN_NANOS);
        }

        private Step proceed(Life life, After after, boolean again) {
            return switch (after) {
                case After.Relaunch(Ending death, OptionalLong launched) ->
                    again ? relaunch(Optional.of(life)) : restart(life, death, launched);
                case After.Retry(Ending death) ->
                    again ? relaunch(Optional.empty()) : restartAt(now + delayNanos(life), Optional.empty(), death);
                case After.Finish _ -> to(new State.Up(life, Optional.empty()));
                case After.CleanUp(Ending ending) ->
                    life.definition().has(Script.POST)
                            ? post(life, ending, again)
                            : to(new State.Down(ending, again, life.end()));
                case After.Abandon _, After.Rest _ -> to(new State.Down(after.ending(), again, life.end()));
            };
        }

        /** A {@code run} that was up for as long as its delay is launched at once, a start that failed is not. */
        private Step restart(Life life, Ending death, OptionalLong launched) {
            long due = launched.orElse(now) + delayNanos(life);
            return launched.isPresent() && due <= now
                    ? with(service.history().died()).restarted(Optional.of(life))
                    : restartAt(due, Optional.of(life), death);
        }

        private Step restartAt(long due, Optional<Life> goesOn, Ending death) {
            return with(service.history().died()).to(new State.Restarting(goesOn, death, due));
        }

        private Step restarted(Optional<Life> life) {
            Restart restart =
                    life.map(Life::definition).orElse(service.latest()).restart();
            return with(service.history().relaunched(restart, now)).relaunch(life);
        }

        /** From a state in which no script is running; what an earlier one left running is found by its incarnation. */
        private Step cleanUp(Life life, Ending ending, boolean again) {
            return life.definition().has(Script.POST)
                    ? post(life, ending, again)
                    : clear(life, order(life, Script.POST), new After.Rest(ending), again);
        }

        private Step post(Life life, Ending ending, boolean again, Effect.OfService... before) {
            Life ended = life.endedAs(ending);
            return to(
                    new State.CleaningUp(ended, order(life, Script.POST), ending, again),
                    concat(before, launch(ended, Script.POST)));
        }

        // The policy.

        /** Whether a {@code pre} that failed is tried again. */
        private static boolean triesAgain(Life life) {
            return switch (life.definition().restart().policy()) {
                case ALWAYS, ON_FAILURE -> true;
                case NO -> false;
            };
        }

        /** After {@code pre}, or what comes before it. */
        private After preFailed(Life life, Ending ending) {
            return switch (life.definition().restart().policy()) {
                case ALWAYS, ON_FAILURE ->
                    tooMany(life, ending).<After>map(After.Rest::new).orElseGet(() -> new After.Retry(ending));
                case NO -> new After.Rest(ending);
            };
        }

        private After runFailed(Life life, Ending ending) {
            return switch (life.definition().restart().policy()) {
                case ALWAYS, ON_FAILURE -> relaunch(life, ending);
                case NO -> new After.CleanUp(ending);
            };
        }

        private After afterRun(Life life, Exit exit, Ending death) {
            boolean isSuccess = life.isSuccess(exit);
            Ending ending = isSuccess ? new Ending(Word.FINISHED, true, death.detail()) : death;
            if (isSuccess && life.isJob()) {
                return new After.Finish(ending);
            }
            if (life.preventsRestart(exit)) {
                return new After.CleanUp(prevented(ending));
            }
            return switch (life.definition().restart().policy()) {
                case ALWAYS -> relaunch(life, death);
                case ON_FAILURE -> isSuccess ? new After.CleanUp(ending) : relaunch(life, death);
                case NO -> new After.CleanUp(ending);
            };
        }

        private After afterRunUnready(Life life, Exit exit, Ending death) {
            return life.preventsRestart(exit) ? new After.CleanUp(prevented(death)) : runFailed(life, death);
        }

        private static Ending prevented(Ending ending) {
            return new Ending(ending.word(), ending.clean(), ending.detail() + ", which prevents a restart");
        }

        private After relaunch(Life life, Ending death) {
            return tooMany(life, death)
                    .<After>map(After.CleanUp::new)
                    .orElseGet(() -> new After.Relaunch(death, OptionalLong.empty()));
        }

        /** How it ends, if its limit is used up. */
        private Optional<Ending> tooMany(Life life, Ending death) {
            return life.definition()
                    .restart()
                    .limit()
                    .filter(limit -> service.history().exhausts(limit, now))
                    .map(limit -> Ending.failed("restarted " + describe(limit) + ", and then " + death.detail()));
        }

        private static String describe(Restart.Limit limit) {
            return (limit.times() == 1 ? "once" : limit.times() + " times")
                    + limit.within()
                            .map(within -> " within " + seconds(within.toNanos()))
                            .orElse("");
        }

        private static Ending unready(Ending ending) {
            return Ending.failed(ending.detail() + ", before it was ready");
        }

        private static Ending unseen(Ending ending) {
            return Ending.failed(ending.detail() + ", which counts as a failure");
        }

        private static Ending noSignOfLife(Life life) {
            return Ending.failed("run gave no sign of life for " + seconds(life.watchdogNanos()));
        }

        private static Ending stayed(Life life) {
            return Ending.failed("run began to stop and had not ended after " + seconds(life.graceNanos()));
        }

        private Transition with(History history) {
            return new Transition(service.with(history), now, fresh, secrets);
        }

        private static Ending postFailed(Ending ending) {
            return new Ending(Word.FAILED, false, ending.detail());
        }

        private static Ending failed(Run run, String why) {
            return Ending.failed(run.script().fileName() + " could not be run: " + why);
        }

        private static Ending tookTooLong(Life life, Run run) {
            String what = switch (run.script()) {
                case PRE, POST -> "took longer than";
                case RUN -> life.isJob() ? "had not finished within" : "was not ready within";
            };
            return Ending.failed(run.script().fileName() + " " + what + " " + seconds(limitNanos(life, run.script())));
        }

        private static long limitNanos(Life life, Script script) {
            var limit = life.definition().timeouts().get(script);
            return limit == null ? NEVER : limit.toNanos();
        }

        private long delayNanos(Life life) {
            long first = life.definition().restart().delay().toNanos();
            long most = life.definition().restart().maxDelay().toNanos();
            int doublings = Math.min(service.history().deaths(), MOST_DOUBLINGS);
            return first > most >> doublings ? most : first << doublings;
        }

        // The words for it.

        private Run order(Life life, Script script) {
            return new Run(fresh, script, 0, now, limit(life, script));
        }

        private TimeLimit limit(Life life, Script script) {
            long limit = limitNanos(life, script);
            return limit == NEVER ? TimeLimit.NONE : TimeLimit.at(now + limit);
        }

        private Effect.OfService launch(Life life, Script script) {
            return new Effect.Launch(service.name(), life, fresh, script);
        }

        private Effect.OfService end(Life life, Run run, Signal signal) {
            return new Effect.End(service.name(), life, run.launch(), life.reach(), signal);
        }

        private Step to(State state, Effect.OfService... effects) {
            return new Step(service.in(state), List.of(effects));
        }

        private static Effect.OfService[] concat(Effect.OfService[] before, Effect.OfService last) {
            Effect.OfService[] all = Arrays.copyOf(before, before.length + 1);
            all[before.length] = last;
            return all;
        }
    }
}
