package bellhop.core;

import bellhop.definition.KillMode;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Processes that are not there: spawned, signalled and waited for as the core says, as slowly and as
 * badly as chance has it. News of them may come late and twice, but of one launch the end is told before
 * it is cleared, as the engine does.
 */
final class FakeKernel {

    private final VirtualClock clock;
    private final Chance chance;
    private final Consumer<Input> news;
    private final Map<Long, FakeProcess> processes = new HashMap<>();
    private final Map<Long, List<Leftover>> leftovers = new HashMap<>();
    private Consumer<FakeProcess> onStart = process -> {};
    private Consumer<FakeProcess> onEnd = process -> {};
    private final List<Runnable> adoptions = new ArrayList<>();
    private boolean calm;
    private int lastPid = 100;
    /** How many managers there were before this one: what was on its way to one of them is lost. */
    private int epoch;

    enum Reaction {
        DIES,
        EXITS_WELL,
        EXITS_BADLY,
        IGNORES
    }

    /** What a script is: the process that leads its session. */
    static final class FakeProcess {
        final ServiceName service;
        final long launch;
        final Optional<Effect.Launch> order;
        final Reaction reaction;
        boolean running;
        boolean ended;
        /** Whether its end, or that it was never spawned, has been told. */
        boolean told;

        Optional<Effect.End> end = Optional.empty();
        boolean clearing;
        /** Whether it, and all that were within reach then, were told to stop: who comes later is told nothing. */
        boolean stopIsTold;

        int requestsLeft;
        int pid;
        /** In the days of which manager it was spawned. */
        int epoch;

        FakeProcess(ServiceName service, long launch, Optional<Effect.Launch> order, Reaction reaction) {
            this.service = service;
            this.launch = launch;
            this.order = order;
            this.reaction = reaction;
        }

        Script script() {
            return order.orElseThrow().script();
        }

        long incarnation() {
            return order.orElseThrow().life().incarnation();
        }

        /** Whether it is alive, or may be for all that one knows. */
        boolean mayLive() {
            return !ended;
        }
    }

    /** What a script forked and left behind. */
    private static final class Leftover {
        final long launch;
        final boolean inGroup;
        final boolean ignoresStop;
        boolean alive = true;
        /** Whether it was told to stop, by this manager: nobody is told twice. */
        boolean told;

        Leftover(long launch, boolean inGroup, boolean ignoresStop) {
            this.launch = launch;
            this.inGroup = inGroup;
            this.ignoresStop = ignoresStop;
        }
    }

    FakeKernel(VirtualClock clock, Chance chance, Consumer<Input> news) {
        this.clock = clock;
        this.chance = chance;
        this.news = news;
    }

    /** What a script does from its start, and what becomes of its requests at its end. */
    void plays(Consumer<FakeProcess> start, Consumer<FakeProcess> end) {
        onStart = start;
        onEnd = end;
    }

    /** From now on nothing goes wrong that has not gone wrong already. */
    void calmDown() {
        calm = true;
    }

    // What the core wants.

    void launch(Effect.Launch launch) {
        Reaction reaction = chance.either(
                Reaction.DIES,
                Reaction.DIES,
                Reaction.DIES,
                Reaction.EXITS_WELL,
                Reaction.EXITS_WELL,
                Reaction.EXITS_BADLY,
                Reaction.IGNORES);
        FakeProcess process = new FakeProcess(launch.service(), launch.launch(), Optional.of(launch), reaction);
        process.epoch = epoch;
        processes.put(process.launch, process);
        if (!calm && chance.oneIn(15)) {
            later(() -> failToSpawn(process));
        } else {
            later(() -> start(process));
        }
    }

    /** Something that happens for the manager that there is now, or not at all. */
    private void later(Runnable action) {
        int now = epoch;
        clock.after(chance.delay(), () -> {
            if (now == epoch) {
                action.run();
            }
        });
    }

    /**
     * The manager is killed. What it was about to spawn it has spawned or has not; who has ended is somebody else's to
     * reap, and so gone; what it was to be told it will not be told.
     */
    void loseManager() {
        epoch++;
        adoptions.clear();
        leftovers.values().forEach(all -> all.forEach(leftover -> leftover.told = false));
        for (FakeProcess process : List.copyOf(processes.values())) {
            process.end = Optional.empty();
            process.clearing = false;
            process.stopIsTold = false;
            boolean isLost = !process.running && (process.ended || chance.oneIn(2));
            if (isLost) {
                process.ended = true;
                processes.remove(process.launch);
            } else if (!process.running) {
                start(process);
            }
        }
    }

