package bellhop.engine.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Await;
import bellhop.DefinitionBuilder;
import bellhop.core.Effect;
import bellhop.core.Event;
import bellhop.core.Input;
import bellhop.core.Life;
import bellhop.core.Lifecycle;
import bellhop.core.Run;
import bellhop.core.TimeLimit;
import bellhop.definition.Definition;
import bellhop.definition.HealthCheck;
import bellhop.definition.Ready;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.engine.LiveEngine;
import bellhop.engine.process.Cgroups;
import bellhop.engine.process.LaunchObserver;
import bellhop.engine.process.LeftProcesses;
import bellhop.engine.process.Probes;
import bellhop.engine.process.Processes;
import bellhop.engine.process.ScriptEnvironment;
import bellhop.engine.process.ScriptProcess;
import bellhop.engine.process.Sweeper;
import bellhop.linux.Epoll;
import bellhop.linux.Pidfd;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import bellhop.linux.Spawn;
import bellhop.linux.Wait;
import bellhop.loop.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What the loop has for hearing from services, turned by the test, with one real process: that of the service
 * {@code web}. In place of the core there is a list of what it would have been told.
 */
public final class ReadyScene implements AutoCloseable {

    static final ServiceName WEB = LiveEngine.name("web");
    static final long LAUNCH = 7;
    static final int NOBODY = 65534;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final Path folder;
    final EventLoop loop;
    final List<Event> events = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    final Probes probes;
    final HealthChecks health;
    final Readiness readiness;
    private final Sweeper sweeper;
    /** How often all processes were looked at for a probe. */
    int looks;

    int uid;
    private final ScriptEnvironment environment;
    private final List<Integer> started = new ArrayList<>();
    private Optional<Life> life = Optional.empty();

    ReadyScene() throws IOException {
        this(Proc.INHERITED);
    }

