package bellhop.definition;

/** Says which text is not the name of a service, and why. */
public final class InvalidNameException extends Exception {
    private static final long serialVersionUID = 1;

    InvalidNameException(String text, String why) {
        super(Quote.of(text) + " is not a service name: " + why);
    }
}
