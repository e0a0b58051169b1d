package bellhop.convert;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Values as {@code service.yaml} has them. */
final class YamlText {
    private static final int LONGEST = 110;

    private YamlText() {}

    /** A key with its value, on one line, or a line for each item if that is too long. */
    static String entry(String key, Object value) {
        String line = key + ": " + flow(value);
        if (line.length() <= LONGEST) {
            return line + "\n";
        }
        StringBuilder lines = new StringBuilder(key).append(":\n");
        switch (value) {
            case List<?> items ->
                items.forEach(item -> lines.append("  - ").append(flow(item)).append('\n'));
            case Map<?, ?> entries ->
                entries.forEach((inner, item) -> lines.append("  ")
                        .append(flow(String.valueOf(inner)))
                        .append(": ")
                        .append(flow(item))
                        .append('\n'));
            default -> {
                return line + "\n";
            }
        }
        return lines.toString();
    }

    private static String flow(Object value) {
        return switch (value) {
            case List<?> items -> items.stream().map(YamlText::flow).collect(Collectors.joining(", ", "[", "]"));
            case Map<?, ?> entries ->
                entries.entrySet().stream()
                        .map(entry -> flow(String.valueOf(entry.getKey())) + ": " + flow(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
            case String text -> text(text);
            default -> value.toString();
        };
    }

    /** Plain if YAML takes it for a text whatever stands around it, and people do. */
    private static String text(String text) {
        if (text.matches("[A-Za-z/][A-Za-z0-9_./@+-]*")
                && !text.matches("(?i)true|false|null|yes|no|on|off|y|n|(?:[-+]?\\.)?(?:inf|nan)")) {
            return text;
        }
        if (text.matches("[0-9]+(ms|us|s|m|h|d)([0-9]+(ms|us|s|m|h|d))*")) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                case '\r' -> quoted.append("\\r");
                default -> {
                    if (c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff) {
                        quoted.append(String.format("\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
