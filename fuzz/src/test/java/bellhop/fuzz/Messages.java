package bellhop.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

/** What every message has to be, whatever it is about. */
public final class Messages {
    private Messages() {}

    /** Fails unless the message is one line for people, and no exception's name. */
    public static void assertOneLine(@Nullable String message) {
        String text = String.valueOf(message);
        assertThat(text).isNotBlank().isNotEqualTo("null").doesNotContain("Exception");
        assertNoControl(text);
    }

    /** Fails if anything in the text would change a terminal or end a line. */
    public static void assertNoControl(String text) {
        assertThat(text.codePoints().filter(Messages::isControl).boxed().toList())
                .as("control characters in \"%s\"", text)
                .isEmpty();
    }

    private static boolean isControl(int c) {
        return Character.isISOControl(c) || c == 0x2028 || c == 0x2029;
    }
}
