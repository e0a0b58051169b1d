package bellhop.engine;

import bellhop.core.Effect;
import bellhop.core.Ending;
import bellhop.core.Event;
import bellhop.core.Exit;
import bellhop.core.Input;
import bellhop.core.Life;
import bellhop.core.Run;
import bellhop.core.Service;
import bellhop.core.Signal;
import bellhop.core.State;
import bellhop.core.Supervisor;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.process.Cgroups;
import bellhop.engine.process.LaunchGuard;
import bellhop.engine.process.Probes;
import bellhop.engine.process.ProcessId;
import bellhop.engine.process.Processes;
import bellhop.engine.process.ScriptCommand;
import bellhop.engine.process.ScriptEnvironment;
import bellhop.engine.process.ScriptOutput;
import bellhop.engine.process.ScriptProcess;
import bellhop.engine.process.ServiceRecord;
import bellhop.engine.readiness.HealthChecks;
import bellhop.engine.readiness.Readiness;
import bellhop.engine.readiness.RunDirectories;
import bellhop.engine.readiness.SelfReport;
import bellhop.engine.record.RecordStore;
import bellhop.linux.PosixException;
import bellhop.linux.Spawn;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongFunction;

/**
 * The one loop. It waits for processes, for other threads and for the next deadline, reports to the core what
 * happened and carries out what the core answers.
 *
 * <p>Everything here runs on the thread that called {@link #run}, unless a method says otherwise.
 * Nothing here decides anything about a service: that is {@link Supervisor}'s.
 */
public final class Engine implements AutoCloseable {

    private static final long BETWEEN_SAVES = 1_000_000_000L;
    private static final String CUT_SHORT = "stopping was cut short";

    private final Supervisor core;
    private final RecordStore store;
    private final ServiceObserver observer;
    private final ScriptOutput output;
    private final EventLoop loop;
    private final Probes probes;
    private final Readiness readiness;
    private final HealthChecks health;
    private final Processes processes;

    private final Deque<Question> inbox = new ArrayDeque<>();
    private final Map<Long, Completion> replies = new HashMap<>();
    private final Causes causes;
    /** Launches that an earlier manager left and that have not been reported yet. */
    private final Set<ServiceName> adopted = new HashSet<>();
    /** Why the record of a service is not what it should be. */
    private final Map<ServiceName, String> unsaved = new HashMap<>();
    /** The incarnation that is on record, if one lives. */
    private final Map<ServiceName, Long> recorded = new HashMap<>();

    /** When to try again to write the records that could not be, in {@link System#nanoTime}. */
    private long saveAgain;

    private long lastRequest;
    /** Services whose failure by an internal error was reported to the core in this round. */
    private final Set<ServiceName> failing = new HashSet<>();

    private boolean running;
    private boolean settling;
    /** Whether nothing that still runs is waited for. */
    private boolean killing;

    /** The next inputs of the core, each with who asked, and the request that is answered if the core fails on it. */
    private record Question(Input input, long request, Origin origin) {}

    /** Gets the answer to a request, on the loop's thread; may not block. */
    @FunctionalInterface
    public interface Completion {
        /**
         * The request is done.
         *
         * @param failures what failed, a line each; empty if nothing did
         * @param notes what else there is to say, a line each
         */
        void done(List<String> failures, List<String> notes);
    }

    /**
     * A loop that is not running yet.
     *
     * @param directories where the sockets and FIFOs are made by which services report that they are ready
     * @throws IOException if the kernel refuses what the loop waits with
     */
    public Engine(
            Supervisor core,
            RecordStore store,
            ServiceObserver observer,
            ScriptOutput output,
            ScriptEnvironment environment,
            RunDirectories directories,
            LaunchGuard guard)
            throws IOException {
        this(core, store, observer, output, environment, directories, guard, new Cgroups(observer::warn));
    }

