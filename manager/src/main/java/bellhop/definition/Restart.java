package bellhop.definition;

import java.time.Duration;
import java.util.Optional;

/**
 * What to do once a service has ended by itself; the YAML keys {@code restart}, {@code restart_delay},
 * {@code restart_max_delay} and {@code restart_limit}.
 *
 * @param policy whether it is launched again
 * @param delay the wait before the first relaunch; it doubles after each quick death
 * @param maxDelay the longest wait before a relaunch, never less than {@code delay}
 * @param limit how many relaunches there may be; empty: any number
 */
public record Restart(RestartPolicy policy, Duration delay, Duration maxDelay, Optional<Limit> limit) {

    /**
     * How many relaunches there may be before the service has failed.
     *
     * @param times at least 1
     * @param within in which time; empty: since it was last started by hand, as with Compose's {@code on-failure:3}
     */
    public record Limit(int times, Optional<Duration> within) {}
}
