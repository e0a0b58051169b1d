package bellhop.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What stands between the moment and the text of a line, as {@code [pre]}; may be nothing. */
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
