package bellhop.engine.readiness;

import bellhop.core.Effect;
import bellhop.core.Event;
import bellhop.core.Input;
import bellhop.core.Life;
import bellhop.definition.Definition;
import bellhop.definition.Ready;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.process.LaunchObserver;
import bellhop.engine.process.Probes;
import bellhop.engine.process.ScriptEnvironment;
import bellhop.linux.DatagramReader;
import bellhop.linux.PosixException;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hears from each launch of {@code run} that it is ready, and what else it says of itself, in the way that its
 * definition says: a notification, a newline, a file, a port, a page, a command. Its results are events.
 */
public final class Readiness implements LaunchObserver {

    /** How many problems of one incarnation are reported to the operator; further ones are not. */
    private static final int MOST_COMPLAINTS = 16;

    private final EventLoop loop;
    private final Probes probes;
    private final HealthChecks health;
    private final RunDirectories directories;
    private final ScriptEnvironment environment;
    private final UserOf user;
    private final Consumer<Input> events;
    private final Consumer<String> warnings;
    private final DatagramReader reader = new DatagramReader();
    private final Map<Long, Launched> launched = new HashMap<>();
    private final Map<ServiceName, NotifyContext> contexts = new HashMap<>();
    private @Nullable Consumer<ServiceName> listener;

    /** Which user {@code run} of a definition runs as. */
    @FunctionalInterface
    public interface UserOf {
        int uid(Definition definition) throws IOException;
    }

    private record Launched(ServiceName service, ReadySignal signal) {}

    /** The problems of an incarnation that were reported to the operator. */
    private record NotifyContext(long incarnation, Set<String> matters) {}

    public Readiness(
            EventLoop loop,
            Probes probes,
            HealthChecks health,
            RunDirectories directories,
            ScriptEnvironment environment,
            UserOf user,
            Consumer<Input> events,
            Consumer<String> warnings) {
        this.loop = loop;
        this.probes = probes;
        this.health = health;
        this.directories = directories;
        this.environment = environment;
        this.user = user;
        this.events = events;
        this.warnings = warnings;
    }

    /**
     * Makes the channel by which a script will report, before it is spawned. {@link #end} follows, whether the spawn
     * succeeds or not.
     *
     * @throws IOException if that cannot be made; the script is then not to be spawned
     */
    @Override
    public Preparation prepare(Effect.Launch launch) throws IOException {
        Optional<Ready> ready = reported(launch.life());
        if (launch.script() != Script.RUN || ready.isEmpty()) {
            return Preparation.NONE;
        }
        ReadySignal signal = signal(launch.service(), launch.life(), launch.launch(), ready.get());
        launched.put(launch.launch(), new Launched(launch.service(), signal));
        return new Preparation(signal.environment(), signal.descriptors());
    }

    /**
     * Listens to the running script of an earlier manager, and probes it, from now on. {@link #end} follows.
     *
     * @throws IOException if the channel by which it reports cannot be made again
     */
    @Override
    public void adopt(Effect.Adopt adopt, int pid) throws IOException {
        Optional<Ready> ready = reported(adopt.life());
        // Only a notification says more than that it is ready.
        boolean isOver = adopt.heard() && !(ready.orElse(null) instanceof Ready.Notify);
        if (adopt.run().script() != Script.RUN || ready.isEmpty() || isOver) {
            return;
        }
        ServiceName service = adopt.service();
        long launch = adopt.run().launch();
        ReadySignal signal = switch (ready.get()) {
            case Ready.Descriptor(int fd) ->
                ReadyDescriptor.adopt(loop, directories.of(service), fd, isReady(service, launch), warn(service));
            case Ready.Appears(Path file) ->
                ReadyFile.adopt(loop, directories.of(service), file, isReady(service, launch));
            case Ready.Notify n -> signal(service, adopt.life(), launch, n);
            case Ready.Tcp t -> signal(service, adopt.life(), launch, t);
            case Ready.Http h -> signal(service, adopt.life(), launch, h);
            case Ready.Test t -> signal(service, adopt.life(), launch, t);
            case Ready.Finished f -> signal(service, adopt.life(), launch, f);
        };
        launched.put(launch, new Launched(service, signal));
        signal.begin(pid);
    }

