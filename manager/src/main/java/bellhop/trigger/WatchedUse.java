package bellhop.trigger;

import bellhop.spi.Settings;
import bellhop.spi.Trigger;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One use of a plugin, while it lasts. Confined to the thread of triggers. */
final class WatchedUse {
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(1);

    /** How often to look for what the kernel should have reported. */
    private static final Duration INTERVAL_WITH_EVENTS = Duration.ofSeconds(30);

    final TriggerUse use;
    final Duration interval;
    final Levels levels;
    final PluginSettings settings;
    final Settings forPlugin;
    /** Those whose events are received. */
    final Set<String> subsystems = new HashSet<>();
    /** Some of what its plugin looks at has no event. */
    boolean keepsPolling;

    @Nullable
    Trigger trigger;

    PresentTargets answer = PresentTargets.NONE;
    /** Why its plugin's last answer stands; empty if all is well. */
    String fault = "";

    long faultSince;
    private int faults;
    /** Whether there may have been an event since it was looked at last; one before the first look was not counted. */
    private boolean mayHaveChanged = true;

    /** When to look again, in {@link System#nanoTime}. */
    long due;
    /** The settings are wrong: nothing is asked until they change. */
    boolean isUseless;

    WatchedUse(
            TriggerUse use, PluginSettings settings, Settings forPlugin, Duration interval, Levels levels, long now) {
        this.use = use;
        this.settings = settings;
        this.forPlugin = forPlugin;
        this.interval = interval;
        this.levels = levels;
        this.due = now;
    }

    Map<String, String> identities() {
        Map<String, String> identities = new HashMap<>();
        answer.targets().forEach((name, target) -> identities.put(name, target.identity()));
        return identities;
    }

    /** Something went wrong; returns whether that is news. */
    boolean failed(String why, long now) {
        boolean isNews = !why.equals(fault);
        if (fault.isEmpty()) {
            faultSince = now;
        }
        fault = why;
        Duration delay = interval.multipliedBy(1L << Math.min(faults++, 10));
        due = now + (delay.compareTo(LONGEST_DELAY) > 0 ? longer(interval, LONGEST_DELAY) : delay).toNanos();
        return isNews;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    /** It was looked at, and all was well; returns whether something was wrong before. */
    boolean succeeded(long now) {
        boolean wasFaulty = !fault.isEmpty();
        fault = "";
        faults = 0;
        due = now + pause().toNanos();
        mayHaveChanged = false;
        return wasFaulty;
    }

    /** An event while it was looked at, or just before, may be about what the answer does not have yet. */
    private Duration pause() {
        boolean isReported = !subsystems.isEmpty() && !keepsPolling && !settings.hasInterval();
        return isReported && !mayHaveChanged ? INTERVAL_WITH_EVENTS : interval;
    }

    /** The kernel reports a change. One that fails is not asked more often for that. */
    void heard(long now) {
        mayHaveChanged = true;
        if (faults == 0) {
            due = Math.min(due, now);
        }
    }
}
