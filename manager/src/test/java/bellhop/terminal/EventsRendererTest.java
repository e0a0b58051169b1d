package bellhop.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventsRendererTest {

    private static final ZonedDateTime NOW = ZonedDateTime.of(2026, 11, 30, 21, 41, 10, 0, ZoneId.of("Europe/Berlin"));

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private static Fact event(ZonedDateTime time, String... entries) {
        List<String> all = new ArrayList<>(List.of(entries));
        all.addFirst("millis=" + time.toInstant().toEpochMilli());
        return new Fact("event", all);
    }

    private String drawn(Look look, List<String> options, Fact... events) {
        EventsRenderer renderer = renderer(look, options);
        for (Fact event : events) {
            renderer.take(event);
        }
        renderer.take(new Fact("live", List.of()));
        assertThat(renderer.end(0)).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    private EventsRenderer renderer(Look look, List<String> options) {
        return new EventsRenderer(new Fact("render", options), new Pen(out, new PrintStream(out), look), NOW);
    }

    @Test
    void eachEventIsALineWithItsCauseAndWhoAsked() {
        assertThat(drawn(
                        Looks.ascii(80),
                        List.of(),
                        event(NOW.minusMinutes(2), "state=started", "detail=pid 7"),
                        event(
                                NOW.minusMinutes(1),
                                "service=web",
                                "incarnation=5",
                                "state=starting",
                                "cause=by request",
                                "words=bh start web",
                                "who=uid 0, pid 9"),
                        event(NOW, "service=db", "state=failed", "detail=pre exited 1", "cause=all have ended")))
                .isEqualTo("""
                        TIME          NAME       STATE       CAUSE
                        21:39:10.000  (manager)  started     pid 7
                        21:40:10.000  web        starting    bh start web (uid 0, pid 9)
                        21:41:10.000  db         failed      pre exited 1; all have ended
                        """);
    }

    @Test
    void aWideTerminalHasRoomForTheIncarnation() {
        assertThat(drawn(Looks.ascii(120), List.of(), event(NOW, "service=web", "incarnation=5", "state=started")))
                .isEqualTo("""
                        TIME          NAME       INCARNATION  STATE       CAUSE
                        21:41:10.000  web                  5  started
                        """);
    }

    @Test
    void aDayThatIsNotTodayIsNamedOnce() {
        assertThat(drawn(
                        Looks.ascii(80),
                        List.of(),
                        event(NOW.minusDays(1), "service=web", "state=stopped"),
                        event(NOW.minusDays(1), "service=web", "state=started"),
                        event(NOW, "service=web", "state=stopped")))
                .isEqualTo("""
                        TIME          NAME       STATE       CAUSE
                        2026-11-29
                        21:41:10.000  web        stopped
                        21:41:10.000  web        started
                        2026-11-30
                        21:41:10.000  web        stopped
                        """);
    }

    @Test
    void inAPipeEachLineHasItsDate() {
        assertThat(drawn(Look.plain(), List.of(), event(NOW, "service=web", "state=stopped")))
                .endsWith("\n2026-11-30 21:41:10.000  web                  -  stopped\n");
    }

    @Test
    void aLongCauseGoesOnBelowItself() {
        assertThat(drawn(
                        Looks.ascii(60),
                        List.of(),
                        event(
                                NOW,
                                "service=web",
                                "state=failed",
                                "cause=" + "words ".repeat(6).strip())))
                .endsWith("""
                        21:41:10.000  web        failed      words words words words
                                                             words words
                        """);
    }

    @Test
    void statesHaveColoursAndTextsOfOthersSteerNothing() {
        assertThat(drawn(Looks.full(80), List.of(), event(NOW, "service=web", "state=failed", "cause=a\u001b[2Jb\nc")))
                .contains("\u001b[31mfailed    \u001b[0m")
                .contains("a\\x1b[2Jb\\x0ac");
    }

    @Test
    void onlyWhatCameSinceThenIsShown() {
        assertThat(drawn(
                        Looks.ascii(80),
                        List.of("since=10m"),
                        event(NOW.minusMinutes(11), "service=old", "state=started"),
                        event(NOW.minusMinutes(9), "service=web", "state=started")))
                .contains("web")
                .doesNotContain("old");
    }

    @Test
    void whatIsNoTimeIsRefused() {
        assertThatThrownBy(() -> renderer(Look.plain(), List.of("since=soon")))
                .isInstanceOf(RefusedOptionException.class)
                .hasMessage("events: --since: \"soon\" is no time; expected 10m, 2h or 3d, which is so long ago, today,"
                        + " HH:MM[:SS], or YYYY-MM-DD[ HH:MM[:SS]]");
    }

    @Test
    void whoFollowsSeesEachEventAtOnce() {
        EventsRenderer renderer = renderer(Looks.ascii(80), List.of("follow=yes"));
        renderer.take(event(NOW, "service=web", "state=started"));
        assertThat(out.size()).isZero();
        renderer.take(new Fact("live", List.of()));
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("web");
        renderer.take(event(NOW, "service=later", "state=started"));
        assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("later      started\n");
    }

    @Test
    void jsonIsAnObjectOnEachLineOfTheSchema() throws IOException {
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(Path.of("../share/schema/events.schema.json")), InputFormat.JSON);
        List<String> lines = drawn(
                        Look.plain(),
                        List.of("json=yes"),
                        event(NOW, "state=started", "detail=pid 7"),
                        event(
                                NOW,
                                "service=web",
                                "incarnation=5",
                                "state=starting",
                                "cause=a\"b\\c\nd\u202e\ud800é",
                                "requires=db",
                                "requires=net"))
                .lines()
                .toList();

        assertThat(lines)
                .containsExactly(
                        "{\"time\":\"2026-11-30T20:41:10Z\",\"service\":null,\"incarnation\":null,"
                                + "\"state\":\"started\",\"detail\":\"pid 7\",\"cause\":null,\"who\":null,"
                                + "\"words\":null,\"requires\":[]}",
                        "{\"time\":\"2026-11-30T20:41:10Z\",\"service\":\"web\",\"incarnation\":5,"
                                + "\"state\":\"starting\",\"detail\":null,"
                                + "\"cause\":\"a\\\"b\\\\c\\u000ad\\u202e\\ud800é\",\"who\":null,"
                                + "\"words\":null,\"requires\":[\"db\",\"net\"]}");
        for (String line : lines) {
            assertThat(schema.validate(line, InputFormat.JSON)).isEmpty();
        }
        assertThat(schema.validate("{\"time\":\"x\"}", InputFormat.JSON)).isNotEmpty();
    }
}
