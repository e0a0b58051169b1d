package bellhop.yaml;

import bellhop.definition.Value;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A YAML file of another program, read with the same limits as a {@code service.yaml}. */
public final class YamlTree {
    private YamlTree() {}

    /**
     * Reads a regular file.
     *
     * @param problems where each thing goes that is wrong with it
     * @return what is in it, with positions; empty if something is wrong
     */
    public static Optional<Value> read(Path file, List<Problem> problems) {
        return ServiceYaml.tree(file, problems);
    }
}
