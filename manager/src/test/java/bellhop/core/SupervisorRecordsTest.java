package bellhop.core;

import static bellhop.definition.Script.PRE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Verifies that the record is written before the act. */
class SupervisorRecordsTest {

    private final Workbench bench = new Workbench();

    @Test
    void aSaveGoesBeforeTheLaunchItAnnounces() {
        bench.service("web", PRE).start("web");

        List<Effect> effects = bench.takeEffects();

        assertThat(effects.get(0)).isInstanceOfSatisfying(Effect.Save.class, save -> {
            assertThat(save.service().pinned()).isTrue();
            assertThat(save.service().run()).map(Run::script).contains(PRE);
        });
        assertThat(effects.get(1)).isInstanceOf(Effect.Launch.class);
    }

    @Test
    void anAnswerIsGivenOnceWhatItPromisesIsOnRecord() {
        bench.require("web");
        bench.takeEffects();

        bench.start("web");

        assertThat(bench.takeEffects())
                .satisfiesExactly(
                        save -> assertThat(save).isInstanceOf(Effect.Save.class),
                        answer -> assertThat(answer).isInstanceOf(Effect.Answer.class));
    }

    @Test
    void aHoldIsSavedWithTheServiceThatIsHeld() {
        bench.up("db");
        bench.takeEffects();

        bench.require("db");

        assertThat(bench.takeEffects())
                .contains(new Effect.Save(bench.serviceNow("db"), List.of(Owner.OPERATOR), List.of()));
    }

    @Test
    void theEndOfAnIncarnationSavesWhatItHeld() {
        bench.up("app");
        bench.scriptOf("app").require("db");
        bench.start("db");
        bench.takeEffects();

        bench.stop("app");

        assertThat(bench.takeEffects()).contains(new Effect.Save(bench.serviceNow("db"), List.of(), List.of()));
    }

    @Test
    void nothingIsSavedWhereNothingChanged() {
        bench.up("web");
        bench.takeEffects();

        bench.start("web");

        assertThat(bench.takeEffects()).noneMatch(Effect.Save.class::isInstance);
    }
}
