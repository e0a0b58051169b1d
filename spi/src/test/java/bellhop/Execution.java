package bellhop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A program that runs beside a test, with nothing to read, and with files that take what it writes. */
public final class Execution {

    private final ProcessBuilder builder;
    private final Process process;
    private final Path out;
    private final Path err;

    /** Starts it; the files are in that folder. */
    public Execution(ProcessBuilder builder, Path folder) throws IOException {
        this.builder = builder;
        out = Files.createTempFile(folder, "program-", ".out");
        err = Files.createTempFile(folder, "program-", ".err");
        process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        process.getOutputStream().close();
    }

    public Process process() {
        return process;
    }

    /** The file that takes its standard output. */
    public Path out() {
        return out;
    }

    /** The file that takes its standard error. */
    public Path err() {
        return err;
    }

    /** Waits for its end. */
    public Outcome outcome() throws InterruptedException {
        return outcome(Await.LIMIT_S);
    }

    /** Waits for its end; one that does not end within the limit is killed, with all that it started. */
    public Outcome outcome(long limitSeconds) throws InterruptedException {
        boolean ended = process.waitFor(limitSeconds, TimeUnit.SECONDS);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        try {
            Outcome outcome = new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
            if (!ended) {
                throw new AssertionError(
                        "%s did not end within %d s: %s".formatted(builder.command(), limitSeconds, outcome));
            }
            return outcome;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
