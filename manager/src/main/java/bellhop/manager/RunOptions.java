package bellhop.manager;

import bellhop.control.ControlException;
import bellhop.control.RunDir;
import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import bellhop.yaml.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the options of {@code bh run} say. They are read without picocli, since nothing may stand between a boot and its
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

    /**
     * Reads the words after {@code run}, and the environment where they say nothing.
     *
     * @return empty if they are wrong
     * @throws ControlException if one of the paths is none in this locale
     */
    public static Optional<RunOptions> parse(List<String> words, Map<String, String> environment)
            throws ControlException {
        Map<RunOption, List<String>> given = new EnumMap<>(RunOption.class);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            int equals = word.indexOf('=');
            RunOption option = option(equals < 0 ? word : word.substring(0, equals));
            if (option == null) {
                return Optional.empty();
            }
            boolean hasValue = option.type() != boolean.class;
            if (hasValue ? equals < 0 && i + 1 == words.size() : equals >= 0) {
                return Optional.empty();
            }
            String value = !hasValue || equals >= 0 ? word.substring(equals + 1) : words.get(++i);
            given.computeIfAbsent(option, it -> new ArrayList<>()).add(value);
        }
        Optional<Duration> stopTimeout = last(given, RunOption.STOP_TIMEOUT).flatMap(Durations::parse);
        Optional<ServiceName> exitWith = last(given, RunOption.EXIT_WITH).flatMap(RunOptions::name);
        if (stopTimeout.isPresent() != given.containsKey(RunOption.STOP_TIMEOUT)
                || exitWith.isPresent() != given.containsKey(RunOption.EXIT_WITH)) {
            return Optional.empty();
        }
        List<String> inherited = List.of(
                        environment.getOrDefault("BELLHOP_SERVICES", "").split(":", -1))
                .stream()
                .filter(directory -> !directory.isEmpty())
                .toList();
        String logdir = last(given, RunOption.LOGDIR).orElse(environment.getOrDefault("BELLHOP_LOGDIR", ""));
        String enabled = last(given, RunOption.ENABLED).orElse(environment.getOrDefault("BELLHOP_ENABLED", ""));
        String sysfs = last(given, RunOption.SYSFS).orElse(environment.getOrDefault("BELLHOP_SYSFS", "/sys"));
        boolean trial = given.containsKey(RunOption.TRIAL);
        return Optional.of(new RunOptions(
                paths("directory of services", given.getOrDefault(RunOption.SERVICES, inherited)),
                last(given, RunOption.RUNDIR).orElse(null),
                logdir.isEmpty() ? null : RunDir.path("directory of logs", logdir),
                enabled.isEmpty() ? null : RunDir.path("directory of enabled services", enabled),
                paths("directory of plugins", given.getOrDefault(RunOption.PLUGINS, List.of())),
                RunDir.path("sysfs", sysfs),
                given.containsKey(RunOption.CONSOLE),
                stopTimeout,
                exitWith,
                trial,
                words.size() - (trial ? 1 : 0)));
    }

    private static @Nullable RunOption option(String text) {
        for (RunOption option : RunOption.values()) {
            if (option.text().equals(text)) {
                return option;
            }
        }
        return null;
    }

    private static Optional<String> last(Map<RunOption, List<String>> given, RunOption option) {
        return Optional.ofNullable(given.get(option)).map(List::getLast);
    }

    private static List<Path> paths(String what, List<String> texts) throws ControlException {
        List<Path> paths = new ArrayList<>();
        for (String text : texts) {
            paths.add(RunDir.path(what, text));
        }
        return List.copyOf(paths);
    }

    private static Optional<ServiceName> name(String text) {
        try {
            return Optional.of(ServiceName.parse(text));
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }
}
