package bellhop.terminal;

import bellhop.definition.Quote;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One thing that a manager tells a client that draws: its kind, and entries {@code KEY=VALUE}, of which a list has
 * several with the same key.
 */
public record Fact(String kind, List<String> entries) {

    public Fact {
        entries = List.copyOf(entries);
    }

    /**
     * What stands in a fact's line.
     *
     * @param words not empty
     */
    public static Fact of(List<String> words) {
        return new Fact(words.getFirst(), words.subList(1, words.size()));
    }

    /** The value of a key as it came, good for JSON and comparisons; empty if there is none. */
    public Optional<String> raw(String key) {
        return all(key).stream().findFirst();
    }

    /** The value of a key, fit to be shown in a line; empty text if there is none. */
    public String text(String key) {
        return Quote.onOneLine(raw(key).orElse(""));
    }

    /** The value of a key whose values are numbers; empty if there is none, or it is none. */
    public OptionalLong number(String key) {
        try {
            return raw(key).map(text -> OptionalLong.of(Long.parseLong(text))).orElse(OptionalLong.empty());
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** Whether the value of a key is {@code yes}. */
    public boolean is(String key) {
        return raw(key).filter("yes"::equals).isPresent();
    }

    /** All values of a key as they came, in their order. */
    public List<String> all(String key) {
        List<String> values = new ArrayList<>();
        for (String entry : entries) {
            int sign = entry.indexOf('=');
            if (sign == key.length() && entry.startsWith(key)) {
                values.add(entry.substring(sign + 1));
            }
        }
        return values;
    }
}
