package bellhop.manager;

import bellhop.catalog.Catalog;
import bellhop.catalog.Finding;
import bellhop.catalog.Findings;
import bellhop.catalog.NameFiles;
import bellhop.catalog.ServiceDirectories;
import bellhop.catalog.ServiceReader;
import bellhop.catalog.TrustCheck;
import bellhop.control.Access;
import bellhop.control.ControlFifo;
import bellhop.control.ControlLoop;
import bellhop.control.ControlServer;
import bellhop.control.ControlSockets;
import bellhop.control.RequestHandler;
import bellhop.control.RunDir;
import bellhop.control.TerminalOutput;
import bellhop.core.Caller;
import bellhop.core.Exit;
import bellhop.core.Input;
import bellhop.core.Run;
import bellhop.core.Supervisor;
import bellhop.definition.Definition;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import bellhop.engine.Origin;
import bellhop.engine.ServiceChange;
import bellhop.engine.process.ScriptEnvironment;
import bellhop.engine.process.ServiceRecord;
import bellhop.engine.record.EventLog;
import bellhop.engine.record.Records;
import bellhop.engine.record.RecordsException;
import bellhop.linux.Fd;
import bellhop.linux.FileErrors;
import bellhop.linux.FilePages;
import bellhop.linux.PosixException;
import bellhop.linux.Prctl;
import bellhop.linux.Proc;
import bellhop.linux.Secrets;
import bellhop.linux.Self;
import bellhop.log.LogPump;
import bellhop.trigger.Triggers;
import bellhop.yaml.Durations;
import java.io.Closeable;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * {@code bh run}: puts the parts together, starts what is to start by itself, and at a signal stops
 * everything and takes the parts down again.
 *
 * <p>Nothing that takes time stands between the start of the process and its first service: the FIFO is
 * up first, then services are spawned, and only then the socket's library and picocli are loaded, on the
 * thread that needs them.
 */
public final class Manager {

    /** Until then the log of what the start had to say is written, too. */
    private static final Duration START_SETTLES = Duration.ofSeconds(1);

    private static final long MILLIS_PER_SECOND = 1000;

    private static final Origin STARTED_WITH_MANAGER = new Origin("", "started with the manager");

    /** The kernel's events are about what is here. */
    private static final Path KERNELS_SYSFS = Path.of("/sys");

    private final RunDir runDir;
    private final Records records;
    private final Catalog catalog;
    private final NameFiles enabled;
    private final NameFiles masked;
    private final TrustCheck trust;
    private final Journal journal;
    private final EventLog events;
    private final EventRecorder recorder;
    private final Engine engine;
    private final ServiceRequests requests;
    private final ControlLoop control;
    private final ManagerParts parts;
    private final TriggeredServices triggers = new TriggeredServices();
    private final ServiceWatchers watchers;
    private final Triggers.Setting triggerSetting;
    /** Belongs to the thread of {@link #control}, as all that is slow to load. */
    private @Nullable ControlServer server;

    private @Nullable ServiceSockets sockets;
    /** What could not be used when services were started by themselves, and whether it is enabled. */
    private final Map<ServiceName, Boolean> late = new TreeMap<>();

    private final Optional<Duration> stopTimeout;
    private final Optional<LeadingService> leading;
    private final Upgrade upgrade;
    /** Whether it was started from a terminal, whose end is that of the manager. */
    private final boolean hasTerminal = hasTerminal();

    private boolean ending;
    /** Whether TERM, INT or QUIT has asked for the end, so that the next one means it. */
    private boolean interrupted;

    private int status = ExitCode.OK;

