package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Verifies that the manual of {@code bh} has each verb, and it or the verb's own page each of the options. */
class DocumentedVerbsTest {

    static List<CommandSpec> verbs() {
        return BhCommandLine.withVerbs().getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void theManualHasTheVerbAndItsOptions(CommandSpec verb) throws IOException {
        String manual = Files.readString(Path.of("..", "docs", "man", "bh.1"));

        assertThat(manual.lines().filter(line -> line.startsWith(".It Cm ")))
                .anySatisfy(
                        line -> assertThat(line.substring(".It Cm ".length()).split(" , "))
                                .contains(verb.name()));
        Path own = Path.of("..", "docs", "man", "bh-" + verb.name() + ".1");
        String pages = Files.exists(own) ? manual + Files.readString(own) : manual;
        assertThat(verb.options())
                .filteredOn(option -> !option.hidden())
                .flatMap(option -> List.of(option.names()))
                .allSatisfy(option -> assertThat(pages).containsPattern("(?m)^\\.It .*" + macro(option) + "( |$)"));
    }

    /** {@code -n} is {@code Fl n}, {@code --json} is {@code Fl Fl json}. */
    private static String macro(String option) {
        return option.startsWith("--") ? "Fl Fl " + option.substring(2) : "Fl " + option.substring(1);
    }
}
