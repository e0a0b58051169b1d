package bellhop.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Verifies every rule of {@link Invariants} in thousands of worlds where anything may happen.
 *
 * <p>{@code -Dsimulation.seeds=N} tries more or fewer of them, {@code -Dsimulation.seed=S} tries one and
 * prints its story. A seed whose world breaks a rule becomes a test of its own of the {@link Supervisor}:
 * what a seed stands for changes with the simulation.
 */
class SimulationTest {

    private static final int SEEDS = 20_000;

    @Test
    void everyRuleHoldsInEveryWorld() {
        Long one = Long.getLong("simulation.seed");
        if (one != null) {
            tell(one);
            return;
        }
        int seeds = Integer.getInteger("simulation.seeds", SEEDS);
        LongAdder events = new LongAdder();
        long began = System.nanoTime();
        Optional<Long> broken = LongStream.rangeClosed(1, seeds)
                .parallel()
                .filter(seed -> breaksARule(seed, events))
                .boxed()
                .findFirst();
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "simulation: %,d seeds, %,d events in %.1f s, %,.0f seeds/s%n",
                seeds,
                events.sum(),
                seconds,
                seeds / seconds);
        broken.ifPresent(SimulationTest::tell);
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        Story first = Story.told();
        Story second = Story.told();

        new World(4711, first).live();
        new World(4711, second).live();

        assertThat(first).hasToString(second.toString());
    }

    private static boolean breaksARule(long seed, LongAdder events) {
        try {
            events.add(new World(seed, Story.UNTOLD).live());
            return false;
        } catch (RuleBroken | RuntimeException e) {
            return true;
        }
    }

    private static void tell(long seed) {
        Story story = Story.told();
        try {
            int events = new World(seed, story).live();
            System.out.printf("seed %d keeps every rule in %d events:%n%s", seed, events, story);
        } catch (RuleBroken | RuntimeException e) {
            fail(
                    "seed " + seed + " breaks a rule.\n\n" + story + "\n" + e
                            + "\n\nTo see it again: mvn -am -pl manager test -Dtest=SimulationTest -Dsimulation.seed="
                            + seed,
                    e);
        }
    }
}
