package bellhop;

import bellhop.definition.Definition;
import bellhop.definition.EnvironmentSettings;
import bellhop.definition.ExitRules;
import bellhop.definition.HealthCheck;
import bellhop.definition.LogSettings;
import bellhop.definition.ProcessSettings;
import bellhop.definition.Ready;
import bellhop.definition.ResourceLimits;
import bellhop.definition.Restart;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.definition.Stop;
import bellhop.yaml.Reading;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A definition in the making, begun with what holds for a directory without {@code service.yaml}. */
public final class DefinitionBuilder {
    private final Definition defaults;
    private final Map<Script, List<String>> commands = new EnumMap<>(Script.class);
    private final Map<Script, Duration> timeouts = new EnumMap<>(Script.class);
    private List<ServiceName> requires;
    private Restart restart;
    private Stop stop;
    private Optional<Ready> ready;
    private Optional<HealthCheck> health;
    private EnvironmentSettings environment;
    private ProcessSettings process;
    private ResourceLimits resources;
    private Duration linger;
    private LogSettings log;
    private Optional<ExitRules> exits;
    private Optional<List<ServiceName>> optional;
    private Optional<List<ServiceName>> onFailure;

    private DefinitionBuilder(Definition defaults) {
        this.defaults = defaults;
        commands.putAll(defaults.commands());
        timeouts.putAll(defaults.timeouts());
        requires = defaults.requires();
        restart = defaults.restart();
        stop = defaults.stop();
        ready = defaults.ready();
        health = defaults.health();
        environment = defaults.environment();
        process = defaults.process();
        resources = defaults.resources();
        linger = defaults.linger();
        log = defaults.log();
        exits = defaults.exits();
        optional = defaults.optional();
        onFailure = defaults.onFailure();
    }

    public static DefinitionBuilder of(ServiceName name, Path directory, Map<Script, List<String>> commands) {
        return new DefinitionBuilder(Reading.of(name, directory, commands, Map.of(), Optional.empty())
                .definition());
    }

    public DefinitionBuilder command(Script script, List<String> command) {
        commands.put(script, command);
        return this;
    }

    public DefinitionBuilder requires(List<ServiceName> value) {
        requires = value;
        return this;
    }

    public DefinitionBuilder restart(Restart value) {
        restart = value;
        return this;
    }

    public DefinitionBuilder stop(Stop value) {
        stop = value;
        return this;
    }

    /** A limit; null for none. */
    public DefinitionBuilder timeout(Script script, @Nullable Duration limit) {
        if (limit == null) {
            timeouts.remove(script);
        } else {
            timeouts.put(script, limit);
        }
        return this;
    }

    public DefinitionBuilder ready(@Nullable Ready value) {
        ready = Optional.ofNullable(value);
        return this;
    }

    public DefinitionBuilder health(@Nullable HealthCheck value) {
        health = Optional.ofNullable(value);
        return this;
    }

    public DefinitionBuilder environment(EnvironmentSettings value) {
        environment = value;
        return this;
    }

    public DefinitionBuilder process(ProcessSettings value) {
        process = value;
        return this;
    }

    public DefinitionBuilder resources(ResourceLimits value) {
        resources = value;
        return this;
    }

    public DefinitionBuilder linger(Duration value) {
        linger = value;
        return this;
    }

    public DefinitionBuilder log(LogSettings value) {
        log = value;
        return this;
    }

    public DefinitionBuilder exits(Optional<ExitRules> value) {
        exits = value;
        return this;
    }

    /** Those of {@code requires} without which it starts, too. */
    public DefinitionBuilder optional(Optional<List<ServiceName>> value) {
        optional = value;
        return this;
    }

    public DefinitionBuilder onFailure(Optional<List<ServiceName>> value) {
        onFailure = value;
        return this;
    }

    public Definition build() {
        return new Definition(
                defaults.name(),
                defaults.directory(),
                commands,
                defaults.versions(),
                defaults.description(),
                requires,
                defaults.autostart(),
                restart,
                stop,
                defaults.reloadSignal(),
                timeouts,
                ready,
                health,
                environment,
                process,
                resources,
                linger,
                defaults.controlSocket(),
                log,
                defaults.triggers(),
                defaults.overrides(),
                exits,
                optional,
                onFailure);
    }
}
