package bellhop.catalog;

import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.linux.Inotify;
import bellhop.linux.PosixException;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What all service directories say, kept up to date. A thread of its own, {@code bellhop-definitions}, reads what has
 * changed once it has been quiet for a moment: the kernel reports changes ({@link DirectoryWatcher}), and a look at all
 * files from time to time finds those that it did not report.
 *
 * <p>What cannot be used is read again for about a second before anybody is told, so that an edit of several files
 * is not seen half done. Usable from any thread; nothing is locked while a disk is read.
 */
public final class Catalog implements AutoCloseable {

    private static final long QUIET = Duration.ofMillis(200).toNanos();
    private static final long LONGEST_UNREST = Duration.ofSeconds(2).toNanos();
    private static final long BETWEEN_TRIES = Duration.ofMillis(200).toNanos();
    private static final int TRIES = 5;

    /** How long a change may stay unseen if the kernel refuses to watch a directory. */
    static final Duration BETWEEN_POLLS = Duration.ofSeconds(10);

    /** How long if it has nothing to report: a link leads elsewhere, or another machine changes a file. */
    private static final Duration BETWEEN_SCANS = Duration.ofMinutes(10);

    /** What has become of a service directory. */
    public enum ChangeKind {
        ADDED,
        CHANGED,
        REMOVED,
        /** It cannot be used as it is now. */
        UNUSABLE
    }

    /**
     * A change that has settled.
     *
     * @param reading what the directory says now
     */
    public record Change(ServiceName name, ChangeKind kind, Finding reading) {}

    /** Is told of changes, on the thread of the catalog; may not block. */
    public interface Observer {
        /** All directories have been read for the first time. */
        void complete();

        /** These have changed. */
        void changed(List<Change> changes);

        /** Something is wrong that belongs to no service; told once. */
        void warn(String line);
    }

    /** Opens that by which the kernel reports changes. */
    @FunctionalInterface
    interface Watches {
        /** A new one. */
        Inotify open() throws IOException;
    }

    /**
     * What has changed since somebody asked last.
     *
     * @param problems a line each for all that is wrong now, whether it is new or not
     */
    public record ReloadReport(
            List<ServiceName> added, List<ServiceName> changed, List<ServiceName> removed, List<String> problems) {}

    private record Known(DirectoryFingerprint stamp, Finding reading) {}

    /** A directory that cannot be used, and who waits for what becomes of it. */
    private static final class SecondLook {
        private int left = TRIES;
        private long at = System.nanoTime() + BETWEEN_TRIES;
        private final List<CompletableFuture<Finding>> waiting = new ArrayList<>();
    }

    private final ServiceDirectories directories;
    private final Observer observer;
    private final Watches watches;
    private final long betweenPolls;
    private final EventLoop loop;

    private final SortedMap<ServiceName, Known> entries = new ConcurrentSkipListMap<>();
    /** Instances of templates that somebody asked for: they have no directory of their own. */
    private final Set<ServiceName> instances = ConcurrentHashMap.newKeySet();

    private final Set<ServiceName> gone = ConcurrentHashMap.newKeySet();

    private volatile @Nullable Thread thread;
    private volatile boolean closed;

    // What follows belongs to the thread.

    private final Map<ServiceName, SecondLook> trials = new LinkedHashMap<>();
    private final List<Change> changes = new ArrayList<>();
    private final SortedSet<ServiceName> touched = new TreeSet<>();
    private boolean allTouched;
    private long firstTouch;
    private long lastTouch;
    private long lastScan;
    private long lastLookAtUnsound;
    /** Those of {@link #entries} that cannot be used as they are. */
    private final Set<ServiceName> unsound = new LinkedHashSet<>();

    private boolean isFirstScan = true;
    private List<String> listingProblems = List.of();
    private SortedMap<ServiceName, Finding> reported = new TreeMap<>();
    private final List<CompletableFuture<ReloadReport>> reloads = new ArrayList<>();

    /**
     * A catalog that knows nothing yet, and watches nothing until {@link #start}.
     *
     * @throws PosixException if the kernel refuses what its thread waits with
     */
    public Catalog(ServiceDirectories directories, Observer observer) throws PosixException {
        this(directories, observer, Inotify::open, BETWEEN_POLLS);
    }

    Catalog(ServiceDirectories directories, Observer observer, Watches watches, Duration betweenPolls)
            throws PosixException {
        this.directories = directories;
        this.observer = observer;
        this.watches = watches;
        this.betweenPolls = betweenPolls.toNanos();
        this.loop = new EventLoop((what, why) -> observer.warn("internal error at the definitions: " + why));
    }

