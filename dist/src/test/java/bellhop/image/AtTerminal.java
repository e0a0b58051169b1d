package bellhop.image;

import bellhop.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A command that runs on a terminal of its own, 80 columns wide and 24 lines high, at which a test types. */
final class AtTerminal implements AutoCloseable {

    private final Path sent;
    private final Process process;

    /**
     * Starts it.
     *
     * @param command as a shell takes it; {@code bh} is found if the manager's {@code PATH} has it
     */
    AtTerminal(ImageManager manager, String command) throws IOException {
        sent = Files.createTempFile(manager.root(), "sent", "");
        ProcessBuilder builder =
                new ProcessBuilder(Programs.needed("script", "bsdutils"), "-qec", wide(command), "/dev/null");
        manager.environment(builder);
        process =
                builder.redirectErrorStream(true).redirectOutput(sent.toFile()).start();
    }

    /** The command with the terminal's size before it. */
    static String wide(String command) {
        return "stty cols " + DrawnTerminal.COLUMNS + " rows " + DrawnTerminal.ROWS + "; " + command;
    }

    /** What the terminal got so far. */
    String sent() throws IOException {
        return Files.readString(sent, StandardCharsets.UTF_8);
    }

    void type(String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Waits until the command has ended by itself. Returns its exit status; of one that a signal killed, 128 more. */
    int awaitEnd() throws InterruptedException {
        if (!process.waitFor(Await.LIMIT_S, TimeUnit.SECONDS)) {
            throw new AssertionError("the command at the terminal does not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.getOutputStream().close();
    }
}
