package bellhop.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import bellhop.definition.Value;
import bellhop.spi.SettingsException;
import bellhop.yaml.Durations;
import bellhop.yaml.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What plugins get to see of YAML, and where complaints point to. */
class PluginSettingsTest {

    static Value word(String text, int line, int column) {
        return new Value.Scalar(text, Value.Kind.STRING, new Value.Position(line, column));
    }

    static TriggerUse use(String service, String plugin, Map<String, Value> entries) {
        LinkedHashMap<String, Value.Entry> map = new LinkedHashMap<>();
        entries.forEach((key, value) ->
                map.put(key, new Value.Entry(new Value.Position(value.position().line(), 5), value)));
        Value settings = new Value.Mapping(map, new Value.Position(3, 5));
        return new TriggerUse(service, plugin, Path.of("/s/" + service + "/service.yaml"), settings);
    }

    @Test
    void wordsAndListsAreReadAndNothingIsNothing() {
        Value nothing = new Value.Scalar("", Value.Kind.NULL, new Value.Position(6, 9));
        PluginSettings settings = new PluginSettings(use(
                "s",
                "p",
                Map.of(
                        "one",
                        word("a", 4, 9),
                        "two",
                        new Value.Sequence(List.of(word("a", 5, 10), word("b", 5, 13)), new Value.Position(5, 9)),
                        "none",
                        nothing)));
        assertThat(settings.string("one")).contains("a");
        assertThat(settings.strings("one")).containsExactly("a");
        assertThat(settings.strings("two")).containsExactly("a", "b");
        assertThat(settings.string("none")).isEmpty();
        assertThat(settings.strings("none")).isEmpty();
        assertThat(settings.string("other")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0s",
                "1us",
                "0.0000001us",
                "1.999us",
                "500ms",
                "1.5s",
                "0.1h",
                "1m30s",
                "1s1s",
                "2h",
                "100000h",
                "100000h1us",
                "100000.0000000001h",
                "9999999h",
                "99999999h99999999h",
                "999999999999.999999999s",
                "1000000000000s",
                "1d",
                "1w",
                "",
                "s",
                "5",
                "-1s",
                "1 s",
                "1s ",
                "1.s",
                ".5s",
                "1.0000000001s",
                "\u0661s"
            })
    void lengthOfTimeMeansToAPluginWhatItMeansEverywhereElse(String text) {
        PluginSettings settings = new PluginSettings(use("s", "p", Map.of("key", word(text, 4, 9))));
        Optional<Duration> ours;
        try {
            ours = Optional.of(settings.duration("key", Duration.ZERO));
        } catch (SettingsException e) {
            ours = Optional.empty();
        }
        assertThat(ours).isEqualTo(Durations.parse(text));
    }

    @Test
    void aComplaintPointsToTheItemAtFault() {
        TriggerUse use = use(
                "udhcpc",
                "wifi",
                Map.of(
                        "interfaces",
                        new Value.Sequence(
                                List.of(word("wlan*", 4, 18), word("wlan[", 4, 27)), new Value.Position(4, 17))));
        SettingsException e =
                catchThrowableOfType(SettingsException.class, () -> new PluginSettings(use).globs("interfaces"));
        assertThat(PluginSettings.problem(use, e))
                .asString()
                .isEqualTo("/s/udhcpc/service.yaml:4:27: triggers: wifi: interfaces:"
                        + " \"wlan[\" is not a pattern: its [ has no ]");
    }

    @Test
    void aComplaintAboutWhatIsNotThereAPointsToTheWhole() {
        TriggerUse use = use("udhcpc", "wifi", Map.of());
        assertThat(PluginSettings.problem(use, new SettingsException("port", "is missing;\nexpected one")))
                .asString()
                .isEqualTo("/s/udhcpc/service.yaml:3:5: triggers: wifi: port: is missing;\\x0aexpected one");
    }

    @Test
    void whatIsNoMapIsRefusedAndNoValueIsAnEmptyOne() {
        TriggerUse list = new TriggerUse(
                "s", "p", Path.of("/s/service.yaml"), new Value.Sequence(List.of(), new Value.Position(2, 6)));
        SettingsException e = catchThrowableOfType(SettingsException.class, () -> new PluginSettings(list));
        assertThat(PluginSettings.problem(list, e))
                .asString()
                .isEqualTo("/s/service.yaml:2:6: triggers: p: a list; expected keys and values");
        TriggerUse empty = new TriggerUse(
                "s", "p", Path.of("/s/service.yaml"), new Value.Scalar("", Value.Kind.NULL, new Value.Position(2, 6)));
        assertThat(new PluginSettings(empty).strings("key")).isEmpty();
    }

    @Test
    void aKeyThatNobodyAskedForIsUnknownAndTheNearestIsNamed() {
        PluginSettings settings = new PluginSettings(
                use("udhcpc", "wifi", Map.of("interface", word("wlan0", 4, 16), "interval", word("2s", 5, 15))));
        settings.ofPlugin().globs("interfaces");
        assertThat(settings.unknown())
                .extracting(Problem::toString)
                .containsExactly("/s/udhcpc/service.yaml:4:5: triggers: wifi: interface: unknown key;"
                        + " did you mean \"interfaces\"?");
    }

    @Test
    void theManagersOwnKeysAreNotThePlugins() {
        PluginSettings settings = new PluginSettings(use("s", "p", Map.of("interval", word("2s", 5, 15))));
        assertThat(settings.ofPlugin().string("interval")).isEmpty();
        assertThat(settings.string("interval")).contains("2s");
        assertThat(settings.unknown()).isEmpty();
    }
}
