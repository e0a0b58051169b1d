package bellhop.yaml;

import java.util.Optional;
import java.util.SequencedMap;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A key of {@code service.yaml}, or of a mapping in it: all that there is to know of it. The reader, the value that holds
 * without the key, the schema, the manual page, the table of the README, {@code bh show} and {@code bh check} are made of
 * it; only what acts on the value is elsewhere, and begins in {@link DefinitionMaker}.
 *
 * @param name the key as users write it
 * @param form what its value may be
 * @param byDefault what holds without the key
 * @param meaning a sentence or more for users
 * @param ofRun whether it concerns {@code run} alone, so that there has to be one
 * @param tool the command-line tool that the key needs; empty: none
 */
record YamlKey<T>(
        String name, Syntax<T> form, Default<T> byDefault, String meaning, boolean ofRun, Optional<String> tool) {

    static <T> YamlKey<T> of(String name, Syntax<T> form, Default<T> byDefault, String meaning) {
        return new YamlKey<>(name, form, byDefault, meaning, false, Optional.empty());
    }

    /** The key of a mapping that is in force without it too, made of the defaults of the keys in it. */
    static <T> YamlKey<T> of(String name, Syntax.MapSyntax<T> form, String meaning) {
        return of(name, form, new Default.OfParts<>(form.make().apply(Values.NONE)), meaning);
    }

    /** The same, concerning {@code run} alone. */
    YamlKey<T> forRun() {
        return new YamlKey<>(name, form, byDefault, meaning, true, tool);
    }

    /** The same, needing a command-line tool. */
    YamlKey<T> needing(String needed) {
        return new YamlKey<>(name, form, byDefault, meaning, ofRun, Optional.of(needed));
    }

    /** A value that has been read, or nothing after at least one complaint. */
    Optional<T> read(Node node, YamlCursor place) {
        return form.read(node, place);
    }

    /** What holds without the key, for users; empty if there is nothing to say. */
    String defaultText() {
        return switch (byDefault) {
            case Default.Is<T> is -> form.written(is.value()) + (is.or().isEmpty() ? "" : ", or " + is.or());
            case Default.OfParts<T> _ -> "";
            case Default.Says<T> says -> says.phrase();
        };
    }

    /** The form as JSON Schema has it, with what editors show. */
    SequencedMap<String, Object> schema() {
        String text = defaultText();
        SequencedMap<String, Object> schema =
                JsonSchema.of("description", text.isEmpty() ? meaning : meaning + " Default: " + text + ".");
        schema.putAll(form.schema());
        if (byDefault instanceof Default.Is<T> is
                && is.or().isEmpty()
                && !text.isEmpty()
                && !text.equals(Syntax.NONE)) {
            schema.put("default", text.equals(is.value().toString()) ? is.value() : text);
        }
        return schema;
    }
}
