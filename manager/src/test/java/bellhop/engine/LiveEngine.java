package bellhop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.DefinitionBuilder;
import bellhop.ServiceWriter;
import bellhop.core.Caller;
import bellhop.core.Exit;
import bellhop.core.Input;
import bellhop.core.Life;
import bellhop.core.Owner;
import bellhop.core.Run;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.InvalidNameException;
import bellhop.definition.KillMode;
import bellhop.definition.Restart;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.definition.Stop;
import bellhop.engine.process.Cgroups;
import bellhop.engine.process.LaunchGuard;
import bellhop.engine.process.ScriptEnvironment;
import bellhop.engine.process.ScriptOutput;
import bellhop.engine.readiness.SelfReport;
import bellhop.engine.record.Records;
import bellhop.linux.Prctl;
import bellhop.linux.Proc;
import bellhop.linux.Secrets;
import bellhop.linux.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** An engine on a thread of its own, with real processes and scripts written by the test. */
public final class LiveEngine implements ServiceWriter<LiveEngine>, ServiceObserver {

    private static final long PATIENCE_SECONDS = 20;

    final Path runDirPath;
    public final List<String> warnings = new ArrayList<>();
    private final Path home;
    private final Records runDir;
    private final Supervisor core;
    private final Engine engine;
    private Thread loop;
    private final Map<ServiceName, Settings> settings = new java.util.HashMap<>();
    private final Map<ServiceName, UnaryOperator<DefinitionBuilder>> more = new java.util.HashMap<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<String> changes = new CopyOnWriteArrayList<>();
    private volatile LaunchGuard guard = LaunchGuard.NONE;

    public record Answer(List<String> failures, List<String> notes) {}

