package bellhop.yaml;

import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiConsumer;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A key of {@code service.yaml}, or of a map in it: how it is written, read, and explained to users. {@link ServiceKeys}
 * declares them all. What was read goes to a {@link ServiceDraft}, where the values are that hold without a key, and from
 * there to a part of the {@code Definition}: a new key needs its place in these as well, and in {@link ServiceYaml} or
 * {@code StaticCheck} if it concerns {@code run} alone, or needs a tool.
 *
 * @param name the key as users write it
 * @param meaning a sentence or more for users
 * @param byDefault the value that holds without the key, as users would write it, for them alone; empty: none
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
