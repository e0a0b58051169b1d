package bellhop.cli;

import bellhop.control.Access;
import bellhop.control.ControlFifo;
import bellhop.control.ControlLoop;
import bellhop.control.ControlServer;
import bellhop.control.ControlSockets;
import bellhop.control.RunDir;
import bellhop.core.Caller;
import bellhop.core.Input;
import bellhop.core.Supervisor;
import bellhop.definition.Catalog;
import bellhop.definition.Definition;
import bellhop.definition.Finding;
import bellhop.definition.Script;
import bellhop.definition.ServiceDirectories;
import bellhop.definition.ServiceName;
import bellhop.definition.TrustCheck;
import bellhop.engine.Engine;
import bellhop.engine.Records;
import bellhop.engine.RecordsException;
import bellhop.engine.ScriptEnvironment;
import bellhop.linux.Prctl;
import bellhop.linux.Proc;
import bellhop.linux.User;
import bellhop.log.LogPump;
import bellhop.trigger.Triggers;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * {@code bh run}: puts the parts together, starts what is to start by itself, and at a signal stops
 * everything and takes the parts down again.
 *
 * <p>Nothing that takes time stands between the start of the process and its first service: the FIFO is
 * up first, then services are spawned, and only then the socket's library and picocli are loaded, on the
 * thread that needs them.
 */
final class Manager {

    private static final long MILLIS_PER_SECOND = 1000;

    private final RunDir runDir;
    private final Records records;
    private final Catalog catalog;
    private final Enabled enabled;
    private final TrustCheck trust;
    private final Journal journal;
    private final Engine engine;
    private final ControlLoop control;
    private final Desk desk;
    private final TriggerDesk triggers = new TriggerDesk();
    private final Triggers.Setting triggerSetting;
    /** Belongs to the thread of {@link #control}, as all that is slow to load. */
    private @Nullable ControlServer server;

    private @Nullable ServiceSockets sockets;
    /** What could not be used when services were started by themselves, and whether it is enabled. */
    private final Map<ServiceName, Boolean> late = new TreeMap<>();

    private boolean ending;

    private Manager(
            RunDir runDir,
            Records records,
            ServiceDirectories directories,
            Enabled enabled,
            TrustCheck trust,
            Journal journal,
            LogPump pump,
            Path logs,
            ControlLoop control,
            RunOptions options)
            throws IOException {
        this.runDir = runDir;
        this.records = records;
        this.enabled = enabled;
        this.trust = trust;
        this.journal = journal;
        this.control = control;
        long first = Math.max(records.lastIncarnation() + 1, System.currentTimeMillis() / MILLIS_PER_SECOND);
        Path home = Path.of(System.getProperty("bellhop.home", "/usr/lib/bellhop"));
        Path programs = home.resolve("bin");
        List<Path> plugins = new ArrayList<>(List.of(home.resolve("plugins")));
        plugins.addAll(options.plugins());
        this.triggerSetting =
                new Triggers.Setting(plugins, options.sysfs(), trust, Triggers.CALL_LIMIT, true, journal::warn);
        this.engine = new Engine(
                new Supervisor(first),
                records,
                new Told(),
                new LogOutlet(pump, records, logs),
                ScriptEnvironment.ofManager(Proc.ownEnvironment(), programs, runDir.path(), triggers::facts),
                records::directory,
                this::check);
        this.catalog = new Catalog(directories, new DefinitionNews(engine, journal, triggers));
        this.desk = new Desk(engine, catalog, enabled, pump, journal, triggers);
    }

