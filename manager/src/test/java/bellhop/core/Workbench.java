package bellhop.core;

import bellhop.definition.Definition;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/**
 * A supervisor with a kernel that does as it is told: what is launched runs at once and until the test
 * ends it, what is signalled dies at once and leaves nobody. A test says what is to be otherwise.
 */
final class Workbench {

    private final Supervisor supervisor = new Supervisor(1, () -> "secret");
    private final Map<ServiceName, Definition> definitions = new HashMap<>();
    private final Map<Long, FakeProcess> processes = new HashMap<>();
    private final Map<ServiceName, List<Effect.Launch>> launches = new HashMap<>();
    private final Map<Long, Effect.Answer> answers = new HashMap<>();
    private final Deque<Input> inbox = new ArrayDeque<>();
    private final Set<ServiceName> unspawnable = new HashSet<>();
    private final Set<ServiceName> slowToSpawn = new HashSet<>();
    private final Set<ServiceName> stubborn = new HashSet<>();
    private final Set<ServiceName> leavingSomebody = new HashSet<>();
    private final List<Effect> effects = new ArrayList<>();
    private long now = Duration.ofHours(1).toNanos();
    private long lastRequest;
    private int lastPid = 1000;

    private static final class FakeProcess {
        boolean spawned;
        boolean ended;
        boolean ending;

        /** Stands for what was never spawned. */
        static FakeProcess nobody() {
            FakeProcess nobody = new FakeProcess();
            nobody.ended = true;
            return nobody;
        }
    }

    /** A request that was made. */
    record Ticket(Workbench bench, long number) {
        Optional<Effect.Answer> answer() {
            return Optional.ofNullable(bench.answers.get(number));
        }

        void goAway() {
            bench.tell(new Input.Gone(number));
        }
    }

    // Services.

    /** A service with these scripts beside {@code run}. */
    Workbench service(String name, Script... scripts) {
        return service(Draft.of(name).with(scripts));
    }

    /** A service; or what its directory says from now on. */
    Workbench service(Draft draft) {
        Definition definition = draft.definition();
        definitions.put(definition.name(), definition);
        return this;
    }

    /** Nothing of it can be spawned. */
    Workbench unspawnable(String name) {
        unspawnable.add(Draft.name(name));
        return this;
    }

    /** It takes until {@link #spawned} to know whether its scripts were spawned. */
    Workbench slowToSpawn(String name) {
        slowToSpawn.add(Draft.name(name));
        return this;
    }

    /** Its scripts ignore the stop signal. */
    Workbench stubborn(String name) {
        stubborn.add(Draft.name(name));
        return this;
    }

    /** Its scripts leave somebody behind who ignores the stop signal, until {@link #cleared}. */
    Workbench leavingSomebody(String name) {
        leavingSomebody.add(Draft.name(name));
        return this;
    }

    // Requests.

    /** Who asks for something. */
    record Client(Workbench bench, Caller caller) {

        Ticket start(String... names) {
            return bench.ask(number -> new Input.StartRequest(number, caller, bench.definitions(names)));
        }

        Ticket stop(String... names) {
            return bench.ask(number -> new Input.StopRequest(
                    number, caller, Stream.of(names).map(Draft::name).toList()));
        }

        Ticket restart(String... names) {
            return bench.ask(number -> new Input.RestartRequest(number, caller, bench.definitions(names)));
        }

        Ticket stopAll() {
            return bench.ask(number -> new Input.StopAllRequest(number, caller));
        }

        Ticket require(String name) {
            return require(Optional.empty(), name);
        }

        Ticket requireAs(String owner, String name) {
            return require(Optional.of(new Owner.Label(owner)), name);
        }

        private Ticket require(Optional<Owner> owner, String name) {
            return bench.ask(number -> new Input.RequireRequest(
                    number, caller, owner, bench.definitions(name).getFirst()));
        }

        /** A plugin does, for what it finds present. */
        Ticket requireFor(Owner.Device device, String name) {
            return require(Optional.of(device), name);
        }

        Ticket releaseFor(Owner.Device device, String name) {
            return release(Optional.of(device), name);
        }

        Ticket release(String name) {
            return release(Optional.empty(), name);
        }

