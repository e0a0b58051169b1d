package bellhop.program;

import bellhop.control.Access;
import bellhop.control.ControlLoop;
import bellhop.control.ControlSockets;
import bellhop.control.RunDir;
import bellhop.control.StopClient;
import bellhop.core.Caller;
import bellhop.core.Exit;
import bellhop.core.Input;
import bellhop.core.Life;
import bellhop.core.Run;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.EnvironmentSettings;
import bellhop.definition.InvalidNameException;
import bellhop.definition.KillMode;
import bellhop.definition.LogSettings;
import bellhop.definition.ProcessSettings;
import bellhop.definition.ResourceLimits;
import bellhop.definition.Restart;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.definition.Stop;
import bellhop.engine.Engine;
import bellhop.engine.Origin;
import bellhop.engine.ServiceObserver;
import bellhop.engine.process.LaunchGuard;
import bellhop.engine.process.ScriptEnvironment;
import bellhop.engine.process.ScriptOutput;
import bellhop.engine.readiness.RunDirectories;
import bellhop.engine.record.RecordStore;
import bellhop.linux.FileErrors;
import bellhop.linux.KeptVariables;
import bellhop.linux.Prctl;
import bellhop.linux.Proc;
import bellhop.linux.Secrets;
import bellhop.linux.Signals;
import bellhop.manager.ProcessSignals;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The program {@code escort}: keeps one program running until somebody connects to its socket. It is the
 * manager's own loop and lifecycle with one service, no record and no log.
 */
public final class Escort {

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 64;
    private static final Duration BETWEEN_LAUNCHES = Duration.ofSeconds(10);
    private static final Duration GRACE_PERIOD = Duration.ofSeconds(10);
    private static final List<String> NEEDED = List.of("SOCKET", "PROGRAM");
    private static final String USAGE_TEXT = "usage: escort SOCKET PROGRAM [ARG...]";
    private static final String HELP = """

            Runs PROGRAM in the background and restarts it when it dies, with at least 10 s from
            one launch to the next. A client that connects to SOCKET stops PROGRAM, and gets an
            answer once it is gone.

            exit status: 0 it runs, 1 it does not, 64 wrong usage""";

    private final Path socket;
    private final ServiceName name;
    private final Definition definition;
    private final Background.Starter starter;
    /** Those who have connected. */
    private final Queue<StopClient> waiters = new ConcurrentLinkedQueue<>();

    private boolean runs;
    /** Why the program ended last, or could not be run. */
    private Optional<String> cause = Optional.empty();

    private Optional<String> failure = Optional.empty();
    private List<String> unstopped = List.of();

    private Escort(Path socket, List<String> command, Background.Starter starter) {
        this.socket = socket;
        this.starter = starter;
        this.name = name(command.get(0));
        this.definition = definition(name, command);
    }

    private static Definition definition(ServiceName name, List<String> command) {
        return new Definition(
                name,
                Path.of("").toAbsolutePath(),
                Map.of(Script.RUN, command),
                Map.of(),
                "",
                List.of(),
                false,
                new Restart(RestartPolicy.ALWAYS, BETWEEN_LAUNCHES, BETWEEN_LAUNCHES, Optional.empty()),
                new Stop(Signals.TERM, GRACE_PERIOD, KillMode.ALL),
                OptionalInt.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                EnvironmentSettings.NONE,
                ProcessSettings.NONE,
                ResourceLimits.NONE,
                Duration.ZERO,
                true,
                new LogSettings(LogSettings.To.NONE, 0, 0, false, false),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** In messages it goes by its program's name. */
    private static ServiceName name(String program) {
        try {
            return ServiceName.parse(program.substring(program.lastIndexOf('/') + 1));
        } catch (InvalidNameException e) {
            return new ServiceName("program", Optional.empty());
        }
    }

    /** Starts the escort in the background; exits 0 once its program runs. */
    public static void main(String[] arguments) {
        ProgramEnd.with(run(List.of(arguments), System.out, System.err));
    }

    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        String first = arguments.isEmpty() ? "" : arguments.get(0);
        if (first.equals("-h") || first.equals("--help")) {
            out.println(USAGE_TEXT);
            out.println(HELP);
            return OK;
        }
        if (first.equals("--version")) {
            out.println("escort (Bellhop) " + Version.text());
            return OK;
        }
        List<String> operands = first.equals("--") ? arguments.subList(1, arguments.size()) : arguments;
        Optional<String> misuse = misuse(first, operands);
        if (misuse.isPresent()) {
            err.println("escort: " + misuse.get());
            err.println(USAGE_TEXT);
            return USAGE;
        }
        try {
            Path socket = socket(operands.get(0));
            if (operands.get(1).contains("/")) {
                var _ = RunDir.named("program", operands.get(1));
            }
            var starter = Background.starter();
            if (starter.isPresent()) {
                List<String> words = Proc.ownCommandLine();
                List<String> command = words.subList(words.size() - operands.size() + 1, words.size());
                new Escort(socket, command, starter.get()).serve();
            } else {
                Background.start();
            }
            return OK;
        } catch (IOException e) {
            err.println("escort: " + FileErrors.withFile(e));
            return FAILED;
        }
    }

    private static Optional<String> misuse(String first, List<String> operands) {
        if (first.startsWith("-") && !first.equals("--")) {
            return Optional.of("unknown option " + first);
        }
        for (int i = 0; i < NEEDED.size(); i++) {
            if (operands.size() <= i || operands.get(i).isEmpty()) {
                return Optional.of(NEEDED.get(i) + (operands.size() <= i ? " is missing" : " is empty"));
            }
        }
        return Optional.empty();
    }

    /** Looks at what would make a confusing error later. */
    private static Path socket(String text) throws IOException {
        Path socket = RunDir.path("socket", text);
        Path directory = socket.getParent();
        if (directory == null || Files.isDirectory(socket)) {
            throw new IOException(socket + ": is a directory, expected the path of a socket");
        }
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > RunDir.LONGEST_SOCKET_PATH) {
            throw new IOException(
                    socket + ": too long for a socket: " + length + " bytes of at most " + RunDir.LONGEST_SOCKET_PATH);
        }
        if (!Files.isDirectory(directory)) {
            throw new IOException(directory + ": no such directory");
        }
        return socket;
    }

