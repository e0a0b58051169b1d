package bellhop.engine;

import bellhop.core.Exit;
import bellhop.core.Input;
import bellhop.core.Lifecycle.Effect;
import bellhop.core.Lifecycle.Event;
import bellhop.core.Lifecycle.Life;
import bellhop.core.Lifecycle.Signal;
import bellhop.core.Service;
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
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
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
 * <p>What an earlier manager launched is found by its number and start, and is somebody else's child by then, unless
 * that manager was this process. No zombie of it is kept: its number can become another's, so nothing is signalled
 * by that number alone, and whoever belongs to it is looked for everywhere.
 *
 * <p>Looking at all processes is put off to the end of a round of the loop: one census then serves every
 * script that has ended in it, and cannot be older than any of their ends.
 */
final class Processes {

    /** No descriptor. */
    private static final int NONE = -1;

    /** How often, and how long apart, the cause of an end is asked for: some parents take two seconds to reap. */
    private static final int LOOKS_FOR_CAUSE = 250;

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private static final Duration BETWEEN_ADOPTIONS = Duration.ofSeconds(1);

    private final Poller poller;
    private final Outlet outlet;
    private final ScriptEnvironment environment;
    private final Launcher launcher;
    private final LaunchGuard guard;
    private final Readiness readiness;
    private final HealthChecks health;
    private final Probes probes;
    private final Timers timers;
    private final Consumer<Input> events;
    private final Consumer<String> warnings;
    private final int self = (int) ProcessHandle.current().pid();

    private final Map<Long, Child> children = new HashMap<>();
    private final Set<Child> toLookAt = new LinkedHashSet<>();
    private final Spare spare = new Spare();
    /** What an earlier manager had on record of the scripts that it launched, by their launches. */
    private final Map<Long, Store.ProcessId> inherited = new HashMap<>();
    /** The incarnations that it began: who belongs to them need not be a descendant of this process. */
    private final Set<Long> inheritedLives = new HashSet<>();

    /** One script's process, and after it has ended those it left behind. */
    private static final class Child {
        final ServiceName service;
        final long launch;
        final int pid;
        final int pidfd;
        final long startTime;
        /** Whether it is this process's child, so that its zombie is kept and its status can be waited for. */
        final boolean isOurs;

        boolean ended;
        /** It is dead, but who traces it keeps its status until that one detaches or is gone, too. */
        boolean hidden;

        Optional<Poller.Watch> watch = Optional.empty();
        Optional<Effect.End> end = Optional.empty();
        /** The descendants it had when it was told to stop: they are its own wherever they go. */
        final Map<Integer, Long> kin = new HashMap<>();
        /** Those that got the stop signal; they do not get it twice. */
        final Set<Integer> signalled = new HashSet<>();

        final Map<Integer, Poller.Watch> survivors = new HashMap<>();

        Child(ServiceName service, long launch, int pid, int pidfd, long startTime, boolean isOurs) {
            this.service = service;
            this.launch = launch;
            this.pid = pid;
            this.pidfd = pidfd;
            this.startTime = startTime;
            this.isOurs = isOurs;
        }

