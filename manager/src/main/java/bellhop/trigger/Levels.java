package bellhop.trigger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The targets that one trigger sees, and the holds for it. Compares the two and returns the requests; it sends none
 * itself, and time comes in as an argument. Because it compares levels no change can be missed: one that was not
 * seen at one look is seen at the next.
 *
 * <p>What is seen counts once it has stayed the same for the time to settle. Then a target that came is required,
 * one that is gone released, and one that has become another device restarted. A require that failed is made again
 * after a delay that doubles with each failure, for as long as the target is there. An instance that was stopped
 * manually is left alone until the target goes and comes again.
 */
final class Levels {
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofMinutes(1);

    /** Nothing is due. */
    static final long NEVER = Long.MAX_VALUE;

    /** A request to the services. */
    sealed interface Action {
        String target();

        /**
         * Hold the instance, which starts it.
         *
         * @param number to be given back with the {@link Levels#outcome}
         */
        record RequireInstance(String target, long number) implements Action {}

        /** Drop the hold, which stops it. */
        record ReleaseInstance(String target) implements Action {}

        /** Stop the instance and start it again, for another device. */
        record RestartInstance(String target) implements Action {}
    }

    /** How it is with the hold for a target. */
    enum HoldState {
        /** Nothing was asked yet: it has not settled. */
        NONE,
        /** Asked for, not answered. */
        ASKED,
        HELD,
        /** The start failed, and the hold went with it; asked for again later. */
        FAILED,
        /** Stopped manually: not requested until the device goes and comes again. */
        HELD_DOWN
    }

    private static final class Level {
        /** The identity that was seen last; empty while it is not there. */
        Optional<String> seen = Optional.empty();

        long since;
        /** The identity that counts. */
        Optional<String> settled = Optional.empty();

        HoldState hold = HoldState.NONE;
        long number;
        int failures;
        long retryAt = NEVER;
        String why = "";
        /** A hold of an earlier manager, whose device may be another one now; that is not known. */
        boolean inherited;
    }

    private final long settle;
    private final SortedMap<String, Level> levels = new TreeMap<>();
    private long lastNumber;

    /**
     * Begins with what an earlier manager held, and nothing seen.
     *
     * @param settle how long what is seen must stay before it counts
     */
    Levels(Duration settle, Collection<String> inherited) {
        this.settle = settle.toNanos();
        for (String target : inherited) {
            Level level = new Level();
            level.hold = HoldState.HELD;
            level.inherited = true;
            levels.put(target, level);
        }
    }

    /**
     * Compares with what is present now.
     *
     * @param present identities by the names of targets
     * @param now monotonic nanoseconds
     */
    List<Action> observe(Map<String, String> present, long now) {
        for (String target : present.keySet()) {
            levels.computeIfAbsent(target, name -> {
                Level level = new Level();
                level.since = now;
                return level;
            });
        }
        levels.forEach((target, level) -> {
            Optional<String> seen = Optional.ofNullable(present.get(target));
            if (level.inherited) {
                level.inherited = false;
                level.settled = Optional.of(seen.orElse(""));
                level.seen = level.settled;
                level.since = now;
            }
            if (!seen.equals(level.seen)) {
                level.seen = seen;
                level.since = now;
            }
        });
        return pass(now);
    }

    /** The requests that are due by now: for settled targets, and repeated ones. Releases come first. */
    List<Action> pass(long now) {
        List<Action> releases = new ArrayList<>();
        List<Action> others = new ArrayList<>();
        levels.forEach((target, level) -> {
            if (!level.inherited && !level.seen.equals(level.settled) && now - level.since >= settle) {
                settle(target, level, releases, others);
            } else if (level.hold == HoldState.FAILED && level.settled.isPresent() && now >= level.retryAt) {
                others.add(require(target, level));
            }
        });
        levels.values().removeIf(level -> !level.inherited && level.seen.isEmpty() && level.settled.isEmpty());
        releases.addAll(others);
        return releases;
    }

    /** No look happened for so many nanoseconds: targets that were seen before may have changed meanwhile. */
    void stoodStill(long nanos) {
        levels.values().forEach(level -> level.since += nanos);
    }

    private void settle(String target, Level level, List<Action> releases, List<Action> others) {
        boolean isOther = level.settled.isPresent() && level.seen.isPresent();
        level.settled = level.seen;
        if (isOther && level.hold == HoldState.HELD) {
            others.add(new Action.RestartInstance(target));
            return;
        }
        if (level.hold == HoldState.HELD || level.hold == HoldState.ASKED) {
            releases.add(new Action.ReleaseInstance(target));
        }
        level.hold = HoldState.NONE;
        level.failures = 0;
        if (level.settled.isPresent()) {
            others.add(require(target, level));
        }
    }

    private Action require(String target, Level level) {
        level.hold = HoldState.ASKED;
        level.number = ++lastNumber;
        level.retryAt = NEVER;
        return new Action.RequireInstance(target, level.number);
    }

    /**
     * A require was answered; not wrong for one that is out of date.
     *
     * @param failure why it failed; empty if the instance is held now
     */
    void outcome(String target, long number, Optional<String> failure, long now) {
        Level level = levels.get(target);
        if (level == null || level.number != number) {
            return;
        }
        if (failure.isEmpty()) {
            level.hold = HoldState.HELD;
            level.failures = 0;
            level.why = "";
        } else if (level.hold == HoldState.ASKED) {
            level.hold = HoldState.FAILED;
            level.why = failure.get();
            level.retryAt = now + delay(++level.failures).toNanos();
        }
    }

    private static Duration delay(int failures) {
        Duration delay = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 10));
        return delay.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : delay;
    }

    /** The instance was stopped manually. If it is held, the services know that it is held down. */
    void stopped(String target) {
        Level level = levels.get(target);
        if (level != null && level.hold != HoldState.HELD) {
            level.hold = HoldState.HELD_DOWN;
        }
    }

    /** Everything was stopped, and every hold is gone with that. */
    void stoppedAll() {
        levels.values().forEach(level -> level.hold = HoldState.HELD_DOWN);
    }

    /** Gives up all holds: there will be no further look. */
    List<Action> releaseAll() {
        List<Action> actions = new ArrayList<>();
        levels.forEach((target, level) -> {
            if (level.hold == HoldState.HELD || level.hold == HoldState.ASKED) {
                actions.add(new Action.ReleaseInstance(target));
            }
        });
        levels.clear();
        return actions;
    }

    /** When {@link #pass} must be called next at the latest; {@link #NEVER} if nothing is due. */
    long nextDeadline() {
        long next = NEVER;
        for (Level level : levels.values()) {
            if (!level.inherited && !level.seen.equals(level.settled)) {
                next = Math.min(next, level.since + settle);
            }
            next = Math.min(next, level.retryAt);
        }
        return next;
    }

    /** How it is with the hold of each target, by name. */
    SortedMap<String, HoldState> holds() {
        SortedMap<String, HoldState> holds = new TreeMap<>();
        levels.forEach((target, level) -> holds.put(target, level.hold));
        return holds;
    }

    /** Why the last require of a target failed; empty if it did not. */
    String failure(String target) {
        Level level = levels.get(target);
        return level == null || level.hold != HoldState.FAILED ? "" : level.why;
    }
}
