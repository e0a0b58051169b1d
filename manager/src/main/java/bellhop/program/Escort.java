package bellhop.program;

import bellhop.cli.ProcessSignals;
import bellhop.control.Access;
import bellhop.control.ControlLoop;
import bellhop.control.ControlSockets;
import bellhop.control.Waiter;
import bellhop.core.Caller;
import bellhop.core.Input;
import bellhop.core.Lifecycle.Word;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.definition.Definition;
import bellhop.definition.InvalidNameException;
import bellhop.definition.KillMode;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import bellhop.engine.LaunchGuard;
import bellhop.engine.Listener;
import bellhop.engine.Outlet;
import bellhop.engine.ScriptEnvironment;
import bellhop.engine.Store;
import bellhop.linux.Prctl;
import bellhop.linux.Proc;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The program {@code escort}: keeps one program running until somebody connects to its socket. It is the
 * manager's own loop and lifecycle with one service, no record and no log.
 */
public final class Escort {

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 64;
    private static final Duration BETWEEN_LAUNCHES = Duration.ofSeconds(10);
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final String USAGE_TEXT = "usage: escort SOCKET PROGRAM [ARG...]";
    private static final String HELP = """

            Runs PROGRAM in the background and restarts it when it dies, launches 10 s apart at
            the least. Whoever connects to SOCKET has it stopped, and is told once it is gone.

            exit status: 0 it runs, 1 it does not, 64 wrong usage""";

    private final Path socket;
    private final ServiceName name;
    private final Definition definition;
    private final Background.Starter starter;
    private boolean runs;

    private Escort(Path socket, List<String> command, Background.Starter starter) {
        this.socket = socket;
        this.starter = starter;
        this.name = name(command.get(0));
        this.definition = new Definition(
                name,
                Path.of("").toAbsolutePath(),
                Map.of(Script.RUN, command),
                RestartPolicy.ALWAYS,
                BETWEEN_LAUNCHES,
                BETWEEN_LAUNCHES,
                false,
                KillMode.ALL,
                GRACE,
                Map.of(),
                true);
    }

    /** In messages it goes by its program's name. */
    private static ServiceName name(String program) {
        try {
            return ServiceName.parse(program.substring(program.lastIndexOf('/') + 1));
        } catch (InvalidNameException e) {
            return new ServiceName("program", java.util.Optional.empty());
        }
    }

    /** Starts the escort in the background; exits 0 once its program runs. */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.out, System.err));
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
        if (operands.size() < 2 || (first.startsWith("-") && !first.equals("--"))) {
            err.println("escort: "
                    + (first.startsWith("-") && !first.equals("--")
                            ? "unknown option " + first
                            : operands.isEmpty() ? "SOCKET is missing" : "PROGRAM is missing"));
            err.println(USAGE_TEXT);
            return USAGE;
        }
        try {
            Path socket = Path.of(operands.get(0)).toAbsolutePath();
            var starter = Background.starter();
            if (starter.isPresent()) {
                new Escort(socket, operands.subList(1, operands.size()), starter.get()).serve();
            } else {
                Background.start(socket);
            }
            return OK;
        } catch (IOException e) {
            err.println("escort: " + Reason.of(e));
            return FAILED;
        }
    }

    /** In the background: looks after the program until it has been stopped. */
    private void serve() throws IOException {
        Prctl.becomeSubreaper();
        try (ControlLoop control = ControlLoop.start(this::say);
                Engine engine = new Engine(
                        new Supervisor(System.currentTimeMillis()),
                        Store.NONE,
                        new Told(),
                        Outlet.INHERITED,
                        new Marked(Background.withoutMark(Proc.ownEnvironment()), socket),
                        LaunchGuard.NONE);
                ControlSockets sockets = new ControlSockets(control, Access.ofOwner())) {
            listen(sockets, waiter -> engine.execute(() -> stop(engine, (failures, notes) -> tell(waiter, failures))));
            ProcessSignals.handle(
                    signal -> engine.execute(() -> stop(engine, (unstopped, remarks) -> unstopped.forEach(this::say))),
                    () -> engine.execute(engine::reapOrphans));
            engine.execute(() -> start(engine));
            engine.run();
        } catch (IOException e) {
            starter.failed(Reason.of(e));
        }
    }

    /** Of several that find the socket of one that was killed, one takes its place. */
    private void listen(ControlSockets sockets, Consumer<Waiter> onConnect) throws IOException {
        Path directory = Objects.requireNonNull(socket.getParent());
        try (DirectoryLock _ = DirectoryLock.take(directory)) {
            sockets.open(socket, onConnect);
        }
    }

    private void start(Engine engine) {
        engine.request(id -> new Input.Start(id, new Caller.Operator(), List.of(definition)), (failures, notes) -> {
            if (failures.isEmpty()) {
                runs = true;
                starter.runs();
            } else {
                starter.failed(
                        engine.services().service(name).map(Service::detail).orElse("the program could not be run"));
                stop(engine, (unstopped, remarks) -> unstopped.forEach(this::say));
            }
        });
    }

    private void stop(Engine engine, Engine.Reply reply) {
        engine.request(id -> new Input.Stop(id, new Caller.Operator(), List.of(name)), (failures, notes) -> {
            reply.done(failures, notes);
            engine.stop();
        });
    }

    private static void tell(Waiter waiter, List<String> failures) {
        if (failures.isEmpty()) {
            waiter.stopped();
        } else {
            waiter.failed(String.join("; ", failures));
        }
    }

    private void say(String line) {
        System.err.println("escort: " + line);
    }

    private final class Told implements Listener {
        @Override
        public void changed(Service service) {
            if (runs && service.word() == Word.RESTARTING && !service.detail().isEmpty()) {
                say(name + ": " + service.detail());
            }
        }

        @Override
        public void warn(String line) {
            say(line);
        }
    }

    /** The environment as it was, and the mark by which the program's processes are found. */
    private record Marked(List<String> inherited, Path socket) implements ScriptEnvironment {
        Marked {
            inherited = new ArrayList<>(inherited);
            inherited.removeIf(variable -> variable.startsWith("BELLHOP_ESCORT="));
        }

        @Override
        public Map<String, String> marks(ServiceName service, long incarnation) {
            return Map.of("BELLHOP_ESCORT", socket + "#" + incarnation);
        }
    }
}
