package bellhop.catalog;

import bellhop.definition.ServiceName;
import bellhop.yaml.Problem;
import java.util.List;

/** Says that a directory is a template, of which only instances with a target can be started. */
public final class TargetMissingException extends DefinitionException {
    private static final long serialVersionUID = 1;

    TargetMissingException(ServiceName name) {
        super(List.of(Problem.of(name + " is a template and needs a target: " + name + "@TARGET")));
    }
}
