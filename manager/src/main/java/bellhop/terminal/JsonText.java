package bellhop.terminal;

import bellhop.control.Json;
import java.util.List;

/** Writes one JSON object, on one line. */
final class JsonText {

    private final StringBuilder text = new StringBuilder("{");

    /** Adds a value that is JSON already. */
    JsonText value(String key, String json) {
        text.append(text.length() > 1 ? "," : "")
                .append(Json.string(key))
                .append(':')
                .append(json);
        return this;
    }

    /** Adds a text; if it is empty, {@code null}. */
    JsonText text(String key, String value) {
        return value(key, value.isEmpty() ? "null" : Json.string(value));
    }

    /** Adds {@code true} or {@code false}. */
    JsonText is(String key, boolean value) {
        return value(key, Boolean.toString(value));
    }

    /** Adds a list of objects. */
    JsonText objects(String key, List<JsonText> values) {
        return value(key, Json.list(values.stream().map(JsonText::toString).toList()));
    }

    /** Adds a list of texts. */
    JsonText list(String key, List<String> values) {
        return value(key, Json.array(values));
    }

    @Override
    public String toString() {
        return text + "}";
    }
}
