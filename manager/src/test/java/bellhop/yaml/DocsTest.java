package bellhop.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Paper;
import bellhop.definition.ServiceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Verifies that the pages that are generated from the declarations of the keys are up to date. {@code -Dgenerate=true}
 * writes them again.
 */
class DocsTest {
    private static final Path ROOT = Path.of("..");
    private static final String BEGIN = "<!-- keys: made by DocsTest -->\n";
    private static final String END = "<!-- end of keys -->\n";

    @Test
    void theSchemaIsUpToDate() throws IOException {
        paper("share/schema/service.schema.json").is(json(schema(), "") + "\n");
    }

    @Test
    void theSchemaOfOverridesIsUpToDate() throws IOException {
        paper("share/schema/override.schema.json").is(json(overrideSchema(), "") + "\n");
    }

    @Test
    void theManualPageIsUpToDate() throws IOException {
        paper("docs/man/service.yaml.5").is(page());
    }

    @Test
    void theTableOfTheReadmeIsUpToDate() throws IOException {
        paper("README.md").hasBetween(BEGIN, END, table());
    }

    @Test
    void theExamplesOfTheReadmeAndTheManualAreGood(@TempDir Path folder) throws IOException {
        List<String> examples = new ArrayList<>();
        for (Pattern block :
                List.of(Pattern.compile("(?s)```yaml\n(.*?)```"), Pattern.compile("(?s)\\.Bd -literal\n(.*?)\\.Ed"))) {
            block.matcher(Files.readString(ROOT.resolve("README.md")) + page())
                    .results()
                    .forEach(match -> examples.add(match.group(1)));
        }
        List<Problem> problems = new ArrayList<>();

        for (String example : examples) {
            Path file = Files.writeString(folder.resolve("service.yaml"), example);
            ServiceYaml.read(file, new ServiceName("web", Optional.of("wlan0")), problems);
        }

        assertThat(examples).hasSize(3);
        assertThat(problems).isEmpty();
    }

    @Test
    void thePageOfDifferencesNamesKeysThatThereAre() throws IOException {
        List<String> named = Pattern.compile("(?m)^\\| `([a-z_.]+)`")
                .matcher(Files.readString(ROOT.resolve("docs/compose.md")))
                .results()
                .map(match -> match.group(1))
                .toList();

        assertThat(named).isNotEmpty().isSubsetOf(names());
    }

    private static Paper paper(String path) {
        return new Paper(ROOT.resolve(path), "-am -pl manager test -Dtest=DocsTest");
    }

    static SequencedMap<String, Object> schema() {
        SequencedMap<String, Object> schema = JsonSchema.of(
                "$schema",
                "https://json-schema.org/draft/2020-12/schema",
                "title",
                "A service of Bellhop",
                "description",
                "service.yaml in a service directory; see service.yaml(5).");
        SequencedMap<String, Object> file = ServiceKeys.KEYS.schema();
        file.put("type", List.of("object", "null"));
        schema.putAll(file);
        return schema;
    }

    /** The same keys, none of which must be there; each may be null, and so may each in a mapping that is merged. */
    static SequencedMap<String, Object> overrideSchema() {
        SequencedMap<String, Object> schema = merged(schema());
        schema.put("title", "An override of a service of Bellhop");
        schema.put("description", "override.yaml in a service directory; see service.yaml(5).");
        return schema;
    }

    @SuppressWarnings("unchecked") // as JsonSchema makes them
    private static SequencedMap<String, Object> merged(SequencedMap<String, Object> schema) {
        SequencedMap<String, Object> merged = new LinkedHashMap<>();
        schema.forEach((name, value) -> {
            switch (name) {
                case "properties" -> {
                    SequencedMap<String, Object> properties = new LinkedHashMap<>();
                    ((SequencedMap<String, Object>) value)
                            .forEach((key, it) ->
                                    properties.put(key, nullable(merged((SequencedMap<String, Object>) it))));
                    merged.put(name, properties);
                }
                case "additionalProperties" ->
                    merged.put(
                            name,
                            value instanceof SequencedMap<?, ?> names
                                    ? nullable(merged((SequencedMap<String, Object>) names))
                                    : value);
                case "anyOf", "oneOf" -> {
                    List<SequencedMap<String, Object>> forms = ((List<SequencedMap<String, Object>>) value)
                            .stream()
                                    .filter(form -> !form.keySet().equals(Set.of("required")))
                                    .map(DocsTest::merged)
                                    .toList();
                    if (!forms.isEmpty()) {
                        merged.put(name, forms);
                    }
                }
                // What must be there may be in the file below, whose value holds if there is none here.
                case "required", "dependentRequired", "default" -> {}
                default -> merged.put(name, value);
            }
        });
        return merged;
    }