    private Manager(
            RunDir runDir,
            Records records,
            ServiceDirectories directories,
            NameFiles enabled,
            NameFiles masked,
            TrustCheck trust,
            Journal journal,
            LogPump pump,
            Path logs,
            ControlLoop control,
            RunOptions options,
            OwnImage image,
            boolean isOld)
            throws IOException {
        this.runDir = runDir;
        this.records = records;
        this.enabled = enabled;
        this.masked = masked;
        this.trust = trust;
        this.journal = journal;
        this.control = control;
        this.stopTimeout = options.stopTimeout();
        this.leading = options.exitWith().map(LeadingService::new);
        long first = Math.max(records.lastNumber() + 1, System.currentTimeMillis() / MILLIS_PER_SECOND);
        Path programs = DefaultPaths.home().resolve("bin");
        this.triggerSetting = new Triggers.Setting(
                DefaultPaths.plugins(options.plugins()),
                options.sysfs(),
                trust,
                Triggers.CALL_LIMIT,
                options.sysfs().equals(KERNELS_SYSFS),
                image::whyNot,
                journal::warn);
        this.events = new EventLog(records.path(), journal::warn);
        this.recorder = new EventRecorder(events, records, journal);
        this.engine = new Engine(
                new Supervisor(first, Secrets::next),
                records,
                new Announcer(),
                new LogOutlet(pump, records, logs, trust, options.console()),
                ScriptEnvironment.ofManager(Proc.ownEnvironment(), programs, runDir.path(), triggers::facts),
                records::directory,
                this::check);
        this.watchers = new ServiceWatchers(engine);
        this.requests = new ServiceRequests(engine, ServiceRequests.mostOfHeap(), journal::warn);
        this.catalog = new Catalog(directories, new DefinitionNews(directories, engine, requests, journal, triggers));
        this.upgrade = new Upgrade(engine, journal, programs.resolve("bh"), options.words(), isOld);
        this.parts = new ManagerParts(
                engine,
                requests,
                watchers,
                catalog,
                enabled,
                masked,
                pump,
                journal,
                triggers,
                upgrade,
                events,
                options.console(),
                this::whyNotToEnd);
        engine.execute(this::readWhatIsLeft);
        // Before a signal can have anybody reaped who is to be adopted.
        engine.execute(() -> engine.adopt(records.left()));
        ProcessSignals.handleQuit(engine, () -> engine.execute(() -> signalled("QUIT")));
        engine.execute(engine::reapOrphans); // those of before the signals, and of whoever executed this program
    }

    /**
     * Runs a manager until it is told to end; returns its exit status.
     *
     * @param commands makes what carries out the requests of its clients
     */
    public static int run(RunOptions options, Function<ManagerParts, RequestHandler> commands) {
        try (StandardOutput out = new StandardOutput(TerminalOutput.of(new FileOutputStream(FileDescriptor.out), 1))) {
            return run(options, commands, out);
        } catch (IOException | RecordsException e) {
            System.err.println("bh-run: " + Objects.requireNonNullElse(e.getMessage(), e.toString()));
            return ExitCode.FAILED;
        }
    }

    private static int run(RunOptions options, Function<ManagerParts, RequestHandler> commands, StandardOutput out)
            throws IOException, RecordsException {
        Journal journal = new Journal(out);
        OwnImage image = OwnImage.open();
        boolean isOld = false;
        while (true) {
            Optional<Manager> toReplace = run(options, commands, out, journal, image, isOld);
            if (toReplace.isEmpty()) {
                return ExitCode.OK;
            }
            Manager manager = toReplace.get();
            if (!manager.upgrade.isDue()) {
                return manager.status;
            }
            out.close(); // so that nothing of it is lost
            journal.warn("upgrade: could not be carried out: " + manager.upgrade.execute() + "; this manager goes on");
            isOld = true;
        }
    }

