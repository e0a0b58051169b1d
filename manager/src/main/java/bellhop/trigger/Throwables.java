package bellhop.trigger;

import bellhop.definition.Quote;

/** The throwable of a plugin as one line. */
final class Throwables {
    private static final int LONGEST = 300;

    private Throwables() {}

    /** The kind and what it says, if it says anything; its own words may fail as well. */
    static String of(Throwable thrown) {
        String text = thrown.getClass().getSimpleName();
        try {
            String message = thrown.getMessage();
            text += message == null || message.isBlank() ? "" : ": " + message;
        } catch (Throwable e) {
            text += ", whose message is not available";
        }
        String line = Quote.onOneLine(text);
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