    @SuppressWarnings("unchecked") // as JsonSchema makes them
    private static SequencedMap<String, Object> nullable(SequencedMap<String, Object> schema) {
        SequencedMap<String, Object> nullable = new LinkedHashMap<>(schema);
        Object description = nullable.remove("description");
        if (nullable.get("type") instanceof List<?> types) {
            nullable.put(
                    "type",
                    Stream.concat(types.stream(), Stream.of("null")).distinct().toList());
        } else if (nullable.get("type") instanceof String type && !nullable.containsKey("enum")) {
            nullable.put("type", List.of(type, "null"));
        } else {
            List<SequencedMap<String, Object>> forms = new ArrayList<>(
                    nullable.keySet().equals(Set.of("anyOf"))
                            ? (List<SequencedMap<String, Object>>) nullable.get("anyOf")
                            : List.of(nullable));
            forms.add(JsonSchema.of("type", "null"));
            nullable = JsonSchema.of("anyOf", forms);
        }
        if (description != null) {
            nullable.putFirst("description", description);
        }
        return nullable;
    }

    static String json(Object value, String indent) {
        String deeper = indent + "  ";
        return switch (value) {
            case Map<?, ?> map when map.isEmpty() -> "{}";
            case Map<?, ?> map -> {
                List<String> fields = new ArrayList<>();
                map.forEach((name, it) -> fields.add(deeper + quoted((String) name) + ": " + json(it, deeper)));
                yield "{\n" + String.join(",\n", fields) + "\n" + indent + "}";
            }
            case List<?> list
            when list.stream().noneMatch(it -> it instanceof Map) ->
                "[" + String.join(", ", list.stream().map(it -> json(it, "")).toList()) + "]";
            case List<?> list ->
                "[\n"
                        + String.join(
                                ",\n",
                                list.stream()
                                        .map(it -> deeper + json(it, deeper))
                                        .toList()) + "\n" + indent + "]";
            case String text -> quoted(text);
            default -> value.toString();
        };
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    /** Every key with those below it. */
    private record Row(String name, YamlKey<?> key) {}

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (YamlKey<?> key : ServiceKeys.KEYS) {
            rows.add(new Row(key.name(), key));
            if (key.form() instanceof Syntax.MapSyntax<?> fields) {
                fields.keys().forEach(below -> rows.add(new Row(key.name() + "." + below.name(), below)));
            }
        }
        return rows;
    }

    private static List<String> names() {
        return rows().stream().map(Row::name).toList();
    }

    private static String table() {
        StringBuilder table = new StringBuilder("| key | meaning | default |\n|---|---|---|\n");
        for (YamlKey<?> key : ServiceKeys.KEYS) {
            String below = key.form() instanceof Syntax.MapSyntax<?> fields
                    ? " Keys: "
                            + String.join(
                                    ", ",
                                    fields.keys().names().stream()
                                            .map(it -> "`" + it + "`")
                                            .toList())
                            + "."
                    : "";
            table.append("| `")
                    .append(key.name())
                    .append("` | ")
                    .append((firstSentence(key.meaning()) + below).replace("|", "\\|"))
                    .append(" | ")
                    .append(key.defaultText())
                    .append(" |\n");
        }
        return table.toString();
    }

    private static String firstSentence(String text) {
        int end = text.indexOf(". ");
        return end < 0 ? text : text.substring(0, end + 1);
    }

