package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The manager's side of the FIFOs, played by a test: it answers what the test says, and ends when the test says. */
final class PlayedManager implements AutoCloseable {

    private final Path runDir;
    private final FileChannel alive;
    private final FileChannel control;
    private final List<OutputStream> answers = new ArrayList<>();

    /** Takes a run dir over, as a manager does: with FIFOs of its own. */
    PlayedManager(Path runDir) throws IOException, InterruptedException {
        this.runDir = runDir;
        Files.createDirectories(runDir.resolve("reply"));
        alive = fifo("alive");
        control = fifo("control");
    }

    private FileChannel fifo(String name) throws IOException, InterruptedException {
        Path path = runDir.resolve(name);
        Files.deleteIfExists(path);
        assertThat(new ProcessBuilder("mkfifo", "-m", "600", path.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** Waits for the next request. */
    String request() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        while (true) {
            control.read(bytes);
            String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
            if (text.endsWith("\n") && !text.isBlank()) {
                return text.strip();
            }
        }
    }

    /** Opens the FIFO that a request names and removes its name, as a manager does. */
    OutputStream answer(String request) throws IOException {
        Path reply = runDir.resolve("reply").resolve(request.substring(0, request.indexOf(' ')));
        OutputStream answer = new FileOutputStream(reply.toFile());
        Files.delete(reply);
        answers.add(answer);
        return answer;
    }

    /** Writes to the FIFO of a request, of each character its lowest byte. */
    static void say(OutputStream answer, String lines) throws IOException {
        answer.write(lines.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Ends as a manager does that is killed: everything is closed, and the FIFOs stay. */
    @Override
    public void close() throws IOException {
        alive.close();
        control.close();
        for (OutputStream answer : answers) {
            answer.close();
        }
    }
}
