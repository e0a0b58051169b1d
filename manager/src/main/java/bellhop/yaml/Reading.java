package bellhop.yaml;

import bellhop.definition.Definition;
import bellhop.definition.FileVersion;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.definition.Value;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A service directory that could be read.
 *
 * @param definition what it says
 * @param yaml where it says so; empty if it has no {@code service.yaml}
 */
public record Reading(Definition definition, Optional<ServiceYaml> yaml) {

    /**
     * What a directory says.
     *
     * @param commands the command line of each script that there is
     * @param versions which file each of them is
     */
    public static Reading of(
            ServiceName name,
            Path directory,
            Map<Script, List<String>> commands,
            Map<Script, FileVersion> versions,
            Optional<ServiceYaml> yaml) {
        Values values = yaml.isPresent() ? yaml.get().values() : Values.NONE;
        List<Path> overrides = yaml.isPresent()
                ? yaml.get().overrides().stream().map(Path::toAbsolutePath).toList()
                : List.of();
        return new Reading(DefinitionMaker.definition(name, directory, commands, versions, values, overrides), yaml);
    }

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

    /** The command-line tools that it needs, each with the first key that needs it. */
    public SequencedMap<String, String> tools() {
        SequencedMap<String, String> tools = new LinkedHashMap<>();
        for (YamlKey<?> key : ServiceKeys.KEYS) {
            if (yaml.isPresent() && yaml.get().isGiven(key)) {
                key.tool().ifPresent(tool -> tools.putIfAbsent(tool, key.name()));
            }
        }
        return tools;
    }

    public List<ServiceName> requires() {
        return definition.requires();
    }
}
