package bellhop.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The text between the moment and the content of a line, such as {@code [pre]}; may be empty. */
final class LinePrefix {
    /** In bytes, with the space after it. */
    static final int LONGEST = 32;

    private final byte[] bytes;

    LinePrefix(String text) {
        bytes = (text.isEmpty() ? "" : text + " ").getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LONGEST) {
            throw new IllegalArgumentException("a mark longer than " + LONGEST + " bytes: " + text);
        }
    }

    void put(ByteBuffer out) {
        out.put(bytes);
    }
}
