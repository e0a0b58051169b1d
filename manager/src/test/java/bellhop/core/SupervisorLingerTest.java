package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Verifies linger: kept for a while once its last hold went. */
class SupervisorLingerTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration TIME = Duration.ofSeconds(30);

    private final Workbench bench = new Workbench();

    private Workbench lingering() {
        bench.service(Draft.of("web").linger(TIME)).require("web");
        assertThat(bench.release("web")).succeeded().notes("web: kept for 30.0 s");
        return bench;
    }

    @Test
    void keepsItUpForAWhile() {
        lingering().pass(TIME.minusSeconds(1));
        assertThat(bench, "web").isStarted().isHeldByNobody();
        assertThat(bench.serviceNow("web").lingers(bench.now())).contains(Duration.ofSeconds(1));

        bench.pass(Duration.ofSeconds(1));

        assertThat(bench, "web").isStopped();
        assertThat(bench.serviceNow("web").lingers(bench.now())).isEmpty();
    }

    @Test
    void isCancelledByANewHoldAndBeginsAnewWithItsRelease() {
        lingering().pass(TIME.minusSeconds(1)).require("web");
        bench.pass(TIME);
        assertThat(bench, "web").isStarted().launched("run");

        bench.release("web");
        bench.pass(TIME.minusSeconds(1));

        assertThat(bench, "web").isStarted().launched("run");
    }

    @Test
    void isCancelledByAStart() {
        lingering().start("web");

        bench.pass(LONG);

        assertThat(bench, "web").isStarted().isPinned().launched("run");
    }

    @Test
    void endsWithAStop() {
        assertThat(lingering().stop("web")).succeeded();

        assertThat(bench, "web").isStopped();
    }

    @Test
    void endsWithAStopOfEverything() {
        assertThat(lingering().stopAll()).succeeded();

        assertThat(bench, "web").isStopped();
    }

    @Test
    void endsWithADeathThatNobodyRestarts() {
        lingering().exits("web", 1).pass(LONG);

        assertThat(bench, "web").isStopped().launched("run");
    }

    @Test
    void beginsWithTheEndOfWhoHeldIt() {
        bench.service(Draft.of("web").linger(TIME))
                .service(Draft.of("app").requires("web"))
                .read("web")
                .up("app");

        bench.stop("app");
        assertThat(bench, "web").isStarted().isHeldByNobody();
        bench.pass(TIME);

        assertThat(bench, "web").isStopped();
    }

    @Test
    void isNotForWhatIsNotUp() {
        bench.service(Draft.of("web").with(PRE).linger(TIME)).require("web");

        assertThat(bench.release("web")).succeeded().notes();
        assertThat(bench, "web").isStopped();
    }
}
