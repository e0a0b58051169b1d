package bellhop.core;

import bellhop.definition.Definition;
import bellhop.definition.InvalidNameException;
import bellhop.definition.KillMode;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

    Definition definition() {
        Path directory = Path.of("/services.d", name.toString());
        Map<Script, List<String>> commands = new EnumMap<>(Script.class);
        for (Script script : scripts) {
            commands.put(script, List.of(directory.resolve(script.fileName()).toString(), name.argument()));
        }
        return new Definition(
                name,
                directory,
                commands,
                restart,
                restartDelay,
                restartMaxDelay,
                false,
                killMode,
                stopGracePeriod,
                limits,
                false);
    }
}
