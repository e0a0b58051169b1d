package bellhop.yaml;

import bellhop.definition.ProcessSettings;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.SequencedMap;

/** Forms of how much a process, or all processes of a service together, may use. */
final class Limits {
    private static final KeyList ULIMIT_KEYS = new KeyList();
    private static final YamlKey<Long> SOFT =
            ULIMIT_KEYS.add(YamlKey.of("soft", ulimit(), Default.nothing(), "The limit in force."));
    private static final YamlKey<Long> HARD = ULIMIT_KEYS.add(
            YamlKey.of("hard", ulimit(), Default.nothing(), "The limit up to which soft may be raised."));

    private Limits() {}

    static Syntax<BigDecimal> cpus() {
        return new Syntax.TextSyntax<>(
                "a number of processors above 0, such as 0.5",
                Scalars.NUMBER,
                JsonSchema.of(
                        "anyOf",
                        List.of(
                                JsonSchema.of("type", "number", "exclusiveMinimum", 0),
                                Scalars.pattern("^[0-9]{1,6}(\\.[0-9]{1,6})?$"))),
                (text, place) -> {
                    if (!text.matches("[0-9]{1,6}(\\.[0-9]{1,6})?") || new BigDecimal(text).signum() == 0) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return new BigDecimal(text);
                });
    }

    static Syntax<Long> pidsLimit() {
        return new Syntax.TextSyntax<>(
                "a number from 1, or -1 for no limit",
                Scalars.INTEGER,
                JsonSchema.of("type", "integer", "not", JsonSchema.of("const", 0), "minimum", -1, "maximum", 4_194_304),
                (text, place) -> {
                    BigInteger number = Scalars.integer(text);
                    if (number.signum() == 0
                            || number.longValue() < -1
                            || number.bitLength() > 23
                            || number.longValue() > 4_194_304) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return number.longValue();
                });
    }

    static Syntax<SequencedMap<String, ProcessSettings.Ulimit>> ulimits() {
        Syntax<ProcessSettings.Ulimit> both = new Syntax.MapSyntax<>(
                ULIMIT_KEYS,
                Limits::wrongUlimit,
                values -> new ProcessSettings.Ulimit(values.get(SOFT), values.get(HARD)),
                JsonSchema.of("required", List.of(SOFT.name(), HARD.name())));
        Syntax<ProcessSettings.Ulimit> one = new Syntax.MapOr<>(
                both,
                new Syntax.Converted<>(ulimit(), value -> new ProcessSettings.Ulimit(value, value)),
                "a number, or a map of soft and hard");
        return new Syntax.MapOf<>(
                Scalars.named("a limit", "", ULIMITS), one, "a map of limits, such as {nofile: 1024}");
    }

    private static Syntax<Long> ulimit() {
        return new Syntax.TextSyntax<>(
                "a number, -1 or unlimited",
                Scalars.WORD_OR_INTEGER,
                JsonSchema.of(
                        "anyOf",
                        List.of(JsonSchema.of("type", "integer", "minimum", -1), JsonSchema.of("const", "unlimited"))),
                (text, place) -> {
                    if (text.equals("-1") || text.equals("unlimited")) {
                        return ProcessSettings.Ulimit.UNLIMITED;
                    }
                    if (!text.matches("[0-9]{1,18}")) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return Long.parseLong(text);
                });
    }

    private static String wrongUlimit(Values values) {
        if (!values.has(SOFT) || !values.has(HARD)) {
            return "expected both soft and hard";
        }
        return values.get(SOFT) > values.get(HARD) ? "soft is above hard; expected at most as much" : "";
    }

    static final List<String> ULIMITS = List.of(
            "as",
            "core",
            "cpu",
            "data",
            "fsize",
            "locks",
            "memlock",
            "msgqueue",
            "nice",
            "nofile",
            "nproc",
            "rss",
            "rtprio",
            "rttime",
            "sigpending",
            "stack");
}