    Engine(
            Supervisor core,
            RecordStore store,
            ServiceObserver observer,
            ScriptOutput output,
            ScriptEnvironment environment,
            RunDirectories directories,
            LaunchGuard guard,
            Cgroups cgroups)
            throws IOException {
        this.core = core;
        this.store = store;
        this.output = output;
        this.observer = observer;
        this.causes = new Causes(core);
        this.loop = new EventLoop(this::warn, this::stoodStill);
        ScriptCommand scriptCommand = new ScriptCommand(environment, cgroups);
        this.probes = new Probes(
                loop,
                (life, command, mark, out) -> Spawn.start(scriptCommand.probe(life, command, mark, out, out)),
                this::endProbe,
                this::probeGone,
                observer::warn);
        this.health = new HealthChecks(loop, probes, this::happened, observer::warn);
        this.readiness = new Readiness(
                loop, probes, health, directories, environment, ScriptCommand::userOf, this::happened, observer::warn);
        this.processes = new Processes(
                loop, output, environment, scriptCommand, guard, readiness, probes, this::happened, observer::warn);
    }

    private void endProbe(ScriptProcess probe) {
        processes.endProbe(probe);
    }

    private void probeGone(long launch) {
        processes.probeGone(launch);
    }

    /** From any thread: lets the loop do something between two events. */
    public void execute(Runnable task) {
        loop.execute(() -> {
            if (running) {
                task.run();
                settle();
            }
        });
    }

    /** All services as they are. */
    public Supervisor services() {
        return core;
    }

    /** When a service got the word that it has, monotonic nanoseconds; empty if it was never asked for here. */
    public OptionalLong since(ServiceName service) {
        return causes.since(service);
    }

    /** The report about a running service, by itself and by its probes. */
    public SelfReport report(ServiceName service) {
        return readiness.report(service).with(health.of(service));
    }

    /**
     * Asks the core for something.
     *
     * @param origin who asks, and with which words
     * @param input makes the input for the request's number
     * @return the number, by which the client can be {@link #gone}
     */
    public long request(Origin origin, LongFunction<Input> input, Completion reply) {
        long request = ++lastRequest;
        replies.put(request, reply);
        inbox.add(new Question(input.apply(request), request, origin));
        settle();
        return request;
    }

    /** Asks the core for something without waiting for the outcome. */
    public void request(Origin origin, LongFunction<Input> input) {
        inbox.add(new Question(input.apply(Input.NOBODY), Input.NOBODY, origin));
        settle();
    }

    /**
     * Looks after what an earlier manager left: another process that was killed, or this one before it executed its
     * program again. Must be called once, before anything is asked.
     */
    public void adopt(List<ServiceRecord> left) {
        if (left.isEmpty()) {
            return;
        }
        processes.inherit(left);
        for (ServiceRecord record : left) {
            Service service = record.saved().service();
            adopted.add(service.name());
            Definition definition = service.life().map(Life::definition).orElse(service.latest());
            for (Script script : Script.values()) {
                attach(definition, script);
            }
        }
        happened(new Input.Adopted(left.stream().map(ServiceRecord::saved).toList()));
        settle();
    }

    /** Reads the output of scripts that live, and what those wrote that have ended meanwhile. */
    private void attach(Definition definition, Script script) {
        try {
            output.attach(definition, script);
        } catch (IOException e) {
            observer.warn(
                    definition.name() + ": the output of " + script.fileName() + " is not read: " + e.getMessage());
        }
    }

    /**
     * Signals the process of {@code run} alone; from the loop's thread.
     *
     * @return why it was not signalled, a phrase; empty if it was
     */
    public Optional<String> signal(ServiceName name, int signal) {
        Optional<Service> service = core.service(name);
        Optional<Run> run = service.flatMap(Service::run).filter(it -> it.script() == Script.RUN);
        try {
            if (run.isPresent() && processes.signal(run.get().launch(), signal)) {
                return Optional.empty();
            }
        } catch (PosixException e) {
            return Optional.of("cannot be signalled: " + e.getMessage());
        }
        Word word = service.map(Service::word).orElse(Word.STOPPED);
        return Optional.of("there is no process of run to signal; the service is " + word.text());
    }

    /** The client of this request no longer waits; not wrong if it was answered meanwhile. */
    public void gone(long request) {
        if (replies.remove(request) != null) {
            happened(new Input.Gone(request));
            settle();
        }
    }

    /** Calls the handler on the loop's thread whenever the descriptor is ready. Returns what ends that. */
    public Runnable watch(int fd, int events, IntConsumer handler) throws IOException {
        EventLoop.Watch watch = loop.watch(fd, events, handler);
        return () -> loop.unwatch(watch);
    }

