package bellhop.docker;

import bellhop.Await;
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
        }
    }

    /** Waits until this is on the screen. */
    void awaitText(String text) {
        Await.until(() -> "\"" + text + "\" on the screen: " + screen(), () -> screen().contains(text));
    }

    private String screen() {
        synchronized (screen) {
            return screen.toString();
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
