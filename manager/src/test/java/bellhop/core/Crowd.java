package bellhop.core;

import bellhop.core.FakeKernel.FakeProcess;
import bellhop.definition.Definition;
import bellhop.definition.Ready;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Everybody who asks for something: the operator, scripts of live incarnations while they run, what is left
 * of earlier ones, and liars.
 */
final class Crowd {

    private static final List<Owner> OWNERS =
            List.of(new Owner.Label("backup"), new Owner.Label("wifi:wlan0"), new Owner.Device("wifi", "wlan0"));

    private final World world;
    private final Chance chance;
    private final VirtualClock clock;
    private final FakeKernel kernel;
    private final Map<Long, Asked> asked = new HashMap<>();
    private final List<Caller> ghosts = new ArrayList<>();
    /** Who did not wait for an answer. */
    private final Set<Long> gone = new HashSet<>();

    private long lastRequest;
    private int stillToAsk;
    private boolean calm;

    /** A request that was made, and what its script does once it is answered. */
    private record Asked(Optional<FakeProcess> script, Runnable afterwards) {}

    Crowd(World world, Chance chance, VirtualClock clock, FakeKernel kernel) {
        this.world = world;
        this.chance = chance;
        this.clock = clock;
        this.kernel = kernel;
    }

    /** The operator begins. */
    void gather() {
        stillToAsk = chance.either(2, 4, 6, 8, 12, 20);
        clock.after(Duration.ZERO, this::askNext);
    }

    boolean isBusy() {
        return stillToAsk > 0;
    }

    /** From now on nobody asks for anything, and scripts do well. */
    void calmDown() {
        calm = true;
    }

    void stopEverything() {
        clock.after(
                Duration.ZERO,
                () -> ask(
                        number -> new Input.StopAllRequest(number, new Caller.Operator()), Optional.empty(), () -> {}));
    }

    private void askNext() {
        if (calm || stillToAsk == 0) {
            return;
        }
        stillToAsk--;
        Caller caller = anybody();
        if (chance.oneIn(15)) {
            world.tell(request(Input.NOBODY, caller, false, anyone()));
        } else {
            ask(number -> request(number, caller, false, anyone()), Optional.empty(), () -> {});
        }
        clock.after(chance.oneIn(4) ? chance.upTo(Duration.ofSeconds(8)) : chance.delay(), this::askNext);
    }

    private Caller anybody() {
        if (!ghosts.isEmpty() && chance.oneIn(8)) {
            return chance.of(ghosts);
        }
        if (chance.oneIn(12)) {
            return new Caller.ScriptCaller(chance.of(world.names()), chance.between(1, 30));
        }
        return new Caller.Operator();
    }

    /** What a script does from its start. */
    void perform(FakeProcess script) {
        ghosts.add(new Caller.ScriptCaller(script.service, script.incarnation()));
        if (script.script() == Script.RUN) {
            getReady(script);
        }
        script.requestsLeft = chance.either(0, 0, 1, 1, 2, 3);
        goOn(script);
    }

    private static boolean isJob(Definition definition) {
        return definition.ready().orElse(null) instanceof Ready.Finished;
    }

    private void getReady(FakeProcess script) {
        Definition definition = script.order.orElseThrow().life().definition();
        boolean limited = definition.timeouts().containsKey(Script.RUN);
        boolean never = !calm && limited && chance.oneIn(8);
        if (definition.ready().isEmpty() || isJob(definition) || never) {
            return;
        }
        if (chance.oneIn(6)) {
            long nanos = chance.upTo(Duration.ofSeconds(20)).toNanos();
            clock.after(chance.delay(), () -> kernel.say(script, new Event.Extended(script.launch, nanos)));
        }
        clock.after(calm ? Duration.ZERO : chance.delay(), () -> {
            kernel.say(script, new Event.BecameReady(script.launch));
            if (definition.ready().get() instanceof Ready.Notify(Optional<Duration> watchdog)) {
                watchdog.ifPresentOrElse(
                        time -> ping(script, time.dividedBy(2)), () -> ping(script, Duration.ofSeconds(7)));
            }
        });
    }

