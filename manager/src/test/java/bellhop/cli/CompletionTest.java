package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Paper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Verifies that the completion of each shell has the verbs, options and operands that picocli knows.
 * {@code -Dgenerate=true} writes them again.
 */
class CompletionTest {

    private static final Path CLONE = Path.of("..");
    private static final String BEGIN = "\n# begin: made by CompletionTest\n";
    private static final String END = "# end: made by CompletionTest\n";

    /** What is not among picocli's verbs has operands that the shell itself completes. */
    private static final List<String> OTHER_PROGRAMS = List.of("connect", "escort", "semaphore", "state");

    private static List<CommandSpec> verbs() {
        return BhCommandLine.withVerbs().getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .toList();
    }

    /** The shell clients, as of {@code bh-start}. */
    private static List<String> clients() throws IOException {
        try (Stream<Path> files = Files.list(CLONE.resolve("bin"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("bh-"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void bashHasThem() throws IOException {
        StringBuilder text = new StringBuilder("_bh_verb() {\n    verbs='")
                .append(verbs().stream().map(CommandSpec::name).collect(Collectors.joining(" ")))
                .append("'\n    case $1 in\n");
        List<String> values = new ArrayList<>();
        for (CommandSpec verb : withAll()) {
            String operands = operands(verb)
                    .map(operand -> " '" + kind(verb, operand) + "'")
                    .collect(Collectors.joining());
            text.append("        ")
                    .append(word(verb))
                    .append(") options='")
                    .append(options(verb)
                            .flatMap(option -> Stream.of(option.names()))
                            .collect(Collectors.joining(" ")))
                    .append("'")
                    .append(operands.isEmpty() ? "" : " operands=(" + operands.strip() + ")")
                    .append(operands(verb).anyMatch(ArgSpec::isMultiValue) ? " many=yes" : "")
                    .append(" ;;\n");
            options(verb).filter(CompletionTest::takesValue).forEach(option -> {
                for (String name : option.names()) {
                    values.add("        %s) value='%s' ;;%n".formatted(quoted(verb, name), kind(verb, option)));
                }
            });
        }
        text.append("        ")
                .append(String.join(" | ", OTHER_PROGRAMS))
                .append(
                        ") operands=(file) many=yes ;;\n    esac\n}\n\n_bh_value() {\n    value=''\n    case $1' '$2 in\n");
        values.forEach(text::append);
        text.append("        *' --rundir') value='directory' ;;\n    esac\n}\n\ncomplete -F _bh bh ")
                .append(String.join(" ", clients()));
        assertUpToDate("bash/bh", text.append('\n').toString());
    }

    private static String quoted(CommandSpec verb, String option) {
        return "'" + (verb.parent() == null ? "" : verb.name()) + " " + option + "'";
    }

    private static String word(CommandSpec verb) {
        return verb.parent() == null ? "''" : verb.name();
    }

    @Test
    void zshHasThem() throws IOException {
        StringBuilder text = new StringBuilder("_bh_verbs() {\n    local -a verbs=(\n");
        for (CommandSpec verb : verbs()) {
            text.append("        '")
                    .append(verb.name())
                    .append(':')
                    .append(described(verb).replace("'", "'\\''"))
                    .append("'\n");
        }
        text.append("    )\n    _describe -t verbs verb verbs\n}\n\n_bh_verb() {\n    case $1 in\n");
        for (CommandSpec verb : withAll()) {
            List<String> specs = new ArrayList<>();
            options(verb).forEach(option -> specs.add(zsh(verb, option)));
            int index = 0;
            for (PositionalParamSpec operand : operands(verb).toList()) {
                specs.add("'%s:%s:%s'"
                        .formatted(
                                operand.isMultiValue() ? "*" : ++index,
                                operand.paramLabel(),
                                zshAction(kind(verb, operand))));
            }
            if (verb.parent() == null) {
                specs.add("'1:verb:_bh_verbs'");
                specs.add("'*::operand:->verb'");
            }
            text.append("        ")
                    .append(word(verb))
                    .append(")\n            specs=(\n                ")
                    .append(String.join("\n                ", specs))
                    .append("\n            )\n            ;;\n");
        }
        text.append("        *) specs=('*:file:_files') ;;\n    esac\n}\n");
        Paper zsh = paper("zsh/_bh");
        zsh.hasBetween(BEGIN, END, text.toString());
        String first = "#compdef bh " + String.join(" ", clients()) + "\n";
        String all = Files.readString(zsh.file());
        zsh.is(first + all.substring(all.startsWith("#compdef") ? all.indexOf('\n') + 1 : 0));
    }

    private static String zsh(CommandSpec verb, OptionSpec option) {
        List<String> names = List.of(option.names());
        String described = "[" + described(option).replaceAll("([\\[\\]:\\\\])", "\\\\$1") + "]";
        String value = takesValue(option) ? ":" + option.paramLabel() + ":" + zshAction(kind(verb, option)) : "";
        String excluded = option.usageHelp() || option.versionHelp()
                ? "'(- *)'"
                : option.isMultiValue() ? "'*'" : "'(" + String.join(" ", names) + ")'";
        List<String> forms = names.stream()
                .map(name -> value.isEmpty() ? name : name.startsWith("--") ? name + "=" : name + "+")
                .toList();
        String form = forms.size() == 1 ? forms.getFirst() : "{" + String.join(",", forms) + "}";
        return excluded + form + "'" + (described + value).replace("'", "'\\''") + "'";
    }

    private static String zshAction(String kind) {
        return switch (kind) {
            case "name" -> "_bh_names all";
            case "name-up" -> "_bh_names up";
            case "name-down" -> "_bh_names down";
            case "directory" -> "_directories";
            case "directory,name" -> "_bh_directories_and_names";
            case "file" -> "_files";
            case "signal" -> "_signals";
            case "anything" -> " ";
            default -> "(" + kind.substring("words ".length()) + ")";
        };
    }

    @Test
    void fishHasThem() throws IOException {
        List<String> values = new ArrayList<>();
        StringBuilder lines = new StringBuilder("complete -c bh");
        clients().forEach(client -> lines.append(" -c ").append(client));
        lines.append(" -f\n");
        for (CommandSpec verb : verbs()) {
            lines.append("complete -c bh -n '__bh_at \"\"' -a ")
                    .append(verb.name())
                    .append(" -d ")
                    .append(fishQuoted(described(verb)))
                    .append('\n');
        }
        for (CommandSpec verb : withAll()) {
            String client = "bh-" + verb.name();
            String begin = "complete -c bh" + (clients().contains(client) ? " -c " + client : "") + " -n '__bh_at ";
            String name = verb.parent() == null ? "\"\"" : verb.name();
            options(verb).forEach(option -> {
                lines.append(begin).append(name).append("'");
                for (String it : option.names()) {
                    lines.append(it.startsWith("--") ? " -l " + it.substring(2) : " -s " + it.substring(1));
                    if (takesValue(option)) {
                        values.add(quoted(verb, it));
                    }
                }
                if (takesValue(option)) {
                    lines.append(" -x").append(fishArguments(kind(verb, option)));
                }
                lines.append(" -d ").append(fishQuoted(described(option))).append('\n');
            });
            int index = 0;
            for (PositionalParamSpec operand : operands(verb).toList()) {
                String kind = kind(verb, operand);
                if (!kind.equals("anything")) {
                    lines.append(begin)
                            .append(index++)
                            .append(operand.isMultiValue() ? "+ " : " ")
                            .append(name)
                            .append("'")
                            .append(fishArguments(kind))
                            .append('\n');
                }
            }
        }
        for (String client : clients()) {
            lines.append("complete -c ").append(client).append(" -l version -d 'Show the version and exit'\n");
        }
        lines.append("complete -c bh -n '__bh_at ")
                .append(String.join(" ", OTHER_PROGRAMS))
                .append("' -F\n");
        String takes = "function __bh_takes_value\n    test \"$argv[2]\" = --rundir; or contains -- \"$argv\" "
                + String.join(" ", values) + "\nend\n\n";
        assertUpToDate("fish/bh.fish", takes + lines);
    }

    private static String fishArguments(String kind) {
        return switch (kind) {
            case "name" -> " -a '(__bh_names all)'";
            case "name-up" -> " -a '(__bh_names up)'";
            case "name-down" -> " -a '(__bh_names down)'";
            case "directory" -> " -a '(__fish_complete_directories)'";
            case "directory,name" -> " -a '(__bh_names all; __fish_complete_directories)'";
            case "file" -> " -F";
            case "signal" -> " -a '(__bh_signals)'";
            case "anything" -> "";
            default -> " -a '" + kind.substring("words ".length()) + "'";
        };
    }

    private static String fishQuoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /**
     * What can be in the place of an argument: a word for each kind, or the words themselves if picocli knows them or
     * its label is such as {@code started|stopped}.
     */
    private static String kind(CommandSpec verb, ArgSpec argument) {
        if (argument.completionCandidates() != null) {
            return "words "
                    + StreamSupport.stream(argument.completionCandidates().spliterator(), false)
                            .collect(Collectors.joining(" "));
        }
        if (argument.paramLabel().matches("[a-z]+(\\|[a-z]+)+")) {
            return "words " + argument.paramLabel().replace('|', ' ');
        }
        List<String> kinds = Stream.of(argument.paramLabel().split("\\|"))
                .map(label -> switch (label) {
                    case "NAME" -> argument.isOption() ? "name" : names(verb.name());
                    case "DIR" -> "directory";
                    case "FILE" -> "file";
                    case "SIG", "SIGNAL" -> "signal";
                    default -> "anything";
                })
                .sorted()
                .toList();
        return String.join(",", kinds);
    }

    /** Which services are of use to a verb; all unless it is known better. */
    private static String names(String verb) {
        return switch (verb) {
            case "start" -> "name-down";
            case "stop", "signal" -> "name-up";
            default -> "name";
        };
    }

    private static List<CommandSpec> withAll() {
        List<CommandSpec> all = new ArrayList<>();
        all.add(BhCommandLine.withVerbs().getCommandSpec());
        all.addAll(verbs());
        return all;
    }

    private static Stream<OptionSpec> options(CommandSpec verb) {
        return verb.options().stream().filter(option -> !option.hidden());
    }

    private static Stream<PositionalParamSpec> operands(CommandSpec verb) {
        return verb.positionalParameters().stream().filter(operand -> !operand.hidden());
    }

    private static boolean takesValue(OptionSpec option) {
        return option.arity().min() > 0;
    }

    private static String described(CommandSpec verb) {
        return withoutDot(verb.usageMessage().description());
    }

    private static String described(OptionSpec option) {
        return withoutDot(option.description());
    }

    private static String withoutDot(String... description) {
        String text = String.join(" ", description);
        assertThat(text).as("description").isNotBlank();
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }

    private static Paper paper(String path) {
        return new Paper(CLONE.resolve("share/completion").resolve(path), "-am -pl manager test -Dtest=CompletionTest");
    }

    private static void assertUpToDate(String path, String text) throws IOException {
        paper(path).hasBetween(BEGIN, END, text);
    }
}
