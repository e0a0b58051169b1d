package bellhop.manager;

import bellhop.catalog.ServiceDirectories;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where things are if nobody says otherwise. */
public final class DefaultPaths {

    private DefaultPaths() {}

    /** The directories of services, in the order in which they are looked into. */
    static List<Path> services(boolean root, Map<String, String> environment) {
        return root
                ? List.of(Path.of("/etc/bellhop/services.d"), Path.of("/usr/lib/bellhop/services.d"))
                : List.of(underHome(environment, "XDG_CONFIG_HOME", ".config").resolve("bellhop/services.d"));
    }

    /** The directories that somebody named, else the usual ones. */
    public static ServiceDirectories directories(RunOptions options, boolean root, Map<String, String> environment) {
        return options.services().isEmpty()
                ? ServiceDirectories.usual(services(root, environment))
                : ServiceDirectories.named(options.services());
    }

    /** The directory of what is enabled: beside the services, those that somebody named included. */
    public static Path enabled(RunOptions options, boolean root, Map<String, String> environment) {
        if (options.enabled() != null) {
            return options.enabled();
        }
        List<Path> directories = options.services().isEmpty() ? services(root, environment) : options.services();
        return directories.getFirst().toAbsolutePath().normalize().resolveSibling("enabled");
    }

    /** The directory of what is masked, beside that of what is enabled. */
    public static Path masked(RunOptions options, boolean root, Map<String, String> environment) {
        return enabled(options, root, environment).toAbsolutePath().normalize().resolveSibling("masked");
    }

    /** Where Bellhop is installed. */
    static Path home() {
        return Path.of(System.getProperty("bellhop.home", "/usr/lib/bellhop"));
    }

    /** The directories of plugins: Bellhop's own, and those that somebody named. */
    public static List<Path> plugins(List<Path> named) {
        List<Path> directories = new ArrayList<>(List.of(home().resolve("plugins")));
        directories.addAll(named);
        return directories;
    }

    /** The directory of the logs. */
    static Path logs(boolean root, Map<String, String> environment) {
        return root
                ? Path.of("/var/log/bellhop")
                : underHome(environment, "XDG_STATE_HOME", ".local/state").resolve("bellhop/log");
    }

    /** As the XDG base directory specification says: a relative path counts as none. */
    private static Path underHome(Map<String, String> environment, String variable, String otherwise) {
        String named = environment.getOrDefault(variable, "");
        return named.startsWith("/") ? Path.of(named) : Path.of(environment.getOrDefault("HOME", "/"), otherwise);
    }
}
