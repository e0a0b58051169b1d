package bellhop.engine.process;

import bellhop.core.Life;
import bellhop.definition.Quote;
import bellhop.linux.Epoll;
import bellhop.linux.ExitStatus;
import bellhop.linux.Fd;
import bellhop.linux.FileErrors;
import bellhop.linux.Pidfd;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import bellhop.linux.Spawn;
import bellhop.linux.Wait;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The commands that ask services how they are. Each has a limit. No probe outlives its answer, nor does anything that
 * it started: what a probe writes is taken through a pipe, of which the last line is kept.
 *
 * <p>A probe that is killed is ended like a service that is killed, by a {@link Sweeper}: every process in its session,
 * every descendant, and every process with its mark in the environment. The mark is its own, so that nothing of the
 * service's is taken for a probe's.
 *
 * <p>One that has ended by itself usually leaves no process, so there is no search among all processes. Its group is
 * killed by number, which its zombie keeps. A process that left the group is an orphan by then, and so has become a
 * child of this process, which is the subreaper. The kernel lists those apart from what this process has started, and
 * that list is short: new processes in it are examined. One that left the session and the environment as well looks
 * like what a service starts. On a kernel without that list a look at all processes now and then serves all probes.
 */
public final class Probes {

    /** The interval between looks at all processes, if the kernel does not list those that this one has inherited. */
    private static final long BETWEEN_LOOKS = Duration.ofMinutes(1).toNanos();

    /** The beginning of the marks of all managers' probes. */
    static final String MARKS = "probe.";

    /** The launch of what asks no service. */
    private static final long NO_LAUNCH = 0;

    /** The most that is read of a probe that writes and writes before others have their turn. */
    private static final int READ_AT_ONCE = 16 * 1024;

    /** As many as a full pipe needs. */
    private static final int READS_AT_END = 4;

    private static final int LONGEST_LINE = 256;

    private final EventLoop loop;
    private final ProbeSpawner spawner;
    private final Consumer<ScriptProcess> sweep;
    private final LongConsumer gone;
    private final Consumer<String> warnings;
    private final String inherited;
    private final Map<Integer, Probe> probes = new HashMap<>();
    /** Orphans that were examined and are no probe's, as long as no other process can have their numbers. */
    private final Set<Integer> others = new HashSet<>();
    /** The beginning of the marks of this manager's probes alone. */
    private final String marks = MARKS + Census.SELF + "." + System.nanoTime() + ".";

