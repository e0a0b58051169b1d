package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineBufferTest {
    private static final int LONGEST = 256;

    private final LineBuffer buffer = new LineBuffer(LONGEST, 2 * LONGEST);

    private List<Integer> ends(byte[] bytes, int end) {
        buffer.look(ByteBuffer.allocateDirect(LONGEST).put(bytes), bytes.length);
        List<Integer> ends = new ArrayList<>();
        int at = 0;
        while (at < end) {
            at = buffer.endOfNextLine(end);
            ends.add(at);
        }
        return ends;
    }

    /** Byte by byte. */
    private static List<Integer> expectedEnds(byte[] bytes, int end) {
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < end; i++) {
            if (bytes[i] == '\n' || i == end - 1) {
                ends.add(i + 1);
            }
        }
        return ends;
    }

    /** Those that differ from a newline in a bit or by one are next to many of them. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 9, 40})
    void everyLineIsFoundWhateverItsBytesAre(int oneIn) {
        byte[] others = {'\n' - 1, '\n' + 1, (byte) ('\n' | 0x80), 0, (byte) 0xff, 'a', 0x7f, (byte) 0x80, 1};
        Random random = new Random(oneIn);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(LONGEST)];
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = random.nextInt(oneIn) == 0 ? (byte) '\n' : others[random.nextInt(others.length)];
            }
            int end = 1 + random.nextInt(bytes.length);

            assertThat(ends(bytes, end)).isEqualTo(expectedEnds(bytes, end));
        }
    }

    @Test
    void newlinesThatWereLookedAtBeforeAreForgotten() {
        assertThat(ends("\n".repeat(LONGEST).getBytes(StandardCharsets.US_ASCII), 3))
                .containsExactly(1, 2, 3);

        assertThat(ends("abc".getBytes(StandardCharsets.US_ASCII), 3)).containsExactly(3);
        assertThat(buffer.endOfLastLine(3)).isZero();
    }

    @Test
    void linesArePutBehindTheirPrefix() {
        int first = ends("one\ntwo\n".getBytes(StandardCharsets.US_ASCII), 8).getFirst();

        buffer.put(new byte[] {'>', ' ', '-'}, 2);
        buffer.putLine(0, first);
        buffer.putLine(first, 8);
        buffer.put('!');

        assertThat(new String(buffer.bytes(), StandardCharsets.US_ASCII)).isEqualTo("> one\ntwo\n!");
        buffer.cut(6);
        assertThat(StandardCharsets.US_ASCII.decode(buffer.direct()).toString()).isEqualTo("> one\n");
    }
}
