package bellhop.core;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A rule of the core does not hold in a simulated world. */
final class RuleBroken extends AssertionError {
    private static final long serialVersionUID = 1;

    RuleBroken(String rule, Object... how) {
        super(rule + ": " + Stream.of(how).map(String::valueOf).collect(Collectors.joining(" ")));
    }
}
