package bellhop.convert;

import bellhop.definition.Quote;
import bellhop.definition.Script;
import bellhop.yaml.KnownNames;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;

/** A service as any format describes it, in Bellhop's own words. */
final class ImportedService {
    private static final String HASH_BANG = "#!/bin/sh\n";

    private String name;
    private final String origin;
    private final List<String> comments = new ArrayList<>();
    private final SequencedMap<String, Object> settings = new LinkedHashMap<>();
    private final Map<Script, List<String>> scripts = new EnumMap<>(Script.class);
    private final Map<String, String> variables = new LinkedHashMap<>();
    private boolean isPrivate;

    /**
     * Begins one.
     *
     * @param name the name of its directory, which is that of a service
     * @param origin the file that it comes from
     */
    ImportedService(String name, String origin) {
        this.name = name;
        this.origin = origin;
    }

    String name() {
        return name;
    }

    /** Gives it another name. */
    void rename(String to) {
        name = to;
    }

    /** Keeps others from reading its settings, as they cannot read the file that it comes from. */
    void keepPrivate() {
        isPrivate = true;
    }

    boolean isPrivate() {
        return isPrivate;
    }

    /** Whether {@code run} is executed by another user than the manager's, who may execute all that it owns. */
    boolean runsAsAnother() {
        String user = String.valueOf(settings.getOrDefault("user", "root"));
        return !List.of("root", "0").contains(user.replaceFirst(":.*", ""));
    }

    /** A line for people at the beginning of {@code service.yaml}. */
    void comment(String line) {
        comments.add(line);
    }

    /** A key of {@code service.yaml}: a text, number, truth value, list or map. */
    void set(String key, Object value) {
        settings.put(key, value);
    }

    /** A key within a mapping. */
    @SuppressWarnings("unchecked") // only maps that are made here
    void set(String key, String inner, Object value) {
        ((Map<String, Object>) settings.computeIfAbsent(key, it -> new LinkedHashMap<String, Object>()))
                .put(inner, value);
    }

    boolean is(String key, Object value) {
        return value.equals(settings.get(key));
    }

    /** Whether there is a key within a mapping. */
    boolean has(String key, String inner) {
        return settings.get(key) instanceof Map<?, ?> map && map.containsKey(inner);
    }

    boolean has(String key) {
        return settings.containsKey(key);
    }

    /** A line of a script. */
    void line(Script script, String line) {
        scripts.computeIfAbsent(script, it -> new ArrayList<>()).add(line);
    }

    /** Variables that another file may override, which those of {@code environment} are not. */
    void variable(String variable, String value) {
        variables.put(variable, value);
    }

    boolean hasVariables() {
        return !variables.isEmpty();
    }

    /** The name of the file with the variables, relative to the directory. */
    static final String VARIABLES = "variables";

    /** The content of the directory: each file by its name, scripts under the names of scripts. */
    Map<String, String> files() {
        Map<String, String> files = new TreeMap<>();
        StringBuilder yaml = new StringBuilder("# From " + Quote.onOneLine(origin) + ", by bh import.\n");
        comments.forEach(line -> yaml.append("# ").append(Quote.onOneLine(line)).append('\n'));
        for (String key : KnownNames.keys()) {
            if (settings.containsKey(key)) {
                yaml.append(YamlText.entry(key, Objects.requireNonNull(settings.get(key))));
            }
        }
        files.put("service.yaml", yaml.toString());
        scripts.forEach((script, lines) -> files.put(script.fileName(), HASH_BANG + String.join("\n", lines) + "\n"));
        if (!variables.isEmpty()) {
            StringBuilder text = new StringBuilder();
            variables.forEach((variable, value) ->
                    text.append(variable).append('=').append(quoted(value)).append('\n'));
            files.put(VARIABLES, text.toString());
        }
        return files;
    }

    static boolean isScript(String fileName) {
        for (Script script : Script.values()) {
            if (script.fileName().equals(fileName)) {
                return true;
            }
        }
        return false;
    }

    /** As a file of variables has it. */
    private static String quoted(String value) {
        return "\""
                + value.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("$", "\\$")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                        .replace("\t", "\\t")
                + "\"";
    }
}
