package bellhop.yaml;

import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.snakeyaml.engine.v2.nodes.Node;

/** The value of a variable, as a list of one; no value at all stands for the manager's own, and is an empty list. */
record EnvironmentValue(Syntax<String> form) implements Syntax<List<String>> {
    @Override
    public String expected() {
        return form.expected();
    }

    @Override
    public Optional<List<String>> read(Node node, YamlCursor place) {
        return Syntax.isNull(node)
                ? Optional.of(List.of())
                : form.read(node, place).map(List::of);
    }

    @Override
    public SequencedMap<String, Object> schema() {
        return form.schema();
    }
}
