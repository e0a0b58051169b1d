package bellhop.log;

import bellhop.linux.Epoll;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import bellhop.linux.Wakeup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Moves what services write from their FIFOs to their logs: one thread, {@code bellhop-log}, and one buffer for
 * all of them. All methods may be called from any thread; none of them but {@link #close}
 * waits for the disk.
 *
 * <p><b>How a FIFO is read and not lost.</b> A script gets a FIFO that is open for reading and writing as its
 * standard output and error, so that no manager's death breaks it. {@link #attach} opens a reading end <i>before it
 * returns</i> and hands it to the pump's thread, which reads it until nobody has the FIFO open for writing. Where
 * the thread reads that FIFO already it closes the new end and goes on with the old one; where it has just given
 * the old one up, the new one is another and takes its place. In both cases some reading end was open all the time,
 * so the FIFO kept its bytes, and the thread never has to decide about the end while another attaches.
 *
 * <p><b>A disk that takes no more</b> loses nothing: the bytes stay in the FIFO, the pump tries again each second,
 * and a service that fills its FIFO waits. That is told once for each log, as is the end of it.
 */
public final class LogPump implements AutoCloseable {
    private static final long WAKEUP = -1;
    private static final long LOOK_AGAIN = Duration.ofSeconds(1).toNanos();
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(10);
    private static final int LONGEST_DRAIN = 64;

    private final Path directory;
    private final Consumer<String> warnings;
    private final LineCopier copier;
    private final Epoll epoll;
    private final Wakeup wakeup;
    private final Thread thread = new Thread(this::run, "bellhop-log");

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private volatile boolean closing;
    private boolean ended;

    private final Map<String, Log> logs = new HashMap<>();
    private final Map<Source.Identity, Source> byIdentity = new HashMap<>();
    private final Map<Integer, Source> byDescriptor = new HashMap<>();
    private final Set<Source> ready = new LinkedHashSet<>();
    /** In the order in which they are due, as each waits equally long. */
    private final Set<Source> waiting = new LinkedHashSet<>();

    /**
     * A pump that is not running yet.
     *
     * @param directory where the directories of the logs are; made when the first line is written
     * @param rotation for all logs
     * @param clock for the lines' time stamps
     * @param warnings gets a line for each thing that goes wrong, on the pump's thread; may not block
     */
    public LogPump(Path directory, Rotation rotation, InstantSource clock, Consumer<String> warnings)
            throws IOException {
        this.directory = directory;
        this.warnings = warnings;
        copier = new LineCopier(rotation, clock);
        epoll = Epoll.open();
        wakeup = Wakeup.open();
        epoll.add(wakeup.fd(), Epoll.IN, WAKEUP);
        thread.setDaemon(true);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /**
     * Opens the FIFO that a script is to write to, makes it first where there is none, and attaches it.
     *
     * @param mark as for {@link #attach}
     * @return a descriptor for the script's standard output and error; whoever called closes it once the script has
     *     been spawned, or could not be
     * @throws IOException if there is no FIFO now, and why
     */
    public int open(String name, Path fifo, String mark) throws IOException {
        try {
            Fd.mkfifo(fifo, 0600);
        } catch (PosixException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
        int fd = Fd.open(fifo, Fd.O_RDWR | Fd.O_NOFOLLOW, 0);
        try {
            attach(name, fifo, mark);
            return fd;
        } catch (IOException e) {
            Fd.close(fd);
            throw e;
        }
    }

    /**
     * Reads a FIFO from now on until nobody has it open for writing. To attach one that is attached already is not
     * wrong. Whoever is going to write has it open before this is called, or there would be nobody.
     *
     * @param name whose log its lines go to; one element of a path
     * @param mark what stands before each line, as {@code [pre]}; empty for nothing. Scripts whose processes may
     *     overlap have a FIFO each, for the mark is the FIFO's
     * @throws IOException if it cannot be opened, or is none
     */
    public void attach(String name, Path fifo, String mark) throws IOException {
        checkName(name);
        if (closing) {
            throw new IOException("the logs are closed");
        }
        byte[] prefix = (mark.isEmpty() ? "" : mark + " ").getBytes(StandardCharsets.UTF_8);
        if (prefix.length > LineCopier.LONGEST_MARK) {
            throw new IllegalArgumentException("a mark of " + prefix.length + " bytes");
        }
        int fd = Fd.open(fifo, Fd.O_RDONLY | Fd.O_NOFOLLOW | Fd.O_NONBLOCK, 0);
        try {
            Stat stat = Fd.fstat(fd);
            if (!stat.isFifo()) {
                throw new IOException(fifo + ": not a FIFO");
            }
            Source.Identity identity = new Source.Identity(stat.dev(), stat.ino());
            execute(() -> addSource(identity, fd, name, prefix));
        } catch (IOException e) {
            Fd.close(fd);
            throw e;
        }
    }

    /**
     * Gives the end of a log and whatever is appended to it from then on, without a gap and without anything twice.
     *
     * @param lines how many lines there are to be of what is in the log now
     * @param follower is called on the pump's thread and may not block: first with the end of the log, perhaps
     *     empty, then with each piece as it is appended. The pieces put together are the log; nearly always each
     *     ends with a line. They are shared and not to be changed. One that throws is called no more
     * @return what ends it; the follower may be called once more meanwhile
     */
    public Runnable follow(String name, int lines, Consumer<byte[]> follower) {
        checkName(name);
        execute(() -> addFollower(name, lines, follower));
        return () -> execute(() -> removeFollower(name, follower));
    }

    /**
     * Gives the end of a log once; as {@link #follow}, but called once.
     *
     * @param answer is called on the pump's thread and may not block
     */
    public void tail(String name, int lines, Consumer<byte[]> answer) {
        checkName(name);
        execute(() -> {
            Log log = logs.get(name);
            if (log != null) {
                drain(log);
            }
            Log.tell(answer, lastLines(name, lines));
        });
    }

    private static void checkName(String name) {
        if (name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException("not one element of a path: " + name);
        }
    }

    private void execute(Runnable task) {
        tasks.add(task);
        wake();
    }

    /** Its descriptor may be another's once it is closed, so nobody wakes a pump that has ended. */
    private synchronized void wake() {
        try {
            if (!ended) {
                wakeup.wake();
            }
        } catch (PosixException e) {
            warnings.accept("the log's thread cannot be woken: " + e.getMessage());
        }
    }

    /**
     * Puts what is in the FIFOs now into the logs and ends the thread. What a service writes later stays in its FIFO
     * for the next manager. Waits for that, 10 s at the most.
     */
    @Override
    public void close() {
        closing = true;
        wake();
        try {
            thread.join(LONGEST_CLOSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // From here on everything runs on the pump's thread.

    private void run() {
        while (!closing) {
            guarded("waiting", this::await);
            guarded("a task", this::runTasks);
            guarded("the clock", this::passTime);
            for (Source source : takeReady()) {
                copy(source);
            }
        }
        guarded("the end", this::end);
    }

    private interface Step {
        void run() throws IOException;
    }

    /** The pump outlives whatever one service or one caller does to it. */
    private void guarded(String what, Step step) {
        try {
            step.run();
        } catch (IOException | RuntimeException e) {
            warnings.accept("the log failed at " + what + ": " + e);
        }
    }

    private void await() throws PosixException {
        long timeout = -1;
        if (!ready.isEmpty() || !tasks.isEmpty()) {
            timeout = 0;
        } else if (!waiting.isEmpty()) {
            timeout = Math.max(0, waiting.iterator().next().due - System.nanoTime());
        }
        epoll.await(timeout, this::ready);
    }

    private void ready(long token, int events) {
        Source source = byDescriptor.get((int) token);
        if (source == null) {
            return;
        }
        source.hungUp |= (events & Epoll.HUP) != 0;
        if (!source.blocked) {
            ready.add(source);
        }
    }

    private void runTasks() throws PosixException {
        wakeup.drain();
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            Runnable next = task;
            guarded("a task", next::run);
        }
    }

    private void passTime() {
        long now = System.nanoTime();
        while (!waiting.isEmpty()) {
            Source source = waiting.iterator().next();
            if (source.due - now > 0) {
                return;
            }
            waiting.remove(source);
            source.blocked = false;
            source.stale = true;
            ready.add(source);
        }
    }

    /** Each gets one turn, so that none can keep the others waiting. */
    private List<Source> takeReady() {
        List<Source> now = new ArrayList<>(ready);
        ready.clear();
        return now;
    }

    private void addSource(Source.Identity identity, int fd, String name, byte[] mark) {
        Log log = log(name);
        Source known = byIdentity.get(identity);
        if (known != null) {
            closeQuietly(fd);
            if (known.log != log || !Arrays.equals(known.mark, mark)) {
                drain(known.log);
                known.log.sources.remove(known);
                forgetUnused(known.log);
                log.sources.add(known);
                known.log = log;
                known.mark = mark;
            }
            return;
        }
        Source source = new Source(identity, fd, log, mark);
        try {
            epoll.add(fd, Epoll.IN | Epoll.ET, fd);
        } catch (PosixException e) {
            warnings.accept("log of " + name + ": cannot be read: " + e.getMessage());
            closeQuietly(fd);
            forgetUnused(log);
            return;
        }
        byIdentity.put(identity, source);
        byDescriptor.put(fd, source);
        log.sources.add(source);
        // One that had no writer since it was opened is never reported.
        ready.add(source);
    }

    private Log log(String name) {
        return logs.computeIfAbsent(name, n -> new Log(n, directory.resolve(n), warnings));
    }

    private void forgetUnused(Log log) {
        if (log.isUnused()) {
            logs.remove(log.name);
        }
    }

    private void addFollower(String name, int lines, Consumer<byte[]> follower) {
        Log log = log(name);
        drain(log);
        if (Log.tell(follower, lastLines(name, lines))) {
            log.addFollower(follower);
        }
        forgetUnused(log);
    }

    private void removeFollower(String name, Consumer<byte[]> follower) {
        Log log = logs.get(name);
        if (log != null) {
            log.removeFollower(follower);
            forgetUnused(log);
        }
    }

    /** One turn: what was written goes to the log, as much of it as the buffer takes. */
    private LineCopier.Outcome copy(Source source) {
        LineCopier.Outcome outcome;
        try {
            outcome = copier.copy(source);
        } catch (IOException | RuntimeException e) {
            block(source, e);
            return LineCopier.Outcome.EMPTY;
        }
        switch (outcome) {
            case COPIED -> {
                source.stale = false;
                waiting.remove(source);
                ready.add(source);
                unblock(source);
            }
            case EMPTY -> {
                source.stale = false;
                waiting.remove(source);
            }
            case UNFINISHED -> {
                if (!waiting.contains(source)) {
                    lookAgain(source);
                }
            }
            case ENDED -> remove(source);
        }
        return outcome;
    }

    private void lookAgain(Source source) {
        waiting.remove(source);
        source.due = System.nanoTime() + LOOK_AGAIN;
        waiting.add(source);
    }

    private void block(Source source, Exception why) {
        ready.remove(source);
        source.blocked = true;
        lookAgain(source);
        if (!source.log.failing) {
            source.log.failing = true;
            warnings.accept("log of " + source.log.name + ": " + why.getMessage()
                    + "; nothing is lost, but a service that writes much will wait");
        }
    }

    private void unblock(Source source) {
        source.blocked = false;
        if (source.log.failing) {
            source.log.failing = false;
            warnings.accept("log of " + source.log.name + ": can be written again");
        }
    }

    private void remove(Source source) {
        ready.remove(source);
        waiting.remove(source);
        byDescriptor.remove(source.fd);
        byIdentity.remove(source.identity);
        source.log.sources.remove(source);
        if (source.log.openLine == source) {
            source.log.openLine = null;
            source.log.torn = true;
        }
        forgetUnused(source.log);
        closeQuietly(source.fd);
    }

    /** What was written before the call is in the log afterwards, unless its disk is full. */
    private void drain(Log log) {
        for (Source source : List.copyOf(log.sources)) {
            int rounds = 0;
            while (rounds < LONGEST_DRAIN && copy(source) == LineCopier.Outcome.COPIED) {
                rounds++;
            }
        }
    }

    private void end() throws IOException {
        runTasks();
        epoll.await(0, this::ready);
        for (Log log : List.copyOf(logs.values())) {
            drain(log);
        }
        for (Source source : List.copyOf(byDescriptor.values())) {
            if (source.hungUp) {
                warnings.accept("log of " + source.log.name + ": its last lines could not be written and are lost");
            }
            remove(source);
        }
        copier.close();
        epoll.close();
        closeWakeup();
    }

    private synchronized void closeWakeup() throws PosixException {
        ended = true;
        wakeup.close();
    }

    private void closeQuietly(int fd) {
        try {
            Fd.close(fd);
        } catch (PosixException e) {
            warnings.accept("a FIFO cannot be closed: " + e.getMessage());
        }
    }

    private byte[] lastLines(String name, int lines) {
        try {
            return new LogReader(directory.resolve(name)).lastLines(lines);
        } catch (IOException e) {
            warnings.accept("log of " + name + ": cannot be read: " + e);
            return new byte[0];
        }
    }
}
