package bellhop.convert;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where a manager of systemd, the system's or a user's, has things.
 *
 * @param run what {@code %t} stands for; likewise {@code %S}, {@code %C}, {@code %L}, {@code %E} and {@code %h}
 * @param units where drop-ins are looked for, the most important first
 */
record SystemPlaces(
        String run, String state, String cache, String logs, String configuration, String home, List<Path> units) {

    static SystemPlaces of(boolean root, Map<String, String> environment) {
        if (root) {
            return new SystemPlaces(
                    "/run",
                    "/var/lib",
                    "/var/cache",
                    "/var/log",
                    "/etc",
                    "/root",
                    List.of(
                            Path.of("/etc/systemd/system"),
                            Path.of("/run/systemd/system"),
                            Path.of("/usr/local/lib/systemd/system"),
                            Path.of("/usr/lib/systemd/system"),
                            Path.of("/lib/systemd/system")));
        }
        String home = environment.getOrDefault("HOME", "/");
        String configuration = environment.getOrDefault("XDG_CONFIG_HOME", home + "/.config");
        String state = environment.getOrDefault("XDG_STATE_HOME", home + "/.local/state");
        return new SystemPlaces(
                environment.getOrDefault("XDG_RUNTIME_DIR", "/tmp"),
                state,
                environment.getOrDefault("XDG_CACHE_HOME", home + "/.cache"),
                state + "/log",
                configuration,
                home,
                List.of(
                        Path.of(configuration, "systemd/user"),
                        Path.of("/etc/systemd/user"),
                        Path.of("/run/systemd/user"),
                        Path.of("/usr/lib/systemd/user")));
    }
}
