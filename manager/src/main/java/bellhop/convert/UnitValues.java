package bellhop.convert;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Truth values, times and sizes as systemd.time(7) and systemd.syntax(7) have them, and as Bellhop has them. */
final class UnitValues {
    /** What Bellhop takes for the longest time that anybody waits. */
    static final String LONGEST = "100000h";

    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final BigDecimal MOST_MICROS = new BigDecimal("360000000000000");
    private static final Pattern SPAN = Pattern.compile("\\s*([0-9]+(?:\\.[0-9]+)?)\\s*([a-zA-Zµμ]*)");
    private static final Map<String, Long> MICROS = Map.ofEntries(
            Map.entry("us", 1L),
            Map.entry("ms", 1_000L),
            Map.entry("s", 1_000_000L),
            Map.entry("min", 60_000_000L),
            Map.entry("h", 3_600_000_000L),
            Map.entry("d", 86_400_000_000L),
            Map.entry("w", 604_800_000_000L),
            Map.entry("month", 2_629_800_000_000L),
            Map.entry("y", 31_557_600_000_000L));

    private UnitValues() {}

    static Optional<Boolean> truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "1", "yes", "y", "true", "t", "on" -> Optional.of(true);
            case "0", "no", "n", "false", "f", "off" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** A time span in Bellhop's words; seconds if it has no unit; {@link #LONGEST} if it is longer than that. */
    static Optional<String> duration(String text) {
        return micros(text, MICROS_PER_SECOND).map(UnitValues::written);
    }

    /** Whether both are time spans, and the first is the shorter one. */
    static boolean isShorter(String text, String other) {
        Optional<BigDecimal> micros = micros(text, MICROS_PER_SECOND);
        Optional<BigDecimal> than = micros(other, MICROS_PER_SECOND);
        return micros.isPresent() && than.isPresent() && micros.get().compareTo(than.get()) < 0;
    }

    /** A time span that is infinite if it is 0. */
    static Optional<String> timeout(String text) {
        return text.equals("infinity")
                ? Optional.of(LONGEST)
                : duration(text).map(it -> it.equals("0s") ? LONGEST : it);
    }

    /** A time span in microseconds. */
    static Optional<BigDecimal> micros(String text, long unit) {
        if (text.equals("infinity")) {
            return Optional.of(MOST_MICROS);
        }
        BigDecimal sum = BigDecimal.ZERO;
        Matcher part = SPAN.matcher(text.strip());
        int at = 0;
        int end = text.strip().length();
        while (at < end) {
            if (!part.region(at, end).lookingAt()) {
                return Optional.empty();
            }
            Long factor = part.group(2).isEmpty() ? Long.valueOf(unit) : MICROS.get(unit(part.group(2)));
            if (factor == null) {
                return Optional.empty();
            }
            sum = sum.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(factor)));
            at = part.end();
        }
        return end == 0 ? Optional.empty() : Optional.of(sum);
    }

    private static String unit(String name) {
        return switch (name) {
            case "usec", "us", "µs", "μs" -> "us";
            case "msec", "ms" -> "ms";
            case "seconds", "second", "sec", "s" -> "s";
            case "minutes", "minute", "min", "m" -> "min";
            case "hours", "hour", "hr", "h" -> "h";
            case "days", "day", "d" -> "d";
            case "weeks", "week", "w" -> "w";
            case "months", "month", "M" -> "month";
            case "years", "year", "y" -> "y";
            default -> "";
        };
    }

    private static String written(BigDecimal micros) {
        if (micros.compareTo(MOST_MICROS) >= 0) {
            return LONGEST;
        }
        // Nothing here is measured more exactly.
        long millis = micros.movePointLeft(3).setScale(0, RoundingMode.CEILING).longValueExact();
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }

    /** A number of bytes; -1 for infinity. */
    static Optional<Long> bytes(String text) {
        if (text.equals("infinity")) {
            return Optional.of(-1L);
        }
        if (!text.matches("[0-9]{1,15}(\\.[0-9]{1,6})?\\s*[KMGTPE]?B?")) {
            return Optional.empty();
        }
        String number = text.replaceAll("[^0-9.]", "");
        String unit = text.replaceAll("[0-9.\\sB]", "");
        BigDecimal factor = BigDecimal.valueOf(1024).pow(unit.isEmpty() ? 0 : "KMGTPE".indexOf(unit) + 1);
        BigDecimal bytes = new BigDecimal(number).multiply(factor);
        return bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE / 2)) > 0
                ? Optional.empty()
                : Optional.of(bytes.longValue());
    }
}
