package bellhop.control;

import java.util.List;
import java.util.Map;

/** JSON text, written. */
public final class Json {

    private Json() {}

    /** A string. */
    public static String string(String text) {
        String array = RequestLine.format(List.of(text));
        return array.substring(1, array.length() - 1);
    }

    /** An array of strings. */
    public static String array(List<String> texts) {
        return RequestLine.format(texts);
    }

    /** An array of what is JSON already. */
    public static String list(List<String> values) {
        return "[" + String.join(",", values) + "]";
    }

    /**
     * An object.
     *
     * @param fields names, and values that are JSON already
     */
    public static String object(Map<String, String> fields) {
        return "{"
                + String.join(
                        ",",
                        fields.entrySet().stream()
                                .map(field -> string(field.getKey()) + ":" + field.getValue())
                                .toList())
                + "}";
    }
}
