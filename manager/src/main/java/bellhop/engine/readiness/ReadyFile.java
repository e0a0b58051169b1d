package bellhop.engine.readiness;

import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import bellhop.loop.EventLoop;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A file that appears, or is another one than before the launch. */
final class ReadyFile extends ReadyPoll {

    private static final Duration SHORTEST = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofMillis(200);

    private final Path file;
    private final Optional<FileIdentity> before;

    /** What tells one file from another of that name: also one that was written anew in its place. */
    private record FileIdentity(long dev, long ino, long mtime) {}

    private ReadyFile(EventLoop loop, Path file, Optional<FileIdentity> before, Runnable ready) {
        super(loop, SHORTEST, LONGEST, ready);
        this.file = file;
        this.before = before;
    }

    /** Looks at what is there before the launch. */
    static ReadyFile begun(EventLoop loop, Path file, Runnable ready) {
        return new ReadyFile(loop, file, identity(file), ready);
    }

    /**
     * For a launch of an earlier manager: what was written before it is what was there before.
     *
     * @param age how long ago the launch was
     */
    static ReadyFile adopt(EventLoop loop, Path file, Runnable ready, Duration age) {
        long launched = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - age.toNanos();
        return new ReadyFile(loop, file, identity(file).filter(it -> it.mtime() < launched), ready);
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
