package bellhop.yaml;

import bellhop.definition.ServiceName;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * One entry of {@code requires}.
 *
 * @param isOptional whether the service starts without it if it cannot be had
 */
record Requirement(ServiceName service, boolean isOptional) {

    /** A name, or a map of one name and the word {@code optional}. */
    record Form(Syntax<ServiceName> name, Syntax<Boolean> word) implements Syntax<Requirement> {
        Form() {
            this(Scalars.service(), Syntax.WordSyntax.of("optional", true, "required", false));
        }

        @Override
        public String expected() {
            return "the name of a service, or {NAME: optional}";
        }

        @Override
        public Optional<Requirement> read(Node node, YamlCursor place) {
            if (!(node instanceof MappingNode map)) {
                return name.read(node, place).map(service -> new Requirement(service, false));
            }
            if (map.getValue().size() != 1) {
                return place.complain(node, Syntax.whatIsThere(node) + "; expected " + expected());
            }
            var entry = map.getValue().getFirst();
            Optional<ServiceName> service = name.read(entry.getKeyNode(), place);
            Optional<Boolean> isOptional = word.read(entry.getValueNode(), place);
            return service.flatMap(it -> isOptional.map(optional -> new Requirement(it, optional)));
        }

        @Override
        public SequencedMap<String, Object> schema() {
            return JsonSchema.of(
                    "anyOf",
                    List.of(
                            name.schema(),
                            JsonSchema.of(
                                    "type",
                                    "object",
                                    "minProperties",
                                    1,
                                    "maxProperties",
                                    1,
                                    "additionalProperties",
                                    word.schema())));
        }
    }
}
