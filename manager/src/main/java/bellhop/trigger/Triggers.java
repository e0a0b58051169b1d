package bellhop.trigger;

import bellhop.catalog.TrustCheck;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.linux.Epoll;
import bellhop.linux.Netlink;
import bellhop.linux.PosixException;
import bellhop.loop.EventLoop;
import bellhop.spi.Host;
import bellhop.spi.SettingsException;
import bellhop.spi.Trigger;
import bellhop.yaml.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The host of plugins. One thread, {@code bellhop-triggers}, decides when which plugin is asked, receives the kernel's
 * events, and turns answers into holds; each plugin that is used has a thread of its own, on which its code runs. What a
 * plugin does, or fails to do, thus stops nothing else.
 *
 * <p>Everything here is confined to that one thread, unless a method says otherwise.
 */
public final class Triggers implements AutoCloseable {
    private static final int LONGEST_LINE = 1000;

    /** How long a call may take before it is interrupted and shown, by default. */
    public static final Duration CALL_LIMIT = Duration.ofSeconds(10);

    /** How long the manager waits for plugins when it ends. */
    private static final long END_LIMIT_MILLIS = 1000;

    /**
     * The surroundings of triggers.
     *
     * @param directories where plugins are; one that is missing has none
     * @param sysfs the root of sysfs
     * @param callLimit how long a call may take before it is interrupted and shown
     * @param hearsKernel whether the kernel's events are listened to, as they are about this sysfs; else there is
     *     polling alone
     * @param opened why a jar is not to be used that has just been opened, if so; from any thread
     * @param log takes a line for an administrator; from any thread
     */
    public record Setting(
            List<Path> directories,
            Path sysfs,
            TrustCheck trust,
            Duration callLimit,
            boolean hearsKernel,
            Function<Path, Optional<String>> opened,
            Consumer<String> log) {}

    /** Why a plugin has no current answer, and since which moment of {@link System#nanoTime}, if that matters. */
    private record Trouble(String what, Optional<Long> since) {}

    private final Setting setting;
    private final Services services;
    private final List<Plugin> jars = new ArrayList<>();
    private final SortedMap<String, Plugin> plugins = new TreeMap<>();
    private final List<WatchedUse> watches = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();
    private Map<String, Set<ServiceName>> inherited = Map.of();

    private final EventLoop loop;
    private final Optional<Netlink> netlink;
    private final boolean hasAllEvents = Netlink.hasAllEvents();
    private final Map<ServiceName, Map<String, String>> facts = new ConcurrentHashMap<>();
    private volatile Map<String, List<Trouble>> troubles = Map.of();
    private final Thread thread;
    private boolean running = true;

    private Triggers(Setting setting, Services services) throws IOException {
        this.setting = setting;
        this.services = services;
        this.loop = new EventLoop(
                (what, why) -> setting.log().accept("internal error of triggers: " + Throwables.of(why)), this::putOff);
        this.netlink = setting.hearsKernel() ? netlink() : Optional.empty();
        if (netlink.isPresent()) {
            var _ = loop.watch(netlink.get().fd(), Epoll.IN, events -> hear(netlink.get()));
        }
        this.thread = Thread.ofPlatform().daemon().name("bellhop-triggers").unstarted(this::run);
    }

    /**
     * Loads the plugins and begins to look, on a thread of its own.
     *
     * @throws IOException if the kernel refuses what that thread waits with
     */
    public static Triggers start(Setting setting, Services services) throws IOException {
        Triggers triggers = new Triggers(setting, services);
        triggers.thread.start();
        return triggers;
    }

    private Optional<Netlink> netlink() {
        try {
            return Optional.of(Netlink.open());
        } catch (PosixException e) {
            setting.log().accept("kernel events are not available, polling devices: " + e.getMessage());
            return Optional.empty();
        }
    }

    // For any thread.

    /** The facts about a service's device, for the environment of its scripts; empty if it has none. */
    public Map<String, String> facts(ServiceName service) {
        return facts.getOrDefault(service, Map.of());
    }

    /** Why plugins of a template have no current answer, and since when; their last answer stands. */
    public List<String> troubles(String template) {
        long now = System.nanoTime();
        return troubles.getOrDefault(template, List.of()).stream()
                .map(trouble -> trouble.what
                        + trouble.since
                                .map(since -> ", for " + seconds(since, now))
                                .orElse(""))
                .toList();
    }