    /** Where the service directories are. */
    public ServiceDirectories directories() {
        return directories;
    }

    /** Begins to watch, on a thread of its own; the observer hears of what cannot be used now, and of what changes. */
    public void start() {
        Thread started = new Thread(this::work, "bellhop-definitions");
        started.setDaemon(true);
        thread = started;
        started.start();
    }

    /** Ends the thread; who still waits for it is answered with what is known. */
    @Override
    public void close() throws PosixException {
        closed = true;
        if (thread == null) {
            loop.close();
        } else {
            loop.wake();
        }
    }

    /** What the directory of a service said when it was read last; empty if it has none, or was not read yet. */
    public Optional<Finding> known(ServiceName name) {
        return Optional.ofNullable(entries.get(name)).map(Known::reading);
    }

    /** Whether the directory of a service was there once and is no more. */
    public boolean isGone(ServiceName name) {
        return gone.contains(name);
    }

    /** Has the instance of a template read from now on, as it has no directory of its own; this is what is in use. */
    public void follow(Definition inUse) {
        ServiceName name = inUse.name();
        if (name.target().isPresent() && !instances.contains(name)) {
            entries.putIfAbsent(name, new Known(DirectoryFingerprint.NONE, new Finding.Usable(inUse)));
            follow(name);
        }
    }

    /** Has the instance of a template read from now on, of which there is nothing yet that can be used. */
    public void follow(ServiceName name) {
        if (name.target().isPresent() && instances.add(name)) {
            loop.execute(() -> touch(name));
        }
    }

    /** Follows a service that another manager had: if it has no directory now, it had one once. */
    public void inherit(ServiceName name, Finding now) {
        follow(name);
        if (now instanceof Finding.Missing) {
            gone.add(name);
        }
    }

    /** Reads a directory before {@link #start}, and keeps what it says if nothing is wrong with it. */
    public Finding readFirst(ServiceName name, ServiceReader reader) {
        DirectoryFingerprint stamp = DirectoryFingerprint.of(directories, name);
        Finding reading = reader.find(name, stamp);
        if (reading.isSound() && name.target().isEmpty()) {
            entries.put(name, new Known(stamp, reading));
        }
        return reading;
    }

    /**
     * Reads services and what they require now. What cannot be used is read again for about a second, on the thread of
     * the catalog, which then completes the answer; unless that it cannot is known, or there never was such a directory.
     */
    public CompletableFuture<Findings> read(Collection<ServiceName> names) {
        return settled(names, reader(), new HashSet<>());
    }

    /** Reads directories; what they say as they did before is in memory once, for whoever has it. */
    private ServiceReader reader() {
        return new ServiceReader(directories, this::known);
    }

    private CompletableFuture<Findings> settled(
            Collection<ServiceName> names, ServiceReader reader, Set<ServiceName> triedTwice) {
        Findings findings = reader.read(names);
        follow(findings);
        List<CompletableFuture<Finding>> trials = new ArrayList<>();
        BiConsumer<ServiceName, Finding> look = (name, finding) -> {
            if (mayBeHalfDone(name, finding) && triedTwice.add(name)) {
                reader.forget(name);
                trials.add(secondLook(name));
            }
        };
        findings.asked().forEach(look);
        findings.required().forEach(look);
        return trials.isEmpty()
                ? CompletableFuture.completedFuture(findings)
                : CompletableFuture.allOf(trials.toArray(CompletableFuture[]::new))
                        .thenCompose(_ -> settled(names, reader, triedTwice));
    }

    private boolean mayBeHalfDone(ServiceName name, Finding now) {
        Known known = entries.get(name);
        boolean isNew = now instanceof Finding.Missing ? known != null : known == null || !known.reading.equals(now);
        return !now.isSound() && isNew && !closed && thread != null;
    }

    private CompletableFuture<Finding> secondLook(ServiceName name) {
        CompletableFuture<Finding> answer = new CompletableFuture<>();
        loop.execute(() ->
                trials.computeIfAbsent(name, n -> new SecondLook()).waiting.add(answer));
        return answer;
    }

    /** Has the instances among them read from now on. */
    public void follow(Findings findings) {
        findings.services().forEach(this::follow);
        findings.requiredServices().forEach(this::follow);
    }

    /** Reads all directories now, and says what has changed since this was asked last, or since the start. */
    public CompletableFuture<ReloadReport> reload() {
        if (closed) {
            return CompletableFuture.completedFuture(report());
        }
        CompletableFuture<ReloadReport> answer = new CompletableFuture<>();
        loop.execute(() -> {
            reloads.add(answer);
            scan(true);
        });
        return answer;
    }

