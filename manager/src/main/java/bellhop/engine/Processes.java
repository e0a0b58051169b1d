package bellhop.engine;

import bellhop.core.Exit;
import bellhop.core.Input;
import bellhop.core.Lifecycle.Effect;
import bellhop.core.Lifecycle.Event;
import bellhop.core.Lifecycle.Life;
import bellhop.core.Lifecycle.Signal;
import bellhop.definition.KillMode;
import bellhop.definition.ServiceName;
import bellhop.linux.Epoll;
import bellhop.linux.Errno;
import bellhop.linux.ExitStatus;
import bellhop.linux.Fd;
import bellhop.linux.Pidfd;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import bellhop.linux.Spawn;
import bellhop.linux.Wait;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The processes of the scripts: spawned, watched by pidfd, signalled, and looked for until none is left.
 *
 * <p>A script leads a session and a group of its own. When it has ended its zombie is kept, for as long
 * as it is there its number, and so its group's, can belong to nobody else; it is reaped once the group is
 * empty. What left the group is found among the processes that this one inherited as a subreaper, by the
 * incarnation in their environment, and among those that were the script's descendants when it was told
 * to stop.
 *
 * <p>Looking at all processes is put off to the end of a round of the loop: one census then serves every
 * script that has ended in it, and cannot be older than any of their ends.
 */
final class Processes {

    private final Poller poller;
    private final Outlet outlet;
    private final ScriptEnvironment environment;
    private final Launcher launcher;
    private final LaunchGuard guard;
    private final Readiness readiness;
    private final HealthChecks health;
    private final Probes probes;
    private final Consumer<Input> events;
    private final Consumer<String> warnings;
    private final int self = (int) ProcessHandle.current().pid();

    private final Map<Long, Child> children = new HashMap<>();
    private final Set<Child> toLookAt = new LinkedHashSet<>();
    private final Spare spare = new Spare();

    /** One script's process, and after it has ended those it left behind. */
    private static final class Child {
        final ServiceName service;
        final long launch;
        final int pid;
        final int pidfd;
        final long startTime;
        boolean ended;
        Optional<Poller.Watch> watch = Optional.empty();
        Optional<Effect.End> end = Optional.empty();
        /** The descendants it had when it was told to stop: they are its own wherever they go. */
        final Map<Integer, Long> kin = new HashMap<>();
        /** Those that got the stop signal; they do not get it twice. */
        final Set<Integer> signalled = new HashSet<>();

        final Map<Integer, Poller.Watch> survivors = new HashMap<>();

        Child(ServiceName service, long launch, int pid, int pidfd, long startTime) {
            this.service = service;
            this.launch = launch;
            this.pid = pid;
            this.pidfd = pidfd;
            this.startTime = startTime;
        }
    }

    Processes(
            Poller poller,
            Outlet outlet,
            ScriptEnvironment environment,
            Launcher launcher,
            LaunchGuard guard,
            Readiness readiness,
            HealthChecks health,
            Probes probes,
            Consumer<Input> events,
            Consumer<String> warnings) {
        this.poller = poller;
        this.outlet = outlet;
        this.environment = environment;
        this.launcher = launcher;
        this.guard = guard;
        this.readiness = readiness;
        this.health = health;
        this.probes = probes;
        this.events = events;
        this.warnings = warnings;
    }

