package bellhop.yaml;

import bellhop.definition.Script;
import java.time.Duration;
import java.util.Map;

/** The keys of {@code timeouts}. */
final class TimeoutKeys {
    private static final KeyList KEYS = new KeyList();

    private static final YamlKey<Duration> PRE = KEYS.add(
            YamlKey.of("pre", Scalars.duration(), Default.of(Duration.ofSeconds(10)), "How long pre may take."));

    static final YamlKey<Duration> READY = KEYS.add(YamlKey.of(
            "ready",
            Scalars.duration(),
            Default.of(Duration.ofSeconds(60)),
            "How long run may take until it is ready; only together with ready."));

    private static final YamlKey<Duration> POST = KEYS.add(
            YamlKey.of("post", Scalars.duration(), Default.of(Duration.ofSeconds(10)), "How long post may take."));

    static final Syntax.MapSyntax<Map<Script, Duration>> FORM =
            new Syntax.MapSyntax<>(KEYS, values -> "", TimeoutKeys::timeouts, JsonSchema.of());

    private TimeoutKeys() {}

    private static Map<Script, Duration> timeouts(Values values) {
        return Map.of(Script.PRE, values.get(PRE), Script.RUN, values.get(READY), Script.POST, values.get(POST));
    }
}