    /** One manager from its beginning to its end, which may be that it is to be replaced; empty if it was a trial. */
    private static Optional<Manager> run(
            RunOptions options,
            Function<ManagerParts, RequestHandler> commands,
            StandardOutput out,
            Journal journal,
            OwnImage image,
            boolean isOld)
            throws IOException, RecordsException {
        boolean root = Self.euid() == 0;
        Map<String, String> environment = System.getenv();
        RunDir runDir = runDir(options, environment, journal);
        runDir.checkLength();
        TrustCheck trust = root ? TrustCheck.forRoot(options.services()) : TrustCheck.ofUser(Self.euid(), Self.gid());
        NameFiles enabled = NameFiles.enabled(DefaultPaths.enabled(options, root, environment), trust);
        NameFiles masked = NameFiles.masked(DefaultPaths.masked(options, root, environment), trust);
        ServiceDirectories directories = DefaultPaths.directories(options, root, environment)
                .atMost(ServiceRequests.mostOfHeap())
                .masking(masked);
        Path logs =
                (options.logdir() == null ? DefaultPaths.logs(root, environment) : options.logdir()).toAbsolutePath();
        checkDirectories(trust, runDir, logs);
        if (options.exitWith().isPresent()) {
            checkLeading(directories, options.exitWith().get(), journal);
        }
        if (options.trial()) {
            tryOut(runDir);
            out.say(Upgrade.ofTrial());
            return Optional.empty();
        }

        CompletableFuture<Manager> future = new CompletableFuture<>();
        ProcessSignals.handle(
                signal -> {
                    var _ = future.thenAccept(it -> it.engine.execute(() -> it.signalled(signal)));
                },
                () -> {
                    var _ = future.thenAccept(it -> it.engine.execute(it.engine::reapOrphans));
                });
        Records records = Records.take(runDir.path());
        Manager manager;
        try (LogPump pump = new LogPump(
                        logs, records.path().resolve(LogOutlet.NOTES), InstantSource.system(), out, journal::warn);
                ControlLoop control = ControlLoop.start(journal::say)) {
            out.onRoom(pump::retry);
            pump.start();
            keep(journal, options.console() ? Optional.empty() : Optional.of(pump), trust, logs);
            Prctl.becomeSubreaper();
            manager = new Manager(
                    runDir,
                    records,
                    directories,
                    enabled,
                    masked,
                    trust,
                    journal,
                    pump,
                    logs,
                    control,
                    options,
                    image,
                    isOld);
            future.complete(manager);
            manager.serve(commands);
        } catch (IOException e) {
            if (records.left().isEmpty()) {
                records.close();
            } else {
                records.leave(); // what an earlier manager left may live, and is the next one's
            }
            throw e;
        }
        // Not after an error inside: services may still run, and the next manager finds them by their records.
        if (manager.upgrade.isDue()) {
            records.leave();
        } else {
            records.close();
            journal.say("ended");
        }
        return Optional.of(manager);
    }

    /** What the manager says is kept beside the logs of services, if there are any. */
    private static void keep(Journal journal, Optional<LogPump> pump, TrustCheck trust, Path logs) {
        Consumer<String> keeper = line -> {};
        try {
            if (pump.isPresent()) {
                LogOutlet.prepare(trust, logs, LogPump.OWN);
                keeper = pump.get()::keep;
            }
        } catch (IOException e) {
            journal.warn("log of the manager: " + FileErrors.withFile(e) + "; its lines are on standard output alone");
        }
        journal.keepIn(keeper);
    }

    /** Of the run dir itself {@link Records} says what is wrong with it. */
    private static void checkDirectories(TrustCheck trust, RunDir runDir, Path logs) throws IOException {
        Path parent = runDir.path().getParent();
        Optional<String> wrong = parent == null ? Optional.empty() : trust.whatIsWrongWithParent(parent);
        if (wrong.isEmpty()) {
            wrong = trust.whatIsWrongWithDirectory(logs);
        }
        if (wrong.isPresent()) {
            throw new IOException(wrong.get());
        }
    }

    /** Within a service {@code BELLHOP_RUNDIR} is that of the manager whose service it is. */
    private static RunDir runDir(RunOptions options, Map<String, String> environment, Journal journal)
            throws IOException {
        String named = environment.getOrDefault(ScriptEnvironment.RUN_DIR, "");
        boolean isWithin =
                !environment.getOrDefault(ScriptEnvironment.INCARNATION, "").isEmpty();
        if (!isWithin || named.isEmpty() || options.rundir() != null) {
            return RunDir.find(options.rundir(), environment, Self.euid());
        }
        Map<String, String> own = new HashMap<>(environment);
        own.remove(ScriptEnvironment.RUN_DIR);
        RunDir runDir = RunDir.find(null, own, Self.euid());
        if (!options.trial()) {
            journal.say("within a service, so " + ScriptEnvironment.RUN_DIR + "=" + named
                    + " is not this manager's; its run dir is " + runDir.path() + ", or the one that --rundir names");
        }
        return runDir;
    }