    /**
     * Does this once so much time has passed, even if this process stood still meanwhile; from the loop's thread. Returns
     * what keeps it from being done.
     */
    public Runnable after(Duration time, Runnable action) {
        return loop.afterByClock(time, action)::cancel;
    }

    /**
     * Has those heard of on the loop's thread whose {@link #report} may have changed. It may not block.
     *
     * @param listener takes the place of an earlier one
     */
    public void onReports(Consumer<ServiceName> listener) {
        readiness.onReports(listener);
        health.onReports(listener);
    }

    /** Reaps the processes that were inherited; to be called when a child has ended (SIGCHLD). */
    public void reapOrphans() {
        try {
            processes.reapOrphans();
        } catch (PosixException e) {
            observer.warn("orphans cannot be reaped yet: " + e.getMessage());
            var _ = after(Duration.ofNanos(BETWEEN_SAVES), this::reapOrphans); // no signal will tell of these again
        }
    }

    /**
     * Kills every service at once: none is waited for, in no order, and no script is run any more. From the loop's
     * thread, while everything is being stopped; that is answered as usual once nothing is left.
     */
    public void killAll() {
        killing = true;
    }

    private void killWhatIsLeft() {
        if (!killing) {
            return;
        }
        for (Service service : core.services()) {
            if (service.state() instanceof State.CleaningUp(Life life, Run post, Ending ending, boolean again)) {
                tell(service, new Event.SpawnFailed(post.launch(), CUT_SHORT));
            } else if (!(service.state() instanceof State.Down)) {
                tell(service, new Event.Halt());
            }
        }
        settle();
        for (Service service : core.services()) {
            if (service.state() instanceof State.Clearing clearing && clearing.sent() != Signal.KILL) {
                tell(service, new Event.DeadlinePassed());
            }
        }
        settle();
    }

    private void tell(Service service, Event event) {
        happened(new Input.Happened(service.name(), event));
    }

    /** Runs the loop on the calling thread until {@link #stop}. */
    public void run() {
        running = true;
        while (running) {
            failing.clear();
            loop.guarded("an event", this::await);
            settle(); // what was heard, before what is due
            loop.work();
            passTime();
            loop.guarded("the records", this::saveAgain);
            settle();
            loop.guarded("what is left", this::killWhatIsLeft);
            loop.guarded("the search for processes", processes::sweep);
            settle();
        }
    }

    private void await() throws PosixException {
        try {
            observer.roundEnds();
        } finally {
            loop.await(deadline());
        }
    }

    /**
     * Runs a program beside the services; from the loop's thread.
     *
     * @param done gets on that thread how it ended
     */
    public void tryOut(Spawn.Command command, Duration limit, Consumer<Trial> done) {
        probes.start(command, limit, outcome -> done.accept(new Trial(outcome.well(), outcome.end(), outcome.line())));
    }

    /**
     * How a program ended.
     *
     * @param well whether it exited 0 within its limit
     * @param end a phrase: {@code exited 2}, {@code timed out after 5.0 s}, or why it could not be started
     * @param output its output, a character for each byte, at most 64 KiB
     */
    public record Trial(boolean well, String end, String output) {}

    /** Why the record of some service is not what it should be, if so. */
    public Optional<String> unsaved() {
        return unsaved.entrySet().stream()
                .findFirst()
                .map(entry -> entry.getKey() + ": its record cannot be written: " + entry.getValue());
    }

    /**
     * Ends what belongs to this program alone, so that another one can look after the services; after {@link #run} and
     * instead of {@link #close}. What services have, in the run dir and elsewhere, stays as it is.
     */
    public void leave() throws IOException {
        closeProbes();
        readiness.abandon();
        processes.leave();
        loop.close();
    }

    /** Lets {@link #run} return; from the loop's thread. What still runs, runs on; no further task is begun. */
    public void stop() {
        running = false;
    }

    private long deadline() {
        if (processes.isSweepDue()) {
            return System.nanoTime();
        }
        return unsaved.isEmpty() ? core.nextDeadline() : Math.min(core.nextDeadline(), saveAgain);
    }

