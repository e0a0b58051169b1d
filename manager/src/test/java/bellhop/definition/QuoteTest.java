package bellhop.definition;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Verifies that no text of unknown origin steers a terminal, breaks a line or looks like another. */
class QuoteTest {

    @ParameterizedTest
    @CsvSource({
        "0, \\x00", // NUL
        "8, \\x08", // backspace
        "9, \\x09", // tab
        "A, \\x0a", // newline
        "1B, \\x1b", // escape
        "7F, \\x7f", // delete
        "85, \\x85", // next line
        "9B, \\x9b", // control sequence introducer
        "AD, \\xad", // soft hyphen
        "61C, \\u061c", // Arabic letter mark
        "200B, \\u200b", // zero width space
        "200D, \\u200d", // zero width joiner
        "200F, \\u200f", // right-to-left mark
        "2028, \\u2028", // line separator
        "2029, \\u2029", // paragraph separator
        "202E, \\u202e", // right-to-left override
        "2060, \\u2060", // word joiner
        "2066, \\u2066", // left-to-right isolate
        "2069, \\u2069", // pop directional isolate
        "FEFF, \\ufeff", // byte order mark
        "E0041, \\u{e0041}", // tag A
    })
    void whatSteersOrMisleadsIsShownAsAnEscape(String codePoint, String escape) {
        String text = "a" + Character.toString(Integer.parseInt(codePoint, 16)) + "b";

        assertThat(Quote.onOneLine(text)).isEqualTo("a" + escape + "b");
        assertThat(Quote.of(text)).isEqualTo("\"a" + escape + "b\"");
    }

    @Test
    void whatEverybodySeesStays() {
        String text = "größe ✓ 100 € \\ 中文 עברית 😀";

        assertThat(Quote.onOneLine(text)).isEqualTo(text);
    }

    @Test
    void linesStayLines() {
        assertThat(Quote.onLines("one\n\u001b[2Jtwo\n")).isEqualTo("one\n\\x1b[2Jtwo\n");
    }

    @Test
    void longTextIsCutBetweenCharacters() {
        assertThat(Quote.of("x".repeat(79) + "😀y")).isEqualTo('"' + "x".repeat(79) + "😀…\"");
    }
}
