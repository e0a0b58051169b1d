package bellhop.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.Schemas;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Verifies what is made of several logs that a manager gives piece by piece. */
class LogsRendererTest {
    private static final String DAY = "2026-11-23T";

    private static final String UNREADABLE = "unreadable";
    private static final String GONE = "gone";

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complaints = new ByteArrayOutputStream();
    /** What each log has. */
    private final Map<String, String> logs = new LinkedHashMap<>();

    private final List<Fact> written = new ArrayList<>();
    private final List<List<String>> requests = new ArrayList<>();
    private int pieceSize = 7;
    /** Whether what is appended is waited for. */
    private boolean followed;

    /** A manager whose positions are bare numbers. */
    private final class Manager implements Asker {
        @Override
        public int ask(List<String> words, Consumer<Fact> facts) throws IOException {
            requests.add(words);
            if (words.contains("--ends")) {
                logs.forEach((name, text) ->
                        facts.accept(new Fact("log", List.of("service=" + name, "end=" + text.length()))));
                facts.accept(new Fact("logs", List.of()));
                written.forEach(facts);
                followed = true;
                return 0;
            }
            String log = logs.getOrDefault(words.size() > 7 ? words.getLast() : "", "");
            if (log.equals(UNREADABLE)) {
                return 1;
            }
            if (log.equals(GONE)) {
                throw new IOException("no manager");
            }
            String from = words.get(words.indexOf("--from") + 1);
            int start = from.startsWith("last:")
                    ? beforeLast(log, Integer.parseInt(from.substring(5)))
                    : from.startsWith("since:") || from.equals("0:0") ? 0 : Integer.parseInt(from);
            int end = Math.min(start + pieceSize, log.length());
            facts.accept(new Fact(
                    "piece", List.of("text=" + log.substring(start, end), "next=" + end, "modified=1764000000000")));
            return 0;
        }

        private static int beforeLast(String log, int count) {
            int at = log.endsWith("\n") ? log.length() - 1 : log.length();
            for (int i = 0; i < count && at >= 0; i++) {
                at = log.lastIndexOf('\n', at - 1);
            }
            return at + 1;
        }

        @Override
        public Said ask(List<String> words) {
            throw new AssertionError("only facts are asked for");
        }
    }

    private int draw(Look look, String... options) throws IOException {
        shown.reset();
        PrintStream err = new PrintStream(complaints, true, StandardCharsets.UTF_8);
        Pen pen = new Pen(shown, err, look);
        return new LogsRenderer(new Fact("render", List.of(options)), new Manager(), pen).end(0);
    }

    private String drawn(String... options) throws IOException {
        assertThat(draw(Look.plain(), options)).isZero();
        return shown.toString(StandardCharsets.UTF_8);
    }

    private void twoLogs() {
        logs.put("db", DAY + "10:00:01.000Z one\n" + DAY + "10:00:03.000Z three\n");
        logs.put("web", DAY + "10:00:02.000Z two\n" + DAY + "10:00:04.000Z four\n");
    }

    @Test
    void linesAreMergedByTimeBehindTheNames() throws IOException {
        twoLogs();

        assertThat(drawn("only=db", "only=web")).isEqualTo("""
                        db  | 2026-11-23T10:00:01.000Z one
                        web | 2026-11-23T10:00:02.000Z two
                        db  | 2026-11-23T10:00:03.000Z three
                        web | 2026-11-23T10:00:04.000Z four
                        """);
        assertThat(drawn("only=*", "lines=1")).isEqualTo("web | 2026-11-23T10:00:04.000Z four\n");
        assertThat(drawn("only=*", "lines=0")).isEmpty();
    }

    @Test
    void namesHaveColoursAndWhatAServiceWritesHasNone() throws IOException {
        logs.put("web", DAY + "10:00:02.000Z \u001b[31mtwo\n");
        draw(Looks.full(80), "only=w*");

        assertThat(shown.toString(StandardCharsets.UTF_8))
                .isEqualTo("\u001b[36mweb |\u001b[0m 2026-11-23T10:00:02.000Z \\x1b[31mtwo\n");
    }

    @Test
    void conditionsSelectLinesAndTheLastOfThoseThatMatchAreShown() throws IOException {
        twoLogs();

        assertThat(drawn("only=*", "grep=t[hw]"))
                .containsSubsequence("two", "three")
                .doesNotContain("one", "four");
        assertThat(drawn("only=*", "grep=t[hw]", "lines=1")).isEqualTo("db  | 2026-11-23T10:00:03.000Z three\n");
        assertThat(drawn("only=*", "grep=10:00")).isEmpty();
        assertThat(drawn("only=*", "since=2026-11-22", "until=2026-11-25", "json=yes")
                        .lines())
                .hasSize(4);
        assertThat(drawn("only=*", "since=2026-11-25")).isEmpty();
        assertThat(drawn("only=*", "until=2026-11-22")).isEmpty();
    }

    @Test
    void withoutAConditionTheLastTenAreShown() throws IOException {
        logs.put(
                "a",
                IntStream.range(0, 30)
                        .mapToObj(i -> DAY + "10:00:" + (10 + i) + ".000Z a" + i + "\n")
                        .collect(Collectors.joining()));
        logs.put("b", DAY + "10:00:15.500Z b\n");

        assertThat(drawn("only=*").lines()).hasSize(10).noneMatch(line -> line.startsWith("b"));
        assertThat(drawn("only=*", "grep=.").lines()).hasSize(31);
    }

