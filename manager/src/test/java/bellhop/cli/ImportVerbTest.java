package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.catalog.NameFiles;
import bellhop.catalog.ServiceDirectories;
import bellhop.catalog.TrustCheck;
import bellhop.manager.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies how {@code bh import} ends if something goes wrong that nobody has thought of. */
class ImportVerbTest {

    @TempDir
    Path root;

    @Test
    void aSurpriseIsOneLine() throws Exception {
        Path unit = Files.writeString(root.resolve("web.service"), "[Service]\nExecStart=/bin/sleep 1\n");
        ImportVerb verb = new ImportVerb();
        verb.files = List.of(unit.toString());
        List<String> said = new ArrayList<>();

        int status = verb.task()
                .run(new LocalVerb.Here(
                        ServiceDirectories.named(List.of(root.resolve("services.d"))),
                        NameFiles.enabled(root.resolve("enabled"), TrustCheck.none()),
                        NameFiles.masked(root.resolve("masked"), TrustCheck.none()),
                        (uses, directories) -> List.of(),
                        line -> {
                            throw new IllegalStateException("no place for it");
                        },
                        said::add));

        assertThat(status).isEqualTo(ExitCode.FAILED);
        assertThat(said).containsExactly("internal error: java.lang.IllegalStateException: no place for it");
    }
}
