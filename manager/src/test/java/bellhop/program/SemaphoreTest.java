package bellhop.program;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SemaphoreTest {

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("count");
    }

    private Outcome semaphore(String... arguments) {
        return Run.of(Semaphore::run, arguments);
    }

    private void assertCounts(String operation, int code, String content) throws IOException {
        assertThat(semaphore(file.toString(), operation)).isEqualTo(new Outcome(code, "", ""));
        assertThat(Files.readString(file)).isEqualTo(content);
    }

    @Test
    void theFirstAndTheLastAreToldFromAllOthers() throws Exception {
        assertCounts("+", 0, "1\n");
        assertCounts("+", 1, "2\n");
        assertCounts("+", 1, "3\n");
        assertCounts("-", 1, "2\n");
        assertCounts("-", 1, "1\n");
        assertCounts("-", 0, "0\n");
        assertCounts("-", 1, "0\n");
        assertCounts("+", 0, "1\n");
    }

    @Test
    void aMissingFileCountsAsZero() {
        assertThat(semaphore(file.toString(), "-")).isEqualTo(new Outcome(1, "", ""));
        assertThat(file).doesNotExist();
    }

    @Test
    void aNumberWithoutANewlineWillDo() throws Exception {
        Files.writeString(file, " 41");
        assertCounts("+", 1, "42\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "x", "1 2", "-1", "+1", "1.0", "0x1", "١", "1000000000000000000"})
    void whatIsNoNumberStaysAsItIs(String content) throws Exception {
        Files.writeString(file, content);
        for (String operation : new String[] {"+", "-"}) {
            Outcome run = semaphore(file.toString(), operation);
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err())
                    .startsWith("semaphore: " + file + ": contains no number")
                    .endsWith("; left as it is\n");
            assertThat(run.err().lines()).hasSize(1);
            assertThat(Files.readString(file)).isEqualTo(content);
        }
    }

    @Test
    void whatIsNoRegularFileIsOneClearError() throws Exception {
        assertThat(semaphore(directory.toString(), "+"))
                .isEqualTo(new Outcome(2, "", "semaphore: " + directory + ": not a regular file\n"));
        assertThat(semaphore(directory + "/no/count", "+").status()).isEqualTo(2);
        assertThat(semaphore(directory + "/no/count", "+").err())
                .isEqualTo("semaphore: " + directory + "/no: No such file or directory (ENOENT)\n");
        Files.writeString(file, "5\n");
        assertThat(semaphore(file + "/count", "+"))
                .isEqualTo(new Outcome(2, "", "semaphore: " + file + "/count: Not a directory (ENOTDIR)\n"));
    }

    @Test
    void modeAndOwnerStayAndALinkIsFollowed() throws Exception {
        Files.writeString(file, "5\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("count"));
        assertThat(semaphore(link.toString(), "+").status()).isEqualTo(1);
        assertThat(link).isSymbolicLink();
        assertThat(Files.readString(file)).isEqualTo("6\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-rw-r--");
    }

    @Test
    void wrongUsageExits64WithTheUsageOnStandardError() {
        assertThat(semaphore())
                .isEqualTo(new Outcome(64, "", "semaphore: FILE is missing\nusage: semaphore FILE +|-\n"));
        assertThat(semaphore("f"))
                .isEqualTo(new Outcome(64, "", "semaphore: +|- is missing\nusage: semaphore FILE +|-\n"));
        assertThat(semaphore("f", "+", "+").status()).isEqualTo(64);
        assertThat(semaphore("f", "++"))
                .isEqualTo(new Outcome(64, "", "semaphore: \"++\" is neither + nor -\nusage: semaphore FILE +|-\n"));
        assertThat(semaphore("-x", "+"))
                .isEqualTo(new Outcome(64, "", "semaphore: unknown option -x\nusage: semaphore FILE +|-\n"));
        assertThat(semaphore("", "+").status()).isEqualTo(64);
    }

    @Test
    void helpAndVersionGoToStandardOutput() {
        assertThat(semaphore("--help").out())
                .startsWith("usage: semaphore FILE +|-\n")
                .contains("exit status: 0 ");
        assertThat(semaphore("-h").status()).isZero();
        assertThat(semaphore("--version").out()).startsWith("semaphore (Bellhop) ");
    }

    @Test
    void aFileWhoseNameBeginsWithADashComesAfterTwoDashes() {
        assertThat(semaphore("--", directory + "/-x", "+").status()).isZero();
        assertThat(directory.resolve("-x")).hasContent("1");
    }
}
