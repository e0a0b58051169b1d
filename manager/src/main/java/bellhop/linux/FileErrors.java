package bellhop.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a file operation failed, in the words that follow the path. */
public final class FileErrors {
    private FileErrors() {}

    public static String of(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> "not readable by this user";
            case NoSuchFileException missing -> "no such file or directory";
            case NotDirectoryException file -> "not a directory";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }
}
