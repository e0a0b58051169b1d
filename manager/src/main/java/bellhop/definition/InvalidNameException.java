package bellhop.definition;

/** Says which text is not the name of a service, and why. */
public final class InvalidNameException extends Exception {
    private static final long serialVersionUID = 1;

    private final String reason;

    InvalidNameException(String text, String why) {
        super(Quote.of(text) + " is not a service name: " + why);
        this.reason = why;
    }

    /** Why it is none, without the text. */
    public String reason() {
        return reason;
    }
}
