package bellhop.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StandStillTest {

    private final StandStill standStill = new StandStill();
    private long now = Long.MAX_VALUE - 1_000_000_000L; // the clock may pass over its end

    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }

    /** A turn of the loop, and a wait that follows; returns for how long it stood still, in milliseconds. */
    private long turn(long works, long asks, long sleeps) {
        standStill.turns(now);
        now += millis(works);
        standStill.waits(now, asks < 0 ? -1 : millis(asks));
        now += millis(sleeps);
        return Duration.ofNanos(standStill.wakes(now)).toMillis();
    }

    @Test
    void aLittleLateIsNoStandStill() {
        assertThat(turn(1000, 500, 1500)).isZero();
        assertThat(turn(0, 0, 1000)).isZero();
    }

    @Test
    void whatWasDoneBeforeTheFirstWaitIsNoTurn() {
        standStill.waits(now, 0);
        now += millis(3);

        assertThat(standStill.wakes(now)).isZero();
    }

    @Test
    void soonerThanAskedForIsNone() {
        assertThat(turn(1, 1000, 2)).isZero();
    }

    @Test
    void allOfAWaitThatTookTooLongIsOne() {
        assertThat(turn(0, 500, 1501)).isEqualTo(1501);
    }

    @Test
    void ofATurnThatTookTooLongOneSecondCounts() {
        assertThat(turn(3000, 500, 2)).isEqualTo(2000);
        assertThat(turn(3000, 500, 2000)).isEqualTo(4000);
    }

    @Test
    void whoAskedForNoEndCannotBeLate() {
        assertThat(turn(0, -1, 1_000_000)).isZero();
    }
}
