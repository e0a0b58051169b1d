package bellhop.yaml;

import bellhop.definition.Quote;
import bellhop.definition.Restart;
import bellhop.definition.RestartPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The keys of {@code restart_limit}, and what {@code restart} may be. */
final class RestartKeys {
    private static final KeyList KEYS = new KeyList();

    private static final YamlKey<Integer> TIMES = KEYS.add(YamlKey.of(
            "times", Scalars.whole("a number", 1, 1_000_000), Default.nothing(), "How many restarts are allowed."));

    private static final YamlKey<Duration> WITHIN = KEYS.add(YamlKey.of(
            "within",
            Scalars.duration(),
            Default.says("since it was last started manually"),
            "The period in which they are counted."));

    static final Syntax.MapSyntax<Restart.Limit> LIMIT = new Syntax.MapSyntax<>(
            KEYS,
            values -> values.has(TIMES) ? "" : "times is missing",
            values -> new Restart.Limit(values.get(TIMES), values.given(WITHIN)),
            JsonSchema.of("required", List.of(TIMES.name())));

    static final Syntax<LimitedPolicy> POLICY = new PolicySyntax(Syntax.WordSyntax.of(
            Map.of("unless-stopped", RestartPolicy.ALWAYS),
            "always",
            RestartPolicy.ALWAYS,
            "on-failure",
            RestartPolicy.ON_FAILURE,
            "no",
            RestartPolicy.NO));

    /** What holds for a job without the key. */
    static final LimitedPolicy OF_JOBS = new LimitedPolicy(RestartPolicy.ON_FAILURE, Optional.empty());

    private RestartKeys() {}

    /** What {@code restart} says: a word, and after {@code on-failure:} a limit. */
    record LimitedPolicy(RestartPolicy policy, Optional<Restart.Limit> limit) {}

    /** A word, or {@code on-failure:3}. */
    private record PolicySyntax(Syntax<RestartPolicy> word) implements Syntax<LimitedPolicy> {
        private static final String LIMITED = "on-failure:[1-9][0-9]{0,5}";

        @Override
        public String expected() {
            return word.expected();
        }

        @Override
        public Optional<LimitedPolicy> read(Node node, YamlCursor place) {
            String text = node instanceof ScalarNode scalar ? scalar.getValue() : "";
            if (text.matches(LIMITED)) {
                int times = Integer.parseInt(text.substring(text.indexOf(':') + 1));
                return Optional.of(new LimitedPolicy(
                        RestartPolicy.ON_FAILURE, Optional.of(new Restart.Limit(times, Optional.empty()))));
            }
            if (text.startsWith("on-failure:")) {
                return place.complain(node, Quote.of(text) + ": expected a number from 1 after the colon");
            }
            return word.read(node, place).map(policy -> new LimitedPolicy(policy, Optional.empty()));
        }

        @Override
        public String written(LimitedPolicy value) {
            return word.written(value.policy());
        }

        @Override
        public SequencedMap<String, Object> schema() {
            return JsonSchema.of(
                    "anyOf", List.of(word.schema(), JsonSchema.of("type", "string", "pattern", "^" + LIMITED + "$")));
        }
    }
}
