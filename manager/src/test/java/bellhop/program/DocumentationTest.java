package bellhop.program;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Word;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Verifies that the papers say what the code does, where a test can tell. */
class DocumentationTest {

    private static final Path CLONE = Path.of("..");
    private static final Path DECISIONS = CLONE.resolve("docs/decisions");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");

    static List<Path> papers() throws IOException {
        List<Path> papers = new ArrayList<>();
        for (Path folder : List.of(CLONE, CLONE.resolve("docs"), DECISIONS)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(papers::add);
            }
        }
        return papers;
    }

    @ParameterizedTest
    @EnumSource(Word.class)
    void everyStateWordIsExplained(Word word) throws IOException {
        assertThat(CLONE.resolve("README.md")).content().contains("| `" + word.text() + "` |");
        assertThat(CLONE.resolve("docs/man/bh-status.1")).content().contains(".It " + word.text() + "\n");
        assertThat(CLONE.resolve("docs/man/bellhop.7")).content().contains(".It Li " + word.text() + "\n");
    }

    @ParameterizedTest
    @MethodSource("papers")
    void everyLinkLeadsSomewhere(Path paper) throws IOException {
        assertThat(LINK.matcher(Files.readString(paper)).results())
                .allSatisfy(
                        link -> assertThat(paper.resolveSibling(link.group(1))).exists());
    }

    @Test
    void everyDecisionIsListedInTheArchitecture() throws IOException {
        String architecture = Files.readString(CLONE.resolve("docs/ARCHITECTURE.md"));

        try (Stream<Path> decisions = Files.list(DECISIONS)) {
            assertThat(decisions)
                    .allSatisfy(decision ->
                            assertThat(architecture).contains("](decisions/" + decision.getFileName() + ")"));
        }
    }
}
