package bellhop.control;

import bellhop.definition.Quote;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request and its answer. What any thread asks of it is done on the loop's thread, in order. */
final class Exchange implements Client {

    private static final int UNEXPECTED = 70;
    private static final byte OUT = 'o';
    private static final byte ERR = 'e';
    private static final byte FACT = 'd';

    private record Stream(byte letter, Iterator<byte[]> lines, Runnable then) {}

    private final Wire wire;
    private final Runnable answered;
    private final List<Runnable> goneListeners = new ArrayList<>();
    private @Nullable Stream stream;
    private boolean pulling;
    private boolean over;

    /**
     * Begins with nothing said.
     *
     * @param answered called once, after the exit code
     */
    Exchange(Wire wire, Runnable answered) {
        this.wire = wire;
        this.answered = answered;
    }

    /** Has the request carried out. */
    void begin(RequestHandler handler, List<String> words) {
        try {
            handler.handle(words, this);
        } catch (RuntimeException | Error e) {
            wire.loop().log("control: internal error in " + words + ": " + e);
            err("bh: internal error: " + e);
            exit(UNEXPECTED);
        }
    }

    /** The one line and the exit code for what is no request. */
    static byte[] refusal(String what, int code) {
        return ("e bh: " + what + "\nx " + code + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Peer peer() {
        return wire.peer();
    }

    @Override
    public void out(String text) {
        say(OUT, text);
    }

    @Override
    public void err(String text) {
        say(ERR, text);
    }

    @Override
    public void fact(List<String> words) {
        say(FACT, RequestLine.format(words));
    }

    private void say(byte letter, String text) {
        byte[] lines = prefixed(letter, Quote.onLines(text));
        wire.loop().execute(() -> {
            if (!over) {
                wire.send(lines);
            }
        });
    }

    @Override
    public void outAll(Iterator<byte[]> lines, Runnable then) {
        sendAll(new Stream(OUT, lines, then));
    }

    @Override
    public void factAll(Iterator<byte[]> facts, Runnable then) {
        sendAll(new Stream(FACT, facts, then));
    }

    private void sendAll(Stream all) {
        wire.loop().execute(() -> {
            stream = all;
            pull();
        });
    }

    @Override
    public void exit(int code) {
        byte[] last = ("x " + code + "\n").getBytes(StandardCharsets.UTF_8);
        wire.loop().execute(() -> {
            if (!over) {
                over = true;
                goneListeners.clear();
                wire.send(last);
                answered.run();
            }
        });
    }

    @Override
    public void onGone(Runnable listener) {
        wire.loop().execute(() -> {
            if (!wire.isOpen()) {
                listener.run();
            } else if (!over) {
                goneListeners.add(listener);
            }
        });
    }

    /** The wire has room again. */
    void hasRoom() {
        if (stream != null && !pulling) {
            pulling = true;
            wire.loop().execute(this::pull);
        }
    }

    /** The client is gone. */
    void gone() {
        over = true;
        for (Runnable listener : List.copyOf(goneListeners)) {
            wire.loop().execute(listener);
        }
        goneListeners.clear();
        hasRoom();
    }

    /** Takes a piece of a long output; others have their turn before the next. */
    private void pull() {
        pulling = false;
        Stream from = stream;
        if (from == null) {
            return;
        }
        if (over || !from.lines.hasNext()) {
            stream = null;
            from.then.run();
            return;
        }
        if (wire.queued() < Wire.ROOM) {
            ByteArrayOutputStream piece = new ByteArrayOutputStream();
            while (piece.size() < Wire.ROOM && from.lines.hasNext()) {
                addLine(piece, from.letter, from.lines.next());
            }
            wire.send(piece.toByteArray());
            if (wire.queued() < Wire.ROOM) {
                hasRoom();
            }
        }
    }

    private static byte[] prefixed(byte letter, String text) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            addLine(lines, letter, text.substring(start, end).getBytes(StandardCharsets.UTF_8));
            start = end + 1;
        }
        if (start < text.length() || start == 0) {
            addLine(lines, letter, text.substring(start).getBytes(StandardCharsets.UTF_8));
        }
        return lines.toByteArray();
    }

    private static void addLine(ByteArrayOutputStream lines, byte letter, byte[] line) {
        lines.write(letter);
        lines.write(' ');
        lines.writeBytes(line);
        lines.write('\n');
    }
}
