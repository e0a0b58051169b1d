package bellhop.yaml;

import bellhop.definition.Definition;
import bellhop.definition.Quote;
import bellhop.definition.Script;
import bellhop.definition.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A definition, and where each part of it comes from. Of files of variables only the paths are in it.
 *
 * @param definition what holds
 * @param file the {@code service.yaml}, or what overrides it if there is none; empty if there is neither
 * @param entries every key, in the order of the manual; those below a key that is given, or that has defaults, follow
 */
public record Explanation(Definition definition, Optional<Path> file, List<ExplainedKey> entries) {

    /**
     * The value of a key.
     *
     * @param key with those around it: {@code healthcheck.interval}
     * @param value as it could be written in YAML, {@code {service}} and {@code {target}} expanded where they do; empty: none
     * @param position where it is given; empty where it is the default
     * @param merged where the other maps are that it is merged of, if it is a map
     * @param reset where an override takes it back to the default; empty where it does not
     */
    public record ExplainedKey(
            String key,
            String value,
            Optional<Value.Position> position,
            List<Value.Position> merged,
            Optional<Value.Position> reset) {}

    public static Explanation of(Reading reading) {
        List<ExplainedKey> entries = new ArrayList<>();
        for (YamlKey<?> key : ServiceKeys.KEYS) {
            add(reading, "", key, entries);
        }
        return new Explanation(reading.definition(), reading.yaml().map(ServiceYaml::file), entries);
    }

    private static void add(Reading reading, String around, YamlKey<?> key, List<ExplainedKey> entries) {
        String name = around + key.name();
        Optional<Node> node = reading.yaml().map(yaml -> yaml.given().get(name));
        boolean hasDefaults = key.byDefault() instanceof Default.OfParts;
        if (key.form() instanceof Syntax.MapSyntax<?> fields && (node.isPresent() || hasDefaults)) {
            for (YamlKey<?> below : fields.keys()) {
                boolean says = reading.yaml()
                        .map(yaml -> yaml.given().containsKey(name + "." + below.name()))
                        .orElse(false);
                boolean concerns = !below.equals(TimeoutKeys.READY)
                        || reading.definition().timeouts().containsKey(Script.RUN);
                if (says || (concerns && !below.defaultText().isEmpty())) {
                    add(reading, name + ".", below, entries);
                }
            }
            return;
        }
        entries.add(new ExplainedKey(
                name,
                node.isPresent() && reading.yaml().isPresent()
                        ? written(reading.yaml().get(), name, node.get())
                        : byDefault(reading, key),
                reading.yaml().flatMap(yaml -> yaml.position(name)),
                reading.yaml().map(yaml -> yaml.below(name)).orElse(List.of()),
                node.isPresent() ? Optional.empty() : reading.yaml().flatMap(yaml -> yaml.reset(name))));
    }

    private static String byDefault(Reading reading, YamlKey<?> key) {
        if (key.equals(ServiceKeys.TEMPLATE)) {
            return String.valueOf(reading.yaml().map(ServiceYaml::isTemplate).orElse(false));
        }
        if (key.equals(ServiceKeys.RESTART)) {
            return ServiceKeys.RESTART
                    .form()
                    .written(new RestartKeys.LimitedPolicy(
                            reading.definition().restart().policy(), Optional.empty()));
        }
        boolean isNowhere =
                key.equals(ServiceKeys.COMMAND) && !reading.definition().has(Script.RUN);
        return isNowhere ? Syntax.NONE : key.defaultText();
    }

    private static String written(ServiceYaml yaml, String key, Node node) {
        StringBuilder text = new StringBuilder();
        write(key.equals("triggers") ? UnaryOperator.identity() : yaml::expand, node, text, 0);
        return text.toString();
    }

    private static void write(UnaryOperator<String> expand, Node node, StringBuilder text, int depth) {
        String between = "";
        if (depth > ServiceYaml.MAX_DEPTH || text.length() > ServiceYaml.MAX_BYTES) {
            text.append("...");
        } else if (node instanceof SequenceNode list) {
            text.append('[');
            for (Node item : list.getValue()) {
                text.append(between);
                write(expand, item, text, depth + 1);
                between = ", ";
            }
            text.append(']');
        } else if (node instanceof MappingNode map) {
            text.append('{');
            for (var entry : map.getValue()) {
                text.append(between);
                write(expand, entry.getKeyNode(), text, depth + 1);
                text.append(": ");
                write(expand, entry.getValueNode(), text, depth + 1);
                between = ", ";
            }
            text.append('}');
        } else if (node instanceof ScalarNode scalar) {
            String value = expand.apply(scalar.getValue());
            boolean plain = !scalar.getTag().equals(Tag.STR)
                    || (scalar.isPlain() && value.matches("[^\\p{Cntrl}\\[\\]{},#:\"']*"));
            text.append(
                    plain
                            ? value
                            : '"' + Quote.onOneLine(value.replace("\\", "\\\\").replace("\"", "\\\"")) + '"');
        }
    }
}
