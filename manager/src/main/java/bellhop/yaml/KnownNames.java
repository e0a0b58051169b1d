package bellhop.yaml;

import java.util.List;

/** Names that values of {@code service.yaml} may have, for those who write such files. */
public final class KnownNames {
    private KnownNames() {}

    /** The keys, in the order of the manual. */
    public static List<String> keys() {
        return ServiceKeys.KEYS.names();
    }

    /** Whether a text can be the name or number of a user or group. */
    public static boolean isAccount(String text) {
        return Rights.isAccount(text);
    }

    /** Whether a variable is set by the manager, and by nobody else. */
    public static boolean isManagersVariable(String name) {
        return ManagersVariables.contains(name);
    }

    /** The limits that {@code ulimits} can set. */
    public static List<String> ulimits() {
        return Limits.ULIMITS;
    }

    /** The capabilities that {@code cap_drop} can name, in small letters, without {@code all}. */
    public static List<String> capabilities() {
        return Rights.CAPABILITIES.stream().filter(name -> !name.equals("all")).toList();
    }
}
