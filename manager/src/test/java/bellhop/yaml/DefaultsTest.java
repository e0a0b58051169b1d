package bellhop.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Verifies that what is documented as the default of a key is in force without it. */
class DefaultsTest {

    @TempDir
    Path directory;

    /**
     * A key with a value that holds by default.
     *
     * @param value that value
     * @param file a file that can say it, in which {@code %s} is where the key stands
     */
    record Documented(String name, YamlKey<?> key, Object value, String file) {
        /** As users would write the value, by what is documented. */
        String written() {
            String text = key.defaultText().replaceFirst(", or .*", "");
            if (!text.equals(Syntax.NONE) || value instanceof Enum) {
                return text.isEmpty() ? "''" : text;
            }
            return value instanceof Collection ? "[]" : value instanceof Map ? "{}" : "{disable: true}";
        }

        @Override
        public String toString() {
            return name + ": " + written();
        }
    }

    static Stream<Documented> defaults() {
        List<Documented> all = new ArrayList<>();
        for (YamlKey<?> key : ServiceKeys.KEYS) {
            add(key.name(), key, "%s", all);
            if (key.form() instanceof Syntax.MapSyntax<?> fields) {
                String file = key.equals(ServiceKeys.HEALTHCHECK)
                        ? "healthcheck: {test: x, %s}"
                        : "ready: {fd: 3}\n" + key.name() + ": {%s}";
                fields.keys().forEach(below -> add(key.name() + "." + below.name(), below, file, all));
            }
        }
        return all.stream();
    }

    private static void add(String name, YamlKey<?> key, String file, List<Documented> all) {
        if (key.byDefault() instanceof Default.Is<?> is) {
            all.add(new Documented(name, key, is.value(), file));
        }
    }

    @ParameterizedTest
    @MethodSource("defaults")
    void documentedDefaultIsInForce(Documented it) throws IOException {
        Definition without = read(it.file().formatted(""));

        assertThat(read(it.file().formatted(it.key().name() + ": " + it.written())))
                .isEqualTo(without);
    }

    @Test
    void directoryWithoutAFileHasTheDefaults() throws IOException {
        assertThat(read("")).isEqualTo(definition(Optional.empty()));
    }

    private Definition read(String text) throws IOException {
        List<Problem> problems = new ArrayList<>();
        Path file = Files.writeString(directory.resolve("service.yaml"), text);
        ServiceYaml yaml = ServiceYaml.read(file, new ServiceName("web", Optional.empty()), problems);
        assertThat(problems).as(text).isEmpty();
        return definition(Optional.of(yaml));
    }

    private Definition definition(Optional<ServiceYaml> yaml) {
        return Reading.of(new ServiceName("web", Optional.empty()), directory, Map.of(), Map.of(), yaml)
                .definition();
    }
}
