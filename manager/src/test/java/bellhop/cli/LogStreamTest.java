package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.control.Client;
import bellhop.control.Peer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogStreamTest {

    private final List<String> said = new ArrayList<>();
    private Runnable reads = () -> {};
    private int ended;

    private final LogStream stream = new LogStream(new Client() {
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
            throw new AssertionError("a log has no facts");
        }

        @Override
        public void factAll(Iterator<byte[]> facts, Runnable then) {
            throw new AssertionError("a log has no facts");
        }

        @Override
        public void outAll(Iterator<byte[]> lines, Runnable then) {
            reads = () -> {
                lines.forEachRemaining(line -> said.add("o " + new String(line, StandardCharsets.UTF_8)));
                then.run();
            };
        }

        @Override
        public void exit(int code) {
            said.add("x " + code);
        }

        @Override
        public void onGone(Runnable listener) {}
    });

    private void add(String text) {
        stream.add(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void linesComeWholeAndInOrderAsTheyAreRead() {
        add("one\ntw");
        add("o\nthree\n");
        reads.run();
        reads.run();
        assertThat(said).containsExactly("o one", "o two", "o three");
        add("four");
        stream.end();
        reads.run();
        assertThat(said).containsExactly("o one", "o two", "o three", "o four", "x 0");
    }

    @Test
    void whoIsTooFarBehindIsLetGoAndTheLogForgetsHim() {
        stream.from(() -> ended++);
        String line = "x".repeat(1 << 20) + "\n";
        for (int i = 0; i < 6; i++) {
            add(line);
        }
        assertThat(ended).isEqualTo(1);
        reads.run();
        reads.run();
        assertThat(said).hasSize(7).endsWith("e bh-logs: too far behind; ask again", "x 1");
        add(line);
        assertThat(said).hasSize(7);
        assertThat(ended).isEqualTo(1);
    }

    @Test
    void aLineWithoutEndComesInPieces() {
        for (int i = 0; i < 3; i++) {
            add("y".repeat(40_000));
        }
        reads.run();
        assertThat(said).containsExactly("o " + "y".repeat(80_000));
    }
}
