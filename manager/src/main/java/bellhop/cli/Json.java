package bellhop.cli;

import bellhop.control.RequestLine;
import java.util.List;
import java.util.Map;

/** JSON text, written. */
public final class Json {

    private Json() {}

    public static String string(String text) {
        String array = RequestLine.format(List.of(text));
        return array.substring(1, array.length() - 1);
    }

    static String array(List<String> texts) {
        return RequestLine.format(texts);
    }

    /**
     * An object.
     *
     * @param fields names, and values that are JSON already
     */
    static String object(Map<String, String> fields) {
        return "{"
                + String.join(
                        ",",
                        fields.entrySet().stream()
                                .map(field -> string(field.getKey()) + ":" + field.getValue())
                                .toList())
                + "}";
    }
}