    // The thread.

    private void work() {
        try (loop;
                DirectoryWatcher watcher =
                        new DirectoryWatcher(loop, directories.roots(), watches, this::touched, observer::warn)) {
            loop.guarded("the first scan", () -> {
                watcher.watchAll();
                scan(false);
            });
            reported = readings();
            isFirstScan = false;
            loop.guarded("the first scan", observer::complete);
            loop.guarded("what has changed", this::tell);
            while (!closed) {
                loop.await(EventLoop.NEVER, nextLook(watcher));
                loop.work();
                loop.guarded("a look", () -> look(watcher));
                loop.guarded("what has changed", this::tell);
            }
        } catch (PosixException e) {
            observer.warn("service directories are no longer watched: " + e.getMessage());
        } finally {
            closed = true;
            trials.forEach((name, trial) -> answer(trial, directories.find(name)));
            reloads.forEach(reload -> reload.complete(report()));
        }
    }

    private void look(DirectoryWatcher watcher) {
        settle(watcher);
        tryAgain();
        if (System.nanoTime() >= nextScan(watcher)) {
            watcher.watchAll();
            scan(false);
        }
        if (System.nanoTime() >= nextLookAtUnsound()) {
            lastLookAtUnsound = System.nanoTime();
            List.copyOf(unsound).forEach(name -> examine(name, false));
        }
        if (trials.isEmpty() && !reloads.isEmpty()) {
            ReloadReport report = report();
            reported = merged();
            reloads.forEach(reload -> reload.complete(report));
            reloads.clear();
        }
    }

    private void tell() {
        if (!changes.isEmpty()) {
            List<Change> news = List.copyOf(changes);
            changes.clear();
            observer.changed(news);
        }
    }

    private long nextLook(DirectoryWatcher watcher) {
        long next = Math.min(nextScan(watcher), nextLookAtUnsound());
        if (isTouched()) {
            next = Math.min(next, settledAt());
        }
        for (SecondLook trial : trials.values()) {
            next = Math.min(next, trial.at);
        }
        return next;
    }

    /** What makes a directory unsound may be elsewhere, where nobody watches: a program, or a user who is missing. */
    private long nextLookAtUnsound() {
        return unsound.isEmpty() ? EventLoop.NEVER : lastLookAtUnsound + betweenPolls;
    }

    private long nextScan(DirectoryWatcher watcher) {
        return lastScan + (watcher.isComplete() ? BETWEEN_SCANS.toNanos() : betweenPolls);
    }

    private boolean isTouched() {
        return allTouched || !touched.isEmpty();
    }

    private long settledAt() {
        return Math.min(lastTouch + QUIET, firstTouch + LONGEST_UNREST);
    }

    /** Something may have changed; of one service, or who knows where. */
    private void touched(Optional<ServiceName> name) {
        name.ifPresentOrElse(this::touch, this::touchAll);
    }

    private void touch(ServiceName name) {
        noteTouch();
        touched.add(name);
    }

    private void touchAll() {
        noteTouch();
        allTouched = true;
    }

    private void noteTouch() {
        lastTouch = System.nanoTime();
        if (!isTouched()) {
            firstTouch = lastTouch;
        }
    }

    private void settle(DirectoryWatcher watcher) {
        if (!isTouched() || System.nanoTime() < settledAt()) {
            return;
        }
        if (allTouched) {
            watcher.watchAll();
            scan(false);
        } else {
            for (ServiceName name : touched) {
                watcher.watch(name);
                examine(name, false);
            }
            instancesLike(touched).forEach(instance -> examine(instance, false));
        }
        touched.clear();
        allTouched = false;
    }

    /** The other instances of templates: the directory of one may only override what its template says. */
    private Set<ServiceName> instancesLike(Set<ServiceName> names) {
        Set<String> templates = new HashSet<>();
        names.forEach(name -> templates.add(name.template()));
        Set<ServiceName> others = new TreeSet<>();
        Stream.concat(entries.keySet().stream(), instances.stream())
                .filter(it -> it.target().isPresent() && templates.contains(it.template()) && !names.contains(it))
                .forEach(others::add);
        return others;
    }

    /** Looks at all directories on the calling thread; of a catalog that was not started. */
    void scanNow() {
        scan(false);
    }

    private void scan(boolean thoroughly) {
        ServiceDirectories.Listing listing = directories.list();
        listing.problems().stream()
                .filter(problem -> !listingProblems.contains(problem))
                .forEach(observer::warn);
        listingProblems = listing.problems();
        SortedSet<ServiceName> names = new TreeSet<>(listing.names());
        names.addAll(entries.keySet());
        names.addAll(instances);
        names.forEach(name -> examine(name, thoroughly));
        lastScan = System.nanoTime();
    }

