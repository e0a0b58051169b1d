package bellhop.convert;

import bellhop.convert.CommandWord.Literal;
import bellhop.convert.CommandWord.Variable;
import bellhop.convert.CommandWord.WordPart;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command of a unit, as systemd.service(5) has it.
 *
 * @param key where it stands
 * @param prefixes what stands before the program: some of {@code @ - : + !}
 * @param words the program and its arguments
 */
record UnitCommand(SourceKey key, String prefixes, List<CommandWord> words) {
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{([A-Za-z_][A-Za-z0-9_]*)\\}|\\$)");
    private static final Pattern ALONE = Pattern.compile("\\$([A-Za-z_][A-Za-z0-9_]*)");

    /** The commands of one assignment; what is wrong with them goes to the report. */
    static List<UnitCommand> of(SourceKey key, Specifiers specifiers, ImportReport report) {
        List<UnitCommand> commands = new ArrayList<>();
        if (!UnitWords.isWhole(key.value())) {
            report.essential(key, "a quote is not closed; the last word ends with the line");
        }
        for (List<String> words : UnitWords.commands(key.value())) {
            if (!words.isEmpty()) {
                UnitCommand command = of(key, words, specifiers, report);
                if (command.words.getFirst().yaml().isEmpty()) {
                    report.lost(key, "there is no program");
                } else {
                    commands.add(command);
                }
            }
        }
        return commands;
    }

    private static UnitCommand of(SourceKey key, List<String> texts, Specifiers specifiers, ImportReport report) {
        String program = texts.getFirst();
        int start = 0;
        while (start < program.length() && "@-:+!|".indexOf(program.charAt(start)) >= 0) {
            start++;
        }
        String prefixes = program.substring(0, start);
        boolean expands = !prefixes.contains(":");
        List<CommandWord> words = new ArrayList<>();
        words.add(new CommandWord(specifiers.parts(program.substring(start), what -> report.otherwise(key, what))));
        List<String> arguments = texts.subList(1, texts.size());
        if (prefixes.contains("@") && !arguments.isEmpty()) {
            report.otherwise(key, "the program's own name is its path, not " + arguments.getFirst());
            arguments = arguments.subList(1, arguments.size());
        }
        if (prefixes.contains("|")) {
            report.otherwise(key, "the prefix | is ignored: no login shell is started");
        }
        for (String text : arguments) {
            words.add(word(key, text, expands, specifiers, report));
        }
        return new UnitCommand(key, prefixes, words);
    }

    private static CommandWord word(
            SourceKey key, String text, boolean expands, Specifiers specifiers, ImportReport report) {
        Matcher alone = ALONE.matcher(text);
        if (expands && alone.matches()) {
            return new CommandWord(List.of(new Variable(alone.group(1), "", "", true)));
        }
        List<WordPart> parts = new ArrayList<>();
        for (WordPart part : specifiers.parts(text, what -> report.otherwise(key, what))) {
            if (expands && part instanceof Literal(String literal)) {
                expand(literal, parts);
            } else {
                parts.add(part);
            }
        }
        return new CommandWord(parts);
    }

    private static void expand(String text, List<WordPart> parts) {
        StringBuilder literal = new StringBuilder();
        Matcher variable = VARIABLE.matcher(text);
        int at = 0;
        while (variable.find()) {
            literal.append(text, at, variable.start());
            at = variable.end();
            if (variable.group(1) == null) {
                literal.append('$');
            } else {
                if (!literal.isEmpty()) {
                    parts.add(new Literal(literal.toString()));
                    literal.setLength(0);
                }
                parts.add(new Variable(variable.group(1), "", "", false));
            }
        }
        literal.append(text, at, text.length());
        if (!literal.isEmpty() || parts.isEmpty()) {
            parts.add(new Literal(literal.toString()));
        }
    }

    boolean has(char prefix) {
        return prefixes.indexOf(prefix) >= 0;
    }

    boolean fitsYaml() {
        return words.stream().allMatch(CommandWord::fitsYaml);
    }

    boolean splits() {
        return words.stream().filter(word -> !uses(word, "MAINPID")).anyMatch(CommandWord::splits);
    }

    /** Whether it uses a variable. */
    boolean uses(String variable) {
        return words.stream().anyMatch(word -> uses(word, variable));
    }

    private static boolean uses(CommandWord word, String variable) {
        return word.parts().stream()
                .anyMatch(part -> part instanceof Variable it && it.name().equals(variable));
    }

    /** The file name of its program. */
    String program() {
        String path = words.getFirst().yaml();
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
