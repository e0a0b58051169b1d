package bellhop.yaml;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 10s}, {@code 100ms}, {@code 1m30s}, {@code 1d}. */
public final class Durations {

    /** What a duration looks like, as it follows the word "expected". */
    public static final String EXPECTED = "a duration such as 10s, 100ms or 1m30s";

    static final String PATTERN = "^([0-9]{1,12}(\\.[0-9]{1,9})?(us|ms|s|m|h|d))+$";

    private static final Pattern PART = Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,9})?)(us|ms|s|m|h|d)");
    private static final Duration LONGEST = Duration.ofHours(100_000);
    private static final String TOO_LONG = "too long; expected at most 100000h";

    private Durations() {}

    /** Reads one; empty if it is none, or longer than anybody waits. */
    public static Optional<Duration> parse(String text) {
        try {
            return Optional.of(parsed(text));
        } catch (Syntax.InvalidValueException e) {
            return Optional.empty();
        }
    }

    /** As a sentence has it: {@code 8 s}, {@code 0.25 s}. */
    public static String seconds(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }

    /** Reads one, or says what is wrong with it. */
    static Duration parsed(String text) throws Syntax.InvalidValueException {
        Duration duration = Duration.ZERO;
        Matcher part = PART.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!part.region(at, text.length()).lookingAt()) {
                throw new Syntax.InvalidValueException("");
            }
            BigDecimal nanos = new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(nanosOf(part.group(2))));
            if (nanos.compareTo(BigDecimal.valueOf(LONGEST.toNanos())) > 0) {
                throw new Syntax.InvalidValueException(TOO_LONG);
            }
            duration = duration.plusNanos(nanos.longValue());
            at = part.end();
        }
        if (text.isEmpty()) {
            throw new Syntax.InvalidValueException("");
        }
        if (duration.compareTo(LONGEST) > 0) {
            throw new Syntax.InvalidValueException(TOO_LONG);
        }
        return duration;
    }

    /** As it is written in a file: {@code 10s}, {@code 100ms}. */
    static String written(Duration time) {
        return time.toMillisPart() > 0 ? time.toMillis() + "ms" : time.toSeconds() + "s";
    }

    private static long nanosOf(String unit) {
        return switch (unit) {
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 86_400_000_000_000L;
        };
    }
}
