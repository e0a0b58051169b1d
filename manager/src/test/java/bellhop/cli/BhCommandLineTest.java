package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.manager.RunOption;
import bellhop.manager.RunOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies that one command line understands many commands, and none of them lingers in the next. */
final class BhCommandLineTest {

    private final BhCommandLine commandLine = new BhCommandLine();

    @Test
    void forgetsTheWordsBefore() {
        var first = (StatusVerbs.Status)
                commandLine.parse(List.of("status", "--json", "a", "b")).verb().orElseThrow();
        assertThat(first.json).isTrue();
        assertThat(first.names).containsExactly("a", "b");

        var second = (StatusVerbs.Status)
                commandLine.parse(List.of("status", "c")).verb().orElseThrow();
        assertThat(second.json).isFalse();
        assertThat(second.names).containsExactly("c");

        var third =
                (StatusVerbs.Status) commandLine.parse(List.of("status")).verb().orElseThrow();
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

    @Test
    void theOptionsOfRunAreUnderstoodAsTheManagerReadsThem() throws Exception {
        for (RunOption option : RunOption.values()) {
            List<String> words = new ArrayList<>(List.of("run", option.text()));
            if (option.type() != boolean.class) {
                words.add(option == RunOption.STOP_TIMEOUT ? "5s" : "name");
            }
            assertThat(RunOptions.parse(words.subList(1, words.size()), Map.of()))
                    .as(option.text())
                    .isPresent();
            assertThat(commandLine.parse(words).verb()).as(option.text()).isPresent();
            if (words.size() > 2) {
                String one = option.text() + "=" + words.getLast();
                assertThat(RunOptions.parse(List.of(one), Map.of())).isPresent();
                assertThat(RunOptions.parse(List.of(option.text()), Map.of())).isEmpty();
                assertThat(commandLine.parse(List.of("run", option.text())).err())
                        .first()
                        .isEqualTo("bh-run: " + option.text() + ": " + option.label() + " is missing");
            }
        }
    }

    @Test
    void whatAnOptionOfRunIsGivenIsCheckedWhereverItIsRead() throws Exception {
        for (String word : List.of("--stop-timeout=soon", "--exit-with=-x", "--console=yes", "--nonsense")) {
            assertThat(RunOptions.parse(List.of(word), Map.of())).as(word).isEmpty();
        }
        assertThat(commandLine.parse(List.of("run", "--stop-timeout", "soon")).err())
                .first()
                .asString()
                .startsWith("bh-run: --stop-timeout: \"soon\" is not ");
        assertThat(commandLine.parse(List.of("run", "--exit-with", "+x")).err())
                .first()
                .isEqualTo("bh-run: --exit-with: \"+x\" is not the name of a service");
        assertThat(commandLine
                        .parse(List.of("import", "--from", "x", "web.conf"))
                        .err())
                .first()
                .isEqualTo("bh-import: --from: \"x\" is not one of systemd, supervisord, compose");
    }

    @Test
    void whatAnOptionOfRunSaysGoesBeforeTheEnvironment() throws Exception {
        Map<String, String> environment =
                Map.of("BELLHOP_SERVICES", "/a::/b", "BELLHOP_LOGDIR", "/log", "BELLHOP_SYSFS", "/sys2");

        RunOptions inherited = RunOptions.parse(List.of(), environment).orElseThrow();
        assertThat(inherited.services()).containsExactly(Path.of("/a"), Path.of("/b"));
        assertThat(inherited.logdir()).isEqualTo(Path.of("/log"));
        assertThat(inherited.sysfs()).isEqualTo(Path.of("/sys2"));

        RunOptions named = RunOptions.parse(
                        List.of("--services", "/c", "--trial", "--services=/d", "--logdir=", "--rundir", "/r"),
                        environment)
                .orElseThrow();
        assertThat(named.services()).containsExactly(Path.of("/c"), Path.of("/d"));
        assertThat(named.logdir()).isNull();
        assertThat(named.rundir()).isEqualTo("/r");
        assertThat(named.trial()).isTrue();
        assertThat(named.words()).isEqualTo(6);
    }

    @Test
    void withoutOptionsPicocliFindsTheSame() {
        int plain = 0;
        for (VerbName verb : VerbName.values()) {
            for (List<String> operands : List.of(List.<String>of(), List.of("a"), List.of("a", "b"))) {
                List<String> words =
                        Stream.concat(Stream.of(verb.word()), operands.stream()).toList();
                Optional<Verbs.NamedVerb> found = Verbs.plain(words);
                if (found.isPresent()) {
                    assertThat(found.get())
                            .as(words.toString())
                            .usingRecursiveComparison()
                            .isEqualTo(commandLine.parse(words).named().orElseThrow());
                    plain++;
                }
            }
        }
        assertThat(plain).isGreaterThan(10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-h",
                "--version",
                "start",
                "start --all a",
                "start -- a",
                "logs -f",
                "require a b",
                "stopall a",
                "enable",
                "strat a"
            })
    void picocliLooksAtEverythingElse(String words) {
        assertThat(Verbs.plain(List.of(words.split(" ")))).isEmpty();
    }

    @Test
    void picocliLooksAtAnEmptyOperand() {
        assertThat(Verbs.plain(List.of("start", ""))).isEmpty();
        assertThat(Verbs.plain(List.of())).isEmpty();
    }
}
