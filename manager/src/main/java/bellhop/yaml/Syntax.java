package bellhop.yaml;

import bellhop.definition.Nearest;
import bellhop.definition.Quote;
import bellhop.definition.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.NodeType;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** The form that the value of a key has: how it is read, and what to tell those who wrote something else. */
interface Syntax<T> {

    /** How documents and {@code bh show} call an empty list or map, and what is not there. */
    String NONE = "none";

    /** What a value may be, as it follows the word "expected". */
    String expected();

    /** The value, or nothing after at least one complaint. */
    Optional<T> read(Node node, YamlCursor place);

    /** The keys of our own that a value has if it is a map; empty if it is none, or its keys are the user's. */
    default Optional<KeyList> keysWithin() {
        return Optional.empty();
    }

    /** The form as JSON Schema has it: maps, lists, texts, numbers and truth values. */
    SequencedMap<String, Object> schema();

    /** A value that holds by default, as users would write it. */
    default String written(T value) {
        boolean isEmpty = switch (value) {
            case Collection<?> items -> items.isEmpty();
            case Map<?, ?> entries -> entries.isEmpty();
            case Optional<?> something -> something.isEmpty();
            default -> false;
        };
        return isEmpty ? NONE : value.toString();
    }

    /** {@code true} or {@code false}, without quotes. */
    record Flag() implements Syntax<Boolean> {
        @Override
        public String expected() {
            return "true or false";
        }

        @Override
        public Optional<Boolean> read(Node node, YamlCursor place) {
            if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
                return Optional.of(Boolean.parseBoolean(scalar.getValue()));
            }
            return place.complain(node, whatIsThere(node) + "; expected " + expected() + hint(node));
        }

        private static String hint(Node node) {
            if (!(node instanceof ScalarNode scalar) || !scalar.getTag().equals(Tag.STR)) {
                return "";
            }
            return switch (scalar.getValue()) {
                case "true", "false" -> ", without quotes";
                case "yes", "Yes", "YES", "on", "On", "ON" -> "; did you mean true?";
                case "no", "No", "NO", "off", "Off", "OFF" -> "; did you mean false?";
                default -> "";
            };
        }

