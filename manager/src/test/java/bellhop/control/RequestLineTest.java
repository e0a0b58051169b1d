package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestLineTest {

    @Test
    void plainWordsAreSeparatedByBlanks() throws Exception {
        assertThat(RequestLine.parse("  start\tsshd   getty@ttyS0 \r")).containsExactly("start", "sshd", "getty@ttyS0");
        assertThat(RequestLine.parse("")).isEmpty();
        assertThat(RequestLine.parse("a \"b c\"")).containsExactly("a", "\"b", "c\"");
    }

    @Test
    void jsonIsAnArrayOfStrings() throws Exception {
        assertThat(RequestLine.parse("[]")).isEmpty();
        assertThat(RequestLine.parse(" [ \"a b\" , \"\" ,\"[\"] \r")).containsExactly("a b", "", "[");
        assertThat(RequestLine.parse("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83d\\uDE00é😀\"]"))
                .containsExactly("\"\\/\b\f\n\r\té😀é😀");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`[`|expected a string or ] at character 2",
                "`[\"a\"`|expected , or ] at character 5",
                "`[\"a\" \"b\"]`|expected , or ] at character 6",
                "`[\"a\",]`|expected a string at character 6",
                "`[\"a`|expected \" at character 4",
                "`[1]`|expected a string at character 2",
                "`[[\"a\"]]`|expected a string at character 2",
                "`[null]`|expected a string at character 2",
                "`[\"a\"] x`|unexpected text after the array at character 7",
                "`[\"\\x\"]`|unknown escape at character 4",
                "`[\"\\`|expected an escape at character 4",
                "`[\"\\u12g4\"]`|expected four hexadecimal digits at character 7",
                "`[\"\\u12`|expected four hexadecimal digits at character 7",
                "`[\"\\u0000\"]`|a NUL at character 5",
                "`[\"a\tb\"]`|a control character at character 4"
            })
    void whatIsWrongIsSaidWithItsPlace(String line, String what) {
        assertThatExceptionOfType(MalformedRequestException.class)
                .isThrownBy(() -> RequestLine.parse(line))
                .withMessage("malformed request: " + what);
    }

    @Test
    void aRequestHasOnlySoManyWords() throws Exception {
        assertThat(RequestLine.parse("w ".repeat(2000))).hasSize(2000);
        assertThatExceptionOfType(MalformedRequestException.class)
                .isThrownBy(() -> RequestLine.parse("w ".repeat(2001)))
                .withMessage("malformed request: 2001 words, expected at most 2000");
    }

    /** Found by fuzzing: in JSON it was refused, in plain words it became part of a word. */
    @Test
    void plainWordsWithANulAreRefusedAsThoseOfJsonAre() {
        assertThatExceptionOfType(MalformedRequestException.class)
                .isThrownBy(() -> RequestLine.parse("start a\0b"))
                .withMessage("malformed request: a NUL at character 8");
    }

    @Test
    void whatIsFormattedIsReadBackAsItWas() throws Exception {
        Random random = new Random(20251123);
        for (int i = 0; i < 2000; i++) {
            List<String> words = new ArrayList<>();
            for (int w = random.nextInt(4); w > 0; w--) {
                StringBuilder word = new StringBuilder();
                for (int c = random.nextInt(12); c > 0; c--) {
                    word.appendCodePoint(1 + random.nextInt(random.nextBoolean() ? 0x7f : 0xd000));
                }
                words.add(word.toString());
            }
            String line = RequestLine.format(words);
            assertThat(line).doesNotContain("\n");
            assertThat(RequestLine.parse(line)).isEqualTo(words);
        }
    }

    @Test
    void noGarbageIsMoreThanMalformed() {
        Random random = new Random(4711);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length > 1 && random.nextBoolean()) {
                bytes[0] = '[';
                bytes[1] = '"';
            }
            try {
                assertThat(RequestLine.parse(new String(bytes, StandardCharsets.UTF_8)))
                        .doesNotContainNull();
            } catch (MalformedRequestException e) {
                assertThat(e).hasMessageContaining(" at character ");
            }
        }
    }
}
