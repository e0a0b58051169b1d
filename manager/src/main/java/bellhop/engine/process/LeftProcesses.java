package bellhop.engine.process;

import bellhop.core.Effect;
import bellhop.core.Life;
import bellhop.core.Service;
import bellhop.definition.Ready;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.Pidfd;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The scripts that an earlier manager launched, found by the pid and the start time on its records.
 *
 * <p>They are another process's children by now, unless that manager was this process.
 */
public final class LeftProcesses {

    private final ScriptEnvironment environment;
    /** The recorded processes of the scripts that it launched, by their launches. */
    private final Map<Long, ProcessId> recorded = new HashMap<>();
    /** The incarnations that it began. */
    private final Set<Long> incarnations = new HashSet<>();

    public LeftProcesses(ScriptEnvironment environment) {
        this.environment = environment;
    }

    /** Takes note of a service that it left. */
    void add(ServiceRecord record) {
        Service service = record.saved().service();
        service.run().ifPresent(run -> recorded.put(run.launch(), record.process()));
        service.life().ifPresent(life -> incarnations.add(life.incarnation()));
    }

    /**
     * Kills the probes that it was running, with what they started: nothing waits for their answers any more.
     *
     * @throws PosixException if they cannot be looked for, or one is another user's
     */
    void killProbes(List<ServiceRecord> left) throws PosixException {
        List<Map<String, String>> asked = new ArrayList<>();
        for (ServiceRecord record : left) {
            record.saved()
                    .service()
                    .life()
                    .filter(LeftProcesses::hasProbes)
                    .ifPresent(life ->
                            asked.add(environment.marks(record.saved().service().name(), life)));
        }
        if (asked.isEmpty()) {
            return;
        }
        Census census = new Census(Proc.census());
        for (Proc.Task task : census.living()) {
            boolean isProbe = task.session() != 0
                    && Proc.environment(task.pid(), ScriptEnvironment.LAUNCH)
                            .filter(mark -> mark.startsWith(Probes.MARKS))
                            .isPresent();
            for (Map<String, String> marks : isProbe ? asked : List.<Map<String, String>>of()) {
                if (census.bears(task, marks)) {
                    Pidfd.kill(task);
                }
            }
        }
    }

    private static boolean hasProbes(Life life) {
        boolean isAskedWhetherReady = life.definition().ready().orElse(null) instanceof Ready.Test;
        return isAskedWhetherReady || life.definition().health().isPresent();
    }

    /** Whether it began an incarnation: who belongs to that need not be a descendant of this process. */
    boolean began(long incarnation) {
        return incarnations.contains(incarnation);
    }

    /** The recorded process of a launch. */
    ProcessId recorded(long launch) {
        return recorded.getOrDefault(launch, ProcessId.NONE);
    }

    /**
     * Finds the recorded process, by its start time; or, if a crash came before it was recorded, the one that has the
     * marks.
     *
     * @return with a pidfd, which is the caller's to close; empty if it is gone
     * @throws PosixException if that cannot be seen now
     */
    Optional<ScriptProcess> find(Effect.Adopt adopt) throws PosixException {
        ProcessId known = recorded(adopt.run().launch());
        Optional<Proc.Task> task = known.pid() != 0
                ? Proc.task(known.pid()).filter(it -> it.startTime() == known.startTime())
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
        if (!Proc.isStill(task.get())) {
            Fd.close(pidfd);
            return Optional.empty();
        }
        boolean isOurs = task.get().ppid() == Census.SELF;
        long launch = adopt.run().launch();
        return Optional.of(new ScriptProcess(
                adopt.service(), launch, pid, pidfd, task.get().startTime(), isOurs));
    }

    /** The leader of a session with the marks of this launch; of several the oldest, who may have begun the others. */
    private Optional<Proc.Task> marked(Effect.Adopt adopt) throws PosixException {
        Map<String, String> marks = new HashMap<>(environment.marks(adopt.service(), adopt.life()));
        marks.put(ScriptEnvironment.LAUNCH, Long.toString(adopt.run().launch()));
        Optional<Proc.Task> oldest = Optional.empty();
        Census census = new Census(Proc.census());
        for (Proc.Task task : census.living()) {
            boolean isOlder =
                    oldest.isEmpty() || task.startTime() < oldest.get().startTime();
            if (task.session() == task.pid()
                    && isOlder
                    && census.belongs(task, marks, adopt.life().definition())) {
                oldest = Optional.of(task);
            }
        }
        return oldest;
    }
}
