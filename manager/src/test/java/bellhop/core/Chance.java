package bellhop.core;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** Everything that a simulated world leaves to chance, from one seed. */
final class Chance {

    private final SplittableRandom random;

    Chance(long seed) {
        random = new SplittableRandom(seed);
    }

    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    <T> T of(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** Something that comes up as often as it is listed. */
    @SafeVarargs
    final <T> T either(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    Duration upTo(Duration longest) {
        return Duration.ofNanos(random.nextLong(longest.toNanos() + 1));
    }

    /** How long something takes that mostly takes no time: nothing, a moment, now and then far too long. */
    Duration delay() {
        int kind = random.nextInt(100);
        if (kind < 55) {
            return Duration.ZERO;
        }
        if (kind < 90) {
            return upTo(Duration.ofMillis(5));
        }
        return kind < 98 ? upTo(Duration.ofSeconds(2)) : upTo(Duration.ofSeconds(40));
    }
}
