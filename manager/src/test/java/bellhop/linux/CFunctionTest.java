package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class CFunctionTest {

    @Test
    void aFunctionThatTheCLibraryLacksIsNamed() {
        assertThatThrownBy(() -> CFunction.named("no_such_function"))
                .isInstanceOf(UnsatisfiedLinkError.class)
                .hasMessage("the C library has no function no_such_function; Bellhop needs glibc 2.36 or newer");
    }

    @Test
    void aNegativeIntIsOneWhateverStandsAboveIt() {
        CFunction abs = CFunction.named("abs");
        CallFrame frame = CallFrame.get();

        assertThat(abs.call(frame, Integer.MIN_VALUE)).isEqualTo(Integer.MIN_VALUE);
        assertThat(abs.call(frame, 0x7777_7777_0000_0005L)).isEqualTo(5);
    }

    @Test
    void sixArgumentsArriveInTheirOrder() throws IOException {
        CFunction snprintf = CFunction.named("snprintf");
        CallFrame frame = CallFrame.get();
        long format = frame.path("snprintf", "%d %d %ld");

        int length = snprintf.call(frame, frame.structAddress, 100, format, 1, -2, 1L << 40);

        byte[] text = new byte[length];
        frame.struct.get(0, text);
        assertThat(text).asString().isEqualTo("1 -2 1099511627776");
    }
}
