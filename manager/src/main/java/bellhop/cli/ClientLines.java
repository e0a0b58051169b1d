package bellhop.cli;

import bellhop.control.Client;
import bellhop.manager.ExitCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Lines on their way to a client, which go out as fast as it reads them. Usable from any thread. */
final class ClientLines {

    private final Client client;
    private final String verb;
    private final boolean facts;
    private final int mostBehind;
    private final Deque<byte[]> lines = new ArrayDeque<>();
    private Runnable source = () -> {};
    private int waiting;
    private int sent;
    private boolean sending;
    private boolean ended;
    private boolean tooSlow;

    /**
     * Those of one answer.
     *
     * @param verb what was asked for
     * @param facts whether each is a fact, as {@link bellhop.control.RequestLine#format} writes it; else it is output
     * @param mostBehind a client that more bytes wait for is told so and let go, or the manager would hold them for it
     */
    ClientLines(Client client, String verb, boolean facts, int mostBehind) {
        this.client = client;
        this.verb = verb;
        this.facts = facts;
        this.mostBehind = mostBehind;
    }

    /** Has {@code end} called when no more is taken from where the lines come from; at once if that is so. */
    synchronized void from(Runnable end) {
        source = end;
        if (tooSlow) {
            end.run();
        }
    }

    /** Sends none of those that are added until {@link #begin}. */
    synchronized void hold() {
        sending = true;
    }

    /** Sends these, however many, before all that were added since {@link #hold}. */
    synchronized void begin(List<byte[]> first) {
        send(first);
    }

    /** Adds these, unless no more is taken. */
    synchronized void add(List<byte[]> next) {
        if (tooSlow) {
            return;
        }
        for (byte[] line : next) {
            lines.add(line);
            waiting += line.length;
        }
        if (waiting + sent > mostBehind) {
            tooSlow = true;
            source.run();
        }
        sendMore();
    }

    /** No more will come: ends the answer once all is sent. */
    synchronized void end() {
        ended = true;
        sendMore();
    }

    private void sendMore() {
        if (sending) {
            return;
        }
        if (!lines.isEmpty()) {
            List<byte[]> next = new ArrayList<>(lines);
            lines.clear();
            sent = waiting;
            waiting = 0;
            send(next);
        } else if (tooSlow) {
            client.err("bh-" + verb + ": too far behind; ask again");
            client.exit(ExitCode.FAILED);
        } else if (ended) {
            client.exit(ExitCode.OK);
        }
    }

    private void send(List<byte[]> next) {
        sending = true;
        if (facts) {
            client.factAll(next.iterator(), this::taken);
        } else {
            client.outAll(next.iterator(), this::taken);
        }
    }

    private synchronized void taken() {
        sent = 0;
        sending = false;
        sendMore();
    }
}
