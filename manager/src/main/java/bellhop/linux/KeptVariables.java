package bellhop.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The variables that every JVM reads, which are meant for those of services: the program that starts this one, {@code
 * bin/bh}, keeps them from it under other names. What was never renamed is left alone.
 */
public final class KeptVariables {

    private static final String PREFIX = "BELLHOP_KEPT_";
    private static final Set<String> NAMES = Set.of(
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "_JAVA_OPTIONS",
            "JDK_AOT_VM_OPTIONS",
            "JDK_ALTERNATE_VM",
            "_JAVA_LAUNCHER_DEBUG",
            "_JAVA_SR_SIGNUM");

    private KeptVariables() {}

    /** An environment as it was before, each {@code NAME=value}. */
    public static List<String> restored(List<String> environment) {
        List<String> restored = new ArrayList<>(environment.size());
        for (String variable : environment) {
            boolean isKept = variable.startsWith(PREFIX)
                    && NAMES.contains(
                            variable.substring(PREFIX.length(), Math.max(PREFIX.length(), variable.indexOf('='))));
            restored.add(isKept ? variable.substring(PREFIX.length()) : variable);
        }
        return restored;
    }

    /** The value of one of this process's variables, as it was before. */
    public static @Nullable String value(String name) {
        String kept = NAMES.contains(name) ? System.getenv(PREFIX + name) : null;
        return kept == null ? System.getenv(name) : kept;
    }
}
