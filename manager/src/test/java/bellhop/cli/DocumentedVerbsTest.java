package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Examples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Verifies that each verb, with all of its options, is in the manual of {@code bh}, in its {@code --help} and in the
 * completion of shells, and that the manual has an example of it, which ExamplesIT runs. The same holds for the shell
 * clients and their own pages.
 */
class DocumentedVerbsTest {

    private static final Path CLONE = Path.of("..");
    private static final Path MANUALS = CLONE.resolve("docs/man");
    private static final Pattern OPTION = Pattern.compile("\\bFl (?:Fl ([a-z-]+)|([a-z])\\b)");

    static List<CommandSpec> verbs() {
        return BhCommandLine.withVerbs().getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .toList();
    }

    static Stream<String> clients() {
        return verbs().stream()
                .map(verb -> "bh-" + verb.name())
                .filter(name -> Files.exists(CLONE.resolve("bin/" + name)));
    }

    static Stream<String> otherPrograms() throws IOException {
        try (Stream<Path> files = Files.list(CLONE.resolve("bin"))) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("bh"))
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void theManualHasTheVerbAndItsOptions(CommandSpec verb) throws IOException {
        String manual = page("bh");

        assertThat(manual.lines().filter(line -> line.startsWith(".It Cm ")))
                .as("docs/man/bh.1: a line `.It Cm %s` in DESCRIPTION", verb.name())
                .anySatisfy(
                        line -> assertThat(line.substring(".It Cm ".length()).split(" , "))
                                .contains(verb.name()));
        String pages = hasPage("bh-" + verb.name()) ? manual + page("bh-" + verb.name()) : manual;
        assertThat(options(verb))
                .allSatisfy(option -> assertThat(pages).containsPattern("(?m)^\\.It .*" + macro(option) + "( |$)"));
    }

    /** {@code -n} is {@code Fl n}, {@code --json} is {@code Fl Fl json}. */
    private static String macro(String option) {
        return option.startsWith("--") ? "Fl Fl " + option.substring(2) : "Fl " + option.substring(1);
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void theSynopsisHasTheOptionsOfTheVerbAndNoOthers(CommandSpec verb) throws IOException {
        SortedSet<String> options = options(verb);
        options.removeAll(List.of("-h", "--help"));
        if (verb.name().equals("run")) {
            assertThat(inSynopsis(page("bh-run"), verb.name()))
                    .as("docs/man/bh-run.1")
                    .isEqualTo(options);
            return;
        }
        assertThat(inSynopsis(page("bh"), verb.name()))
                .as("docs/man/bh.1: SYNOPSIS of %s", verb.name())
                .isEqualTo(options);
        String client = "bh-" + verb.name();
        if (hasPage(client)) {
            assertThat(inSynopsis(page(client), verb.name()))
                    .as("docs/man/%s.1: SYNOPSIS", client)
                    .isEqualTo(options);
        }
    }

    /** The options of a verb in the forms of a synopsis that are of that verb. */
    private static SortedSet<String> inSynopsis(String page, String verb) {
        SortedSet<String> options = new TreeSet<>();
        String synopsis = page.substring(page.indexOf(".Sh SYNOPSIS\n"), page.indexOf(".Sh DESCRIPTION\n"));
        for (String form : synopsis.split("\\.Nm ", -1)) {
            Stream<String> lines = form.lines();
            if (form.startsWith("bh\n")) {
                // What comes before the verb is for all of them.
                List<String> after =
                        form.lines().dropWhile(line -> !line.startsWith(".Cm ")).toList();
                boolean isOfVerb = !after.isEmpty()
                        && List.of(after.getFirst().substring(".Cm ".length()).split(" \\| "))
                                .contains(verb);
                lines = isOfVerb ? after.stream().skip(1) : Stream.empty();
            }
            lines.filter(line -> line.startsWith(".Op ") && !line.contains("Fl h "))
                    .flatMap(line -> OPTION.matcher(line).results())
                    .forEach(match ->
                            options.add(match.group(1) != null ? "--" + match.group(1) : "-" + match.group(2)));
        }
        return options;
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void theHelpHasItsOptions(CommandSpec verb) {
        BhCommandLine.ParsedCommand help = new BhCommandLine().parse(List.of(verb.name(), "--help"));

        assertThat(help.status()).isZero();
        assertThat(help.out()).anyMatch(line -> line.startsWith("Usage: bh " + verb.name()));
        assertThat(options(verb))
                .allSatisfy(option -> assertThat(String.join("\n", help.out()))
                        .containsPattern("(?m)^ +(-[a-z], )?" + option + "\\b"));
        assertThat(new BhCommandLine().parse(List.of("--help")).out())
                .anyMatch(line -> line.matches(" +" + verb.name() + " .*"));
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void theManualHasAnExampleOfTheVerb(CommandSpec verb) throws IOException {
        assertHasExample("bh", "bh " + verb.name());
    }

    @ParameterizedTest
    @MethodSource({"clients", "otherPrograms"})
    void theManualOfAProgramHasAnExampleOfIt(String program) throws IOException {
        assertHasExample(program, program);
    }

    private static void assertHasExample(String page, String words) throws IOException {
        assertThat(Examples.of(MANUALS.resolve(page + ".1")))
                .as(
                        "docs/man/%s.1: add a line `.Dl %s ...` to EXAMPLES, which exits 0 with the services of ExamplesIT",
                        page, words)
                .anyMatch(line -> (line + " ").contains(words + " "));
    }

    private static boolean hasPage(String name) {
        return Files.exists(MANUALS.resolve(name + ".1"));
    }

    private static String page(String name) throws IOException {
        return Files.readString(MANUALS.resolve(name + ".1"));
    }

    private static SortedSet<String> options(CommandSpec verb) {
        SortedSet<String> names = new TreeSet<>();
        verb.options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::names)
                .forEach(all -> names.addAll(List.of(all)));
        return names;
    }
}
