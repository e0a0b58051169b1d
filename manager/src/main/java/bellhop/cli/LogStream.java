package bellhop.cli;

import bellhop.control.Client;
import bellhop.control.RequestLine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A log on its way to a client: pieces come in from the pump's thread, lines go out as fast as the client
 * reads them. Usable from any thread.
 */
final class LogStream {

    /** How many bytes may wait for the client. */
    private static final int MOST_BEHIND = 4 << 20;

    /** What is longer comes in pieces, or one who never ends a line would fill the memory. */
    private static final int LONGEST_LINE = 1 << 16;

    private final ClientLines lines;
    private byte[] unfinished = {};

    /** One for a client that prints it. */
    LogStream(Client client) {
        this(client, false);
    }

    private LogStream(Client client, boolean facts) {
        this.lines = new ClientLines(client, "logs", facts, MOST_BEHIND);
    }

    /** One for a client that draws what comes by {@link #addFact}. */
    static LogStream ofFacts(Client client) {
        return new LogStream(client, true);
    }

    /** Adds a fact. */
    void addFact(String... words) {
        lines.add(List.of(RequestLine.format(List.of(words)).getBytes(StandardCharsets.UTF_8)));
    }

    /** Has {@code end} called when no more is taken from where the pieces come from; at once if that is so. */
    void from(Runnable end) {
        lines.from(end);
    }

    /** Adds what comes next; a piece may end in the middle of a line. */
    synchronized void add(byte[] piece) {
        List<byte[]> whole = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < piece.length; i++) {
            if (piece[i] == '\n') {
                whole.add(join(unfinished, piece, start, i));
                unfinished = new byte[0];
                start = i + 1;
            }
        }
        unfinished = join(unfinished, piece, start, piece.length);
        if (unfinished.length > LONGEST_LINE) {
            whole.add(unfinished);
            unfinished = new byte[0];
        }
        lines.add(whole);
    }

    /** No more will come: ends the answer once all is sent. */
    synchronized void end() {
        if (unfinished.length > 0) {
            lines.add(List.of(unfinished));
        }
        lines.end();
    }

    private static byte[] join(byte[] head, byte[] piece, int from, int to) {
        byte[] line = Arrays.copyOf(head, head.length + to - from);
        System.arraycopy(piece, from, line, head.length, to - from);
        return line;
    }
}
