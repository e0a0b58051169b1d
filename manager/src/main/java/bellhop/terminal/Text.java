package bellhop.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jline.utils.WCWidth;

/** Texts in columns, and numbers as people read them. */
final class Text {

    private static final long KIB = 1024;
    private static final long SECONDS_PER_MINUTE = 60;
    private static final long SECONDS_PER_HOUR = 3600;
    private static final long SECONDS_PER_DAY = 86_400;

    private Text() {}

    /** How many columns a text without escape sequences takes. */
    static int width(String text) {
        int width = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            width += c < 0x80 ? 1 : Math.max(0, WCWidth.wcwidth(c));
            i += Character.charCount(c);
        }
        return width;
    }

    /** The text in so many columns: with blanks behind it, or cut and with a mark that says so. */
    static String fit(String text, int columns, Look look) {
        return pad(cut(text, columns, look), columns);
    }

    /** The same at the right edge. */
    static String fitRight(String text, int columns, Look look) {
        String cut = cut(text, columns, look);
        return " ".repeat(Math.max(0, columns - width(cut))) + cut;
    }

    private static String pad(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - width(text)));
    }

    /** At most so many columns of a text; if that is not all of it, with a mark that says so. */
    static String cut(String text, int columns, Look look) {
        if (text.length() <= columns / 2 || width(text) <= columns) {
            return text;
        }
        String mark = look.symbol("…", "~");
        StringBuilder kept = new StringBuilder();
        int left = columns - 1;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            left -= width(Character.toString(c));
            if (left < 0) {
                break;
            }
            kept.appendCodePoint(c);
            i += Character.charCount(c);
        }
        return columns <= 0 ? "" : kept + mark;
    }

    /** A text in lines of at most so many columns, but for words that are longer; no line if there is no text. */
    static List<String> wrapped(String text, int columns) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && width(line + " " + word) > columns) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        if (!line.isEmpty()) {
            lines.add(line.toString());
        }
        return lines;
    }

    /** A number of bytes in at most five characters: {@code 5.2M}. */
    static String bytes(long bytes) {
        String[] units = {"B", "K", "M", "G", "T"};
        double value = bytes;
        int unit = 0;
        while (value >= KIB && unit < units.length - 1) {
            value /= KIB;
            unit++;
        }
        return unit < 2 || value >= 100
                ? Math.round(value) + units[unit]
                : String.format(Locale.ROOT, "%.1f%s", value, units[unit]);
    }

    /** A time in at most four characters, or a number of days: {@code 59s}, {@code 12m}, {@code 5h}, {@code 3d}. */
    static String time(long seconds) {
        if (seconds < SECONDS_PER_MINUTE) {
            return seconds + "s";
        }
        if (seconds < SECONDS_PER_HOUR) {
            return seconds / SECONDS_PER_MINUTE + "m";
        }
        return seconds < 2 * SECONDS_PER_DAY ? seconds / SECONDS_PER_HOUR + "h" : seconds / SECONDS_PER_DAY + "d";
    }

    /** A time of a few seconds, to the tenth: {@code 0.3s}; a longer one as {@link #time}. */
    static String shortTime(long millis) {
        return millis < 10_000 ? String.format(Locale.ROOT, "%.1fs", millis / 1000.0) : time(millis / 1000);
    }

    /** A time within a sentence, in one unit: {@code 59 s}, {@code 12 min}, {@code 5 h}, {@code 3 days}. */
    static String timeInWords(long seconds) {
        String time = time(seconds);
        String unit = switch (time.charAt(time.length() - 1)) {
            case 'm' -> "min";
            case 'd' -> "days";
            default -> time.substring(time.length() - 1);
        };
        return time.substring(0, time.length() - 1) + " " + unit;
    }

    /** A time of a few seconds within a sentence, to the tenth: {@code 0.3 s}; a longer one as {@link #timeInWords}. */
    static String shortTimeInWords(long millis) {
        return millis < 10_000 ? String.format(Locale.ROOT, "%.1f s", millis / 1000.0) : timeInWords(millis / 1000);
    }
}
