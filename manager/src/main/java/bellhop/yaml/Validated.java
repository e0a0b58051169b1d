package bellhop.yaml;

import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A form with one more condition.
 *
 * @param form what is read first
 * @param wrong what is wrong with the value; empty if nothing is
 * @param schema the whole as JSON Schema has it
 * @param make makes a good value what it is to be
 */
record Validated<S, T>(
        Syntax<S> form, Function<S, String> wrong, SequencedMap<String, Object> schema, Function<S, T> make)
        implements Syntax<T> {
    @Override
    public String expected() {
        return form.expected();
    }

    @Override
    public Optional<T> read(Node node, YamlCursor place) {
        Optional<S> value = form.read(node, place);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        String what = wrong.apply(value.get());
        return what.isEmpty() ? value.map(make) : place.complain(node, what);
    }
}
