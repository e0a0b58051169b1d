package bellhop.yaml;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/** Durations as people write them: {@code 10s}, {@code 100ms}, {@code 1m30s}. */
public final class Durations {

    /** What a duration looks like, as it follows the word "expected". */
    public static final String EXPECTED = "a duration such as 10s, 100ms or 1m30s";

    private Durations() {}

    /** Reads one; empty if it is none, or longer than anybody waits. */
    public static Optional<Duration> parse(String text) {
        try {
            return Optional.of(Syntaxes.parseDuration(text));
        } catch (Syntax.InvalidValueException e) {
            return Optional.empty();
        }
    }

    /** As a sentence has it: {@code 8 s}, {@code 0.25 s}. */
    public static String seconds(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }
}
