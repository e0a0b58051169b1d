package bellhop.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LookTest {

    private static Look with(Map<String, String> environment) {
        return Look.ofTerminal(environment, () -> 80, () -> 24);
    }

    @ParameterizedTest
    @CsvSource({
        "xterm, '', true, true",
        "xterm, 1, true, false",
        "dumb, '', false, false",
        "'', '', false, false",
    })
    void whatTheTerminalIsAndItsUserWants(String term, String noColour, boolean moves, boolean colours) {
        Look look = with(Map.of("TERM", term, "NO_COLOR", noColour));

        assertThat(look.moves()).isEqualTo(moves);
        assertThat(look.colours()).isEqualTo(colours);
        assertThat(look.paint(Look.Colour.BAD, "x")).isEqualTo(colours ? "\u001b[31mx\u001b[0m" : "x");
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', C, false",
        "'', '', de_DE.UTF-8, true",
        "'', '', C.utf8, true",
        "C, '', de_DE.UTF-8, false",
        "'', en_US.UTF-8, C, true",
        "C.UTF-8, C, C, true",
    })
    void theFirstVariableOfTheLocaleThatSaysAnythingDecides(String all, String ctype, String lang, boolean symbols) {
        Look look = with(Map.of("LC_ALL", all, "LC_CTYPE", ctype, "LANG", lang));

        assertThat(look.symbol("●", "*")).isEqualTo(symbols ? "●" : "*");
    }

    @Test
    void withoutATerminalThereAreLettersAndNothingElse() {
        assertThat(Look.plain().paint(Look.Colour.GOOD, "x") + Look.plain().symbol("●", "*"))
                .isEqualTo("x*");
    }
}
