package bellhop.engine.readiness;

import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;

/** A file that appears, or is another one than before the launch. */
final class ReadyFile extends ReadyPoll {

    private static final Duration SHORTEST = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofMillis(200);

    /** In the service's directory in the run dir, as the FIFO of a {@link ReadyDescriptor}; no service has both. */
    private static final String NOTE = ReadyDescriptor.FIFO;

    private final Path file;
    private final Optional<FileIdentity> before;

    /** What distinguishes one file from another of that name, including one that was written again in its place. */
    private record FileIdentity(long dev, long ino, long mtime) {
        String text() {
            return dev + " " + ino + " " + mtime;
        }
    }

    private ReadyFile(EventLoop loop, Path file, Optional<FileIdentity> before, Runnable ready) {
        super(loop, SHORTEST, LONGEST, ready);
        this.file = file;
        this.before = before;
    }

    /**
     * Looks at what is there before the launch, and notes it for a manager that goes on with it.
     *
     * @param directory the service's directory in the run dir
     * @throws IOException if it cannot be noted
     */
    static ReadyFile begun(EventLoop loop, Path directory, Path file, Runnable ready) throws IOException {
        Optional<FileIdentity> before = identity(file);
        Path note = directory.resolve(NOTE);
        Files.deleteIfExists(note);
        Files.createFile(note, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(note, before.map(FileIdentity::text).orElse(""));
        return new ReadyFile(loop, file, before, ready);
    }

    /**
     * For a launch of an earlier manager. Times of files do not show what was there before: the clock may have been
     * set.
     *
     * @param directory the service's directory in the run dir
     */
    static ReadyFile adopt(EventLoop loop, Path directory, Path file, Runnable ready) {
        String noted = "";
        try {
            noted = Files.readString(directory.resolve(NOTE));
        } catch (IOException e) {
            // As if nothing had been there.
        }
        String before = noted;
        return new ReadyFile(loop, file, identity(file).filter(it -> it.text().equals(before)), ready);
    }

    private static Optional<FileIdentity> identity(Path file) {
        try {
            Stat stat = Fd.stat(file);
            return Optional.of(new FileIdentity(stat.dev(), stat.ino(), stat.mtime()));
        } catch (PosixException e) {
            return Optional.empty();
        }
    }

    @Override
    void ask() {
        Optional<FileIdentity> now = identity(file);
        answer(now.isPresent() && !now.equals(before));
    }

    @Override
    void cancel() {}
}
