package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.control.Client;
import bellhop.control.Peer;
import bellhop.engine.record.EventLine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventStreamTest {

    /** A client that reads when it is told to. */
    private static final class SlowClient implements Client {
        final List<String> said = new ArrayList<>();
        private Runnable then = () -> {};

        @Override
        public Peer peer() {
            return new Peer(0, 0, 1, false);
        }

        @Override
        public void out(String text) {
            said.add("o " + text);
        }

        @Override
        public void err(String text) {
            said.add("e " + text);
        }

        @Override
        public void fact(List<String> words) {
            said.add("d " + words);
        }

        @Override
        public void outAll(Iterator<byte[]> lines, Runnable whenDone) {
            throw new AssertionError("events are facts");
        }

        @Override
        public void factAll(Iterator<byte[]> facts, Runnable whenDone) {
            facts.forEachRemaining(fact -> said.add(new String(fact, StandardCharsets.UTF_8)));
            then = whenDone;
        }

        @Override
        public void exit(int code) {
            said.add("x " + code);
        }

        @Override
        public void onGone(Runnable listener) {
            // it stays
        }

        void reads() {
            Runnable next = then;
            then = () -> {};
            next.run();
        }
    }

    private final SlowClient client = new SlowClient();
    private final EventStream stream = new EventStream(client);

    private static EventLine event(int number) {
        return new EventLine(number, "web", 0, "started", "", "", "", "", "");
    }

    private static String fact(int number) {
        return "[\"event\",\"millis=" + number + "\",\"service=web\",\"state=started\"]";
    }

    @Test
    void whatComesWhileTheRecordedOnesAreReadComesAfterThem() {
        stream.add(event(2));
        assertThat(client.said).isEmpty();
        stream.begin(List.of(EventStream.fact(event(1))), true);
        assertThat(client.said).containsExactly(fact(1), "[\"live\"]");
        client.reads();
        stream.add(event(3));
        client.reads();

        assertThat(client.said).containsExactly(fact(1), "[\"live\"]", fact(2), fact(3));
    }

    @Test
    void endsOnceTheRecordedOnesAreReadIfNobodyFollows() {
        stream.begin(List.of(EventStream.fact(event(1))), false);
        assertThat(client.said).doesNotContain("x 0");
        client.reads();

        assertThat(client.said).containsExactly(fact(1), "[\"live\"]", "x 0");
    }

    @Test
    void whoIsTooFarBehindIsToldSoAndLetGo() {
        List<String> ended = new ArrayList<>();
        stream.from(() -> ended.add("source"));
        byte[] recorded = new byte[2 * EventStream.MOST_BEHIND];
        stream.begin(List.of(recorded), true);
        int size = fact(1_000).length();
        int most = EventStream.MOST_BEHIND / size;
        for (int i = 0; i < most; i++) {
            stream.add(event(1_000 + i));
        }
        assertThat(ended).isEmpty();
        for (int i = most; i < most + 10; i++) {
            stream.add(event(1_000 + i));
        }
        assertThat(ended).containsExactly("source");
        client.reads();
        client.reads();

        assertThat(client.said).hasSize(2 + most + 1 + 2).endsWith("e bh-events: too far behind; ask again", "x 1");
    }
}