        Ticket releaseAs(String owner, String name) {
            return release(Optional.of(new Owner.Label(owner)), name);
        }

        private Ticket release(Optional<Owner> owner, String name) {
            return bench.ask(number -> new Input.ReleaseRequest(number, caller, owner, Draft.name(name)));
        }
    }

    Client operator() {
        return new Client(this, new Caller.Operator());
    }

    /** The script that this service runs now. */
    Client scriptOf(String name) {
        return script(name, serviceNow(name).life().orElseThrow().incarnation());
    }

    Client script(String name, long incarnation) {
        return new Client(this, new Caller.ScriptCaller(Draft.name(name), incarnation));
    }

    Ticket start(String... names) {
        return operator().start(names);
    }

    Ticket stop(String... names) {
        return operator().stop(names);
    }

    Ticket restart(String... names) {
        return operator().restart(names);
    }

    Ticket stopAll() {
        return operator().stopAll();
    }

    Ticket require(String name) {
        return operator().require(name);
    }

    Ticket release(String name) {
        return operator().release(name);
    }

    // What happens.

    /** Their directories are read, and begin nothing. */
    Workbench read(String... names) {
        return tell(new Input.Read(definitions(names), Map.of()));
    }

    /** Its directory is read and cannot be used. */
    Workbench readUnusable(String name, String why) {
        return tell(new Input.Read(List.of(), Map.of(Draft.name(name), why)));
    }

    Workbench ready(String name) {
        return tell(name, new Event.BecameReady(launch(name)));
    }

    Workbench pinged(String name) {
        return tell(name, new Event.Pinged(launch(name)));
    }

    Workbench extended(String name, Duration time) {
        return tell(name, new Event.Extended(launch(name), time.toNanos()));
    }

    Workbench leaving(String name) {
        return tell(name, new Event.StopAnnounced(launch(name)));
    }

    Workbench unhealthy(String name, String why) {
        return tell(name, new Event.Unhealthy(launch(name), why));
    }

    /** Starts them, and lets each {@code pre} succeed. */
    Workbench up(String... names) {
        for (String name : names) {
            start(name);
            succeeds(name, Script.PRE);
        }
        return this;
    }

    /** If the service is at this script, it exits 0. */
    Workbench succeeds(String name, Script script) {
        if (serviceNow(name).run().map(Run::script).equals(Optional.of(script))) {
            exits(name, 0);
        }
        return this;
    }

    /** The script that runs now exits. */
    Workbench exits(String name, int code) {
        return ends(name, new Exit.Exited(code));
    }

    /** The script that runs now ends. */
    Workbench ends(String name, Exit exit) {
        long launch = launch(name);
        ServiceName service = Draft.name(name);
        Objects.requireNonNull(processes.get(launch)).ended = true;
        tell(name, new Event.ScriptExited(launch, exit));
        if (!leavingSomebody.contains(service)) {
            clear(service, launch);
            tellAll();
        }
        return this;
    }

    /** Whom the last script left behind is gone. */
    Workbench cleared(String name) {
        clear(Draft.name(name), launch(name));
        tellAll();
        return this;
    }

    /** The script that was launched last is spawned. */
    Workbench spawned(String name) {
        long launch = launch(name);
        Objects.requireNonNull(processes.get(launch)).spawned = true;
        return tell(name, new Event.Spawned(launch, ++lastPid));
    }

    Workbench tell(String name, Event event) {
        return tell(new Input.Happened(Draft.name(name), event));
    }

    Workbench tell(Input input) {
        inbox.add(input);
        tellAll();
        return this;
    }

    private void tellAll() {
        for (Input next = inbox.poll(); next != null; next = inbox.poll()) {
            List<Effect> todo = supervisor.handle(next, now);
            effects.addAll(todo);
            todo.forEach(this::carryOut);
        }
    }

    /** Time passes; each deadline is told when it comes. */
    Workbench pass(Duration time) {
        long end = now + time.toNanos();
        while (supervisor.nextDeadline() <= end) {
            now = Math.max(now, supervisor.nextDeadline());
            tell(new Input.TimePassed(now));
        }
        now = end;
        return this;
    }

