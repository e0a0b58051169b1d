package bellhop.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.trigger.Levels.Action.ReleaseInstance;
import bellhop.trigger.Levels.Action.RequireInstance;
import bellhop.trigger.Levels.Action.RestartInstance;
import bellhop.trigger.Levels.HoldState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is asked of the services, by what is seen. Times are milliseconds. */
class LevelsTest {
    private static final Optional<String> GOOD = Optional.empty();
    private static final Optional<String> BAD = Optional.of("pre exited 1");

    private Levels levels = new Levels(Duration.ZERO, List.of());

    private static long at(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }

    private List<Levels.Action> see(long millis, String... targetsAndIdentities) {
        Map<String, String> present = new java.util.HashMap<>();
        for (int i = 0; i < targetsAndIdentities.length; i += 2) {
            present.put(targetsAndIdentities[i], targetsAndIdentities[i + 1]);
        }
        return levels.observe(present, at(millis));
    }

    @Test
    void whatComesIsRequiredOnce() {
        assertThat(see(0, "wlan0", "1")).containsExactly(new RequireInstance("wlan0", 1));
        assertThat(see(1, "wlan0", "1")).isEmpty();
        levels.outcome("wlan0", 1, GOOD, at(2));
        assertThat(see(3, "wlan0", "1")).isEmpty();
        assertThat(levels.holds()).containsExactly(Map.entry("wlan0", HoldState.HELD));
        assertThat(levels.nextDeadline()).isEqualTo(Levels.NEVER);
    }

    @Test
    void whatGoesIsReleasedAlsoBeforeItsRequireIsAnswered() {
        see(0, "wlan0", "1", "wlan1", "2");
        levels.outcome("wlan0", 1, GOOD, at(1));
        assertThat(see(2)).containsExactly(new ReleaseInstance("wlan0"), new ReleaseInstance("wlan1"));
        assertThat(levels.holds()).isEmpty();
        levels.outcome("wlan1", 2, BAD, at(3));
        assertThat(levels.nextDeadline()).isEqualTo(Levels.NEVER);
    }

    @Test
    void nothingSettlesWhileNobodyLooks() {
        levels = new Levels(Duration.ofMillis(100), List.of());
        see(0, "wlan0", "1");
        levels.stoodStill(at(1000));
        assertThat(levels.pass(at(1099))).isEmpty();
        assertThat(levels.pass(at(1100))).containsExactly(new RequireInstance("wlan0", 1));
    }

    @Test
    void aReplugWithinOneIntervalRestartsTheInstance() {
        see(0, "wlan0", "1");
        levels.outcome("wlan0", 1, GOOD, at(1));
        assertThat(see(2, "wlan0", "2")).containsExactly(new RestartInstance("wlan0"));
        assertThat(see(3, "wlan0", "2")).isEmpty();
    }

    @Test
    void aReplugBeforeTheRequireIsAnsweredAsksAnew() {
        see(0, "wlan0", "1");
        assertThat(see(2, "wlan0", "2")).containsExactly(new ReleaseInstance("wlan0"), new RequireInstance("wlan0", 2));
        levels.outcome("wlan0", 1, BAD, at(3));
        assertThat(levels.holds()).containsEntry("wlan0", HoldState.ASKED);
        levels.outcome("wlan0", 2, GOOD, at(4));
        assertThat(levels.holds()).containsEntry("wlan0", HoldState.HELD);
    }

    @Test
    void aRenamedDeviceIsReleasedUnderTheOldNameFirst() {
        see(0, "wlan0", "1");
        levels.outcome("wlan0", 1, GOOD, at(1));
        assertThat(see(2, "a0", "1")).containsExactly(new ReleaseInstance("wlan0"), new RequireInstance("a0", 2));
    }

