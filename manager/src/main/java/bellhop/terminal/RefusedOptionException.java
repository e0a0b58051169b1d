package bellhop.terminal;

/** An option that only the client can understand, since it is meant in the client's surroundings, has a wrong value. */
final class RefusedOptionException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** One with a line that says which option, what is wrong and what was expected. */
    RefusedOptionException(String message) {
        super(message);
    }
}
