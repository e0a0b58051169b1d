package bellhop.linux;

/**
 * The time of day here as {@code date(1)} shows it, {@code localtime_r(3)}: the zone is that of the variable {@code TZ},
 * or of {@code /etc/localtime}. To read Java's own zones takes a start 14 ms.
 */
public final class TimeOfDay {
    private static final CFunction LOCALTIME_R = CFunction.named("localtime_r");

    // struct tm { int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, ...; }, time.h; before it the time_t.
    private static final int TIME = 0;
    private static final int TM = Long.BYTES;
    private static final int SECOND = TM;
    private static final int MINUTE = TM + Integer.BYTES;
    private static final int HOUR = TM + 2 * Integer.BYTES;

    private TimeOfDay() {}

    /**
     * The time of day at that moment, {@code 21:41:10}; in UTC if nothing says otherwise. The first call of a process
     * reads the zone's file, the others need no descriptor.
     *
     * @param epochSecond seconds since 1970-01-01 00:00 UTC
     */
    public static String at(long epochSecond) {
        CallFrame frame = CallFrame.get();
        frame.struct.putLong(TIME, epochSecond);
        if (LOCALTIME_R.callLong(frame, frame.structAddress + TIME, frame.structAddress + TM, 0) == 0) {
            return "--:--:--"; // EOVERFLOW: a year beyond 32 bits
        }
        StringBuilder text = new StringBuilder("HH:MM:SS".length());
        append(text, frame.struct.getInt(HOUR)).append(':');
        append(text, frame.struct.getInt(MINUTE)).append(':');
        return append(text, frame.struct.getInt(SECOND)).toString();
    }

    private static StringBuilder append(StringBuilder text, int number) {
        return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }
}
