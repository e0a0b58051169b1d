package bellhop.engine;

import bellhop.definition.ServiceName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What scripts find in their environment: the manager's own, with Bellhop's programs first on {@code PATH}
 * and the marks by which a process is known as one of an incarnation.
 */
public final class ScriptEnvironment {

    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final List<String> OWN =
            List.of("BELLHOP_SERVICE=", "BELLHOP_INCARNATION=", "BELLHOP_TARGET=", "BELLHOP_RUNDIR=");

    private final List<String> inherited = new ArrayList<>();
    private final Path runDir;

    /**
     * Takes over an environment.
     *
     * @param environment each {@code NAME=value}
     * @param programs the directory of Bellhop's programs
     * @param runDir the run dir, where the programs find the manager
     */
    public ScriptEnvironment(List<String> environment, Path programs, Path runDir) {
        this.runDir = runDir;
        String path = DEFAULT_PATH;
        for (String variable : environment) {
            if (variable.startsWith("PATH=")) {
                path = variable.substring("PATH=".length());
            } else if (OWN.stream().noneMatch(variable::startsWith)) {
                inherited.add(variable);
            }
        }
        inherited.add("PATH=" + programs + ":" + path);
        inherited.add("BELLHOP_RUNDIR=" + runDir);
    }

    /** The value of {@code BELLHOP_RUNDIR}. */
    String runDir() {
        return runDir.toString();
    }

    /** The environment of one script, each {@code NAME=value}. */
    List<String> of(ServiceName service, long incarnation) {
        List<String> environment = new ArrayList<>(inherited);
        environment.add("BELLHOP_SERVICE=" + service);
        environment.add("BELLHOP_INCARNATION=" + incarnation);
        environment.add("BELLHOP_TARGET=" + service.target().orElse(""));
        return environment;
    }
}
