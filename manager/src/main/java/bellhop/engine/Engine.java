package bellhop.engine;

import bellhop.core.Input;
import bellhop.core.Lifecycle;
import bellhop.core.Lifecycle.Effect;
import bellhop.core.Lifecycle.Life;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.definition.ServiceName;
import bellhop.linux.PosixException;
import bellhop.linux.Spawn;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntConsumer;
import java.util.function.LongFunction;

/**
 * The one loop. It waits for processes, for other threads and for the next deadline, tells the core what
 * happened and carries out what the core answers.
 *
 * <p>Everything here runs on the thread that called {@link #run}, except where a method says otherwise.
 * Nothing here decides anything about a service: that is {@link Supervisor}'s.
 */
public final class Engine implements AutoCloseable {

    private static final long BETWEEN_SAVES = 1_000_000_000L;

    private final Supervisor core;
    private final Store store;
    private final Listener listener;
    private final Poller poller;
    private final Timers timers = new Timers();
    private final Probes probes;
    private final Readiness readiness;
    private final HealthChecks health;
    private final Processes processes;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Deque<Asked> inbox = new ArrayDeque<>();
    private final Map<Long, Reply> replies = new HashMap<>();
    private final Map<ServiceName, String> shown = new HashMap<>();
    /** Why the record of a service is not what it should be. */
    private final Map<ServiceName, String> unsaved = new HashMap<>();
    /** The incarnation that is on record, where one lives. */
    private final Map<ServiceName, Long> recorded = new HashMap<>();

    /** When to try again to write the records that could not be, in {@link System#nanoTime}. */
    private long saveAgain;

    private long lastRequest;
    private boolean running;
    private boolean settling;

    /** What the core is told next, and the request that is answered if the core fails on it. */
    private record Asked(Input input, long request) {}

    /** Gets the answer to a request, on the loop's thread; may not block. */
    @FunctionalInterface
    public interface Reply {
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
     * @param folders where sockets and FIFOs are made by which services tell that they are ready
     * @throws IOException if the kernel refuses what the loop waits with
     */
    public Engine(
            Supervisor core,
            Store store,
            Listener listener,
            Outlet outlet,
            ScriptEnvironment environment,
            ServiceFolder folders,
            LaunchGuard guard)
            throws IOException {
        this(core, store, listener, outlet, environment, folders, guard, new Cgroups(listener::warn));
    }

    Engine(
            Supervisor core,
            Store store,
            Listener listener,
            Outlet outlet,
            ScriptEnvironment environment,
            ServiceFolder folders,
            LaunchGuard guard,
            Cgroups cgroups)
            throws IOException {
        this.core = core;
        this.store = store;
        this.listener = listener;
        this.poller = new Poller();
        Launcher launcher = new Launcher(environment, cgroups);
        this.probes = new Probes(
                poller,
                timers,
                (life, command, out) -> Spawn.start(launcher.probe(life, command, out, out)),
                this::probeGone,
                listener::warn);
        this.readiness = new Readiness(
                poller, timers, probes, folders, environment, Launcher::userOf, this::happened, listener::warn);
        this.health = new HealthChecks(timers, probes, this::happened);
        this.processes = new Processes(
                poller,
                outlet,
                environment,
                launcher,
                guard,
                readiness,
                health,
                probes,
                this::happened,
                listener::warn);
    }

    private void probeGone(long launch) {
        processes.probeGone(launch);
    }

    /** From any thread: lets the loop do something between two events. */
    public void execute(Runnable task) {
        tasks.add(task);
        poller.wake();
    }

    /** All services as they are. */
    public Supervisor services() {
        return core;
    }

    /** What a running service, and those who ask it, say of it. */
    public Report report(ServiceName service) {
        return readiness.report(service).with(health.of(service));
    }

    /**
     * Asks the core for something.
     *
     * @param input makes the input for the request's number
     * @return the number, by which the client can be {@link #gone}
     */
    public long request(LongFunction<Input> input, Reply reply) {
        long request = ++lastRequest;
        replies.put(request, reply);
        inbox.add(new Asked(input.apply(request), request));
        settle();
        return request;
    }

    /** Asks the core for something whose outcome nobody waits for. */
    public void request(LongFunction<Input> input) {
        happened(input.apply(Input.NOBODY));
        settle();
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
        Poller.Watch watch = poller.watch(fd, events, handler);
        return () -> poller.unwatch(watch);
    }

    /** Reaps the processes that were inherited; to be called when a child has ended (SIGCHLD). */
    public void reapOrphans() {
        try {
            processes.reapOrphans();
        } catch (PosixException e) {
            listener.warn("orphans cannot be reaped: " + e.getMessage());
        }
    }

