package bellhop.definition;

import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeType;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** The form that the value of a key has: how it is read, and what to tell those who wrote something else. */
sealed interface Form<T> {

    /** Where a form says what is wrong with a value, or with a part of one. */
    @FunctionalInterface
    interface Complaints {
        void add(Node where, String what);
    }

    /** What a value may be, as it follows the word "expected". */
    String expected();

    /** The value, or nothing after at least one complaint. */
    Optional<T> read(Node node, Complaints complaints);

    /** {@code true} or {@code false}, without quotes. */
    record Flag() implements Form<Boolean> {
        @Override
        public String expected() {
            return "true or false";
        }

        @Override
        public Optional<Boolean> read(Node node, Complaints complaints) {
            if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
                return Optional.of(Boolean.parseBoolean(scalar.getValue()));
            }
            complaints.add(node, whatIsThere(node) + "; expected " + expected() + hint(node));
            return Optional.empty();
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
    }

    /**
     * One of a few words.
     *
     * @param words the words that are told to users, with what they mean, in the order to tell them
     * @param alsoAccepted further words that are read and not told
     * @param refused words that deserve an answer of their own
     */
    record Word<T>(SequencedMap<String, T> words, Map<String, T> alsoAccepted, Refused refused) implements Form<T> {

        /** Finds the answer to a word that is understood and yet not accepted. */
        @FunctionalInterface
        interface Refused {
            Optional<String> why(String word);
        }

        @Override
        public String expected() {
            return "one of " + String.join(", ", words.keySet());
        }

        @Override
        public Optional<T> read(Node node, Complaints complaints) {
            if (!(node instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
                complaints.add(node, whatIsThere(node) + "; expected " + expected());
                return Optional.empty();
            }
            String word = scalar.getValue();
            T value = words.containsKey(word) ? words.get(word) : alsoAccepted.get(word);
            if (value == null) {
                complaints.add(
                        node,
                        refused.why(word)
                                .orElseGet(() ->
                                        Quote.of(word) + " is not " + expected() + Nearest.hint(word, words.keySet())));
            }
            return Optional.ofNullable(value);
        }
    }

    /** What somebody wrote, in their own words where it is short enough for that. */
    static String whatIsThere(Node node) {
        if (node instanceof ScalarNode scalar) {
            boolean nothing =
                    scalar.getTag().equals(Tag.NULL) && scalar.getValue().isEmpty();
            boolean bare = scalar.isPlain() && !scalar.getTag().equals(Tag.STR);
            return nothing ? "no value" : bare ? Quote.onOneLine(scalar.getValue()) : Quote.of(scalar.getValue());
        }
        return node.getNodeType() == NodeType.SEQUENCE ? "a list" : "a map";
    }
}
