package bellhop.definition;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the health of a service is asked for, as the Compose specification has it; the YAML key {@code healthcheck}.
 *
 * @param test the program that exits 0 if all is well, and its arguments; empty if {@code http} is given
 * @param interval the time between the end of one probe and the start of the next
 * @param timeout how long a probe may take; one that takes longer is killed and counts as failed
 * @param retries how many probes must fail in a row, at least 1
 * @param startPeriod the time after the launch in which a failed probe does not count
 * @param startInterval the time between two probes in the start period
 * @param http the page that is answered with a status of success or redirection if all is well; empty: {@code test}
 *     is executed
 */
public record HealthCheck(
        List<String> test,
        Duration interval,
        Duration timeout,
        int retries,
        Duration startPeriod,
        Duration startInterval,
        Optional<HttpUrl> http) {
    public HealthCheck {
        test = List.copyOf(test);
    }
}
