package bellhop.program;

import bellhop.linux.Epoll;
import bellhop.linux.Fd;
import bellhop.linux.Pidfd;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Spawn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * This program once more, in the background. A JVM cannot fork: the same command line is spawned with a mark
 * in its environment that names a FIFO, over which the new process says whether it runs.
 */
final class Background {

    private static final String MARK = "BELLHOP_ESCORT_STARTER";
    private static final String RUNS = "runs";
    private static final int LONGEST_ANSWER = 4096;
    private static final long FROM_FIFO = 1;
    private static final long FROM_PROCESS = 2;

    private Background() {}

    /** In the background process: who waits to hear of it. */
    static Optional<Starter> starter() {
        return Optional.ofNullable(System.getenv(MARK)).map(fifo -> new Starter(Path.of(fifo)));
    }

    /** An environment as it was before this class touched it. */
    static List<String> withoutMark(List<String> environment) {
        List<String> left = new ArrayList<>(environment);
        left.removeIf(variable -> variable.startsWith(MARK + "="));
        return left;
    }

    /**
     * Runs this program's command line in the background and waits until it says that it runs.
     *
     * @param beside the FIFO is made beside this file, for as long as this takes
     * @throws IOException if it does not run, and why
     */
    static void start(Path beside) throws IOException {
        Path fifo = beside.resolveSibling(
                "." + beside.getFileName() + "." + ProcessHandle.current().pid());
        make(fifo);
        try {
            int fd = Fd.open(fifo, Fd.O_RDWR | Fd.O_NONBLOCK | Fd.O_NOFOLLOW, 0);
            List<String> environment = withoutMark(Proc.ownEnvironment());
            environment.add(MARK + "=" + fifo);
            int pid = Spawn.start(new Spawn.Command(
                    Proc.ownCommandLine(), environment, Path.of("").toAbsolutePath(), 1, 2));
            String answer = await(fd, pid);
            if (!answer.equals(RUNS)) {
                throw new IOException(answer);
            }
        } finally {
            Files.deleteIfExists(fifo);
        }
    }

    private static void make(Path fifo) throws IOException {
        try {
            Files.deleteIfExists(fifo);
            Fd.mkfifo(fifo, 0600);
        } catch (PosixException e) {
            throw new IOException(fifo.getParent() + ": nothing can be made in it: " + e.reason(), e);
        }
    }

    private static String await(int fifo, int pid) throws IOException {
        try (Epoll epoll = Epoll.open()) {
            epoll.add(fifo, Epoll.IN, FROM_FIFO);
            epoll.add(Pidfd.open(pid), Epoll.IN, FROM_PROCESS);
            boolean[] ended = new boolean[1];
            StringBuilder answer = new StringBuilder();
            while (answer.indexOf("\n") < 0 && !ended[0]) {
                epoll.await(-1, (token, events) -> ended[0] |= token == FROM_PROCESS);
                read(fifo, answer);
            }
            int end = answer.indexOf("\n");
            return end < 0 ? "it ended before it could run anything" : answer.substring(0, end);
        }
    }

    private static void read(int fd, StringBuilder answer) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(LONGEST_ANSWER);
        if (Fd.read(fd, bytes) > 0) {
            answer.append(StandardCharsets.UTF_8.decode(bytes.flip()));
        }
    }

    /**
     * The foreground process that waits. It is told once, and its FIFO then removed: it may be gone itself.
     *
     * @param fifo where it listens
     */
    record Starter(Path fifo) {

        void runs() {
            say(RUNS);
        }

        void failed(String why) {
            say(why.replace('\n', ' '));
        }

        private void say(String line) {
            try {
                int fd = Fd.open(fifo, Fd.O_WRONLY | Fd.O_NONBLOCK | Fd.O_NOFOLLOW, 0);
                byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
                Fd.write(fd, ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
                Fd.close(fd);
                Files.deleteIfExists(fifo);
            } catch (IOException e) {
                // It did not wait; whoever started it may have killed it.
            }
        }
    }
}