    /** Runs the loop on the calling thread until {@link #stop}. */
    public void run() {
        running = true;
        while (running) {
            guarded("an event", this::await);
            runTasks();
            guarded("a timer", timers::run);
            passTime();
            guarded("the records", this::saveAgain);
            settle();
            guarded("the search for processes", processes::look);
            settle();
        }
    }

    /** Lets {@link #run} return; from the loop's thread. What still runs, runs on; no further task is begun. */
    public void stop() {
        running = false;
    }

    private long timeout() {
        if (processes.isLookDue() || !tasks.isEmpty()) {
            return 0;
        }
        long deadline = Math.min(core.nextDeadline(), timers.next());
        if (!unsaved.isEmpty()) {
            deadline = Math.min(deadline, saveAgain);
        }
        return deadline == Lifecycle.NEVER ? -1 : Math.max(0, deadline - System.nanoTime());
    }

    private void await() {
        try {
            poller.await(timeout());
        } catch (PosixException e) {
            throw new IllegalStateException("nothing can be waited for", e);
        }
    }

    private void runTasks() {
        while (running && !tasks.isEmpty()) {
            guarded("a task", tasks.remove());
            settle();
        }
    }

    private void passTime() {
        if (core.nextDeadline() <= System.nanoTime()) {
            happened(new Input.TimePassed());
        }
    }

    private void saveAgain() {
        if (unsaved.isEmpty() || System.nanoTime() < saveAgain) {
            return;
        }
        saveAgain = System.nanoTime() + BETWEEN_SAVES;
        for (ServiceName name : List.copyOf(unsaved.keySet())) {
            core.service(name).ifPresent(service -> save(new Effect.Save(service, core.holders(name))));
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
            for (Asked next = inbox.poll(); next != null; next = inbox.poll()) {
                for (Effect effect : decided(next)) {
                    guarded(effect, () -> carryOut(effect));
                }
            }
        } finally {
            settling = false;
        }
    }

    /** What the core says to this. If it fails, whoever asked is told, and what they asked for is withdrawn. */
    private List<Effect> decided(Asked asked) {
        try {
            return core.handle(asked.input(), System.nanoTime());
        } catch (RuntimeException e) {
            Reply reply = replies.remove(asked.request());
            if (reply != null) {
                happened(new Input.Gone(asked.request()));
                guarded(asked.input(), () -> reply.done(List.of("internal error: " + e), List.of()));
            }
            warn(asked.input(), e);
            return List.of();
        }
    }

    private void happened(Input input) {
        inbox.add(new Asked(input, Input.NOBODY));
    }

    /** The loop goes on whatever one event does to it. */
    private void guarded(Object cause, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            warn(cause, e);
        }
    }

    private void warn(Object cause, RuntimeException e) {
        String where = Arrays.stream(e.getStackTrace())
                .findFirst()
                .map(at -> " at " + at)
                .orElse("");
        listener.warn("internal error at " + cause + ": " + e + where);
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Save save -> save(save);
            case Effect.Launch launch -> launch(launch);
            case Effect.End end -> processes.end(end);
            case Effect.CheckHealth check -> health.begin(check);
            case Effect.Reap reap -> processes.reap(reap);
            case Effect.Answer(long request, List<String> failures, List<String> notes) -> {
                Reply reply = replies.remove(request);
                if (reply != null) {
                    reply.done(failures, notes);
                }
            }
        }
    }

    /**
     * What is not on record is not begun: a later manager could not know of it. Once an incarnation is,
     * its processes can be found by its number, so that it goes on, and is cleaned up after, without room.
     */
    private void launch(Effect.Launch launch) {
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
        Store.ProcessId process =
                service.run().map(run -> processes.process(run.launch())).orElse(Store.ProcessId.NONE);
        try {
            store.save(service, save.holders(), process);
            recorded.put(name, service.life().map(Life::incarnation).orElse(0L));
            if (unsaved.remove(name) != null) {
                listener.warn(name + ": its record can be written again");
            }
        } catch (IOException e) {
            if (unsaved.put(name, String.valueOf(e.getMessage())) == null) {
                listener.warn(name + ": its record could not be written: " + e.getMessage());
            }
        }
        String now = service.word().text() + " " + service.detail();
        if (!now.equals(shown.put(name, now))) {
            listener.changed(service);
        }
    }

    @Override
    public void close() throws IOException {
        probes.close();
        readiness.close();
        processes.close();
        poller.close();
    }
}
