package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The ways in, with something simple behind them: {@code echo WORD…} prints its words; {@code wait
 * NAME} stays open until the test answers; {@code fill N} prints N bytes at once, {@code lines N} N
 * numbered lines as they are read; {@code who} prints the peer; {@code throw} throws.
 */
final class TestManager implements AutoCloseable {

    static final int LIMIT_SECONDS = 30;

    final RunDir runDir;
    final ControlLoop loop;
    final BlockingQueue<String> journal = new LinkedBlockingQueue<>();
    final BlockingQueue<Client> waiting = new LinkedBlockingQueue<>();
    final BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    /** The names of those {@code wait}s whose client went away. */
    final BlockingQueue<String> gone = new LinkedBlockingQueue<>();

    TestManager(Path directory) throws IOException {
        runDir = new RunDir(directory);
        loop = ControlLoop.start(journal::add);
    }

    ControlServer openSocket() throws IOException {
        return ControlServer.open(loop, runDir.socket(), Access.ofOwner(), this::handle);
    }

    ControlFifo openFifo() throws IOException {
        return openFifo(Duration.ofMinutes(1));
    }

    ControlFifo openFifo(Duration patience) throws IOException {
        return ControlFifo.open(loop, runDir, Access.ofOwner(), this::handle, patience);
    }

    void handle(List<String> words, Client client) {
        handled.add(String.join(" ", words));
        String verb = words.isEmpty() ? "" : words.get(0);
        switch (verb) {
            case "echo" -> {
                client.out(String.join(" ", words.subList(1, words.size())));
                client.exit(0);
            }
            case "wait" -> {
                client.onGone(() -> gone.add(words.get(1)));
                waiting.add(client);
            }
            case "fill" -> {
                client.out("x".repeat(Integer.parseInt(words.get(1))));
                client.exit(0);
            }
            case "lines" ->
                client.outAll(
                        IntStream.range(0, Integer.parseInt(words.get(1)))
                                .mapToObj(i -> ("line " + i).getBytes(StandardCharsets.UTF_8))
                                .iterator(),
                        () -> client.exit(0));
            case "who" -> {
                client.out(client.peer().toString());
                client.exit(0);
            }
            case "break" -> throw new NoClassDefFoundError("gone");
            case "throw" -> throw new IllegalStateException("as asked");
            default -> {
                client.err("no such verb: " + verb);
                client.exit(64);
            }
        }
    }

    /** Returns once the loop has done what it was asked until now. */
    void settle() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(done::countDown);
        assertThat(done.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("within %s s", LIMIT_SECONDS).isNotNull();
        return next;
    }

    @Override
    public void close() {
        loop.close();
    }
}
