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

    final TriggerUse use;
    final Duration interval;
    final Levels levels;
    final PluginSettings settings;
    final Settings forPlugin;
    final Set<String> subsystems = new HashSet<>();

    @Nullable
    Trigger trigger;

    PresentTargets answer = PresentTargets.NONE;
    /** Why its plugin's last answer stands; empty if all is well. */
    String fault = "";

    long faultSince;
    int faults;
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
        due = now + interval.toNanos();
        return wasFaulty;
    }
}