    @Test
    void moreLinesThanCanBeHeldAreReadTwice() throws IOException {
        pieceSize = 16 * 1024;
        String log = IntStream.range(0, 30_000)
                .mapToObj(i -> DAY + "10:00:00.000Z a line of some length with its number " + i + "\n")
                .collect(Collectors.joining());
        logs.put("a", log);

        List<String> lines =
                drawn("only=a", "grep=number", "lines=25000").lines().toList();
        assertThat(lines).hasSize(25_000);
        assertThat(lines.getFirst()).endsWith(" 5000");
        assertThat(lines.getLast()).endsWith(" 29999");
    }

    @Test
    void jsonHasOneObjectForEachLine() throws IOException {
        logs.put("web", DAY + "10:00:02.000Z [pre] say \"\\ \u0001\u00c3\u00a4\nplain\n");
        logs.put("", DAY + "10:00:01.000Z web started\n");

        String json = drawn("only=w*", "json=yes");
        for (String line : json.lines().toList()) {
            Schemas.check("logs", line);
        }
        assertThat(json).isEqualTo("""
                        {"time":"2026-11-23T10:00:01.000Z","service":null,"line":"web started"}
                        {"time":"2026-11-23T10:00:02.000Z","service":"web","line":"[pre] say \\"\\\\ \\u0001ä"}
                        {"time":"2026-11-23T10:00:02.000Z","service":"web","line":"plain"}
                        """);
    }

    @Test
    void lineWithoutATimeHasThatOfItsFile() throws IOException {
        logs.put("a", "plain\nunfinished");
        logs.put("b", "2025-11-24T15:59:59.999Z before\n2025-11-24T16:00:00.001Z after\n");

        assertThat(drawn("only=*", "json=yes").lines())
                .containsExactly(
                        "{\"time\":\"2025-11-24T15:59:59.999Z\",\"service\":\"b\",\"line\":\"before\"}",
                        "{\"time\":\"2025-11-24T16:00:00.000Z\",\"service\":\"a\",\"line\":\"plain\"}",
                        "{\"time\":\"2025-11-24T16:00:00.000Z\",\"service\":\"a\",\"line\":\"unfinished\"}",
                        "{\"time\":\"2025-11-24T16:00:00.001Z\",\"service\":\"b\",\"line\":\"after\"}");
    }

    @Test
    void whatIsFollowedGoesOnWhereTheFilesEnd() throws IOException {
        logs.put("a", DAY + "10:00:01.000Z one\n" + DAY + "10:00:02.000Z tw");
        written.add(new Fact("piece", List.of("service=a", "text=o\n")));
        written.add(new Fact("piece", List.of("service=new", "text=" + DAY + "10:00:03.000Z th")));
        written.add(new Fact("piece", List.of("service=a", "text=" + DAY + "10:00:04.000Z four\n")));
        written.add(new Fact("piece", List.of("service=new", "text=ree\n")));

        assertThat(drawn("only=*", "follow=yes")).isEqualTo("""
                        a | 2026-11-23T10:00:01.000Z one
                        a | 2026-11-23T10:00:02.000Z two
                        a | 2026-11-23T10:00:04.000Z four
                        new | 2026-11-23T10:00:03.000Z three
                        """);
        assertThat(requests.getFirst()).containsExactly("logs", "--ends", "-f", "*");
    }

    @Test
    void logThatCannotBeReadIsAFailureAndTheOthersAreShown() throws IOException {
        twoLogs();
        logs.put("web", UNREADABLE);

        assertThat(draw(Look.plain(), "only=db", "only=web")).isEqualTo(1);
        assertThat(shown.toString(StandardCharsets.UTF_8)).contains("one", "three");
        assertThat(draw(Look.plain(), "only=db", "only=web", "follow=yes")).isEqualTo(1);
    }

    @Test
    void managerThatIsGoneIsNotFollowed() {
        logs.put("web", GONE);

        assertThatThrownBy(() -> draw(Look.plain(), "only=*", "follow=yes"))
                .isInstanceOf(IOException.class)
                .hasMessage("no manager");
        assertThat(followed).isFalse();
    }

    @Test
    void whatTurnsTextAroundIsEscapedInJson() throws IOException {
        logs.put("web", DAY + "10:00:02.000Z a\u00e2\u0080\u00aeb\n"); // U+202E in UTF-8

        assertThat(drawn("only=w*", "json=yes")).contains("\"line\":\"a\\u202eb\"");
    }

    @Test
    void whatIsNotUnderstoodIsSaidInOneLineAndNothingIsAsked() throws IOException {
        assertThat(draw(Look.plain(), "only=a", "since=yesteryear")).isEqualTo(64);
        assertThat(draw(Look.plain(), "only=a", "until=")).isEqualTo(64);
        assertThat(draw(Look.plain(), "only=a", "grep=a(b")).isEqualTo(64);
        assertThat(draw(Look.plain(), "only=a", "until=today", "follow=yes")).isEqualTo(64);

        assertThat(complaints.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "bh-logs: --since: \"yesteryear\"; expected " + PointInTime.EXPECTED,
                        "bh-logs: --until: \"\"; expected " + PointInTime.EXPECTED,
                        "bh-logs: --grep: \"a(b\": Unclosed group at character 4; expected a regular expression, in"
                                + " which \\ before a character takes its meaning from it",
                        "bh-logs: -f and --until exclude each other");
        assertThat(requests).isEmpty();
    }
}
