package bellhop.control;

/** Reports the position at which a request line violates the protocol. */
public final class MalformedRequestException extends Exception {
    private static final long serialVersionUID = 1;

    private final String what;

    MalformedRequestException(String what) {
        this.what = "malformed request: " + what;
    }

    MalformedRequestException(String what, int position) {
        this(what + " at character " + (position + 1));
    }

    @Override
    public String getMessage() {
        return what;
    }
}
