package bellhop.yaml;

import bellhop.definition.ProcessSettings;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;

/** Forms of how much a process, or all processes of a service together, may use. */
final class Limits {
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
        Syntax<Long> limit = new Syntax.TextSyntax<>(
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
        final class UlimitDraft {
            @org.jspecify.annotations.Nullable
            Long soft;

            @org.jspecify.annotations.Nullable
            Long hard;
        }
        Supplier<UlimitDraft> make = UlimitDraft::new;
        Syntax<ProcessSettings.Ulimit> both = new Syntax.MapSyntax<UlimitDraft, ProcessSettings.Ulimit>(
                List.of(
                        new YamlKey<UlimitDraft, Long>(
                                "soft", "What is in force.", "", limit, (draft, value) -> draft.soft = value),
                        new YamlKey<UlimitDraft, Long>(
                                "hard", "How far it may be raised.", "", limit, (draft, value) -> draft.hard = value)),
                make,
                (draft, node, place) -> {
                    if (draft.soft == null || draft.hard == null) {
                        return place.complain(node, "expected both soft and hard");
                    }
                    if (draft.soft > draft.hard) {
                        return place.complain(node, "soft is above hard; expected at most as much");
                    }
                    return Optional.of(new ProcessSettings.Ulimit(draft.soft, draft.hard));
                },
                JsonSchema.of("required", List.of("soft", "hard")));
        Syntax<ProcessSettings.Ulimit> one = new Syntax.MapOr<>(
                both,
                new Syntax.Converted<>(limit, value -> new ProcessSettings.Ulimit(value, value)),
                "a number, or a map of soft and hard");
        return new Syntax.MapOf<>(
                Scalars.named("a limit", "", ULIMITS), one, "a map of limits, such as {nofile: 1024}");
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
