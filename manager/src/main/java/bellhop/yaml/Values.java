package bellhop.yaml;

import java.util.Map;
import java.util.Optional;

/** What a mapping sets; what it does not set has the default of the key. */
final class Values {
    /** Of a mapping that sets nothing. */
    static final Values NONE = new Values(Map.of());

    private final Map<String, Object> given;

    /** Takes what the form of each key has read, by the names of the keys. */
    Values(Map<String, Object> given) {
        this.given = Map.copyOf(given);
    }

    /** The value that is in force, of a key that is given or has a default. */
    <T> T get(YamlKey<T> key) {
        return given(key).or(() -> key.byDefault().inForce()).orElseThrow();
    }

    /** The value that is given; empty if the key is not. */
    @SuppressWarnings("unchecked") // What is there was read by the key's own form.
    <T> Optional<T> given(YamlKey<T> key) {
        return Optional.ofNullable((T) given.get(key.name()));
    }

    boolean has(YamlKey<?> key) {
        return given.containsKey(key.name());
    }
}
