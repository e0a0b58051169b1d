package bellhop.terminal;

import bellhop.control.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * A line of a log.
 *
 * @param service whose it is; empty: the manager's
 * @param time as logs have it, {@code 2026-11-23T21:41:10.123Z}, so that later times are greater texts
 * @param raw the whole line, a character for each byte
 */
record LogLine(String service, String time, String raw) {

    private static final int STAMP = "2026-11-23T21:41:10.123Z".length();

    /** The bytes of a piece of a log that a fact has. */
    static String bytes(Fact piece) {
        return piece.raw("text").orElse("").replace('\u0100', '\0');
    }

    /** The time that a line begins with; empty if it begins with none. */
    static Optional<String> stamp(String raw) {
        boolean isStamped = raw.length() > STAMP
                && raw.charAt(STAMP) == ' '
                && raw.charAt(STAMP - 1) == 'Z'
                && raw.charAt(10) == 'T'
                && raw.charAt(4) == '-'
                && raw.charAt(13) == ':';
        return isStamped ? Optional.of(raw.substring(0, STAMP)) : Optional.empty();
    }

    /** A moment as logs have it. */
    static String time(Instant moment) {
        return DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'")
                .withZone(ZoneOffset.UTC)
                .format(moment);
    }

    /** The line as text. */
    String text() {
        return decoded(raw);
    }

    /** What follows the time. */
    String content() {
        return decoded(withoutTime(raw));
    }

    /** What follows the time of a line; all of it if it begins with none. */
    static String withoutTime(String line) {
        return stamp(line).isPresent() ? line.substring(STAMP + 1) : line;
    }

    private static String decoded(String bytes) {
        for (int i = 0; i < bytes.length(); i++) {
            if (bytes.charAt(i) >= 0x80) {
                return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            }
        }
        return bytes;
    }

    /** The line as a JSON object. */
    String json() {
        return "{\"time\":" + Json.string(time) + ",\"service\":" + (service.isEmpty() ? "null" : Json.string(service))
                + ",\"line\":" + Json.string(content()) + "}";
    }
}