        /** Stands for a process that is gone, or never was. */
        static Child gone(ServiceName service, long launch, int pid, long startTime) {
            Child gone = new Child(service, launch, pid, NONE, startTime, false);
            gone.ended = true;
            return gone;
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
            Timers timers,
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
        this.timers = timers;
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
        List<String> variables = new ArrayList<>(preparation.environment());
        variables.add(ScriptEnvironment.LAUNCH + "=" + launch.launch());
        Outlet.Streams streams = outlet.open(life.definition(), launch.script());
        try {
            int pid = Spawn.start(launcher.command(life, launch.script(), variables, streams.out(), streams.err())
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
            Child child = new Child(launch.service(), launch.launch(), pid, pidfd, startTime, true);
            readiness.begin(launch.launch(), pid);
            watch(child);
        } catch (PosixException e) {
            Signals.killGroup(pid, Signals.KILL);
            Wait.reapPid(pid);
            if (pidfd >= 0) {
                close(pidfd);
            }
            throw e;
        }
    }

    private void watch(Child child) throws PosixException {
        child.watch = Optional.of(poller.watch(child.pidfd, Epoll.IN, ready -> ended(child)));
        children.put(child.launch, child);
    }

    // What an earlier manager left.

    /** Takes note of what it had on record, for those that are to be adopted. */
    void inherit(List<Adoptee> left) {
        for (Adoptee adoptee : left) {
            Service service = adoptee.saved().service();
            service.run().ifPresent(run -> inherited.put(run.launch(), adoptee.process()));
            service.life().ifPresent(life -> {
                inheritedLives.add(life.incarnation());
                var _ = launcher.cgroups().enter(life.definition(), life.incarnation());
            });
        }
    }

    /** Looks for the process of a launch; what becomes of it are events. */
    void adopt(Effect.Adopt adopt) {
        long launch = adopt.run().launch();
        if (children.containsKey(launch)) {
            return; // it was to end while it could not be looked for
        }
        Store.ProcessId recorded = inherited.getOrDefault(launch, Store.ProcessId.NONE);
        try {
            Optional<Child> found = find(adopt, recorded);
            if (found.isPresent()) {
                watch(found.get());
                hear(adopt, found.get());
                happened(adopt.service(), new Event.Spawned(launch, found.get().pid));
            } else {
                children.put(launch, Child.gone(adopt.service(), launch, recorded.pid(), recorded.startTime()));
                happened(adopt.service(), new Event.Exited(launch, new Exit.Unknown()));
            }
        } catch (PosixException e) {
            warnings.accept(adopt.service() + ": " + adopt.run().script().fileName()
                    + " cannot be looked for, trying again: " + e.getMessage());
            var _ = timers.after(BETWEEN_ADOPTIONS, () -> adopt(adopt));
        }
    }

    private void hear(Effect.Adopt adopt, Child child) {
        try {
            readiness.adopt(adopt, child.pid);
        } catch (IOException e) {
            warnings.accept(child.service + ": what it says of itself is not heard: " + e.getMessage());
        }
    }

    /** The process on record, by its start; or, where a crash came before it was, the one that has the marks. */
    private Optional<Child> find(Effect.Adopt adopt, Store.ProcessId recorded) throws PosixException {
        Optional<Proc.Task> task = recorded.pid() != 0
                ? Proc.task(recorded.pid()).filter(it -> it.startTime() == recorded.startTime())
                : marked(adopt);
        if (task.isEmpty()) {
            return Optional.empty();
        }
        int pid = task.get().pid();
        int pidfd;
        try {
            pidfd = Pidfd.open(pid);
        } catch (PosixException e) {
            if (e.errno() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw e;
        }
        // It was opened by number: only the same start makes it the one that was found.
        if (!isStill(task.get())) {
            Fd.close(pidfd);
            return Optional.empty();
        }
        boolean isOurs = task.get().ppid() == self;
        long launch = adopt.run().launch();
        return Optional.of(
                new Child(adopt.service(), launch, pid, pidfd, task.get().startTime(), isOurs));
    }

    private static boolean isStill(Proc.Task task) throws PosixException {
        return Proc.task(task.pid()).map(Proc.Task::startTime).equals(Optional.of(task.startTime()));
    }

    /** The leader of a session with the marks of this launch; of several the oldest, who may have begun the others. */
    private Optional<Proc.Task> marked(Effect.Adopt adopt) throws PosixException {
        Map<String, String> marks =
                new HashMap<>(environment.marks(adopt.service(), adopt.life().incarnation()));
        marks.put(ScriptEnvironment.LAUNCH, Long.toString(adopt.run().launch()));
        Optional<Proc.Task> oldest = Optional.empty();
        Census census = census();
        for (Proc.Task task : census.living()) {
            boolean isOlder =
                    oldest.isEmpty() || task.startTime() < oldest.get().startTime();
            if (task.session() == task.pid() && isOlder && bears(census, task, marks)) {
                oldest = Optional.of(task);
            }
        }
        return oldest;
    }

    /** The process of a launch that runs or is kept as a zombie. */
    Store.ProcessId process(long launch) {
        Child child = children.get(launch);
        return child == null ? Store.ProcessId.NONE : new Store.ProcessId(child.pid, child.startTime);
    }

    private void ended(Child child) {
        try {
            unwatch(child);
            if (!child.isOurs) {
                askForCause(child, LOOKS_FOR_CAUSE);
                return;
            }
            Optional<ExitStatus> status = Wait.peek(child.pidfd);
            // Where the status is hidden, the pidfd would be reported without end; CHLD tells when there is one.
            child.hidden = status.isEmpty();
            if (status.isPresent()) {
                ended(child, exit(status.get()));
            } else if (child.end.isPresent()) {
                toLookAt.add(child);
            }
        } catch (PosixException e) {
            throw new IllegalStateException("process " + child.pid + " of " + child.service, e);
        }
    }

    /** The kernel knows the cause once its parent, whoever that is, has reaped it. A stop does not wait for that. */
    private void askForCause(Child child, int looks) {
        Optional<ExitStatus> status = Optional.empty();
        try {
            status = Pidfd.exitStatus(child.pidfd);
            if (status.isEmpty() && looks > 1 && child.end.isEmpty()) {
                var _ = timers.after(BETWEEN_LOOKS, () -> askForCause(child, looks - 1));
                return;
            }
        } catch (PosixException e) {
            // This kernel does not keep it.
        }
        ended(child, status.map(Processes::exit).orElseGet(Exit.Unknown::new));
    }

    private void ended(Child child, Exit exit) {
        unwatch(child);
        child.ended = true;
        health.end(child.launch);
        readiness.end(child.launch); // before its end is told: what it said last came first
        if (child.end.isPresent()) {
            toLookAt.add(child);
        }
        happened(child.service, new Event.Exited(child.launch, exit));
    }

    private void unwatch(Child child) {
        child.watch.ifPresent(poller::unwatch);
        child.watch = Optional.empty();
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
        // Where nothing was spawned there is only what earlier scripts of this incarnation left behind.
        Child child = children.computeIfAbsent(end.launch(), launch -> Child.gone(end.service(), launch, 0, 0));
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
                    if (child.hidden && child.end.orElseThrow().reach() == KillMode.ALL) {
                        signalTracer(child, census);
                    }
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
    private void signal(Child child, Census census) throws PosixException {
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
        if (!child.isOurs) {
            signalGroupOfAnother(child, census, end);
            return;
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

    /**
     * The same for a script that will leave no zombie: its group's number can become another's at any moment, so that
     * each member is signalled by itself, and all of its session are remembered as its own.
     */
    private void signalGroupOfAnother(Child child, Census census, Effect.End end) throws PosixException {
        for (int signal : numbers(end)) {
            if (!Pidfd.sendSignal(child.pidfd, signal)) {
                return; // it has ended: what it left is looked at once that is told
            }
        }
        for (Proc.Task task : census.living()) {
            if (task.session() == child.pid || task.pgrp() == child.pid) {
                child.kin.put(task.pid(), task.startTime());
                if (task.pgrp() == child.pid && task.pid() != child.pid) {
                    signal(child, task, end);
                }
            }
        }
    }

    /** Who hides the end of a script is to be ended as well, wherever it went. */
    private void signalTracer(Child child, Census census) throws PosixException {
        Effect.End end = child.end.orElseThrow();
        for (Proc.Task task : belonging(child, end, census)) {
            signal(child, task, end);
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
            // Without a zombie that keeps its number, a session of that number may be another's.
            boolean inSession = child.isOurs && (task.pgrp() == child.pid || task.session() == child.pid);
            boolean isKin = Objects.equals(child.kin.get(task.pid()), task.startTime());
            if (inSession || isKin || group.contains(task.pid())) {
                found.put(task.pid(), task);
            }
        }
        Map<String, String> marks = environment.marks(child.service, end.life().incarnation());
        boolean mayBeAnywhere = inheritedLives.contains(end.life().incarnation());
        for (Proc.Task orphan : mayBeAnywhere ? strangers(census) : census.orphans(self, this::isOwned)) {
            if (!found.containsKey(orphan.pid()) && bears(census, orphan, marks)) {
                found.put(orphan.pid(), orphan);
            }
        }
        for (int pid : List.copyOf(found.keySet())) {
            census.descendants(pid).forEach(task -> found.put(task.pid(), task));
        }
        return List.copyOf(found.values());
    }

    /** Whoever is neither this process nor a child that it owns. Tasks of the kernel have no session. */
    private List<Proc.Task> strangers(Census census) {
        return census.living().stream()
                .filter(task -> task.pid() != self && task.session() != 0 && !isOwned(task.pid()))
                .toList();
    }

    private static boolean bears(Census census, Proc.Task task, Map<String, String> marks) throws PosixException {
        Map<String, String> found = census.environment(task.pid(), marks.keySet());
        if (!found.keySet().containsAll(marks.keySet())) {
            return false;
        }
        List<String> others = marks.keySet().stream()
                .filter(name -> !Objects.equals(found.get(name), marks.get(name)))
                .toList();
        // The run dir may have had another name when the process was spawned.
        return others.isEmpty()
                || (others.equals(List.of(ScriptEnvironment.RUN_DIR))
                        && isSameFile(
                                Objects.requireNonNull(found.get(ScriptEnvironment.RUN_DIR)),
                                Objects.requireNonNull(marks.get(ScriptEnvironment.RUN_DIR))));
    }

    private static boolean isSameFile(String there, String expected) {
        try {
            return Files.isSameFile(Path.of(there), Path.of(expected));
        } catch (IOException | InvalidPathException e) {
            return false;
        }
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
            if (isStill(task)) {
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
        unwatch(child);
        child.survivors.values().forEach(this::dismiss);
        child.survivors.clear();
        if (child.isOurs) {
            try {
                var _ = Wait.reap(child.pidfd);
            } catch (PosixException e) {
                warnings.accept(child.service + ": " + e.getMessage());
            }
        }
        if (child.pidfd != NONE) {
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

    /** Reaps what this process inherited and nobody owns, and sees again whose end was hidden. */
    void reapOrphans() throws PosixException {
        var _ = Wait.reapOrphans(this::isOwned);
        for (Child child : List.copyOf(children.values())) {
            if (child.hidden) {
                ended(child);
            }
        }
    }

    private void happened(ServiceName service, Event event) {
        events.accept(new Input.Happened(service, event));
    }

    /** What still runs, runs on. */
    void close() {
        spare.release();
    }
}