    /** Time passes while the loop is busy; it is told once, at the end. */
    Workbench passUnnoticed(Duration time) {
        return passUnnoticed(time, now + time.toNanos());
    }

    /** The same, where the loop woke before it was busy. */
    Workbench passUnnoticed(Duration time, long woke) {
        now += time.toNanos();
        return tell(new Input.TimePassed(woke));
    }

    /** Time passes while the manager stands still, and perhaps all others too. */
    Workbench standStill(Duration time) {
        now += time.toNanos();
        return tell(new Input.StoodStill(time.toNanos()));
    }

    // What is seen.

    long now() {
        return now;
    }

    Supervisor supervisor() {
        return supervisor;
    }

    Service serviceNow(String name) {
        return supervisor.service(Draft.name(name)).orElseThrow(() -> new AssertionError(name + " is unknown"));
    }

    /** The number of the script that runs now. */
    long launch(String name) {
        return serviceNow(name)
                .run()
                .orElseThrow(() -> new AssertionError(name + " runs nothing"))
                .launch();
    }

    long incarnation(String name) {
        return serviceNow(name)
                .life()
                .orElseThrow(() -> new AssertionError(name + " does not live"))
                .incarnation();
    }

    /** Every script of the service that was ever told to run. */
    List<Effect.Launch> launches(String name) {
        return launches.getOrDefault(Draft.name(name), List.of());
    }

    /** Everything that was to be done since the last call. */
    List<Effect> takeEffects() {
        List<Effect> taken = List.copyOf(effects);
        effects.clear();
        return taken;
    }

    private List<Definition> definitions(String... names) {
        return Stream.of(names)
                .map(Draft::name)
                .map(name -> definitions.computeIfAbsent(name, n -> Draft.of(n).definition()))
                .toList();
    }

    private Ticket ask(LongFunction<Input> input) {
        long number = ++lastRequest;
        tell(input.apply(number));
        return new Ticket(this, number);
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Launch launch -> launch(launch);
            case Effect.End end -> end(end);
            case Effect.Reap(ServiceName service, long launch) -> processes.remove(launch);
            case Effect.Answer answer -> {
                if (answers.put(answer.request(), answer) != null) {
                    throw new AssertionError("answered twice: " + answer);
                }
            }
            case Effect.Save save -> {}
            case Effect.Adopt adopt -> {}
            case Effect.Warn warn -> {}
            case Effect.CheckHealth check -> {}
        }
    }

    private void launch(Effect.Launch launch) {
        launches.computeIfAbsent(launch.service(), name -> new ArrayList<>()).add(launch);
        if (unspawnable.contains(launch.service())) {
            inbox.add(new Input.Happened(launch.service(), new Event.SpawnFailed(launch.launch(), "no such file")));
            return;
        }
        FakeProcess process = new FakeProcess();
        processes.put(launch.launch(), process);
        if (!slowToSpawn.contains(launch.service())) {
            process.spawned = true;
            inbox.add(new Input.Happened(launch.service(), new Event.Spawned(launch.launch(), ++lastPid)));
        }
    }

    private void end(Effect.End end) {
        FakeProcess process = processes.computeIfAbsent(end.launch(), launch -> FakeProcess.nobody());
        process.ending = true;
        boolean obeys = process.spawned && !(stubborn.contains(end.service()) && end.signal() == Signal.STOP);
        if (!process.ended && obeys) {
            process.ended = true;
            String signal = switch (end.signal()) {
                case STOP -> "TERM";
                case ABORT -> "ABRT";
                case KILL -> "KILL";
            };
            inbox.add(new Input.Happened(end.service(), new Event.ScriptExited(end.launch(), new Exit.Killed(signal))));
        }
        if (end.signal() == Signal.KILL || !leavingSomebody.contains(end.service())) {
            clear(end.service(), end.launch());
        }
    }

    /** Once the process has ended and nobody is to be waited for. */
    private void clear(ServiceName service, long launch) {
        FakeProcess process = processes.get(launch);
        if (process != null && process.ending && process.ended) {
            processes.remove(launch);
            inbox.add(new Input.Happened(service, new Event.Cleared(launch, 0)));
        }
    }
}
