package bellhop.log;

import bellhop.linux.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.OptionalLong;

/** Says since when a file of a log has had its first line: also to a manager that did not write it. */
final class FirstLine {

    private FirstLine() {}

    /**
     * The time that the file begins with; if it begins with none, the time at which the file was made, or, on a file
     * system that does not keep that, last written to.
     *
     * @return milliseconds since 1970; empty if the file cannot be read
     */
    static OptionalLong written(Path file) {
        try {
            OptionalLong stamp = stamp(file);
            return stamp.isPresent()
                    ? stamp
                    : OptionalLong.of(Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                            .creationTime()
                            .toMillis());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong stamp(Path file) throws IOException {
        int fd = Fd.open(file, Fd.O_RDONLY | Fd.O_NONBLOCK | Fd.O_NOFOLLOW, 0);
        try {
            ByteBuffer start = ByteBuffer.allocateDirect(Timestamp.LENGTH);
            while (Fd.fstat(fd).isRegular() && start.hasRemaining() && Fd.read(fd, start) > 0) {}
            byte[] text = new byte[start.position()];
            start.get(0, text);
            return Timestamp.read(new String(text, StandardCharsets.ISO_8859_1));
        } finally {
            Fd.close(fd);
        }
    }
}
