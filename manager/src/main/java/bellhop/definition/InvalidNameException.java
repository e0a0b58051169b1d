package bellhop.definition;

/** Says which text is not the name of a service, and why. */
public final class InvalidNameException extends Exception {
    private static final long serialVersionUID = 1;
    private static final int SHOWN = 80;

    InvalidNameException(String text, String why) {
        super("\"" + printable(text) + "\" is not a service name: " + why);
    }

    private static String printable(String text) {
        String cut = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
        StringBuilder shown = new StringBuilder();
        cut.codePoints().forEach(c -> {
            if (Character.isISOControl(c)) {
                shown.append(String.format("\\x%02x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }
}
