package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.linux.Epoll;
import bellhop.linux.Fd;
import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Verifies that whatever is written into the FIFO {@code control}, the first request that names a client's FIFO is
 * handled and answered there, nothing else is, and the request after all that is answered as ever.
 */
class ControlFifoFuzzTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String CLIENT = "1";

    private final Queue<List<String>> handled = new ConcurrentLinkedQueue<>();
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16);
    private Path directory;
    private RunDir runDir;
    private ControlLoop loop;
    private ControlFifo fifo;
    private int control;
    private int number;

    @BeforeEach
    void start() throws IOException {
        directory = Files.createTempDirectory("fuzz");
        runDir = new RunDir(directory);
        loop = ControlLoop.start(line -> {});
        fifo = ControlFifo.open(loop, runDir, Access.ofOwner(), this::handle);
        control = Fd.open(runDir.control(), Fd.O_WRONLY, 0);
    }

    @AfterEach
    void stop() throws IOException {
        Fd.close(control);
        fifo.close();
        loop.close();
        Files.delete(directory);
    }

    private void handle(List<String> words, Client client) {
        handled.add(words);
        client.exit(0);
    }

    @DictionaryEntries({
        "\\x0A1 ",
        "\\x0A1 [\"",
        "\"]\\x0A",
        "\\x0A1\\x0A",
        "\\x0A1 a b\\x0A",
        "\\x0A../1 ",
        "\\x0Areply/1 ",
        "\\x0A./1 "
    })
    @FuzzTest
    void whateverIsWrittenRequestsAreAnswered(byte[] input) throws IOException {
        // It cannot be guessed: what asks last is answered after all that comes before it.
        String last = "last-" + ++number + "-" + System.nanoTime();
        try (Reply first = new Reply(CLIENT);
                Reply end = new Reply(last)) {
            write("\n".getBytes(StandardCharsets.UTF_8));
            write(input);
            write(("\n" + last + " ping\n").getBytes(StandardCharsets.UTF_8));
            assertThat(end.answer(true)).isEqualTo("a\nx 0\n");
            Optional<Expected> expected = expected(input);
            assertThat(first.answer(false))
                    .isEqualTo(expected.map(Expected::answer).orElse(""));
            List<List<String>> requests = new ArrayList<>();
            expected.ifPresent(one -> one.words().ifPresent(requests::add));
            requests.add(List.of("ping"));
            assertThat(handled).containsExactlyElementsOf(requests);
        } finally {
            handled.clear();
        }
    }

    private record Expected(Optional<List<String>> words, String answer) {}

    /** What the protocol says of it, line by line. */
    private static Optional<Expected> expected(byte[] input) {
        int start = 0;
        for (int i = 0; i <= input.length; i++) {
            if (i < input.length && input[i] != '\n') {
                continue;
            }
            boolean cut = i - start > ControlFifo.LONGEST_REQUEST;
            byte[] line = Arrays.copyOfRange(input, start, Math.min(i, start + ControlFifo.LONGEST_REQUEST));
            String text = new String(line, StandardCharsets.UTF_8);
            start = i + 1;
            if (!text.equals(CLIENT) && !text.startsWith(CLIENT + " ")) {
                continue;
            }
            if (cut) {
                return Optional.of(refused("the request is longer than 4000 bytes"));
            }
            try {
                String request = text.substring(Math.min(text.length(), CLIENT.length() + 1));
                return Optional.of(new Expected(Optional.of(RequestLine.parse(request)), "a\nx 0\n"));
            } catch (MalformedRequestException e) {
                return Optional.of(refused(e.getMessage()));
            }
        }
        return Optional.empty();
    }

    private static Expected refused(String why) {
        return new Expected(Optional.empty(), "a\ne bh: " + why + "\nx 64\n");
    }

    private void write(byte[] what) throws IOException {
        for (int at = 0; at < what.length; ) {
            int length = Math.min(bytes.capacity(), what.length - at);
            bytes.clear().put(what, at, length).flip();
            while (bytes.hasRemaining()) {
                Fd.write(control, bytes);
            }
            at += length;
        }
    }

    /** A client's FIFO. */
    private final class Reply implements AutoCloseable {
        private final Path path;
        private final int fd;
        private final Epoll epoll = Epoll.open();

        Reply(String name) throws IOException {
            path = runDir.reply().resolve(name);
            Fd.mkfifo(path, 0600);
            fd = Fd.open(path, Fd.O_RDWR | Fd.O_NONBLOCK, 0);
            epoll.add(fd, Epoll.IN, 0);
        }

        /** What is there, or all to the exit status, which is waited for. */
        String answer(boolean wait) throws IOException {
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            while (true) {
                int count = Fd.read(fd, bytes.clear());
                bytes.flip();
                while (bytes.hasRemaining()) {
                    answer.write(bytes.get());
                }
                String text = answer.toString(StandardCharsets.UTF_8);
                if (count == Fd.WOULD_BLOCK) {
                    if (!wait || text.endsWith("\nx 0\n")) {
                        return text;
                    }
                    int ready = epoll.await(LIMIT.toNanos(), (token, events) -> {});
                    assertThat(ready).as("no answer after \"%s\"", text).isPositive();
                }
            }
        }

        @Override
        public void close() throws IOException {
            epoll.close();
            Fd.close(fd);
            Files.deleteIfExists(path);
        }
    }
}
