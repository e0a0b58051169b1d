package bellhop.yaml;

import bellhop.definition.InvalidNameException;
import bellhop.definition.Nearest;
import bellhop.definition.ServiceName;
import bellhop.definition.Value;
import bellhop.linux.Signals;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Forms of one word, number or line of text. */
final class Scalars {
    static final Set<Value.Kind> STRING = EnumSet.of(Value.Kind.STRING);
    static final Set<Value.Kind> WORDS =
            EnumSet.of(Value.Kind.STRING, Value.Kind.INTEGER, Value.Kind.DECIMAL, Value.Kind.BOOLEAN);
    static final Set<Value.Kind> INTEGER = EnumSet.of(Value.Kind.INTEGER);
    static final Set<Value.Kind> WORD_OR_INTEGER = EnumSet.of(Value.Kind.STRING, Value.Kind.INTEGER);
    static final Set<Value.Kind> NUMBER = EnumSet.of(Value.Kind.STRING, Value.Kind.INTEGER, Value.Kind.DECIMAL);
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?) ?([kmgtKMGT]?)(?:[iI]?[bB])?");
    private static final String SIZE_PATTERN = "^[0-9]{1,15}(\\.[0-9]{1,9})? ?[kmgtKMGT]?([iI]?[bB])?$";

    private static final int GREATEST_EXIT_CODE = 255;

    private static final List<String> UNITS = List.of("", "KiB", "MiB", "GiB", "TiB");

    private Scalars() {}

    static SequencedMap<String, Object> pattern(String pattern) {
        return JsonSchema.of("type", "string", "pattern", pattern);
    }

    /** Any text on any lines. */
    static Syntax<String> text() {
        return new Syntax.TextSyntax<>(
                "a text", STRING, JsonSchema.of("type", "string"), (text, place) -> place.expand(text));
    }

    static Syntax<Duration> duration() {
        return duration(Duration.ofMillis(1));
    }

    static Syntax<Duration> durationOrZero() {
        return duration(Duration.ZERO);
    }

    static Syntax<Duration> duration(Duration least) {
        String expected = Durations.EXPECTED + (least.isZero() ? "" : ", at least " + Durations.written(least));
        return new Syntax.TextSyntax<>(
                expected,
                STRING,
                pattern(Durations.PATTERN),
                (text, place) -> {
                    Duration duration = Durations.parsed(text);
                    if (duration.compareTo(least) < 0) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return duration;
                },
                Durations::written);
    }

    /** Bytes, of units that are powers of 1024, as Compose has them. */
    static Syntax<Long> size(long least) {
        SequencedMap<String, Object> schema = JsonSchema.of(
                "anyOf", List.of(JsonSchema.of("type", "integer", "minimum", least), pattern(SIZE_PATTERN)));
        return new Syntax.TextSyntax<>(
                "a size such as 64m, 512KiB or 1gb" + (least > 0 ? ", at least " + least : ""),
                NUMBER,
                schema,
                (text, place) -> {
                    Matcher size = SIZE.matcher(text);
                    if (!size.matches()) {
                        throw new Syntax.InvalidValueException("");
                    }
                    int power = "kmgt".indexOf(size.group(2).toLowerCase(Locale.ROOT)) + 1;
                    BigDecimal bytes = new BigDecimal(size.group(1))
                            .multiply(BigDecimal.valueOf(size.group(2).isEmpty() ? 1L : 1L << (10 * power)));
                    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE / 2)) > 0) {
                        throw new Syntax.InvalidValueException("too big");
                    }
                    if (bytes.longValue() < least) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return bytes.longValue();
                },
                Scalars::writtenSize);
    }

    private static String writtenSize(long bytes) {
        int power = Math.min(Long.numberOfTrailingZeros(bytes) / 10, UNITS.size() - 1);
        return (bytes >> (10 * power)) + UNITS.get(power);
    }

    /** A whole number. */
    static Syntax<Integer> whole(String what, int least, int most) {
        String expected = what + " from " + least + " to " + most;
        return new Syntax.TextSyntax<>(
                expected,
                INTEGER,
                JsonSchema.of("type", "integer", "minimum", least, "maximum", most),
                (text, place) -> {
                    BigInteger number = integer(text);
                    if (number.compareTo(BigInteger.valueOf(least)) < 0
                            || number.compareTo(BigInteger.valueOf(most)) > 0) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return number.intValue();
                });
    }

    /** As YAML's core schema has them: 10, 0o17, 0xff. */
    static BigInteger integer(String text) throws Syntax.InvalidValueException {
        try {
            return text.startsWith("0o")
                    ? new BigInteger(text.substring(2), 8)
                    : text.startsWith("0x") ? new BigInteger(text.substring(2), 16) : new BigInteger(text);
        } catch (NumberFormatException e) {
            throw new Syntax.InvalidValueException("");
        }
    }

    /** At least one path, and no impossible one. */
    static Syntax<Path> path(String expected) {
        return new Syntax.TextSyntax<>(
                expected, STRING, JsonSchema.of("type", "string", "minLength", 1), (text, place) -> {
                    if (text.isEmpty()) {
                        throw new Syntax.InvalidValueException("");
                    }
                    try {
                        return place.yaml()
                                .directory()
                                .resolve(place.expand(text))
                                .normalize();
                    } catch (InvalidPathException e) {
                        throw new Syntax.InvalidValueException("file names are in "
                                + System.getProperty("sun.jnu.encoding") + " here, which cannot express this name");
                    }
                });
    }

    /** The number of a signal by its name, with or without SIG. */
    static Syntax<Integer> signal() {
        return new Syntax.TextSyntax<>(
                "a signal such as SIGTERM, TERM or 15",
                WORD_OR_INTEGER,
                JsonSchema.of(
                        "anyOf",
                        List.of(
                                JsonSchema.of("enum", signalNames()),
                                JsonSchema.of("type", "integer", "minimum", 1, "maximum", Signals.GREATEST))),
                (text, place) -> {
                    if (text.matches("[0-9]{1,3}")) {
                        int number = Integer.parseInt(text);
                        if (number < 1 || number > Signals.GREATEST) {
                            throw new Syntax.InvalidValueException("");
                        }
                        return number;
                    }
                    return signalNumber(text, "one such as SIGTERM, TERM or 15");
                },
                number -> "SIG" + Signals.name(number));
    }

    private static List<Object> signalNames() {
        List<Object> names = new ArrayList<>();
        Signals.names().forEach(name -> {
            names.add(name);
            names.add("SIG" + name);
        });
        return names;
    }

    private static int signalNumber(String text, String expected) throws Syntax.InvalidValueException {
        String name = text.startsWith("SIG") ? text.substring(3) : text;
        List<String> valid = Signals.names();
        if (!valid.contains(name)) {
            throw new Syntax.InvalidValueException(
                    "no such signal; expected " + expected + Nearest.hint(name.toUpperCase(Locale.ROOT), valid, "SIG"));
        }
        return Signals.number(name).orElseThrow();
    }

    /** Ends of a process, each a number or the name of a signal; one alone, or a list. They are read as {@code ExitRules} has them. */
    static Syntax<List<String>> exitStatuses() {
        Syntax<String> one = exitStatus();
        return new Syntax.ListOf<>(
                one, "a list of exit codes and signals", new Syntax.Converted<>(one, status -> List.of(status)));
    }

    private static Syntax<String> exitStatus() {
        String expected = "an exit code from 0 to " + GREATEST_EXIT_CODE + ", or a signal such as SIGTERM";
        return new Syntax.TextSyntax<>(
                expected,
                WORD_OR_INTEGER,
                JsonSchema.of(
                        "anyOf",
                        List.of(
                                JsonSchema.of("enum", signalNames()),
                                JsonSchema.of("type", "integer", "minimum", 0, "maximum", GREATEST_EXIT_CODE))),
                (text, place) -> {
                    if (text.matches("[0-9]{1,3}") && Integer.parseInt(text) <= GREATEST_EXIT_CODE) {
                        return Integer.toString(Integer.parseInt(text));
                    }
                    if (text.matches("[-+0-9].*")) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return Signals.name(signalNumber(text, expected));
                });
    }

    static Syntax<ServiceName> service() {
        return new Syntax.TextSyntax<>(
                "the name of a service",
                WORD_OR_INTEGER,
                JsonSchema.of("type", List.of("string", "integer"), "minLength", 1),
                (text, place) -> {
                    try {
                        return ServiceName.parse(place.expand(text));
                    } catch (InvalidNameException e) {
                        throw new Syntax.InvalidValueException("not a service name: " + e.reason());
                    }
                });
    }

    /** One of many names, in small letters or capitals where a prefix may stand before it, else as it is. */
    static Syntax<String> named(String what, String prefix, List<String> names) {
        List<Object> all = new ArrayList<>();
        for (String name : names) {
            all.add(name);
            if (!prefix.isEmpty()) {
                all.add(name.toUpperCase(Locale.ROOT));
                all.add(prefix + name);
                all.add((prefix + name).toUpperCase(Locale.ROOT));
            }
        }
        return new Syntax.TextSyntax<>(what, STRING, JsonSchema.of("enum", all), (text, place) -> {
            String name = prefix.isEmpty() ? text : text.toLowerCase(Locale.ROOT);
            name = !prefix.isEmpty() && name.startsWith(prefix) ? name.substring(prefix.length()) : name;
            if (!names.contains(name)) {
                String hint = Nearest.hint(name, names);
                throw new Syntax.InvalidValueException("not " + what
                        + (!hint.isEmpty() || !prefix.isEmpty()
                                ? hint
                                : "; expected one of " + String.join(", ", names)));
            }
            return name;
        });
    }
}
