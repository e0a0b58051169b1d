package bellhop.trigger;

import bellhop.definition.Nearest;
import bellhop.spi.Host;
import bellhop.spi.SettingsException;
import bellhop.spi.Trigger;
import bellhop.yaml.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Finds what is wrong with what services say to plugins, by what the plugins themselves make of it: each opens a
 * trigger, which looks at no hardware, and is never asked what is present. Usable from any thread; waits for plugins.
 */
public final class PluginCheck {
    private final Map<String, Plugin> plugins;
    private final Duration limit;

    /**
     * With plugins that are loaded.
     *
     * @param limit how long one of them may take for one service
     */
    PluginCheck(Map<String, Plugin> plugins, Duration limit) {
        this.plugins = plugins;
        this.limit = limit;
    }

    /** Loads plugins for it, for as long as this process lives. */
    public static PluginCheck load(Triggers.Setting setting) {
        Map<String, Plugin> plugins = new HashMap<>();
        for (Plugin jar : Plugin.load(setting)) {
            if (jar.leftOut.isEmpty()) {
                plugins.put(jar.name, jar);
            }
        }
        return new PluginCheck(plugins, setting.callLimit());
    }

    /** Returns the mistakes, use by use. */
    public List<Problem> check(List<TriggerUse> uses) {
        List<Problem> problems = new ArrayList<>();
        for (TriggerUse use : uses) {
            Plugin plugin = plugins.get(use.plugin());
            if (plugin == null) {
                problems.add(missing(use, plugins.keySet()));
            } else {
                try {
                    check(use, plugin, problems);
                } catch (SettingsException e) {
                    problems.add(PluginSettings.problem(use, e));
                }
            }
        }
        return problems;
    }

    /** The problem that no plugin has that name. */
    static Problem missing(TriggerUse use, Collection<String> there) {
        String expected = there.isEmpty() ? "one in plugins/" : "one of " + String.join(", ", new TreeSet<>(there));
        return use.problem(
                use.settings().position(),
                "there is no such plugin; expected " + expected + Nearest.hint(use.plugin(), there));
    }

    private void check(TriggerUse use, Plugin plugin, List<Problem> problems) {
        PluginSettings settings = new PluginSettings(use);
        var _ = settings.interval();
        var _ = settings.settle();
        DryHost host = new DryHost(settings.interval());
        CompletableFuture<PluginThread.CallResult<Boolean>> opened = new CompletableFuture<>();
        plugin.<Boolean>call(
                maker -> {
                    try (Trigger trigger = maker.open(settings.ofPlugin(), host)) {
                        return trigger != null;
                    }
                },
                opened::complete);
        PluginThread.CallResult<Boolean> outcome;
        try {
            outcome = opened.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            problems.add(use.problem(
                    use.settings().position(),
                    "not checked: the plugin has not answered for " + limit.toMillis() + " ms"));
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (outcome.thrown() instanceof SettingsException e) {
            throw e;
        }
        if (outcome.thrown() != null || !Boolean.TRUE.equals(outcome.value())) {
            String why = outcome.thrown() == null
                    ? "open() returned null; expected a trigger"
                    : Throwables.of(outcome.thrown());
            problems.add(use.problem(use.settings().position(), "not checked: the plugin failed: " + why));
            return;
        }
        problems.addAll(settings.unknown());
    }

    /** A host without hardware, which wakes nothing and writes nothing. */
    private record DryHost(Duration interval) implements Host {
        /** Nothing can ever be there. */
        private static final Path NOWHERE = Path.of("/dev/null/sys");

        @Override
        public Path sysfs() {
            return NOWHERE;
        }

        @Override
        public void wakeOn(String... subsystems) {
            // Nothing is looked at.
        }

        @Override
        public void keepPolling() {
            // Nothing is looked at.
        }

        @Override
        public void log(String line) {
            // Mistakes in the settings are thrown.
        }
    }
}
