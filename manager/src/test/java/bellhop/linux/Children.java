package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The processes that a test starts. Closing kills and reaps what is left of them and of their sessions. */
final class Children implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final List<Child> children = new ArrayList<>();

    /** One process and what it has written to its standard output and error. */
    static final class Child {
        final int pid;
        final int pidfd;
        private final int output;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        private final StringBuilder unread = new StringBuilder();
        private boolean ended;
        private boolean reaped;

        private Child(int pid, int output) throws PosixException {
            this.pid = pid;
            this.output = output;
            this.pidfd = Pidfd.open(pid);
        }

        /** The next line it writes. */
        String line() throws PosixException {
            int end;
            while ((end = unread.indexOf("\n")) < 0 && !ended) {
                readMore();
            }
            assertThat(end).as("a further line after \"%s\"", unread).isNotNegative();
            String line = unread.substring(0, end);
            unread.delete(0, end + 1);
            return line;
        }

        /** All that it, and whoever has its output too, still writes until the end. */
        String rest() throws PosixException {
            while (!ended) {
                readMore();
            }
            String rest = unread.toString();
            unread.setLength(0);
            return rest;
        }

        private void readMore() throws PosixException {
            awaitReadable(output, "output of process " + pid);
            buffer.clear();
            ended = Fd.read(output, buffer) == 0;
            unread.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
        }

        /** Waits until it has ended, and leaves it a zombie. */
        ExitStatus awaitEnd() throws PosixException {
            awaitReadable(pidfd, "the end of process " + pid);
            return Wait.peek(pidfd).orElseThrow();
        }

        /** Waits until it has ended, and takes its status. */
        ExitStatus reap() throws PosixException {
            awaitEnd();
            reaped = true;
            return Wait.reap(pidfd);
        }

        Optional<Proc.Task> task() throws PosixException {
            return Proc.task(pid);
        }

        private void close() throws PosixException {
            if (!reaped) {
                Signals.killGroup(pid, Signals.KILL);
                killSession(pid);
                reap();
            } else {
                killSession(pid);
            }
            assertThat(Proc.task(pid)).isEmpty();
            Fd.close(pidfd);
            Fd.close(output);
        }
    }

    /** Waits for a descriptor to have something, or its end, to read. */
    static void awaitReadable(int fd, String what) throws PosixException {
        try (Epoll epoll = Epoll.open()) {
            epoll.add(fd, Epoll.IN, 0);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (epoll.await(Math.max(0, deadline - System.nanoTime()), (token, events) -> {}) == 0) {
                assertThat(System.nanoTime()).as("waiting for %s", what).isLessThan(deadline);
            }
        }
    }

    /** Waits for the end of a process that need not be a child. */
    static void awaitEndOf(int pid) throws PosixException {
        int pidfd;
        try {
            pidfd = Pidfd.open(pid);
        } catch (PosixException gone) {
            assertThat(gone.errno()).isEqualTo(Errno.ESRCH);
            return;
        }
        awaitReadable(pidfd, "the end of process " + pid);
        Fd.close(pidfd);
    }

    /** Waits until no member of the group lives; zombies may be left. */
    static void awaitEndOfGroup(int group) throws PosixException {
        Predicate<Proc.Task> member = task -> task.pgrp() == group;
        for (var living = living(member); !living.isEmpty(); living = living(member)) {
            awaitEndOf(living.getFirst().pid());
        }
    }

    private static void killSession(int session) throws PosixException {
        Predicate<Proc.Task> member = task -> task.session() == session;
        for (var living = living(member); !living.isEmpty(); living = living(member)) {
            int pid = living.getFirst().pid();
            if (Signals.kill(pid, Signals.KILL)) {
                awaitEndOf(pid);
            }
        }
    }

    private static List<Proc.Task> living(Predicate<Proc.Task> which) throws PosixException {
        return Proc.census().stream()
                .filter(which)
                .filter(task -> !task.isDead())
                .toList();
    }

    /** Starts a script of the shell. */
    Child sh(String script) throws IOException {
        return start("/bin/sh", "-c", script);
    }

    /** Starts a program with the environment {@code PATH}, in {@code /}. */
    Child start(String... argv) throws IOException {
        return start(Path.of("/"), List.of("PATH=/usr/bin:/bin"), argv);
    }

    Child start(Path directory, List<String> environment, String... argv) throws IOException {
        int[] pipe = Fd.pipe(0);
        try {
            int pid = Spawn.start(new Spawn.Command(List.of(argv), environment, directory, pipe[1], pipe[1]));
            Child child = new Child(pid, pipe[0]);
            children.add(child);
            return child;
        } finally {
            Fd.close(pipe[1]);
        }
    }

    /**
     * Starts a Java program of the tests in a process of its own, for what would disturb others in this one.
     *
     * @param prelude what a shell does before it becomes Java: limits, ignored signals
     */
    Child java(String prelude, Class<?> program, String... arguments) throws IOException {
        List<String> argv = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                prelude + "\nexec \"$@\"",
                "sh",
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-MaxFDLimit",
                "-Xshare:auto",
                "-cp",
                place(Fd.class) + ":" + place(program),
                program.getName()));
        argv.addAll(Arrays.asList(arguments));
        return start(argv.toArray(String[]::new));
    }

    private static String place(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation().getPath();
    }

    @Override
    public void close() throws PosixException {
        for (Child child : children) {
            child.close();
        }
    }
}
