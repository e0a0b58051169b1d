package bellhop.spi;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a {@code service.yaml} says under a plugin's key. Immutable; any thread may ask.
 *
 * <p>Asking for a key also declares it: once {@link TriggerPlugin#open} has returned, a key that is in the file and
 * was never asked for is reported to the user as unknown. The keys {@code interval} and {@code settle} are the
 * manager's own and are not seen here.
 *
 * <p>Every method throws {@link SettingsException} if the value has another form. A plugin lets it pass.
 *
 * @since 0.1
 */
public interface Settings {

    /**
     * A word or a number, as it is written.
     *
     * @return empty if the key is not there or has no value
     */
    Optional<String> string(String key);

    /**
     * A list of words; a word alone is a list of one.
     *
     * @return in the order of the file; empty if the key is not there or has no value
     */
    List<String> strings(String key);

    /** A list of patterns, {@code "wlan*"}; a pattern alone is a list of one. Empty if the key is not there. */
    default List<Glob> globs(String key) {
        List<Glob> globs = new ArrayList<>();
        for (String text : strings(key)) {
            try {
                globs.add(Glob.of(text));
            } catch (IllegalArgumentException e) {
                throw new SettingsException(key, globs.size(), "\"" + text + "\" is not a pattern: " + e.getMessage());
            }
        }
        return List.copyOf(globs);
    }

    /** {@code true} or {@code false}. */
    default boolean flag(String key, boolean otherwise) {
        Optional<String> text = string(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        return switch (text.get()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new SettingsException(key, "\"" + text.get() + "\" is not true or false");
        };
    }

    /** A whole number from {@code least} to {@code most}. */
    default long number(String key, long otherwise, long least, long most) {
        Optional<String> text = string(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(text.get());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, as one out of bounds is.
        }
        throw new SettingsException(key, "\"" + text.get() + "\" is not a whole number from " + least + " to " + most);
    }

    /**
     * A length of time, as everywhere in a {@code service.yaml}: {@code 500ms}, {@code 1.5s}, {@code 1m30s}, {@code 2h}, {@code 1d};
     * from 0 to 100000h.
     */
    default Duration duration(String key, Duration otherwise) {
        Optional<String> text = string(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        Matcher parts = Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,9})?)(us|ms|s|m|h|d)")
                .matcher(text.get());
        BigDecimal longest = BigDecimal.valueOf(Duration.ofHours(100_000).toNanos());
        BigDecimal sum = BigDecimal.ZERO;
        int end = 0;
        while (parts.find() && parts.start() == end) {
            long unit = switch (parts.group(2)) {
                case "us" -> 1_000L;
                case "ms" -> 1_000_000L;
                case "s" -> 1_000_000_000L;
                case "m" -> 60_000_000_000L;
                case "h" -> 3_600_000_000_000L;
                default -> 86_400_000_000_000L;
            };
            BigDecimal nanos = new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unit));
            sum = sum.add(nanos.setScale(0, RoundingMode.DOWN));
            end = parts.end();
        }
        if (end == 0 || end < text.get().length()) {
            throw new SettingsException(
                    key, "\"" + text.get() + "\" is not a duration; expected one such as 500ms, 2s or 1m30s");
        }
        if (sum.compareTo(longest) > 0) {
            throw new SettingsException(key, "\"" + text.get() + "\" is too long; expected at most 100000h");
        }
        return Duration.ofNanos(sum.longValueExact());
    }
}
