package bellhop.yaml;

import java.util.Set;

/** The variables that the manager sets in a service's environment, and that nobody else may. */
final class ManagersVariables {
    private static final Set<String> NAMES = Set.of("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID");

    private ManagersVariables() {}

    static boolean contains(String name) {
        return name.startsWith("BELLHOP_") || NAMES.contains(name);
    }
}
