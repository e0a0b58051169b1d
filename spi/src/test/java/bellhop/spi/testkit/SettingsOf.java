package bellhop.spi.testkit;

import bellhop.spi.Settings;
import bellhop.spi.SettingsException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Settings without a file. They answer as those of the manager do. */
public final class SettingsOf implements Settings {
    private final Map<String, Object> values;
    private final Set<String> asked = new HashSet<>();

    private SettingsOf(Map<String, Object> values) {
        this.values = Map.copyOf(values);
    }

    /** Settings that say nothing. */
    public static SettingsOf nothing() {
        return new SettingsOf(Map.of());
    }

    /**
     * Settings that say this.
     *
     * @param values for each key a word, a number, a {@link Boolean}, or a {@link List} of such
     */
    public static SettingsOf map(Map<String, Object> values) {
        return new SettingsOf(values);
    }

    @Override
    public Optional<String> string(String key) {
        asked.add(key);
        Object value = values.get(key);
        if (value instanceof List<?>) {
            throw new SettingsException(key, "a list; expected one word");
        }
        return Optional.ofNullable(value).map(Object::toString);
    }

    @Override
    public List<String> strings(String key) {
        asked.add(key);
        Object value = values.get(key);
        return switch (value) {
            case null -> List.of();
            case List<?> list -> list.stream().map(Object::toString).toList();
            default -> List.of(value.toString());
        };
    }

    /** The keys that nobody asked for: the manager would call them unknown. */
    public Set<String> neverAsked() {
        Set<String> never = new TreeSet<>(values.keySet());
        never.removeAll(asked);
        return never;
    }
}