    /** On a kernel that lists inherited processes in this file. */
    ReadyScene(String inherited) throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "bh");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(folder.resolve("run/web"));
        loop = new EventLoop((what, e) -> {
            throw new AssertionError(what + " failed", e);
        });
        environment = ScriptEnvironment.ofManager(
                List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin"),
                Path.of("/nonexistent"),
                folder.resolve("run"),
                service -> Map.of());
        probes = new Probes(loop, this::spawn, this::sweep, launch -> {}, warnings::add, inherited);
        sweeper = new Sweeper(
                loop,
                environment,
                new Cgroups(warnings::add),
                probes,
                new LeftProcesses(environment),
                pid -> probes.owns(pid) || started.contains(pid),
                (probe, spared) -> probes.cleared(probe),
                warnings::add);
        health = new HealthChecks(loop, probes, this::happened, warnings::add);
        readiness = new Readiness(
                loop,
                probes,
                health,
                service -> folder.resolve("run").resolve(service.toString()),
                environment,
                definition -> uid,
                this::happened,
                warnings::add);
    }

    private int spawn(Life of, List<String> command, String mark, int out) throws IOException {
        List<String> variables = variables(of);
        variables.add(mark);
        return Spawn.start(new Spawn.Command(command, variables, folder, out, out));
    }

    private List<String> variables(Life of) {
        List<String> variables = new ArrayList<>(environment.inherited());
        environment.marks(WEB, of).forEach((name, value) -> variables.add(name + "=" + value));
        return variables;
    }

    private void sweep(ScriptProcess probe) {
        looks++;
        sweeper.add(probe);
    }

    private void happened(Input input) {
        events.add(((Input.Happened) input).event());
    }

    public static void needs(String program) {
        assumeTrue(Files.isExecutable(Path.of(program)), "SKIPPED: there is no " + program);
    }

    Definition definition(Ready ready, String... command) {
        return DefinitionBuilder.of(WEB, folder, Map.of(Script.RUN, List.of(command)))
                .ready(ready)
                .build();
    }

    /** Launches the service as {@link Processes} does. */
    int launch(Ready ready, String... command) throws IOException {
        return launch(new Life(3, definition(ready, command)), LAUNCH);
    }

    int launch(Life newLife, long launch) throws IOException {
        life = Optional.of(newLife);
        LaunchObserver.Preparation preparation = readiness.prepare(new Effect.Launch(WEB, newLife, launch, Script.RUN));
        List<String> variables = variables(newLife);
        variables.addAll(preparation.environment());
        int pid = Spawn.start(new Spawn.Command(
                        Objects.requireNonNull(newLife.definition().commands().get(Script.RUN)),
                        variables,
                        folder,
                        1,
                        2)
                .with(preparation.descriptors()));
        started.add(pid);
        readiness.begin(launch, pid);
        return pid;
    }

    /** Has another manager go on with what runs. */
    void adopt(int pid) throws IOException {
        readiness.abandon();
        Run run = new Run(LAUNCH, Script.RUN, pid, System.nanoTime(), new TimeLimit(Lifecycle.NEVER, Lifecycle.NEVER));
        readiness.adopt(new Effect.Adopt(WEB, life(), run, false), pid);
    }

    /** Launches a script of the shell. */
    int sh(Ready ready, String script) throws IOException {
        return launch(ready, "/bin/sh", "-c", script);
    }

    /** Starts a program that is none of the service. */
    int stranger(String... command) throws IOException {
        int pid = Spawn.start(new Spawn.Command(List.of(command), List.of("PATH=/usr/bin:/bin"), folder, 1, 2));
        started.add(pid);
        return pid;
    }

    /** Begins to ask the service, which does nothing, for its health. */
    void check(HealthCheck how) throws IOException {
        Definition definition = DefinitionBuilder.of(WEB, folder, Map.of(Script.RUN, List.of("sleep", "1000")))
                .health(how)
                .build();
        Life newLife = new Life(3, definition);
        launch(newLife, LAUNCH);
        health.begin(new Effect.CheckHealth(WEB, newLife, LAUNCH));
    }

    Life life() {
        return life.orElseThrow();
    }

    Path socket() {
        return folder.resolve("run/web/notify/socket");
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** One turn of the loop. */
    void turn() throws IOException {
        loop.await(System.nanoTime() + Duration.ofMillis(100).toNanos());
        loop.work();
        sweeper.look();
    }

    /** Turns until it is so. */
    void until(String what, BooleanSupplier condition) throws IOException {
        Await.until(() -> what + "; events " + events + ", warnings " + warnings, () -> {
            boolean holds = condition.getAsBoolean();
            if (!holds) {
                turn();
            }
            return holds;
        });
    }

    /** Turns until there is such an event, and returns it. */
    <E extends Event> E await(Class<E> type) throws IOException {
        until(type.getSimpleName(), () -> events.stream().anyMatch(type::isInstance));
        return type.cast(events.stream().filter(type::isInstance).findFirst().orElseThrow());
    }

    void awaitReady() throws IOException {
        assertThat(await(Event.BecameReady.class)).isEqualTo(new Event.BecameReady(LAUNCH));
    }

    /** Turns until the process has ended; leaves it a zombie. */
    void awaitEnd(int pid) throws IOException {
        boolean[] ended = {false};
        int pidfd = Pidfd.open(pid);
        EventLoop.Watch watch = loop.watch(pidfd, Epoll.IN, in -> ended[0] = true);
        until("the end of " + pid, () -> ended[0]);
        loop.unwatch(watch);
        bellhop.linux.Fd.close(pidfd);
    }

    /** Waits for its end without turning the loop. */
    void awaitEndInSilence(int pid) throws IOException {
        int pidfd = Pidfd.open(pid);
        try (Epoll epoll = Epoll.open()) {
            epoll.add(pidfd, Epoll.IN, 0);
            assertThat(epoll.await(PATIENCE.toNanos(), (token, events) -> {})).isOne();
        }
        bellhop.linux.Fd.close(pidfd);
    }

    /** The services' processes and probes that live. */
    List<Proc.Task> alive() throws IOException {
        List<Proc.Task> found = new ArrayList<>();
        for (Proc.Task task : Proc.census()) {
            if (!task.isDead()
                    && Proc.environment(task.pid(), "BELLHOP_RUNDIR")
                            .filter(folder.resolve("run").toString()::equals)
                            .isPresent()) {
                found.add(task);
            }
        }
        return found;
    }

    int descriptors() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return (int) entries.count();
        }
    }

    @Override
    public void close() throws IOException {
        health.end(LAUNCH);
        for (int pid : started) {
            Signals.killGroup(pid, Signals.KILL);
            Wait.reapPid(pid);
        }
        probes.endAll();
        sweeper.look();
        probes.close();
        readiness.close();
        sweeper.close();
        assertThat(loop.nextTimer()).as("no timer is left").isEqualTo(EventLoop.NEVER);
        loop.close();
        for (Proc.Task left : alive()) {
            Signals.kill(left.pid(), Signals.KILL);
        }
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