    /** Spawns a script; its outcome is an event. */
    void launch(Effect.Launch launch) {
        try {
            guard.check(launch.life().definition(), launch.script());
            happened(launch.service(), new Event.Spawned(launch.launch(), spawn(launch)));
        } catch (IOException | RuntimeException e) {
            readiness.end(launch.launch());
            fail(launch, Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
    }

    /** Says of a script that it could not be run. */
    void fail(Effect.Launch launch, String why) {
        happened(launch.service(), new Event.SpawnFailed(launch.launch(), why));
    }

    private int spawn(Effect.Launch launch) throws IOException {
        Life life = launch.life();
        Readiness.Preparation preparation = readiness.prepare(launch);
        Outlet.Streams streams = outlet.open(life.definition(), launch.script());
        try {
            int pid = Spawn.start(
                    launcher.command(life, launch.script(), preparation.environment(), streams.out(), streams.err())
                            .with(preparation.descriptors()));
            watch(launch, pid);
            return pid;
        } finally {
            outlet.release(streams);
        }
    }

    /** A process that cannot be watched is ended at once: nothing runs that nobody looks after. */
    private void watch(Effect.Launch launch, int pid) throws PosixException {
        int pidfd = -1;
        try {
            pidfd = Pidfd.open(pid);
            long startTime = Proc.task(pid).map(Proc.Task::startTime).orElse(0L);
            Child child = new Child(launch.service(), launch.launch(), pid, pidfd, startTime);
            readiness.begin(launch.launch(), pid);
            child.watch = Optional.of(poller.watch(pidfd, Epoll.IN, ready -> ended(child)));
            children.put(child.launch, child);
        } catch (PosixException e) {
            Signals.killGroup(pid, Signals.KILL);
            Wait.reapPid(pid);
            if (pidfd >= 0) {
                close(pidfd);
            }
            throw e;
        }
    }

    /** The process of a launch that runs or is kept as a zombie. */
    Store.ProcessId process(long launch) {
        Child child = children.get(launch);
        return child == null ? Store.ProcessId.NONE : new Store.ProcessId(child.pid, child.startTime);
    }

    private void ended(Child child) {
        try {
            Optional<ExitStatus> status = Wait.peek(child.pidfd);
            if (status.isEmpty()) {
                return;
            }
            child.watch.ifPresent(poller::unwatch);
            child.watch = Optional.empty();
            child.ended = true;
            health.end(child.launch);
            readiness.end(child.launch); // before its end is told: what it said last came first
            if (child.end.isPresent()) {
                toLookAt.add(child);
            }
            happened(child.service, new Event.Exited(child.launch, exit(status.get())));
        } catch (PosixException e) {
            throw new IllegalStateException("process " + child.pid + " of " + child.service, e);
        }
    }

    private static Exit exit(ExitStatus status) {
        return switch (status) {
            case ExitStatus.Exited(int code) -> new Exit.Exited(code);
            case ExitStatus.Killed(int signal, boolean core) -> new Exit.Killed(Signals.name(signal));
        };
    }

    /** Forgets a script that ended well; what it started lives on. */
    void reap(Effect.Reap reap) {
        Child child = children.get(reap.launch());
        if (child != null) {
            forget(child);
        }
    }

    /** Ends everything within reach; {@link Event.Cleared} follows. */
    void end(Effect.End end) {
        Child child = children.computeIfAbsent(end.launch(), launch -> {
            // Nothing was spawned: there is only what earlier scripts of this incarnation left behind.
            Child nobody = new Child(end.service(), launch, 0, -1, 0);
            nobody.ended = true;
            return nobody;
        });
        child.end = Optional.of(end);
        health.end(end.launch());
        readiness.leave(end.launch());
        toLookAt.add(child);
    }

    /** A probe of this launch is gone, for which its end may have waited. */
    void probeGone(long launch) {
        Child child = children.get(launch);
        if (child != null && child.end.isPresent()) {
            toLookAt.add(child);
        }
    }

    private static int[] numbers(Effect.End end) {
        return switch (end.signal()) {
            case STOP -> new int[] {end.life().definition().stop().signal(), Signals.CONT};
            case ABORT -> new int[] {Signals.ABRT, Signals.CONT};
            case KILL -> new int[] {Signals.KILL};
        };
    }

    /** Whether {@link #look} has something to do. */
    boolean isLookDue() {
        return !toLookAt.isEmpty();
    }

    /** Looks once at all processes, for every script that is to end and for all it started. */
    void look() {
        if (toLookAt.isEmpty()) {
            return;
        }
        List<Child> due = List.copyOf(toLookAt);
        toLookAt.clear();
        spare.release();
        Census census = census();
        for (Child child : due) {
            try {
                killGroup(child);
                if (!child.ended) {
                    signal(child, census);
                } else if (!census.isEmpty()) {
                    sweep(child, census);
                }
            } catch (PosixException e) {
                // KILL, which is repeated, looks again.
                warnings.accept(child.service + ": cannot be ended yet: " + e.getMessage());
            }
        }
        spare.take();
    }

    /** Who is there now; nobody if that cannot be seen. */
    private Census census() {
        try {
            return new Census(Proc.census());
        } catch (PosixException e) {
            warnings.accept("processes cannot be looked for: " + e.getMessage());
            return new Census(List.of());
        }
    }

    private void killGroup(Child child) {
        Effect.End end = child.end.orElseThrow();
        if (end.signal() == Signal.KILL && end.reach() == KillMode.ALL) {
            launcher.cgroups().kill(child.service);
        }
    }

    /** Signals a script that has not ended, and all of its group. */
    private static void signal(Child child, Census census) throws PosixException {
        Effect.End end = child.end.orElseThrow();
        if (end.reach() == KillMode.PROCESS) {
            for (int signal : numbers(end)) {
                var _ = Pidfd.sendSignal(child.pidfd, signal);
            }
            return;
        }
        for (Proc.Task task : census.descendants(child.pid)) {
            child.kin.put(task.pid(), task.startTime());
        }
        for (Proc.Task task : census.living()) {
            if (task.pgrp() == child.pid) {
                child.signalled.add(task.pid());
            }
        }
        for (int signal : numbers(end)) {
            var _ = Signals.killGroup(child.pid, signal);
        }
    }

    private void sweep(Child child, Census census) throws PosixException {
        Effect.End end = child.end.orElseThrow();
        List<Proc.Task> own = new ArrayList<>();
        List<Proc.Task> spared = new ArrayList<>();
        for (Proc.Task task : belonging(child, end, census)) {
            boolean inGroup = child.pid != 0 && task.pgrp() == child.pid;
            boolean reached = switch (end.reach()) {
                case ALL -> true;
                case GROUP -> inGroup;
                case PROCESS -> false;
            };
            (reached ? own : spared).add(task);
        }
        if (own.isEmpty()) {
            if (probes.lives(child.launch)) {
                return; // it was killed, and looks again once it is gone
            }
            forget(child);
            happened(child.service, new Event.Cleared(child.launch, spared.size()));
            return;
        }
        for (Proc.Task task : own) {
            signal(child, task, end);
        }
    }

    /** Every living process of this launch, or of what its incarnation left behind. */
    private List<Proc.Task> belonging(Child child, Effect.End end, Census census) throws PosixException {
        Map<Integer, Proc.Task> found = new HashMap<>();
        List<Integer> group = launcher.cgroups().members(child.service);
        for (Proc.Task task : census.living()) {
            boolean inSession = child.pid != 0 && (task.pgrp() == child.pid || task.session() == child.pid);
            boolean isKin = Objects.equals(child.kin.get(task.pid()), task.startTime());
            if (inSession || isKin || group.contains(task.pid())) {
                found.put(task.pid(), task);
            }
        }
        Map<String, String> marks = environment.marks(child.service, end.life().incarnation());
        for (Proc.Task orphan : census.orphans(self, this::isOwned)) {
            if (!found.containsKey(orphan.pid()) && bears(orphan, marks)) {
                found.put(orphan.pid(), orphan);
            }
        }
        for (int pid : List.copyOf(found.keySet())) {
            census.descendants(pid).forEach(task -> found.put(task.pid(), task));
        }
        return List.copyOf(found.values());
    }

    private static boolean bears(Proc.Task task, Map<String, String> marks) throws PosixException {
        return Proc.environment(task.pid(), marks.keySet()).equals(marks);
    }

    private boolean isOwned(int pid) {
        return probes.owns(pid) || children.values().stream().anyMatch(child -> child.pid == pid);
    }

    /** Signals one survivor, and looks again once it is gone. */
    private void signal(Child child, Proc.Task task, Effect.End end) {
        boolean first = child.signalled.add(task.pid());
        if (end.signal() == Signal.STOP && !first) {
            return;
        }
        try {
            int pidfd = watchSurvivor(child, task.pid());
            // The pidfd was opened by number: only the same start time makes it the one that was seen.
            if (Proc.task(task.pid()).map(Proc.Task::startTime).equals(Optional.of(task.startTime()))) {
                for (int number : numbers(end)) {
                    var _ = Pidfd.sendSignal(pidfd, number);
                }
            }
        } catch (PosixException e) {
            if (e.errno() == Errno.ESRCH) {
                toLookAt.add(child);
            } else if (first) {
                // Another user's, or no descriptor to watch it with: KILL, which is repeated, looks again.
                warnings.accept(child.service + ": process " + task.pid() + " cannot be ended: " + e.getMessage());
            }
        }
    }

    private int watchSurvivor(Child child, int pid) throws PosixException {
        Poller.Watch known = child.survivors.get(pid);
        if (known != null) {
            return known.fd();
        }
        int pidfd = Pidfd.open(pid);
        try {
            child.survivors.put(pid, poller.watch(pidfd, Epoll.IN, ready -> {
                dismiss(Objects.requireNonNull(child.survivors.remove(pid)));
                toLookAt.add(child);
            }));
            return pidfd;
        } catch (PosixException e) {
            Fd.close(pidfd);
            throw e;
        }
    }

    private void dismiss(Poller.Watch survivor) {
        poller.unwatch(survivor);
        close(survivor.fd());
    }

    private void forget(Child child) {
        children.remove(child.launch);
        toLookAt.remove(child);
        child.watch.ifPresent(poller::unwatch);
        child.survivors.values().forEach(this::dismiss);
        child.survivors.clear();
        if (child.pid != 0) {
            try {
                var _ = Wait.reap(child.pidfd);
            } catch (PosixException e) {
                warnings.accept(child.service + ": " + e.getMessage());
            }
            close(child.pidfd);
        }
        launcher.cgroups().removeIfEmpty(child.service);
    }

    private void close(int fd) {
        try {
            Fd.close(fd);
        } catch (PosixException e) {
            warnings.accept(e.getMessage());
        }
    }

    /** Reaps what this process inherited and nobody owns. */
    void reapOrphans() throws PosixException {
        var _ = Wait.reapOrphans(this::isOwned);
    }

    private void happened(ServiceName service, Event event) {
        events.accept(new Input.Happened(service, event));
    }

    /** What still runs, runs on. */
    void close() {
        spare.release();
    }
}