    /** The way in which {@code run} reports that it is ready, or can be asked; its end is seen without that. */
    private static Optional<Ready> reported(Life life) {
        return life.definition().ready().filter(ready -> !(ready instanceof Ready.Finished));
    }

    private Runnable isReady(ServiceName service, long launch) {
        return () -> events.accept(new Input.Happened(service, new Event.BecameReady(launch)));
    }

    private Consumer<String> warn(ServiceName service) {
        return line -> warnings.accept(service + ": " + line);
    }

    private ReadySignal signal(ServiceName service, Life life, long launch, Ready ready) throws IOException {
        Consumer<Event> happened = event -> events.accept(new Input.Happened(service, event));
        Runnable isReady = isReady(service, launch);
        Consumer<String> warn = warn(service);
        return switch (ready) {
            case Ready.Notify(var watchdog) ->
                new NotifySocket(
                        loop,
                        reader,
                        directories.of(service),
                        launch,
                        watchdog,
                        user.uid(life.definition()),
                        environment.marks(service, life),
                        happened,
                        () -> reported(service),
                        (matter, line) -> complain(service, life.incarnation(), matter, line));
            case Ready.Descriptor(int fd) -> ReadyDescriptor.make(loop, directories.of(service), fd, isReady, warn);
            case Ready.Appears(var file) -> ReadyFile.begun(loop, directories.of(service), file, isReady);
            case Ready.Tcp(var host, int port) -> new ReadyPort(loop, PortProbe.tcp(loop, host, port, warn), isReady);
            case Ready.Http(var url) -> new ReadyPort(loop, PortProbe.http(loop, url, warn), isReady);
            case Ready.Test(var command) -> new ReadyCommand(loop, probes, life, launch, command, isReady);
            case Ready.Finished _ -> throw new IllegalStateException(service + ": an end is not reported");
        };
    }

    /** Has it told who said something of itself. */
    public void onReports(Consumer<ServiceName> newListener) {
        listener = newListener;
    }

    private void reported(ServiceName service) {
        if (listener != null) {
            listener.accept(service);
        }
    }

    /** Each problem once in the life of an incarnation: a flood on the socket does not flood the journal. */
    private void complain(ServiceName service, long incarnation, String matter, String line) {
        NotifyContext sofar = contexts.get(service);
        if (sofar == null || sofar.incarnation() != incarnation) {
            sofar = new NotifyContext(incarnation, new HashSet<>());
            contexts.put(service, sofar);
        }
        if (sofar.matters().size() < MOST_COMPLAINTS && sofar.matters().add(matter)) {
            warnings.accept(service + ": " + line);
        }
    }

    /** A script was spawned: listens from now on. */
    @Override
    public void begin(long launch, int pid) throws PosixException {
        Launched it = launched.get(launch);
        if (it != null) {
            it.signal().begin(pid);
        }
    }

    /** It is being stopped: it is no longer probed, but its reports are still read. */
    @Override
    public void leave(long launch) {
        health.end(launch);
        Launched it = launched.get(launch);
        if (it != null) {
            it.signal().leave();
        }
    }

    /** It has ended or was not spawned: its last reports are read, then everything is closed. */
    @Override
    public void end(long launch) {
        health.end(launch);
        Launched it = launched.remove(launch);
        if (it != null) {
            it.signal().end();
        }
    }

    /** The report of a service about itself. */
    public SelfReport report(ServiceName service) {
        return launched.values().stream()
                .filter(it -> it.service().equals(service))
                .findFirst()
                .map(it -> it.signal().report())
                .orElse(SelfReport.NONE);
    }

    /** Closes what is open here, so that another manager can read the reports. */
    public void abandon() {
        launched.values().forEach(it -> it.signal().abandon());
        launched.clear();
    }

    /** Closes everything; who runs, runs on. */
    public void close() {
        List.copyOf(launched.keySet()).forEach(this::end);
    }
}
