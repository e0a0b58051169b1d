package bellhop.engine.process;

import bellhop.core.Effect;
import bellhop.core.Signal;
import bellhop.definition.KillMode;
import bellhop.linux.Epoll;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.Pidfd;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import bellhop.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * Ends scripts, and probes, and all that they started: signals them, and looks for those that are left until there are none.
 *
 * <p>A stop sends its signal once, to every process within its reach at that time. Later processes get none, and KILL
 * reaches all that there are. Once a script has ended, all that are left are watched, and a look that finds none any
 * more is the end.
 *
 * <p>A script's group is signalled as one while its zombie, or itself, keeps the number. What left the group is
 * found among the processes that this one inherited as a subreaper, by the incarnation in their environment, and among
 * those that were the script's descendants when it was looked at before. Of what an earlier manager launched no zombie
 * is kept: its number can become another's, so nothing is signalled by that number alone, and its members are
 * looked for everywhere.
 *
 * <p>Looking is put off to the end of a round of the loop: one census then serves every script that has ended in it,
 * and cannot be older than any of their ends. If this process has inherited nobody, whatever a script of its own has
 * started is below that script, and nobody is left of one that has ended. Only else are all processes of the machine
 * looked at, as of what an earlier manager launched, and at intervals: who stops a thousand services does not pay for
 * a thousand looks at a thousand processes.
 */
public final class Sweeper {

    private static final int NO_SIGNAL = 0;

    /**
     * How many survivors are watched at once, beside the first one of each script: a script that leaves thousands must
     * not fill the table of descriptors. The others are looked at again once those that are watched have gone.
     */
    private static final int MOST_WATCHED = 64;

    /** Between two looks at all processes; and no shorter than such a look takes. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);

    /** Two looks at the children of this process are at most so far apart, and no further than takes two of them. */
    private static final Duration BETWEEN_LISTS = Duration.ofMillis(2);

    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final ScriptEnvironment environment;
    private final Cgroups cgroups;
    private final Probes probes;
    private final LeftProcesses leftProcesses;
    private final IntPredicate owned;
    private final BiConsumer<ScriptProcess, Integer> cleared;
    private final Consumer<String> warnings;

    private final Set<ScriptProcess> due = new LinkedHashSet<>();
    /** Those that have to be looked for after others have been just now. */
    private final Set<ScriptProcess> putOff = new LinkedHashSet<>();

    /** Since a look has failed, until one succeeds. */
    private boolean isBlind;

    private long nextLook = System.nanoTime();
    private long nextLists = nextLook;

    private final SpareDescriptor spare = new SpareDescriptor();
    private int watched;

    /**
     * Sweeps nothing yet.
     *
     * @param owned whether a process is a script's, or a probe, of this manager
     * @param cleared gets each script that is gone with all that its end reaches, and how many were spared
     */
    public Sweeper(
            EventLoop loop,
            ScriptEnvironment environment,
            Cgroups cgroups,
            Probes probes,
            LeftProcesses leftProcesses,
            IntPredicate owned,
            BiConsumer<ScriptProcess, Integer> cleared,
            Consumer<String> warnings) {
        this.loop = loop;
        this.environment = environment;
        this.cgroups = cgroups;
        this.probes = probes;
        this.leftProcesses = leftProcesses;
        this.owned = owned;
        this.cleared = cleared;
        this.warnings = warnings;
    }

    /** Has a script that is to end looked at in the next {@link #look}. */
    public void add(ScriptProcess process) {
        due.add(process);
    }

    /** Forgets a script, and whom of its it watched. */
    void forget(ScriptProcess process) {
        due.remove(process);
        putOff.remove(process);
        process.again.ifPresent(EventLoop.Timer::cancel);
        process.survivors.values().forEach(this::dismiss);
        process.survivors.clear();
    }

    /** Whether {@link #look} has something to do. */
    boolean isDue() {
        return !due.isEmpty();
    }

    /** As {@link #look}, without putting anything off: the loop will not come round again. */
    void lookNow() {
        due.addAll(putOff);
        putOff.clear();
        nextLook = System.nanoTime();
        nextLists = nextLook;
        look();
    }

