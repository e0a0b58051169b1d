package bellhop.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.ServiceWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that service directories are made completely or not at all, and never over others. */
class ImporterTest {

    @TempDir
    Path root;

    private ImportTrial trial() {
        return new ImportTrial(root)
                .file("a.service", "[Service]", "ExecStart=/bin/sleep 1")
                .file("b.service", "[Service]", "ExecStart=/bin/sleep $X");
    }

    @Test
    void nothingIsOverwritten() throws Exception {
        ServiceWriter.write(root.resolve("services.d/b/run"), true, "#!/bin/sh\n");
        ImportTrial trial = trial();

        assertThatThrownBy(trial::run)
                .isInstanceOf(ImportException.class)
                .hasMessage(root.resolve("services.d/b")
                        + ": exists, and nothing is overwritten; remove it, or choose another --name or --directory");
        assertThat(trial.made()).containsExactly("b/run");
        assertThat(all(root.resolve("services.d"))).isEqualTo(3);
    }

    @Test
    void anEmptyDirectoryIsThereToo() throws Exception {
        Files.createDirectories(root.resolve("services.d/b"));
        ImportTrial trial = trial();

        assertThatThrownBy(trial::run).isInstanceOf(ImportException.class);
        assertThat(trial.made()).isEmpty();
    }

    @Test
    void nothingIsLeftBeside() throws Exception {
        ImportTrial trial = trial().run();

        assertThat(trial.made()).containsExactly("a/service.yaml", "b/run", "b/service.yaml");
        assertThat(all(trial.services())).isEqualTo(6);
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(trial.services().resolve("b/run"))))
                .isEqualTo("rwxr-xr-x");
    }

    private static long all(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.count();
        }
    }

    @Test
    void aDryRunMakesNothing() throws Exception {
        ImportTrial trial = trial().dry().run();

        assertThat(trial.made()).isEmpty();
        assertThat(trial.services()).doesNotExist();
        assertThat(trial.outcome().lines())
                .contains("== " + trial.services().resolve("a/service.yaml"), "command: [/bin/sleep, \"1\"]")
                .contains("exec /bin/sleep ${X}");
    }

    @Test
    void twoOfOneNameAreRefused() {
        assertThatThrownBy(() -> trial().file("a@.service", "[Service]", "ExecStart=/bin/sleep 1")
                        .run())
                .isInstanceOf(ImportException.class)
                .hasMessageContaining("a@.service: there is another service a among these files");
    }

    @Test
    void theOnlyServiceCanHaveAnotherName() throws Exception {
        ImportTrial trial = new ImportTrial(root)
                .named("other")
                .file("all.conf", "[program:a b]", "command=/bin/sleep 1")
                .run();

        assertThat(trial.made()).containsExactly("other/service.yaml");
        assertThatThrownBy(() -> trial().named("other").run())
                .hasMessageContaining("--name is for one service, and there are 2: a, b");
    }

    @Test
    void aNameThatIsNoneIsRefused() {
        assertThatThrownBy(() -> new ImportTrial(root)
                        .file("_a.service", "[Service]", "ExecStart=/bin/sleep 1")
                        .run())
                .isInstanceOf(ImportException.class)
                .hasMessageContaining("_a")
                .hasMessageContaining("choose another name with --name");
    }

    @Test
    void aFileOfUnknownFormatIsRefused() {
        assertThatThrownBy(() -> new ImportTrial(root).file("notes.txt", "x").run())
                .hasMessageContaining("notes.txt: its name does not tell its format");
    }

    /** What others may not read stays so. */
    @Test
    void settingsOfAPrivateFileStayPrivate() throws Exception {
        ImportTrial trial =
                new ImportTrial(root).file("a.service", "[Service]", "ExecStart=/bin/sleep 1", "Environment=A=secret");
        Files.setPosixFilePermissions(root.resolve("source/a.service"), PosixFilePermissions.fromString("rw-------"));
        trial.run();

        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(trial.services().resolve("a/service.yaml"))))
                .isEqualTo("rw-------");
    }

    /** What check finds is said with the places that the files have in the end. */
    @Test
    void whatCheckFindsIsSaid() throws Exception {
        ImportTrial trial = new ImportTrial(root)
                .file("a.service", "[Service]", "ExecStart=/no/such/program")
                .run();

        assertThat(trial.outcome().usable()).isFalse();
        assertThat(trial.outcome().lines())
                .contains("bh check finds:")
                .anySatisfy(line -> assertThat(line)
                        .startsWith("  " + trial.services().resolve("a/service.yaml:2:10: command: "))
                        .contains("no such program"));
    }
}
