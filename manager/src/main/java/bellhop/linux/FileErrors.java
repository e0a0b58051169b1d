package bellhop.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;

/** Why a file operation failed, in words: of the commonest failures the message is the path alone. */
public final class FileErrors {
    private FileErrors() {}

    /** For a line that has named the file: {@code permission denied}. */
    public static String of(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> "permission denied";
            case NoSuchFileException missing -> "no such file or directory";
            case NotDirectoryException file -> "not a directory";
            // Of what Bellhop makes only a directory minds what is there.
            case FileAlreadyExistsException file -> "not a directory";
            case DirectoryNotEmptyException directory -> "not empty";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            case FileSystemException other -> other.getClass().getSimpleName();
            default -> Objects.requireNonNullElse(e.getMessage(), e.toString());
        };
    }

    /** For a line that has not, or a failure that may be another file's: {@code /etc/x: permission denied}. */
    public static String withFile(IOException e) {
        return e instanceof FileSystemException file && file.getFile() != null ? file.getFile() + ": " + of(e) : of(e);
    }

    /** The failure of a call that was given a path, as {@code java.nio.file} reports it. */
    public static FileSystemException on(Path file, PosixException e) {
        return switch (e.errno()) {
            case Errno.ENOENT -> new NoSuchFileException(file.toString());
            case Errno.EACCES -> new AccessDeniedException(file.toString());
            case Errno.ENOTDIR -> new NotDirectoryException(file.toString());
            default -> new FileSystemException(file.toString(), null, Errno.text(e.errno()));
        };
    }
}