    /** Looks once at whoever may belong to the scripts that are to end. */
    public void look() {
        if (due.isEmpty()) {
            return;
        }
        List<ScriptProcess> round = List.copyOf(due);
        due.clear();
        if (System.nanoTime() - nextLists < 0) {
            putOff(round, nextLists);
            return;
        }
        spare.release();
        Optional<Census> below = lookBelow(round);
        if (below.isPresent()) {
            look(round, below.get());
        } else if (System.nanoTime() - nextLook >= 0) {
            lookEverywhere(round);
        } else {
            putOff(round, nextLook);
        }
        spare.take();
    }

    private void look(List<ScriptProcess> round, Census census) {
        for (ScriptProcess process : round) {
            try {
                look(process, census);
            } catch (PosixException e) {
                warnings.accept(process.service + ": cannot be ended yet: " + e.getMessage());
                lookLater(process);
            }
        }
    }

    private void lookEverywhere(List<ScriptProcess> round) {
        long began = System.nanoTime();
        Census census = Census.take(line -> {
            if (!isBlind) {
                warnings.accept(line);
            }
        });
        isBlind = !census.isTaken();
        long took = System.nanoTime() - began;
        nextLook = began + took + Math.max(took, BETWEEN_LOOKS.toNanos());
        look(round, census);
    }

    private void putOff(List<ScriptProcess> round, long until) {
        if (putOff.isEmpty()) {
            var _ = loop.after(Duration.ofNanos(until - System.nanoTime()), () -> {
                due.addAll(putOff);
                putOff.clear();
            });
        }
        putOff.addAll(round);
    }

    /**
     * Those that live below the scripts of this round, if none of theirs can be elsewhere. Whoever has left a tree when
     * that is looked at is this process's child by then, or below one, and stays so until this process reaps it, which
     * it does not do meanwhile.
     */
    private Optional<Census> lookBelow(List<ScriptProcess> round) {
        try {
            List<Proc.Task> below = new ArrayList<>();
            for (ScriptProcess process : round) {
                Optional<List<Proc.Task>> tree = process.ended ? Optional.of(List.of()) : Proc.tree(process.pid);
                if (mayBeAnywhere(process) || tree.isEmpty()) {
                    return Optional.empty();
                }
                List<Integer> pids = tree.get().stream().map(Proc.Task::pid).toList();
                if (!pids.containsAll(cgroups.members(process.service))) {
                    return Optional.empty();
                }
                below.addAll(tree.get());
            }
            return areAllChildrenOwned() ? Optional.of(new Census(below)) : Optional.empty();
        } catch (PosixException e) {
            return Optional.empty(); // the look at all says so, if it fails as well
        }
    }

    private boolean areAllChildrenOwned() throws PosixException {
        long began = System.nanoTime();
        boolean areOwned = areOwned(Proc.children(Proc.INHERITED)) && areOwned(Proc.children(Proc.STARTED));
        long took = System.nanoTime() - began;
        nextLists = began + took + Math.min(2 * took, BETWEEN_LISTS.toNanos());
        return areOwned;
    }

    private boolean areOwned(Optional<List<Integer>> children) {
        return children.isPresent() && children.get().stream().allMatch(owned::test);
    }

    /** Whether it, or what its incarnation left behind, may be nobody's that this process knows. */
    private boolean mayBeAnywhere(ScriptProcess process) {
        return process.probe.isEmpty()
                && leftProcesses.began(process.end.orElseThrow().life().incarnation());
    }

    /** For the case that the end of the last one will not be reported. */
    private void lookLater(ScriptProcess process) {
        process.again.ifPresent(EventLoop.Timer::cancel);
        process.again = Optional.of(loop.after(BETWEEN_TRIES, () -> due.add(process)));
    }

