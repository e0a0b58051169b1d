package bellhop.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.OptionalLong;

/** Writes moments as {@code 2026-11-23T21:41:10.123Z}. Keeps the day's part, so that a line costs no garbage. */
final class Timestamp {
    /** The length of a moment with the space after it, in the years that have four digits. */
    static final int LENGTH = 25;

    private static final long MILLIS_PER_DAY = 86_400_000;

    private long day = Long.MIN_VALUE;
    private byte[] date = {};

    /** Appends the moment and a space. */
    void put(ByteBuffer out, long epochMillis) {
        long today = Math.floorDiv(epochMillis, MILLIS_PER_DAY);
        if (today != day) {
            day = today;
            date = LocalDate.ofEpochDay(today).toString().getBytes(StandardCharsets.US_ASCII);
        }
        int millis = (int) Math.floorMod(epochMillis, MILLIS_PER_DAY);
        out.put(date).put((byte) 'T');
        putTwo(out, millis / 3_600_000).put((byte) ':');
        putTwo(out, millis / 60_000 % 60).put((byte) ':');
        putTwo(out, millis / 1000 % 60).put((byte) '.');
        out.put((byte) ('0' + millis % 1000 / 100));
        putTwo(out, millis % 100).put((byte) 'Z').put((byte) ' ');
    }

    /**
     * Reads the moment that a line begins with.
     *
     * @return milliseconds since 1970; empty if the line begins with none
     */
    static OptionalLong read(String line) {
        if (line.length() < LENGTH || line.charAt(LENGTH - 1) != ' ' || line.charAt(LENGTH - 2) != 'Z') {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Instant.parse(line.substring(0, LENGTH - 1)).toEpochMilli());
        } catch (DateTimeParseException e) {
            return OptionalLong.empty();
        }
    }

    private static ByteBuffer putTwo(ByteBuffer out, int number) {
        return out.put((byte) ('0' + number / 10)).put((byte) ('0' + number % 10));
    }
}
