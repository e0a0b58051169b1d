package bellhop.definition;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a service directory said at the moment it was read. Immutable: an incarnation keeps the one
 * it began with, whatever changes on disk meanwhile. Two are equal if they would have the same effect.
 *
 * @param name the service this was read for
 * @param directory the absolute service directory, the scripts' working directory
 * @param commands the command line of each script that there is; a missing key is a missing script
 * @param versions which file each script was; a script on disk that is another one makes another definition
 * @param description a sentence for people; empty if there is none
 * @param requires the services that are held from before {@code pre} until after {@code post}; those of them that are
 *     {@code optional} if they can be had
 * @param autostart whether the service is pinned when the manager starts on a fresh run dir
 * @param restart what to do once {@code run} has ended by itself
 * @param stop how it is stopped
 * @param reloadSignal the number of the signal at which {@code run} reads its configuration again; empty if it does not
 * @param timeouts how long {@code pre} and {@code post} may take of their own time, and {@code run} to be ready; no
 *     key, no limit
 * @param ready how {@code run} tells that it is ready; empty: it is once it was spawned
 * @param health how its health is asked for; empty: never
 * @param environment what is added to its environment
 * @param process under which user, limits and priorities {@code run} runs
 * @param resources what all processes of an incarnation together may use
 * @param linger how long the service is kept after its last hold went
 * @param controlSocket whether the service offers {@code NAME/socket}: connect to stop it and wait
 * @param log where its output goes
 * @param triggers the settings of plugins, by the plugins' names
 * @param overrides the files whose keys go before those of its {@code service.yaml}; empty: none
 * @param exits what certain ends of {@code run} mean; empty: only an exit status of 0 is special
 * @param optional which of {@code requires} the service also starts without; empty: none
 * @param onFailure what is started once it has failed for good; empty: nothing
 */
public record Definition(
        ServiceName name,
        Path directory,
        Map<Script, List<String>> commands,
        Map<Script, FileVersion> versions,
        String description,
        List<ServiceName> requires,
        boolean autostart,
        Restart restart,
        Stop stop,
        OptionalInt reloadSignal,
        Map<Script, Duration> timeouts,
        Optional<Ready> ready,
        Optional<HealthCheck> health,
        EnvironmentSettings environment,
        ProcessSettings process,
        ResourceLimits resources,
        Duration linger,
        boolean controlSocket,
        LogSettings log,
        Map<String, Value> triggers,
        Optional<List<Path>> overrides,
        Optional<ExitRules> exits,
        Optional<List<ServiceName>> optional,
        Optional<List<ServiceName>> onFailure) {

    public Definition {
        commands = inOrder(commands);
        versions = inOrder(versions);
        requires = List.copyOf(requires);
        timeouts = inOrder(timeouts);
        environment = environment.isNone() ? EnvironmentSettings.NONE : environment;
        process = process.isNone() ? ProcessSettings.NONE : process;
        resources = resources.isNone() ? ResourceLimits.NONE : resources;
        triggers = asGiven(triggers);
        overrides = overrides.filter(files -> !files.isEmpty());
        onFailure = onFailure.filter(services -> !services.isEmpty());
    }

    /** In the order of the scripts, so that the same definition is always written the same. */
    private static <V> Map<Script, V> inOrder(Map<Script, V> map) {
        Map<Script, V> copy = Map.copyOf(map);
        return copy.size() < 2 ? copy : Collections.unmodifiableMap(new EnumMap<>(copy));
    }

    /** In the order of the file. Most are empty, and a manager keeps those of each service: an order costs memory. */
    static <K, V> Map<K, V> asGiven(Map<K, V> map) {
        return map.size() < 2 ? Map.copyOf(map) : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /** Whether the service also starts without one that it requires. */
    public boolean isOptional(ServiceName required) {
        return optional.isPresent() && optional.get().contains(required);
    }

    /** Whether there is such a script. */
    public boolean has(Script script) {
        return commands.containsKey(script);
    }
}
