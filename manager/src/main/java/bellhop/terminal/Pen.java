package bellhop.terminal;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Writes what is drawn, with the colours and symbols that the output can show. */
public final class Pen {

    private final OutputStream out;
    private final PrintStream err;
    private final Look look;
    private final StringBuilder page = new StringBuilder();

    /**
     * Writes to a stream that escapes nothing: whoever draws quotes what comes from others.
     *
     * @param err takes complaints
     */
    public Pen(OutputStream out, PrintStream err, Look look) {
        this.out = out;
        this.err = err;
        this.look = look;
    }

    public Look look() {
        return look;
    }

    /** Adds a line to what {@link #flush} writes. */
    public void line(String text) {
        page.append(text).append('\n');
    }

    /** Adds a text without an end of line. */
    public void text(String text) {
        page.append(text);
    }

    /** Writes a line to standard error. */
    public void complain(String line) {
        err.println(line);
    }

    /**
     * Writes what was added, at once.
     *
     * @throws UncheckedIOException if the output takes nothing more
     */
    public void flush() {
        try {
            out.write(page.toString().getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        page.setLength(0);
    }
}
