package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** The terminal of a container: what is shown there, and a keyboard, as {@code docker attach} has them. */
final class Terminal implements AutoCloseable {

    private final StringBuilder screen = new StringBuilder();
    private final PipedOutputStream keyboard = new PipedOutputStream();
    private final ResultCallback.Adapter<Frame> attached;

    Terminal(DockerClient docker, String container) {
        try {
            attached = docker.attachContainerCmd(container)
                    .withStdIn(new PipedInputStream(keyboard))
                    .withStdOut(true)
                    .withStdErr(true)
                    .withFollowStream(true)
                    .exec(new ResultCallback.Adapter<>() {
                        @Override
                        public void onNext(Frame frame) {
                            show(new String(frame.getPayload(), StandardCharsets.UTF_8));
                        }
                    });
            attached.awaitStarted(Box.LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw Box.interrupted(e);
        }
    }

    private void show(String text) {
        synchronized (screen) {
            screen.append(text);
            screen.notifyAll();
        }
    }

    /** Waits until this is on the screen. */
    void awaitText(String text) {
        long deadline = System.nanoTime() + Box.LIMIT.toNanos();
        synchronized (screen) {
            while (screen.indexOf(text) < 0) {
                long left = deadline - System.nanoTime();
                assertThat(left).as("waited for \"%s\" on:%n%s", text, screen).isPositive();
                try {
                    TimeUnit.NANOSECONDS.timedWait(screen, left);
                } catch (InterruptedException e) {
                    throw Box.interrupted(e);
                }
            }
        }
    }

    /** Types a line, and the key at its end. */
    void type(String line) throws IOException {
        keyboard.write((line + "\r").getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
    }

    @Override
    public void close() throws IOException {
        keyboard.close();
        attached.close();
    }
}
