package bellhop.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Patterns as a shell has them. */
class GlobTest {

    @ParameterizedTest
    @CsvSource({
        "wlan*, wlan0, true",
        "wlan*, wlan, true",
        "wlan*, xwlan0, false",
        "wlan?, wlan0, true",
        "wlan?, wlan10, false",
        "wlan[02], wlan2, true",
        "wlan[0-3], wlan3, true",
        "wlan[!0-3], wlan3, false",
        "wlan[!0-3], wlan4, true",
        "wlan[]], wlan], true",
        "wlan[^0], wlan^, true",
        "wlan[a&&b], wlan&, true",
        "wlan[a&&b], wlanb, true",
        "a.b, axb, false",
        "a\\*b, a*b, true",
        "a\\*b, axb, false",
        "(x|y), x, false",
        "\\Q, Q, true",
    })
    void aNameMatchesAsAWhole(String pattern, String name, boolean matches) {
        assertThat(Glob.of(pattern).matches(name)).isEqualTo(matches);
    }

    @Test
    void whatIsNoPatternSaysWhy() {
        assertThatThrownBy(() -> Glob.of("a[b")).hasMessage("its [ has no ]");
        assertThatThrownBy(() -> Glob.of("a\\")).hasMessage("nothing follows its last \\");
        assertThatThrownBy(() -> Glob.of("[z-a]")).hasMessage("its [] is not a range of characters");
    }

    @Test
    void ofSeveralOneIsEnough() {
        List<Glob> globs = List.of(Glob.of("eth*"), Glob.of("wlan*"));
        assertThat(Glob.anyMatches(globs, "wlan0")).isTrue();
        assertThat(Glob.anyMatches(globs, "lo")).isFalse();
        assertThat(Glob.anyMatches(List.of(), "lo")).isFalse();
        assertThat(globs).hasToString("[eth*, wlan*]");
    }
}