    /** Looks, in a process of its own, whether what runs with these options could go on as this program. */
    private static void tryOut(RunDir runDir) throws IOException, RecordsException {
        checkLibraries();
        ControlServer.tryOut();
        Records.check(runDir.path());
        var _ = Proc.census();
    }

    /** Classes are loaded when they are first used: what is missing would be missed too late. */
    private static void checkLibraries() throws IOException {
        for (String element : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path library = Path.of(element);
            if (!Files.isDirectory(library)) {
                try {
                    new ZipFile(library.toFile()).close();
                } catch (NoSuchFileException e) {
                    throw new IOException(library + " is missing; install all of Bellhop", e);
                } catch (IOException e) {
                    throw new IOException(library + " cannot be used: " + e.getMessage(), e);
                }
            }
        }
    }

    /** What is wrong with it would keep the manager from ever ending. */
    private static void checkLeading(ServiceDirectories directories, ServiceName name, Journal journal)
            throws IOException {
        Finding finding = directories.find(name);
        if (finding instanceof Finding.Unusable unusable) {
            throw new IOException("--exit-with: " + unusable.problems().getFirst());
        }
        Optional<Finding.Masked> mask = directories.mask(name);
        if (mask.isPresent()) {
            throw new IOException("--exit-with: " + mask.get().problems().getFirst());
        }
        finding.usable()
                .map(Definition::restart)
                .filter(it -> it.policy() == RestartPolicy.ALWAYS && it.limit().isEmpty())
                .ifPresent(it -> journal.warn(name + ": is restarted whenever it ends, so --exit-with waits"
                        + " forever; see restart in service.yaml(5)"));
    }

    private void serve(Function<ManagerParts, RequestHandler> commands) throws IOException {
        Access access = Access.ofManager(Self.euid());
        ServiceSockets own = new ServiceSockets(new ControlSockets(control, access), records, engine, journal);
        sockets = own;
        RequestHandler handler = commands.apply(parts);
        try (Closeable _ = this::closeEngine;
                catalog;
                ControlFifo fifo = ControlFifo.open(control, runDir, access, handler)) {
            trust.announcements().forEach(journal::warn);
            records.problems().forEach(journal::warn);
            if (records.isFresh()) {
                engine.execute(this::autostart);
            }
            engine.execute(() -> triggers.start(triggerSetting, engine, requests, catalog));
            engine.execute(() -> control.execute(() -> openSocket(access, handler)));
            engine.execute(() ->
                    control.execute(() -> ClassCache.ofThisProcess().complaint().ifPresent(journal::warn)));
            engine.execute(catalog::start);
            engine.execute(this::autostartLate);
            engine.run();
            triggers.close();
            own.close();
            control.execute(this::closeSocket);
            if (upgrade.isDue()) {
                fifo.leave();
            }
        }
    }

    private void closeEngine() throws IOException {
        if (upgrade.isDue()) {
            recorder.manager("upgrading", "", upgrade.origin());
        }
        events.close();
        if (upgrade.isDue()) {
            engine.leave();
        } else {
            engine.close();
        }
    }

    private Optional<String> whyNotToEnd() {
        boolean isStopping = ending || engine.services().isStoppingEverything();
        return isStopping ? Optional.of("everything is being stopped") : Optional.empty();
    }

    private static boolean hasTerminal() {
        try {
            Fd.close(Fd.open("/dev/tty", Fd.O_RDWR | Fd.O_NOCTTY, 0));
            return true;
        } catch (PosixException e) {
            return false;
        }
    }

