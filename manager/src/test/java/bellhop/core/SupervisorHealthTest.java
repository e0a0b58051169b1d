package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.RestartPolicy.ON_FAILURE;
import static bellhop.definition.Script.POST;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Verifies healthcheck: who is not well is restarted. */
class SupervisorHealthTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final Workbench bench = new Workbench();

    @Test
    void isAskedForAtEachLaunchOnceItIsUp() {
        bench.service(Draft.of("web").health().watchdog(LONG)).start("web");
        assertThat(bench.takeEffects()).noneMatch(Effect.CheckHealth.class::isInstance);

        bench.ready("web");

        assertThat(bench.takeEffects()).anyMatch(Effect.CheckHealth.class::isInstance);
        bench.exits("web", 1).pass(Duration.ofMillis(100)).ready("web");
        assertThat(bench.takeEffects()).anyMatch(Effect.CheckHealth.class::isInstance);
    }

    @Test
    void isAskedOfNobodyWhoNeedsNoCheck() {
        bench.up("web");

        assertThat(bench.takeEffects()).noneMatch(Effect.CheckHealth.class::isInstance);
    }

    @Test
    void badHealthIsAFailure() {
        bench.service(Draft.of("web").health().restart(ON_FAILURE)).up("web");

        bench.unhealthy("web", "connection refused");

        assertThat(bench, "web").isRestarting().says("unhealthy: connection refused");
        bench.pass(Duration.ofMillis(100));
        assertThat(bench, "web").isStarted().launched("run", "run");
    }

    @Test
    void badHealthWithoutRestartsIsTheEnd() {
        bench.service(Draft.of("web").with(POST).health().restart(NO)).up("web");

        bench.unhealthy("web", "connection refused").exits("web", 0);

        assertThat(bench, "web")
                .isFailed()
                .says("unhealthy: connection refused")
                .launched("run", "post");
    }
}
