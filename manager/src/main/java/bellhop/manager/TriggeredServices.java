package bellhop.manager;

import bellhop.catalog.Catalog;
import bellhop.catalog.Findings;
import bellhop.catalog.ServiceReader;
import bellhop.core.Caller;
import bellhop.core.Input;
import bellhop.core.Owner;
import bellhop.core.Service;
import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import bellhop.trigger.Services;
import bellhop.trigger.TriggerReport;
import bellhop.trigger.TriggerUse;
import bellhop.trigger.Triggers;
import bellhop.yaml.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where triggers and services meet. Any thread may use it; before {@link #start} there are no triggers. */
public final class TriggeredServices implements AutoCloseable {

    /** The loop answers at once, unless it has ended. */
    private static final long LOOP_SECONDS = 10;

    /** A template is read for some target or other. */
    private static final String ANY_TARGET = "any";

    private volatile @Nullable Triggers triggers;

    /** Loads the plugins and begins to look; on other threads than this. */
    void start(Triggers.Setting setting, Engine engine, ServiceRequests requests, Catalog catalog) {
        try {
            triggers = Triggers.start(setting, new OfEngine(engine, requests, catalog, setting.log()));
        } catch (IOException | LinkageError e) {
            setting.log().accept("no triggers, services are started manually only: " + e);
        }
    }

    /** What a service's device says of itself. */
    Map<String, String> facts(ServiceName service) {
        Triggers now = triggers;
        return now == null ? Map.of() : now.facts(service);
    }

    /** What keeps plugins of a service from being heard, a line each. */
    public List<String> troubles(ServiceName service) {
        Triggers now = triggers;
        return now == null ? List.of() : now.troubles(service.template());
    }

    /** Gets what there is to tell. */
    public void report(Consumer<TriggerReport> reader) {
        Triggers now = triggers;
        if (now == null) {
            reader.accept(new TriggerReport(List.of(), List.of(), List.of()));
        } else {
            now.report(reader);
        }
    }

    /** Finds what is wrong with what services say to plugins; waits for these. */
    public List<Problem> check(List<TriggerUse> uses) {
        Triggers now = triggers;
        return now == null ? List.of() : now.check(uses);
    }

    /** What a service wants of plugins. */
    public static List<TriggerUse> uses(Definition definition) {
        Path file = definition.directory().resolve("service.yaml");
        List<TriggerUse> uses = new ArrayList<>();
        definition
                .triggers()
                .forEach((plugin, settings) ->
                        uses.add(new TriggerUse(definition.name().template(), plugin, file, settings)));
        return uses;
    }

    /** Somebody asks for these to be stopped. */
    void stopped(Collection<ServiceName> services) {
        Triggers now = triggers;
        if (now != null) {
            now.stopped(services);
        }
    }

    /** Somebody asks for everything to be stopped. */
    void stoppedAll() {
        Triggers now = triggers;
        if (now != null) {
            now.stoppedAll();
        }
    }

    /** Service directories may have changed. */
    void reload() {
        Triggers now = triggers;
        if (now != null) {
            now.reload();
        }
    }

    /** The manager is about to stop everything and end: nothing more is started. */
    void end() {
        Triggers now = triggers;
        if (now != null) {
            now.end();
        }
    }

    @Override
    public void close() throws IOException {
        Triggers now = triggers;
        if (now != null) {
            now.close();
        }
    }

    /** What triggers ask, asked of the engine. */
    private static final class OfEngine implements Services {
        private final Engine engine;
        private final ServiceRequests requests;
        private final Catalog catalog;
        private final Consumer<String> log;
        /** What each template used when its directory could be read. */
        private final Map<String, List<TriggerUse>> lastUses = new HashMap<>();

        OfEngine(Engine engine, ServiceRequests requests, Catalog catalog, Consumer<String> log) {
            this.engine = engine;
            this.requests = requests;
            this.catalog = catalog;
            this.log = log;
        }

        @Override
        public List<TriggerUse> uses() {
            List<TriggerUse> uses = new ArrayList<>();
            for (ServiceName name : catalog.directories().list().names()) {
                if (name.target().isPresent()) {
                    continue;
                }
                // What cannot be used is told where it is asked for. What runs is not stopped for an edit half done.
                catalog.directories()
                        .find(new ServiceName(name.template(), Optional.of(ANY_TARGET)))
                        .usable()
                        .ifPresent(it -> lastUses.put(name.template(), TriggeredServices.uses(it)));
                uses.addAll(lastUses.getOrDefault(name.template(), List.of()));
            }
            return uses;
        }

        @Override
        public Map<String, Set<ServiceName>> held() {
            CompletableFuture<Map<String, Set<ServiceName>>> answer = new CompletableFuture<>();
            engine.execute(() -> {
                Map<String, Set<ServiceName>> held = new HashMap<>();
                for (Service service : engine.services().services()) {
                    for (Owner owner : engine.services().holders(service.name())) {
                        if (owner instanceof Owner.Device(String plugin, String target)
                                && service.name().target().equals(Optional.of(target))) {
                            held.computeIfAbsent(plugin, name -> new TreeSet<>())
                                    .add(service.name());
                        }
                    }
                }
                answer.complete(held);
            });
            try {
                return answer.get(LOOP_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                return Map.of();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Map.of();
            }
        }

        @Override
        public void require(ServiceName instance, String plugin, Consumer<Optional<String>> outcome) {
            Owner owner = device(instance, plugin);
            Findings findings = read(instance);
            List<String> whyNot = findings.whyNot();
            if (!whyNot.isEmpty()) {
                whyNot.forEach(line -> log.accept("required by " + owner + ": " + line));
                outcome.accept(whyNot.stream().findFirst());
                return;
            }
            engine.execute(() -> requests.ask(
                    findings,
                    (id, services) -> new Input.RequireRequest(
                            id, new Caller.Operator(), Optional.of(owner), services.getFirst()),
                    (failures, notes) -> {
                        failures.forEach(line -> log.accept("required by " + owner + ": " + line));
                        outcome.accept(failures.stream().findFirst());
                    }));
        }

        /** Reads it now, and from now on. */
        private Findings read(ServiceName service) {
            Findings findings = new ServiceReader(catalog.directories()).read(List.of(service));
            catalog.follow(findings);
            return findings;
        }

        @Override
        public void release(ServiceName instance, String plugin) {
            Owner owner = device(instance, plugin);
            engine.execute(() -> {
                if (engine.services().service(instance).isPresent()) {
                    engine.request(
                            id -> new Input.ReleaseRequest(id, new Caller.Operator(), Optional.of(owner), instance));
                }
            });
        }

        private static Owner device(ServiceName instance, String plugin) {
            return new Owner.Device(plugin, instance.target().orElseThrow());
        }

        @Override
        public void restart(ServiceName service) {
            Findings findings = read(service);
            findings.whyNot().forEach(line -> log.accept("a device was replaced: " + line));
            if (findings.whyNot().isEmpty()) {
                engine.execute(() -> requests.ask(
                        findings, (id, services) -> new Input.RestartRequest(id, new Caller.Operator(), services)));
            }
        }
    }
}
