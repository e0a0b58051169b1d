package bellhop.trigger;

import bellhop.definition.Nearest;
import bellhop.definition.Quote;
import bellhop.definition.Value;
import bellhop.spi.Settings;
import bellhop.spi.SettingsException;
import bellhop.yaml.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/** The settings under a plugin's key in a {@code service.yaml}, and which of them the plugin has read. */
final class PluginSettings implements Settings {
    private static final String INTERVAL_KEY = "interval";
    private static final String SETTLE_KEY = "settle";
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration LEAST_INTERVAL = Duration.ofMillis(10);

    private final TriggerUse use;
    private final Map<String, Value.Entry> entries;
    /** Any thread may ask. */
    private final Set<String> asked = new ConcurrentSkipListSet<>();

    /**
     * The settings of one use of a plugin.
     *
     * @throws SettingsException if they are no keys and values
     */
    PluginSettings(TriggerUse use) {
        this.use = use;
        this.entries = switch (use.settings()) {
            case Value.Mapping mapping -> mapping.entries();
            case Value.Scalar(String text, Value.Kind kind, Value.Position p) when kind == Value.Kind.NULL -> Map.of();
            case Value.Scalar s -> throw new SettingsException("", whatIsThere(s) + "; expected keys and values");
            case Value.Sequence s -> throw new SettingsException("", "a list; expected keys and values");
        };
    }

    @Override
    public Optional<String> string(String key) {
        asked.add(key);
        Value.Entry entry = entries.get(key);
        if (entry == null || isNothing(entry.value())) {
            return Optional.empty();
        }
        if (entry.value() instanceof Value.Scalar scalar) {
            return Optional.of(scalar.text());
        }
        throw new SettingsException(key, whatIsThere(entry.value()) + "; expected one word");
    }

    @Override
    public List<String> strings(String key) {
        asked.add(key);
        Value.Entry entry = entries.get(key);
        if (entry == null || isNothing(entry.value())) {
            return List.of();
        }
        return switch (entry.value()) {
            case Value.Scalar scalar -> List.of(scalar.text());
            case Value.Sequence sequence -> words(key, sequence);
            case Value.Mapping m -> throw new SettingsException(key, "a map; expected a list of words");
        };
    }

    private static List<String> words(String key, Value.Sequence sequence) {
        List<String> words = new ArrayList<>();
        for (Value item : sequence.items()) {
            if (!(item instanceof Value.Scalar scalar) || isNothing(item)) {
                throw new SettingsException(key, words.size(), whatIsThere(item) + "; expected a word");
            }
            words.add(scalar.text());
        }
        return List.copyOf(words);
    }

    /** How often to look. */
    Duration interval() {
        Duration interval = duration(INTERVAL_KEY, INTERVAL);
        if (interval.compareTo(LEAST_INTERVAL) < 0) {
            throw new SettingsException(INTERVAL_KEY, "expected " + LEAST_INTERVAL.toMillis() + "ms or longer");
        }
        return interval;
    }

    /** Whether the file says how often to look. */
    boolean hasInterval() {
        Value.Entry entry = entries.get(INTERVAL_KEY);
        return entry != null && !isNothing(entry.value());
    }

    /** How long something has to be there, or gone, before that counts. */
    Duration settle() {
        return duration(SETTLE_KEY, Duration.ZERO);
    }

    /** The keys that the plugin sees: all but the manager's own. */
    Settings ofPlugin() {
        Set<String> own = Set.of(INTERVAL_KEY, SETTLE_KEY);
        asked.addAll(own);
        return new Settings() {
            @Override
            public Optional<String> string(String key) {
                return own.contains(key) ? Optional.empty() : PluginSettings.this.string(key);
            }

            @Override
            public List<String> strings(String key) {
                return own.contains(key) ? List.of() : PluginSettings.this.strings(key);
            }
        };
    }

    /** One problem for each key that was never read. */
    List<Problem> unknown() {
        List<Problem> problems = new ArrayList<>();
        for (Map.Entry<String, Value.Entry> entry : entries.entrySet()) {
            if (!asked.contains(entry.getKey())) {
                Set<String> known = new TreeSet<>(asked);
                String hint = Nearest.hint(entry.getKey(), known);
                problems.add(use.problem(
                        entry.getValue().key(),
                        Quote.onOneLine(entry.getKey()) + ": unknown key"
                                + (hint.isEmpty() ? "; expected one of " + String.join(", ", known) : hint)));
            }
        }
        return problems;
    }

    /** A problem that the plugin or this class found, with its position in the file. */
    static Problem problem(TriggerUse use, SettingsException e) {
        String message = Quote.onOneLine(String.valueOf(e.getMessage()));
        Value.Entry entry = use.settings() instanceof Value.Mapping mapping
                ? mapping.entries().get(e.key())
                : null;
        if (entry == null) {
            return use.problem(
                    use.settings().position(), e.key().isEmpty() ? message : Quote.onOneLine(e.key()) + ": " + message);
        }
        Value at = entry.value();
        if (at instanceof Value.Sequence sequence
                && e.item() >= 0
                && e.item() < sequence.items().size()) {
            at = sequence.items().get(e.item());
        }
        return use.problem(at.position(), Quote.onOneLine(e.key()) + ": " + message);
    }

    private static boolean isNothing(Value value) {
        return value instanceof Value.Scalar scalar && scalar.kind() == Value.Kind.NULL;
    }

    private static String whatIsThere(Value value) {
        return switch (value) {
            case Value.Scalar scalar when scalar.kind() == Value.Kind.NULL -> "no value";
            case Value.Scalar scalar -> Quote.of(scalar.text());
            case Value.Sequence s -> "a list";
            case Value.Mapping m -> "a map";
        };
    }
}
