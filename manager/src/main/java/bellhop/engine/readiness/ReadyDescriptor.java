package bellhop.engine.readiness;

import bellhop.linux.Epoll;
import bellhop.linux.Fd;
import bellhop.linux.FileErrors;
import bellhop.linux.PosixException;
import bellhop.linux.Spawn;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A newline on a descriptor, as s6 has it. The descriptor is a FIFO, {@code NAME/ready} in the run dir, that
 * {@code run} has open for reading as well: it can always write, whether a manager is there or not.
 */
public final class ReadyDescriptor implements ReadySignal {

    public static final String FIFO = "ready";

    private static final int CHUNK = 4096;
    private static final int MOST_CHUNKS = 16;

    private final EventLoop loop;
    private final Path fifo;
    private final int fd;
    private final Runnable ready;
    private final Consumer<String> warnings;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
    private int reader;
    private Optional<EventLoop.Watch> watch = Optional.empty();

    private static final int CLOSED = -1;

    private ReadyDescriptor(EventLoop loop, Path fifo, int fd, Runnable ready, Consumer<String> warnings)
            throws PosixException {
        this.loop = loop;
        this.fifo = fifo;
        this.fd = fd;
        this.ready = ready;
        this.warnings = warnings;
        this.reader = Fd.open(fifo, Fd.O_RDONLY | Fd.O_NONBLOCK | Fd.O_NOFOLLOW, 0);
    }

    /**
     * Makes the FIFO.
     *
     * @param directory the service's directory in the run dir
     * @param fd the descriptor's number in {@code run}
     * @throws IOException if it cannot be made
     */
    static ReadyDescriptor make(EventLoop loop, Path directory, int fd, Runnable ready, Consumer<String> warnings)
            throws IOException {
        Path fifo = directory.resolve(FIFO);
        Files.deleteIfExists(fifo);
        Fd.mkfifo(fifo, 0600);
        return new ReadyDescriptor(loop, fifo, fd, ready, warnings);
    }

    /**
     * Opens the FIFO that an earlier manager made, with what was written to it since.
     *
     * @throws PosixException if it is not there any more
     */
    static ReadyDescriptor adopt(EventLoop loop, Path directory, int fd, Runnable ready, Consumer<String> warnings)
            throws PosixException {
        return new ReadyDescriptor(loop, directory.resolve(FIFO), fd, ready, warnings);
    }

    @Override
    public List<Spawn.Opened> descriptors() {
        return List.of(new Spawn.Opened(fd, fifo));
    }

    @Override
    public void begin(int pid) throws PosixException {
        watch = Optional.of(loop.watch(reader, Epoll.IN, in -> read()));
    }

    private void read() {
        try {
            int count = 1;
            for (int i = 0; i < MOST_CHUNKS && count > 0; i++) {
                buffer.clear();
                count = Fd.read(reader, buffer);
                if (hasNewline(buffer.flip())) {
                    close();
                    ready.run();
                    return;
                }
            }
            if (count == 0) {
                close();
                warnings.accept(
                        "it has closed descriptor " + fd + " without writing a newline, so it cannot become ready");
            }
        } catch (PosixException e) {
            close();
            warnings.accept("descriptor " + fd + " cannot be read: " + e.getMessage());
        }
    }

    private static boolean hasNewline(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (bytes.get() == '\n') {
                return true;
            }
        }
        return false;
    }

    @Override
    public void end() {
        if (reader != CLOSED && watch.isPresent()) {
            read();
        }
        close();
    }

    private void close() {
        if (reader == CLOSED) {
            return;
        }
        abandon();
        try {
            Files.deleteIfExists(fifo);
        } catch (IOException e) {
            warnings.accept("the FIFO of its descriptor " + fd + " could not be removed: " + FileErrors.of(e));
        }
    }

    @Override
    public void abandon() {
        if (reader == CLOSED) {
            return;
        }
        watch.ifPresent(loop::unwatch);
        watch = Optional.empty();
        try {
            Fd.close(reader);
        } catch (PosixException e) {
            warnings.accept("the FIFO of its descriptor " + fd + " could not be closed: " + e.getMessage());
        }
        reader = CLOSED;
    }
}
