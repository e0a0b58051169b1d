package bellhop.control;

import java.io.IOException;

/** One line that says why a way in cannot be opened, or the run dir not be used. */
public final class ControlException extends IOException {
    private static final long serialVersionUID = 1;

    ControlException(String message) {
        super(message);
    }

    ControlException(String message, Throwable cause) {
        super(message, cause);
    }
}
