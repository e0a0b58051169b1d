package bellhop.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.Value;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When a use of a plugin is looked at next. */
class WatchedUseTest {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration WITH_EVENTS = Duration.ofSeconds(30);

    /** Of {@link System#nanoTime}, whatever it is. */
    private long now = 1_000;

    private static WatchedUse use(Map<String, Value> keys) {
        TriggerUse use = PluginSettingsTest.use("srv", "good", keys);
        PluginSettings settings = new PluginSettings(use);
        return new WatchedUse(
                use, settings, settings.ofPlugin(), settings.interval(), new Levels(Duration.ZERO, Set.of()), 1_000);
    }

    /** Looks when it is due; returns how long until the next look. */
    private Duration look(WatchedUse use) {
        now = Math.max(now, use.due);
        use.succeeded(now);
        return Duration.ofNanos(use.due - now);
    }

    @Test
    void withoutEventsItIsLookedAtEachInterval() {
        WatchedUse use = use(Map.of());

        assertThat(look(use)).isEqualTo(INTERVAL);
        assertThat(look(use)).isEqualTo(INTERVAL);
    }

    @Test
    void withEventsItIsSeldomLookedAtUnlessOneMayHaveComeUncounted() {
        WatchedUse use = use(Map.of());
        use.subsystems.add("net");

        assertThat(look(use))
                .as("an event may have come before the plugin named its subsystem")
                .isEqualTo(INTERVAL);
        assertThat(look(use)).isEqualTo(WITH_EVENTS);
        assertThat(look(use)).isEqualTo(WITH_EVENTS);
    }

    @Test
    void eventIsFollowedByALookAtOnceAndAnotherAnIntervalLater() {
        WatchedUse use = use(Map.of());
        use.subsystems.add("net");
        look(use);
        look(use);

        now += 5;
        use.heard(now);
        assertThat(use.due).isEqualTo(now);
        assertThat(look(use))
                .as("what the event is about may not be complete yet")
                .isEqualTo(INTERVAL);
        assertThat(look(use)).isEqualTo(WITH_EVENTS);
    }

    @Test
    void eventDuringALookIsNotLost() {
        WatchedUse use = use(Map.of());
        use.subsystems.add("net");
        look(use);
        look(use);

        use.due = Long.MAX_VALUE;
        use.heard(now);
        use.succeeded(now);
        assertThat(Duration.ofNanos(use.due - now)).isEqualTo(INTERVAL);
    }

    @Test
    void intervalThatIsWrittenDownCounts() {
        WatchedUse use = use(Map.of("interval", PluginSettingsTest.word("2s", 4, 15)));
        use.subsystems.add("net");

        look(use);
        assertThat(look(use)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void pluginThatKeepsPollingIsLookedAtEachInterval() {
        WatchedUse use = use(Map.of());
        use.subsystems.add("tty");
        use.keepsPolling = true;

        look(use);
        assertThat(look(use)).isEqualTo(INTERVAL);
    }

    @Test
    void oneThatFailsIsNotLookedAtSoonerForAnEvent() {
        WatchedUse use = use(Map.of());
        use.subsystems.add("net");
        look(use);

        use.failed("broken", now);
        long due = use.due;
        use.heard(now);
        assertThat(use.due).isEqualTo(due);
        assertThat(look(use)).isEqualTo(INTERVAL);
        assertThat(look(use)).isEqualTo(WITH_EVENTS);
    }
}