    private void stoodStill(long nanos) {
        happened(new Input.StoodStill(nanos));
        settle();
    }

    private void passTime() {
        if (core.nextDeadline() <= loop.woke()) {
            happened(new Input.TimePassed(loop.woke()));
        }
    }

    private void saveAgain() {
        if (unsaved.isEmpty() || System.nanoTime() < saveAgain) {
            return;
        }
        saveAgain = System.nanoTime() + BETWEEN_SAVES;
        for (ServiceName name : List.copyOf(unsaved.keySet())) {
            core.service(name).ifPresent(service -> save(core.record(name)));
        }
    }

    /**
     * Tells the core what has come in, and does what it says, until there is nothing left. What comes in
     * meanwhile waits its turn, so that effects are carried out in the order in which they were decided.
     */
    private void settle() {
        if (settling) {
            return;
        }
        settling = true;
        try {
            for (Question next = inbox.poll(); next != null; next = inbox.poll()) {
                for (Effect effect : decided(next)) {
                    guarded(effect);
                }
            }
        } finally {
            settling = false;
        }
    }

    /**
     * Passes this to the core. If the core fails, the client gets an error, and its request is withdrawn; a service
     * to which something happened has failed.
     */
    private List<Effect> decided(Question asked) {
        try {
            announceEnd(asked.input());
            causes.handling(asked.input(), asked.origin());
            List<Effect> effects = core.handle(asked.input(), System.nanoTime());
            causes.handled();
            if (!isRefused(asked.request(), effects)) {
                announceStop(asked);
            }
            return effects;
        } catch (RuntimeException | Error e) {
            String what = warn(asked.input(), e);
            Completion reply = replies.remove(asked.request());
            if (reply != null) {
                happened(new Input.Gone(asked.request()));
                loop.guarded(shown(asked.input()), () -> reply.done(List.of("internal error: " + e), List.of()));
            }
            if (asked.input() instanceof Input.Happened(ServiceName service, Event event)) {
                fail(service, what);
            }
            return List.of();
        }
    }

    private static boolean isRefused(long request, List<Effect> effects) {
        return request != Input.NOBODY
                && effects.stream()
                        .anyMatch(effect ->
                                effect instanceof Effect.Answer(long of, List<String> failures, List<String> _)
                                        && of == request
                                        && !failures.isEmpty());
    }

    private void announceStop(Question asked) {
        if (asked.input() instanceof Input.StopRequest stop) {
            observer.stopping(stop.services());
        } else if (asked.input() instanceof Input.StopAllRequest) {
            observer.stoppingEverything(asked.origin());
        }
    }

    private void announceEnd(Input input) {
        if (input instanceof Input.Happened(ServiceName name, Event.OfLaunch event)) {
            core.service(name)
                    .flatMap(Service::run)
                    .filter(run -> run.launch() == event.launch())
                    .ifPresent(run -> announce(name, run, event));
        }
    }

    private void announce(ServiceName name, Run run, Event.OfLaunch event) {
        if (event instanceof Event.ScriptExited(long _, Exit exit)) {
            observer.exited(name, run, exit);
        } else if (event instanceof Event.SpawnFailed(long _, String why)) {
            observer.failed(name, why);
        } else if (event instanceof Event.Unhealthy(long _, String why)) {
            observer.failed(name, why);
        }
    }

    private void happened(Input input) {
        inbox.add(new Question(input, Input.NOBODY, Origin.NONE));
    }

    /** A service for which something could not be done as it was decided has failed; the others go on. */
    private void guarded(Effect effect) {
        try {
            carryOut(effect);
        } catch (RuntimeException | Error e) {
            String what = warn(effect, e);
            service(effect).ifPresent(service -> fail(service, what));
        }
    }

    private static Optional<ServiceName> service(Effect effect) {
        return switch (effect) {
            case Effect.Save save -> Optional.of(save.service().name());
            case Effect.Warn _, Effect.Answer _ -> Optional.empty();
            case Effect.OfService other -> Optional.of(other.service());
        };
    }

    /** Tells the core that it has failed, once for all that goes wrong with it until the loop waits again. */
    private void fail(ServiceName name, String what) {
        if (failing.add(name)) {
            core.service(name).flatMap(service -> failure(service, what)).ifPresent(event -> {
                happened(new Input.Happened(name, event));
            });
        }
    }

