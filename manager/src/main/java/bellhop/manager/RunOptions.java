package bellhop.manager;

import bellhop.control.ControlException;
import bellhop.control.RunDir;
import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import bellhop.yaml.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The options of {@code bh run}. They are read by hand, since nothing may stand between a boot and its
 * first service; what this does not understand, picocli explains.
 *
 * @param services directories of services; empty for the usual ones
 * @param rundir the run dir, if one is named
 * @param logdir the directory of the logs, if one is named
 * @param enabled the directory of what is enabled, if one is named
 * @param plugins directories of plugins, beside the one that comes with the programs
 * @param sysfs the root of sysfs
 * @param console whether what services write goes to standard output instead of files
 * @param stopTimeout how long everything may take to stop; empty for as long as each service may
 * @param exitWith the service with which the manager ends
 * @param trial whether it is only to be seen if a manager could run like this, in the place of one that does
 * @param words how many words all of this was said in, without that it is a trial
 */
public record RunOptions(
        List<Path> services,
        @Nullable String rundir,
        @Nullable Path logdir,
        @Nullable Path enabled,
        List<Path> plugins,
        Path sysfs,
        boolean console,
        Optional<Duration> stopTimeout,
        Optional<ServiceName> exitWith,
        boolean trial,
        int words) {

    private static final List<String> NAMES = List.of(
            "--services", "--rundir", "--logdir", "--enabled", "--plugins", "--sysfs", "--stop-timeout", "--exit-with");
    private static final String CONSOLE = "--console";

    /**
     * Reads the words after {@code run}, and the environment where they say nothing.
     *
     * @return empty if they are wrong
     * @throws ControlException if one of the paths is none in this locale
     */
    public static Optional<RunOptions> parse(List<String> words, Map<String, String> environment)
            throws ControlException {
        List<Path> services = new ArrayList<>();
        List<Path> plugins = new ArrayList<>();
        String rundir = null;
        String logdir = environment.get("BELLHOP_LOGDIR");
        String enabled = environment.get("BELLHOP_ENABLED");
        String sysfs = environment.getOrDefault("BELLHOP_SYSFS", "/sys");
        boolean console = false;
        boolean trial = false;
        Optional<Duration> stopTimeout = Optional.empty();
        Optional<ServiceName> exitWith = Optional.empty();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals(CONSOLE)) {
                console = true;
                continue;
            }
            if (word.equals(Upgrade.TRIAL)) {
                trial = true;
                continue;
            }
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            if (!NAMES.contains(name) || (equals < 0 && i + 1 == words.size())) {
                return Optional.empty();
            }
            String value = equals < 0 ? words.get(++i) : word.substring(equals + 1);
            switch (name) {
                case "--services" -> services.add(RunDir.path("directory of services", value));
                case "--rundir" -> rundir = value;
                case "--logdir" -> logdir = value;
                case "--enabled" -> enabled = value;
                case "--plugins" -> plugins.add(RunDir.path("directory of plugins", value));
                case "--stop-timeout" -> {
                    stopTimeout = Durations.parse(value);
                    if (stopTimeout.isEmpty()) {
                        return Optional.empty();
                    }
                }
                case "--exit-with" -> {
                    exitWith = name(value);
                    if (exitWith.isEmpty()) {
                        return Optional.empty();
                    }
                }
                default -> sysfs = value;
            }
        }
        String inherited = environment.get("BELLHOP_SERVICES");
        if (services.isEmpty() && inherited != null) {
            for (String directory : inherited.split(":", -1)) {
                if (!directory.isEmpty()) {
                    services.add(RunDir.path("directory of services", directory));
                }
            }
        }
        return Optional.of(new RunOptions(
                List.copyOf(services),
                rundir,
                logdir == null || logdir.isEmpty() ? null : RunDir.path("directory of logs", logdir),
                enabled == null || enabled.isEmpty() ? null : RunDir.path("directory of what is enabled", enabled),
                List.copyOf(plugins),
                RunDir.path("sysfs", sysfs),
                console,
                stopTimeout,
                exitWith,
                trial,
                words.size() - (trial ? 1 : 0)));
    }

    private static Optional<ServiceName> name(String text) {
        try {
            return Optional.of(ServiceName.parse(text));
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }
}
