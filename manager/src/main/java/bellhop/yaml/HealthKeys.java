package bellhop.yaml;

import bellhop.definition.HealthCheck;
import bellhop.definition.HttpUrl;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The keys of {@code healthcheck}. */
final class HealthKeys {
    private static final KeyList KEYS = new KeyList();

    private static final YamlKey<List<String>> TEST = KEYS.add(
            YamlKey.of(
                    "test",
                    CommandLines.test(true),
                    Default.nothing(),
                    "A command that exits 0 if the service is healthy: a text for a shell, [CMD-SHELL, TEXT], [CMD, PROGRAM, ...], or [NONE]. {service} and {target} are expanded."));

    private static final YamlKey<HttpUrl> HTTP = KEYS.add(
            YamlKey.of(
                    "http",
                    Addresses.http(),
                    Default.nothing(),
                    "Instead of test: a URL that is answered with a status of 2xx or 3xx if the service is healthy, as with ready."));

    private static final YamlKey<Duration> INTERVAL = KEYS.add(YamlKey.of(
            "interval",
            Scalars.duration(),
            Default.of(Duration.ofSeconds(30)),
            "The time between the end of one test and the start of the next."));

    private static final YamlKey<Duration> TIMEOUT = KEYS.add(YamlKey.of(
            "timeout",
            Scalars.duration(),
            Default.of(Duration.ofSeconds(30)),
            "How long a test may take; a longer one is killed and counts as failed."));

    private static final YamlKey<Integer> RETRIES = KEYS.add(YamlKey.of(
            "retries", Scalars.whole("a number", 1, 1_000_000), Default.of(3), "How many tests must fail in a row."));

    private static final YamlKey<Duration> START_PERIOD = KEYS.add(YamlKey.of(
            "start_period",
            Scalars.durationOrZero(),
            Default.of(Duration.ZERO),
            "The time after the launch during which a failed test does not count."));

    private static final YamlKey<Duration> START_INTERVAL = KEYS.add(YamlKey.of(
            "start_interval",
            Scalars.duration(),
            Default.of(Duration.ofSeconds(5)),
            "The time between two tests during the start period."));

    private static final YamlKey<Boolean> DISABLE =
            KEYS.add(YamlKey.of("disable", new Syntax.Flag(), Default.of(false), "true: the health check is off."));

    static final Syntax.MapSyntax<Optional<HealthCheck>> FORM = new Syntax.MapSyntax<>(
            KEYS,
            HealthKeys::wrong,
            HealthKeys::healthCheck,
            JsonSchema.of(
                    "anyOf",
                    List.of(
                            JsonSchema.of("required", List.of(TEST.name())),
                            JsonSchema.of("required", List.of(HTTP.name())),
                            JsonSchema.of("required", List.of(DISABLE.name())))));

    private HealthKeys() {}

    private static String wrong(Values values) {
        if (isOff(values)) {
            return "";
        }
        if (values.has(TEST) && values.has(HTTP)) {
            return "expected one of test and http, not both";
        }
        return values.has(TEST) || values.has(HTTP) ? "" : "test or http is missing";
    }

    private static boolean isOff(Values values) {
        return values.get(DISABLE) || values.given(TEST).map(List::isEmpty).orElse(false);
    }

    private static Optional<HealthCheck> healthCheck(Values values) {
        return isOff(values)
                ? Optional.empty()
                : Optional.of(new HealthCheck(
                        values.given(TEST).orElse(List.of()),
                        values.get(INTERVAL),
                        values.get(TIMEOUT),
                        values.get(RETRIES),
                        values.get(START_PERIOD),
                        values.get(START_INTERVAL),
                        values.given(HTTP)));
    }
}
