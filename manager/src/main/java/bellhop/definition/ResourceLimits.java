package bellhop.definition;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What all processes of an incarnation together may use, where cgroup v2 can be written to; the YAML keys
 * {@code mem_limit}, {@code cpus} and {@code pids_limit}.
 *
 * @param memLimit bytes of memory
 * @param cpus processors, above 0
 * @param pidsLimit processes and threads
 */
public record ResourceLimits(OptionalLong memLimit, Optional<BigDecimal> cpus, OptionalLong pidsLimit) {

    /** Whatever there is. */
    public static final ResourceLimits NONE =
            new ResourceLimits(OptionalLong.empty(), Optional.empty(), OptionalLong.empty());

    boolean isNone() {
        return memLimit.isEmpty() && cpus.isEmpty() && pidsLimit.isEmpty();
    }
}