    private void look(ScriptProcess process, Census census) throws PosixException {
        Effect.End end = process.end.orElseThrow();
        boolean isProbe = process.probe.isPresent();
        if (end.signal() == Signal.KILL && end.reach() == KillMode.ALL && !isProbe) {
            cgroups.kill(process.service);
        }
        List<Proc.Task> own = new ArrayList<>();
        List<Proc.Task> spared = new ArrayList<>();
        for (Proc.Task task : belonging(process, end, census)) {
            (isWithinReach(process, end, task) ? own : spared).add(task);
        }
        // Processes that a survivor starts in order to end well must not be cut off: later ones never get the signal.
        if (end.signal() == Signal.KILL || !process.stopSent) {
            process.stopSent = true;
            tell(process, end, own);
        }
        if (!process.ended) {
            return;
        }
        if (!census.isTaken()) {
            lookLater(process);
        } else if (!own.isEmpty()) {
            watch(process, own);
        } else if (isProbe || !probes.lives(process.launch)) { // else it was killed, and looks again once it is gone
            cleared.accept(process, spared.size());
        }
    }

    private static boolean isWithinReach(ScriptProcess process, Effect.End end, Proc.Task task) {
        return switch (end.reach()) {
            case ALL -> true;
            case GROUP -> process.pid != 0 && task.pgrp() == process.pid;
            case PROCESS -> false;
        };
    }

    /** Signals a script, if it has not ended, and all of its that are within reach, each of them once. */
    private void tell(ScriptProcess process, Effect.End end, List<Proc.Task> own) throws PosixException {
        boolean groupIsTold = end.reach() != KillMode.PROCESS && tellGroup(process, end);
        if (!groupIsTold && !process.ended) {
            for (int signal : numbers(end)) {
                var _ = Pidfd.sendSignal(process.pidfd, signal);
            }
        }
        for (Proc.Task task : own) {
            if (task.pid() != process.pid) {
                tell(process, task, end, groupIsTold);
            }
        }
    }