    /** Gives signs of life until it hangs. */
    private void ping(FakeProcess script, Duration interval) {
        if (script.running && (calm || !chance.oneIn(12))) {
            clock.after(interval, () -> {
                kernel.say(script, new Event.Pinged(script.launch));
                ping(script, interval);
            });
        }
    }

    /** A health check has begun. */
    void check(Effect.CheckHealth check) {
        if (!calm && chance.oneIn(3)) {
            clock.after(
                    chance.upTo(Duration.ofSeconds(15)),
                    () -> kernel.running(check.launch())
                            .ifPresent(script -> kernel.say(script, new Event.Unhealthy(check.launch(), "it is ill"))));
        }
    }

    private void goOn(FakeProcess script) {
        if (!script.running) {
            return;
        }
        if (script.requestsLeft > 0 && !calm) {
            script.requestsLeft--;
            clock.after(chance.delay(), () -> ask(script));
        } else {
            finish(script);
        }
    }

    private void ask(FakeProcess script) {
        if (!script.running || calm) {
            goOn(script);
            return;
        }
        Caller caller = new Caller.ScriptCaller(script.service, script.incarnation());
        Kind kind = kindFor(script.script());
        boolean waits = !chance.oneIn(5);
        Runnable afterwards = () -> clock.after(chance.delay(), () -> goOn(script));
        ask(number -> request(number, caller, true, kind), Optional.of(script), waits ? afterwards : () -> {});
        if (!waits) {
            goOn(script);
        }
    }

    private void finish(FakeProcess script) {
        switch (script.script()) {
            case PRE, POST -> finishSoon(script);
            case RUN -> {
                boolean isJob = isJob(script.order.orElseThrow().life().definition());
                if (isJob && calm) {
                    clock.after(chance.delay(), () -> kernel.exit(script, new Exit.Exited(0)));
                } else if (isJob || (!calm && chance.oneIn(2))) {
                    Exit exit = chance.either(
                            new Exit.Exited(0),
                            new Exit.Exited(1),
                            new Exit.Exited(3),
                            new Exit.Killed("SEGV"),
                            new Exit.OutOfMemory(new Exit.Killed("SEGV")),
                            new Exit.Unknown());
                    Duration life = chance.oneIn(4) ? chance.upTo(Duration.ofSeconds(15)) : chance.delay();
                    clock.after(life, () -> end(script, exit, isJob));
                }
            }
        }
    }

    /** Some say so before they go, and some of these never do. */
    private void end(FakeProcess script, Exit exit, boolean isJob) {
        if (isJob || !chance.oneIn(4)) {
            kernel.exit(script, exit);
            return;
        }
        kernel.say(script, new Event.StopAnnounced(script.launch));
        if (chance.oneIn(4)) {
            kernel.say(
                    script,
                    new Event.Extended(script.launch, Duration.ofSeconds(5).toNanos()));
        }
        if (!chance.oneIn(5)) {
            clock.after(chance.delay(), () -> kernel.exit(script, exit));
        }
    }

    private void finishSoon(FakeProcess script) {
        boolean limited =
                script.order.orElseThrow().life().definition().timeouts().containsKey(script.script());
        if (!calm && limited && chance.oneIn(8)) {
            return; // hangs
        }
        Exit exit = !calm && chance.oneIn(6)
                ? chance.either(new Exit.Exited(1), new Exit.Killed("SEGV"))
                : new Exit.Exited(0);
        clock.after(chance.delay(), () -> kernel.exit(script, exit));
    }

    /** A script has ended; most of its clients die with it. */
    void bury(FakeProcess script) {
        asked.forEach((number, request) -> {
            if (request.script.equals(Optional.of(script)) && !chance.oneIn(4)) {
                clock.after(chance.delay(), () -> leave(number));
            }
        });
    }

    private void leave(long number) {
        gone.add(number);
        world.tell(new Input.Gone(number));
    }

    /** A request was answered. */
    void hear(Effect.Answer answer) {
        Asked request = asked.remove(answer.request());
        if (request != null) {
            request.afterwards.run();
        }
    }