    /** Service directories may have changed. */
    public void reload() {
        execute(this::readUses);
    }

    /** These were stopped manually: they are left alone until their devices go and come again. */
    public void stopped(Collection<ServiceName> names) {
        execute(() -> {
            for (ServiceName name : names) {
                watches.stream()
                        .filter(watch -> watch.use.service().equals(name.template()))
                        .forEach(watch -> name.target().ifPresent(watch.levels::stopped));
            }
        });
    }

    /** Everything was stopped manually. */
    public void stoppedAll() {
        execute(() -> watches.forEach(watch -> watch.levels.stoppedAll()));
    }

    /** Gets a report of what there is; on the thread of triggers, which it may not block. */
    public void report(Consumer<TriggerReport> reader) {
        execute(() -> reader.accept(report()));
    }

    /** Finds what is wrong with uses; waits for the plugins, and so is not for their thread, nor for one that is not to wait. */
    public List<Problem> check(List<TriggerUse> uses) {
        CompletableFuture<Map<String, Plugin>> loaded = new CompletableFuture<>();
        execute(() -> loaded.complete(Map.copyOf(plugins)));
        try {
            return new PluginCheck(
                            loaded.get(setting.callLimit().toMillis(), TimeUnit.MILLISECONDS), setting.callLimit())
                    .check(uses);
        } catch (ExecutionException | TimeoutException e) {
            return List.of(Problem.of("triggers were not checked: the manager was busy for too long"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private void execute(Runnable task) {
        loop.execute(() -> {
            if (running) {
                task.run();
            }
        });
    }

    /** Asks nothing more of the services, from now on or soon; does not wait for that. */
    public void end() {
        execute(() -> running = false);
    }

    /** Looks no more, and gives plugins a moment to close what they have. Holds stay as they are. */
    @Override
    public void close() throws IOException {
        end();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        loop.close();
        if (netlink.isPresent()) {
            netlink.get().close();
        }
    }

    // The thread.

    private void run() {
        loop.guarded("what is inherited", () -> inherited = services.held());
        loop.guarded("loading", this::load);
        loop.guarded("the uses", this::readUses);
        while (running) {
            try {
                loop.await(deadline(), nextLook());
            } catch (PosixException e) {
                setting.log().accept("triggers cannot wait: " + e.getMessage());
                return;
            }
            loop.work();
            loop.guarded("a turn", this::turn);
            troubles = troublesNow();
        }
        watches.forEach(this::close);
        List<PluginThread> ending =
                jars.stream().flatMap(plugin -> plugin.end().stream()).toList();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(END_LIMIT_MILLIS);
        ending.forEach(it -> it.awaitEnd(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()))));
    }

    /** A plugin's call may have stood still, too, and the last look is from before. */
    private void putOff(long nanos) {
        plugins.values().forEach(plugin -> plugin.callingSince += nanos);
        watches.forEach(watch -> watch.levels.stoodStill(nanos));
    }

    private void close(WatchedUse watch) {
        Plugin plugin = plugins.get(watch.use.plugin());
        if (watch.trigger != null && plugin != null) {
            close(plugin, watch.trigger);
        }
    }

    private static void close(Plugin plugin, Trigger trigger) {
        plugin.call(
                _ -> {
                    trigger.close();
                    return true;
                },
                outcome -> {});
    }

    /** The next look counts by the clock: it may as well be late. */
    private long nextLook() {
        long next = EventLoop.NEVER;
        for (WatchedUse watch : watches) {
            Plugin plugin = plugins.get(watch.use.plugin());
            if (plugin != null && plugin.calling == null && !watch.isUseless) {
                next = Math.min(next, watch.due);
            }
        }
        return next;
    }

    private long deadline() {
        long next = Levels.NEVER;
        for (WatchedUse watch : watches) {
            next = Math.min(next, watch.levels.nextDeadline());
        }
        for (Plugin plugin : plugins.values()) {
            if (plugin.calling != null && !plugin.isLate) {
                next = Math.min(next, plugin.callingSince + setting.callLimit().toNanos());
            }
        }
        return next;
    }

    /** The kernel's event only decides which plugins to ask: they look for themselves. */
    private void hear(Netlink socket) {
        Set<String> subsystems = new HashSet<>();
        boolean all = false;
        try {
            for (var next = socket.receive(); next.isPresent(); next = socket.receive()) {
                switch (next.get()) {
                    case Netlink.Received.Uevent event -> subsystems.add(event.subsystem());
                    case Netlink.Received.Overrun o -> all = true;
                }
            }
        } catch (PosixException e) {
            setting.log().accept("cannot read a kernel event, looking at all devices: " + e.getMessage());
            all = true;
        }
        long now = System.nanoTime();
        for (WatchedUse watch : watches) {
            boolean concerns = all || watch.subsystems.stream().anyMatch(subsystems::contains);
            if (concerns) {
                watch.heard(now);
            }
        }
    }

    private void turn() {
        long now = System.nanoTime();
        for (Plugin plugin : plugins.values()) {
            if (plugin.calling != null
                    && !plugin.isLate
                    && now - plugin.callingSince >= setting.callLimit().toNanos()) {
                late(plugin, now);
            }
        }
        for (WatchedUse watch : watches) {
            act(watch, watch.levels.pass(now));
        }
        for (Plugin plugin : plugins.values()) {
            if (plugin.calling == null) {
                watches.stream()
                        .filter(watch -> plugins.get(watch.use.plugin()) == plugin && !watch.isUseless)
                        .filter(watch -> watch.due <= now)
                        .min((a, b) -> Long.compare(a.due, b.due))
                        .ifPresent(watch -> look(plugin, watch, now));
            }
        }
    }

    private void late(Plugin plugin, long now) {
        plugin.isLate = true;
        for (WatchedUse watch : watches) {
            if (plugins.get(watch.use.plugin()) == plugin) {
                long due = watch.due;
                String why = watch == plugin.calling
                        ? "has not answered for " + setting.callLimit().toMillis() + " ms"
                        : "waits, because the plugin has not answered for "
                                + setting.callLimit().toMillis() + " ms";
                if (watch.failed(why, now)) {
                    complain(watch);
                }
                watch.due = due;
            }
        }
        plugin.interrupt();
    }

    private void load() {
        jars.addAll(Plugin.load(setting));
        jars.stream().filter(jar -> jar.leftOut.isEmpty()).forEach(jar -> plugins.put(jar.name, jar));
    }

    // The uses.

    private void readUses() {
        List<TriggerUse> uses = services.uses();
        List<WatchedUse> gone = new ArrayList<>(watches);
        gone.removeIf(watch -> uses.contains(watch.use));
        gone.forEach(this::stopWatching);
        Set<TriggerUse> known = new HashSet<>();
        watches.forEach(watch -> known.add(watch.use));
        unknown.clear();
        for (TriggerUse use : uses) {
            if (!plugins.containsKey(use.plugin())) {
                String problem = PluginCheck.missing(use, plugins.keySet()).toString();
                unknown.add(problem);
                setting.log().accept(problem);
            } else if (known.add(use)) {
                watch(use);
            }
        }
        releaseInherited(uses);
    }

    /** Holds of an earlier manager for a trigger that is no longer there. */
    private void releaseInherited(List<TriggerUse> uses) {
        inherited.forEach((plugin, held) -> {
            for (ServiceName service : held) {
                boolean isUsed = uses.stream()
                        .anyMatch(use ->
                                use.plugin().equals(plugin) && use.service().equals(service.template()));
                if (plugins.containsKey(plugin) && !isUsed) {
                    services.release(service, plugin);
                }
            }
        });
        inherited = Map.of();
    }

    private void watch(TriggerUse use) {
        long now = System.nanoTime();
        Set<String> held = new TreeSet<>();
        for (ServiceName service : inherited.getOrDefault(use.plugin(), Set.of())) {
            if (service.template().equals(use.service())) {
                service.target().ifPresent(held::add);
            }
        }
        try {
            PluginSettings settings = new PluginSettings(use);
            Levels levels = new Levels(settings.settle(), held);
            watches.add(new WatchedUse(use, settings, settings.ofPlugin(), settings.interval(), levels, now));
        } catch (SettingsException e) {
            String problem = PluginSettings.problem(use, e).toString();
            unknown.add(problem);
            setting.log().accept(problem);
        }
    }

    private void stopWatching(WatchedUse watch) {
        watches.remove(watch);
        act(watch, watch.levels.releaseAll());
        close(watch);
    }

    // Calls of plugins.

    private record LookResult(Trigger trigger, PresentTargets answer) {}

    /** Asks which targets are present; at first, or if opening has failed so far, opens the trigger as well. */
    private void look(Plugin plugin, WatchedUse watch, long now) {
        Trigger known = watch.trigger;
        AtomicReference<@Nullable Trigger> opened = new AtomicReference<>(known);
        plugin.call(
                maker -> {
                    Trigger trigger = known;
                    if (trigger == null) {
                        trigger = maker.open(watch.forPlugin, new HostOf(watch));
                        if (trigger == null) {
                            throw new FaultyAnswerException("open() returned null; expected a trigger");
                        }
                        opened.set(trigger);
                    }
                    return new LookResult(trigger, PresentTargets.of(trigger.present()));
                },
                outcome -> execute(() -> looked(plugin, watch, opened.get(), outcome)));
        // Only now: the kernel may have refused the thread for the call, which is then tried again.
        plugin.calling = watch;
        plugin.callingSince = now;
        plugin.isLate = false;
    }

    private void looked(
            Plugin plugin, WatchedUse watch, @Nullable Trigger opened, PluginThread.CallResult<LookResult> outcome) {
        plugin.calling = null;
        boolean isNew = watch.trigger == null && opened != null;
        watch.trigger = opened;
        if (!watches.contains(watch)) {
            if (isNew && opened != null) {
                close(plugin, opened);
            }
            return;
        }
        if (isNew) {
            List<String> problems =
                    watch.settings.unknown().stream().map(Problem::toString).toList();
            problems.forEach(setting.log());
            unknown.addAll(problems);
            watch.isUseless = !problems.isEmpty();
        }
        long now = System.nanoTime();
        LookResult looked = outcome.value();
        Throwable thrown = outcome.thrown();
        if (watch.isUseless) {
            watch.fault = "its settings are wrong";
        } else if (looked != null) {
            if (watch.succeeded(now)) {
                setting.log().accept(nameOf(watch) + ": answers again");
            }
            take(watch, looked.answer(), now);
        } else if (thrown instanceof SettingsException e && opened == null) {
            watch.isUseless = true;
            watch.fault = "its settings are wrong";
            String problem = PluginSettings.problem(watch.use, e).toString();
            unknown.add(problem);
            setting.log().accept(problem);
        } else if (thrown != null
                && watch.failed(
                        thrown instanceof FaultyAnswerException
                                ? String.valueOf(thrown.getMessage())
                                : Throwables.of(thrown),
                        now)) {
            complain(watch);
        }
    }

    private void complain(WatchedUse watch) {
        setting.log().accept(nameOf(watch) + ": " + watch.fault + "; its last answer stands");
    }

    private static String nameOf(WatchedUse watch) {
        return "trigger " + watch.use.plugin() + " of " + watch.use.service();
    }

    private void take(WatchedUse watch, PresentTargets answer, long now) {
        if (!answer.refused().equals(watch.answer.refused())) {
            answer.refused().forEach(line -> setting.log().accept(nameOf(watch) + ": left out " + line));
        }
        watch.answer = answer;
        answer.targets().forEach((name, target) -> {
            ServiceName service = service(watch, name);
            if (!target.facts().isEmpty()) {
                facts.put(service, target.facts());
            } else if (facts.containsKey(service) && !isOfAnother(watch, name)) {
                facts.remove(service);
            }
        });
        act(watch, watch.levels.observe(watch.identities(), now));
    }

    /** Whether another plugin sees the same target for the same service, from which its facts may come. */
    private boolean isOfAnother(WatchedUse watch, String target) {
        return watches.stream()
                .anyMatch(other -> other != watch
                        && other.use.service().equals(watch.use.service())
                        && other.answer.targets().containsKey(target));
    }

    private void act(WatchedUse watch, List<Levels.Action> actions) {
        for (Levels.Action action : actions) {
            ServiceName service = service(watch, action.target());
            String plugin = watch.use.plugin();
            switch (action) {
                case Levels.Action.RequireInstance(String target, long number) ->
                    services.require(
                            service,
                            plugin,
                            failure -> execute(() -> watch.levels.outcome(target, number, failure, System.nanoTime())));
                case Levels.Action.ReleaseInstance r -> services.release(service, plugin);
                case Levels.Action.RestartInstance r -> services.restart(service);
            }
        }
    }

    private static ServiceName service(WatchedUse watch, String target) {
        return new ServiceName(watch.use.service(), Optional.of(target));
    }

    /** The host that a trigger gets. */
    private final class HostOf implements Host {
        private final WatchedUse watch;
        private final AtomicReference<String> lastLine = new AtomicReference<>("");

        HostOf(WatchedUse watch) {
            this.watch = watch;
        }

        @Override
        public Path sysfs() {
            return setting.sysfs();
        }

        @Override
        public Duration interval() {
            return watch.interval;
        }

        @Override
        public void wakeOn(String... subsystems) {
            Set<String> names = Set.copyOf(List.of(subsystems));
            if (netlink.isPresent()) {
                execute(() -> {
                    watch.subsystems.addAll(names);
                    watch.keepsPolling |= !hasAllEvents;
                });
            }
        }

        @Override
        public void keepPolling() {
            execute(() -> watch.keepsPolling = true);
        }

        @Override
        public void log(String line) {
            String cut = line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + "…";
            if (!cut.equals(lastLine.getAndSet(cut))) {
                setting.log().accept(nameOf(watch) + ": " + Quote.onOneLine(cut));
            }
        }
    }

    // Reports.

    private Map<String, List<Trouble>> troublesNow() {
        Map<String, List<Trouble>> now = new HashMap<>();
        for (WatchedUse watch : watches) {
            if (!watch.fault.isEmpty()) {
                Optional<Long> since = watch.isUseless ? Optional.empty() : Optional.of(watch.faultSince);
                now.computeIfAbsent(watch.use.service(), service -> new ArrayList<>())
                        .add(new Trouble("trigger " + watch.use.plugin() + ": " + watch.fault, since));
            }
        }
        return now;
    }

    private TriggerReport report() {
        long now = System.nanoTime();
        Map<String, Integer> used = new HashMap<>();
        watches.forEach(watch -> used.merge(watch.use.plugin(), 1, Integer::sum));
        List<TriggerReport.PluginLine> plugins = new ArrayList<>();
        for (Plugin plugin : jars) {
            String problem = plugin.leftOut.isEmpty() && plugin.isLate && plugin.calling != null
                    ? "has not answered for " + seconds(plugin.callingSince, now)
                    : plugin.leftOut;
            plugins.add(new TriggerReport.PluginLine(
                    plugin.name, plugin.jar.shown(), problem, used.getOrDefault(plugin.name, 0)));
        }
        List<TriggerReport.TriggerLine> lines = new ArrayList<>();
        for (WatchedUse watch : watches) {
            String since = watch.isUseless || watch.fault.isEmpty() ? "" : ", for " + seconds(watch.faultSince, now);
            lines.add(new TriggerReport.TriggerLine(
                    watch.use.service(),
                    watch.use.plugin(),
                    watch.fault + since,
                    targets(watch),
                    watch.answer.refused()));
        }
        return new TriggerReport(plugins, lines, List.copyOf(unknown));
    }

    private static List<TriggerReport.TargetLine> targets(WatchedUse watch) {
        List<TriggerReport.TargetLine> targets = new ArrayList<>();
        watch.levels.holds().forEach((target, hold) -> {
            String word = switch (hold) {
                case NONE -> "settling";
                case ASKED -> "starting";
                case HELD -> "held";
                case FAILED -> "failed";
                case HELD_DOWN -> "held down";
            };
            boolean present = watch.answer.targets().containsKey(target);
            targets.add(new TriggerReport.TargetLine(target, present, word, watch.levels.failure(target)));
        });
        return targets;
    }

    private static String seconds(long since, long now) {
        return TimeUnit.NANOSECONDS.toSeconds(now - since) + " s";
    }
}
