package bellhop.definition;

/**
 * Texts of unknown origin, made fit for a message: what steers a terminal, breaks a line or misleads the eye, such as
 * the other direction of writing and what has no width, is written as an escape.
 */
public final class Quote {
    private static final int SHOWN = 80;
    private static final char DELETE = 0x7f;

    private Quote() {}

    /** The text in quotes, cut after 80 characters, as {@link #onOneLine} has it. */
    public static String of(String text) {
        String cut = text.codePointCount(0, text.length()) <= SHOWN
                ? text
                : text.substring(0, text.offsetByCodePoints(0, SHOWN)) + "…";
        return '"' + onOneLine(cut) + '"';
    }

    /** The text with its control and format characters written as escapes, tabs and newlines among them. */
    public static String onOneLine(Object text) {
        return escaped(text.toString(), "");
    }

    /** The same for a text of several lines: newlines and tabs stay. */
    public static String onLines(String text) {
        return escaped(text, "\n\t");
    }

    private static String escaped(String text, String kept) {
        if (isPlain(text)) {
            return text;
        }
        StringBuilder shown = new StringBuilder(text.length());
        int c;
        for (int i = 0; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            if (isHarmless(c) || kept.indexOf(c) >= 0) {
                shown.appendCodePoint(c);
            } else {
                shown.append(escape(c));
            }
        }
        return shown.toString();
    }

    /** Whether it is of printable ASCII alone, as nearly every text, of which no character has to be looked up. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c >= DELETE) {
                return false;
            }
        }
        return true;
    }

    /** Whether a character does nothing but stand there to be seen. */
    public static boolean isHarmless(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** What stands for a character, or a byte, that is not to be shown: {@code \x1b}, {@code \u202e}. */
    public static String escape(int codePoint) {
        String digits = Integer.toHexString(codePoint);
        return codePoint < 0x100
                ? (codePoint < 0x10 ? "\\x0" : "\\x") + digits
                : codePoint < 0x10000 ? "\\u" + "0".repeat(4 - digits.length()) + digits : "\\u{" + digits + "}";
    }
}