    private long lastMark;
    private long lastLook = System.nanoTime() - BETWEEN_LOOKS;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_AT_ONCE);

    /**
     * The outcome of a probe.
     *
     * @param well whether it exited 0 in time
     * @param line the last line it wrote that is not empty; else empty text
     * @param end how it ended, a phrase: {@code exited 2}, {@code timed out after 5.0 s}
     */
    public record ProbeOutcome(boolean well, String line, String end) {

        /** The text for people: the line, and how it ended if it failed. */
        public String phrase() {
            if (line.isEmpty()) {
                return end;
            }
            return well ? line : end + ": " + line;
        }
    }

    /** A probe that runs, or has ended and left processes. */
    private final class Probe {
        final long launch;
        final Duration limit;
        final Consumer<ProbeOutcome> done;
        final int pid;
        final int pidfd;
        final int fd;
        final Output output;
        /** For who ends it with all that it started; none if it asks no service, and so starts nothing. */
        final Optional<ScriptProcess> scriptProcess;

        boolean late;
        boolean unwanted;
        boolean killed;
        /** It is dead, but who traces it keeps its status. */
        boolean hidden;

        Optional<EventLoop.Timer> timer = Optional.empty();
        Optional<EventLoop.Watch> end = Optional.empty();
        Optional<EventLoop.Watch> reading = Optional.empty();

        Probe(
                long launch,
                Duration limit,
                Consumer<ProbeOutcome> done,
                int pid,
                int pidfd,
                int fd,
                Output output,
                Optional<ScriptProcess> scriptProcess) {
            this.launch = launch;
            this.limit = limit;
            this.done = done;
            this.pid = pid;
            this.pidfd = pidfd;
            this.fd = fd;
            this.output = output;
            this.scriptProcess = scriptProcess;
        }

        void watch() throws PosixException {
            end = Optional.of(loop.watch(pidfd, Epoll.IN, ready -> ended()));
            reading = Optional.of(loop.watch(fd, Epoll.IN, ready -> read()));
            timer = Optional.of(loop.after(limit, () -> {
                late = true;
                kill();
            }));
        }

        void kill() {
            killed = true;
            scriptProcess.ifPresentOrElse(sweep, this::killGroup);
        }

        private void killGroup() {
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
            reading.ifPresent(loop::unwatch);
            reading = Optional.empty();
        }

        void ended() {
            end.ifPresent(loop::unwatch);
            end = Optional.empty();
            hidden = !hasStatus();
            if (hidden) {
                kill();
                return;
            }
            scriptProcess.ifPresent(it -> it.ended = true);
            killGroup(); // its zombie keeps the group's number until it is reaped
            for (int i = 0; i < READS_AT_END && reading.isPresent(); i++) {
                read();
            }
            close();
            if (scriptProcess.isPresent() && (killed || hasLeftSomebody(this))) {
                kill();
            } else {
                gone();
            }
        }

        private boolean hasStatus() {
            try {
                return Wait.peek(pidfd).isPresent();
            } catch (PosixException e) {
                throw new IllegalStateException("probe " + pid, e);
            }
        }

        boolean isMarked(String mark) {
            return scriptProcess.flatMap(it -> it.probe).equals(Optional.of(mark));
        }

        /** Nothing of it is left. */
        void gone() {
            probes.remove(pid);
            ProbeOutcome outcome = outcome();
            if (!unwanted) {
                done.accept(outcome);
            }
            gone.accept(launch);
        }

        private ProbeOutcome outcome() {
            try {
                ExitStatus status = Wait.reap(pidfd);
                Fd.close(pidfd);
                String line = output.text();
                if (late) {
                    return new ProbeOutcome(false, line, "timed out after " + seconds(limit));
                }
                return switch (status) {
                    case ExitStatus.NormalExit(int code) -> new ProbeOutcome(code == 0, line, "exited " + code);
                    case ExitStatus.KilledBySignal(int signal, boolean core) ->
                        new ProbeOutcome(false, line, "was killed by SIG" + Signals.name(signal));
                };
            } catch (PosixException e) {
                throw new IllegalStateException("probe " + pid, e);
            }
        }

        private void close() {
            timer.ifPresent(EventLoop.Timer::cancel);
            timer = Optional.empty();
            reading.ifPresent(loop::unwatch);
            reading = Optional.empty();
            try {
                Fd.close(fd);
            } catch (PosixException e) {
                warnings.accept(String.valueOf(e.getMessage()));
            }
        }
    }

    /** The part of the output that is kept. */
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
    public static final class LastLine implements Output {
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
     * @param sweep ends a probe that must be killed, with all that it started; {@link #cleared} follows
     * @param gone gets each launch of which a probe is gone
     */
    public Probes(
            EventLoop loop,
            ProbeSpawner spawner,
            Consumer<ScriptProcess> sweep,
            LongConsumer gone,
            Consumer<String> warnings) {
        this(loop, spawner, sweep, gone, warnings, Proc.INHERITED);
    }

    /**
     * The same, for another kernel.
     *
     * @param inherited as {@link Proc#INHERITED}
     */
    public Probes(
            EventLoop loop,
            ProbeSpawner spawner,
            Consumer<ScriptProcess> sweep,
            LongConsumer gone,
            Consumer<String> warnings,
            String inherited) {
        this.loop = loop;
        this.spawner = spawner;
        this.sweep = sweep;
        this.gone = gone;
        this.warnings = warnings;
        this.inherited = inherited;
    }

    /**
     * Runs a command for a launch.
     *
     * @param done gets what it found; at once if it cannot be started, never once its launch has {@link #end}ed
     */
    public void start(Life life, long launch, List<String> command, Duration limit, Consumer<ProbeOutcome> done) {
        String mark = marks + ++lastMark;
        StartProbe start = out -> spawner.spawn(life, command, ScriptEnvironment.LAUNCH + "=" + mark, out);
        start(Optional.of(life), launch, mark, limit, done, new LastLine(), start);
    }

    /**
     * Runs a program that asks no service.
     *
     * @param command what to run; its output is taken, whatever it says of that
     * @param done gets what it found, with all that it wrote, a character for each byte; at once if it cannot be started
     */
    public void start(Spawn.Command command, Duration limit, Consumer<ProbeOutcome> done) {
        StartProbe start = out -> Spawn.start(command.writingTo(out));
        start(Optional.empty(), NO_LAUNCH, "", limit, done, new Everything(), start);
    }

    /** Starts what is to write to this descriptor. */
    @FunctionalInterface
    private interface StartProbe {
        int writingTo(int out) throws IOException;
    }

    private void start(
            Optional<Life> life,
            long launch,
            String mark,
            Duration limit,
            Consumer<ProbeOutcome> done,
            Output output,
            StartProbe start) {
        try {
            begin(life, launch, mark, limit, done, output, start);
        } catch (IOException e) {
            done.accept(new ProbeOutcome(false, "", FileErrors.withFile(e)));
        }
    }

    private void begin(
            Optional<Life> life,
            long launch,
            String mark,
            Duration limit,
            Consumer<ProbeOutcome> done,
            Output output,
            StartProbe start)
            throws IOException {
        int[] pipe = Fd.pipe(0);
        int pid = 0;
        int pidfd = ScriptProcess.NONE;
        try {
            Fd.setNonBlocking(pipe[0], true);
            pid = start.writingTo(pipe[1]);
            pidfd = Pidfd.open(pid);
            Optional<ScriptProcess> scriptProcess = life.isPresent()
                    ? Optional.of(ScriptProcess.probe(life.get(), launch, pid, pidfd, mark))
                    : Optional.empty();
            Probe probe = new Probe(launch, limit, done, pid, pidfd, pipe[0], output, scriptProcess);
            probe.watch();
            probes.put(pid, probe);
        } catch (IOException e) {
            if (pid != 0) {
                Signals.killGroup(pid, Signals.KILL);
                Wait.reapPid(pid);
            }
            if (pidfd != ScriptProcess.NONE) {
                Fd.close(pidfd);
            }
            Fd.close(pipe[0]);
            throw e;
        } finally {
            Fd.close(pipe[1]);
        }
    }

    /** Kills the probes of a launch, without reporting an outcome. */
    public void end(long launch) {
        for (Probe probe : probes.values()) {
            if (probe.launch == launch && !probe.unwanted) {
                probe.unwanted = true;
                probe.kill();
            }
        }
    }

    /** Kills all, without reporting an outcome. */
    public void endAll() {
        for (Probe probe : probes.values()) {
            probe.unwanted = true;
            probe.kill();
        }
    }

    /** A probe that was killed, or had left processes, is gone with all that it started. */
    public void cleared(ScriptProcess scriptProcess) {
        Objects.requireNonNull(probes.get(scriptProcess.pid)).gone();
    }

    /** A child has ended: sees again what was hidden. */
    void lookAgain() {
        for (Probe probe : List.copyOf(probes.values())) {
            if (probe.hidden) {
                probe.ended();
            }
        }
    }

    /** This number can be another's from now on. */
    void reaped(int pid) {
        others.remove(pid);
    }

    /**
     * Whether a process lives that this probe started and that left its group. One that an earlier probe left, and that
     * was not seen then, is killed.
     */
    private boolean hasLeftSomebody(Probe ended) {
        boolean isAnybodyLeft = false;
        try {
            List<Integer> orphans = orphans();
            others.retainAll(Set.copyOf(orphans));
            for (int pid : orphans) {
                if (!owns(pid) && !others.contains(pid)) {
                    isAnybodyLeft |= isOf(ended, pid);
                }
            }
        } catch (PosixException e) {
            warnings.accept("cannot search for the processes that a probe left: " + e.getMessage());
        }
        return isAnybodyLeft;
    }

    private List<Integer> orphans() throws PosixException {
        Optional<List<Integer>> listed = Proc.children(inherited);
        if (listed.isPresent()) {
            return listed.get();
        }
        if (System.nanoTime() - lastLook < BETWEEN_LOOKS) {
            return List.of();
        }
        lastLook = System.nanoTime();
        List<Integer> children = new ArrayList<>();
        for (Proc.Task task : Proc.census()) {
            if (task.ppid() == Census.SELF) {
                children.add(task.pid());
            }
        }
        return children;
    }

    private boolean isOf(Probe ended, int pid) throws PosixException {
        Optional<Proc.Task> task = Proc.task(pid).filter(it -> !it.isDead());
        if (task.isEmpty()) {
            return false;
        }
        String mark = Proc.environment(pid, ScriptEnvironment.LAUNCH).orElse("");
        if (task.get().session() == ended.pid || ended.isMarked(mark)) {
            return true;
        }
        if (!mark.startsWith(marks)) {
            others.add(pid);
        } else if (probes.values().stream().noneMatch(probe -> probe.isMarked(mark))) {
            Pidfd.kill(task.get());
        }
        return false;
    }

    /** Whether a probe of this launch is not gone yet. */
    public boolean lives(long launch) {
        return probes.values().stream().anyMatch(probe -> probe.launch == launch);
    }

    /** Whether this process is a probe, and so will be reaped here. */
    public boolean owns(int pid) {
        return probes.containsKey(pid);
    }

    /** Waits for the ends of all, which were killed. */
    public void close() {
        for (Probe probe : List.copyOf(probes.values())) {
            probe.end.ifPresent(loop::unwatch);
            if (probe.timer.isPresent()) {
                probe.close();
            }
            if (!probe.hidden) {
                var _ = probe.outcome();
            }
            probes.remove(probe.pid);
        }
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3);
    }
}