    /** The event as if its script had failed by itself; empty if it runs none, or is on its way down. */
    private static Optional<Event> failure(Service service, String what) {
        return switch (service.state()) {
            case State.Requiring(Life life) -> Optional.of(new Event.Lacking(life.incarnation(), what));
            case State.Preparing s -> Optional.of(new Event.SpawnFailed(s.pre().launch(), what));
            case State.Launching s -> Optional.of(new Event.SpawnFailed(s.run().launch(), what));
            case State.Up s -> s.run().map(run -> new Event.Unhealthy(run.launch(), what));
            case State.CleaningUp s ->
                Optional.of(new Event.SpawnFailed(s.post().launch(), what));
            case State.Clearing _, State.Leaving _ -> Optional.empty(); // its deadline comes
            case State.Restarting _, State.Down _ -> Optional.empty();
        };
    }

    private String warn(Object cause, Throwable e) {
        String where = Arrays.stream(e.getStackTrace())
                .findFirst()
                .map(at -> " at " + at)
                .orElse("");
        String what = "internal error at " + shown(cause) + ": " + e + where;
        try {
            observer.warn(what);
        } catch (RuntimeException | Error unheard) {
            // The observer has failed, too.
        }
        return what;
    }

    /** In as many words as one needs to find it: services and definitions are long. */
    private static String shown(Object cause) {
        return switch (cause) {
            case Input.Happened(ServiceName service, Event event) -> service + ": " + name(event);
            case Effect effect -> service(effect).map(service -> service + ": ").orElse("") + name(effect);
            case Input input -> name(input);
            default -> cause.toString();
        };
    }

    private static String name(Object thing) {
        return thing.getClass().getSimpleName();
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Save save -> save(save);
            case Effect.Adopt adopt -> processes.adopt(adopt);
            case Effect.Launch launch -> launch(launch);
            case Effect.End end -> processes.end(end);
            case Effect.CheckHealth check -> health.begin(check);
            case Effect.Reap reap -> processes.reap(reap);
            case Effect.Warn(ServiceName service, String what) -> observer.warn(service + ": " + what);
            case Effect.Answer(long request, List<String> failures, List<String> notes) -> {
                Completion reply = replies.remove(request);
                if (reply != null) {
                    reply.done(failures, notes);
                }
            }
        }
    }

    /**
     * A launch that is not on record is not begun: a later manager could not know of it. Once an incarnation is,
     * its processes can be found by its number, so that it goes on, and is cleaned up after, without room.
     */
    private void launch(Effect.Launch launch) {
        if (killing) {
            processes.fail(launch, CUT_SHORT);
            return;
        }
        String why = unsaved.get(launch.service());
        boolean known = Long.valueOf(launch.life().incarnation()).equals(recorded.get(launch.service()));
        if (why == null || known) {
            processes.launch(launch);
        } else {
            processes.fail(launch, "its start could not be recorded: " + why);
        }
    }

    private void save(Effect.Save save) {
        Service service = save.service();
        ServiceName name = service.name();
        ProcessId process =
                service.run().map(run -> processes.process(run.launch())).orElse(ProcessId.NONE);
        try {
            store.save(save, process);
            recorded.put(name, service.life().map(Life::incarnation).orElse(0L));
            if (unsaved.remove(name) != null) {
                observer.warn(name + ": its record can be written again");
            }
        } catch (IOException e) {
            if (unsaved.put(name, String.valueOf(e.getMessage())) == null) {
                observer.warn(name + ": its record could not be written: " + e.getMessage());
            }
        }
        if (adopted.remove(name)) {
            observer.adopted(service);
            observer.noted(causes.adopted(save));
            return;
        }
        ServiceChange news = causes.news(save, System.nanoTime());
        if (news != null) {
            observer.changed(service);
            observer.noted(news);
        }
    }

    private void closeProbes() {
        probes.endAll();
        processes.sweepNow();
        probes.close();
    }

    @Override
    public void close() throws IOException {
        closeProbes();
        readiness.close();
        processes.close();
        loop.close();
    }
}
