package bellhop.catalog;

import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.yaml.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Says that no directory of services has one for a name, and which were looked into. */
public final class NoSuchServiceException extends DefinitionException {
    private static final long serialVersionUID = 1;

    NoSuchServiceException(ServiceName name, List<Path> roots, String hint) {
        super(List.of(Problem.of("no such service: " + name + " (looked in "
                + roots.stream().map(Quote::onOneLine).collect(Collectors.joining(", ")) + ")" + hint)));
    }
}
