package bellhop.terminal;

import java.util.Locale;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * What the output can show.
 *
 * @param terminal whether it is a terminal, and not a file or a pipe
 * @param moves whether what was drawn can be drawn over
 * @param colours whether it has colours, and who uses it wants them: see no-color.org
 * @param symbols whether it shows characters beyond ASCII
 * @param columns the width in characters, at the time of asking
 * @param rows the height in lines, likewise
 */
public record Look(
        boolean terminal, boolean moves, boolean colours, boolean symbols, IntSupplier columns, IntSupplier rows) {

    /** A line that no pipe or file has to be cut to. */
    public static final int ENDLESS = Integer.MAX_VALUE;

    /** Colours by what they mean. The numbers are those of ECMA-48, Select Graphic Rendition. */
    public enum Colour {
        NONE(""),
        BOLD("1"),
        FAINT("2"),
        GOOD("32"),
        BUSY("33"),
        BAD("31"),
        BAD_BOLD("1;31"),
        FIRST("36"),
        SECOND("35"),
        THIRD("34"),
        FOURTH("33"),
        FIFTH("32"),
        SELECTED("7");

        private final String number;

        Colour(String number) {
            this.number = number;
        }

        /** One of five for the names of things that are to be told apart. */
        public static Colour distinct(int index) {
            Colour[] all = {FIRST, SECOND, THIRD, FOURTH, FIFTH};
            return all[Math.floorMod(index, all.length)];
        }
    }

    /** What there is without a terminal. */
    public static Look plain() {
        return new Look(false, false, false, false, () -> ENDLESS, () -> ENDLESS);
    }

    /** By the variables that people set for all programs: {@code TERM}, {@code NO_COLOR} and the locale. */
    public static Look ofTerminal(Map<String, String> environment, IntSupplier columns, IntSupplier rows) {
        String term = environment.getOrDefault("TERM", "");
        boolean moves = !term.isEmpty() && !term.equals("dumb");
        boolean colours = moves && environment.getOrDefault("NO_COLOR", "").isEmpty();
        return new Look(true, moves, colours, isUnicode(environment), columns, rows);
    }

    /** The first of the three variables that says anything decides: see locale(7). */
    private static boolean isUnicode(Map<String, String> environment) {
        for (String variable : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
            String locale = environment.getOrDefault(variable, "");
            if (!locale.isEmpty()) {
                String lower = locale.toLowerCase(Locale.ROOT);
                return lower.contains("utf-8") || lower.contains("utf8");
            }
        }
        return false;
    }

    /** The text in a colour, if there are colours; else as it is. */
    public String paint(Colour colour, String text) {
        return colours && colour != Colour.NONE && !text.isEmpty()
                ? "\u001b[" + colour.number + "m" + text + "\u001b[0m"
                : text;
    }

    /** One of two texts of the same width: the first if there are symbols, the second of ASCII alone. */
    public String symbol(String symbol, String ascii) {
        return symbols ? symbol : ascii;
    }
}
