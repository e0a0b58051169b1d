package bellhop.engine.readiness;

import bellhop.core.Effect;
import bellhop.core.Event;
import bellhop.core.Input;
import bellhop.core.Life;
import bellhop.definition.HealthCheck;
import bellhop.definition.ServiceName;
import bellhop.engine.process.Probes;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks services for their health, as the Compose specification has it: one probe after the other, the first an
 * interval after {@code run} is up. Within the start period a failed probe does not count, until one has
 * succeeded; after that, {@code retries} failures in a row make a service unhealthy.
 */
public final class HealthChecks {

    private final EventLoop loop;
    private final Probes probes;
    private final Consumer<Input> events;
    private final Consumer<String> warnings;
    private final Map<Long, Check> checks = new HashMap<>();
    private @Nullable Consumer<ServiceName> listener;

    /** The known health of a service. */
    enum HealthState {
        /** No probe has succeeded yet, and not enough of them have failed. */
        STARTING,
        /** The last probe succeeded, or fewer than {@code retries} have failed since. */
        HEALTHY,
        /** As many probes as {@code retries} says have failed in a row. */
        UNHEALTHY;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The checks of one launch. */
    private final class Check {
        final ServiceName service;
        final Life life;
        final long launch;
        final HealthCheck how;
        final long startEnds;
        HealthState health = HealthState.STARTING;
        String line = "";
        int failures;
        /** Once a page was asked for; it can be asked for again. */
        @Nullable
        PortProbe page;

        Optional<EventLoop.Timer> next = Optional.empty();

        Check(ServiceName service, Life life, long launch, HealthCheck how) {
            this.service = service;
            this.life = life;
            this.launch = launch;
            this.how = how;
            this.startEnds = loop.now() + how.startPeriod().toNanos();
        }

        void wait(boolean starting) {
            Duration time = starting ? how.startInterval() : how.interval();
            next = Optional.of(loop.after(time, this::ask));
        }

        boolean isStarting() {
            return health == HealthState.STARTING && loop.now() < startEnds;
        }

        private void ask() {
            if (how.http().isEmpty()) {
                probes.start(life, launch, how.test(), how.timeout(), this::answered);
                return;
            }
            try {
                if (page == null) {
                    page = PortProbe.http(
                            loop, how.http().get(), line -> warnings.accept(service + ": healthcheck: " + line));
                }
                page.ask(how.timeout(), this::answered);
            } catch (IOException e) {
                answered(new Probes.ProbeOutcome(false, "", String.valueOf(e.getMessage())));
            }
        }

        void end() {
            next.ifPresent(EventLoop.Timer::cancel);
            if (page != null) {
                page.cancel();
            }
        }

        private void answered(Probes.ProbeOutcome outcome) {
            line = outcome.phrase();
            if (outcome.well()) {
                failures = 0;
                health = HealthState.HEALTHY;
            } else if (!isStarting()) {
                failures++;
            }
            wait(isStarting());
            if (failures >= how.retries() && health != HealthState.UNHEALTHY) {
                health = HealthState.UNHEALTHY;
                events.accept(new Input.Happened(service, new Event.Unhealthy(launch, line)));
            }
            if (listener != null) {
                listener.accept(service);
            }
        }
    }

    public HealthChecks(EventLoop loop, Probes probes, Consumer<Input> events, Consumer<String> warnings) {
        this.warnings = warnings;
        this.loop = loop;
        this.probes = probes;
        this.events = events;
    }

    /** Has it told whose health may have changed. */
    public void onReports(Consumer<ServiceName> newListener) {
        listener = newListener;
    }

    /** Begins for a launch that is up; does nothing if its definition asks for none, or it was begun. */
    public void begin(Effect.CheckHealth effect) {
        Optional<HealthCheck> how = effect.life().definition().health();
        if (how.isPresent() && !checks.containsKey(effect.launch())) {
            Check check = new Check(effect.service(), effect.life(), effect.launch(), how.get());
            checks.put(effect.launch(), check);
            check.wait(check.isStarting());
        }
    }

    /** Asks no more for this launch. */
    public void end(long launch) {
        Check check = checks.remove(launch);
        if (check != null) {
            check.end();
            probes.end(launch);
        }
    }

    /** The part of the report about a service with a health check. */
    public Optional<SelfReport.Health> of(ServiceName service) {
        return checks.values().stream()
                .filter(check -> check.service.equals(service))
                .findFirst()
                .map(check -> new SelfReport.Health(check.health.text(), check.line));
    }
}
