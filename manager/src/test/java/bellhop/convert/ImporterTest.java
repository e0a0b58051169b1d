package bellhop.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.ServiceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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

    private void hide(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void aPrivateDropInMakesAllPrivate() throws Exception {
        ImportTrial trial = new ImportTrial(root)
                .file("a.service", "[Service]", "ExecStart=/bin/sleep $X", "ExecStartPre=/bin/true")
                .file("b.service", "[Service]", "ExecStart=/bin/sleep 1");
        hide(trial.beside("a.service.d/secret.conf", "[Service]", "Environment=A=secret", "ExecStopPost=/bin/true"));
        trial.beside("b.service.d/open.conf", "[Service]", "Environment=A=open");
        trial.run();

        assertThat(mode(trial.services().resolve("a/service.yaml"))).isEqualTo("rw-------");
        for (String script : List.of("pre", "run", "post")) {
            assertThat(mode(trial.services().resolve("a").resolve(script)))
                    .as(script)
                    .isEqualTo("rwx------");
        }
        assertThat(mode(trial.services().resolve("b/service.yaml"))).isEqualTo("rw-r--r--");
        assertThat(trial.outcome().lines()).noneMatch(line -> line.contains("readable by all"));
    }

    /** Its user has to execute it. */
    @Test
    void aPrivateRunOfAnotherUserIsToldOf() throws Exception {
        ImportTrial trial = new ImportTrial(root)
                .file("a.service", "[Service]", "ExecStart=/bin/sleep $X", "ExecStartPre=/bin/true", "User=daemon");
        hide(root.resolve("source/a.service"));
        trial.run();

        assertThat(mode(trial.services().resolve("a/run"))).isEqualTo("rwxr-xr-x");
        assertThat(mode(trial.services().resolve("a/pre"))).isEqualTo("rwx------");
        assertThat(trial.outcome().lines())
                .anySatisfy(line -> assertThat(line).startsWith("run of a is readable by all, since its user"));
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
