package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CTextTest {

    @Test
    void validUtf8IsTheTextItIs() {
        byte[] bytes = "getty@ttyé€😀".getBytes(StandardCharsets.UTF_8);

        assertThat(CText.decode(bytes, 0, bytes.length)).isEqualTo("getty@ttyé€😀");
        assertThat(CText.encode("getty@ttyé€😀")).isEqualTo(bytes);
    }

    @Test
    void everyByteStringComesBackAsItWas() {
        Random random = new Random(2);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);

            assertThat(CText.encode(CText.decode(bytes, 0, bytes.length))).isEqualTo(bytes);
        }
    }

    @Test
    void aCharacterCutShortIsKeptByteByByte() {
        byte[] bytes = {'a', (byte) 0xE2, (byte) 0x82};

        assertThat(CText.decode(bytes, 0, 3)).isEqualTo("a\uDCE2\uDC82");
    }
}
