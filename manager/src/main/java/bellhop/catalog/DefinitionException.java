package bellhop.catalog;

import bellhop.definition.Definition;
import bellhop.yaml.Problem;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Says why there is no {@link Definition} for a name: everything that is wrong with its directory at
 * once, so that it can be mended at once.
 */
public sealed class DefinitionException extends Exception permits NoSuchServiceException, TargetMissingException {
    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    DefinitionException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong, with where it stands; never nothing. */
    public List<Problem> details() {
        return problems;
    }

    /**
     * What is wrong, one line each and never none: {@code path:line:column: key: what; expected what} for
     * a {@code service.yaml}, {@code path: what; what to do} for anything else.
     */
    public List<String> problems() {
        return problems.stream().map(Problem::toString).toList();
    }
}
