package bellhop.terminal;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * A moment as people write it, in their own time zone: {@code 10m}, which is ten minutes ago ({@code s}, {@code m}, {@code
 * h} and {@code d}), {@code today}, which began at midnight, {@code 21:41} or {@code 21:41:10}, today or, if that is
 * still to come, yesterday, and {@code 2026-11-30}, {@code 2026-11-30 21:41} or {@code 2026-11-30T21:41:10}.
 */
public final class PointInTime {

    /** What one looks like, as it follows the word "expected". */
    public static final String EXPECTED =
            "10m, 2h or 3d, which is so long ago, today, HH:MM[:SS], or YYYY-MM-DD[ HH:MM[:SS]]";

    private static final int MOST_DIGITS = 8;

    private PointInTime() {}

    /**
     * Reads one.
     *
     * @param now the present, in the zone that is meant
     * @return empty if it is none
     */
    public static Optional<Instant> parse(String text, ZonedDateTime now) {
        try {
            return Optional.of(parsed(text, now).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static ZonedDateTime parsed(String text, ZonedDateTime now) {
        if (text.equals("today")) {
            return now.toLocalDate().atStartOfDay(now.getZone());
        }
        if (text.indexOf('-') > 0) {
            return text.length() == "YYYY-MM-DD".length()
                    ? LocalDate.parse(text).atStartOfDay(now.getZone())
                    : LocalDateTime.parse(text.replace(' ', 'T')).atZone(now.getZone());
        }
        if (text.indexOf(':') > 0) {
            LocalTime time = LocalTime.parse(text);
            ZonedDateTime today = now.toLocalDate().atTime(time).atZone(now.getZone());
            return today.isAfter(now)
                    ? now.toLocalDate().minusDays(1).atTime(time).atZone(now.getZone())
                    : today;
        }
        return now.minusSeconds(seconds(text));
    }

    private static long seconds(String text) {
        int digits = text.length() - 1;
        if (digits < 1 || digits > MOST_DIGITS || !text.chars().limit(digits).allMatch(c -> c >= '0' && c <= '9')) {
            throw new DateTimeException(text);
        }
        long number = Long.parseLong(text.substring(0, digits));
        return switch (text.charAt(digits)) {
            case 's' -> number;
            case 'm' -> number * 60;
            case 'h' -> number * 3600;
            case 'd' -> number * 24 * 3600;
            default -> throw new DateTimeException(text);
        };
    }
}
