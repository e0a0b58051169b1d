package bellhop.convert;

/** Nothing can be made: the message is the one line that says why. */
public final class ImportException extends Exception {
    private static final long serialVersionUID = 1;

    ImportException(String message) {
        super(message);
    }
}