    /** A new manager looks for the process of a launch. */
    void adopt(Effect.Adopt adopt) {
        long launch = adopt.run().launch();
        FakeProcess process = processes.computeIfAbsent(launch, l -> {
            FakeProcess gone = new FakeProcess(adopt.service(), launch, Optional.empty(), Reaction.DIES);
            gone.ended = true;
            return gone;
        });
        process.told = false; // what was told while nobody was there was told to nobody
        adoptions.add(() -> {
            if (process.running) {
                tell(process, new Event.Spawned(launch, process.pid));
            } else {
                tellEnd(process, new Exit.Unknown());
            }
        });
    }

    /** Tells what was found, before anything else happens, as the engine does. */
    void answerAdoptions() {
        int now = epoch;
        List<Runnable> answers = List.copyOf(adoptions);
        adoptions.clear();
        for (Runnable answer : answers) {
            if (now == epoch) {
                answer.run();
            }
        }
    }

    void end(Effect.End end) {
        FakeProcess process = processes.computeIfAbsent(end.launch(), launch -> neverLaunched(end));
        process.end = Optional.of(end);
        if (end.signal() == Signal.KILL || !process.stopIsTold) {
            process.stopIsTold = process.running || process.ended;
            if (process.running) {
                signal(process, end.signal());
            }
            for (Leftover leftover : withinReach(process, end)) {
                signal(leftover, end);
            }
        }
        clearIfNobodyIsLeft(process);
    }

    void reap(Effect.Reap reap) {
        FakeProcess process = processes.remove(reap.launch());
        if (process == null || !process.ended || !process.told) {
            throw new RuleBroken("only what has ended is reaped", reap.toString());
        }
    }

    // What there is.

    /** A script of this service that is alive, or may be. */
    Optional<FakeProcess> scriptThatMayLive(ServiceName service) {
        for (FakeProcess process : processes.values()) {
            if (process.service.equals(service) && process.mayLive()) {
                return Optional.of(process);
            }
        }
        return Optional.empty();
    }

    /** A script that has ended and is neither reaped nor cleared away. */
    Optional<FakeProcess> zombie() {
        return processes.values().stream().filter(process -> process.ended).findAny();
    }

    /** A process of this incarnation that is within reach of a stop. */
    boolean isAnybodyLeft(Life life) {
        return life.reach() == KillMode.ALL
                && leftoversOf(life.incarnation()).stream().anyMatch(l -> l.alive);
    }

    private List<Leftover> leftoversOf(long incarnation) {
        return leftovers.getOrDefault(incarnation, List.of());
    }

    // What happens.

    private static FakeProcess neverLaunched(Effect.End end) {
        FakeProcess process = new FakeProcess(end.service(), end.launch(), Optional.empty(), Reaction.DIES);
        process.ended = true;
        process.told = true;
        return process;
    }

    private void failToSpawn(FakeProcess process) {
        process.ended = true;
        process.told = true;
        tell(process, new Event.SpawnFailed(process.launch, "out of luck"));
        clearIfNobodyIsLeft(process);
    }

    private void start(FakeProcess process) {
        process.running = true;
        process.pid = ++lastPid;
        later(() -> tell(process, new Event.Spawned(process.launch, process.pid)));
        for (int forks = chance.oneIn(4) ? chance.between(1, 2) : 0; forks > 0; forks--) {
            fork(process);
        }
        onStart.accept(process);
    }

    private void fork(FakeProcess process) {
        fork(process.launch, process.incarnation(), chance.oneIn(2));
    }

    /** Somebody more, who is not told what others were told before, and whom KILL reaches all the same. */
    private void fork(long launch, long incarnation, boolean inGroup) {
        Leftover leftover = new Leftover(launch, inGroup, chance.oneIn(2));
        leftovers.computeIfAbsent(incarnation, i -> new ArrayList<>()).add(leftover);
        if (chance.oneIn(2)) {
            Duration life = chance.upTo(Duration.ofSeconds(20));
            clock.after(life, () -> die(leftover, incarnation));
        }
        for (FakeProcess other : List.copyOf(processes.values())) {
            other.end
                    .filter(end -> end.signal() == Signal.KILL
                            && withinReach(other, end).contains(leftover))
                    .ifPresent(end -> signal(leftover, end));
        }
    }

