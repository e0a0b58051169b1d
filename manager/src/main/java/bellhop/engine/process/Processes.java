package bellhop.engine.process;

import bellhop.core.Effect;
import bellhop.core.Event;
import bellhop.core.Exit;
import bellhop.core.Input;
import bellhop.core.Life;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.linux.Epoll;
import bellhop.linux.ExitStatus;
import bellhop.linux.Fd;
import bellhop.linux.FileErrors;
import bellhop.linux.Pidfd;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import bellhop.linux.Spawn;
import bellhop.linux.Wait;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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
 * as it is there its number, and so its group's, can belong to no other process; it is reaped once a {@link Sweeper}
 * finds the group empty. A script of an earlier manager is taken over from its {@link LeftProcesses}.
 */
public final class Processes {

    /** How often, and how long apart, the cause of an end is asked for: some parents take two seconds to reap. */
    private static final int LOOKS_FOR_CAUSE = 250;

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private static final Duration BETWEEN_ADOPTIONS = Duration.ofSeconds(1);

    private static final Duration BETWEEN_SIBLINGS = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final ScriptOutput output;
    private final ScriptCommand scriptCommand;
    private final LaunchGuard guard;
    private final LaunchObserver observer;
    private final Probes probes;
    private final Consumer<Input> events;
    private final Consumer<String> warnings;

    private final Map<Long, ScriptProcess> processes = new HashMap<>();
    /** How many of them have a number; after an adoption one that is gone may have the number of one that lives. */
    private final Map<Integer, Integer> pids = new HashMap<>();

    /** Those that are dead, but whose status is kept by who traces them until that one detaches or is gone, too. */
    private final Set<ScriptProcess> hidden = new HashSet<>();

    private boolean looksForSiblings;

    private final LeftProcesses leftProcesses;
    private final Sweeper sweeper;

    public Processes(
            EventLoop loop,
            ScriptOutput output,
            ScriptEnvironment environment,
            ScriptCommand scriptCommand,
            LaunchGuard guard,
            LaunchObserver observer,
            Probes probes,
            Consumer<Input> events,
            Consumer<String> warnings) {
        this.loop = loop;
        this.output = output;
        this.scriptCommand = scriptCommand;
        this.guard = guard;
        this.observer = observer;
        this.probes = probes;
        this.events = events;
        this.warnings = warnings;
        this.leftProcesses = new LeftProcesses(environment);
        this.sweeper = new Sweeper(
                loop,
                environment,
                scriptCommand.cgroups(),
                probes,
                leftProcesses,
                this::isOwned,
                this::cleared,
                warnings);
    }

