package bellhop.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ProgressRendererTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final AtomicInteger looks = new AtomicInteger();

    private final class Starting implements Asker {
        @Override
        public int ask(List<String> words, Consumer<Fact> facts) {
            assertThat(words).containsExactly("status", "web", "db");
            looks.incrementAndGet();
            facts.accept(Facts.service("web", "starting", "waits=db"));
            facts.accept(Facts.service("db", "starting", "script=pre", "seconds=4"));
            return 3;
        }

        @Override
        public Said ask(List<String> words) {
            throw new AssertionError(words);
        }
    }

    private ProgressRenderer begin(Look look) {
        Pen pen = new Pen(out, new PrintStream(out, true, StandardCharsets.UTF_8), look);
        return new ProgressRenderer(new Fact("render", List.of("service=web", "service=db")), new Starting(), pen);
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatTakesLongerSaysWhatItWaitsForAndTakesThatAwayAgain() {
        ProgressRenderer renderer = begin(Looks.ascii(80));
        Await.until("it was looked at twice", () -> looks.get() >= 2);

        assertThat(renderer.end(0)).isZero();

        String line = "\r\u001b[Kweb is starting, waits for db; db is starting, pre for 4 s";
        assertThat(text()).startsWith(line + line).endsWith("4 s\r\u001b[K");
    }

    @Test
    void anAnswerThatComesAtOnceLeavesNoTrace() {
        assertThat(begin(Looks.ascii(80)).end(1)).isEqualTo(1);

        assertThat(text()).isEmpty();
    }

    @Test
    void aTerminalThatOnlyGrowsGetsOneLine() {
        Look dumb = Look.ofTerminal(Map.of("TERM", "dumb"), () -> 30, () -> 24);
        ProgressRenderer renderer = begin(dumb);
        Await.until("it was said", () -> text().endsWith("\n"));

        assertThat(renderer.end(0)).isZero();
        assertThat(text()).isEqualTo("web is starting, waits for d~\n");
    }
}
