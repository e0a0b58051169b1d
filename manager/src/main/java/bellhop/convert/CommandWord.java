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
     * @param otherwise what stands for a variable that is not set or empty
     * @param splits whether the value becomes several words, or none
     */
    record Variable(String name, String otherwise, boolean splits) implements WordPart {}

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
                    case Variable(String name, String otherwise, boolean splits) -> "$" + name;
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
                        case Variable(String name, String otherwise, boolean splits) -> {
                            String value =
                                    otherwise.isEmpty() ? "$" + name : "${" + name + ":-" + escaped(otherwise) + "}";
                            yield splits ? value : otherwise.isEmpty() ? "\"${" + name + "}\"" : "\"" + value + "\"";
                        }
                        case ShellOutput(String line) -> "\"$(" + line + ")\"";
                    });
        }
        return String.join("", words);
    }

    private static String escaped(String text) {
        return text.replaceAll("([\\\\\"$`}])", "\\\\$1");
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