    /** The script ends, by itself or by a signal. */
    void exit(FakeProcess process, Exit exit) {
        if (!process.running) {
            return;
        }
        process.running = false;
        process.ended = true;
        onEnd.accept(process);
        // Of what an earlier manager has spawned the cause may not be known.
        Exit seen = epoch > process.epoch && chance.oneIn(2) ? new Exit.Unknown() : exit;
        later(() -> tellEnd(process, seen));
    }

    private void tellEnd(FakeProcess process, Exit exit) {
        if (!process.told) {
            process.told = true;
            tell(process, new Event.ScriptExited(process.launch, exit));
            clearIfNobodyIsLeft(process);
        }
    }

    private void signal(FakeProcess process, Signal signal) {
        if (signal == Signal.KILL) {
            clock.after(chance.delay(), () -> exit(process, new Exit.Killed("KILL")));
            return;
        }
        switch (process.reaction) {
            case DIES -> clock.after(chance.delay(), () -> exit(process, new Exit.Killed("TERM")));
            case EXITS_WELL -> clock.after(chance.delay(), () -> exit(process, new Exit.Exited(0)));
            case EXITS_BADLY -> clock.after(chance.delay(), () -> exit(process, new Exit.Exited(3)));
            case IGNORES -> {}
        }
    }

    /** Who takes the signal of a stop may start another to end well, and outlives whoever led it or does not. */
    private void signal(Leftover leftover, Effect.End end) {
        long incarnation = end.life().incarnation();
        if (end.signal() == Signal.KILL) {
            clock.after(chance.delay(), () -> die(leftover, incarnation));
        } else if (!leftover.told && !leftover.ignoresStop) {
            if (chance.oneIn(4)) {
                fork(leftover.launch, incarnation, leftover.inGroup);
            }
            clock.after(
                    chance.oneIn(2) ? chance.upTo(Duration.ofSeconds(5)) : chance.delay(),
                    () -> die(leftover, incarnation));
        }
        leftover.told = true;
    }

    private void die(Leftover leftover, long incarnation) {
        leftover.alive = false;
        for (FakeProcess process : List.copyOf(processes.values())) {
            if (process.end
                    .filter(end -> end.life().incarnation() == incarnation)
                    .isPresent()) {
                clearIfNobodyIsLeft(process);
            }
        }
    }

    private List<Leftover> withinReach(FakeProcess process, Effect.End end) {
        return leftoversOf(end.life().incarnation()).stream()
                .filter(leftover -> leftover.alive)
                .filter(leftover -> switch (end.reach()) {
                    case ALL -> true;
                    case GROUP -> leftover.inGroup && leftover.launch == process.launch;
                    case PROCESS -> false;
                })
                .toList();
    }

    private void clearIfNobodyIsLeft(FakeProcess process) {
        if (process.end.isEmpty() || process.clearing || !process.ended || !process.told) {
            return;
        }
        Effect.End end = process.end.get();
        if (!withinReach(process, end).isEmpty()) {
            return;
        }
        process.clearing = true;
        int leftAlive = (int) leftoversOf(end.life().incarnation()).stream()
                .filter(leftover -> leftover.alive)
                .count();
        later(() -> {
            processes.remove(process.launch);
            tell(process, new Event.Cleared(process.launch, leftAlive));
        });
    }

    /** What a script says of itself, while it runs. */
    void say(FakeProcess process, Event event) {
        if (process.running) {
            tell(process, event);
        }
    }

    /** The script of this launch, if it runs. */
    Optional<FakeProcess> running(long launch) {
        return Optional.ofNullable(processes.get(launch)).filter(process -> process.running);
    }

    /** Tells what happened; now and then it is told again later. */
    private void tell(FakeProcess process, Event event) {
        Input input = new Input.Happened(process.service, event);
        if (chance.oneIn(30)) {
            clock.after(chance.delay(), () -> news.accept(input));
        }
        news.accept(input);
    }
}
