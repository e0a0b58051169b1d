package bellhop.program;

import bellhop.linux.Epoll;
import bellhop.linux.Fd;
import bellhop.linux.Pidfd;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.QuitSignal;
import bellhop.linux.Spawn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * This program once more, in the background. A JVM cannot fork: the same command line is spawned with a mark
 * in its environment that names a pipe of this one, over which the new process says whether it runs.
 */
final class Background {

    private static final String MARK = "BELLHOP_ESCORT_STARTER";
    private static final String RUNS = "runs";
    private static final int LONGEST_ANSWER = 4096;
    private static final long FROM_PIPE = 1;
    private static final long FROM_PROCESS = 2;

    private Background() {}

    /** In the background process: who waits to hear of it. */
    static Optional<Starter> starter() throws IOException {
        String pipe = System.getenv(MARK);
        if (pipe == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Starter(Fd.open(pipe, Fd.O_WRONLY | Fd.O_NONBLOCK, 0)));
        } catch (PosixException e) {
            throw new IOException("the process that started it has gone", e);
        }
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
     * @throws IOException if it does not run, and why
     */
    static void start() throws IOException {
        int[] pipe = Fd.pipe(Fd.O_NONBLOCK);
        List<String> environment = withoutMark(Proc.ownEnvironment());
        environment.add(MARK + "=/proc/" + ProcessHandle.current().pid() + "/fd/" + pipe[1]);
        int pid = Spawn.start(new Spawn.Command(
                        Proc.ownCommandLine(), environment, Path.of("").toAbsolutePath(), 1, 2)
                .with(List.of(QuitSignal.PLACE)));
        String answer = await(pipe[0], pid);
        if (!answer.equals(RUNS)) {
            throw new IOException(answer);
        }
    }

    private static String await(int pipe, int pid) throws IOException {
        try (Epoll epoll = Epoll.open()) {
            epoll.add(pipe, Epoll.IN, FROM_PIPE);
            epoll.add(Pidfd.open(pid), Epoll.IN, FROM_PROCESS);
            boolean[] ended = new boolean[1];
            StringBuilder answer = new StringBuilder();
            while (answer.indexOf("\n") < 0 && !ended[0]) {
                epoll.await(-1, (token, events) -> ended[0] |= token == FROM_PROCESS);
                read(pipe, answer);
            }
            int end = answer.indexOf("\n");
            return end < 0 ? "the background process ended before it ran the program" : answer.substring(0, end);
        }
    }

    private static void read(int fd, StringBuilder answer) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(LONGEST_ANSWER);
        if (Fd.read(fd, bytes) > 0) {
            answer.append(StandardCharsets.UTF_8.decode(bytes.flip()));
        }
    }

    /**
     * The foreground process that waits.
     *
     * @param fd the pipe to it
     */
    record Starter(int fd) {

        /** Returns false if nobody waits any more: it was killed. */
        boolean runs() {
            return say(RUNS);
        }

        void failed(String why) {
            say(why.replace('\n', ' '));
        }

        private boolean say(String line) {
            byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
            try {
                Fd.write(fd, ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
                Fd.close(fd);
                return true;
            } catch (PosixException e) {
                return false;
            }
        }
    }
}
