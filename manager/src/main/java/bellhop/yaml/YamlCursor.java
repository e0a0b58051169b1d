package bellhop.yaml;

import bellhop.definition.Nearest;
import bellhop.definition.Quote;
import bellhop.definition.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Where in a {@code service.yaml} something is read, and where to say what is wrong there.
 *
 * @param yaml the file being read
 * @param key the key, with those around it: {@code healthcheck.test}; empty at the top
 */
record YamlCursor(ServiceYaml yaml, String key) {
    private static final int FEW = 12;

    YamlCursor under(String name) {
        return new YamlCursor(yaml, key.isEmpty() ? shown(name) : key + "." + shown(name));
    }

    /** A key below this one, whose value is kept as given. */
    YamlCursor key(String name, Node value) {
        YamlCursor place = under(name);
        yaml.given().put(place.key, value);
        return place;
    }

    /** An item of a list: its complaints are the list's own. */
    YamlCursor item(int index, Node item) {
        yaml.given().put(key + "[" + index + "]", item);
        return this;
    }

    <T> Optional<T> complain(Node where, String what) {
        yaml.problem(position(where), key, what);
        return Optional.empty();
    }

    int complaints() {
        return yaml.problems().size();
    }

    /** Counts what is read of trees, of which a few aliases make many. */
    boolean mayRead() {
        return yaml.mayRead(key);
    }

    Value.Position position(Node node) {
        return node.getStartMark().map(yaml::position).orElseGet(() -> new Value.Position(1, 1));
    }

    String expand(String text) {
        return yaml.expand(text);
    }

    void unknown(Node where, String name, List<String> valid) {
        String hint = Nearest.hint(name, valid);
        String expected =
                valid.size() > FEW ? "; service.yaml(5) has the keys" : "; expected one of " + String.join(", ", valid);
        under(name).complain(where, "unknown key" + (hint.isEmpty() ? expected : hint));
    }

    /** Reads a map entry by entry and complains of keys that are none, and of those given twice. */
    void entries(Node map, Syntax.EntryReader reader) {
        Map<String, Node> seen = new HashMap<>();
        for (NodeTuple entry : Syntax.tuples(map)) {
            Node keyNode = entry.getKeyNode();
            if (!(keyNode instanceof ScalarNode scalar) || !scalar.getTag().equals(Tag.STR)) {
                complain(keyNode, Syntax.whatIsThere(keyNode) + " is not a key; expected a word");
                continue;
            }
            Node first = seen.putIfAbsent(scalar.getValue(), keyNode);
            if (first != null) {
                under(scalar.getValue())
                        .complain(
                                keyNode,
                                "given twice; the first is on line "
                                        + position(first).line());
                continue;
            }
            reader.read(scalar.getValue(), keyNode, entry.getValueNode());
        }
    }

    /** A key needs quotes only where it is not the plain word that a key is. */
    private static String shown(String name) {
        return name.matches("[\\w-]{1,40}") ? name : Quote.of(name);
    }
}