    /** Spawns a script; its outcome is an event. */
    public void launch(Effect.Launch launch) {
        try {
            guard.check(launch.life().definition(), launch.script());
            happened(launch.service(), new Event.Spawned(launch.launch(), spawn(launch)));
        } catch (IOException | RuntimeException e) {
            observer.end(launch.launch());
            fail(
                    launch,
                    e instanceof IOException file
                            ? FileErrors.withFile(file)
                            : Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
    }

    /** Says of a script that it could not be run. */
    public void fail(Effect.Launch launch, String why) {
        happened(launch.service(), new Event.SpawnFailed(launch.launch(), why));
    }

    private int spawn(Effect.Launch launch) throws IOException {
        Life life = launch.life();
        LaunchObserver.Preparation preparation = observer.prepare(launch);
        List<String> variables = new ArrayList<>(preparation.environment());
        variables.add(ScriptEnvironment.LAUNCH + "=" + launch.launch());
        life.failure().ifPresent(failure -> variables.addAll(ScriptEnvironment.ofFailure(failure)));
        if (launch.script() == Script.POST) {
            life.end().ifPresent(end -> variables.addAll(ScriptEnvironment.endOfRun(end)));
        }
        ScriptOutput.Streams streams = output.open(life.definition(), launch.script());
        try {
            int pid = Spawn.start(scriptCommand
                    .command(life, launch.script(), variables, streams.out(), streams.err())
                    .with(preparation.descriptors()));
            watch(launch, pid);
            return pid;
        } finally {
            output.release(streams);
        }
    }

    /** A process that cannot be watched is ended at once: nothing runs unsupervised. */
    private void watch(Effect.Launch launch, int pid) throws PosixException {
        int pidfd = ScriptProcess.NONE;
        try {
            pidfd = Pidfd.open(pid);
            long startTime = Proc.task(pid).map(Proc.Task::startTime).orElse(0L);
            ScriptProcess process = new ScriptProcess(launch.service(), launch.launch(), pid, pidfd, startTime, true);
            observer.begin(launch.launch(), pid);
            watch(process);
        } catch (PosixException e) {
            Signals.killGroup(pid, Signals.KILL);
            Wait.reapPid(pid);
            if (pidfd != ScriptProcess.NONE) {
                close(pidfd);
            }
            throw e;
        }
    }

    private void watch(ScriptProcess process) throws PosixException {
        process.watch = Optional.of(loop.watch(process.pidfd, Epoll.IN, ready -> ended(process)));
        add(process);
    }

    private void add(ScriptProcess process) {
        processes.put(process.launch, process);
        pids.merge(process.pid, 1, Integer::sum);
    }

    // Scripts of an earlier manager.

    /** Notes its recorded processes, for the scripts that will be adopted. */
    public void inherit(List<ServiceRecord> left) {
        for (ServiceRecord record : left) {
            leftProcesses.add(record);
            record.saved().service().life().ifPresent(life -> {
                var _ = scriptCommand.cgroups().enter(life.definition(), life.incarnation());
                // An event from before this manager is not the cause of an end now.
                var _ = scriptCommand
                        .cgroups()
                        .killedForMemory(life.definition().name());
            });
        }
        try {
            leftProcesses.killProbes(left);
        } catch (PosixException e) {
            warnings.accept("the probes of an earlier manager cannot all be ended: " + e.getMessage());
        }
    }

    /** Looks for the process of a launch; what becomes of it are events. */
    public void adopt(Effect.Adopt adopt) {
        long launch = adopt.run().launch();
        if (processes.containsKey(launch)) {
            return; // it was to end while it could not be looked for
        }
        try {
            Optional<ScriptProcess> found = leftProcesses.find(adopt);
            if (found.isPresent()) {
                watchAdopted(found.get());
                hear(adopt, found.get());
                happened(adopt.service(), new Event.Spawned(launch, found.get().pid));
            } else {
                ProcessId recorded = leftProcesses.recorded(launch);
                add(ScriptProcess.gone(adopt.service(), launch, recorded.pid(), recorded.startTime()));
                happened(adopt.service(), new Event.ScriptExited(launch, new Exit.Unknown()));
            }
        } catch (PosixException e) {
            warnings.accept(adopt.service() + ": " + adopt.run().script().fileName()
                    + " cannot be found yet, trying again: " + e.getMessage());
            var _ = loop.after(BETWEEN_ADOPTIONS, () -> adopt(adopt));
        }
    }

    private void watchAdopted(ScriptProcess process) throws PosixException {
        try {
            watch(process);
        } catch (PosixException e) {
            close(process.pidfd); // it will be opened again when this is tried again
            throw e;
        }
    }

    private void hear(Effect.Adopt adopt, ScriptProcess process) {
        try {
            observer.adopt(adopt, process.pid);
        } catch (IOException e) {
            warnings.accept(process.service + ": its notifications cannot be received: " + FileErrors.withFile(e));
        }
    }

    /** The process of a launch that runs or is kept as a zombie. */
    public ProcessId process(long launch) {
        ScriptProcess process = processes.get(launch);
        return process == null ? ProcessId.NONE : new ProcessId(process.pid, process.startTime);
    }

    private void ended(ScriptProcess process) {
        try {
            unwatch(process);
            if (!process.isOurs) {
                askForCause(process, LOOKS_FOR_CAUSE);
                return;
            }
            Optional<ExitStatus> status = Wait.peek(process.pidfd);
            if (status.isPresent()) {
                hidden.remove(process);
                ended(process, exit(status.get()));
                return;
            }
            hidden.add(process); // its pidfd would be reported without end; CHLD reports when there is a status
            if (process.end.isPresent()) {
                sweeper.add(process);
            }
        } catch (PosixException e) {
            throw new IllegalStateException("process " + process.pid + " of " + process.service, e);
        }
    }

    /**
     * The kernel knows the cause once its parent, whichever process that is, has reaped it. A stop does not wait for
     * that.
     */
    private void askForCause(ScriptProcess process, int looks) {
        Optional<ExitStatus> status = Optional.empty();
        try {
            status = Pidfd.exitStatus(process.pidfd);
            if (status.isEmpty() && looks > 1 && process.end.isEmpty()) {
                var _ = loop.after(BETWEEN_LOOKS, () -> askForCause(process, looks - 1));
                return;
            }
        } catch (PosixException e) {
            // This kernel does not keep it.
        }
        ended(process, status.map(Processes::exit).orElseGet(Exit.Unknown::new));
    }

    private void ended(ScriptProcess process, Exit exit) {
        unwatch(process);
        process.ended = true;
        observer.end(process.launch); // before its end is told: what it said last came first
        if (process.end.isPresent()) {
            sweeper.add(process);
        }
        boolean outOfMemory = scriptCommand.cgroups().killedForMemory(process.service);
        boolean tell = outOfMemory && !exit.mayBeSuccess();
        happened(process.service, new Event.ScriptExited(process.launch, tell ? new Exit.OutOfMemory(exit) : exit));
    }

    private void unwatch(ScriptProcess process) {
        process.watch.ifPresent(loop::unwatch);
        process.watch = Optional.empty();
    }

    private static Exit exit(ExitStatus status) {
        return switch (status) {
            case ExitStatus.NormalExit(int code) -> new Exit.Exited(code);
            case ExitStatus.KilledBySignal(int signal, boolean core) -> new Exit.Killed(Signals.name(signal), core);
        };
    }

    /**
     * Signals the process of a script alone.
     *
     * @return false if it has ended, or there never was one
     */
    public boolean signal(long launch, int signal) throws PosixException {
        ScriptProcess process = processes.get(launch);
        return process != null && !process.ended && Pidfd.sendSignal(process.pidfd, signal);
    }

    /** Forgets a script that ended well; what it started lives on. */
    public void reap(Effect.Reap reap) {
        ScriptProcess process = processes.get(reap.launch());
        if (process != null) {
            forget(process);
        }
    }

    /** Ends everything within reach; {@link Event.Cleared} follows. */
    public void end(Effect.End end) {
        // If nothing was spawned, there are only processes that earlier scripts of this incarnation left behind.
        if (!processes.containsKey(end.launch())) {
            add(ScriptProcess.gone(end.service(), end.launch(), 0, 0));
        }
        ScriptProcess process = Objects.requireNonNull(processes.get(end.launch()));
        process.end = Optional.of(end);
        observer.leave(end.launch());
        sweeper.add(process);
    }

    /** Kills a probe and all that it started; {@link Probes#cleared} follows. */
    public void endProbe(ScriptProcess probe) {
        sweeper.add(probe);
    }

    /** A probe of this launch is gone, for which its end may have waited. */
    public void probeGone(long launch) {
        ScriptProcess process = processes.get(launch);
        if (process != null && process.end.isPresent()) {
            sweeper.add(process);
        }
    }

    /** Whether {@link #sweep} has something to do. */
    public boolean isSweepDue() {
        return sweeper.isDue();
    }

    /** Looks once at all processes, for every script that is to end and for all it started. */
    public void sweep() {
        sweeper.look();
    }

    /** As {@link #sweep}, for the last time. */
    public void sweepNow() {
        sweeper.lookNow();
    }

    private void cleared(ScriptProcess process, int spared) {
        if (process.probe.isPresent()) {
            sweeper.forget(process);
            probes.cleared(process);
            return;
        }
        forget(process);
        happened(process.service, new Event.Cleared(process.launch, spared));
    }

    private void forget(ScriptProcess process) {
        processes.remove(process.launch);
        pids.computeIfPresent(process.pid, (pid, count) -> count == 1 ? null : count - 1);
        hidden.remove(process);
        sweeper.forget(process);
        unwatch(process);
        if (process.isOurs) {
            try {
                var _ = Wait.reap(process.pidfd);
                probes.reaped(process.pid);
            } catch (PosixException e) {
                warnings.accept(process.service + ": " + e.getMessage());
            }
        }
        if (process.pidfd != ScriptProcess.NONE) {
            close(process.pidfd);
        }
        scriptCommand.cgroups().removeIfEmpty(process.service);
    }

    private void close(int fd) {
        try {
            Fd.close(fd);
        } catch (PosixException e) {
            warnings.accept(e.getMessage());
        }
    }

    private boolean isOwned(int pid) {
        return probes.owns(pid) || pids.containsKey(pid);
    }

    /**
     * Reaps inherited processes that have no owner, and checks again those whose end was hidden. Those that a script has
     * made its siblings are in a list with all scripts, which is not read at each end of one of them.
     */
    public void reapOrphans() throws PosixException {
        var _ = Wait.reapInherited(this::isOwned, probes::reaped);
        if (!looksForSiblings) {
            looksForSiblings = true;
            var _ = loop.after(BETWEEN_SIBLINGS, () -> loop.guarded("the search for siblings", this::reapSiblings));
        }
        probes.lookAgain();
        List.copyOf(hidden).forEach(this::ended);
    }

    private void reapSiblings() throws PosixException {
        looksForSiblings = false;
        var _ = Wait.reapOrphans(this::isOwned, probes::reaped);
    }

    private void happened(ServiceName service, Event event) {
        events.accept(new Input.Happened(service, event));
    }

    /** Closes what it watched them by: this process may go on with another of these. */
    public void leave() {
        for (ScriptProcess process : processes.values()) {
            sweeper.forget(process);
            unwatch(process);
            if (process.pidfd != ScriptProcess.NONE) {
                close(process.pidfd);
            }
        }
        close();
    }

    /** Running processes keep running. */
    public void close() {
        sweeper.close();
    }
}
