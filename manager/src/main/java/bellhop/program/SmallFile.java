package bellhop.program;

import bellhop.linux.RegularFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;

/**
 * A file of one line that many processes read and change at once. Each change is a new file, complete
 * on disk, that takes the place of the old one: whatever kills a process in the middle, the file is the
 * old or the new one. What such a process may leave is {@code .NAME.new} beside it; the next change
 * removes it.
 */
final class SmallFile {

    /** What is longer is not one of these files; nothing needs more of it. */
    private static final int LONGEST = 4096;

    private final Path path;

    private SmallFile(Path path) {
        this.path = path;
    }

    /** What the content should become. */
    @FunctionalInterface
    interface Change {
        /**
         * Decides with the lock held.
         *
         * @param content what the file says, without white space around it; empty if there is no file
         * @return what it shall say, or empty to leave it as it is
         */
        Optional<String> apply(Optional<String> content) throws IOException;
    }

    /** Of that name; of a symbolic link, what it leads to. */
    static SmallFile at(String name) throws IOException {
        if (name.isEmpty()) {
            throw new Operands.MisuseException("FILE is empty");
        }
        Path path = Path.of(name).toAbsolutePath();
        return new SmallFile(Files.isSymbolicLink(path) ? path.toRealPath() : path);
    }

    /** Reads, decides and replaces; nobody else who comes this way does anything to the file meanwhile. */
    void change(Change change) throws IOException {
        Path directory = path.getParent();
        if (directory == null) {
            throw new IOException(path + ": is a directory");
        }
        try (DirectoryLock _ = DirectoryLock.take(directory)) {
            Optional<String> next = change.apply(read());
            if (next.isPresent()) {
                replace(directory, next.get());
            }
        }
    }

    private Optional<String> read() throws IOException {
        try {
            return Optional.of(new String(RegularFile.read(path, LONGEST), StandardCharsets.UTF_8).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private void replace(Path directory, String content) throws IOException {
        if (Files.exists(path) && !Files.isWritable(path)) {
            throw new IOException(path + ": permission denied");
        }
        Path fresh = directory.resolve("." + path.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try {
            try (FileChannel file = FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap((content + "\n").getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                keepOwnerAndMode(fresh);
                file.force(true);
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            Files.deleteIfExists(fresh);
            throw e;
        } catch (IOException e) {
            Files.deleteIfExists(fresh);
            throw new IOException(path + ": " + e.getMessage(), e); // a channel's does not say which file
        }
    }

    private void keepOwnerAndMode(Path fresh) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        Map<String, Object> old = Files.readAttributes(path, "unix:uid,gid,mode");
        Map<String, Object> now = Files.readAttributes(fresh, "unix:uid,gid,mode");
        for (String attribute : new String[] {"uid", "gid", "mode"}) {
            Object wanted = old.get(attribute);
            if (wanted != null && !wanted.equals(now.get(attribute))) {
                Files.setAttribute(fresh, "unix:" + attribute, wanted);
            }
        }
    }
}