    /**
     * The definitions of what an earlier manager left: one that was killed, or this process before it executed its
     * program anew. If they cannot be read it is adopted all the same, with those on record.
     */
    private void readWhatIsLeft() {
        ServiceReader reader = new ServiceReader(catalog.directories());
        List<ServiceName> names = new ArrayList<>();
        List<Definition> lives = new ArrayList<>();
        for (ServiceRecord record : records.left()) {
            bellhop.core.Service service = record.saved().service();
            Finding now = catalog.readFirst(service.name(), reader);
            catalog.inherit(service.name(), now);
            service.life().ifPresent(life -> lives.add(life.definition()));
            if (service.life().isPresent() || now.usable().isPresent()) {
                names.add(service.name());
            }
        }
        Findings findings = reader.read(names, lives);
        catalog.follow(findings);
        List<Definition> all = new ArrayList<>(findings.requiredServices());
        all.addAll(findings.services());
        Map<ServiceName, String> unusable = new HashMap<>(findings.unusable());
        findings.asked().forEach((name, finding) -> {
            if (finding instanceof Finding.Masked mask) {
                unusable.put(name, mask.summary());
                reader.find(name).usable().ifPresent(all::add);
            }
        });
        requests.tell(all, unusable);
    }

    /** What cannot be used is told of by the catalog, once it has looked twice. */
    private void autostart() {
        var _ = masked.names(journal::warn); // who wrote a mask is to hear if it is none
        ServiceReader reader = new ServiceReader(catalog.directories());
        List<ServiceName> wanted = new ArrayList<>();
        SortedSet<ServiceName> enabledNames = enabled.names(journal::warn);
        NavigableSet<ServiceName> names =
                new TreeSet<>(catalog.directories().list().names());
        names.addAll(enabledNames);
        leading.map(LeadingService::name).ifPresent(names::add);
        for (ServiceName name : names) {
            boolean isEnabled = enabledNames.contains(name);
            boolean isLeading = leading.filter(it -> it.name().equals(name)).isPresent();
            switch (catalog.readFirst(name, reader)) {
                case Finding.Usable(Definition definition) -> {
                    if (isEnabled || isLeading || definition.autostart()) {
                        wanted.add(name);
                    }
                }
                case Finding.Broken _ -> {
                    late.put(name, isEnabled);
                    if (isEnabled) {
                        catalog.follow(name);
                    }
                }
                case Finding.Template template when isEnabled -> warnOfEnabled(template);
                case Finding.Template _, Finding.Masked _ -> {}
                case Finding.Missing missing -> warnOfEnabled(missing);
            }
        }
        start(reader.read(wanted));
    }

    private void warnOfEnabled(Finding.Unusable why) {
        why.problems().forEach(problem -> journal.warn("enabled, but " + problem));
    }

    /** What was being written at that moment is started as soon as it can be used, a second later at the most. */
    private void autostartLate() {
        List<CompletableFuture<Void>> read = new ArrayList<>();
        late.forEach((name, isEnabled) -> read.add(catalog.read(List.of(name)).thenAccept(findings -> {
            if (findings.services().stream().anyMatch(it -> isEnabled || it.autostart())) {
                engine.execute(() -> start(findings));
            }
        })));
        var _ = CompletableFuture.allOf(read.toArray(CompletableFuture[]::new))
                .whenComplete((_, _) -> engine.execute(this::noteStartedByItself));
    }

    private void noteStartedByItself() {
        if (ending) {
            return; // and so are they
        }
        try {
            records.startedByItself();
        } catch (IOException e) {
            journal.warn("after a crash services will be started automatically once more: " + FileErrors.withFile(e));
        }
    }

    private void start(Findings wanted) {
        wanted.asked().forEach((name, finding) -> {
            if (finding instanceof Finding.Masked mask) {
                journal.say(name + ": not started: " + mask.summary());
            }
        });
        if (!wanted.services().isEmpty()) {
            catalog.follow(wanted);
            wanted.circles().forEach(circle -> journal.warn(circle.toString()));
            Origin origin = leading.isPresent() ? STARTED_WITH_MANAGER : Origin.BOOT;
            requests.ask(origin, wanted, (id, services) -> new Input.StartRequest(id, new Caller.Operator(), services));
        }
    }

    private void openSocket(Access access, RequestHandler handler) {
        try {
            server = ControlServer.open(control, runDir.socket(), access, handler);
        } catch (IOException | LinkageError e) {
            // Without its native library there is still the FIFO, and that is all that scripts need.
            journal.warn(
                    "the socket is not available, only the FIFO: " + (e instanceof IOException ? e.getMessage() : e));
        }
        engine.execute(() -> {
            var _ = engine.after(START_SETTLES, () -> control.execute(this::releaseStart));
        });
    }

