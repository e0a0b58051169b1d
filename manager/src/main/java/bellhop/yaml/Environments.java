package bellhop.yaml;

import bellhop.definition.EnvironmentSettings;
import bellhop.linux.KeptVariables;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;

/** Forms of variables, and of files of them. */
final class Environments {
    private static final String VARIABLE_PATTERN = "[A-Za-z_][A-Za-z0-9_.-]*";
    private static final Pattern VARIABLE = Pattern.compile(VARIABLE_PATTERN);

    private static final KeyList FILE_KEYS = new KeyList();
    private static final YamlKey<Path> FILE_PATH = FILE_KEYS.add(
            YamlKey.of("path", Scalars.path("the path of a file of variables"), Default.nothing(), "The file."));
    private static final YamlKey<Boolean> FILE_REQUIRED = FILE_KEYS.add(YamlKey.of(
            "required", new Syntax.Flag(), Default.of(true), "true: the service cannot be started without the file."));

    private Environments() {}

    /** The name of a variable that the manager does not set itself. */
    static Syntax<String> variable() {
        return new Syntax.TextSyntax<>(
                "the name of a variable",
                Scalars.STRING,
                Scalars.pattern("^" + VARIABLE_PATTERN + "$"),
                (text, place) -> variable(text));
    }

    private static String variable(String name) throws Syntax.InvalidValueException {
        if (!VARIABLE.matcher(name).matches()) {
            throw new Syntax.InvalidValueException(
                    "not the name of a variable; expected letters, digits and _ . -, no digit first");
        }
        if (ManagersVariables.contains(name)) {
            throw new Syntax.InvalidValueException("set by the manager; expected another name");
        }
        return name;
    }

    /** A map of names and values, or a list of {@code NAME=VALUE}; a name alone is taken from the manager's own. */
    static Syntax<Map<String, String>> environment() {
        Syntax<String> value = new Syntax.TextSyntax<>(
                "a text, number or truth value, or nothing for the manager's own",
                Scalars.WORDS,
                JsonSchema.of("type", List.of("string", "number", "boolean", "null")),
                (text, place) -> place.expand(text));
        Syntax<Map<String, String>> map = new Syntax.Converted<>(
                new Syntax.MapOf<>(variable(), new EnvironmentValue(value), "a map or a list of NAME=VALUE"),
                Environments::withInherited);
        Syntax<List<String>> entry = new Syntax.TextSyntax<>(
                "NAME=VALUE, or NAME for the manager's own",
                Scalars.STRING,
                Scalars.pattern("^" + VARIABLE_PATTERN + "(=[\\s\\S]*)?$"),
                (text, place) -> {
                    int equals = text.indexOf('=');
                    String name = variable(equals < 0 ? text : text.substring(0, equals));
                    return equals < 0 ? List.of(name) : List.of(name, place.expand(text.substring(equals + 1)));
                });
        Syntax<Map<String, String>> list =
                new Syntax.Converted<>(new Syntax.ListOf<>(entry, "a map or a list of NAME=VALUE", null), entries -> {
                    Map<String, List<String>> variables = new LinkedHashMap<>();
                    entries.forEach(it -> variables.put(it.getFirst(), it.subList(1, it.size())));
                    return withInherited(variables);
                });
        return new Syntax.MapOr<>(map, list, "a map or a list of NAME=VALUE");
    }

    /** The value of a variable, as a list of one; no value at all stands for the manager's own, and is an empty list. */
    private record EnvironmentValue(Syntax<String> form) implements Syntax<List<String>> {
        @Override
        public String expected() {
            return form.expected();
        }

        @Override
        public Optional<List<String>> read(Node node, YamlCursor place) {
            return Syntax.isNull(node)
                    ? Optional.of(List.of())
                    : form.read(node, place).map(List::of);
        }

        @Override
        public SequencedMap<String, Object> schema() {
            return form.schema();
        }
    }

    private static Map<String, String> withInherited(Map<String, List<String>> given) {
        Map<String, String> variables = new LinkedHashMap<>();
        given.forEach((name, value) -> {
            String own = value.isEmpty() ? KeptVariables.value(name) : value.getFirst();
            if (own != null) {
                variables.put(name, own);
            }
        });
        return variables;
    }

    /** Files of variables: one, or a list; each a path, or a map that says whether it is required. */
    static Syntax<List<EnvironmentSettings.File>> envFiles() {
        Syntax<EnvironmentSettings.File> plain =
                new Syntax.Converted<>(FILE_PATH.form(), path -> new EnvironmentSettings.File(path, true));
        Syntax<EnvironmentSettings.File> map = new Syntax.MapSyntax<>(
                FILE_KEYS,
                values -> values.has(FILE_PATH) ? "" : "path is missing",
                values -> new EnvironmentSettings.File(values.get(FILE_PATH), values.get(FILE_REQUIRED)),
                JsonSchema.of("required", List.of(FILE_PATH.name())));
        Syntax<EnvironmentSettings.File> one = new Syntax.MapOr<>(map, plain, "a path, or a map of path and required");
        return new Syntax.ListOf<>(one, "a path, or a list of paths", new Syntax.Converted<>(one, List::of));
    }
}
