package bellhop.yaml;

import java.util.List;
import java.util.stream.Collectors;

/** Says why a file of variables cannot be used. Nothing of what is in the file is in it: that is secret. */
public final class EnvFileException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    EnvFileException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong, never nothing; the positions are those in the file of variables. */
    public List<Problem> problems() {
        return problems;
    }
}