    /** Runs a manager until it is told to end; returns its exit status. */
    static int run(RunOptions options) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try {
            run(options, new Journal(out));
            return Cli.OK;
        } catch (IOException | RecordsException e) {
            System.err.println("bh-run: " + Objects.requireNonNullElse(e.getMessage(), e.toString()));
            return Cli.FAILED;
        }
    }

    private static void run(RunOptions options, Journal journal) throws IOException, RecordsException {
        boolean root = User.euid() == 0;
        Map<String, String> environment = System.getenv();
        RunDir runDir = RunDir.find(options.rundir(), environment, User.euid());
        runDir.checkLength();
        ServiceDirectories directories = Places.directories(options, root, environment);
        TrustCheck trust = root ? TrustCheck.forRoot(options.services()) : TrustCheck.none();
        Enabled enabled = new Enabled(Places.enabled(options, root, environment), trust);
        Path logs = (options.logdir() == null ? Places.logs(root, environment) : options.logdir()).toAbsolutePath();

        CompletableFuture<Manager> manager = new CompletableFuture<>();
        ProcessSignals.handle(
                signal -> {
                    var _ = manager.thenAccept(it -> it.engine.execute(() -> it.end(signal)));
                },
                () -> {
                    var _ = manager.thenAccept(it -> it.engine.execute(it.engine::reapOrphans));
                });
        Records records = Records.take(runDir.path());
        try (LogPump pump = new LogPump(logs, InstantSource.system(), journal::pass, journal::warn);
                ControlLoop control = ControlLoop.start(journal::say)) {
            pump.start();
            Prctl.becomeSubreaper();
            manager.complete(
                    new Manager(runDir, records, directories, enabled, trust, journal, pump, logs, control, options));
            manager.join().serve();
        } catch (IOException e) {
            records.close();
            throw e;
        }
        // Not after an error inside: services may still run, and the next manager finds them by their records.
        records.close();
        journal.say("ended");
    }

    private void serve() throws IOException {
        Access access = Access.ofManager(User.euid());
        sockets = new ServiceSockets(new ControlSockets(control, access), records, engine, triggers, journal);
        Requests requests = new Requests(desk);
        try (engine;
                catalog;
                var _ = ControlFifo.open(control, runDir, access, requests)) {
            trust.announcements().forEach(journal::warn);
            engine.execute(this::autostart);
            engine.execute(() -> triggers.start(triggerSetting, engine, catalog));
            engine.execute(() -> control.execute(() -> openSocket(access, requests)));
            engine.execute(catalog::start);
            engine.execute(this::autostartLate);
            engine.run();
            triggers.close();
            control.execute(this::closeSocket);
        }
    }

    /** What cannot be used is told of by the catalog, once it has looked twice. */
    private void autostart() {
        List<Definition> wanted = new ArrayList<>();
        SortedSet<ServiceName> enabledNames = enabled.names(journal::warn);
        SortedSet<ServiceName> names =
                new TreeSet<>(catalog.directories().list().names());
        names.addAll(enabledNames);
        for (ServiceName name : names) {
            boolean isEnabled = enabledNames.contains(name);
            switch (Finding.of(catalog.directories(), name)) {
                case Finding.Good(Definition definition) -> {
                    if (isEnabled || definition.autostart()) {
                        catalog.follow(definition);
                        wanted.add(definition);
                    }
                }
                case Finding.Bad bad -> {
                    late.put(name, isEnabled);
                    if (isEnabled) {
                        catalog.follow(name);
                    }
                }
                case Finding.Template template -> {
                    if (isEnabled) {
                        template.problems().forEach(problem -> journal.warn("enabled, but " + problem));
                    }
                }
                case Finding.Absent absent ->
                    absent.problems().forEach(problem -> journal.warn("enabled, but " + problem));
            }
        }
        start(wanted);
    }

    /** What was being written at that moment is started as soon as it can be used, a second later at the most. */
    private void autostartLate() {
        late.forEach((name, isEnabled) -> {
            var _ = catalog.read(name)
                    .thenAccept(finding -> finding.good()
                            .filter(definition -> isEnabled || definition.autostart())
                            .ifPresent(definition -> engine.execute(() -> start(List.of(definition)))));
        });
    }

    private void start(List<Definition> wanted) {
        if (!wanted.isEmpty()) {
            ServiceDirectories.Required required = catalog.requirements(wanted);
            required.circles().forEach(circle -> journal.warn(circle.toString()));
            engine.request(id -> new Input.Read(required.definitions(), required.unusable()));
            engine.request(id -> new Input.Start(id, new Caller.Operator(), wanted));
        }
    }

    private void openSocket(Access access, Requests requests) {
        try {
            server = ControlServer.open(control, runDir.socket(), access, requests);
        } catch (IOException | LinkageError e) {
            // Without its native library there is still the FIFO, and that is all that scripts need.
            journal.warn("no socket, only the FIFO: " + e);
        }
        // The first command need not wait until picocli is loaded.
        var _ = requests.commandLine().parse(List.of("status"));
    }

    private void closeSocket() {
        if (server != null) {
            server.close();
        }
    }

    /** At a signal: everything is stopped, in order, and then this ends. */
    private void end(String signal) {
        if (ending) {
            return;
        }
        ending = true;
        journal.say("SIG" + signal + ": stopping everything");
        triggers.end();
        engine.request(id -> new Input.StopAll(id, new Caller.Operator()), (failures, notes) -> {
            failures.forEach(journal::warn);
            engine.stop();
        });
    }

    private void check(Definition definition, Script script) throws IOException {
        Optional<String> wrong = trust.whatIsWrongWith(definition, script);
        if (wrong.isPresent()) {
            throw new IOException(wrong.get());
        }
    }

    /** Tells the journal and the sockets of what changes. */
    private final class Told implements bellhop.engine.Listener {
        @Override
        public void changed(bellhop.core.Service service) {
            journal.changed(service);
            if (sockets != null) {
                sockets.changed(service);
            }
        }

        @Override
        public void warn(String line) {
            journal.warn(line);
        }
    }
}
