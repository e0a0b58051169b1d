package bellhop.yaml;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Parts of a JSON Schema, in the order in which they are written. */
final class JsonSchema {
    private JsonSchema() {}

    /** An object of names and values in turn. */
    static SequencedMap<String, Object> of(Object... namesAndValues) {
        SequencedMap<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }
}
