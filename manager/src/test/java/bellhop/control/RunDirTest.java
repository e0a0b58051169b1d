package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import bellhop.linux.Self;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirTest {

    private static final int SOMEBODY = 54321;

    @TempDir
    Path directory;

    private static Path find(String option, Map<String, String> environment, int uid) throws ControlException {
        return RunDir.find(option.isEmpty() ? null : option, environment, uid).path();
    }

    @Test
    void theOptionGoesBeforeTheEnvironmentBeforeTheUsualPlace() throws Exception {
        Map<String, String> environment = Map.of("BELLHOP_RUNDIR", "/b", "XDG_RUNTIME_DIR", "/x");
        assertThat(find("/o", environment, 0)).isEqualTo(Path.of("/o"));
        assertThat(find("", environment, 0)).isEqualTo(Path.of("/b"));
        assertThat(find("", Map.of("XDG_RUNTIME_DIR", "/x"), 0)).isEqualTo(Path.of("/run/bellhop"));
        assertThat(find("", Map.of("XDG_RUNTIME_DIR", "/x", "BELLHOP_RUNDIR", ""), SOMEBODY))
                .isEqualTo(Path.of("/x/bellhop"));
        assertThat(find("", Map.of(), SOMEBODY)).isEqualTo(Path.of("/tmp/bellhop-" + SOMEBODY));
        assertThat(find("r", Map.of(), SOMEBODY)).isEqualTo(Path.of("r").toAbsolutePath());
    }

    @Test
    void aSharedPlaceMustBelongToTheUser() throws Exception {
        RunDir.checkOwner(directory, Self.euid());
        RunDir.checkOwner(directory.resolve("missing"), SOMEBODY);
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
        for (Path path : new Path[] {link, Files.createFile(directory.resolve("file"))}) {
            assertThatExceptionOfType(ControlException.class)
                    .isThrownBy(() -> RunDir.checkOwner(path, Self.euid()))
                    .withMessage(path + ": is not a directory that belongs to uid " + Self.euid()
                            + "; name another run dir with --rundir");
        }
        assertThatExceptionOfType(ControlException.class).isThrownBy(() -> RunDir.checkOwner(directory, SOMEBODY));
    }
}
