package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies what becomes of bytes that go to a terminal, in whichever pieces they come. */
class TerminalOutputTest {

    private static final byte[] GIVEN = bytes(
            "größe ✓\t😀\n",
            "\u001b[31mred\u001b]8;;http://x\u0007 \r\b\u007f\n",
            "\u009b2J \u202e\u2066 \u200b\ufeff \u2028 \udb40\udc41\n",
            new byte[] {'a', (byte) 0x9b, 'b', (byte) 0xff, (byte) 0xc3, '\n', (byte) 0xe2, (byte) 0x82, 'c'},
            new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80, (byte) 0xc0, (byte) 0x80, '\n'});

    private static final String SHOWN = """
            größe ✓\t😀
            \\x1b[31mred\\x1b]8;;http://x\\x07 \\x0d\\x08\\x7f
            \\x9b2J \\u202e\\u2066 \\u200b\\ufeff \\u2028 \\u{e0041}
            a\\x9bb\\xff\\xc3
            \\xe2\\x82c\\xed\\xa0\\x80\\xc0\\x80
            """;

    private static byte[] bytes(Object... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Object part : parts) {
            all.writeBytes(part instanceof byte[] raw ? raw : part.toString().getBytes(StandardCharsets.UTF_8));
        }
        return all.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 1000})
    void everyByteThatSteersOrMisleadsIsAnEscapeHoweverTheyCome(int piece) throws IOException {
        ByteArrayOutputStream terminal = new ByteArrayOutputStream();
        try (OutputStream out = new TerminalOutput(terminal)) {
            for (int at = 0; at < GIVEN.length; at += piece) {
                out.write(GIVEN, at, Math.min(piece, GIVEN.length - at));
                out.flush();
            }
        }
        assertThat(terminal.toString(StandardCharsets.UTF_8)).isEqualTo(SHOWN);
    }
}
