package bellhop.trigger;

import bellhop.definition.Quote;
import bellhop.linux.FileErrors;
import bellhop.spi.TriggerPlugin;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A jar, and what came of it. It is loaded on a thread that ends with that; a plugin that no service uses is never
 * called again, and has no thread. What is not final belongs to who has it loaded, unless a method says otherwise.
 */
final class Plugin {
    private static final String NAME = "[a-z][a-z0-9-]{0,31}";

    /** How long loading may take, of all together. */
    private static final Duration LOAD_LIMIT = Duration.ofSeconds(2);

    private static final int LOAD_PIECES = 10;

    final PluginJar jar;
    String name = "";

    private @Nullable TriggerPlugin plugin;
    private @Nullable PluginThread thread;

    String leftOut = "";
    /** The call that is being made; null if none is. */
    @Nullable
    WatchedUse calling;

    long callingSince;
    boolean isLate;

    private Plugin(PluginJar jar) {
        this.jar = jar;
    }

    /** What one call does with the plugin. */
    @FunctionalInterface
    interface PluginCall<T> {
        @Nullable
        T make(TriggerPlugin plugin) throws Exception;
    }

    /** Makes a call on the thread of the plugin, which it has from the first one on; from any thread. */
    synchronized <T> void call(PluginCall<T> call, Consumer<PluginThread.CallResult<T>> outcome) {
        TriggerPlugin callee = Objects.requireNonNull(plugin);
        if (thread == null) {
            thread = new PluginThread(
                    "bellhop-trigger-" + name, callee.getClass().getClassLoader());
        }
        thread.call(() -> call.make(callee), outcome);
    }

    /** Tells the call that is being made that it takes too long; from any thread. */
    synchronized void interrupt() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    /** Lets its thread end once its calls are done; from any thread. */
    synchronized Optional<PluginThread> end() {
        Optional<PluginThread> ending = Optional.ofNullable(thread);
        ending.ifPresent(PluginThread::end);
        return ending;
    }

    /** Loads the jars of the directories, in the order of their names; of each that is left out the log says why. */
    static List<Plugin> load(Triggers.Setting setting) {
        Map<Path, Plugin> found = new TreeMap<>();
        for (Path directory : setting.directories()) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.jar")) {
                entries.forEach(entry -> found.put(
                        entry, new Plugin(new PluginJar(entry.toAbsolutePath().normalize()))));
            } catch (NoSuchFileException e) {
                // None of them is needed.
            } catch (IOException e) {
                setting.log()
                        .accept("plugins in " + Quote.onOneLine(directory) + " cannot be listed: " + FileErrors.of(e));
            }
        }
        List<Plugin> jars = new ArrayList<>(found.values());
        Map<Plugin, PluginThread.CallResult<Named>> outcomes = new ConcurrentHashMap<>();
        CountDownLatch left = new CountDownLatch(jars.size());
        List<PluginThread> threads = new ArrayList<>();
        for (Plugin jar : jars) {
            PluginThread thread = new PluginThread(
                    "bellhop-trigger-" + jar.jar.file().getFileName(), ClassLoader.getPlatformClassLoader());
            threads.add(thread);
            thread.<Named>call(
                    () -> {
                        TriggerPlugin plugin = jar.jar.load(setting.trust(), setting.opened());
                        return new Named(plugin.name(), plugin);
                    },
                    outcome -> {
                        outcomes.put(jar, outcome);
                        left.countDown();
                    });
            thread.end();
        }
        try {
            // In pieces: of a time for which all of this stands still, one piece counts.
            for (int pieces = LOAD_PIECES; pieces > 0; pieces--) {
                if (left.await(LOAD_LIMIT.dividedBy(LOAD_PIECES).toMillis(), TimeUnit.MILLISECONDS)) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // In the order of the jars, whichever was done first.
        Map<String, Plugin> named = new TreeMap<>();
        for (Plugin jar : jars) {
            jar.leftOut = jar.whyLeftOut(outcomes.get(jar), named).orElse("");
            if (!jar.leftOut.isEmpty()) {
                setting.log().accept("plugin " + jar.jar.shown() + " is left out: " + jar.leftOut);
            }
        }
        threads.forEach(PluginThread::interrupt); // those of them that have not ended yet
        return jars;
    }

    private record Named(@Nullable String name, TriggerPlugin plugin) {}

    private Optional<String> whyLeftOut(PluginThread.@Nullable CallResult<Named> outcome, Map<String, Plugin> named) {
        if (outcome == null) {
            return Optional.of("was not loaded within " + LOAD_LIMIT.toSeconds() + " s");
        }
        Throwable thrown = outcome.thrown();
        Named loaded = outcome.value();
        if (thrown != null || loaded == null) {
            return Optional.of(
                    thrown instanceof PluginJar.LeftOutException
                            ? String.valueOf(thrown.getMessage())
                            : thrown == null ? "has no plugin" : "its name() failed: " + Throwables.of(thrown));
        }
        String text = loaded.name();
        if (text == null || !text.matches(NAME)) {
            return Optional.of("its name " + (text == null ? "null" : Quote.of(text))
                    + " is not valid; expected a lower-case letter, then lower-case letters, digits and -, at most 32");
        }
        Plugin taken = named.putIfAbsent(text, this);
        if (taken != null) {
            return Optional.of("its name " + text + " is already used by " + taken.jar.shown());
        }
        name = text;
        plugin = loaded.plugin();
        return Optional.empty();
    }
}
