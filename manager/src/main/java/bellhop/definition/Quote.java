package bellhop.definition;

/** Texts of unknown origin, made fit for one line of a message. */
public final class Quote {
    private static final int SHOWN = 80;

    private Quote() {}

    /** The text in quotes, cut after 80 characters, its control characters written as escapes. */
    public static String of(String text) {
        String cut = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
        return '"' + onOneLine(cut) + '"';
    }

    /** The text with its control characters written as escapes. */
    public static String onOneLine(Object text) {
        StringBuilder shown = new StringBuilder();
        text.toString().codePoints().forEach(c -> {
            if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029) {
                shown.append(String.format("\\x%02x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }
}
