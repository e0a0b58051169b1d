package bellhop.yaml;

import bellhop.definition.Quote;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/** Forms of what is to be executed. */
final class CommandLines {
    private CommandLines() {}

    /** A word of a command line: what YAML takes for a number is a word there too, as it is written. */
    private static Syntax<String> argument() {
        return new Syntax.TextSyntax<>(
                "a word",
                Scalars.WORDS,
                JsonSchema.of("type", List.of("string", "number", "boolean")),
                (text, place) -> place.expand(text));
    }

    /** What is to be executed: a list of words, or one text that is split as a shell would, and only split. */
    static Syntax<List<String>> command() {
        Syntax<List<String>> line = new Syntax.TextSyntax<>(
                "a command line", Scalars.STRING, JsonSchema.of("type", "string", "pattern", "\\S"), (text, place) -> {
                    List<String> words = new ArrayList<>();
                    for (String word : split(text)) {
                        words.add(place.expand(word));
                    }
                    return words;
                });
        return notEmpty(new Syntax.ListOf<>(argument(), "a list of words, or one text", line), "a program");
    }

    /** A test as Compose has it: a text or CMD-SHELL for a shell, CMD for a program; NONE where there may be none. */
    static Syntax<List<String>> test(boolean mayBeNone) {
        Syntax<List<String>> line = new Syntax.TextSyntax<>(
                "a command line", Scalars.STRING, JsonSchema.of("type", "string", "pattern", "\\S"), (text, place) -> {
                    if (text.isBlank()) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return List.of("CMD-SHELL", place.expand(text));
                });
        String first = mayBeNone ? "CMD, CMD-SHELL or NONE" : "CMD or CMD-SHELL";
        Syntax<List<String>> list =
                new Syntax.ListOf<>(argument(), "a text, or a list that begins with " + first, line);
        return new Validated<>(
                list,
                words -> {
                    String kind = words.isEmpty() ? "" : words.getFirst();
                    return switch (kind) {
                        case "CMD" -> words.size() > 1 && !words.get(1).isEmpty() ? "" : "expected a program after CMD";
                        case "CMD-SHELL" ->
                            words.size() == 2 && !words.get(1).isBlank()
                                    ? ""
                                    : "expected one command line after CMD-SHELL";
                        case "NONE" ->
                            mayBeNone && words.size() == 1 ? "" : "a list that begins with NONE; expected " + first;
                        default -> "a list that begins with " + Quote.of(kind) + "; expected " + first + " there";
                    };
                },
                JsonSchema.of(
                        "anyOf",
                        List.of(
                                JsonSchema.of("type", "string", "pattern", "\\S"),
                                JsonSchema.of(
                                        "type",
                                        "array",
                                        "items",
                                        argument().schema(),
                                        "minItems",
                                        mayBeNone ? 1 : 2,
                                        "prefixItems",
                                        List.of(JsonSchema.of(
                                                "enum",
                                                mayBeNone
                                                        ? List.of("CMD", "CMD-SHELL", "NONE")
                                                        : List.of("CMD", "CMD-SHELL")))))),
                words -> switch (words.getFirst()) {
                    case "CMD" -> words.subList(1, words.size());
                    case "CMD-SHELL" -> List.of("/bin/sh", "-c", words.get(1));
                    default -> List.of();
                });
    }

    /** The words of a line as a shell splits them: quotes and backslashes are honoured, nothing is expanded. */
    static List<String> split(String line) throws Syntax.InvalidValueException {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote == '\'' ? c == '\'' : quote == '"' && c == '"') {
                quote = 0;
            } else if (quote == '\'') {
                word.append(c);
            } else if (c == '\\') {
                if (++i == line.length()) {
                    throw new Syntax.InvalidValueException("a backslash at the end escapes nothing");
                }
                char next = line.charAt(i);
                if (quote == '"' && "\\\"$`\n".indexOf(next) < 0) {
                    word.append(c);
                }
                word.append(next);
                inWord = true;
            } else if (quote == '"') {
                word.append(c);
            } else if (c == '\'' || c == '"') {
                quote = c;
                inWord = true;
            } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (quote != 0) {
            throw new Syntax.InvalidValueException("a quote is not closed; expected " + quote);
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }

    private static Syntax<List<String>> notEmpty(Syntax<List<String>> form, String what) {
        SequencedMap<String, Object> schema = JsonSchema.of(
                "anyOf",
                List.of(
                        JsonSchema.of("type", "string", "pattern", "\\S"),
                        JsonSchema.of("type", "array", "items", argument().schema(), "minItems", 1)));
        return new Validated<>(
                form,
                words -> words.isEmpty() || words.getFirst().isEmpty() ? "empty; expected " + what : "",
                schema,
                words -> words);
    }
}
