package bellhop.log;

import bellhop.linux.Epoll;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.linux.Stat;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Moves the output of services from their FIFOs to their logs: one thread, {@code bellhop-log}, and one buffer for
 * all of them. All methods may be called from any thread; none of them but {@link #close}
 * waits for the disk.
 *
 * <p><b>How a FIFO is read and not lost.</b> A script gets a FIFO that is open for reading and writing as its
 * standard output and error, so that no manager's death breaks it. {@link #attach} opens a reading end <i>before it
 * returns</i>. If the pump already reads that FIFO, it learns that what comes after the bytes in it now is the
 * new writer's, so that neither lines nor marks of two scripts mix; if it has just given it up, the new end takes
 * the place of the old one. Some reading end was open all the time in both cases, so the FIFO kept its bytes, and
 * an attach at the very moment when the last writer goes is decided under the FIFO's own lock.
 *
 * <p><b>A manager that is killed</b> may have appended lines and not taken them yet, or half of them. The next pump on
 * the same files finds that noted ({@link Transfer}) and finishes it before it reads anything. So each line is in the log
 * once, and one that was not finished continues at the break, if its FIFO is attached again.
 *
 * <p><b>A disk that takes no more</b> loses nothing at first: the bytes stay in the FIFO, the pump tries again each
 * second, and a service that fills its FIFO waits. After 10 s lines are dropped, unless the destination says that its
 * writers wait ({@link Outage}). That is reported once for each log, as is the end of it.
 */
public final class LogPump implements AutoCloseable {
    private static final long LOOK_AGAIN = Duration.ofSeconds(1).toNanos();
    private static final long LOOK_SOON = Duration.ofMillis(1).toNanos();
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(10);

    private final Path directory;
    private final InstantSource clock;
    private final Consumer<String> warnings;
    private final LineCopier copier;
    private final EventLoop loop;
    private final Thread thread = new Thread(this::run, "bellhop-log");
    private volatile boolean closing;

    /** The manager's own log; no name of a service begins with a dot. */
    public static final String OWN = ".manager";

    final Outages outages;
    private final OwnLog own;
    private final Map<String, Log> logs = new ConcurrentHashMap<>();
    private final Map<LogFifo.Identity, LogFifo> byIdentity = new ConcurrentHashMap<>();

    /** How long FIFOs were left alone without events for them: writers were held up for that long. */
    final AtomicLong waitedInVain = new AtomicLong();

    // Confined to the pump thread:
    private final List<LogWatch> watches = new ArrayList<>();
    private final Set<LogFifo> ready = new LinkedHashSet<>();
    /** Those whose lines the console had no room for. */
    private final Set<LogFifo> refused = new LinkedHashSet<>();

    /**
     * A pump that is not running yet. What one that was killed was in the midst of is finished here.
     *
     * @param directory the directory of the directories of the logs; made when the first line is written
     * @param notes where it notes its current transfer: a file that no other user may write to, best where the
     *     FIFOs are; made if it does not exist, and removed by {@link #close}
     * @param clock for the lines' time stamps
     * @param console gets whole lines, on the pump's thread; may not block
     * @param warnings gets a line for each thing that goes wrong, on the pump's thread; may not block
     */
    public LogPump(Path directory, Path notes, InstantSource clock, ConsoleSink console, Consumer<String> warnings)
            throws IOException {
        this.directory = directory;
        this.clock = clock;
        this.warnings = warnings;
        copier = new LineCopier(clock, console, Transfer.open(notes, directory, warnings));
        loop = new EventLoop((what, why) -> warnings.accept("the log failed at " + what + ": " + why));
        outages = new Outages(loop, copier, clock, this::copy, warnings);
        own = new OwnLog(loop, log(OWN), copier, clock, warnings);
        thread.setDaemon(true);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /**
     * Opens the FIFO that a script is to write to, and attaches it. It is a new one: a process that could open the one
     * before may have it open still. Of that one goes to the log what is in it by now, before anything of the new one
     * does.
     *
     * @param mayBeShared whether processes of an earlier script may still write to the one before. Then that one is
     *     taken if it was the same owner's alone; else it is read on, though it has no name any more
     * @param mark as for {@link #attach}
     * @param owner the owner of the FIFO, so that it can be opened by its name under {@code /proc/self/fd}
     * @return a descriptor for the script's standard output and error; the caller closes it once the script has
     *     been spawned, or could not be
     * @throws IOException if there is no FIFO now, and why
     */
    public int open(String name, Path fifo, String mark, Destination destination, int owner, boolean mayBeShared)
            throws IOException {
        Optional<LogFifo> replaced = replace(fifo, owner, mayBeShared);
        try {
            Fd.mkfifo(fifo, 0600);
        } catch (PosixException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
        int fd = Fd.open(fifo, Fd.O_RDWR | Fd.O_NOFOLLOW, 0);
        try {
            Stat stat = Fd.fstat(fd);
            if (stat.uid() != owner) {
                Fd.fchown(fd, owner, -1);
            }
            if ((stat.permissions() & LogFifo.STICKY) != 0) {
                // Its unfinished line does not belong to the new writer.
                LogFifo.setLineOpen(fd, false);
            }
            attach(name, fifo, mark, destination, replaced);
            return fd;
        } catch (IOException e) {
            Fd.close(fd);
            throw e;
        }
    }

    /** Removes a FIFO's name if it is replaced; returns it if it is still being read. */
    private Optional<LogFifo> replace(Path fifo, int owner, boolean mayBeShared) throws IOException {
        Stat stat;
        try {
            stat = Fd.lstat(fifo);
        } catch (PosixException e) {
            return Optional.empty(); // there is none, or no way to it, which making it will tell
        }
        if (!stat.isFifo()) {
            return Optional.empty(); // opening it will tell
        }
        Optional<LogFifo> known = Optional.ofNullable(byIdentity.get(new LogFifo.Identity(stat.dev(), stat.ino())));
        boolean isOwners = stat.uid() == owner && (stat.permissions() & ~LogFifo.STICKY) == LogFifo.MODE;
        if (mayBeShared && isOwners) {
            return Optional.empty();
        }
        Files.delete(fifo);
        return mayBeShared ? Optional.empty() : known;
    }

    /**
     * Reads a FIFO from now on until it has no writer any more. To attach one that is attached already is not
     * wrong. The writer must have it open before this is called, or there would be none. A writer that an
     * earlier manager started goes on here, with what it wrote meanwhile and amid a line if it was.
     *
     * @param name whose log its lines go to; one element of a path
     * @param mark what stands before each line, as {@code [pre]}; empty for nothing. Scripts that may run at once
     *     have a FIFO each
     * @param destination takes the lines
     * @throws IOException if it cannot be opened, or is none
     */
    public void attach(String name, Path fifo, String mark, Destination destination) throws IOException {
        attach(name, fifo, mark, destination, Optional.empty());
    }

    private void attach(String name, Path fifo, String mark, Destination destination, Optional<LogFifo> replaced)
            throws IOException {
        checkName(name);
        if (closing) {
            throw new IOException("the logs are closed");
        }
        LogFifo.Writer writer = new LogFifo.Writer(log(name), new LinePrefix(mark), destination);
        int fd = Fd.open(fifo, Fd.O_RDONLY | Fd.O_NOFOLLOW | Fd.O_NONBLOCK, 0);
        try {
            Stat stat = Fd.fstat(fd);
            if (!stat.isFifo()) {
                throw new IOException(fifo + ": not a FIFO");
            }
            boolean isLineOpen = (stat.permissions() & LogFifo.STICKY) != 0;
            LogFifo source = new LogFifo(new LogFifo.Identity(stat.dev(), stat.ino()), fifo, fd, writer);
            if (replaced.isPresent() && replaced.get().replaceBy(source)) {
                byIdentity.put(source.identity, source);
                loop.execute(() -> goOn(replaced.get()));
            } else {
                attach(source, isLineOpen);
            }
        } catch (IOException e) {
            Fd.close(fd);
            throw e;
        }
    }

    private void attach(LogFifo source, boolean isLineOpen) throws IOException {
        while (true) {
            LogFifo known = byIdentity.putIfAbsent(source.identity, source);
            if (known == null) {
                loop.execute(() -> begin(source, isLineOpen));
                return;
            }
            if (known.handOver(source.writer)) {
                Fd.close(source.fd);
                return;
            }
            byIdentity.remove(source.identity, known);
        }
    }

    private Log log(String name) {
        return logs.computeIfAbsent(name, n -> new Log(n, directory.resolve(n), clock, warnings));
    }

    /**
     * Gives the end of a log and whatever is appended to it from then on, without a gap and without anything twice.
     * Returns at once; the pump's thread begins with it when it gets to it.
     *
     * @param lines how many of the log's present lines to return
     * @param follower is called on the pump's thread and may not block: first with the end of the log, perhaps
     *     empty, then with each piece as it is appended. The pieces put together are the log; one that is short
     *     mostly ends with a line. They are shared and not to be changed. One that throws is called no more
     * @return what ends it; the follower may be called once more meanwhile
     */
    public Runnable follow(String name, int lines, Consumer<byte[]> follower) {
        checkName(name);
        loop.execute(() -> addFollower(name, lines, follower));
        return () -> loop.execute(() -> log(name).removeFollower(follower));
    }

    /**
     * Gives the end of a log once; as {@link #follow}, but called once.
     *
     * @param answer is called on the pump's thread and may not block; with nothing, and at once, if this is being closed
     */
    public void tail(String name, int lines, Consumer<byte[]> answer) {
        checkName(name);
        executeOr(
                () -> {
                    drain();
                    Log.tell(answer, lastLines(name, lines));
                },
                () -> Log.tell(answer, new byte[0]));
    }

    /** Does the one on the pump's thread, or, if that may take no more tasks, the other at once; never both. */
    private void executeOr(Runnable action, Runnable whileClosing) {
        AtomicBoolean begun = new AtomicBoolean();
        loop.execute(() -> {
            if (begun.compareAndSet(false, true)) {
                action.run();
            }
        });
        if (closing && begun.compareAndSet(false, true)) {
            whileClosing.run();
        }
    }

    /**
     * Follows several logs, also those that begin later.
     *
     * @param names whether a log of that name is followed
     * @param begin is called on the pump's thread once all that was written before is in the logs; what is appended
     *     after that, and nothing else, comes to the follower
     * @param follower gets the name and the piece; otherwise as for {@link #follow}
     * @return what ends it
     */
    public Runnable watch(Predicate<String> names, Runnable begin, BiConsumer<String, byte[]> follower) {
        LogWatch watch = new LogWatch(names, follower);
        loop.execute(() -> {
            drain();
            begin.run();
            watches.add(watch);
            logs.values().forEach(watch::see);
        });
        return () -> loop.execute(() -> {
            watches.remove(watch);
            watch.end();
        });
    }

    /** Does this on the pump's thread, once all that was written before is in the logs; or at once while this is closed. */
    public void settled(Runnable action) {
        executeOr(
                () -> {
                    drain();
                    action.run();
                },
                action);
    }

    /** Reads the files of a log. */
    public LogReader reader(String name) {
        checkName(name);
        return new LogReader(directory.resolve(name));
    }

    /** The names of the logs that there are, whether somebody writes to them or not. */
    public List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> String.valueOf(entry.getFileName())).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Adds a line to the manager's own log, {@link #OWN}; also once this is closed. */
    public void keep(String line) {
        own.add(line);
    }

    /** The console has room again. */
    public void retry() {
        loop.execute(() -> {
            refused.forEach(source -> source.blocked = false);
            ready.addAll(refused);
            refused.clear();
        });
    }

    private static void checkName(String name) {
        if (name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..")) {
            throw new IllegalArgumentException("not one element of a path: " + name);
        }
    }

    /**
     * Puts what is in the FIFOs now into the logs and ends the thread. What a service writes later stays in its FIFO
     * for the next manager. Waits for that, for at most 10 s.
     */
    @Override
    public void close() {
        closing = true;
        loop.wake();
        try {
            thread.join(LONGEST_CLOSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // From here on everything runs on the pump's thread.

    private void run() {
        while (!closing) {
            loop.guarded("waiting", () -> loop.await(ready.isEmpty() ? EventLoop.NEVER : System.nanoTime()));
            loop.work();
            for (LogFifo source : takeReady()) {
                copy(source);
            }
        }
        loop.guarded("the end", this::end);
    }

    private void ready(LogFifo source, int events) {
        if ((events & Epoll.HUP) != 0) {
            source.setHungUp(true);
        }
        if (!source.blocked) {
            ready.add(source);
        }
    }

    /** Each gets one turn, so that none can keep the others waiting. */
    private List<LogFifo> takeReady() {
        List<LogFifo> now = new ArrayList<>(ready);
        ready.clear();
        return now;
    }

    /** Nothing more need come for it to be looked at: it may be done with. */
    private void goOn(LogFifo replaced) {
        if (!replaced.blocked && replaced.watch != null) {
            ready.add(replaced);
        }
    }

    private void begin(LogFifo source, boolean isLineOpen) {
        try {
            if (isLineOpen) {
                source.log().resume(source);
            }
            source.watch = loop.watch(source.fd, Epoll.IN | Epoll.ET, events -> ready(source, events));
            source.log().add(source);
            watches.forEach(watch -> watch.see(source.log()));
            // One that had no writer since it was opened is never reported.
            ready.add(source);
        } catch (PosixException e) {
            warnings.accept("log of " + source.log().name + ": cannot be read: " + e.getMessage());
            forget(source);
        }
    }

    private void addFollower(String name, int lines, Consumer<byte[]> follower) {
        drain();
        if (Log.tell(follower, lastLines(name, lines))) {
            log(name).addFollower(follower);
        }
    }

    /** One turn: what was written goes to the log, as much of it as the buffer takes. */
    private LineCopier.CopyResult copy(LogFifo source) {
        LineCopier.CopyResult outcome;
        try {
            outcome = Outages.isDropped(source.log()) ? copier.drop(source) : copier.copy(source);
        } catch (IOException e) {
            if (!outages.mayDrop(source)) {
                block(source, e);
                return LineCopier.CopyResult.EMPTY;
            }
            outcome = drop(source);
        } catch (RuntimeException | Error e) {
            block(source, e);
            return LineCopier.CopyResult.EMPTY;
        }
        outages.noteEnd(source, outcome);
        switch (outcome) {
            case COPIED -> {
                lookedAway(source);
                ready.add(source);
                source.blocked = false;
            }
            case EMPTY -> lookedAway(source);
            case UNFINISHED -> lookForMore(source);
            case REFUSED -> {
                source.blocked = true;
                ready.remove(source);
                waitNoMore(source);
                refused.add(source);
            }
            case ENDED -> {
                if (source.end()) {
                    forget(source);
                } else {
                    ready.add(source);
                }
            }
        }
        return outcome;
    }

    private void lookedAway(LogFifo source) {
        waitNoMore(source);
        source.stale = false;
        source.lookedAt = 0;
    }

    /**
     * The beginning of a line is left in a FIFO. What is written behind it may not be reported: by Linux 5.5 to 5.13 no
     * write to a pipe that is not empty is, by other versions none that waits for room in its middle; and a wait for
     * input would return at once. So it is looked at, at intervals that double for as long as nothing comes: no writer
     * is delayed longer than twice as long as it took itself.
     */
    private void lookForMore(LogFifo source) {
        long now = System.nanoTime();
        if (source.lookedAt == 0) {
            source.since = now;
        }
        if (source.lookedAt != source.unfinished) {
            source.lookedAt = source.unfinished;
            source.patience = LOOK_SOON;
        } else if (source.timer != null) {
            return;
        } else {
            source.patience = Math.min(2 * source.patience, LOOK_AGAIN);
        }
        if (!source.stale && now - source.since >= LOOK_AGAIN) {
            source.stale = true;
            ready.add(source);
        } else {
            waitFor(source, source.patience);
        }
    }

    private void waitFor(LogFifo source, long nanos) {
        waitNoMore(source);
        source.timer = loop.afterByClock(Duration.ofNanos(nanos), () -> {
            source.timer = null;
            source.blocked = false;
            if (ready.add(source)) {
                waitedInVain.addAndGet(nanos);
            }
        });
    }

    private static void waitNoMore(LogFifo source) {
        if (source.timer != null) {
            source.timer.cancel();
            source.timer = null;
        }
    }

    private void block(LogFifo source, Throwable why) {
        ready.remove(source);
        source.blocked = true;
        waitFor(source, LOOK_AGAIN);
        outages.begin(source, why);
    }

    private LineCopier.CopyResult drop(LogFifo source) {
        try {
            return copier.drop(source);
        } catch (IOException e) {
            block(source, e);
            return LineCopier.CopyResult.EMPTY;
        }
    }

    private void forget(LogFifo source) {
        ready.remove(source);
        waitNoMore(source);
        refused.remove(source);
        if (source.watch != null) {
            loop.unwatch(source.watch);
            source.watch = null;
        }
        source.abandon();
        byIdentity.remove(source.identity, source);
        source.log().forget(source);
        try {
            Fd.close(source.fd);
        } catch (PosixException e) {
            warnings.accept("log of " + source.log().name + ": " + e.getMessage());
        }
        LogFifo successor = source.successor();
        if (successor != null) {
            begin(successor, false);
        }
    }

    /** Output from before the call is in the logs afterwards, unless a disk is full. */
    private void drain() {
        // Without waiting: which writers are gone by now, so that their last lines are known to be whole.
        loop.guarded("waiting", () -> loop.await(System.nanoTime()));
        for (LogFifo source : watched()) {
            loop.guarded("reading", () -> drain(source));
        }
    }

    private List<LogFifo> watched() {
        return byIdentity.values().stream()
                .filter(source -> source.watch != null)
                .toList();
    }

    private void drain(LogFifo source) throws PosixException {
        long written = source.written();
        LogFifo successor = source.successor();
        while ((source.taken() < written || successor != null) && copy(source) == LineCopier.CopyResult.COPIED) {}
        if (successor != null && successor.watch != null) {
            drain(successor);
        }
    }

    private void end() throws IOException {
        while (loop.hasTasks()) {
            loop.work();
        }
        copier.endIsNear();
        drain();
        logs.values().forEach(outages::tell);
        own.end();
        for (LogFifo source : watched()) {
            if (source.isHungUp()) {
                warnings.accept("log of " + source.log().name + ": its last lines could not be written and are lost");
            }
            forget(source);
        }
        copier.close();
        loop.close();
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
