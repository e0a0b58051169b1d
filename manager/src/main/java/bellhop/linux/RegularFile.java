package bellhop.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Reads a file that another user may have put there, and never waits for it. */
public final class RegularFile {
    private static final String NOT_REGULAR = "not a regular file";

    private RegularFile() {}

    /**
     * Reads the file, or its beginning. Links are followed. What is not a regular file is not even opened, since that
     * may wait for another program, or do something; and a regular file may make its reader wait too, by a lease
     * (fcntl(2)) or as those of /proc do.
     *
     * @param limit the most bytes
     * @throws NoSuchFileException if it is not there
     * @throws AccessDeniedException if this user may not read it
     * @throws IOException if it is no regular file, would have to be waited for, or cannot be read
     */
    public static byte[] read(Path file, int limit) throws IOException {
        if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
            throw new FileSystemException(file.toString(), null, NOT_REGULAR);
        }
        return read(Statx.AT_FDCWD, CText.of(file), 0, file, limit);
    }

    /**
     * The same of a file by its name in a directory. A link is not followed.
     *
     * @param directory a descriptor of it
     * @param shown what failures call the file
     */
    public static byte[] read(int directory, String name, Path shown, int limit) throws IOException {
        if (!Fd.lstatat(directory, name).isRegular()) {
            throw new FileSystemException(shown.toString(), null, NOT_REGULAR);
        }
        return read(directory, name, Fd.O_NOFOLLOW, shown, limit);
    }

    private static byte[] read(int directory, String name, int flags, Path file, int limit) throws IOException {
        int fd = open(directory, name, flags, file);
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer buffer = arena.allocate(limit).asByteBuffer();
            int count;
            do {
                count = Fd.read(fd, buffer);
            } while (count > 0);
            if (count == Fd.WOULD_BLOCK) {
                throw new FileSystemException(
                        file.toString(), null, "its end was not reached; expected a complete file");
            }
            byte[] bytes = new byte[buffer.position()];
            buffer.get(0, bytes);
            return bytes;
        } catch (PosixException e) {
            throw new FileSystemException(file.toString(), null, e.reason());
        } finally {
            Fd.close(fd);
        }
    }

    private static int open(int directory, String name, int flags, Path file) throws IOException {
        try {
            return Fd.openat(directory, name, flags | Fd.O_RDONLY | Fd.O_NONBLOCK | Fd.O_NOCTTY, 0);
        } catch (PosixException e) {
            throw switch (e.errno()) {
                case Errno.ENOENT -> new NoSuchFileException(file.toString());
                case Errno.EACCES -> new AccessDeniedException(file.toString());
                case Errno.EAGAIN ->
                    new FileSystemException(
                            file.toString(), null, "another program has a lease on it; try again in a minute");
                default -> new FileSystemException(file.toString(), null, e.reason());
            };
        }
    }
}
