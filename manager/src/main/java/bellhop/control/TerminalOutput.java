package bellhop.control;

import bellhop.definition.Quote;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Output to a terminal: characters that could control it, or mislead a reader, are written as escapes, and so
 * is each byte that is not UTF-8. Newlines and tabs stay.
 */
public final class TerminalOutput extends FilterOutputStream {
    private static final int FORMAT = 0xF000;
    private static final int CHARACTER_DEVICE = 0x2000;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    /** The beginning of a character whose end is still to come. */
    private byte[] begun = {};

    /** Wraps what is shown on a terminal. */
    public TerminalOutput(OutputStream out) {
        super(out);
    }

    /** Wraps what writes to a descriptor of this process, if that is a terminal. */
    public static OutputStream of(OutputStream out, int fd) {
        return isTerminal(fd) ? new TerminalOutput(out) : out;
    }

    /** A device that takes characters is one, or does not mind; what cannot be known counts as one. */
    private static boolean isTerminal(int fd) {
        try {
            int mode = (int) Files.getAttribute(Path.of("/proc/self/fd/" + fd), "unix:mode");
            return (mode & FORMAT) == CHARACTER_DEVICE;
        } catch (IOException | UnsupportedOperationException e) {
            return true;
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(begun.length + length);
        in.put(begun).put(bytes, from, length).flip();
        CharBuffer chars = CharBuffer.allocate(in.remaining());
        StringBuilder shown = new StringBuilder(in.remaining());
        while (true) {
            CoderResult result = decoder.decode(in, chars, false);
            shown.append(Quote.onLines(chars.flip().toString()));
            chars.clear();
            if (!result.isError()) {
                break;
            }
            for (int i = 0; i < result.length(); i++) {
                shown.append(Quote.escape(in.get() & 0xFF));
            }
        }
        begun = new byte[in.remaining()];
        in.get(begun);
        out.write(shown.toString().getBytes(StandardCharsets.UTF_8));
    }
}
