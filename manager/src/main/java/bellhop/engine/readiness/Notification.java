package bellhop.engine.readiness;

import bellhop.definition.Quote;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The text of one datagram of {@code sd_notify(3)}: lines of a name, {@code =} and a value. Lines of other
 * names, and values that make no sense, are left out.
 *
 * @param ready {@code READY=1}
 * @param reloading {@code RELOADING=1}
 * @param sentNanos {@code MONOTONIC_USEC=}, when it was sent
 * @param stopping {@code STOPPING=1}
 * @param watchdog what it says of the watchdog
 * @param status {@code STATUS=}, fit for one line
 * @param error {@code ERRNO=}, a number from 1 on
 * @param extensionNanos {@code EXTEND_TIMEOUT_USEC=}, at most a year
 * @param mainPid {@code MAINPID=}
 */
record Notification(
        boolean ready,
        boolean reloading,
        OptionalLong sentNanos,
        boolean stopping,
        Watchdog watchdog,
        Optional<String> status,
        OptionalInt error,
        OptionalLong extensionNanos,
        OptionalLong mainPid) {

    private static final int LONGEST_STATUS = 200;
    private static final long NANOS_PER_MICRO = 1000;
    private static final long YEAR_MICROS = 365L * 24 * 60 * 60 * 1_000_000;

    /** The request of a datagram to the watchdog. */
    enum Watchdog {
        /** Nothing. */
        SILENT,
        /** {@code WATCHDOG=1}: all is well. */
        PING,
        /** {@code WATCHDOG=trigger}: act as if it had been missed. */
        TRIGGER
    }

    /** Reads it; whatever it is there is something to return. */
    static Notification parse(String text) {
        boolean ready = false;
        boolean reloading = false;
        boolean stopping = false;
        OptionalLong sent = OptionalLong.empty();
        OptionalLong mainPid = OptionalLong.empty();
        Watchdog watchdog = Watchdog.SILENT;
        Optional<String> status = Optional.empty();
        OptionalInt error = OptionalInt.empty();
        OptionalLong extension = OptionalLong.empty();
        for (String line : text.split("\n", -1)) {
            int equals = line.indexOf('=');
            String name = line.substring(0, Math.max(equals, 0));
            String value = line.substring(equals + 1);
            switch (name) {
                case "READY" -> ready |= value.equals("1");
                case "RELOADING" -> reloading |= value.equals("1");
                case "STOPPING" -> stopping |= value.equals("1");
                case "MONOTONIC_USEC" -> sent = nanos(value, Long.MAX_VALUE / NANOS_PER_MICRO);
                case "MAINPID" -> mainPid = number(value);
                case "STATUS" -> status = Optional.of(shown(value));
                case "ERRNO" ->
                    error = number(value).stream()
                            .mapToInt(n -> (int) Math.min(n, Integer.MAX_VALUE))
                            .findFirst();
                case "EXTEND_TIMEOUT_USEC" -> extension = nanos(value, YEAR_MICROS);
                case "WATCHDOG" ->
                    watchdog = switch (value) {
                        case "1" -> Watchdog.PING;
                        case "trigger" -> Watchdog.TRIGGER;
                        default -> watchdog;
                    };
                default -> {
                    // BARRIER=1, FDSTORE=1 and all else ask for nothing but that their descriptors are closed.
                }
            }
        }
        return new Notification(ready, reloading, sent, stopping, watchdog, status, error, extension, mainPid);
    }

    private static OptionalLong nanos(String value, long mostMicros) {
        OptionalLong micros = number(value);
        return micros.isEmpty() ? micros : OptionalLong.of(Math.min(micros.getAsLong(), mostMicros) * NANOS_PER_MICRO);
    }

    /** A decimal number of 1 or more; the largest possible value if it is larger. */
    private static OptionalLong number(String digits) {
        long number = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return OptionalLong.empty();
            }
            number = number > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : number * 10 + digit;
        }
        return number == 0 ? OptionalLong.empty() : OptionalLong.of(number);
    }

    private static String shown(String value) {
        int[] points = value.codePoints()
                .limit(LONGEST_STATUS)
                .map(c -> Character.getType(c) == Character.SURROGATE ? 0xFFFD : c)
                .toArray();
        return Quote.onOneLine(new String(points, 0, points.length)).strip();
    }
}
