package bellhop.engine;

import static org.assertj.core.api.Assertions.assertThat;

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
import bellhop.linux.Prctl;
import bellhop.linux.Proc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/** An engine on a thread of its own, with real processes and scripts written by the test. */
final class LiveEngine implements Listener {

    private static final long PATIENCE_SECONDS = 20;

    final Path runDirPath;
    final List<String> warnings = new ArrayList<>();
    private final Path home;
    private final Records runDir;
    private final Supervisor core;
    private final Engine engine;
    private final Thread loop;
    private final Map<ServiceName, Settings> settings = new java.util.HashMap<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private Store store;

    record Answer(List<String> failures, List<String> notes) {}

    private record Settings(RestartPolicy restart, KillMode killMode, Duration grace, Duration limit) {
        static final Settings DEFAULT =
                new Settings(RestartPolicy.ALWAYS, KillMode.ALL, Duration.ofSeconds(10), Duration.ofSeconds(10));
    }

    private record Waiter(ServiceName service, Predicate<Service> until, CompletableFuture<Service> future) {}

    LiveEngine(Path home) throws Exception {
        this(home, Function.identity());
    }

    /** With a store in front of the run dir's, which may refuse. */
    LiveEngine(Path home, Function<Store, Store> storeInFront) throws Exception {
        this.home = home;
        Prctl.becomeSubreaper();
        this.runDirPath = home.resolve("run");
        this.runDir = Records.take(runDirPath);
        this.store = storeInFront.apply(runDir);
        this.core = new Supervisor(System.currentTimeMillis());
        this.engine = new Engine(
                core,
                (service, holders, process) -> {
                    store.save(service, holders, process);
                    saved(service);
                },
                this,
                Outlet.INHERITED,
                ScriptEnvironment.ofManager(Proc.ownEnvironment(), Path.of("/nonexistent/bin"), runDirPath),
                LaunchGuard.NONE);
        this.loop = new Thread(engine::run, "engine-under-test");
        loop.start();
    }

    /** A script of {@code sh}, in the service's directory. */
    LiveEngine script(String service, Script script, String... lines) {
        return file(service, script.fileName(), "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    }

    LiveEngine file(String service, String file, String text) {
        try {
            Path directory = Files.createDirectories(home.resolve("services").resolve(service));
            Path path = Files.writeString(directory.resolve(file), text);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LiveEngine restart(String service, RestartPolicy policy) {
        Settings old = settings.getOrDefault(name(service), Settings.DEFAULT);
        settings.put(name(service), new Settings(policy, old.killMode(), old.grace(), old.limit()));
        return this;
    }

    LiveEngine killMode(String service, KillMode killMode) {
        Settings old = settings.getOrDefault(name(service), Settings.DEFAULT);
        settings.put(name(service), new Settings(old.restart(), killMode, old.grace(), old.limit()));
        return this;
    }

    LiveEngine grace(String service, Duration grace) {
        Settings old = settings.getOrDefault(name(service), Settings.DEFAULT);
        settings.put(name(service), new Settings(old.restart(), old.killMode(), grace, old.limit()));
        return this;
    }

    LiveEngine limit(String service, Duration limit) {
        Settings old = settings.getOrDefault(name(service), Settings.DEFAULT);
        settings.put(name(service), new Settings(old.restart(), old.killMode(), old.grace(), limit));
        return this;
    }

    Path directory(String service) {
        return home.resolve("services").resolve(service);
    }

    CompletableFuture<Answer> start(String... services) {
        return ask(request -> new Input.Start(request, new Caller.Operator(), definitions(services)));
    }

    CompletableFuture<Answer> stop(String... services) {
        return ask(request -> new Input.Stop(request, new Caller.Operator(), names(services)));
    }

    CompletableFuture<Answer> restart(String service) {
        return ask(request -> new Input.Restart(request, new Caller.Operator(), definitions(service)));
    }

    CompletableFuture<Answer> stopAll() {
        return ask(request -> new Input.StopAll(request, new Caller.Operator()));
    }

    CompletableFuture<Answer> require(String owner, String service) {
        return ask(request -> new Input.Require(
                request,
                new Caller.Operator(),
                Optional.of(owner),
                definitions(service).getFirst()));
    }

    CompletableFuture<Answer> release(String owner, String service) {
        return ask(request -> new Input.Release(request, new Caller.Operator(), Optional.of(owner), name(service)));
    }

    private CompletableFuture<Answer> ask(LongFunction<Input> input) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        engine.execute(() -> engine.request(input, (failures, notes) -> answer.complete(new Answer(failures, notes))));
        return answer;
    }

    static Answer answer(CompletableFuture<Answer> future) throws Exception {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    static void succeeds(CompletableFuture<Answer> future) throws Exception {
        assertThat(answer(future).failures()).isEmpty();
    }

    /** Waits until a service is as told. */
    Service await(String service, Predicate<Service> until) throws Exception {
        CompletableFuture<Service> future = new CompletableFuture<>();
        engine.execute(() -> {
            Optional<Service> now = core.service(name(service)).filter(until);
            now.ifPresentOrElse(future::complete, () -> waiters.add(new Waiter(name(service), until, future)));
        });
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    Service await(String service, Word word) throws Exception {
        return await(service, s -> s.word() == word);
    }

    Service service(String service) throws Exception {
        return await(service, s -> true);
    }

    int pid(String service) throws Exception {
        return await(service, s -> s.run().filter(r -> r.pid() != 0).isPresent())
                .run()
                .orElseThrow()
                .pid();
    }

    static boolean isAlive(int pid) throws IOException {
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
        return new Definition(
                name(service),
                directory(service),
                commands,
                s.restart(),
                Duration.ofMillis(100),
                Duration.ofSeconds(10),
                false,
                s.killMode(),
                s.grace(),
                Map.of(Script.PRE, s.limit(), Script.POST, s.limit()),
                false);
    }

    private static List<ServiceName> names(String... services) {
        return List.of(services).stream().map(LiveEngine::name).toList();
    }

    static ServiceName name(String text) {
        try {
            return ServiceName.parse(text);
        } catch (InvalidNameException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Stops everything, so that no process of a test outlives it. */
    void close() throws Exception {
        answer(stopAll());
        engine.execute(engine::stop);
        loop.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(loop.isAlive()).isFalse();
        engine.close();
        runDir.close();
    }
}