    /** What the start has needed of the JVM and of the cache of classes is the larger part of it, and not needed again. */
    private void releaseStart() {
        try {
            var _ = FilePages.release();
        } catch (PosixException e) {
            journal.warn("the memory of the start is kept: " + e.getMessage());
        }
    }

    private void closeSocket() {
        if (server != null) {
            server.close();
        }
    }

    /** At a signal everything is stopped, in order, and then this ends; at a second TERM, INT or QUIT at once. */
    private void signalled(String signal) {
        if (signal.equals("HUP") && !hasTerminal) {
            reload();
        } else if (!ending) {
            end("SIG" + signal);
        } else if (interrupted) {
            cutShort("SIG" + signal + " again");
        }
        interrupted |= !signal.equals("HUP");
    }

    /** As daemons do at that signal: what is on disk is read anew; what runs goes on with what it has. */
    private void reload() {
        journal.say("SIGHUP: reading all service directories");
        var _ = catalog.reload().thenAccept(report -> {
            report.added().forEach(name -> journal.say("added " + name));
            report.changed().forEach(name -> journal.say("changed " + name));
            report.removed().forEach(name -> journal.say("removed " + name));
            report.problems().forEach(journal::warn);
        });
    }

    private void end(String why) {
        ending = true;
        journal.say(why + ": stopping everything");
        triggers.end();
        try {
            records.endsByItself();
        } catch (IOException e) {
            journal.warn(
                    "if this is cut short, the next manager starts nothing automatically: " + FileErrors.withFile(e));
        }
        stopTimeout.ifPresent(timeout -> {
            var _ = engine.after(
                    timeout, () -> cutShort("not everything stopped within " + Durations.seconds(timeout)));
        });
        Origin origin = new Origin("", why);
        engine.request(origin, id -> new Input.StopAllRequest(id, new Caller.Operator()), (failures, notes) -> {
            failures.forEach(journal::warn);
            engine.stop();
        });
    }

    private void cutShort(String why) {
        journal.warn(why + ": killing what is left");
        status = status == ExitCode.OK ? ExitCode.FAILED : status;
        engine.killAll();
    }

    /** Ends with the service that leads, if it is that one and has ended for good. */
    private void follow(bellhop.core.Service service) {
        leading.filter(it -> !ending && it.hasEnded(service)).ifPresent(it -> {
            ending = true; // not twice, though the loop gets to it later
            status = it.status();
            engine.execute(() -> end(LeadingService.phrase(service)));
        });
    }

    private void check(Definition definition, Script script) throws IOException {
        Optional<String> wrong = trust.whatIsWrongWith(definition, script);
        if (wrong.isPresent()) {
            throw new IOException(wrong.get());
        }
    }

    /** Tells the journal, the events, the sockets, the triggers and who watches of what concerns them. */
    private final class Announcer implements bellhop.engine.ServiceObserver {
        @Override
        public void adopted(bellhop.core.Service service) {
            journal.adopted(service);
            tell(service);
        }

        @Override
        public void changed(bellhop.core.Service service) {
            journal.changed(service);
            tell(service);
        }

        private void tell(bellhop.core.Service service) {
            follow(service);
            if (sockets != null) {
                sockets.changed(service);
            }
            watchers.changed(service);
        }

        @Override
        public void exited(ServiceName service, Run run, Exit exit) {
            leading.ifPresent(it -> it.exited(service, run, exit));
        }

        @Override
        public void stopping(Collection<ServiceName> services) {
            triggers.stopped(services);
        }

        @Override
        public void stoppingEverything(Origin origin) {
            triggers.stoppedAll();
            recorder.stoppingEverything(origin);
        }

        @Override
        public void noted(ServiceChange change) {
            recorder.noted(change);
        }

        @Override
        public void roundEnds() {
            recorder.roundEnds();
        }

        @Override
        public void warn(String line) {
            journal.warn(line);
        }
    }
}
