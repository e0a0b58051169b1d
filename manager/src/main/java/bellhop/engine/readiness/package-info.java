/**
 * The reports of services about themselves, and the checks of them: readiness, watchdog, health.
 *
 * <p>Begin with {@link bellhop.engine.readiness.Readiness}, which makes a {@link bellhop.engine.readiness.ReadySignal} for each
 * launch: by {@code sd_notify} ({@link bellhop.engine.readiness.NotifySocket}), a descriptor, a file, a port or a
 * command. {@link bellhop.engine.readiness.HealthChecks} ask by {@code Probes}. The results
 * become events of the core, and a {@link bellhop.engine.readiness.SelfReport} for people.
 */
@NullMarked
package bellhop.engine.readiness;

import org.jspecify.annotations.NullMarked;
