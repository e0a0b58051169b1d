package bellhop.engine.process;

import bellhop.core.Effect;
import bellhop.core.Life;
import bellhop.core.Signal;
import bellhop.definition.KillMode;
import bellhop.definition.ServiceName;
import bellhop.loop.EventLoop;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The process of one script, or of a probe, and after it has ended those it left behind. */
public final class ScriptProcess {

    /** No descriptor. */
    static final int NONE = -1;

    final ServiceName service;
    final long launch;
    final int pid;
    final int pidfd;
    final long startTime;
    /** Whether it is this process's child, so that its zombie is kept and its status can be waited for. */
    final boolean isOurs;
    /** Where it is a probe: what all that it starts have in place of the number of a launch. */
    final Optional<String> probe;

    boolean ended;

    Optional<EventLoop.Watch> watch = Optional.empty();
    Optional<Effect.End> end = Optional.empty();
    // For the sweeper.

    /** Whether it got the stop signal, and all that were within reach then; a stop sends it once. */
    boolean stopSent;
    /** Those that were known as its own when it was looked at last: they are wherever they go. */
    final Set<ProcessId> kin = new HashSet<>();
    /** Those of whom was said that they cannot be ended. */
    final Set<ProcessId> refused = new HashSet<>();
    /** Those that outlived it and are waited for. */
    final Map<ProcessId, EventLoop.Watch> survivors = new HashMap<>();
    /** When to look again, if nothing will report the end of those that are left. */
    Optional<EventLoop.Timer> again = Optional.empty();

    ScriptProcess(ServiceName service, long launch, int pid, int pidfd, long startTime, boolean isOurs) {
        this(service, launch, pid, pidfd, startTime, isOurs, Optional.empty());
    }

    private ScriptProcess(
            ServiceName service,
            long launch,
            int pid,
            int pidfd,
            long startTime,
            boolean isOurs,
            Optional<String> probe) {
        this.service = service;
        this.launch = launch;
        this.pid = pid;
        this.pidfd = pidfd;
        this.startTime = startTime;
        this.isOurs = isOurs;
        this.probe = probe;
    }

    /** A probe, which ends by being killed with all that it started. */
    static ScriptProcess probe(Life life, long launch, int pid, int pidfd, String mark) {
        ServiceName service = life.definition().name();
        ScriptProcess probe = new ScriptProcess(service, launch, pid, pidfd, 0, true, Optional.of(mark));
        probe.end = Optional.of(new Effect.End(service, life, launch, KillMode.ALL, Signal.KILL));
        return probe;
    }

    /** Stands for a process that is gone, or never was. */
    static ScriptProcess gone(ServiceName service, long launch, int pid, long startTime) {
        ScriptProcess gone = new ScriptProcess(service, launch, pid, NONE, startTime, false);
        gone.ended = true;
        return gone;
    }
}
