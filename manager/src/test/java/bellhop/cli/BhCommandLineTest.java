package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Verifies that one command line understands many commands, and none of them lingers in the next. */
final class BhCommandLineTest {

    private final BhCommandLine commandLine = new BhCommandLine();

    @Test
    void forgetsTheWordsBefore() {
        var first = (Verbs.Status)
                commandLine.parse(List.of("status", "--json", "a", "b")).verb().orElseThrow();
        assertThat(first.json).isTrue();
        assertThat(first.names).containsExactly("a", "b");

        var second =
                (Verbs.Status) commandLine.parse(List.of("status", "c")).verb().orElseThrow();
        assertThat(second.json).isFalse();
        assertThat(second.names).containsExactly("c");

        var third = (Verbs.Status) commandLine.parse(List.of("status")).verb().orElseThrow();
        assertThat(third.names).isEmpty();
    }

    @Test
    void forgetsTheOwnerBefore() {
        commandLine.parse(List.of("require", "--owner", "me", "a"));

        var next = (Verbs.RequireVerb)
                commandLine.parse(List.of("require", "a")).verb().orElseThrow();

        assertThat(next.owner).isNull();
    }

    @Test
    void understandsWhatComesAfterWhatItDidNot() {
        assertThat(commandLine.parse(List.of("start", "--nonsense", "a")).status())
                .isEqualTo(LocalCommands.USAGE);

        assertThat(commandLine.parse(List.of("start", "b")).verb())
                .hasValueSatisfying(
                        verb -> assertThat(((Verbs.StartVerb) verb).names).containsExactly("b"));
    }

    @Test
    void theVerbsThatNeedNoManagerAreThoseThatWorkOnFilesAlone() {
        for (VerbName verb : VerbName.values()) {
            assertThat(Verbs.command(verb) instanceof LocalVerb).as(verb.word()).isEqualTo(!verb.needsManager());
        }
    }

    @Test
    void whatNamesFilesIsSeenWithoutUnderstandingTheWords() {
        assertThat(VerbName.CHECK.namesFiles(List.of("check", "web", "db"))).isFalse();
        for (String word : List.of("--services=x", "--services", "--plugins", ".", "..", "x/", "-/x")) {
            assertThat(VerbName.CHECK.namesFiles(List.of("check", "--", word)))
                    .as(word)
                    .isTrue();
        }
        assertThat(VerbName.SHOW.namesFiles(List.of("show", "--services=x", "web")))
                .isTrue();
        assertThat(VerbName.SHOW.namesFiles(List.of("show", "a/b"))).isFalse();
        assertThat(VerbName.ENABLE.namesFiles(List.of("enable", "a/b"))).isFalse();
    }
}
