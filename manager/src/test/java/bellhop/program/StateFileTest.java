package bellhop.program;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {

    @TempDir
    Path directory;

    private Outcome state(String... arguments) {
        return Run.of(StateFile::run, arguments);
    }

    @Test
    void aChangeIsToldFromNone() throws Exception {
        Path file = directory.resolve("door");
        assertThat(state(file.toString(), "open")).isEqualTo(new Outcome(0, "", ""));
        assertThat(state(file.toString(), "open")).isEqualTo(new Outcome(1, "", ""));
        assertThat(Files.readString(file)).isEqualTo("open\n");
        assertThat(state(file.toString(), "closed")).isEqualTo(new Outcome(0, "", ""));
        assertThat(Files.readString(file)).isEqualTo("closed\n");
        assertThat(state(file.toString(), "clos")).isEqualTo(new Outcome(0, "", ""));
        Files.writeString(file, "x".repeat(1 << 20));
        assertThat(state(file.toString(), "open").status()).isZero();
        assertThat(Files.readString(file)).isEqualTo("open\n");
    }

    @Test
    void aWordIsOneWord() {
        String file = directory.resolve("door").toString();
        for (String word : new String[] {"", "a b", "a\nb", "\t"}) {
            assertThat(state(file, word))
                    .isEqualTo(new Outcome(
                            64, "", "state: WORD is empty or contains white space\nusage: state FILE WORD\n"));
        }
        assertThat(state(file).status()).isEqualTo(64);
        assertThat(state("--help").out()).startsWith("usage: state FILE WORD\n");
        assertThat(state("--version").out()).startsWith("state (Bellhop) ");
        assertThat(Path.of(file)).doesNotExist();
    }

    @Test
    void whatCannotBeWrittenIsOneClearError() {
        Outcome run = state(directory + "/no/door", "open");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).startsWith("state: ").contains("(ENOENT)").hasLineCount(1);
    }
}