    /**
     * Signals the whole group at once, which no process escapes by forking meanwhile.
     *
     * @return false if that cannot be done: on a kernel before 6.9 nothing but the number is known of the group of
     *     another's child, and that can become another group's at any moment
     */
    private static boolean tellGroup(ScriptProcess process, Effect.End end) throws PosixException {
        if (process.pidfd == ScriptProcess.NONE) {
            return false;
        }
        for (int signal : numbers(end)) {
            if (process.isOurs) {
                var _ = Signals.killGroup(process.pid, signal);
            } else if (Pidfd.sendSignalToGroup(process.pidfd, signal).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private void tell(ScriptProcess process, Proc.Task seen, Effect.End end, boolean groupIsTold) {
        try {
            int pidfd = Pidfd.open(seen.pid());
            try {
                // The pidfd was opened by number: only the same start time makes it the one that was seen.
                Optional<Proc.Task> now = Proc.task(seen.pid()).filter(task -> id(task).equals(id(seen)));
                if (now.isPresent() && !(groupIsTold && now.get().pgrp() == process.pid)) {
                    for (int signal : numbers(end)) {
                        var _ = Pidfd.sendSignal(pidfd, signal);
                    }
                }
            } finally {
                Fd.close(pidfd);
            }
        } catch (PosixException e) {
            failed(process, seen, e);
        }
    }

    /** Every living process of this launch, or of what its incarnation left behind. */
    private List<Proc.Task> belonging(ScriptProcess process, Effect.End end, Census census) throws PosixException {
        Map<Integer, Proc.Task> found = new HashMap<>();
        List<Integer> group = process.probe.isPresent() ? List.of() : cgroups.members(process.service);
        boolean keepsNumber = keepsNumber(process); // asked after the census, so it holds for what that has seen
        if (keepsNumber) {
            census.ledBy(process.pid).forEach(task -> found.put(task.pid(), task));
        }
        for (ProcessId kin : process.kin) {
            census.living(kin.pid()).filter(task -> id(task).equals(kin)).ifPresent(task -> found.put(kin.pid(), task));
        }
        for (int pid : group) {
            census.living(pid).ifPresent(task -> found.put(pid, task));
        }
        List<Proc.Task> others = mayBeAnywhere(process) ? census.strangers(owned) : census.orphans(owned);
        if (!others.isEmpty()) {
            Map<String, String> marks = new HashMap<>(environment.marks(process.service, end.life()));
            process.probe.ifPresent(mark -> marks.put(ScriptEnvironment.LAUNCH, mark));
            for (Proc.Task other : others) {
                if (!found.containsKey(other.pid())
                        && census.belongs(other, marks, end.life().definition())) {
                    found.put(other.pid(), other);
                }
            }
        }
        for (int pid : List.copyOf(found.keySet())) {
            census.descendants(pid).forEach(task -> found.put(task.pid(), task));
        }
        if (census.isTaken()) {
            process.kin.clear();
            found.values().forEach(task -> process.kin.add(id(task)));
        }
        return List.copyOf(found.values());
    }

    /** Whether the number of a script's session is still its own: that of a member, or of its own zombie. */
    private static boolean keepsNumber(ScriptProcess process) throws PosixException {
        if (process.isOurs || process.pidfd == ScriptProcess.NONE) {
            return process.isOurs;
        }
        try {
            Optional<Boolean> isAnybodyThere = Pidfd.sendSignalToGroup(process.pidfd, NO_SIGNAL);
            return isAnybodyThere.isPresent() ? isAnybodyThere.get() : Pidfd.sendSignal(process.pidfd, NO_SIGNAL);
        } catch (PosixException e) {
            if (e.errno() == Errno.EPERM) {
                return true; // somebody is, and is another user's
            }
            throw e;
        }
    }

    private static ProcessId id(Proc.Task task) {
        return new ProcessId(task.pid(), task.startTime());
    }

    private static int[] numbers(Effect.End end) {
        return switch (end.signal()) {
            case STOP -> new int[] {end.life().definition().stop().signal(), Signals.CONT};
            case ABORT -> new int[] {Signals.ABRT, Signals.CONT};
            case KILL -> new int[] {Signals.KILL};
        };
    }

    /** Looks again once the last of these is gone, not once each of them is: there may be thousands. */
    private void watch(ScriptProcess process, List<Proc.Task> survivors) {
        boolean isAnyUnwatched = false;
        for (Proc.Task survivor : survivors) {
            if (watched >= MOST_WATCHED && !process.survivors.isEmpty()) {
                break;
            }
            try {
                watch(process, survivor);
            } catch (PosixException e) {
                isAnyUnwatched |= e.errno() != Errno.ESRCH;
                failed(process, survivor, e);
            }
        }
        // Nothing tells that somebody has left a group, and is waited for no longer.
        if (isAnyUnwatched || process.end.orElseThrow().reach() == KillMode.GROUP) {
            lookLater(process);
        }
        if (!isAnyUnwatched && process.survivors.isEmpty()) {
            due.add(process); // all of them ended meanwhile
        }
    }

    private void watch(ScriptProcess process, Proc.Task survivor) throws PosixException {
        ProcessId id = id(survivor);
        if (process.survivors.containsKey(id)) {
            return;
        }
        int pidfd = Pidfd.open(id.pid());
        try {
            if (Proc.isStill(survivor)) {
                process.survivors.put(id, loop.watch(pidfd, Epoll.IN, ready -> isGone(process, id)));
                watched++;
            } else {
                Fd.close(pidfd);
            }
        } catch (PosixException e) {
            Fd.close(pidfd);
            throw e;
        }
    }

    private void isGone(ScriptProcess process, ProcessId survivor) {
        dismiss(Objects.requireNonNull(process.survivors.remove(survivor)));
        if (process.survivors.isEmpty()) {
            due.add(process);
        }
    }

    /** Another user's, or no descriptor to do it by. */
    private void failed(ScriptProcess process, Proc.Task task, PosixException e) {
        if (e.errno() != Errno.ESRCH && process.refused.add(id(task))) {
            warnings.accept(process.service + ": process " + task.pid() + " cannot be ended: " + e.getMessage());
        }
    }

    private void dismiss(EventLoop.Watch survivor) {
        loop.unwatch(survivor);
        watched--;
        try {
            Fd.close(survivor.fd());
        } catch (PosixException e) {
            warnings.accept(e.getMessage());
        }
    }

    /** Running processes keep running. */
    public void close() {
        spare.release();
    }
}
