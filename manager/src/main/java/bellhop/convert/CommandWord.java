package bellhop.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A word of a command line, of parts that are known now and parts that are known at each launch. */
record CommandWord(List<WordPart> parts) {

    CommandWord {
        parts = List.copyOf(parts);
    }

    /** What a word is made of. */
    sealed interface WordPart {}

    /** The text itself. */
    record Literal(String text) implements WordPart {}

    /** The target that a template is started for. */
    record TargetPart() implements WordPart {}

    /**
     * The value of a variable of the service.
     *
     * @param operator {@code :-} if another text stands for it if it is not set or empty, {@code -} if only if it is not
     *     set, empty if none does
     * @param otherwise that text
     * @param splits whether the value becomes several words, or none
     */
    record Variable(String name, String operator, String otherwise, boolean splits) implements WordPart {}

    /** The output of a line of shell. */
    record ShellOutput(String line) implements WordPart {}

    static CommandWord of(String text) {
        return new CommandWord(List.of(new Literal(text)));
    }

    /** Whether {@code service.yaml} can express it: it has no escape for {@code {target}} as a text. */
    boolean fitsYaml() {
        return parts.stream().allMatch(part -> switch (part) {
            case Literal(String text) -> fitsYaml(text);
            case TargetPart _ -> true;
            case Variable _, ShellOutput _ -> false;
        });
    }

    /** Whether a text stands for itself in the values of {@code service.yaml} that are expanded. */
    static boolean fitsYaml(String text) {
        return !text.contains("{target}") && !text.contains("{service}");
    }

    /** As {@code service.yaml} has it, if it fits. */
    String yaml() {
        return parts.stream()
                .map(part -> switch (part) {
                    case Literal(String text) -> text;
                    case TargetPart _ -> "{target}";
                    case Variable variable -> "$" + variable.name();
                    case ShellOutput(String line) -> line;
                })
                .collect(Collectors.joining());
    }

    /** As a word of a script. */
    String shell(boolean isProgram) {
        if (parts.isEmpty()) {
            return "''";
        }
        List<String> words = new ArrayList<>();
        for (WordPart part : parts) {
            words.add(
                    switch (part) {
                        case Literal(String text) ->
                            text.isEmpty() && parts.size() > 1
                                    ? ""
                                    : isProgram ? Shell.quoteProgram(text) : Shell.quote(text);
                        case TargetPart _ -> "\"$1\"";
                        case Variable variable -> shell(variable);
                        case ShellOutput(String line) -> "\"$(" + line + ")\"";
                    });
        }
        return String.join("", words);
    }

    /** In braces, since a letter or digit may follow. */
    private static String shell(Variable variable) {
        // Between double quotes only these characters are special; without, a quote that is not closed would be as
        // well.
        String special = variable.splits() ? "([^A-Za-z0-9_./\\s-])" : "([\\\\\"$`}])";
        String value = "${" + variable.name() + variable.operator()
                + variable.otherwise().replaceAll(special, "\\\\$1") + "}";
        return variable.splits() ? value : "\"" + value + "\"";
    }

    /** Whether the shell has to split it, in which it must not look for files. */
    boolean splits() {
        return parts.stream().anyMatch(part -> part instanceof Variable variable && variable.splits());
    }

    /** A command as a line of a script. */
    static String line(List<CommandWord> words) {
        List<String> line = new ArrayList<>();
        for (CommandWord word : words) {
            line.add(word.shell(line.isEmpty()));
        }
        return String.join(" ", line);
    }
}
