package bellhop.yaml;

import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.snakeyaml.engine.v2.nodes.Node;

/** The keys of one mapping, in the order in which they are declared, which is that of the manual. */
final class KeyList implements Iterable<YamlKey<?>> {
    private final SequencedMap<String, YamlKey<?>> keys = new LinkedHashMap<>();

    /** Adds a key while the class that declares it is initialized. */
    <T> YamlKey<T> add(YamlKey<T> key) {
        keys.put(key.name(), key);
        return key;
    }

    @Override
    public Iterator<YamlKey<?>> iterator() {
        return Collections.unmodifiableCollection(keys.values()).iterator();
    }

    Optional<YamlKey<?>> key(String name) {
        return Optional.ofNullable(keys.get(name));
    }

    List<String> names() {
        return List.copyOf(keys.sequencedKeySet());
    }

    /** Reads a mapping; what is wrong in it is complained of and missing in the values. */
    Values read(Node mapping, YamlCursor place) {
        Map<String, Object> values = new HashMap<>();
        place.entries(mapping, (name, keyNode, value) -> {
            YamlKey<?> key = keys.get(name);
            if (key == null) {
                place.unknown(keyNode, name, names());
            } else {
                key.read(value, place.key(name, value)).ifPresent(it -> values.put(name, it));
            }
        });
        return new Values(values);
    }

    /** The mapping as JSON Schema has it. */
    SequencedMap<String, Object> schema() {
        SequencedMap<String, Object> properties = new LinkedHashMap<>();
        keys.forEach((name, key) -> properties.put(name, key.schema()));
        return JsonSchema.of("type", "object", "properties", properties, "additionalProperties", false);
    }
}