    private void examine(ServiceName name, boolean thoroughly) {
        Known known = entries.get(name);
        DirectoryFingerprint stamp = DirectoryFingerprint.of(directories, name);
        boolean same = known != null && known.reading.isSound() && known.stamp.equals(stamp);
        if (same && !thoroughly && !trials.containsKey(name)) {
            return;
        }
        Finding reading = reader().find(name, stamp);
        boolean isKnown = known == null ? reading instanceof Finding.Missing : known.reading.equals(reading);
        if (reading.isSound() || isKnown) {
            accept(name, stamp, reading);
        } else {
            trials.computeIfAbsent(name, n -> new SecondLook());
        }
    }

    private void tryAgain() {
        for (Map.Entry<ServiceName, SecondLook> entry : List.copyOf(trials.entrySet())) {
            ServiceName name = entry.getKey();
            SecondLook trial = entry.getValue();
            if (System.nanoTime() < trial.at) {
                continue;
            }
            DirectoryFingerprint stamp = DirectoryFingerprint.of(directories, name);
            Finding reading = reader().find(name, stamp);
            trial.at = System.nanoTime() + BETWEEN_TRIES;
            if (reading.isSound() || --trial.left == 0) {
                accept(name, stamp, reading);
            }
        }
    }

    private void accept(ServiceName name, DirectoryFingerprint stamp, Finding reading) {
        Known before = reading instanceof Finding.Missing
                ? entries.remove(name)
                : entries.put(name, new Known(stamp, reading));
        if (reading instanceof Finding.Broken) {
            unsound.add(name);
        } else {
            unsound.remove(name);
        }
        if (!(reading instanceof Finding.Missing)) {
            gone.remove(name);
        } else if (before != null) {
            gone.add(name);
        }
        Finding old = before == null ? new Finding.Missing(List.of()) : before.reading;
        kind(old, reading).ifPresent(kind -> changes.add(new Change(name, kind, reading)));
        SecondLook trial = trials.remove(name);
        if (trial != null) {
            answer(trial, reading);
        }
    }

    private Optional<ChangeKind> kind(Finding before, Finding now) {
        boolean wasThere = !(before instanceof Finding.Missing);
        return switch (now) {
            case Finding.Missing _ -> wasThere ? Optional.of(ChangeKind.REMOVED) : Optional.empty();
            case Finding same when same.equals(before) -> Optional.empty();
            case Finding.Broken _ -> Optional.of(ChangeKind.UNUSABLE);
            case Finding.Usable _ -> changed(wasThere);
            case Finding.Template _ -> changed(wasThere);
            case Finding.Masked _ -> Optional.empty(); // is no matter of what a directory says
        };
    }

    private Optional<ChangeKind> changed(boolean wasThere) {
        if (wasThere) {
            return Optional.of(ChangeKind.CHANGED);
        }
        return isFirstScan ? Optional.empty() : Optional.of(ChangeKind.ADDED);
    }

    private static void answer(SecondLook trial, Finding reading) {
        trial.waiting.forEach(answer -> answer.complete(reading));
    }

    // What has changed since the last reload.

    private SortedMap<ServiceName, Finding> readings() {
        SortedMap<ServiceName, Finding> readings = new TreeMap<>();
        entries.forEach((name, entry) -> readings.put(name, entry.reading));
        return readings;
    }

    /** What a bad directory said when it was good is what it is compared with once it is good again. */
    private SortedMap<ServiceName, Finding> merged() {
        SortedMap<ServiceName, Finding> merged = new TreeMap<>();
        readings().forEach((name, reading) -> {
            Finding before = reported.get(name);
            if (reading.isSound() || before != null) {
                merged.put(name, reading.isSound() || before == null ? reading : before);
            }
        });
        return merged;
    }

    private ReloadReport report() {
        List<ServiceName> added = new ArrayList<>();
        List<ServiceName> changed = new ArrayList<>();
        List<String> problems = new ArrayList<>(listingProblems);
        Map<ServiceName, Finding> now = new HashMap<>(readings());
        new TreeMap<>(now).forEach((name, reading) -> {
            Finding before = reported.get(name);
            if (!reading.isSound()) {
                problems.addAll(reading.whyNot());
            } else if (before == null) {
                added.add(name);
            } else if (!before.equals(reading)) {
                changed.add(name);
            }
        });
        List<ServiceName> removed = reported.keySet().stream()
                .filter(name -> !now.containsKey(name))
                .toList();
        return new ReloadReport(added, changed, removed, problems);
    }
}
