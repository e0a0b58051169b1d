package bellhop.definition;

import java.time.Duration;

/**
 * How a service is stopped; the YAML keys {@code stop_signal}, {@code stop_grace_period} and {@code kill_mode}.
 *
 * @param signal the number of the signal that asks it to end, {@code signal(7)}
 * @param gracePeriod how long a stop waits between that signal and KILL
 * @param killMode how far a stop reaches
 */
public record Stop(int signal, Duration gracePeriod, KillMode killMode) {}
