package bellhop.catalog;

import bellhop.yaml.Problem;
import java.util.List;

/** Ends the reading of a directory early. It never leaves this package: it becomes its {@link Finding}. */
final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Finding.Unusable finding;

    UnusableException(Finding.Unusable finding) {
        this.finding = finding;
    }

    static UnusableException broken(Problem problem) {
        return new UnusableException(new Finding.Broken(List.of(problem)));
    }

    Finding.Unusable finding() {
        return finding;
    }
}
