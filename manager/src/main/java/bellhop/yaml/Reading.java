package bellhop.yaml;

import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.definition.Value;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A service directory that could be read.
 *
 * @param definition what it says
 * @param yaml where it says so; empty if it has no {@code service.yaml}
 */
public record Reading(Definition definition, Optional<ServiceYaml> yaml) {

    /** Whether it is a template, and the name that it was read for has no target. */
    public boolean lacksTarget() {
        // No reference to a method: that alone would load the YAML library.
        return yaml.isPresent()
                && yaml.get().isTemplate()
                && definition.name().target().isEmpty();
    }

    /** Something wrong with the value of a key; the nearest key around it that is in the file is pointed at. */
    public Problem problem(String key, String what) {
        Path file = yaml.map(ServiceYaml::file).orElse(definition.directory());
        String shown = key.indexOf('[') < 0 ? key : key.substring(0, key.indexOf('['));
        Value.Position position = yaml.flatMap(it -> it.position(key).or(() -> it.position(shown)))
                .orElseGet(() -> new Value.Position(1, 1));
        return Problem.at(file, position, shown, what);
    }

    public List<ServiceName> requires() {
        return definition.requires();
    }
}
