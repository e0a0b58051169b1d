package bellhop.definition;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What is added to the environment of a service's scripts; the YAML keys {@code environment} and {@code env_file}.
 *
 * @param variables names and values; they win over those of the files
 * @param files where more are read from at each launch, later ones win. What is in them is secret: it is never shown
 */
public record EnvironmentSettings(Map<String, String> variables, List<File> files) {

    /** Nothing is added. */
    public static final EnvironmentSettings NONE = new EnvironmentSettings(Map.of(), List.of());

    public EnvironmentSettings {
        variables = Definition.asGiven(variables);
        files = List.copyOf(files);
    }

    boolean isNone() {
        return variables.isEmpty() && files.isEmpty();
    }

    /**
     * A file of variables.
     *
     * @param path an absolute path
     * @param required whether a launch fails where it is not there
     */
    public record File(Path path, boolean required) {}
}
