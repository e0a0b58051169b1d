package bellhop.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Verifies that the manual and the README tell of the keys of {@code service.yaml} that are read, and of no others. */
class DocumentedKeysTest {

    @Test
    void theManualHasEachKey() throws IOException {
        assertKeys(Path.of("..", "docs", "man", "bellhop.7"), "(?m)^\\.It Ic ([a-z_]+):");
    }

    @Test
    void theReadmeHasEachKey() throws IOException {
        assertKeys(Path.of("..", "README.md"), "(?m)^([a-z_]+): .*#");
    }

    private static void assertKeys(Path paper, String key) throws IOException {
        assertThat(Pattern.compile(key).matcher(Files.readString(paper)).results())
                .extracting(match -> match.group(1))
                .containsExactlyInAnyOrderElementsOf(Key.names());
    }
}
