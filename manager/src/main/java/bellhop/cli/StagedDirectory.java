package bellhop.cli;

import bellhop.linux.Directories;
import bellhop.linux.Fd;
import bellhop.linux.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A service directory that is made out of sight, in a directory of services of its own, and appears in its place at once,
 * whole. Closing it removes what did not.
 */
final class StagedDirectory implements AutoCloseable {
    private static final int OPEN_FOR_ALL = 0755;

    private final Path root;
    private final Path directory;

    private StagedDirectory(Path root, String name) throws IOException {
        this.root = root;
        this.directory = root.resolve(name);
        Directories.make(directory, OPEN_FOR_ALL);
    }

    /**
     * Begins one.
     *
     * @param services the directory of services that it is for; made if it is not there
     */
    static StagedDirectory in(Path services, String name) throws IOException {
        Directories.makeAll(services, OPEN_FOR_ALL);
        return new StagedDirectory(Files.createTempDirectory(services, ".new-"), name);
    }

    /** The directory of services with it and nothing else. */
    Path root() {
        return root;
    }

    /** Writes a file of just that mode. */
    void write(String file, int mode, String text) throws IOException {
        write(directory.resolve(file), mode, Optional.empty(), text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a file that is not there yet, and has it on the disk, with the owner and group of another if there is one. */
    static void write(Path file, int mode, Optional<Stat> like, byte[] content) throws IOException {
        int fd = Fd.open(file, Fd.O_WRONLY | Fd.O_CREAT | Fd.O_EXCL | Fd.O_NOFOLLOW, 0600);
        try {
            ByteBuffer bytes =
                    ByteBuffer.allocateDirect(content.length).put(content).flip();
            while (bytes.hasRemaining()) {
                Fd.write(fd, bytes);
            }
            Stat made = Fd.fstat(fd);
            if (like.isPresent()
                    && (like.get().uid() != made.uid() || like.get().gid() != made.gid())) {
                Fd.fchown(fd, like.get().uid(), like.get().gid());
            }
            Fd.fchmod(fd, mode);
            Fd.fsync(fd);
        } finally {
            Fd.close(fd);
        }
    }

    /**
     * Puts it to its place.
     *
     * @throws FileAlreadyExistsException if something is there
     */
    void publish(Path place) throws IOException {
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(place.toString());
        }
        Files.move(directory, place);
    }

    @Override
    public void close() throws IOException {
        remove(root);
    }

    /** Removes a directory with all that is in it; links are not followed. */
    static void remove(Path tree) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.walk(tree)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : all) {
            Files.deleteIfExists(file);
        }
    }
}
