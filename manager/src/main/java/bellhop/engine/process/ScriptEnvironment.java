package bellhop.engine.process;

import bellhop.core.Failure;
import bellhop.core.Life;
import bellhop.core.RunEnd;
import bellhop.definition.ServiceName;
import bellhop.linux.KeptVariables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The environment of scripts: the manager's own variables, and marks by which a process is known as
 * one of an incarnation wherever it goes.
 */
public interface ScriptEnvironment {

    /** The manager's own variables, each {@code NAME=value}, without those that a mark replaces. */
    List<String> inherited();

    /** The marks of one incarnation: names and values that no other processes have together. */
    Map<String, String> marks(ServiceName service, Life life);

    /** The facts about the device of an instance, by the names of variables; empty if there is no device. */
    default Map<String, String> facts(ServiceName service) {
        return Map.of();
    }

    /**
     * The environment of a manager's scripts: its own, with Bellhop's programs first on {@code PATH}.
     *
     * @param environment each {@code NAME=value}
     * @param programs the directory of Bellhop's programs
     * @param runDir the run dir, where the programs find the manager
     * @param facts what is known of devices, by the names of variables without their prefix, {@code BELLHOP_DEVICE_}
     */
    static ScriptEnvironment ofManager(
            List<String> environment, Path programs, Path runDir, Function<ServiceName, Map<String, String>> facts) {
        List<String> inherited = new ArrayList<>();
        String path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        for (String variable : KeptVariables.restored(environment)) {
            String name = variable.substring(0, Math.max(0, variable.indexOf('=')));
            if (name.equals("PATH")) {
                path = variable.substring("PATH=".length());
            } else if (!OWN.contains(name)
                    && !OF_SOME.contains(name)
                    && !MANAGERS_ALONE.contains(name)
                    && !name.startsWith(DEVICE)) {
                inherited.add(variable);
            }
        }
        inherited.add("PATH=" + programs + ":" + path);
        inherited.add(MANAGER + "=" + runDir);
        return new OfManager(List.copyOf(inherited), runDir.toString(), facts);
    }

    /**
     * Variables that were meant for the manager alone: a service must not answer in its place, and a manager that is
     * a service must not take another's directories for its own.
     */
    Set<String> MANAGERS_ALONE = Set.of(
            "NOTIFY_SOCKET",
            "WATCHDOG_USEC",
            "WATCHDOG_PID",
            "LISTEN_FDS",
            "LISTEN_PID",
            "LISTEN_FDNAMES",
            "BELLHOP_SERVICES",
            "BELLHOP_LOGDIR",
            "BELLHOP_ENABLED");

    /** The prefix of the names of facts; those of another device are not passed on. */
    String DEVICE = "BELLHOP_DEVICE_";

    /** The run dir, where programs find the manager. */
    String RUN_DIR = "BELLHOP_RUNDIR";

    /** The manager that the other names belong to: a script may set {@link #RUN_DIR} to ask another one. */
    String MANAGER = "BELLHOP_MANAGER";

    /** The number of the incarnation; a manager that finds it is itself part of a service. */
    String INCARNATION = "BELLHOP_INCARNATION";

    /** The number of a launch: with the marks it distinguishes one script of an incarnation from another. */
    String LAUNCH = "BELLHOP_LAUNCH";

    /** The one mark that others cannot know; who has the environment of a process to read has its rights anyway. */
    String SECRET = "BELLHOP_SECRET";

    /** How {@code run} ended, for {@code post}: what became of it, and how its process ended. */
    String RESULT = "BELLHOP_RESULT";

    String EXIT_CODE = "BELLHOP_EXIT_CODE";
    String EXIT_STATUS = "BELLHOP_EXIT_STATUS";

    /** The service for whose failure this one was started, and what happened. */
    String FAILED_SERVICE = "BELLHOP_FAILED_SERVICE";

    String FAILURE = "BELLHOP_FAILURE";

    /** The names that a manager sets for some scripts; those of another manager are not passed on. */
    Set<String> OF_SOME = Set.of(RESULT, EXIT_CODE, EXIT_STATUS, FAILED_SERVICE, FAILURE);

    /** The end of {@code run} for a script, each {@code NAME=value}. */
    static List<String> endOfRun(RunEnd end) {
        return List.of(
                RESULT + "=" + end.result().text(), EXIT_CODE + "=" + end.code(), EXIT_STATUS + "=" + end.status());
    }

    /** The failure for which a service was started, each {@code NAME=value}. */
    static List<String> ofFailure(Failure failure) {
        List<String> variables = new ArrayList<>(endOfRun(failure.end()));
        variables.add(FAILED_SERVICE + "=" + failure.service());
        variables.add(FAILURE + "=" + failure.detail());
        return variables;
    }

    /** The names that a manager sets for each script. */
    Set<String> OWN = Set.of("BELLHOP_SERVICE", INCARNATION, "BELLHOP_TARGET", SECRET, RUN_DIR, MANAGER, LAUNCH);

    /**
     * A manager's.
     *
     * @param runDir the value of {@code BELLHOP_RUNDIR}
     * @param device facts by the names of variables without their prefix
     */
    record OfManager(List<String> inherited, String runDir, Function<ServiceName, Map<String, String>> device)
            implements ScriptEnvironment {
        @Override
        public Map<String, String> facts(ServiceName service) {
            Map<String, String> variables = new TreeMap<>();
            device.apply(service).forEach((name, value) -> variables.put(DEVICE + name, value));
            return variables;
        }

        @Override
        public Map<String, String> marks(ServiceName service, Life life) {
            Map<String, String> marks = new TreeMap<>();
            marks.put(RUN_DIR, runDir);
            marks.put("BELLHOP_SERVICE", service.toString());
            marks.put(INCARNATION, Long.toString(life.incarnation()));
            marks.put("BELLHOP_TARGET", service.target().orElse(""));
            life.secret().ifPresent(secret -> marks.put(SECRET, secret));
            return marks;
        }
    }
}
