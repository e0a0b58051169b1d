package bellhop.yaml;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Puts the mapping of one file over that of another: mappings are merged key by key, at each depth; anything else takes
 * the place of what was there, and a null takes it away. Variables in a list count as a mapping. What is wrong by itself, such as a key that is given twice, is
 * left for the reader to complain of. Each node keeps the mark of the file that it comes from.
 */
final class Overriding {
    private static final int MOST_ENTRIES = 20_000;

    private final ServiceYaml yaml;
    private int entries;

    /** Merges the files of one service, which hears what becomes of its keys. */
    Overriding(ServiceYaml yaml) {
        this.yaml = yaml;
    }

    /** What both files make; where there is no base, what the other makes alone. */
    Node merged(Optional<Node> base, Node over) {
        return base.isPresent() && Syntax.isNull(over)
                ? base.get()
                : merged(base.orElse(null), over, new YamlCursor(yaml, ""), Optional.of(ServiceKeys.KEYS), 0);
    }

    /** One mapping; {@code keys} are empty if they are for the user or a plugin to choose. */
    private Node merged(@Nullable Node base, Node over, YamlCursor place, Optional<KeyList> keys, int depth) {
        if (!(over instanceof MappingNode patch) || depth > ServiceYaml.MAX_DEPTH || isTooMuch(patch, place)) {
            return over;
        }
        if (base instanceof MappingNode lower && !lower.getValue().isEmpty()) {
            yaml.isPutOver(place.key(), lower);
        }
        List<NodeTuple> merged = new ArrayList<>();
        Map<String, List<NodeTuple>> patches = new LinkedHashMap<>();
        List<NodeTuple> nameless = new ArrayList<>();
        for (NodeTuple entry : patch.getValue()) {
            name(entry)
                    .ifPresentOrElse(
                            name -> patches.computeIfAbsent(name, it -> new ArrayList<>())
                                    .add(entry),
                            () -> nameless.add(entry));
        }
        Set<String> replaced = new HashSet<>();
        for (NodeTuple entry : base instanceof MappingNode mapping ? mapping.getValue() : List.<NodeTuple>of()) {
            String name = name(entry).orElse("");
            List<NodeTuple> added = name(entry).map(patches::get).orElse(null);
            if (added == null) {
                merged.add(entry);
            } else if (replaced.add(name)) {
                added.forEach(it -> add(merged, entry.getValueNode(), it, name, place, keys, depth));
            }
        }
        patches.forEach((name, added) -> {
            if (!replaced.contains(name)) {
                added.forEach(it -> add(merged, null, it, name, place, keys, depth));
            }
        });
        merged.addAll(nameless);
        return new MappingNode(patch.getTag(), true, merged, FlowStyle.AUTO, patch.getStartMark(), patch.getEndMark());
    }

    private void add(
            List<NodeTuple> merged,
            @Nullable Node base,
            NodeTuple patch,
            String name,
            YamlCursor around,
            Optional<KeyList> keys,
            int depth) {
        Optional<YamlKey<?>> ours = keys.flatMap(it -> it.key(name));
        Node value = patch.getValueNode();
        if (keys.isPresent() && ours.isEmpty()) {
            merged.add(patch); // an unknown key is a mistake, whatever its value
        } else if (Syntax.isNull(value)) {
            yaml.isReset(around.under(name).key(), value);
        } else {
            Optional<KeyList> below = ours.flatMap(it -> it.form().keysWithin());
            boolean isEnvironment = depth == 0 && name.equals(ServiceKeys.ENVIRONMENT.name());
            Node lower = isEnvironment && base != null ? asMapping(base, true) : base;
            Node upper = isEnvironment && base != null ? asMapping(value, false) : value;
            merged.add(new NodeTuple(patch.getKeyNode(), merged(lower, upper, around.under(name), below, depth + 1)));
        }
    }

    /**
     * Variables in a list as they would be in a mapping, so that it does not matter which of the two either file has; any
     * other node as it is.
     *
     * @param takesNames whether a name alone, for the manager's value, can be in that mapping: it is a null there, which
     *     an override uses to take a key away
     */
    private static Node asMapping(Node node, boolean takesNames) {
        if (!(node instanceof SequenceNode list)) {
            return node;
        }
        List<NodeTuple> variables = new ArrayList<>();
        for (Node entry : list.getValue()) {
            String text = entry instanceof ScalarNode scalar ? scalar.getValue() : "";
            int equals = text.indexOf('=');
            if (equals <= 0 && (!takesNames || text.isEmpty() || equals == 0)) {
                return node;
            }
            variables.add(new NodeTuple(
                    like(entry, Tag.STR, equals < 0 ? text : text.substring(0, equals)),
                    equals < 0 ? like(entry, Tag.NULL, "") : like(entry, Tag.STR, text.substring(equals + 1))));
        }
        return new MappingNode(Tag.MAP, true, variables, FlowStyle.AUTO, list.getStartMark(), list.getEndMark());
    }

    private static Node like(Node entry, Tag tag, String text) {
        return new ScalarNode(tag, true, text, ScalarStyle.PLAIN, entry.getStartMark(), entry.getEndMark());
    }

    private static Optional<String> name(NodeTuple entry) {
        return entry.getKeyNode() instanceof ScalarNode scalar
                        && scalar.getTag().equals(Tag.STR)
                ? Optional.of(scalar.getValue())
                : Optional.empty();
    }

    /** A few aliases make many mappings of one. */
    private boolean isTooMuch(MappingNode patch, YamlCursor place) {
        boolean was = entries >= MOST_ENTRIES;
        entries += 1 + patch.getValue().size();
        boolean is = entries >= MOST_ENTRIES;
        if (is && !was) {
            place.complain(patch, "its aliases expand to too much; expected at most " + MOST_ENTRIES + " entries");
        }
        return is;
    }
}
