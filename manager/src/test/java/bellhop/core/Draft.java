package bellhop.core;

import bellhop.DefinitionBuilder;
import bellhop.definition.Definition;
import bellhop.definition.ExitRules;
import bellhop.definition.HealthCheck;
import bellhop.definition.InvalidNameException;
import bellhop.definition.KillMode;
import bellhop.definition.Ready;
import bellhop.definition.Restart;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.definition.Stop;
import bellhop.linux.Signals;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A definition in the making; begins as a directory with nothing but {@code run}, by the defaults. */
final class Draft {

    private final ServiceName name;
    private final Set<Script> scripts = EnumSet.of(Script.RUN);
    private final Map<Script, Duration> limits =
            new EnumMap<>(Map.of(Script.PRE, Duration.ofSeconds(10), Script.POST, Duration.ofSeconds(10)));
    private RestartPolicy restart = RestartPolicy.ALWAYS;
    private Duration restartDelay = Duration.ofMillis(100);
    private Duration restartMaxDelay = Duration.ofSeconds(10);
    private KillMode killMode = KillMode.ALL;
    private Duration stopGracePeriod = Duration.ofSeconds(10);

    private List<ServiceName> requires = List.of();
    private @Nullable Ready ready;
    private @Nullable HealthCheck health;
    private Optional<Restart.Limit> restartLimit = Optional.empty();
    private Duration linger = Duration.ZERO;
    private List<ServiceName> optional = List.of();
    private List<ServiceName> onFailure = List.of();
    private List<String> success = List.of();
    private List<String> prevent = List.of();

    private Draft(ServiceName name) {
        this.name = name;
    }

    static Draft of(String name) {
        return of(name(name));
    }

    static Draft of(ServiceName name) {
        return new Draft(name);
    }

    /** A name that is known to be one. */
    static ServiceName name(String text) {
        try {
            return ServiceName.parse(text);
        } catch (InvalidNameException e) {
            throw new IllegalArgumentException(e);
        }
    }

    Draft with(Script... more) {
        scripts.addAll(List.of(more));
        return this;
    }

    Draft without(Script... fewer) {
        List.of(fewer).forEach(scripts::remove);
        return this;
    }

    Draft restart(RestartPolicy policy) {
        restart = policy;
        return this;
    }

    Draft restartDelay(Duration first, Duration longest) {
        restartDelay = first;
        restartMaxDelay = longest;
        return this;
    }

    Draft killMode(KillMode mode) {
        killMode = mode;
        return this;
    }

    Draft stopGracePeriod(Duration grace) {
        stopGracePeriod = grace;
        return this;
    }

    Draft limit(Script script, Duration limit) {
        limits.put(script, limit);
        return this;
    }

    Draft noLimit(Script script) {
        limits.remove(script);
        return this;
    }

    Draft requires(String... names) {
        return requires(Stream.of(names).map(Draft::name).toList());
    }

    Draft requires(List<ServiceName> names) {
        requires = names;
        return this;
    }

    /** These are started once it has failed for good. */
    Draft onFailure(String... names) {
        return onFailure(Stream.of(names).map(Draft::name).toList());
    }

    Draft onFailure(List<ServiceName> names) {
        onFailure = names;
        return this;
    }

    /** These of what it requires it starts without, too. */
    Draft optional(String... names) {
        return optional(Stream.of(names).map(Draft::name).toList());
    }

    Draft optional(List<ServiceName> names) {
        optional = names;
        return this;
    }

    /** It says that it is ready, within this time. */
    Draft saysReady(Duration limit) {
        ready = new Ready.Notify(Optional.empty());
        return limit(Script.RUN, limit);
    }

    /** Its {@code run} is a job, which is ready once it has ended well. */
    Draft job() {
        ready = new Ready.Finished();
        health = null;
        linger = Duration.ZERO;
        return this;
    }

    /** It says that it is ready, and that it is well, again and again. */
    Draft watchdog(Duration watchdog) {
        ready = new Ready.Notify(Optional.of(watchdog));
        return this;
    }

    Draft health() {
        health = new HealthCheck(
                List.of("/bin/true"),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                3,
                Duration.ZERO,
                Duration.ofSeconds(5),
                Optional.empty());
        return this;
    }

    Draft restartLimit(int times) {
        restartLimit = Optional.of(new Restart.Limit(times, Optional.empty()));
        return this;
    }

    Draft restartLimit(int times, Duration within) {
        restartLimit = Optional.of(new Restart.Limit(times, Optional.of(within)));
        return this;
    }

    Draft linger(Duration time) {
        linger = time;
        return this;
    }

    /** These ends of {@code run} are a success. */
    Draft success(String... ends) {
        success = List.of(ends);
        return this;
    }

    /** After these ends {@code run} is not started again. */
    Draft prevent(String... ends) {
        prevent = List.of(ends);
        return this;
    }

    Definition definition() {
        Path directory = Path.of("/services.d", name.toString());
        Map<Script, List<String>> commands = new EnumMap<>(Script.class);
        for (Script script : scripts) {
            commands.put(script, List.of(directory.resolve(script.fileName()).toString(), name.argument()));
        }
        DefinitionBuilder builder = DefinitionBuilder.of(name, directory, commands)
                .restart(new Restart(restart, restartDelay, restartMaxDelay, restartLimit))
                .stop(new Stop(Signals.TERM, stopGracePeriod, killMode))
                .requires(requires)
                .ready(ready)
                .health(health)
                .linger(linger)
                .optional(optional.isEmpty() ? Optional.empty() : Optional.of(optional))
                .onFailure(Optional.of(onFailure))
                .exits(Optional.of(new ExitRules(success, prevent)));
        for (Script script : Script.values()) {
            builder.timeout(script, limits.get(script));
        }
        return builder.build();
    }
}
