package bellhop.definition;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamePatternTest {

    @ParameterizedTest
    @CsvSource({
        "web, web, true",
        "web, web2, false",
        "web, we, false",
        "*, web, true",
        "w*, web, true",
        "*b, web, true",
        "*e*, web, true",
        "**, web, true",
        "w*x, web, false",
        "getty@*, getty@ttyS0, true",
        "*@tty*0, getty@ttyS0, true",
        "w?b, web, true",
        "w?b, wb, false",
        "we?, web, true",
        "web?, web, false",
        "tty[0-3], tty2, true",
        "tty[0-3], tty4, false",
        "tty[!0-3], tty4, true",
        "tty[^0-3], tty2, false",
        "tty[a3-5x], tty4, true",
        "tty[a3-5x], ttyx, true",
        "tty[a-], tty-, true",
        "tty[]], tty], true",
        "tty[!]], tty], false",
        "tty[0, tty[0, true",
        "tty[0, tty0, false",
        "*[0-9]*b, a1a2b, true",
        "a*a*a*b, aaaaaaaaaaaaaaaaac, false",
    })
    void standsForWhatAShellTakesItFor(String pattern, String name, boolean matches) {
        assertThat(new NamePattern(pattern).matches(name)).isEqualTo(matches);
    }

    @Test
    void theEmptyPatternIsNoName() {
        assertThat(new NamePattern("").matches("web")).isFalse();
    }

    @Test
    void aNameIsNoPattern() {
        assertThat(NamePattern.isPattern("getty@ttyS0")).isFalse();
        assertThat(NamePattern.isPattern("getty@*")).isTrue();
        assertThat(NamePattern.isPattern("tty?")).isTrue();
        assertThat(NamePattern.isPattern("tty[12]")).isTrue();
    }

    @Test
    void manyStarsTakeNoLongerThanOneForEachCharacter() {
        assertThat(new NamePattern("*a".repeat(1000) + "b").matches("a".repeat(5000)))
                .isFalse();
    }
}
