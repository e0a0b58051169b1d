package bellhop.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.fuzz.Messages;
import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Verifies that any {@code env_file} is variables, which are the same when they are written again, or problems. */
class EnvFileFuzzTest {
    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.createTempFile("fuzz", ".env");
    }

    @AfterEach
    void deleteFile() throws IOException {
        Files.deleteIfExists(file);
    }

    @DictionaryEntries({"export ", "A=", "=\"", "='", "\\n", "\\'", ": ", "\\\"", " #", "\\x0D\\x0A", "BELLHOP_SERVICE="
    })
    @FuzzTest
    void anyFileIsVariablesOrProblemsWithPlaces(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        try {
            Map<String, String> variables = EnvFile.read(file);
            assertThat(variables).allSatisfy((name, value) -> {
                assertThat(name).matches("[A-Za-z_][A-Za-z0-9_.-]*");
                assertThat(value).doesNotContain("\0");
            });
            Files.write(file, written(variables).getBytes(StandardCharsets.UTF_8));
            assertThat(EnvFile.read(file)).containsExactlyEntriesOf(variables);
        } catch (EnvFileException e) {
            for (Problem problem : e.problems()) {
                Messages.assertOneLine(problem.toString());
                assertThat(problem.file()).contains(file);
            }
        }
    }

    private static String written(Map<String, String> variables) {
        StringBuilder text = new StringBuilder();
        variables.forEach((name, value) -> text.append(name)
                .append("=\"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append("\"\n"));
        return text.toString();
    }
}