        @Override
        public SequencedMap<String, Object> schema() {
            return JsonSchema.of("type", "boolean");
        }
    }

    /**
     * One of a few words.
     *
     * @param words the words that are told to users, with what they mean, in the order to tell them
     * @param alsoAccepted further words that are read and not told
     */
    record WordSyntax<T>(SequencedMap<String, T> words, Map<String, T> alsoAccepted) implements Syntax<T> {

        static <T> WordSyntax<T> of(String a, T first, String b, T second) {
            SequencedMap<String, T> words = new LinkedHashMap<>();
            words.put(a, first);
            words.put(b, second);
            return new WordSyntax<>(words, Map.of());
        }

        static <T> WordSyntax<T> of(
                Map<String, T> alsoAccepted, String a, T first, String b, T second, String c, T third) {
            SequencedMap<String, T> words = new LinkedHashMap<>();
            words.put(a, first);
            words.put(b, second);
            words.put(c, third);
            return new WordSyntax<>(words, alsoAccepted);
        }

        @Override
        public String expected() {
            return "one of " + String.join(", ", words.keySet());
        }

        @Override
        public Optional<T> read(Node node, YamlCursor place) {
            if (!(node instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
                return place.complain(node, whatIsThere(node) + "; expected " + expected());
            }
            String word = scalar.getValue();
            T value = words.containsKey(word) ? words.get(word) : alsoAccepted.get(word);
            if (value == null) {
                place.complain(node, Quote.of(word) + " is not " + expected() + Nearest.hint(word, words.keySet()));
            }
            return Optional.ofNullable(value);
        }

        @Override
        public String written(T value) {
            return words.keySet().stream()
                    .filter(word -> value.equals(words.get(word)))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public SequencedMap<String, Object> schema() {
            List<Object> all = new ArrayList<>(words.keySet());
            alsoAccepted.keySet().stream().sorted().forEach(all::add);
            return JsonSchema.of("enum", all);
        }
    }

    /** What a {@link TextSyntax} is made of. */
    @FunctionalInterface
    interface Parser<T> {
        /**
         * The value.
         *
         * @throws InvalidValueException if the text is not what was expected
         */
        T parse(String text, YamlCursor place) throws InvalidValueException;
    }

    /** Says what is wrong with a text, as it follows the text itself; what was expected is added where it is empty. */
    final class InvalidValueException extends Exception {
        private static final long serialVersionUID = 1;
        private final String what;

        InvalidValueException(String what) {
            super(what, null, false, false);
            this.what = what;
        }
    }

    /**
     * One word, number or line of text.
     *
     * @param expected what it may be
     * @param kinds what YAML may take it for
     * @param schema the form as JSON Schema has it
     * @param parser makes it a value
     * @param writer makes a value text again
     */
    record TextSyntax<T>(
            String expected,
            Set<Value.Kind> kinds,
            SequencedMap<String, Object> schema,
            Parser<T> parser,
            Function<T, String> writer)
            implements Syntax<T> {

        TextSyntax(String expected, Set<Value.Kind> kinds, SequencedMap<String, Object> schema, Parser<T> parser) {
            this(expected, kinds, schema, parser, String::valueOf);
        }

        @Override
        public String written(T value) {
            return writer.apply(value);
        }

        @Override
        public Optional<T> read(Node node, YamlCursor place) {
            if (!(node instanceof ScalarNode scalar) || !kinds.contains(kind(scalar))) {
                return place.complain(node, whatIsThere(node) + "; expected " + expected + hint(node));
            }
            String text = scalar.getValue();
            if (text.indexOf('\0') >= 0) {
                return place.complain(node, Quote.of(text) + ": a NUL character cannot be given to a program");
            }
            try {
                return Optional.of(parser.parse(text, place));
            } catch (InvalidValueException e) {
                return place.complain(
                        node,
                        e.what.isEmpty()
                                ? whatIsThere(node) + "; expected " + expected + hint(node)
                                : whatIsThere(node) + ": " + e.what);
            }
        }

        private String hint(Node node) {
            if (expected.startsWith("a duration")
                    && node instanceof ScalarNode scalar
                    && kind(scalar) == Value.Kind.INTEGER) {
                return "; did you mean " + Quote.onOneLine(scalar.getValue()) + "s?";
            }
            if (expected.startsWith("three octal")
                    && node instanceof ScalarNode scalar
                    && kind(scalar) == Value.Kind.INTEGER) {
                return "; without quotes YAML takes it for a decimal number";
            }
            return "";
        }
    }

    /**
     * A list.
     *
     * @param items what is in it
     * @param expected what it may be
     * @param alone how a value that is no list becomes one; null: it may not be one
     */
    record ListOf<T>(
            Syntax<T> items, String expected, @Nullable Syntax<List<T>> alone) implements Syntax<List<T>> {
        @Override
        public Optional<List<T>> read(Node node, YamlCursor place) {
            if (!(node instanceof SequenceNode sequence)) {
                boolean mayStandAlone = alone instanceof TextSyntax ? node instanceof ScalarNode : alone != null;
                return alone != null && mayStandAlone && !isNull(node)
                        ? alone.read(node, place)
                        : place.complain(node, whatIsThere(node) + "; expected " + expected);
            }
            List<T> values = new ArrayList<>();
            int index = 0;
            for (Node item : sequence.getValue()) {
                YamlCursor at = place.item(index++, item);
                items.read(item, at).ifPresent(values::add);
            }
            return Optional.of(values);
        }

        @Override
        public SequencedMap<String, Object> schema() {
            SequencedMap<String, Object> list = JsonSchema.of("type", "array", "items", items.schema());
            return alone == null ? list : JsonSchema.of("anyOf", List.of(alone.schema(), list));
        }
    }

    /**
     * A map whose keys are names that users choose.
     *
     * @param names what a name may be, and what is expected of it
     * @param values what is in it
     */
    record MapOf<T>(Syntax<String> names, Syntax<T> values, String expected)
            implements Syntax<SequencedMap<String, T>> {
        @Override
        public Optional<SequencedMap<String, T>> read(Node node, YamlCursor place) {
            if (!(node instanceof MappingNode)) {
                return place.complain(node, whatIsThere(node) + "; expected " + expected);
            }
            SequencedMap<String, T> read = new LinkedHashMap<>();
            place.entries(node, (name, keyNode, value) -> {
                YamlCursor at = place.key(name, value);
                Optional<String> good = names.read(keyNode, at);
                Optional<T> it = values.read(value, at);
                good.ifPresent(key -> it.ifPresent(present -> read.put(key, present)));
            });
            return Optional.of(read);
        }

        @Override
        public SequencedMap<String, Object> schema() {
            return JsonSchema.of(
                    "type", "object", "propertyNames", names.schema(), "additionalProperties", values.schema());
        }
    }

    /**
     * A map of keys of our own.
     *
     * @param keys the keys
     * @param wrong what is wrong with the values together; empty if nothing is
     * @param make makes good values what they are to be
     * @param together what JSON Schema can say of the keys together
     */
    record MapSyntax<T>(
            KeyList keys,
            Function<Values, String> wrong,
            Function<Values, T> make,
            SequencedMap<String, Object> together)
            implements Syntax<T> {

        @Override
        public Optional<KeyList> keysWithin() {
            return Optional.of(keys);
        }

        @Override
        public String expected() {
            return "a map of " + String.join(", ", keys.names());
        }

        @Override
        public Optional<T> read(Node node, YamlCursor place) {
            if (!(node instanceof MappingNode)) {
                return place.complain(node, whatIsThere(node) + "; expected " + expected());
            }
            int before = place.complaints();
            Values values = keys.read(node, place);
            if (place.complaints() > before) {
                return Optional.empty();
            }
            String what = wrong.apply(values);
            return what.isEmpty() ? Optional.of(make.apply(values)) : place.complain(node, what);
        }

        @Override
        public SequencedMap<String, Object> schema() {
            SequencedMap<String, Object> schema = keys.schema();
            schema.putAll(together);
            return schema;
        }
    }

    /**
     * One form, or another, told apart by the kind of the node.
     *
     * @param map the form that a map has
     * @param other the form of anything else
     */
    record MapOr<T>(Syntax<T> map, Syntax<T> other, String expected) implements Syntax<T> {
        @Override
        public Optional<KeyList> keysWithin() {
            return map.keysWithin();
        }

        @Override
        public Optional<T> read(Node node, YamlCursor place) {
            if (node instanceof MappingNode) {
                return map.read(node, place);
            }
            if (isNull(node)) {
                return place.complain(node, whatIsThere(node) + "; expected " + expected);
            }
            return other.read(node, place);
        }

        @Override
        public SequencedMap<String, Object> schema() {
            return JsonSchema.of("anyOf", List.of(other.schema(), map.schema()));
        }
    }

    /** A value of another form, made something else. */
    record Converted<S, T>(Syntax<S> form, Function<S, T> make) implements Syntax<T> {
        @Override
        public Optional<KeyList> keysWithin() {
            return form.keysWithin();
        }

        @Override
        public String expected() {
            return form.expected();
        }

        @Override
        public Optional<T> read(Node node, YamlCursor place) {
            return form.read(node, place).map(make);
        }

        @Override
        public SequencedMap<String, Object> schema() {
            return form.schema();
        }
    }

    /** A map that somebody else understands. */
    record Foreign() implements Syntax<Value> {
        @Override
        public String expected() {
            return "a map of the plugin's own keys";
        }

        @Override
        public Optional<Value> read(Node node, YamlCursor place) {
            if (!(node instanceof MappingNode) && !isNull(node)) {
                return place.complain(node, whatIsThere(node) + "; expected " + expected());
            }
            int before = place.complaints();
            Value value = value(node, place, 0);
            return place.complaints() > before ? Optional.empty() : Optional.of(value);
        }

        private static Value value(Node node, YamlCursor place, int depth) {
            Value.Position position = place.position(node);
            if (depth > ServiceYaml.MAX_DEPTH) {
                place.complain(node, "contains itself, or is too deep");
                return new Value.Scalar("", Value.Kind.NULL, position);
            }
            if (!place.mayRead()) {
                return new Value.Scalar("", Value.Kind.NULL, position);
            }
            if (node instanceof SequenceNode sequence) {
                List<Value> items = new ArrayList<>();
                for (Node item : sequence.getValue()) {
                    items.add(value(item, place, depth + 1));
                }
                return new Value.Sequence(items, position);
            }
            if (node instanceof MappingNode) {
                SequencedMap<String, Value.Entry> entries = new LinkedHashMap<>();
                place.entries(
                        node,
                        (name, keyNode, value) -> entries.put(
                                name,
                                new Value.Entry(place.position(keyNode), value(value, place.under(name), depth + 1))));
                return new Value.Mapping(entries, position);
            }
            return node instanceof ScalarNode scalar
                    ? new Value.Scalar(scalar.getValue(), kind(scalar), position)
                    : new Value.Scalar("", Value.Kind.NULL, position);
        }

        @Override
        public SequencedMap<String, Object> schema() {
            return JsonSchema.of("type", List.of("object", "null"));
        }
    }

    /** What YAML takes a scalar for. */
    static Value.Kind kind(ScalarNode scalar) {
        Tag tag = scalar.getTag();
        return tag.equals(Tag.INT)
                ? Value.Kind.INTEGER
                : tag.equals(Tag.FLOAT)
                        ? Value.Kind.DECIMAL
                        : tag.equals(Tag.BOOL)
                                ? Value.Kind.BOOLEAN
                                : tag.equals(Tag.NULL) ? Value.Kind.NULL : Value.Kind.STRING;
    }

    static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    /** What somebody wrote, in their own words where it is short enough for that. */
    static String whatIsThere(Node node) {
        if (node instanceof ScalarNode scalar) {
            boolean nothing = isNull(node) && scalar.getValue().isEmpty();
            boolean bare = scalar.isPlain() && !scalar.getTag().equals(Tag.STR);
            String text = scalar.getValue();
            String cut = text.length() > 80 ? text.substring(0, 80) + "…" : text;
            return nothing ? "no value" : bare ? Quote.onOneLine(cut) : Quote.of(text);
        }
        return node.getNodeType() == NodeType.SEQUENCE ? "a list" : "a map";
    }

    /** A part of a map. */
    @FunctionalInterface
    interface EntryReader {
        void read(String name, Node key, Node value);
    }

    /** The tuples of a map, in the order of the file. */
    static List<NodeTuple> tuples(Node map) {
        return ((MappingNode) map).getValue();
    }
}
