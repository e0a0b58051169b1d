package bellhop.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On a pseudo-terminal of the kernel, with keys that are pressed and bytes that are counted. */
@Timeout(120)
class LiveStatusTest {

    /** What the terminal got; and how much of it when it was asked last. */
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

    private final PipedOutputStream keyboard = new PipedOutputStream();
    private final List<List<String>> requests = new CopyOnWriteArrayList<>();
    private final List<Fact> services = new CopyOnWriteArrayList<>();
    private final Manager manager = new Manager();
    private @Nullable Terminal terminal;

    private final class Manager implements Asker {
        @Override
        public int ask(List<String> words, Consumer<Fact> facts) {
            requests.add(words);
            services.forEach(facts);
            return 0;
        }

        @Override
        public Said ask(List<String> words) {
            requests.add(words);
            return words.contains("logs") ? new Said(0, List.of("its last words"), List.of()) : said(words);
        }

        private Said said(List<String> words) {
            return words.contains("stop")
                    ? new Said(1, List.of(), List.of("bh-stop: refused"))
                    : new Said(0, List.of(), List.of());
        }
    }

    private static Fact service(String name, String state, int seconds) {
        return new Fact("service", List.of("name=" + name, "state=" + state, "seconds=" + seconds, "restarts=0"));
    }

    private CompletableFuture<Integer> begin(String... options) throws IOException {
        Terminal opened = TerminalBuilder.builder()
                .system(false)
                .provider("ffm")
                .type("xterm")
                .streams(new PipedInputStream(keyboard), shown)
                .encoding(StandardCharsets.UTF_8)
                .build();
        terminal = opened;
        opened.setSize(new Size(80, 24));
        Look look = Look.ofTerminal(Map.of("TERM", "xterm", "LANG", "C.UTF-8"), () -> 80, () -> 24);
        Pen pen = new Pen(shown, new PrintStream(shown, true, StandardCharsets.UTF_8), look);
        List<String> entries = new ArrayList<>(List.of("name=live-status"));
        entries.addAll(List.of(options));
        LiveStatus live = new LiveStatus(new Fact("render", entries), manager, pen, () -> new Screen(opened));
        services.forEach(live::take);
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                ended.complete(live.end(0));
            } catch (IOException | RuntimeException | Error e) {
                ended.completeExceptionally(e);
            }
        });
        return ended;
    }

    @AfterEach
    void closeTerminal() throws IOException {
        if (terminal != null) {
            terminal.close();
        }
    }

    private String text() {
        synchronized (shown) {
            return shown.toString(StandardCharsets.UTF_8).replaceAll("\u001b\\[[0-9;?]*[a-zA-Z]", "");
        }
    }

    private void awaitText(String text) throws IOException {
        Await.until("\"" + text + "\" is shown", () -> text().contains(text));
    }

    private void press(String keys) throws IOException {
        keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
    }

    private void awaitRequest(String... words) throws IOException {
        Await.until(String.join(" ", words) + " is asked", () -> requests.contains(List.of(words)));
    }

    @Test
    void keysAreAnsweredAtOnceAndQEndsIt() throws Exception {
        services.addAll(List.of(service("api", "started", 5), service("web", "started", 5)));
        CompletableFuture<Integer> ended = begin("keys=yes", "millis=3600000");
        awaitText("WANTED BY");

        press("jl");
        awaitText("its last words");
        awaitRequest("logs", "-n", "22", "web");
        press("qs");
        awaitRequest("start", "web");
        awaitText(": done");
        press("xn\u001b[Ax");
        awaitText("? y/n");
        press("y");
        awaitText("refused");
        press("/we\rr");
        awaitText("restart");
        press("yq");

        assertThat(ended.get(30, TimeUnit.SECONDS)).isZero();
        awaitRequest("restart", "web");
        assertThat(requests).doesNotContain(List.of("stop", "web"));
    }

    @Test
    void aRedrawSendsWhatDiffersAndNothingElse() throws Exception {
        for (int i = 0; i < 300; i++) {
            services.add(service("service-" + i, "started", 10));
        }
        CompletableFuture<Integer> ended = begin("millis=200");
        awaitText("300 services");
        Await.until("it was looked at twice", () -> requests.size() >= 2);
        int before = shown.size();
        int looks = requests.size();

        List<Fact> later = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            later.add(service("service-" + i, i == 7 ? "failed" : "started", 11));
        }
        services.clear();
        services.addAll(later);
        awaitText("1 failed");
        Await.until("it was looked at again", () -> requests.size() >= looks + 3);

        int redraws = requests.size() - looks;
        assertThat(shown.size() - before).isPositive().isLessThan(redraws * 2048);
        press("q");
        assertThat(ended.get(30, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void aTerminalThatCannotBeDrawnOverIsRefusedInALine() throws Exception {
        Pen pen = new Pen(shown, new PrintStream(shown, true, StandardCharsets.UTF_8), Look.plain());
        LiveStatus live = new LiveStatus(new Fact("render", List.of("keys=yes")), manager, pen);

        assertThat(live.end(0)).isEqualTo(1);
        assertThat(text())
                .isEqualTo("bh-top: expected a terminal that can be drawn over as standard output, and a TERM that"
                        + " says so\n");
    }
}
