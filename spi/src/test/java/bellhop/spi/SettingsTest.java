package bellhop.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.spi.testkit.SettingsOf;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the typed questions make of words. */
class SettingsTest {

    private static Settings with(Object value) {
        return SettingsOf.map(Map.of("key", value));
    }

    @Test
    void whatIsNotThereHasItsDefault() {
        Settings settings = SettingsOf.nothing();
        assertThat(settings.string("key")).isEmpty();
        assertThat(settings.strings("key")).isEmpty();
        assertThat(settings.globs("key")).isEmpty();
        assertThat(settings.flag("key", true)).isTrue();
        assertThat(settings.number("key", 7, 0, 9)).isEqualTo(7);
        assertThat(settings.duration("key", Duration.ofSeconds(3))).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void oneWordIsAListOfOne() {
        assertThat(with("a").strings("key")).containsExactly("a");
        assertThat(with(List.of("a", 2)).strings("key")).containsExactly("a", "2");
    }

    @ParameterizedTest
    @CsvSource({
        "500ms, 500",
        "2s, 2000",
        "1.5s, 1500",
        "1m30s, 90000",
        "2h, 7200000",
        "1d, 86400000",
        "100000h, 360000000000",
        "0s, 0",
        "1000us, 1"
    })
    void lengthsOfTimeAreAsComposeHasThem(String text, long millis) {
        assertThat(with(text).duration("key", Duration.ZERO)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "", "s", "-1s", "1 s", "1s x", "1w", "1m 30s", ".", "1000000000000000s"})
    void whatIsNoLengthOfTimeIsRefused(String text) {
        assertThatThrownBy(() -> with(text).duration("key", Duration.ZERO))
                .isInstanceOf(SettingsException.class)
                .hasMessage("\"" + text + "\" is not a duration; expected one such as 500ms, 2s or 1m30s");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"9999999h", "100000h1us", "99999999h99999999h", "99999999999.9h", "999999999999h999999999999h"})
    void whatNobodyWaitsForIsRefused(String text) {
        assertThatThrownBy(() -> with(text).duration("key", Duration.ZERO))
                .isInstanceOf(SettingsException.class)
                .hasMessage("\"" + text + "\" is too long; expected at most 100000h");
    }

    @Test
    void numbersHaveBounds() {
        assertThat(with(5).number("key", 0, 1, 9)).isEqualTo(5);
        for (Object wrong : List.of(0, 10, "five", "99999999999999999999")) {
            assertThatThrownBy(() -> with(wrong).number("key", 1, 1, 9))
                    .hasMessage("\"" + wrong + "\" is not a whole number from 1 to 9");
        }
    }

    @Test
    void flagsAreTrueOrFalse() {
        assertThat(with(true).flag("key", false)).isTrue();
        assertThat(with(false).flag("key", true)).isFalse();
        assertThatThrownBy(() -> with("yes").flag("key", false)).hasMessage("\"yes\" is not true or false");
    }

    @Test
    void theItemThatIsNoPatternIsNamed() {
        assertThatThrownBy(() -> with(List.of("wlan*", "wlan[0")).globs("key"))
                .isInstanceOfSatisfying(SettingsException.class, e -> {
                    assertThat(e.key()).isEqualTo("key");
                    assertThat(e.item()).isEqualTo(1);
                })
                .hasMessage("\"wlan[0\" is not a pattern: its [ has no ]");
    }

    @Test
    void keysThatNobodyAskedForAreKnown() {
        SettingsOf settings = SettingsOf.map(Map.of("asked", 1, "never", 2));
        settings.number("asked", 0, 0, 9);
        assertThat(settings.neverAsked()).containsExactly("never");
    }
}
