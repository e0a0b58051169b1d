package bellhop.program;

import bellhop.control.MalformedRequestException;
import bellhop.control.RequestLine;
import bellhop.linux.Errno;
import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.terminal.Fact;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** Takes a manager's answer apart as it comes: lines for standard output and standard error, and the exit status. */
final class AnswerReader {

    private static final int KILLED_BY_SIGPIPE = 128 + 13;
    private static final int LONGEST_STATUS = 3;

    private enum At {
        LETTER,
        BLANK,
        TEXT
    }

    private final OutputStream out;
    private final PrintStream err;
    private final Consumer<Fact> facts;
    private final ByteArrayOutputStream ready = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complaint = new ByteArrayOutputStream();
    private final ByteArrayOutputStream fact = new ByteArrayOutputStream();
    private At at = At.LETTER;
    private int letter;
    private int number;
    private int digits;
    private boolean complete;

    AnswerReader(OutputStream out, PrintStream err, Consumer<Fact> facts) {
        this.out = out;
        this.err = err;
        this.facts = facts;
    }

    /** Says that standard output takes nothing more. */
    static final class UnwritableException extends IOException {
        private static final long serialVersionUID = 1;

        UnwritableException(IOException cause) {
            super(cause);
        }

        /** A closed pipe ends a program silently; whatever else is said. */
        int status(PrintStream err) {
            String why;
            try {
                Fd.write(1, ByteBuffer.allocateDirect(1).put((byte) '\n').flip());
                why = "cannot be written";
            } catch (PosixException e) {
                if (e.errno() == Errno.EPIPE) {
                    return KILLED_BY_SIGPIPE;
                }
                why = e.reason();
            }
            err.println("bh: standard output: " + why);
            return 1;
        }
    }

    /** Takes the next bytes and passes on what they say. */
    void take(ByteBuffer bytes) throws UnwritableException {
        while (bytes.hasRemaining() && !complete) {
            take(bytes.get());
        }
        try {
            ready.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UnwritableException(e);
        }
        ready.reset();
        err.write(complaint.toByteArray(), 0, complaint.size());
        err.flush();
        complaint.reset();
    }

    private void take(byte b) {
        switch (at) {
            case LETTER -> {
                letter = b;
                number = 0;
                digits = 0;
                at = b == '\n' ? At.LETTER : At.BLANK;
            }
            case BLANK -> at = b == '\n' ? At.LETTER : At.TEXT;
            case TEXT -> {
                text(b);
                at = b == '\n' ? At.LETTER : At.TEXT;
            }
        }
    }

    private void text(byte b) {
        switch (letter) {
            case 'o' -> ready.write(b);
            case 'e' -> complaint.write(b);
            case 'd' -> fact(b);
            case 'x' -> {
                if (b == '\n') {
                    complete = digits > 0 && digits <= LONGEST_STATUS;
                } else {
                    boolean digit = b >= '0' && b <= '9';
                    digits = digit ? digits + 1 : LONGEST_STATUS + 1;
                    number = number * 10 + (b - '0');
                }
            }
            default -> {
                // a line of a kind that a later protocol has: for a later client
            }
        }
    }

    private void fact(byte b) {
        if (b != '\n') {
            fact.write(b);
            return;
        }
        try {
            List<String> words = RequestLine.parse(fact.toString(StandardCharsets.UTF_8));
            if (!words.isEmpty()) {
                facts.accept(Fact.of(words));
            }
        } catch (MalformedRequestException e) {
            // of a kind that a later manager sends
        }
        fact.reset();
    }

    /** Whether the exit status was there. */
    boolean isComplete() {
        return complete;
    }

    int status() {
        return number;
    }
}
