package bellhop.catalog;

import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import bellhop.yaml.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Says that no folder of services has a directory for a name, and which folders were looked into. */
public final class NoSuchServiceException extends DefinitionException {
    private static final long serialVersionUID = 1;

    NoSuchServiceException(ServiceName name, List<Path> folders, String hint) {
        super(List.of(Problem.of("no such service: " + name + " (looked in "
                + folders.stream().map(Quote::onOneLine).collect(Collectors.joining(", ")) + ")" + hint)));
    }
}
