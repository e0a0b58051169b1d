package bellhop.engine.record;

/** Says in one line why a manager cannot work in its run dir, and what to do about it. */
public final class RecordsException extends Exception {
    private static final long serialVersionUID = 1;

    RecordsException(String message) {
        super(message);
    }
}
