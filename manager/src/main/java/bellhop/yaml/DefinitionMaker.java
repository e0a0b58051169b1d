package bellhop.yaml;

import bellhop.definition.Definition;
import bellhop.definition.EnvironmentSettings;
import bellhop.definition.ExitRules;
import bellhop.definition.FileVersion;
import bellhop.definition.ProcessSettings;
import bellhop.definition.Ready;
import bellhop.definition.ResourceLimits;
import bellhop.definition.Restart;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.definition.Stop;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Makes a definition of the values of a {@code service.yaml}. */
final class DefinitionMaker {
    private DefinitionMaker() {}

    /** The definition of a service with these scripts, of which {@code command} makes another. */
    static Definition definition(
            ServiceName name,
            Path directory,
            Map<Script, List<String>> scripts,
            Map<Script, FileVersion> versions,
            Values values,
            List<Path> overrides) {
        return new Definition(
                name,
                directory,
                commands(scripts, values),
                versions,
                values.get(ServiceKeys.DESCRIPTION),
                values.get(ServiceKeys.REQUIRES).stream()
                        .map(Requirement::service)
                        .toList(),
                values.get(ServiceKeys.AUTOSTART),
                restart(values),
                new Stop(
                        values.get(ServiceKeys.STOP_SIGNAL),
                        values.get(ServiceKeys.STOP_GRACE_PERIOD),
                        values.get(ServiceKeys.KILL_MODE)),
                number(values.given(ServiceKeys.RELOAD_SIGNAL)),
                timeouts(values),
                values.given(ServiceKeys.READY),
                values.get(ServiceKeys.HEALTHCHECK),
                new EnvironmentSettings(values.get(ServiceKeys.ENVIRONMENT), values.get(ServiceKeys.ENV_FILE)),
                process(values),
                resources(values),
                values.get(ServiceKeys.LINGER),
                values.get(ServiceKeys.CONTROL_SOCKET),
                values.get(ServiceKeys.LOG),
                values.get(ServiceKeys.TRIGGERS),
                Optional.of(overrides),
                exits(values),
                optional(values),
                values.given(ServiceKeys.ON_FAILURE).map(List::copyOf));
    }

    private static Map<Script, List<String>> commands(Map<Script, List<String>> scripts, Values values) {
        Map<Script, List<String>> commands = new EnumMap<>(Script.class);
        commands.putAll(scripts);
        values.given(ServiceKeys.COMMAND).ifPresent(command -> commands.put(Script.RUN, command));
        return commands;
    }

    private static Restart restart(Values values) {
        RestartKeys.LimitedPolicy policy = values.given(ServiceKeys.RESTART)
                .orElseGet(() -> isJob(values) ? RestartKeys.OF_JOBS : values.get(ServiceKeys.RESTART));
        Duration delay = values.get(ServiceKeys.RESTART_DELAY);
        Duration maxDelay = values.get(ServiceKeys.RESTART_MAX_DELAY);
        return new Restart(
                policy.policy(),
                delay,
                maxDelay.compareTo(delay) < 0 ? delay : maxDelay,
                values.given(ServiceKeys.RESTART_LIMIT).or(policy::limit));
    }

    /** One that is required twice is optional if both say so. */
    private static Optional<List<ServiceName>> optional(Values values) {
        List<ServiceName> optional = new ArrayList<>();
        List<ServiceName> others = new ArrayList<>();
        for (Requirement required : values.get(ServiceKeys.REQUIRES)) {
            (required.isOptional() ? optional : others).add(required.service());
        }
        optional.removeAll(others);
        return optional.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(optional));
    }

    private static Optional<ExitRules> exits(Values values) {
        List<String> success = values.get(ServiceKeys.SUCCESS_EXIT_STATUS);
        List<String> prevent = values.get(ServiceKeys.RESTART_PREVENT);
        return success.isEmpty() && prevent.isEmpty() ? Optional.empty() : Optional.of(new ExitRules(success, prevent));
    }

    private static Map<Script, Duration> timeouts(Values values) {
        Map<Script, Duration> timeouts = new EnumMap<>(values.get(ServiceKeys.TIMEOUTS));
        if (values.has(ServiceKeys.READY) && !isJob(values)) {
            timeouts.putIfAbsent(
                    Script.RUN, TimeoutKeys.READY.byDefault().inForce().orElseThrow());
        }
        return timeouts;
    }

    /** Whether {@code run} is ready once it has ended. */
    static boolean isJob(Values values) {
        return values.given(ServiceKeys.READY).orElse(null) instanceof Ready.Finished;
    }

    private static ProcessSettings process(Values values) {
        List<String> userAndGroup = values.given(ServiceKeys.USER).orElse(List.of());
        return new ProcessSettings(
                values.given(ServiceKeys.WORKING_DIR),
                number(values.given(ServiceKeys.UMASK)),
                userAndGroup.stream().findFirst(),
                values.given(ServiceKeys.GROUP)
                        .or(() -> userAndGroup.stream().skip(1).findFirst()),
                values.get(ServiceKeys.GROUP_ADD),
                values.given(ServiceKeys.ULIMITS).orElse(Collections.emptySortedMap()),
                number(values.given(ServiceKeys.NICE)),
                number(values.given(ServiceKeys.OOM_SCORE_ADJ)),
                values.get(ServiceKeys.CAP_DROP),
                values.get(ServiceKeys.NO_NEW_PRIVILEGES));
    }

    private static ResourceLimits resources(Values values) {
        return new ResourceLimits(
                longNumber(values.given(ServiceKeys.MEM_LIMIT)),
                values.given(ServiceKeys.CPUS),
                longNumber(values.given(ServiceKeys.PIDS_LIMIT).filter(most -> most >= 0)));
    }

    private static OptionalInt number(Optional<Integer> value) {
        return value.map(OptionalInt::of).orElseGet(OptionalInt::empty);
    }

    private static OptionalLong longNumber(Optional<Long> value) {
        return value.map(OptionalLong::of).orElseGet(OptionalLong::empty);
    }
}
