package bellhop.yaml;

import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiConsumer;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A key of {@code service.yaml}, or of a map in it. All that is to be known of a key is its one declaration in
 * {@link ServiceKeys}.
 *
 * @param name the key as users write it
 * @param meaning a sentence or more for users
 * @param byDefault the value that holds without the key, as users would write it; empty: none
 * @param form what its value may be
 * @param store keeps a value that has been read
 */
record YamlKey<S, T>(String name, String meaning, String byDefault, Syntax<T> form, BiConsumer<S, T> store) {

    /** Reads a value and keeps it, or complains. */
    void read(Node node, S settings, YamlCursor place) {
        Optional<T> value = form.read(node, place);
        value.ifPresent(it -> store.accept(settings, it));
    }

    /** The form as JSON Schema has it, with what editors show. */
    SequencedMap<String, Object> schema() {
        SequencedMap<String, Object> schema =
                JsonSchema.of("description", byDefault.isEmpty() ? meaning : meaning + " Default: " + byDefault + ".");
        schema.putAll(form.schema());
        literalDefault().ifPresent(value -> schema.put("default", value));
        return schema;
    }

    /** The default as a value, where it is one and no phrase. */
    private Optional<Object> literalDefault() {
        if (byDefault.isEmpty() || byDefault.contains(" ") || byDefault.equals("none")) {
            return Optional.empty();
        }
        return Optional.of(
                byDefault.matches("true|false")
                        ? (Object) Boolean.valueOf(byDefault)
                        : byDefault.matches("[0-9]+") ? (Object) Integer.valueOf(byDefault) : byDefault);
    }
}
