package bellhop.convert;

import bellhop.convert.CommandWord.Literal;
import bellhop.convert.CommandWord.Variable;
import bellhop.convert.CommandWord.WordPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The variables in values of a Compose file: {@code $NAME}, <code>${NAME:-default}</code>, <code>${NAME-default}</code>, {@code $$}. */
final class Interpolation {
    private static final Pattern VARIABLE = Pattern.compile(
            "\\$(?:(\\$)|([A-Za-z_][A-Za-z0-9_]*)|\\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([^{}]*))?\\})");

    private Interpolation() {}

    /**
     * The parts of a value.
     *
     * @param complain takes what is read otherwise than Compose would
     */
    static List<WordPart> parts(String text, Consumer<String> complain) {
        List<WordPart> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        Matcher matcher = VARIABLE.matcher(text);
        int at = 0;
        while (matcher.find()) {
            literal.append(text, at, matcher.start());
            at = matcher.end();
            if (matcher.group(1) != null) {
                literal.append('$');
                continue;
            }
            String name = matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
            String operator = Optional.ofNullable(matcher.group(4)).orElse("");
            if (operator.endsWith("?") || operator.endsWith("+")) {
                complain.accept("of ${" + name + operator + "...} only the value of the variable is taken");
            }
            if (!literal.isEmpty()) {
                parts.add(new Literal(literal.toString()));
                literal.setLength(0);
            }
            parts.add(
                    operator.endsWith("-")
                            ? new Variable(name, operator, matcher.group(5), false)
                            : new Variable(name, "", "", false));
        }
        literal.append(text, at, text.length());
        if (!literal.isEmpty() || parts.isEmpty()) {
            parts.add(new Literal(literal.toString()));
        }
        return parts;
    }

    /** The value with the defaults of its variables; empty, and reported, if one has none. */
    static Optional<String> text(SourceKey key, String text, ImportReport report) {
        return text(key, text, report, what -> report.lost(key, what));
    }

    /**
     * The same.
     *
     * @param complain takes why there is no value
     */
    static Optional<String> text(SourceKey key, String text, ImportReport report, Consumer<String> complain) {
        StringBuilder plain = new StringBuilder();
        for (WordPart part : parts(text, what -> report.otherwise(key, what))) {
            switch (part) {
                case Literal(String literal) -> plain.append(literal);
                case Variable(String name, String _, String otherwise, boolean _)
                when !otherwise.isEmpty() -> {
                    plain.append(otherwise);
                    report.otherwise(key, "nothing is interpolated here: the default of " + name + " is written");
                }
                case Variable variable -> {
                    complain.accept("nothing is interpolated here; write the value of " + variable.name());
                    return Optional.empty();
                }
                default -> throw new IllegalStateException(part.toString());
            }
        }
        return Optional.of(plain.toString());
    }
}
