package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.linux.Epoll;
import bellhop.linux.Fd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** A client's FIFO in {@code reply/}, opened for reading and writing as the handshake wants it. */
public final class ReplyFifo implements AutoCloseable {

    private final RunDir runDir;
    private final Path path;
    private int fd;
    private boolean isUsed;
    private final Epoll epoll = Epoll.open();
    private final ByteBuffer input = ByteBuffer.allocateDirect(1 << 16).flip();

    public ReplyFifo(RunDir runDir, String name) throws IOException {
        this.runDir = runDir;
        path = runDir.reply().resolve(name);
        make();
    }

    private void make() throws IOException {
        Fd.mkfifo(path, 0600);
        fd = Fd.open(path, Fd.O_RDWR | Fd.O_NONBLOCK, 0);
        epoll.add(fd, Epoll.IN, 0);
    }

    public Path path() {
        return path;
    }

    /** Sends a request that is to be answered here; each but the first with a new FIFO of the same name. */
    public ReplyFifo send(String words) throws IOException {
        if (isUsed) {
            Fd.close(fd);
            make();
        }
        isUsed = true;
        write(runDir, "\n" + path.getFileName() + " " + words + "\n");
        return this;
    }

    public String ask(String words) throws IOException {
        return send(words).answer();
    }

    /** Puts bytes into the FIFO {@code control}, in one write where they are few. */
    public static void write(RunDir runDir, byte[] bytes) throws IOException {
        int control = Fd.open(runDir.control(), Fd.O_WRONLY, 0);
        try {
            ByteBuffer left = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
            while (left.hasRemaining()) {
                Fd.write(control, left);
            }
        } finally {
            Fd.close(control);
        }
    }

    public static void write(RunDir runDir, String text) throws IOException {
        write(runDir, text.getBytes(StandardCharsets.UTF_8));
    }

    public String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            if (!input.hasRemaining()) {
                int ready = epoll.await(
                        Duration.ofSeconds(TestManager.LIMIT_SECONDS).toNanos(), (token, events) -> {});
                assertThat(ready).as("no line after \"%s\"", line).isPositive();
                Fd.read(fd, input.clear());
                input.flip();
            }
            byte b = input.get();
            if (b == '\n') {
                return line.toString(StandardCharsets.UTF_8);
            }
            line.write(b);
        }
    }

    /** All lines to the one with the exit code. */
    public String answer() throws IOException {
        StringBuilder answer = new StringBuilder();
        String line;
        do {
            line = line();
            answer.append(line).append('\n');
        } while (!line.startsWith("x "));
        return answer.toString();
    }

    @Override
    public void close() throws IOException {
        epoll.close();
        Fd.close(fd);
    }
}