    /**
     * In the background: looks after the program until it has been stopped. Whoever waits, to have it started
     * or stopped, is told when all is cleared away, so that the same can be asked anew at once.
     */
    private void serve() throws IOException {
        Prctl.becomeSubreaper();
        String secret = Secrets.next();
        try (Place place = Place.ofWholePath(socket);
                OwnLock lock = lock(place, secret);
                ControlLoop control = ControlLoop.start(this::say);
                Engine engine = new Engine(
                        new Supervisor(System.currentTimeMillis(), Secrets::next),
                        RecordStore.NONE,
                        new EscortObserver(),
                        ScriptOutput.INHERITED,
                        new Marked(Background.withoutMark(Proc.ownEnvironment()), mark(secret)),
                        RunDirectories.NONE,
                        LaunchGuard.NONE);
                ControlSockets sockets = new ControlSockets(control, Access.ofOwner())) {
            ProcessSignals.handle(
                    signal -> engine.execute(() -> stop(engine)), () -> engine.execute(engine::reapOrphans));
            ProcessSignals.handleQuit(engine, () -> stop(engine));
            sockets.open(socket, waiter -> {
                waiters.add(waiter);
                engine.execute(() -> stop(engine));
            });
            engine.execute(() -> start(engine));
            engine.run();
            sockets.close(socket);
            control.execute(() -> {
                release(lock);
                waiters.forEach(this::tell);
            });
        } catch (IOException e) {
            failure = Optional.of(FileErrors.withFile(e));
        }
        failure.ifPresent(starter::failed);
    }

    /** Of several that find the socket of one that was killed, one takes its place. */
    private OwnLock lock(Place place, String secret) throws IOException {
        place.look();
        OwnLock lock = OwnLock.tryTake(place)
                .orElseThrow(() -> new IOException(socket + ": another process already listens there"));
        try {
            refuseIfAlive(lock.note());
            lock.note(secret);
            return lock;
        } catch (IOException e) {
            lock.leave();
            throw e;
        }
    }

    private void release(OwnLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            say(FileErrors.withFile(e));
        }
    }

    /** Known to this escort, to its program, and to whoever may read the file of its lock. */
    private String mark(String secret) {
        return socket + "#" + secret + "#";
    }

    /** An escort that was killed leaves its program running: it is not started a second time. */
    private void refuseIfAlive(String secretOfKilled) throws IOException {
        if (secretOfKilled.isEmpty()) {
            return;
        }
        List<String> pids = new ArrayList<>();
        for (Proc.Task task : Proc.census()) {
            boolean marked = Proc.environment(task.pid(), Marked.NAME)
                    .filter(mark -> mark.startsWith(mark(secretOfKilled)))
                    .isPresent();
            if (marked && !task.isDead()) {
                pids.add(Integer.toString(task.pid()));
            }
        }
        if (!pids.isEmpty()) {
            throw new IOException(socket + ": an escort was killed here, and its program still runs (pid "
                    + String.join(" ", pids) + "); end that program first");
        }
    }

    private void start(Engine engine) {
        engine.request(
                Origin.NONE,
                id -> new Input.StartRequest(id, new Caller.Operator(), List.of(definition)),
                (failures, notes) -> {
                    if (failures.isEmpty()) {
                        runs = true;
                        if (!starter.runs()) {
                            stop(engine); // whoever asked was killed, and nobody knows of it
                        }
                    } else {
                        failure = cause.or(() -> Optional.of("stopped before it ran"));
                        stop(engine);
                    }
                });
    }

    private void stop(Engine engine) {
        engine.request(
                Origin.NONE,
                id -> new Input.StopRequest(id, new Caller.Operator(), List.of(name)),
                (failures, notes) -> {
                    unstopped = failures;
                    failures.forEach(this::say);
                    engine.stop();
                });
    }

    private void tell(StopClient waiter) {
        if (unstopped.isEmpty()) {
            waiter.stopped();
        } else {
            waiter.failed(String.join("; ", unstopped));
        }
    }

    private void say(String line) {
        System.err.println("escort: " + line);
    }

    private final class EscortObserver implements ServiceObserver {
        @Override
        public void changed(Service service) {
            if (runs && service.word() == Word.RESTARTING) {
                cause.ifPresent(why -> say(name + ": " + why));
            }
        }

        @Override
        public void exited(ServiceName service, Run run, Exit exit) {
            cause = Optional.of(exit.phrase() + run.after(System.nanoTime()));
        }

        @Override
        public void failed(ServiceName service, String why) {
            cause = Optional.of(why);
        }

        @Override
        public void warn(String line) {
            say(line);
        }
    }

    /** The environment as it was, and the mark by which the program's processes are found. */
    private record Marked(List<String> inherited, String mark) implements ScriptEnvironment {
        static final String NAME = "BELLHOP_ESCORT";

        Marked {
            inherited = KeptVariables.restored(inherited);
            inherited.removeIf(variable -> variable.startsWith(NAME + "="));
        }

        @Override
        public Map<String, String> marks(ServiceName service, Life life) {
            return Map.of(NAME, mark + life.incarnation());
        }
    }
}
