package bellhop.control;

import bellhop.linux.FileErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The run dir, and the paths in it that lead to the manager.
 *
 * @param path the directory, absolute
 */
public record RunDir(Path path) {

    /** The bytes of a Unix socket's path: the kernel takes 107, the JDK one less. */
    public static final int LONGEST_SOCKET_PATH = 106;

    /** Whether the program was started in a directory that was removed: the JVM has another then. */
    private static final boolean IS_NOWHERE = System.getProperty("bellhop.directory") != null;

    /** The replacement for bytes that are not text. */
    private static final char REPLACEMENT = '\uFFFD';

    /**
     * Finds the run dir that a manager or a client of this user has to use. Does not create it.
     *
     * @param option the directory from the command line, if one is there
     * @param environment has {@code BELLHOP_RUNDIR} and {@code XDG_RUNTIME_DIR}
     * @param uid the user who asks
     * @throws ControlException if it would be one in {@code /tmp} that belongs to another user, or its name
     *     is none in this locale
     */
    public static RunDir find(@Nullable String option, Map<String, String> environment, int uid)
            throws ControlException {
        String named = option != null ? option : environment.get("BELLHOP_RUNDIR");
        if (named != null && !named.isEmpty()) {
            return new RunDir(path("run dir", named));
        }
        if (uid == 0) {
            return new RunDir(Path.of("/run/bellhop"));
        }
        String session = environment.get("XDG_RUNTIME_DIR");
        if (session != null && session.startsWith("/")) {
            return new RunDir(path("run dir", session + "/bellhop"));
        }
        Path shared = Path.of("/tmp/bellhop-" + uid);
        checkOwner(shared, uid);
        return new RunDir(shared);
    }

    /** The absolute path that was named on a command line or in an environment, as {@link #named} takes it. */
    public static Path path(String what, String text) throws ControlException {
        return named(what, text).toAbsolutePath().normalize();
    }

    /**
     * The path that was named on a command line or in an environment.
     *
     * @param what it is the path of, for the message
     * @throws ControlException if the locale has no such file name: the bytes are lost by then; or if it is a relative
     *     one, and the working directory was removed
     */
    public static Path named(String what, String text) throws ControlException {
        Path path;
        try {
            if (text.indexOf(REPLACEMENT) >= 0) {
                throw notInLocale(what, text);
            }
            path = Path.of(text);
        } catch (InvalidPathException e) {
            throw notInLocale(what, text);
        }
        if (IS_NOWHERE && !path.isAbsolute()) {
            throw new ControlException(what + " " + text
                    + ": is relative, and the working directory was removed; expected an absolute path");
        }
        return path;
    }

    private static ControlException notInLocale(String what, String text) {
        String encoding = System.getProperty("sun.jnu.encoding");
        return new ControlException(what + " " + text + ": not a file name in " + encoding
                + ("UTF-8".equals(encoding) ? "" : "; set LC_ALL=C.UTF-8"));
    }

    /** Anybody may create a name in /tmp: what is there already must be the user's own. */
    static void checkOwner(Path directory, int uid) throws ControlException {
        int owner;
        try {
            if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            owner = (int) Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw new ControlException(directory + ": cannot determine its owner: " + FileErrors.of(e), e);
        }
        if (owner != uid || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new ControlException(directory + ": is not a directory that belongs to uid " + uid
                    + "; name another run dir with --rundir");
        }
    }

    /**
     * Makes sure that a socket can be bound in it.
     *
     * @throws ControlException if its path is too long for that
     */
    public void checkLength() throws ControlException {
        int bytes = socket().toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST_SOCKET_PATH) {
            throw new ControlException(socket() + ": has " + bytes + " bytes, the path of a socket at most "
                    + LONGEST_SOCKET_PATH + "; name a shorter run dir with --rundir");
        }
    }

    /** The Unix stream socket. */
    public Path socket() {
        return path.resolve("control.sock");
    }

    /** The FIFO that takes requests. */
    public Path control() {
        return path.resolve("control");
    }

    /** The FIFO whose end of file shows a reader that the manager has ended. */
    public Path alive() {
        return path.resolve("alive");
    }

    /** The directory in which clients make the FIFOs for their answers. */
    public Path reply() {
        return path.resolve("reply");
    }
}