    private record Settings(
            RestartPolicy restart, Duration restartDelay, KillMode killMode, Duration grace, Duration limit) {
        static final Settings DEFAULT = new Settings(
                RestartPolicy.ALWAYS,
                Duration.ofMillis(100),
                KillMode.ALL,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10));
    }

    private volatile Consumer<Service> beforeSaving = service -> {};
    private volatile Consumer<ServiceName> onExit = service -> {};

    private record Waiter(ServiceName service, Predicate<Service> until, CompletableFuture<Service> future) {}

    public LiveEngine(Path home) throws Exception {
        this(home, Cgroups::new);
    }

    public LiveEngine(Path home, Function<Consumer<String>, Cgroups> cgroups) throws Exception {
        this.home = home;
        Prctl.becomeSubreaper();
        this.runDirPath = home.resolve("run");
        this.runDir = Records.take(runDirPath);
        this.core = new Supervisor(System.currentTimeMillis(), Secrets::next);
        this.engine = new Engine(
                core,
                (record, process) -> {
                    beforeSaving.accept(record.service());
                    runDir.save(record, process);
                    saved(record.service());
                },
                this,
                ScriptOutput.INHERITED,
                ScriptEnvironment.ofManager(
                        Proc.ownEnvironment(), Path.of("/nonexistent/bin"), runDirPath, service -> Map.of()),
                runDir::directory,
                (definition, script) -> guard.check(definition, script),
                cgroups.apply(this::warn));
        this.loop = new Thread(engine::run, "engine-under-test");
        loop.start();
        engine.execute(engine::reapOrphans); // those of earlier tests in this process
    }

    /** A script of {@code sh}, in the service's directory. */
    public LiveEngine script(String service, Script script, String... lines) {
        return script(service, script.fileName(), lines);
    }

    @Override
    public LiveEngine write(String path, boolean isExecutable, String content) {
        ServiceWriter.write(home.resolve("services").resolve(path), isExecutable, content);
        return this;
    }

    public LiveEngine restart(String service, RestartPolicy policy) {
        return set(service, old -> new Settings(policy, old.restartDelay, old.killMode, old.grace, old.limit));
    }

    LiveEngine restartDelay(String service, Duration delay) {
        return set(service, old -> new Settings(old.restart, delay, old.killMode, old.grace, old.limit));
    }

    LiveEngine killMode(String service, KillMode killMode) {
        return set(service, old -> new Settings(old.restart, old.restartDelay, killMode, old.grace, old.limit));
    }

    public LiveEngine grace(String service, Duration grace) {
        return set(service, old -> new Settings(old.restart, old.restartDelay, old.killMode, grace, old.limit));
    }

    LiveEngine limit(String service, Duration limit) {
        return set(service, old -> new Settings(old.restart, old.restartDelay, old.killMode, old.grace, limit));
    }

    /** Says more of a service than its scripts. */
    public LiveEngine define(String service, UnaryOperator<DefinitionBuilder> settings) {
        more.put(name(service), settings);
        return this;
    }

    private LiveEngine set(String service, UnaryOperator<Settings> change) {
        settings.put(name(service), change.apply(settings.getOrDefault(name(service), Settings.DEFAULT)));
        return this;
    }

    /** Is told of each record that is about to be written, from now on. */
    void beforeSaving(Consumer<Service> action) {
        beforeSaving = action;
    }

    /** Is told of each process of a script that has ended, from now on. */
    void onExit(Consumer<ServiceName> action) {
        onExit = action;
    }

    Runnable watch(int fd, int events, IntConsumer handler) throws IOException {
        return engine.watch(fd, events, handler);
    }

    List<String> warnings() {
        synchronized (warnings) {
            return List.copyOf(warnings);
        }
    }

    @Override
    public void exited(ServiceName service, Run run, Exit exit) {
        onExit.accept(service);
        heard.add(service + " exited in " + run.script().fileName() + ": " + exit.phrase());
    }

    @Override
    public void failed(ServiceName service, String why) {
        heard.add(service + " failed: " + why);
    }

    @Override
    public void stopping(Collection<ServiceName> services) {
        services.forEach(name -> heard.add(
                "stop of " + name + ", " + core.service(name).orElseThrow().word()));
    }

    @Override
    public void stoppingEverything(Origin origin) {
        heard.add("stop of all");
    }

    @Override
    public void noted(ServiceChange change) {
        Service service = change.service();
        changes.add(service.name() + " " + service.word().text() + ": " + change.cause()
                + (change.origin().who().isEmpty() ? "" : " (" + change.origin().who() + ")"));
    }

    /** What has changed, and why. */
    List<String> changes() {
        return List.copyOf(changes);
    }

    /** What the observer heard before the core was told. */
    List<String> heard() {
        return List.copyOf(heard);
    }

    /** Has the last word before each script from now on. */
    void guard(LaunchGuard newGuard) {
        guard = newGuard;
    }

    /** Has the loop do this in one go, with nothing between. */
    <T> T inOneRound(Callable<T> action) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        engine.execute(() -> {
            try {
                done.complete(action.call());
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        return done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** From now on the loop is asked for something again and again, as soon as it is done. */
    void keepBusy() {
        engine.execute(this::keepBusy);
    }

    /** Ends the loop with a start waiting behind the end, and lets it run anew once it has ended. */
    CompletableFuture<Answer> startBehindTheEnd(String service) throws Exception {
        CompletableFuture<CompletableFuture<Answer>> start = new CompletableFuture<>();
        engine.execute(() -> {
            start.complete(start(service));
            engine.stop();
        });
        loop.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(core.services()).isEmpty();
        loop = new Thread(engine::run, "engine-under-test");
        loop.start();
        return start.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Asks for services on which the core fails. */
    CompletableFuture<Answer> startNonsense() {
        return ask(request -> new Input.StartRequest(request, new Caller.Operator(), new AbstractList<>() {
            @Override
            public Definition get(int index) {
                throw new IllegalStateException("nonsense");
            }

            @Override
            public int size() {
                return 1;
            }
        }));
    }

    public Path directory(String service) {
        return home.resolve("services").resolve(service);
    }

    public CompletableFuture<Answer> start(String... services) {
        return ask(request -> new Input.StartRequest(request, new Caller.Operator(), definitions(services)));
    }

    /** Has the core know services that others require. */
    void read(String... services) throws Exception {
        inOneRound(() -> {
            engine.request(Origin.NONE, request -> new Input.Read(definitions(services), Map.of()));
            return true;
        });
    }

    public CompletableFuture<Answer> stop(String... services) {
        return ask(request -> new Input.StopRequest(request, new Caller.Operator(), names(services)));
    }

    public CompletableFuture<Answer> restart(String service) {
        return ask(request -> new Input.RestartRequest(request, new Caller.Operator(), definitions(service)));
    }

    CompletableFuture<Answer> stopAll() {
        return ask(request -> new Input.StopAllRequest(request, new Caller.Operator()));
    }

    /** By a script of a service, which would wait for its own end. */
    CompletableFuture<Answer> stopAllFrom(String service) {
        return ask(request -> {
            long incarnation = core.service(name(service))
                    .flatMap(Service::life)
                    .map(Life::incarnation)
                    .orElseThrow();
            return new Input.StopAllRequest(request, new Caller.ScriptCaller(name(service), incarnation));
        });
    }

    CompletableFuture<Answer> require(String owner, String service) {
        return ask(request -> new Input.RequireRequest(
                request,
                new Caller.Operator(),
                Optional.of(new Owner.Label(owner)),
                definitions(service).getFirst()));
    }

    CompletableFuture<Answer> release(String owner, String service) {
        return ask(request -> new Input.ReleaseRequest(
                request, new Caller.Operator(), Optional.of(new Owner.Label(owner)), name(service)));
    }

    private CompletableFuture<Answer> ask(LongFunction<Input> input) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        engine.execute(() -> engine.request(
                new Origin("the test", ""), input, (failures, notes) -> answer.complete(new Answer(failures, notes))));
        return answer;
    }

    public static Answer answer(CompletableFuture<Answer> future) throws Exception {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    public static void succeeds(CompletableFuture<Answer> future) throws Exception {
        assertThat(answer(future).failures()).isEmpty();
    }

    /** Waits until a service is as told. */
    public Service await(String service, Predicate<Service> until) throws Exception {
        CompletableFuture<Service> future = new CompletableFuture<>();
        engine.execute(() -> {
            Optional<Service> now = core.service(name(service)).filter(until);
            now.ifPresentOrElse(future::complete, () -> waiters.add(new Waiter(name(service), until, future)));
        });
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    public Service await(String service, Word word) throws Exception {
        return await(service, s -> s.word() == word);
    }

    public Service service(String service) throws Exception {
        return await(service, s -> true);
    }

    /** What a service says of itself. */
    SelfReport report(String service) throws Exception {
        return inOneRound(() -> engine.report(name(service)));
    }

    public int pid(String service) throws Exception {
        return await(service, s -> s.run().filter(r -> r.pid() != 0).isPresent())
                .run()
                .orElseThrow()
                .pid();
    }

    public static boolean isAlive(int pid) throws IOException {
        return Proc.task(pid).filter(task -> !task.isDead()).isPresent();
    }

    @Override
    public void changed(Service service) {
        // The waiters look at every change of state, not only at those that users are told of.
    }

    @Override
    public void warn(String line) {
        synchronized (warnings) {
            warnings.add(line);
            System.err.println(line);
        }
    }

    void saved(Service service) {
        waiters.removeIf(waiter -> waiter.service().equals(service.name())
                && waiter.until().test(service)
                && waiter.future().complete(service));
    }

    private List<Definition> definitions(String... services) {
        return List.of(services).stream().map(this::definition).toList();
    }

    private Definition definition(String service) {
        Settings s = settings.getOrDefault(name(service), Settings.DEFAULT);
        Map<Script, List<String>> commands = new EnumMap<>(Script.class);
        for (Script script : Script.values()) {
            Path file = directory(service).resolve(script.fileName());
            if (Files.exists(file)) {
                commands.put(script, List.of(file.toString(), name(service).argument()));
            }
        }
        Duration longest =
                s.restartDelay().compareTo(Duration.ofSeconds(10)) > 0 ? s.restartDelay() : Duration.ofSeconds(10);
        DefinitionBuilder builder = DefinitionBuilder.of(name(service), directory(service), commands)
                .restart(new Restart(s.restart(), s.restartDelay(), longest, Optional.empty()))
                .stop(new Stop(Signals.TERM, s.grace(), s.killMode()))
                .timeout(Script.PRE, s.limit())
                .timeout(Script.POST, s.limit());
        return more.getOrDefault(name(service), UnaryOperator.identity())
                .apply(builder)
                .build();
    }

    private static List<ServiceName> names(String... services) {
        return List.of(services).stream().map(LiveEngine::name).toList();
    }

    public static ServiceName name(String text) {
        try {
            return ServiceName.parse(text);
        } catch (InvalidNameException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Stops everything, so that no process of a test outlives it. */
    public void close() throws Exception {
        answer(stopAll());
        engine.execute(engine::stop);
        loop.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(loop.isAlive()).isFalse();
        engine.close();
        runDir.close();
        Prctl.ceaseToBeSubreaper(); // tests that come later in this process leave orphans that it would not reap
    }
}
