package bellhop.yaml;

import bellhop.definition.Script;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** The keys of {@code timeouts}. */
final class TimeoutKeys {
    private static final KeyList KEYS = new KeyList();

    private static final YamlKey<Duration> PRE = KEYS.add(
            YamlKey.of("pre", Scalars.duration(), Default.of(Duration.ofSeconds(10)), "How long pre may take."));

    static final YamlKey<Duration> READY = KEYS.add(
            YamlKey.of(
                    "ready",
                    Scalars.duration(),
                    Default.of(Duration.ofSeconds(60)),
                    "How long run may take until it is ready; only together with ready. With ready: {finished: true} there is no limit without this key."));

    private static final YamlKey<Duration> POST = KEYS.add(
            YamlKey.of("post", Scalars.duration(), Default.of(Duration.ofSeconds(10)), "How long post may take."));

    static final Syntax.MapSyntax<Map<Script, Duration>> FORM =
            new Syntax.MapSyntax<>(KEYS, values -> "", TimeoutKeys::timeouts, JsonSchema.of());

    private TimeoutKeys() {}

    private static Map<Script, Duration> timeouts(Values values) {
        Map<Script, Duration> timeouts = new EnumMap<>(Script.class);
        timeouts.put(Script.PRE, values.get(PRE));
        values.given(READY).ifPresent(limit -> timeouts.put(Script.RUN, limit));
        timeouts.put(Script.POST, values.get(POST));
        return timeouts;
    }
}
