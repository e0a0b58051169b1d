package bellhop.core;

import bellhop.definition.Definition;
import bellhop.definition.KillMode;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The life of one service. Reads top to bottom: the states, the events that come in, the effects
 * that go out, and one method per state that answers every event.
 *
 * <pre>
 *               Begin           pre exits 0          spawned, ready
 *      Down ------------> Preparing ------> Launching ------------> Up
 *       ^                   |                  |  ^                 |
 *       |                   | fails, halted    |  | delay over      | exits, halted
 *       |                   v                  v  |                 v
 *       |  rest          Clearing <---------------|-----------------+
 *       +------------------ |  \__ relaunch ___> Restarting
 *       ^                   |                     |
 *       |                   | clean up            | halted
 *       +--- Clearing <--- CleaningUp (post) <----+
 * </pre>
 *
 * <p>An <em>incarnation</em> is one life from {@code pre} to {@code post}. Within it {@code run} may
 * be launched many times: a crash relaunches {@code run} alone, so that what {@code pre} prepared and
 * what it holds stays. Only a {@code pre} that fails, or is halted before it has succeeded, ends its
 * incarnation without a {@code post}.
 *
 * <p>Deciders, strongest first: a halt (the service is no longer wanted, or held down), a begin (it
 * is asked for), the restart policy. A halt never waits for a delay; a begin during the way down is
 * remembered as <em>again</em> and carried out once the service is down. What is asked last, wins.
 *
 * <p>Timed are {@code pre} and {@code post} (their own time: the clock stands still while a request
 * that they made is waiting), the grace of a stop, and the delay before a relaunch. A deadline is
 * part of the state, not an object beside it: a state that has been left has no timer that could
 * still fire.
 *
 * <p>Every script that is spawned has a <em>launch</em> number of its own; what comes back carries
 * it, and what belongs to an earlier launch is ignored by {@link #next}.
 */
public final class Lifecycle {

    /** A deadline that never comes. */
    public static final long NEVER = Long.MAX_VALUE;

    /** A life of this length is a healthy one: the next relaunch waits for the first delay again. */
    private static final long HEALTHY_NANOS = 10_000_000_000L;

    /** KILL is repeated no sooner than this, even where a stop has no grace. */
    private static final long KILL_AGAIN_NANOS = 1_000_000_000L;

    private static final int MOST_DOUBLINGS = 62;

    private Lifecycle() {}

    /** The words of {@code bh-status}. */
    public enum Word {
        /** Not running, by request or because it was never asked for. */
        STOPPED,
        /** {@code pre} runs, or {@code run} is not ready yet. */
        STARTING,
        /** Does its work. */
        STARTED,
        /** Waits for its next launch. */
        RESTARTING,
        /** On its way down. */
        STOPPING,
        /** Down, because something failed. */
        FAILED,
        /** Down, because {@code run} did what it had to do. */
        FINISHED;

        /** The word as users see it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Why a service is down, or is going to be.
     *
     * @param word {@link Word#STOPPED}, {@link Word#FAILED} or {@link Word#FINISHED}
     * @param clean false if {@code post} failed, so that something may be left behind
     * @param detail what happened, {@code pre exited 42 after 0.1 s}; empty where there is no more to say
     */
    public record Ending(Word word, boolean clean, String detail) {
        static final Ending STOPPED = new Ending(Word.STOPPED, true, "");

        static Ending failed(String detail) {
            return new Ending(Word.FAILED, true, detail);
        }

        /** A halt turns every ending into a plain stop, but never hides a failed {@code post}. */
        Ending halted() {
            return clean ? STOPPED : this;
        }
    }

    /**
     * One incarnation.
     *
     * @param incarnation its number, never reused
     * @param definition what it began with, used to its end
     * @param deaths how many quick deaths came in a row
     */
    public record Life(long incarnation, Definition definition, int deaths) {
        KillMode reach() {
            return definition.killMode();
        }

        long graceNanos() {
            return definition.stopGracePeriod().toNanos();
        }
    }

    /**
     * One script that was told to run.
     *
     * @param launch its number, never reused
     * @param pid its process, 0 until the kernel has said
     * @param since when it was told to, monotonic nanoseconds
     * @param limit when it has used up its time
     */
    public record Run(long launch, Script script, int pid, long since, Limit limit) {
        Run spawned(int newPid) {
            return new Run(launch, script, newPid, since, limit);
        }

        Run limited(Limit newLimit) {
            return new Run(launch, script, pid, since, newLimit);
        }

        String after(long now) {
            return String.format(Locale.ROOT, " after %.1f s", (now - since) / 1e9);
        }

        Ending failed(Exit exit, long now) {
            return Ending.failed(script.fileName() + " " + exit.phrase() + after(now));
        }
    }

    /**
     * A limit on a script's own time.
     *
     * @param deadline when it is over; {@link #NEVER} while the clock stands still or without a limit
     * @param left what was left when the clock was stopped, nanoseconds; {@link #NEVER} while it runs
     */
    public record Limit(long deadline, long left) {
        static final Limit NONE = new Limit(NEVER, NEVER);

        static Limit at(long deadline) {
            return new Limit(deadline, NEVER);
        }

        boolean stopped() {
            return left != NEVER;
        }

        Limit stop(long now) {
            return deadline == NEVER ? this : new Limit(NEVER, Math.max(0, deadline - now));
        }

        Limit resume(long now) {
            return stopped() ? at(now + left) : this;
        }
    }

    /** What follows once everything within reach of a script is gone. */
    public sealed interface After {
        /** How the service ends, or what its last death was. */
        Ending ending();

        /** {@code run} died and is to be launched again in the same life. */
        record Relaunch(Ending ending) implements After {}

        /** {@code pre} failed and is to be tried again, in a new life. */
        record Retry(Ending ending) implements After {}

        /** {@code pre} was halted: nothing, unless it exits 0 all the same; then {@code post} is due. */
        record Abandon(Ending ending) implements After {}

        /** {@code post} is due. */
        record CleanUp(Ending ending) implements After {}

        /** Nothing: it is down. */
        record Rest(Ending ending) implements After {}

        /** The same way down with no way back up. */
        default After halted() {
            return switch (this) {
                case Relaunch r -> new CleanUp(Ending.STOPPED);
                case Retry r -> new Rest(Ending.STOPPED);
                case Abandon a -> a;
                case CleanUp(Ending e) -> new CleanUp(e.halted());
                case Rest(Ending e) -> new Rest(e.halted());
            };
        }

        /** What follows now that the script has ended like this. */
        default After given(Exit exit) {
            return this instanceof Abandon(Ending e) && exit.success() ? new CleanUp(e) : this;
        }

        /** Whether it leads up again. */
        default boolean leadsUp() {
            return this instanceof Relaunch || this instanceof Retry;
        }
    }

    /** Where a service is in its life, with exactly what is known there. */
    public sealed interface State {
        /** No process, no incarnation. {@code again}: a begin came on the way down and is due now. */
        record Down(Ending ending, boolean again) implements State {}

        /** {@code pre} runs. */
        record Preparing(Life life, Run pre) implements State {}

        /** {@code run} was told to start and is not ready yet. */
        record Launching(Life life, Run run) implements State {}

        /** Does its work; a one-shot has no process while it is up. */
        record Up(Life life, Optional<Run> run) implements State {}

        /**
         * A script has ended or is to end, and everything within its reach with it.
         *
         * @param killing whether the grace is over and KILL was sent
         * @param deadline when to send KILL (again)
         */
        record Clearing(Life life, Run of, After after, boolean again, boolean killing, long deadline)
                implements State {}

        /** {@code post} runs. */
        record CleaningUp(Life life, Run post, Ending ending, boolean again) implements State {}

        /**
         * Waits for the next launch.
         *
         * @param life the life that goes on; empty where {@code pre} failed and a new one will begin
         * @param deaths the quick deaths so far
         */
        record Restarting(Optional<Life> life, int deaths, Ending death, long deadline) implements State {}
    }

    /** What can happen to a service. */
    public sealed interface Event {
        /** It is to be up. {@code atOnce}: by hand, which waits for no delay and forgets past deaths. */
        record Begin(Definition definition, boolean atOnce) implements Event {}

        /** It is to be down. */
        record Halt() implements Event {}

        /** The script runs. */
        record Spawned(long launch, int pid) implements Event {}

        /** The script could not be run. {@code why}: a phrase with the stage and the system's reason. */
        record SpawnFailed(long launch, String why) implements Event {}

        /** The script's own process has ended. */
        record Exited(long launch, Exit exit) implements Event {}

        /** Nobody within reach of the script is left; {@code leftAlive} live on because they are beyond it. */
        record Cleared(long launch, int leftAlive) implements Event {}

        /** {@code run} says that it is ready. */
        record Ready(long launch) implements Event {}

        /** The state's deadline is over. */
        record DeadlinePassed() implements Event {}

        /** A request that the script made is waiting. */
        record ClockStopped() implements Event {}

        /** None is waiting any more. */
        record ClockResumed() implements Event {}
    }

    /** How to end processes. */
    public enum Signal {
        /** The service's stop signal, and CONT so that a stopped process gets it. */
        STOP,
        /** KILL. */
        KILL
    }

    /** What should be done; doing it is the engine's. */
    public sealed interface Effect {
        /** Write down what is known of the service, before what follows is done. */
        record Save(Service service, List<Owner> holders) implements Effect {}

        /** Run a script; answer with {@link Event.Spawned} or {@link Event.SpawnFailed}, later {@link Event.Exited}. */
        record Launch(ServiceName service, Life life, long launch, Script script) implements Effect {}

        /**
         * Signal everything within reach of this launch, now and whenever more of it turns up, until
         * its process has ended and nobody is left; then answer with {@link Event.Cleared}.
         */
        record End(ServiceName service, Life life, long launch, KillMode reach, Signal signal) implements Effect {}

        /** The script has ended well: forget its process, let what it started live. */
        record Reap(ServiceName service, long launch) implements Effect {}

        /** Answer a request: done if there are no failures; notes are for standard error either way. */
        record Answer(long request, List<String> failures, List<String> notes) implements Effect {}
    }

    /** A service after an event, and what should be done about it. */
    record Step(Service service, List<Effect> effects) {}

    /**
     * The whole machine: what becomes of a service by an event.
     *
     * @param now monotonic nanoseconds
     * @param fresh a number that was never given before: the next launch, or incarnation, if one begins
     */
    static Step next(Service service, Event event, long now, long fresh) {
        if (isLate(service, event)) {
            return stay(service);
        }
        Machine machine = new Machine(service, now, fresh);
        return switch (service.state()) {
            case State.Down state -> machine.down(state, event);
            case State.Preparing state -> machine.preparing(state, event);
            case State.Launching state -> machine.launching(state, event);
            case State.Up state -> machine.up(state, event);
            case State.Clearing state -> machine.clearing(state, event);
            case State.CleaningUp state -> machine.cleaningUp(state, event);
            case State.Restarting state -> machine.restarting(state, event);
        };
    }

    private static Step stay(Service service) {
        return new Step(service, List.of());
    }

    private static boolean isLate(Service service, Event event) {
        return switch (event) {
            case Event.Spawned(long launch, int pid) -> launch != service.launch();
            case Event.SpawnFailed(long launch, String why) -> launch != service.launch();
            case Event.Exited(long launch, Exit exit) -> launch != service.launch();
            case Event.Cleared(long launch, int leftAlive) -> launch != service.launch();
            case Event.Ready(long launch) -> launch != service.launch();
            case Event.Begin b -> false;
            case Event.Halt h -> false;
            case Event.DeadlinePassed d -> false;
            case Event.ClockStopped c -> false;
            case Event.ClockResumed c -> false;
        };
    }

    /** One step: the service as it was, the time, and a fresh number. */
    private record Machine(Service service, long now, long fresh) {

        Step down(State.Down down, Event event) {
            return switch (event) {
                case Event.Begin(Definition definition, boolean atOnce) -> begin(definition, 0);
                case Event.Halt h -> to(new State.Down(down.ending().halted(), false));
                // No launch is under way, so nothing of one can come, and nothing is timed.
                case Event.Spawned e -> stay(service);
                case Event.SpawnFailed e -> stay(service);
                case Event.Exited e -> stay(service);
                case Event.Cleared e -> stay(service);
                case Event.Ready e -> stay(service);
                case Event.DeadlinePassed e -> stay(service);
                case Event.ClockStopped e -> stay(service);
                case Event.ClockResumed e -> stay(service);
            };
        }

        Step preparing(State.Preparing state, Event event) {
            Life life = state.life();
            Run pre = state.pre();
            return switch (event) {
                case Event.Begin e -> stay(service); // on its way up already
                case Event.Halt h -> clear(life, pre, new After.Abandon(Ending.STOPPED), false);
                case Event.Spawned(long launch, int pid) -> to(new State.Preparing(life, pre.spawned(pid)));
                case Event.SpawnFailed(long launch, String why) ->
                    clear(life, pre, preFailed(life, failed(pre, why)), false);
                case Event.Exited(long launch, Exit exit) ->
                    exit.success()
                            ? run(life, new Effect.Reap(service.name(), launch))
                            : clear(life, pre, preFailed(life, pre.failed(exit, now)), false);
                case Event.DeadlinePassed e -> clear(life, pre, preFailed(life, tookTooLong(life, pre)), false);
                case Event.ClockStopped e ->
                    to(new State.Preparing(life, pre.limited(pre.limit().stop(now))));
                case Event.ClockResumed e ->
                    to(new State.Preparing(life, pre.limited(pre.limit().resume(now))));
                case Event.Cleared e -> stay(service); // nobody asked for it
                case Event.Ready e -> stay(service); // pre has no readiness
            };
        }

        Step launching(State.Launching state, Event event) {
            Life life = state.life();
            Run run = state.run();
            return switch (event) {
                case Event.Begin e -> stay(service); // on its way up already
                case Event.Halt h -> clear(life, run, new After.CleanUp(Ending.STOPPED), false);
                case Event.Spawned(long launch, int pid) -> to(new State.Up(life, Optional.of(run.spawned(pid))));
                case Event.SpawnFailed(long launch, String why) ->
                    clear(life, run, runFailed(life, failed(run, why)), false);
                case Event.Exited(long launch, Exit exit) -> runEnded(life, run, exit);
                case Event.Ready e -> to(new State.Up(life, Optional.of(run)));
                case Event.DeadlinePassed e -> clear(life, run, runFailed(life, tookTooLong(life, run)), false);
                case Event.ClockStopped e ->
                    to(new State.Launching(life, run.limited(run.limit().stop(now))));
                case Event.ClockResumed e ->
                    to(new State.Launching(life, run.limited(run.limit().resume(now))));
                case Event.Cleared e -> stay(service); // nobody asked for it
            };
        }

        Step up(State.Up state, Event event) {
            Life life = state.life();
            return switch (event) {
                case Event.Begin e -> stay(service); // is up
                case Event.Halt h ->
                    state.run()
                            .map(run -> clear(life, run, new After.CleanUp(Ending.STOPPED), false))
                            .orElseGet(() -> cleanUp(life, Ending.STOPPED));
                case Event.Exited(long launch, Exit exit) ->
                    state.run().map(run -> runEnded(life, run, exit)).orElseGet(() -> stay(service));
                case Event.Spawned e -> stay(service); // known already
                case Event.SpawnFailed e -> stay(service); // it was spawned
                case Event.Cleared e -> stay(service); // nobody asked for it
                case Event.Ready e -> stay(service); // said again
                case Event.DeadlinePassed e -> stay(service); // nothing is timed
                case Event.ClockStopped e -> stay(service); // run has no limit once it is up
                case Event.ClockResumed e -> stay(service);
            };
        }

        Step clearing(State.Clearing state, Event event) {
            Life life = state.life();
            Run of = state.of();
            return switch (event) {
                case Event.Begin(Definition definition, boolean atOnce) ->
                    state.after().leadsUp() && !atOnce
                            ? stay(service) // the restart that is due will do
                            : to(new State.Clearing(life, of, state.after(), true, state.killing(), state.deadline()));
                case Event.Halt h ->
                    to(new State.Clearing(life, of, state.after().halted(), false, state.killing(), state.deadline()));
                case Event.Spawned(long launch, int pid) -> {
                    // Halted between the order to spawn and its outcome: now there is somebody to signal.
                    Run spawned = of.spawned(pid);
                    yield to(
                            new State.Clearing(
                                    life, spawned, state.after(), state.again(), state.killing(), state.deadline()),
                            end(life, spawned, state.killing() ? Signal.KILL : Signal.STOP));
                }
                case Event.SpawnFailed e -> stay(service); // nobody to wait for; Cleared follows
                case Event.Cleared(long launch, int leftAlive) ->
                    new Machine(service.leaving(leftAlive), now, fresh).proceed(life, state.after(), state.again());
                case Event.DeadlinePassed e ->
                    // Again and again: whoever forks faster than one KILL reaches is caught by a later one.
                    to(
                            new State.Clearing(
                                    life,
                                    of,
                                    state.after(),
                                    state.again(),
                                    true,
                                    now + Math.max(life.graceNanos(), KILL_AGAIN_NANOS)),
                            end(life, of, Signal.KILL));
                case Event.Exited(long launch, Exit exit) -> // Cleared follows once the rest is gone too
                    to(new State.Clearing(
                            life, of, state.after().given(exit), state.again(), state.killing(), state.deadline()));
                case Event.Ready e -> stay(service); // too late
                case Event.ClockStopped e -> stay(service); // the grace of a stop is not the script's own time
                case Event.ClockResumed e -> stay(service);
            };
        }

        Step cleaningUp(State.CleaningUp state, Event event) {
            Life life = state.life();
            Run post = state.post();
            return switch (event) {
                case Event.Begin e -> to(new State.CleaningUp(life, post, state.ending(), true));
                case Event.Halt h ->
                    to(new State.CleaningUp(life, post, state.ending().halted(), false));
                case Event.Spawned(long launch, int pid) ->
                    to(new State.CleaningUp(life, post.spawned(pid), state.ending(), state.again()));
                case Event.SpawnFailed(long launch, String why) ->
                    clear(life, post, new After.Rest(postFailed(failed(post, why))), state.again());
                case Event.Exited(long launch, Exit exit) ->
                    clear(
                            life,
                            post,
                            new After.Rest(exit.success() ? state.ending() : postFailed(post.failed(exit, now))),
                            state.again());
                case Event.DeadlinePassed e ->
                    clear(life, post, new After.Rest(postFailed(tookTooLong(life, post))), state.again());
                case Event.ClockStopped e ->
                    to(new State.CleaningUp(life, post.limited(post.limit().stop(now)), state.ending(), state.again()));
                case Event.ClockResumed e ->
                    to(new State.CleaningUp(
                            life, post.limited(post.limit().resume(now)), state.ending(), state.again()));
                case Event.Cleared e -> stay(service); // nobody asked for it
                case Event.Ready e -> stay(service); // post has no readiness
            };
        }

        Step restarting(State.Restarting state, Event event) {
            return switch (event) {
                case Event.Begin(Definition definition, boolean atOnce) ->
                    atOnce ? relaunch(state.life(), 0) : stay(service); // its next attempt will do
                case Event.Halt h ->
                    state.life()
                            .map(life -> cleanUp(life, Ending.STOPPED))
                            .orElseGet(() -> to(new State.Down(Ending.STOPPED, false)));
                case Event.DeadlinePassed e -> relaunch(state.life(), state.deaths());
                // No launch is under way, so nothing of one can come.
                case Event.Spawned e -> stay(service);
                case Event.SpawnFailed e -> stay(service);
                case Event.Exited e -> stay(service);
                case Event.Cleared e -> stay(service);
                case Event.Ready e -> stay(service);
                case Event.ClockStopped e -> stay(service); // a delay is nobody's own time
                case Event.ClockResumed e -> stay(service);
            };
        }

        // The ways up.

        private Step begin(Definition definition, int deaths) {
            Life life = new Life(fresh, definition, deaths);
            Machine attempt = new Machine(service.attempting(), now, fresh);
            return definition.has(Script.PRE)
                    ? attempt.to(new State.Preparing(life, order(life, Script.PRE)), launch(life, Script.PRE))
                    : attempt.run(life);
        }

        private Step relaunch(Optional<Life> life, int deaths) {
            return life.map(l -> new Machine(service.attempting(), now, fresh)
                            .run(new Life(l.incarnation(), l.definition(), deaths)))
                    .orElseGet(() -> begin(service.latest(), deaths));
        }

        private Step run(Life life, Effect... before) {
            return life.definition().has(Script.RUN)
                    ? to(new State.Launching(life, order(life, Script.RUN)), concat(before, launch(life, Script.RUN)))
                    : to(new State.Up(life, Optional.empty()), before);
        }

        // The ways down.

        private Step runEnded(Life life, Run run, Exit exit) {
            boolean healthy = now - run.since() >= HEALTHY_NANOS;
            Life after = healthy ? new Life(life.incarnation(), life.definition(), 0) : life;
            return clear(after, run, afterRun(after, exit, run.failed(exit, now)), false);
        }

        private Step clear(Life life, Run of, After after, boolean again) {
            return to(
                    new State.Clearing(life, of, after, again, false, now + life.graceNanos()),
                    end(life, of, Signal.STOP));
        }

        private Step proceed(Life life, After after, boolean again) {
            return switch (after) {
                case After.Relaunch(Ending death) ->
                    again ? relaunch(Optional.of(life), 0) : restartLater(Optional.of(life), life, death);
                case After.Retry(Ending death) ->
                    again ? relaunch(Optional.empty(), 0) : restartLater(Optional.empty(), life, death);
                case After.CleanUp(Ending ending) ->
                    life.definition().has(Script.POST) ? post(life, ending, again) : to(new State.Down(ending, again));
                case After.Abandon(Ending ending) -> to(new State.Down(ending, again));
                case After.Rest(Ending ending) -> to(new State.Down(ending, again));
            };
        }

        private Step restartLater(Optional<Life> goesOn, Life life, Ending death) {
            long delay = delayNanos(life.definition(), life.deaths());
            return to(new State.Restarting(goesOn, life.deaths() + 1, death, now + delay));
        }

        /** From where no script is running; what an earlier one left running is found by its incarnation. */
        private Step cleanUp(Life life, Ending ending) {
            return life.definition().has(Script.POST)
                    ? post(life, ending, false)
                    : clear(life, order(life, Script.POST), new After.Rest(ending), false);
        }

        private Step post(Life life, Ending ending, boolean again) {
            return to(new State.CleaningUp(life, order(life, Script.POST), ending, again), launch(life, Script.POST));
        }

        // The policy.

        private static After preFailed(Life life, Ending ending) {
            return switch (life.definition().restart()) {
                case ALWAYS, ON_FAILURE -> new After.Retry(ending);
                case NO -> new After.Rest(ending);
            };
        }

        private static After runFailed(Life life, Ending ending) {
            return switch (life.definition().restart()) {
                case ALWAYS, ON_FAILURE -> new After.Relaunch(ending);
                case NO -> new After.CleanUp(ending);
            };
        }

        private static After afterRun(Life life, Exit exit, Ending death) {
            Ending finished = new Ending(Word.FINISHED, true, death.detail());
            return switch (life.definition().restart()) {
                case ALWAYS -> new After.Relaunch(death);
                case ON_FAILURE -> exit.success() ? new After.CleanUp(finished) : new After.Relaunch(death);
                case NO -> new After.CleanUp(exit.success() ? finished : death);
            };
        }

        private static Ending postFailed(Ending ending) {
            return new Ending(Word.FAILED, false, ending.detail());
        }

        private static Ending failed(Run run, String why) {
            return Ending.failed(run.script().fileName() + " could not be run: " + why);
        }

        private static Ending tookTooLong(Life life, Run run) {
            return Ending.failed(String.format(
                    Locale.ROOT,
                    "%s took longer than %.1f s",
                    run.script().fileName(),
                    limitNanos(life, run.script()) / 1e9));
        }

        private static long limitNanos(Life life, Script script) {
            var limit = life.definition().timeouts().get(script);
            return limit == null ? NEVER : limit.toNanos();
        }

        private static long delayNanos(Definition definition, int deaths) {
            long first = definition.restartDelay().toNanos();
            long most = definition.restartMaxDelay().toNanos();
            int doublings = Math.min(deaths, MOST_DOUBLINGS);
            return first > most >> doublings ? most : first << doublings;
        }

        // The words for it.

        private Run order(Life life, Script script) {
            long limit = limitNanos(life, script);
            return new Run(fresh, script, 0, now, limit == NEVER ? Limit.NONE : Limit.at(now + limit));
        }

        private Effect launch(Life life, Script script) {
            return new Effect.Launch(service.name(), life, fresh, script);
        }

        private Effect end(Life life, Run run, Signal signal) {
            return new Effect.End(service.name(), life, run.launch(), life.reach(), signal);
        }

        private Step to(State state, Effect... effects) {
            return new Step(service.in(state), List.of(effects));
        }

        private static Effect[] concat(Effect[] before, Effect last) {
            Effect[] all = java.util.Arrays.copyOf(before, before.length + 1);
            all[before.length] = last;
            return all;
        }
    }
}