    private static String line(List<String> lines, String start) {
        return lines.stream().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    /** The date and the version are those of the page that the others refer to. */
    private static String page() throws IOException {
        List<String> other = Files.readAllLines(ROOT.resolve("docs/man/bellhop.7"));
        StringBuilder page = new StringBuilder("""
                .\\" Made by DocsTest; do not edit.
                %s
                .Dt SERVICE.YAML 5
                %s
                """.formatted(line(other, ".Dd "), line(other, ".Os ")));
        page.append("""
                .Sh NAME
                .Nm service.yaml
                .Nd settings of a service
                .Sh DESCRIPTION
                .Nm
                is an optional file beside the scripts in a service directory,
                .Xr bellhop 7 .
                It is YAML 1.2 with its core schema: the only truth values are
                .Cm true
                and
                .Cm false .
                A key that the Compose specification also has means the same here, apart from the differences that
                docs/compose.md in the sources lists.
                .Pp
                Durations are written as 100ms, 10s, 1m30s, 1h or 1d, sizes as 64m, 512KiB or 1gb, with units that are powers of
                1024.
                Only {service} and {target} expand, and only in the keys that say so below; all other braces stand for
                themselves.
                In a service without a target, {target} stands for its name if
                .Cm template
                is
                .Cm false .
                Relative paths begin in the service directory.
                .Pp
                .Ic bh check
                finds mistakes in a file, and
                .Ic bh show
                shows the settings in force for a service, and their origin.
                .Ss Overrides
                A file
                .Pa override.yaml
                changes single keys of a service whose directory somebody else maintains, such as one below
                .Pa /usr/lib/bellhop/services.d ,
                and lets its updates through.
                It has the same keys, and stands in a directory of the same name in a directory of services that is searched before:
                .Pa /etc/bellhop/services.d/NAME/override.yaml .
                This directory has none of
                .Pa pre , run , post
                and
                .Pa service.yaml ;
                the scripts and the other keys are those of the directory that is found next.
                An
                .Pa override.yaml
                beside a service is applied to that service.
                One in the directory of an instance,
                .Pa NAME@TARGET ,
                is applied to this instance, before that of its template.
                If several are found on the way, the first takes precedence.
                .Bl -bullet
                .It
                Mappings are merged key by key, at each depth: environment, log and triggers, for example.
                .It
                Lists and single values are replaced as a whole; the variables of environment are merged in either form.
                .It
                A key with the value
                .Ql ~
                or
                .Ql null
                is taken back to its default; within a mapping of names of your own, such as environment, the name is taken away.
                .It
                A run script cannot be replaced, only a
                .Ic command .
                .It
                Relative paths begin in the directory of the service, not in that of the override.
                .El
                .Pp
                For example, with another port and log, and the default for
                .Ic restart :
                .Bd -literal -offset indent
                environment: {PORT: 8081}
                log: {keep: 20}
                restart: ~
                .Ed
                .Pp
                Mistakes are reported with the place in the file that has them.
                An override without a service to override is reported as a mistake of that name.
                .Ic bh edit
                makes such a file.
                In an editor, the schema
                .Pa share/schema/override.schema.json
                of the installation completes its keys, as
                .Pa service.schema.json
                beside it does for
                .Nm .
                .Ss Scripts
                The keys
                .Ic user , group , group_add , working_dir , umask , ulimits , nice , oom_score_adj , cap_drop
                and
                .Ic no_new_privileges
                apply to
                .Pa run
                and its tests alone;
                .Pa pre
                and
                .Pa post
                run with the rights of the manager.
                The keys
                .Ic environment , env_file , mem_limit , cpus
                and
                .Ic pids_limit
                apply to all three.
                .Sh KEYS
                .Bl -tag -width Ds
                """);
        for (Row row : rows()) {
            page.append(".It Ic ").append(row.name()).append('\n');
            sentences(row.key().meaning(), page);
            if (!row.key().defaultText().isEmpty()) {
                page.append("Default: ").append(row.key().defaultText()).append(".\n");
            }
        }
        return page.append("""
                .El
                .Sh EXAMPLES
                .Bd -literal
                description: DHCP client for one network interface
                command: [udhcpc, -f, -i, "{target}"]
                requires: ["wpa_supplicant@{target}"]
                restart_limit: {times: 5, within: 60s}
                ready: {path: "/run/udhcpc.{target}.pid"}
                .Ed
                .Sh SEE ALSO
                .Xr bh 1 ,
                .Xr bellhop 7
                """).toString();
    }

    /** A new sentence begins a new line, as formatters have it. */
    private static void sentences(String text, StringBuilder page) {
        for (String sentence : text.split("(?<=\\.) (?=[A-Z{])", -1)) {
            page.append(sentence.startsWith(".") ? "\\&" : "").append(sentence).append('\n');
        }
    }
}
