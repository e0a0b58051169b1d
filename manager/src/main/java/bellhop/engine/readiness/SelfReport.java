package bellhop.engine.readiness;

import java.time.Duration;
import java.util.Optional;

/**
 * The report about a running service, by itself and by its probes, as far as the core need not know it.
 *
 * @param status the last {@code STATUS=} of its notifications; empty text if there was none
 * @param reloading whether it said {@code RELOADING=1} and has not been ready since
 * @param reloadBegun when it sent its last {@code RELOADING=1}, monotonic nanoseconds: by its {@code MONOTONIC_USEC},
 *     else when it was read; 0 if there was none
 * @param error the last {@code ERRNO=}, by its name; empty text if there was none
 * @param watchdog the time between two {@code WATCHDOG=1} that it may let pass; empty if it has no watchdog
 * @param asking how a service that is asked whether it is ready answered last; empty text if it is not asked
 * @param health what its health check found; empty if it has none, or is not up
 */
public record SelfReport(
        String status,
        boolean reloading,
        long reloadBegun,
        String error,
        Optional<Duration> watchdog,
        String asking,
        Optional<Health> health) {

    public static final SelfReport NONE = new SelfReport("", false, 0, "", Optional.empty(), "", Optional.empty());

    /**
     * The health of a service.
     *
     * @param word {@code starting}, {@code healthy} or {@code unhealthy}
     * @param line the last line of the last probe, or how it ended; empty text before the first
     */
    public record Health(String word, String line) {
        /** The word of a service that is well. */
        public static final String GOOD = HealthChecks.HealthState.HEALTHY.text();
    }

    public SelfReport with(Optional<Health> newHealth) {
        return new SelfReport(status, reloading, reloadBegun, error, watchdog, asking, newHealth);
    }
}
