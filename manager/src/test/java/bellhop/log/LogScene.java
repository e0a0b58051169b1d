package bellhop.log;

import bellhop.Await;
import bellhop.linux.Fd;
import bellhop.linux.Pidfd;
import bellhop.linux.Self;
import bellhop.linux.Spawn;
import bellhop.linux.Wait;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A pump that runs, real FIFOs and real shells that write to them. It is always the same moment. */
final class LogScene implements AutoCloseable {
    static final Instant MOMENT = Instant.parse("2026-11-23T21:41:10.123Z");
    static final Rotation USUAL = new Rotation(1 << 20, 5);
    static final String STAMP = MOMENT + " ";

    final Path logs;
    final List<String> warnings = new CopyOnWriteArrayList<>();
    final Kept console = new Kept();
    private final Path directory;
    private final Rotation rotation;
    /** Whether writers to a log that cannot be written wait. */
    boolean waits;

    LogPump pump;

    LogScene(Path directory, Rotation rotation) throws IOException {
        this(directory, directory.resolve("log"), rotation);
    }

    LogScene(Path directory, Path logs, Rotation rotation) throws IOException {
        this.directory = directory;
        this.logs = logs;
        this.rotation = rotation;
        this.pump = startedPump();
    }

    private LogPump startedPump() throws IOException {
        LogPump started =
                new LogPump(logs, directory.resolve("notes"), InstantSource.fixed(MOMENT), console, warnings::add);
        started.start();
        return started;
    }

    /** Closes the pump and starts another on the same directories, as a manager that is started again. */
    void restartPump() throws IOException {
        pump.close();
        pump = startedPump();
    }

    Path fifo(String name, String script) {
        return directory.resolve(name + "." + script);
    }

    private Destination file() {
        return new Destination.LogFile(rotation, true, waits);
    }

    int open(String name, Path fifo, String mark) throws IOException {
        return open(name, fifo, mark, file());
    }

    private int open(String name, Path fifo, String mark, Destination destination) throws IOException {
        return pump.open(name, fifo, mark, destination, Self.euid(), true);
    }

    void attach(String name, Path fifo) throws IOException {
        pump.attach(name, fifo, "", file());
    }

    /** Starts a shell script that writes to the log of a name; returns its pidfd. */
    int start(String name, String script) throws IOException {
        return start(name, "", script);
    }

    int start(String name, String mark, String script) throws IOException {
        return start(name, mark, file(), script);
    }

    int start(String name, String mark, Destination destination, String script) throws IOException {
        int fd = open(name, fifo(name, mark), mark, destination);
        try {
            List<String> command = List.of("/bin/sh", "-c", script);
            return Pidfd.open(Spawn.start(
                    new Spawn.Command(command, List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), directory, fd, fd)));
        } finally {
            Fd.close(fd);
        }
    }

    static void awaitEnd(int pidfd) throws IOException {
        Wait.reap(pidfd);
        Fd.close(pidfd);
    }

    void run(String name, String script) throws IOException {
        awaitEnd(start(name, script));
    }

    void runOnConsole(String name, String mark, String script) throws IOException {
        awaitEnd(start(name, mark, new Destination.Console(), script));
    }

    /** The whole log, with everything in it that was written before. */
    String text(String name) throws Exception {
        return text(bytes(name));
    }

    byte[] bytes(String name) throws Exception {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        pump.tail(name, Integer.MAX_VALUE, answer::complete);
        return answer.get(20, TimeUnit.SECONDS);
    }

    List<String> lines(String name) throws Exception {
        return text(name).lines().toList();
    }

    Path current(String name) {
        return logs.resolve(name).resolve("current");
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** A follower that keeps everything it gets. */
    static final class Kept implements ConsoleSink {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public boolean take(byte[] lines, boolean last) {
            add(lines);
            return true;
        }

        synchronized void add(byte[] more) {
            bytes.writeBytes(more);
        }

        synchronized String text() {
            return LogScene.text(bytes.toByteArray());
        }

        void awaitEnd(String end) {
            Await.until(() -> "\"" + end + "\" at the end of: " + text(), () -> text().endsWith(end));
        }
    }

    /** Waits until a shell script has made a file. */
    static void awaitFile(Path file) {
        Await.until("there is " + file, () -> Files.exists(file));
    }

    @Override
    public void close() {
        pump.close();
    }
}
