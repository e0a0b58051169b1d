package bellhop.manager;

import bellhop.catalog.Catalog;
import bellhop.catalog.Finding;
import bellhop.catalog.Findings;
import bellhop.catalog.ServiceReader;
import bellhop.core.Caller;
import bellhop.core.Input;
import bellhop.core.Owner;
import bellhop.core.Service;
import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import bellhop.engine.Origin;
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
import java.util.HashSet;
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

/**
 * Where triggers and services meet. Any thread may use it. Plugins are loaded, and have threads, once a service names
 * one, or somebody asks for them.
 */
public final class TriggeredServices implements AutoCloseable {

    /** The loop answers at once, unless it has ended. */
    private static final long LOOP_SECONDS = 10;

    /** A template is read for some target or other. */
    private static final String ANY_TARGET = "any";

    private static final Origin REPLACED = new Origin("", "the device was replaced");

    private record Surroundings(Triggers.Setting setting, OfEngine services) {}

    private volatile @Nullable Surroundings surroundings;
    private volatile @Nullable Triggers triggers;
    private boolean ended;

    /** Has plugins loaded from now on, if they are needed; on the engine's thread. */
    void start(Triggers.Setting setting, Engine engine, ServiceRequests requests, Catalog catalog) {
        surroundings = new Surroundings(setting, new OfEngine(engine, requests, catalog, setting.log()));
        if (!OfEngine.heldIn(engine).isEmpty()) {
            var _ = begin(); // an earlier manager had triggers
        }
    }

    /** Loads the plugins and begins to look, on other threads than this; null if that cannot be. */
    private synchronized @Nullable Triggers begin() {
        Surroundings there = surroundings;
        if (triggers == null && !ended && there != null) {
            try {
                triggers = Triggers.start(there.setting, there.services);
            } catch (IOException | LinkageError e) {
                there.setting.log().accept("no triggers, services are started manually only: " + e);
            }
        }
        return triggers;
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
        Triggers now = begin();
        if (now == null) {
            reader.accept(new TriggerReport(List.of(), List.of(), List.of()));
        } else {
            now.report(reader);
        }
    }

    /** Finds what is wrong with what services say to plugins; waits for these. */
    public List<Problem> check(List<TriggerUse> uses) {
        Triggers now = uses.isEmpty() ? null : begin();
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

    /** Service directories may have changed; on the catalog's thread. */
    void reload() {
        Triggers now = triggers;
        Surroundings there = surroundings;
        if (now != null) {
            now.reload();
        } else if (there != null && there.services.isPluginNamed()) {
            var _ = begin();
        }
    }

    /** The manager is about to stop everything and end: nothing more is started. */
    void end() {
        Triggers now = lastly();
        if (now != null) {
            now.end();
        }
    }

    @Override
    public void close() throws IOException {
        Triggers now = lastly();
        if (now != null) {
            now.close();
        }
    }

    private synchronized @Nullable Triggers lastly() {
        ended = true;
        return triggers;
    }

    /** What triggers ask, asked of the engine. */
    private static final class OfEngine implements Services {
        private final Engine engine;
        private final ServiceRequests requests;
        private final Catalog catalog;
        private final Consumer<String> log;
        /** What each template used when its directory could be read. */
        private final Map<String, List<TriggerUse>> lastUses = new HashMap<>();
        /** Those that a device has asked for in vain, because they are masked. */
        private final Set<ServiceName> masked = new HashSet<>();

        OfEngine(Engine engine, ServiceRequests requests, Catalog catalog, Consumer<String> log) {
            this.engine = engine;
            this.requests = requests;
            this.catalog = catalog;
            this.log = log;
        }

        /** Whether any service does, by what the catalog has read; it has only instances of a template. */
        boolean isPluginNamed() {
            return catalog.directories().list().names().stream()
                    .map(name -> catalog.known(name)
                            .filter(known -> !(known instanceof Finding.Template))
                            .orElseGet(() -> anyInstance(name)))
                    .flatMap(known -> known.usable().stream())
                    .anyMatch(known -> !known.triggers().isEmpty());
        }

        private Finding anyInstance(ServiceName name) {
            return catalog.directories().find(new ServiceName(name.template(), Optional.of(ANY_TARGET)));
        }

        @Override
        public List<TriggerUse> uses() {
            List<TriggerUse> uses = new ArrayList<>();
            for (ServiceName name : catalog.directories().list().names()) {
                if (name.target().isPresent()) {
                    continue;
                }
                // What cannot be used is told where it is asked for. What runs is not stopped for an edit half done.
                anyInstance(name).usable().ifPresent(it -> lastUses.put(name.template(), TriggeredServices.uses(it)));
                uses.addAll(lastUses.getOrDefault(name.template(), List.of()));
            }
            return uses;
        }

        @Override
        public Map<String, Set<ServiceName>> held() {
            CompletableFuture<Map<String, Set<ServiceName>>> answer = new CompletableFuture<>();
            engine.execute(() -> answer.complete(heldIn(engine)));
            try {
                return answer.get(LOOP_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                return Map.of();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Map.of();
            }
        }

        /** On the engine's thread. */
        private static Map<String, Set<ServiceName>> heldIn(Engine engine) {
            Map<String, Set<ServiceName>> held = new HashMap<>();
            for (Service service : engine.services().services()) {
                for (Owner owner : engine.services().holders(service.name())) {
                    if (owner instanceof Owner.Device(String plugin, String target)
                            && service.name().target().equals(Optional.of(target))) {
                        held.computeIfAbsent(plugin, name -> new TreeSet<>()).add(service.name());
                    }
                }
            }
            return held;
        }

        @Override
        public void require(ServiceName instance, String plugin, Consumer<Optional<String>> outcome) {
            Owner owner = device(instance, plugin);
            Findings findings = read(instance);
            if (findings.asked().get(instance) instanceof Finding.Usable) {
                masked.remove(instance);
            }
            List<String> whyNot = findings.whyNot();
            if (!whyNot.isEmpty()) {
                Finding finding = findings.asked().get(instance);
                if (!(finding instanceof Finding.Masked mask) || showMasked(mask)) {
                    whyNot.forEach(line -> log.accept("required by " + owner + ": " + line));
                }
                outcome.accept(whyNot.stream().findFirst());
                return;
            }
            engine.execute(() -> requests.ask(
                    Origin.NONE,
                    findings,
                    (id, services) -> new Input.RequireRequest(
                            id, new Caller.Operator(), Optional.of(owner), services.getFirst()),
                    (failures, notes) -> {
                        failures.forEach(line -> log.accept("required by " + owner + ": " + line));
                        outcome.accept(failures.stream().findFirst());
                    }));
        }

        /** Has a masked service shown among the others; returns whether it was not yet, as it is asked for again and again. */
        private boolean showMasked(Finding.Masked mask) {
            if (!masked.add(mask.name())) {
                return false;
            }
            catalog.directories()
                    .find(mask.name())
                    .usable()
                    .ifPresent(definition -> engine.execute(
                            () -> requests.tell(List.of(definition), Map.of(mask.name(), mask.summary()))));
            return true;
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
                            Origin.NONE,
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
                        REPLACED,
                        findings,
                        (id, services) -> new Input.RestartRequest(id, new Caller.Operator(), services)));
            }
        }
    }
}
