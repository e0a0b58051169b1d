package bellhop.cli;

import bellhop.control.Client;
import bellhop.control.RequestLine;
import bellhop.engine.record.EventLine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Events on their way to a client, as facts: first those that are recorded, then those that come. Usable from any thread.
 */
final class EventStream {

    /** How many bytes of new events may wait for the client. */
    static final int MOST_BEHIND = 256 << 10;

    private final ClientLines lines;

    EventStream(Client client) {
        this.lines = new ClientLines(client, "events", true, MOST_BEHIND);
        lines.hold(); // until the recorded ones are there
    }

    /** Has {@code end} called when no more is taken; at once if that is so. */
    void from(Runnable end) {
        lines.from(end);
    }

    /** Adds an event that comes. */
    void add(EventLine event) {
        lines.add(List.of(fact(event)));
    }

    /**
     * Begins with those that are recorded.
     *
     * @param recorded each as {@link #fact} has it
     * @param goesOn whether others follow
     */
    void begin(List<byte[]> recorded, boolean goesOn) {
        List<byte[]> facts = new ArrayList<>(recorded);
        facts.add(line(List.of("live")));
        lines.begin(facts);
        if (!goesOn) {
            lines.end();
        }
    }

    static byte[] fact(EventLine event) {
        List<String> words = new ArrayList<>();
        words.add("event");
        words.add("millis=" + event.millis());
        add(words, "service", event.service());
        if (event.incarnation() != 0) {
            words.add("incarnation=" + event.incarnation());
        }
        words.add("state=" + event.word());
        add(words, "detail", event.detail());
        add(words, "cause", event.cause());
        add(words, "who", event.who());
        add(words, "words", event.words());
        for (String required : event.requires().split(" ", -1)) {
            add(words, "requires", required);
        }
        return line(words);
    }

    private static void add(List<String> words, String key, String value) {
        if (!value.isEmpty()) {
            words.add(key + "=" + value);
        }
    }

    private static byte[] line(List<String> words) {
        return RequestLine.format(words).getBytes(StandardCharsets.UTF_8);
    }
}
