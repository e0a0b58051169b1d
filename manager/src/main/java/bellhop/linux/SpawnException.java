package bellhop.linux;

import java.io.IOException;

/** A process that could not be started: at which stage, and why. */
public final class SpawnException extends IOException {

    private static final long serialVersionUID = 1;

    private final Spawn.Stage stage;
    private final int errno;

    SpawnException(Spawn.Stage stage, String object, int errno, PosixException cause) {
        super(stage.phrase() + " " + object + ": " + Errno.describe(errno), cause);
        this.stage = stage;
        this.errno = errno;
    }

    /** How far it got. */
    public Spawn.Stage stage() {
        return stage;
    }

    /** Why it got no further: a constant of {@link Errno}. */
    public int errno() {
        return errno;
    }
}
