package bellhop.yaml;

import bellhop.definition.Definition;
import bellhop.definition.EnvironmentSettings;
import bellhop.definition.HealthCheck;
import bellhop.definition.KillMode;
import bellhop.definition.LogSettings;
import bellhop.definition.ProcessSettings;
import bellhop.definition.Ready;
import bellhop.definition.ResourceLimits;
import bellhop.definition.Restart;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.definition.Stop;
import bellhop.definition.Value;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What a {@code service.yaml} sets, begun with what holds where it says nothing. */
public final class ServiceDraft {
    private static final Duration READY_LIMIT = Duration.ofSeconds(60);

    String description = "";

    @Nullable
    List<String> command;

    List<ServiceName> requires = List.of();
    boolean autostart;
    RestartPolicy restart = RestartPolicy.ALWAYS;
    Restart.@Nullable Limit restartLimit;
    Duration restartDelay = Restart.DEFAULT.delay();

    @Nullable
    Duration restartMaxDelay;

    int stopSignal = Stop.DEFAULT.signal();
    Duration stopGracePeriod = Stop.DEFAULT.gracePeriod();
    KillMode killMode = KillMode.ALL;
    Map<Script, Duration> timeouts = new EnumMap<>(Script.class);

    @Nullable
    String user;

    @Nullable
    String group;

    List<String> groupAdd = List.of();

    @Nullable
    Path workingDir;

    @Nullable
    Integer umask;

    Map<String, String> environment = Map.of();
    List<EnvironmentSettings.File> envFiles = List.of();
    SequencedMap<String, ProcessSettings.Ulimit> ulimits = new LinkedHashMap<>();

    @Nullable
    Integer nice;

    @Nullable
    Integer oomScoreAdj;

    List<String> capDrop = List.of();
    boolean noNewPrivileges;

    @Nullable
    Long memLimit;

    @Nullable
    BigDecimal cpus;

    @Nullable
    Long pidsLimit;

    @Nullable
    Ready ready;

    @Nullable
    HealthCheck health;

    Duration linger = Duration.ZERO;
    boolean controlSocket;
    LogSettings log = LogSettings.DEFAULT;
    SequencedMap<String, Value> triggers = new LinkedHashMap<>();

    @Nullable
    Boolean template;

    /** Tells a definition in the making all of it. */
    public void applyTo(Definition.Builder definition) {
        Duration longest = restartMaxDelay != null ? restartMaxDelay : longer(Restart.DEFAULT.maxDelay(), restartDelay);
        if (command != null) {
            definition.command(Script.RUN, command);
        }
        timeouts.forEach(definition::timeout);
        if (ready != null) {
            definition.timeout(Script.RUN, timeouts.getOrDefault(Script.RUN, READY_LIMIT));
        }
        definition
                .description(description)
                .requires(requires)
                .autostart(autostart)
                .restart(new Restart(restart, restartDelay, longest, Optional.ofNullable(restartLimit)))
                .stop(new Stop(stopSignal, stopGracePeriod, killMode))
                .ready(ready)
                .health(health)
                .environment(new EnvironmentSettings(environment, envFiles))
                .process(new ProcessSettings(
                        Optional.ofNullable(workingDir),
                        optional(umask),
                        Optional.ofNullable(user),
                        Optional.ofNullable(group),
                        groupAdd,
                        ulimits,
                        optional(nice),
                        optional(oomScoreAdj),
                        capDrop,
                        noNewPrivileges))
                .resources(new ResourceLimits(
                        memLimit == null ? OptionalLong.empty() : OptionalLong.of(memLimit),
                        Optional.ofNullable(cpus),
                        pidsLimit == null || pidsLimit < 0 ? OptionalLong.empty() : OptionalLong.of(pidsLimit)))
                .linger(linger)
                .controlSocket(controlSocket)
                .log(log)
                .triggers(triggers);
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? b : a;
    }

    private static OptionalInt optional(@Nullable Integer number) {
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }
}
