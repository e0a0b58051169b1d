package bellhop.linux;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Makes directories whose modes others rely on: they do not depend on the umask of the manager's parent. */
public final class Directories {

    private static final FileAttribute<Set<PosixFilePermission>> NOT_READY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private Directories() {}

    /**
     * Makes one of just that mode.
     *
     * @throws FileAlreadyExistsException if something is there
     */
    public static void make(Path path, int mode) throws IOException {
        Files.createDirectory(path, NOT_READY);
        Fd.chmod(path, mode);
    }

    /** Makes one, and its parents, of just that mode; what is there already stays as it is. */
    public static void makeAll(Path path, int mode) throws IOException {
        if (Files.isDirectory(path)) {
            return;
        }
        if (path.getParent() != null) {
            makeAll(path.getParent(), mode);
        }
        try {
            make(path, mode);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(path)) {
                throw e;
            }
        }
    }
}
