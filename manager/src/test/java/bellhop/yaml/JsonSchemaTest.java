package bellhop.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import bellhop.definition.ServiceName;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Verifies that the reader and the schema judge alike, the schema through a validator of others. A bad file begins
 * with what the reader is to say of it; {@code -Dgenerate=true} writes these lines anew, to be reviewed.
 */
class JsonSchemaTest {
    private static final Path CORPUS = Path.of("src/test/resources/service-yaml");
    private static final String EXPECT = "# expect: ";
    private static final com.networknt.schema.Schema SCHEMA = schema();

    private static com.networknt.schema.Schema schema() {
        try {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(Files.readString(Path.of("../share/schema/service.schema.json")), InputFormat.JSON);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @TestFactory
    Stream<DynamicTest> goodFilesAreAcceptedByBoth() throws IOException {
        return each("good", file -> {
            assertThat(problems(file)).isEmpty();
            assertThat(SCHEMA.validate(json(file))).isEmpty();
        });
    }

    @TestFactory
    Stream<DynamicTest> badFilesAreRefusedByBothAndTheReaderSaysWhere() throws IOException {
        return each("bad", file -> {
            assertSaysWhatIsExpected(file);
            assertThat(isRefusedBySchema(file)).isTrue();
        });
    }

    @TestFactory
    Stream<DynamicTest> whatNoSchemaCanTellIsRefusedByTheReaderAlone() throws IOException {
        return each("bad/only-the-reader", file -> {
            assertSaysWhatIsExpected(file);
            assertThat(isRefusedBySchema(file))
                    .as("the schema can tell it after all: move it")
                    .isFalse();
            assertThat(withoutExpectations(file).getFirst()).as("why").startsWith("# ");
        });
    }

    @Test
    void everyKeyIsInAGoodFile() throws IOException {
        Set<String> missing = new HashSet<>();
        collect(ServiceKeys.KEYS, "", missing);
        for (Path file : files("good")) {
            missing.removeAll(read(file, new ArrayList<>()).given().keySet());
        }
        assertThat(missing).isEmpty();
    }

    private static void collect(KeyList keys, String around, Set<String> names) {
        for (YamlKey<?> key : keys) {
            names.add(around + key.name());
            if (key.form() instanceof Syntax.MapSyntax<?> fields) {
                collect(fields.keys(), around + key.name() + ".", names);
            }
        }
    }

    /** What is to be shown of one file. */
    private interface Proof {
        void of(Path file) throws IOException;
    }

    private static Stream<DynamicTest> each(String folder, Proof proof) throws IOException {
        return files(folder).stream()
                .map(file -> DynamicTest.dynamicTest(String.valueOf(file.getFileName()), () -> proof.of(file)));
    }

    private static List<Path> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(CORPUS.resolve(folder))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static ServiceYaml read(Path file, List<Problem> problems) {
        return ServiceYaml.read(file, new ServiceName("web", Optional.empty()), problems);
    }

    private static List<String> problems(Path file) {
        List<Problem> problems = new ArrayList<>();
        var _ = read(file, problems);
        return problems.stream()
                .map(problem -> problem.toString().substring(file.toString().length() + 1))
                .toList();
    }

    private static void assertSaysWhatIsExpected(Path file) throws IOException {
        if (Boolean.getBoolean("generate")) {
            generate(file);
        }
        List<String> expected = Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(EXPECT))
                .map(line -> line.substring(EXPECT.length()))
                .toList();
        if (expected.isEmpty()) {
            fail("no line begins with " + EXPECT);
        }
        assertThat(problems(file)).isEqualTo(expected).allMatch(line -> line.matches("\\d+:\\d+: .+"));
    }

    private static List<String> withoutExpectations(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> !line.startsWith(EXPECT))
                .toList();
    }

    private static void generate(Path file) throws IOException {
        List<String> rest = withoutExpectations(file);
        Files.write(file, rest);
        // The lines themselves move what they point at.
        List<String> lines = new ArrayList<>(problems(file));
        lines.replaceAll(line -> EXPECT + line);
        lines.addAll(rest);
        Files.write(file, lines);
        List<String> moved = new ArrayList<>(problems(file));
        moved.replaceAll(line -> EXPECT + line);
        moved.addAll(rest);
        Files.write(file, moved);
    }

    private static JsonNode json(Path file) throws IOException {
        LoadSettings settings =
                LoadSettings.builder().setSchema(new CoreSchema()).build();
        return new ObjectMapper().valueToTree(new Load(settings).loadFromString(Files.readString(file)));
    }

    /** What is no YAML is no matter of the schema: an editor says so, as the reader does. */
    private static boolean isRefusedBySchema(Path file) throws IOException {
        try {
            return !SCHEMA.validate(json(file)).isEmpty();
        } catch (YamlEngineException e) {
            return true;
        }
    }
}
