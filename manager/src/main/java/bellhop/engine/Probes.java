package bellhop.engine;

import bellhop.core.Lifecycle.Life;
import bellhop.definition.Quote;
import bellhop.linux.Epoll;
import bellhop.linux.ExitStatus;
import bellhop.linux.Fd;
import bellhop.linux.Pidfd;
import bellhop.linux.PosixException;
import bellhop.linux.Signals;
import bellhop.linux.Spawn;
import bellhop.linux.Wait;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The commands that ask services how they are. Each has a limit, and its whole group is killed at the limit
 * and once it has ended: no probe outlives its answer. What it writes is taken through a pipe, of which the
 * last line is kept.
 */
final class Probes {

    /** The launch of what asks no service. */
    private static final long NO_LAUNCH = 0;

    /** The most that is read of a probe that writes and writes before others have their turn. */
    private static final int READ_AT_ONCE = 16 * 1024;

    /** As many as a full pipe needs. */
    private static final int READS_AT_END = 4;

    private static final int LONGEST_LINE = 256;

    private final Poller poller;
    private final Timers timers;
    private final ProbeSpawner spawner;
    private final LongConsumer gone;
    private final Consumer<String> warnings;
    private final Map<Integer, Probe> probes = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_AT_ONCE);

    /**
     * What a probe found.
     *
     * @param well whether it exited 0 in time
     * @param line the last line it wrote that is not empty; else empty text
     * @param end how it ended, a phrase: {@code exited 2}, {@code timed out after 5.0 s}
     */
    record Outcome(boolean well, String line, String end) {

        /** What to tell people: the line, and how it ended if it did not end well. */
        String phrase() {
            if (line.isEmpty()) {
                return end;
            }
            return well ? line : end + ": " + line;
        }
    }

    /** One that runs. */
    private final class Probe {
        final long launch;
        final Duration limit;
        final Consumer<Outcome> done;
        final int pid;
        final int pidfd;
        final int fd;
        final Output output;
        boolean late;
        boolean unwanted;
        Optional<Timers.Timer> timer = Optional.empty();
        Optional<Poller.Watch> end = Optional.empty();
        Optional<Poller.Watch> reading = Optional.empty();

        Probe(long launch, Duration limit, Consumer<Outcome> done, int pid, int pidfd, int fd, Output output) {
            this.launch = launch;
            this.limit = limit;
            this.done = done;
            this.pid = pid;
            this.pidfd = pidfd;
            this.fd = fd;
            this.output = output;
        }

        void watch() throws PosixException {
            end = Optional.of(poller.watch(pidfd, Epoll.IN, ready -> ended()));
            reading = Optional.of(poller.watch(fd, Epoll.IN, ready -> read()));
            timer = Optional.of(timers.after(limit, () -> {
                late = true;
                kill();
            }));
        }

        void kill() {
            try {
                Signals.killGroup(pid, Signals.KILL);
            } catch (PosixException e) {
                warnings.accept("probe " + pid + " cannot be ended: " + e.getMessage());
            }
        }

        /** Takes what there is, and stops at the end or at an error. */
        void read() {
            try {
                buffer.clear();
                int count = Fd.read(fd, buffer);
                output.add(buffer.flip());
                if (count != 0) {
                    return;
                }
            } catch (PosixException e) {
                warnings.accept("the output of probe " + pid + " cannot be read: " + e.getMessage());
            }
            reading.ifPresent(poller::unwatch);
            reading = Optional.empty();
        }

        void ended() {
            kill(); // its zombie keeps the group's number until it is reaped
            for (int i = 0; i < READS_AT_END && reading.isPresent(); i++) {
                read();
            }
            close();
            probes.remove(pid);
            Outcome outcome = outcome();
            if (!unwanted) {
                done.accept(outcome);
            }
            gone.accept(launch);
        }

        private Outcome outcome() {
            try {
                ExitStatus status = Wait.reap(pidfd);
                Fd.close(pidfd);
                String line = output.text();
                if (late) {
                    return new Outcome(false, line, "timed out after " + seconds(limit));
                }
                return switch (status) {
                    case ExitStatus.Exited(int code) -> new Outcome(code == 0, line, "exited " + code);
                    case ExitStatus.Killed(int signal, boolean core) ->
                        new Outcome(false, line, "was killed by SIG" + Signals.name(signal));
                };
            } catch (PosixException e) {
                throw new IllegalStateException("probe " + pid, e);
            }
        }

        private void close() {
            timer.ifPresent(timers::cancel);
            end.ifPresent(poller::unwatch);
            reading.ifPresent(poller::unwatch);
            try {
                Fd.close(fd);
            } catch (PosixException e) {
                warnings.accept(String.valueOf(e.getMessage()));
            }
        }
    }

    /** What is kept of what is written. */
    interface Output {
        void add(ByteBuffer bytes);

        String text();
    }

    /** All of it that fits, byte by byte. */
    private static final class Everything implements Output {
        private static final int MOST = 64 * 1024;
        private final StringBuilder text = new StringBuilder();

        @Override
        public void add(ByteBuffer bytes) {
            while (bytes.hasRemaining() && text.length() < MOST) {
                text.append((char) (bytes.get() & 0xFF));
            }
        }

        @Override
        public String text() {
            return text.toString();
        }
    }

    /** The last line that is not empty, of bytes that come piece by piece. */
    static final class LastLine implements Output {
        private final byte[] current = new byte[LONGEST_LINE];
        private int length;
        private String last = "";

        @Override
        public void add(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                byte next = bytes.get();
                if (next == '\n') {
                    end();
                } else if (length < current.length) {
                    current[length++] = next;
                }
            }
        }

        private void end() {
            String line = Quote.onOneLine(new String(current, 0, length, StandardCharsets.UTF_8).strip());
            last = line.isEmpty() ? last : line;
            length = 0;
        }

        @Override
        public String text() {
            end();
            return last;
        }
    }

    /**
     * None yet.
     *
     * @param gone is told of each launch one of whose probes is gone
     */
    Probes(Poller poller, Timers timers, ProbeSpawner spawner, LongConsumer gone, Consumer<String> warnings) {
        this.poller = poller;
        this.timers = timers;
        this.spawner = spawner;
        this.gone = gone;
        this.warnings = warnings;
    }

    /**
     * Runs a command for a launch.
     *
     * @param done gets what it found; at once if it cannot be started, never once its launch has {@link #end}ed
     */
    void start(Life life, long launch, List<String> command, Duration limit, Consumer<Outcome> done) {
        try {
            start(launch, limit, done, new LastLine(), out -> spawner.spawn(life, command, out));
        } catch (IOException e) {
            done.accept(new Outcome(false, "", Objects.requireNonNullElse(e.getMessage(), e.toString())));
        }
    }

    /**
     * Runs a program that asks no service.
     *
     * @param command what to run; its output is taken, whatever it says of that
     * @param done gets what it found, with all that it wrote, a character for each byte; at once if it cannot be started
     */
    void start(Spawn.Command command, Duration limit, Consumer<Outcome> done) {
        try {
            start(NO_LAUNCH, limit, done, new Everything(), out -> Spawn.start(command.writingTo(out)));
        } catch (IOException e) {
            done.accept(new Outcome(false, "", Objects.requireNonNullElse(e.getMessage(), e.toString())));
        }
    }

    /** Starts what is to write to this descriptor. */
    @FunctionalInterface
    private interface Start {
        int writingTo(int out) throws IOException;
    }

    private void start(long launch, Duration limit, Consumer<Outcome> done, Output output, Start start)
            throws IOException {
        int[] pipe = Fd.pipe(0);
        int pid = 0;
        int pidfd = -1;
        try {
            Fd.setNonBlocking(pipe[0], true);
            pid = start.writingTo(pipe[1]);
            pidfd = Pidfd.open(pid);
            Probe probe = new Probe(launch, limit, done, pid, pidfd, pipe[0], output);
            probe.watch();
            probes.put(pid, probe);
        } catch (IOException e) {
            if (pid != 0) {
                Signals.killGroup(pid, Signals.KILL);
                Wait.reapPid(pid);
            }
            if (pidfd >= 0) {
                Fd.close(pidfd);
            }
            Fd.close(pipe[0]);
            throw e;
        } finally {
            Fd.close(pipe[1]);
        }
    }

    /** Kills the probes of a launch; what they would have found is told to nobody. */
    void end(long launch) {
        for (Probe probe : probes.values()) {
            if (probe.launch == launch && !probe.unwanted) {
                probe.unwanted = true;
                probe.kill();
            }
        }
    }

    /** Whether a probe of this launch is not gone yet. */
    boolean lives(long launch) {
        return probes.values().stream().anyMatch(probe -> probe.launch == launch);
    }

    /** Whether this process is a probe, and so will be reaped here. */
    boolean owns(int pid) {
        return probes.containsKey(pid);
    }

    /** Kills all, and waits for their ends. */
    void close() {
        for (Probe probe : List.copyOf(probes.values())) {
            probe.unwanted = true;
            probe.ended();
        }
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3);
    }
}