    @Test
    void aFailedRequireIsMadeAgainAfterADelayThatDoublesUpToAMinute() {
        see(0, "ttyS0", "1");
        long now = 0;
        long number = 1;
        for (long delay : new long[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            levels.outcome("ttyS0", number, BAD, at(now));
            assertThat(levels.failure("ttyS0")).isEqualTo("pre exited 1");
            now += delay * 1000;
            assertThat(levels.nextDeadline()).isEqualTo(at(now));
            assertThat(see(now - 1, "ttyS0", "1")).isEmpty();
            assertThat(levels.pass(at(now))).containsExactly(new RequireInstance("ttyS0", ++number));
        }
        levels.outcome("ttyS0", number, GOOD, at(now));
        assertThat(levels.failure("ttyS0")).isEmpty();
    }

    @Test
    void aDeviceThatCameAgainIsRequiredAtOnceWhateverFailedBefore() {
        see(0, "ttyS0", "1");
        levels.outcome("ttyS0", 1, BAD, at(1));
        assertThat(see(2)).isEmpty();
        assertThat(see(3, "ttyS0", "2")).containsExactly(new RequireInstance("ttyS0", 2));
        levels.outcome("ttyS0", 2, BAD, at(4));
        assertThat(see(5, "ttyS0", "3")).containsExactly(new RequireInstance("ttyS0", 3));
    }

    @Test
    void flappingFasterThanItSettlesIsNotSeen() {
        levels = new Levels(Duration.ofMillis(500), List.of());
        assertThat(see(0, "wlan0", "1")).isEmpty();
        assertThat(levels.nextDeadline()).isEqualTo(at(500));
        assertThat(see(400)).isEmpty();
        assertThat(see(600, "wlan0", "2")).isEmpty();
        assertThat(levels.pass(at(1099))).isEmpty();
        assertThat(levels.pass(at(1100))).containsExactly(new RequireInstance("wlan0", 1));
        levels.outcome("wlan0", 1, GOOD, at(1200));
        assertThat(see(1300)).isEmpty();
        assertThat(see(1400, "wlan0", "2")).isEmpty();
        assertThat(levels.pass(at(9000))).isEmpty();
        assertThat(see(9001)).isEmpty();
        assertThat(levels.pass(at(9501))).containsExactly(new ReleaseInstance("wlan0"));
        assertThat(levels.holds()).isEmpty();
    }

    @Test
    void aStopByHandIsRespectedUntilTheDeviceGoesAndComes() {
        see(0, "wlan0", "1");
        levels.stopped("wlan0");
        levels.outcome("wlan0", 1, BAD, at(1));
        assertThat(levels.holds()).containsEntry("wlan0", HoldState.HELD_DOWN);
        assertThat(see(100_000, "wlan0", "1")).isEmpty();
        assertThat(see(100_001)).isEmpty();
        assertThat(see(100_002, "wlan0", "1")).containsExactly(new RequireInstance("wlan0", 2));
    }

    @Test
    void whatIsHeldStaysHeldWhenStoppedByHandForTheServicesKnowThat() {
        see(0, "wlan0", "1");
        levels.outcome("wlan0", 1, GOOD, at(1));
        levels.stopped("wlan0");
        assertThat(see(2)).containsExactly(new ReleaseInstance("wlan0"));
    }

    @Test
    void afterAStopOfEverythingWhatIsPresentCountsAsHeldDown() {
        see(0, "wlan0", "1", "wlan1", "2");
        levels.outcome("wlan0", 1, GOOD, at(1));
        levels.stoppedAll();
        assertThat(see(2, "wlan0", "1", "wlan1", "2")).isEmpty();
        assertThat(see(3, "wlan0", "9")).containsExactly(new RequireInstance("wlan0", 3));
    }

    @Test
    void holdsOfAnEarlierManagerGoOnWhereTheDeviceIsThereAndGoWhereItIsNot() {
        levels = new Levels(Duration.ZERO, List.of("wlan0", "wlan1"));
        assertThat(levels.pass(at(0))).isEmpty();
        assertThat(see(1, "wlan0", "7", "wlan2", "8"))
                .containsExactly(new ReleaseInstance("wlan1"), new RequireInstance("wlan2", 1));
        assertThat(see(2, "wlan0", "9", "wlan2", "8")).containsExactly(new RestartInstance("wlan0"));
    }

    @Test
    void givingUpReleasesAllThatIsHeld() {
        see(0, "a", "1", "b", "2", "c", "3");
        levels.outcome("a", 1, GOOD, at(1));
        levels.outcome("b", 2, BAD, at(1));
        assertThat(levels.releaseAll()).containsExactly(new ReleaseInstance("a"), new ReleaseInstance("c"));
        assertThat(levels.holds()).isEmpty();
    }
}
