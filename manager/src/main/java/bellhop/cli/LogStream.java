package bellhop.cli;

import bellhop.control.Client;
import bellhop.manager.ExitCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * A log on its way to a client: pieces come in from the pump's thread, lines go out as fast as the client
 * reads them. Usable from any thread.
 */
final class LogStream {

    /** A client that is this far behind is told so and let go, or the manager would hold the log for it. */
    private static final int MOST_BEHIND = 4 << 20;

    /** What is longer comes in pieces, or one who never ends a line would fill the memory. */
    private static final int LONGEST_LINE = 1 << 16;

    private final Client client;
    private Runnable source = () -> {};
    private final Deque<byte[]> lines = new ArrayDeque<>();
    private byte[] unfinished = {};
    private int behind;
    private boolean sending;
    private boolean ended;
    private boolean tooSlow;

    LogStream(Client client) {
        this.client = client;
    }

    /** Has {@code end} called when no more is taken from where the pieces come from; at once if that is so. */
    synchronized void from(Runnable end) {
        source = end;
        if (tooSlow) {
            end.run();
        }
    }

    /** Adds what comes next; a piece may end in the middle of a line. */
    synchronized void add(byte[] piece) {
        if (tooSlow) {
            return;
        }
        int start = 0;
        for (int i = 0; i < piece.length; i++) {
            if (piece[i] == '\n') {
                addLine(join(unfinished, piece, start, i));
                unfinished = new byte[0];
                start = i + 1;
            }
        }
        unfinished = join(unfinished, piece, start, piece.length);
        if (unfinished.length > LONGEST_LINE) {
            addLine(unfinished);
            unfinished = new byte[0];
        }
        if (behind > MOST_BEHIND) {
            tooSlow = true;
            source.run();
        }
        send();
    }

    /** No more will come: ends the answer once all is sent. */
    synchronized void end() {
        if (unfinished.length > 0) {
            addLine(unfinished);
        }
        ended = true;
        send();
    }

    private void addLine(byte[] line) {
        lines.add(line);
        behind += line.length;
    }

    private static byte[] join(byte[] head, byte[] piece, int from, int to) {
        byte[] line = Arrays.copyOf(head, head.length + to - from);
        System.arraycopy(piece, from, line, head.length, to - from);
        return line;
    }

    private void send() {
        if (sending) {
            return;
        }
        if (lines.isEmpty()) {
            if (tooSlow) {
                client.err("bh-logs: too far behind; ask again");
            }
            if (ended || tooSlow) {
                client.exit(tooSlow ? ExitCode.FAILED : ExitCode.OK);
            }
            return;
        }
        List<byte[]> next = new ArrayList<>(lines);
        lines.clear();
        sending = true;
        client.outAll(next.iterator(), this::sent);
    }

    private synchronized void sent() {
        behind = lines.stream().mapToInt(line -> line.length).sum();
        sending = false;
        send();
    }
}
