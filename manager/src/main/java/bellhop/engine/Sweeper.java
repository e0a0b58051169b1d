package bellhop.engine;

import bellhop.core.Lifecycle.Effect;
import bellhop.core.Lifecycle.Signal;
import bellhop.definition.KillMode;
import bellhop.linux.Epoll;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.Pidfd;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * Ends scripts and all that they started: signals them, and looks for those that are left until there are none.
 *
 * <p>A script's group is signalled as one while its zombie, or itself, keeps the number. What left the group is
 * found among the processes that this one inherited as a subreaper, by the incarnation in their environment, and among
 * those that were the script's descendants when it was told to stop. Of what an earlier manager launched no zombie is
 * kept: its number can become another's, so nothing is signalled by that number alone, and whoever belongs to it is
 * looked for everywhere.
 *
 * <p>Looking at all processes is put off to the end of a round of the loop: one census then serves every
 * script that has ended in it, and cannot be older than any of their ends.
 */
final class Sweeper {

    private final Poller poller;
    private final ScriptEnvironment environment;
    private final Cgroups cgroups;
    private final Probes probes;
    private final Legacy legacy;
    private final IntPredicate owned;
    private final BiConsumer<Child, Integer> cleared;
    private final Consumer<String> warnings;

    private final Set<Child> due = new LinkedHashSet<>();
    private final Spare spare = new Spare();

    /**
     * Sweeps nothing yet.
     *
     * @param owned whether a process is a script's, or a probe, of this manager
     * @param cleared is told of a script that is gone with all that its end reaches, and how many were spared
     */
    Sweeper(
            Poller poller,
            ScriptEnvironment environment,
            Cgroups cgroups,
            Probes probes,
            Legacy legacy,
            IntPredicate owned,
            BiConsumer<Child, Integer> cleared,
            Consumer<String> warnings) {
        this.poller = poller;
        this.environment = environment;
        this.cgroups = cgroups;
        this.probes = probes;
        this.legacy = legacy;
        this.owned = owned;
        this.cleared = cleared;
        this.warnings = warnings;
    }

    /** Has a script that is to end looked at in the next {@link #look}. */
    void add(Child child) {
        due.add(child);
    }

    /** Forgets a script, and whom of its it watched. */
    void forget(Child child) {
        due.remove(child);
        child.survivors.values().forEach(this::dismiss);
        child.survivors.clear();
    }

    /** Whether {@link #look} has something to do. */
    boolean isDue() {
        return !due.isEmpty();
    }

    /** Looks once at all processes, for every script that is to end and for all it started. */
    void look() {
        if (due.isEmpty()) {
            return;
        }
        List<Child> round = List.copyOf(due);
        due.clear();
        spare.release();
        Census census = Census.take(warnings);
        for (Child child : round) {
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

    private void killGroup(Child child) {
        Effect.End end = child.end.orElseThrow();
        if (end.signal() == Signal.KILL && end.reach() == KillMode.ALL) {
            cgroups.kill(child.service);
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
            cleared.accept(child, spared.size());
            return;
        }
        for (Proc.Task task : own) {
            signal(child, task, end);
        }
    }

    /** Every living process of this launch, or of what its incarnation left behind. */
    private List<Proc.Task> belonging(Child child, Effect.End end, Census census) throws PosixException {
        Map<Integer, Proc.Task> found = new HashMap<>();
        List<Integer> group = cgroups.members(child.service);
        for (Proc.Task task : census.living()) {
            // Without a zombie that keeps its number, a session of that number may be another's.
            boolean inSession = child.isOurs && (task.pgrp() == child.pid || task.session() == child.pid);
            boolean isKin = Objects.equals(child.kin.get(task.pid()), task.startTime());
            if (inSession || isKin || group.contains(task.pid())) {
                found.put(task.pid(), task);
            }
        }
        Map<String, String> marks = environment.marks(child.service, end.life().incarnation());
        boolean mayBeAnywhere = legacy.began(end.life().incarnation());
        for (Proc.Task orphan : mayBeAnywhere ? strangers(census) : census.orphans(Census.SELF, owned)) {
            if (!found.containsKey(orphan.pid()) && census.bears(orphan, marks)) {
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
                .filter(task -> task.pid() != Census.SELF && task.session() != 0 && !owned.test(task.pid()))
                .toList();
    }

    private static int[] numbers(Effect.End end) {
        return switch (end.signal()) {
            case STOP -> new int[] {end.life().definition().stop().signal(), Signals.CONT};
            case ABORT -> new int[] {Signals.ABRT, Signals.CONT};
            case KILL -> new int[] {Signals.KILL};
        };
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
            if (Proc.isStill(task)) {
                for (int number : numbers(end)) {
                    var _ = Pidfd.sendSignal(pidfd, number);
                }
            }
        } catch (PosixException e) {
            if (e.errno() == Errno.ESRCH) {
                due.add(child);
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
                due.add(child);
            }));
            return pidfd;
        } catch (PosixException e) {
            Fd.close(pidfd);
            throw e;
        }
    }

    private void dismiss(Poller.Watch survivor) {
        poller.unwatch(survivor);
        try {
            Fd.close(survivor.fd());
        } catch (PosixException e) {
            warnings.accept(e.getMessage());
        }
    }

    /** What still runs, runs on. */
    void close() {
        spare.release();
    }
}
