package bellhop.definition;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a service directory said at the moment it was read. Immutable: an incarnation keeps the one
 * it began with, whatever changes on disk meanwhile.
 *
 * @param name the service this was read for
 * @param directory the absolute service directory, the scripts' working directory
 * @param commands the command line of each script that there is; a missing key is a missing script
 * @param restart what to do once {@code run} has ended by itself
 * @param restartDelay the wait before the first relaunch; it doubles after each quick death
 * @param restartMaxDelay the longest wait before a relaunch
 * @param autostart whether the service is pinned when the manager starts on a fresh run dir
 * @param killMode how far a stop reaches
 * @param stopGracePeriod how long a stop waits between the stop signal and KILL
 * @param timeouts how long {@code pre} and {@code post} may take of their own time; no key, no limit
 * @param controlSocket whether the service offers {@code NAME/socket}: connect to stop it and wait
 */
public record Definition(
        ServiceName name,
        Path directory,
        Map<Script, List<String>> commands,
        RestartPolicy restart,
        Duration restartDelay,
        Duration restartMaxDelay,
        boolean autostart,
        KillMode killMode,
        Duration stopGracePeriod,
        Map<Script, Duration> timeouts,
        boolean controlSocket) {

    public Definition {
        commands = Map.copyOf(commands);
        timeouts = Map.copyOf(timeouts);
    }

    /** Whether there is such a script. */
    public boolean has(Script script) {
        return commands.containsKey(script);
    }
}
