package bellhop.definition;

import java.util.List;

/**
 * Says why there is no {@link Definition} for a name: everything that is wrong with its directory at
 * once, so that it can be mended at once.
 */
public sealed class DefinitionException extends Exception permits NoSuchServiceException, TargetMissingException {
    private static final long serialVersionUID = 1;

    private final String[] problems;

    DefinitionException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = problems.toArray(String[]::new);
    }

    /**
     * What is wrong, one line each and never none: {@code path:line:column: key: what; expected what} for
     * a {@code service.yaml}, {@code path: what; what to do} for anything else.
     */
    public List<String> problems() {
        return List.of(problems);
    }
}
