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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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
    private static final com.networknt.schema.Schema SCHEMA = schema("service");
    private static final com.networknt.schema.Schema OVERRIDE = schema("override");

    @TempDir
    Path folder;

    private static com.networknt.schema.Schema schema(String name) {
        try {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(Files.readString(Path.of("../share/schema/" + name + ".schema.json")), InputFormat.JSON);
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
            assertThat(isRefusedBy(SCHEMA, file)).isTrue();
        });
    }

    @TestFactory
    Stream<DynamicTest> whatNoSchemaCanTellIsRefusedByTheReaderAlone() throws IOException {
        return each("bad/only-the-reader", file -> {
            assertSaysWhatIsExpected(file);
            assertThat(isRefusedBy(SCHEMA, file))
                    .as("the schema can tell it after all: move it")
                    .isFalse();
            assertThat(withoutExpectations(file).getFirst()).as("why").startsWith("# ");
        });
    }

    @TestFactory
    Stream<DynamicTest> aGoodFileIsAGoodOverride() throws IOException {
        return each("good", file -> {
            assertThat(problemsOfOverride(file, "command: sleep 1")).isEmpty();
            assertThat(OVERRIDE.validate(json(file))).isEmpty();
        });
    }

    /** The mappings within a key are empty where nothing is taken back to its default. */
    @Test
    void everyKeyCanBeTakenBackByAnOverride() throws IOException {
        Set<String> keys = new HashSet<>();
        collect(ServiceKeys.KEYS, "", keys);
        for (String key : keys) {
            int dot = key.indexOf('.');
            Path file =
                    override(dot < 0 ? key + ": ~" : key.substring(0, dot) + ": {" + key.substring(dot + 1) + ": ~}");
            assertThat(OVERRIDE.validate(json(file))).as(key).isEmpty();
            String below = dot < 0
                    ? ""
                    : switch (key.substring(0, dot)) {
                        case "ready" -> "ready: {tcp: \"127.0.0.1:1\"}";
                        case "restart_limit" -> "restart_limit: {times: 2, within: 1m}";
                        case "healthcheck" -> "healthcheck: {test: \"true\", disable: true}";
                        default -> "";
                    };
            boolean isEssential = key.equals("ready.tcp") || key.equals("restart_limit.times");
            assertThat(problemsOfOverride(file, "command: sleep 1\n" + below))
                    .as(key)
                    .hasSize(isEssential ? 1 : 0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "restart_limit: {within: 1m}                | restart_limit: {times: 3}",
                "ready: {watchdog: 30s}                     | ready: {notify: true}",
                "ready: {notify: ~, tcp: \"127.0.0.1:80\"} | ready: {notify: true}",
                "healthcheck: {interval: 5s}                | healthcheck: {test: \"true\"}",
                "ulimits: {nofile: {soft: 5}}               | ulimits: {nofile: {soft: 1, hard: 9}}",
                "ulimits: {nofile: ~}                       | ulimits: {nofile: {soft: 1, hard: 9}}",
                "environment: {A: ~, B: 1}                  | environment: {A: 1}",
                "triggers: {wifi: ~}                        | triggers: {wifi: {interfaces: x}}",
                "~                                          | nice: 1",
            })
    void anOverrideCompletesWhatIsBelow(String over, String below) throws IOException {
        Path file = override(over);
        assertThat(OVERRIDE.validate(json(file))).isEmpty();
        assertThat(problemsOfOverride(file, "command: sleep 1\n" + below)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "restrat: ~",
                "nice: x",
                "log: {keep: -1}",
                "log: {kep: ~}",
                "ready: {notfy: ~}",
                "command: [~]",
                "restart: alway",
                "env_file: [{required: false}]"
            })
    void aBadOverrideIsRefusedByBoth(String over) throws IOException {
        Path file = override(over);
        assertThat(isRefusedBy(OVERRIDE, file)).isTrue();
        assertThat(problemsOfOverride(file, "command: sleep 1")).isNotEmpty();
    }

    private Path override(String text) throws IOException {
        return Files.writeString(folder.resolve("override.yaml"), text + "\n");
    }

    private List<Problem> problemsOfOverride(Path override, String below) throws IOException {
        List<Problem> problems = new ArrayList<>();
        Path base = Files.writeString(folder.resolve("service.yaml"), below + "\n");
        var _ = ServiceYaml.read(
                folder, Optional.of(base), List.of(override), new ServiceName("web", Optional.empty()), problems);
        return problems;
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
    private static boolean isRefusedBy(com.networknt.schema.Schema schema, Path file) throws IOException {
        try {
            return !schema.validate(json(file)).isEmpty();
        } catch (YamlEngineException e) {
            return true;
        }
    }
}