    /** There is no manager: whoever waits is told so. */
    void loseManager() {
        List<Asked> lost = List.copyOf(asked.values());
        asked.clear();
        lost.forEach(request -> request.afterwards.run());
    }

    /** The requests for whose answers somebody waits. */
    Set<Long> waiting() {
        Set<Long> waiting = new HashSet<>(asked.keySet());
        waiting.removeAll(gone);
        return waiting;
    }

    // Requests.

    private enum Kind {
        START,
        STOP,
        RESTART,
        STOP_ALL,
        READ,
        REQUIRE,
        RELEASE
    }

    private interface Request {
        Input with(long number);
    }

    private void ask(Request request, Optional<FakeProcess> script, Runnable afterwards) {
        long number = ++lastRequest;
        Input input = request.with(number);
        if (input instanceof Input.Read) {
            world.tell(input);
            afterwards.run();
            return;
        }
        asked.put(number, new Asked(script, afterwards));
        world.tell(input);
        if (!calm && script.isEmpty() && chance.oneIn(8)) {
            clock.after(chance.delay(), () -> leave(number));
        }
    }

    private Kind anyone() {
        int die = chance.below(100);
        if (die < 32) {
            return Kind.START;
        }
        if (die < 52) {
            return Kind.STOP;
        }
        if (die < 62) {
            return Kind.RESTART;
        }
        if (die < 66) {
            return Kind.STOP_ALL;
        }
        if (die < 70) {
            return Kind.READ;
        }
        return die < 84 ? Kind.REQUIRE : Kind.RELEASE;
    }

    private Kind kindFor(Script script) {
        if (chance.oneIn(4)) {
            return anyone();
        }
        return switch (script) {
            case PRE -> Kind.REQUIRE;
            case RUN -> chance.either(Kind.REQUIRE, Kind.RELEASE);
            case POST -> Kind.RELEASE;
        };
    }

    private Input request(long number, Caller caller, boolean single, Kind kind) {
        return switch (kind) {
            case START -> new Input.StartRequest(number, caller, definitions(single));
            case STOP -> new Input.StopRequest(number, caller, some(single));
            case RESTART -> new Input.RestartRequest(number, caller, definitions(single));
            case READ -> world.readAll();
            case STOP_ALL -> new Input.StopAllRequest(number, caller);
            case REQUIRE -> new Input.RequireRequest(number, caller, owner(), world.read(chance.of(world.names())));
            case RELEASE -> release(number, caller);
        };
    }

    private List<ServiceName> some(boolean single) {
        int count = single || !chance.oneIn(4) ? 1 : chance.between(2, 3);
        return IntStream.range(0, count).mapToObj(i -> chance.of(world.names())).toList();
    }

    private List<Definition> definitions(boolean single) {
        return some(single).stream().distinct().map(world::read).toList();
    }

    private Optional<Owner> owner() {
        if (!chance.oneIn(6)) {
            return Optional.empty();
        }
        return Optional.of(
                chance.oneIn(2)
                        ? chance.of(OWNERS)
                        : new Owner.Label(chance.of(world.names()).toString()));
    }

    /** Mostly of something that is held. */
    private Input release(long number, Caller caller) {
        Optional<Owner> named = owner();
        for (ServiceName name : world.names()) {
            for (Owner owner : world.supervisor().holders(name)) {
                boolean own = named.isEmpty()
                        ? owner.equals(ownerOf(caller))
                        : owner.toString().equals(named.get().toString());
                if (own && !chance.oneIn(4)) {
                    return new Input.ReleaseRequest(number, caller, named, name);
                }
            }
        }
        return new Input.ReleaseRequest(number, caller, named, chance.of(world.names()));
    }

    private static Owner ownerOf(Caller caller) {
        return switch (caller) {
            case Caller.Operator o -> Owner.OPERATOR;
            case Caller.ScriptCaller(ServiceName name, long incarnation) -> new Owner.Incarnation(name, incarnation);
        };
    }
}
