package bellhop.core;

import static bellhop.core.CoreAssertions.assertThat;
import static bellhop.definition.RestartPolicy.NO;
import static bellhop.definition.RestartPolicy.ON_FAILURE;
import static bellhop.definition.Script.POST;
import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Verifies what is started once a service has failed for good. */
class SupervisorFailureTest {

    private final Workbench bench = new Workbench();

    @BeforeEach
    void makeServices() {
        bench.service(Draft.of("db").restart(NO).onFailure("mail"))
                .service(Draft.of("mail").restart(ON_FAILURE))
                .read("mail");
    }

    private Optional<Failure> failure(String name) {
        return bench.launches(name).getLast().life().failure();
    }

    @Test
    void itIsStartedWithWhatHasFailedAndHow() {
        bench.up("db").exits("db", 3);

        assertThat(bench, "db").isFailed();
        assertThat(bench, "mail").isStarted().isPinned().isHeldByNobody();
        assertThat(failure("mail"))
                .contains(new Failure(
                        Draft.name("db"),
                        "run exited 3 after 0.0 s",
                        new RunEnd(RunResult.FAILED, Optional.of(new Exit.Exited(3)))));
    }

    @Test
    void ofATemplateTheInstanceIsStarted() {
        bench.service("mail@db").read("mail@db").up("db").exits("db", 3);

        assertThat(bench, "mail@db").isStarted();
        assertThat(bench, "mail").isStopped();
    }

    @Test
    void aRestartIsNoFailureForGoodAndTheLastOneIs() {
        bench.service(Draft.of("db").restartLimit(1).onFailure("mail")).up("db").exits("db", 3);
        assertThat(bench, "mail").isStopped();

        bench.pass(Duration.ofSeconds(1)).exits("db", 4);

        assertThat(bench, "db").isFailed();
        assertThat(bench, "mail").isStarted();
    }

    @Test
    void aStopIsNoFailureUnlessItsPostFails() {
        bench.service(Draft.of("db").with(POST).restart(NO).onFailure("mail")).up("db");
        bench.stop("db");
        bench.exits("db", 0);
        assertThat(bench, "mail").isStopped();

        bench.up("db").stop("db");
        bench.exits("db", 1);

        assertThat(bench, "mail").isStarted();
        assertThat(failure("mail").orElseThrow().end().result()).isEqualTo(RunResult.FAILED);
    }

    @Test
    void eachFailureStartsItOnceMore() {
        bench.up("db").exits("db", 3);
        bench.exits("mail", 0);
        assertThat(bench, "mail").isFinished();

        bench.up("db").exits("db", 4);

        assertThat(bench, "mail").isStarted().launched("run", "run");
        assertThat(failure("mail").orElseThrow().end().exit()).contains(new Exit.Exited(4));
    }

    @Test
    void whatWasStartedForAFailureStartsNothingByItsOwn() {
        bench.service(Draft.of("mail").restart(NO).onFailure("db"));
        bench.read("mail").up("db").exits("db", 3);

        bench.exits("mail", 1);

        assertThat(bench, "mail").isFailed();
        assertThat(bench, "db").isFailed().launched("run");
        bench.up("mail").exits("mail", 1);
        assertThat(bench, "db").isStarted();
    }

    @Test
    void whileEverythingIsBeingStoppedNothingIsStarted() {
        bench.service(Draft.of("db").with(POST).restart(NO).onFailure("mail"))
                .up("db")
                .takeEffects();
        bench.stopAll();

        bench.exits("db", 1);

        assertThat(bench, "db").isFailed();
        assertThat(bench, "mail").isStopped();
        assertThat(bench.takeEffects())
                .contains(new Effect.Warn(Draft.name("db"), "on_failure: mail: refused: everything is being stopped"));
    }

    @Test
    void whatIsNotThereIsSaid() {
        bench.service(Draft.of("db").restart(NO).onFailure("none", "mail"))
                .up("db")
                .takeEffects();

        bench.exits("db", 1);

        assertThat(bench.takeEffects())
                .contains(new Effect.Warn(Draft.name("db"), "on_failure: none: no such service"));
        assertThat(bench, "mail").isStarted();
    }

    @Test
    void whatIsUpAlreadyIsNotStartedAgainAndThatIsSaid() {
        bench.up("mail").up("db").takeEffects();

        bench.exits("db", 1);

        assertThat(bench, "mail").isStarted().isPinned().launched("run");
        assertThat(bench.takeEffects())
                .contains(new Effect.Warn(Draft.name("db"), "on_failure: mail: not started again: it is started"));
    }

    @Test
    void whatIsBeingRestartedForAnotherFailureKeepsThat() {
        bench.service(Draft.of("web").restart(NO).onFailure("mail")).read("web");
        bench.up("db").exits("db", 3);
        bench.exits("mail", 1);

        bench.up("web").exits("web", 4);

        bench.pass(Duration.ofSeconds(1));
        assertThat(bench, "mail").launched("run", "run");
        assertThat(failure("mail").orElseThrow().service()).isEqualTo(Draft.name("db"));
    }

    @Test
    void aLaterStartIsForNoFailure() {
        bench.up("db").exits("db", 3);
        bench.stop("mail");
        bench.up("mail");

        assertThat(failure("mail")).isEmpty();
    }

    @Test
    void oneThatRequiresWhatHasFailedDoesNotStartItWithoutEnd() {
        bench.service(Draft.of("db").restart(NO).with(PRE).onFailure("mail"))
                .service(Draft.of("mail").restart(NO).requires("db"))
                .read("mail");
        bench.start("db");
        bench.exits("db", 1);

        bench.exits("db", 1);

        assertThat(bench, "db").isFailed().launched("pre", "pre");
        assertThat(bench, "mail").isFailed();
    }
}
