package bellhop.linux;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Strings of the kernel are bytes, mostly UTF-8. A byte that is not part of valid UTF-8 becomes a lone
 * surrogate (0x80 is U+DC80, 0xFF is U+DCFF) and that becomes the byte again: an environment in
 * another encoding passes through unharmed, whatever the locale of this process.
 */
final class CText {

    private static final int ESCAPE = 0xDC00;

    private CText() {}

    /** The bytes as text; {@link #encode} gives the same bytes back. */
    static String decode(byte[] bytes, int from, int to) {
        ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
        CharBuffer out = CharBuffer.allocate(to - from);
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE | (in.get() & 0xFF)));
            }
        }
    }

    /** The text as bytes, without a NUL at the end. */
    static byte[] encode(String text) {
        if (!hasEscapedByte(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 16);
        text.codePoints().forEach(point -> {
            if (isEscapedByte(point)) {
                bytes.write(point & 0xFF);
            } else {
                bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    private static boolean hasEscapedByte(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isEscapedByte(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** The path as the text whose bytes are its name on disk. */
    static String of(Path path) {
        return path.toString();
    }

    private static boolean isEscapedByte(int point) {
        return point >= ESCAPE + 0x80 && point <= ESCAPE + 0xFF;
    }
}
