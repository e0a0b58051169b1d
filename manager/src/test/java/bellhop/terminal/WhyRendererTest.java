package bellhop.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Schemas;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class WhyRendererTest {

    private static final Instant ENDED = Instant.parse("2026-01-02T03:04:05.678Z");

    private final List<Fact> events = new ArrayList<>();
    private final List<String> log = new ArrayList<>();

    private final class Past implements Asker {
        @Override
        public int ask(List<String> words, Consumer<Fact> facts) {
            assertThat(words).first().isEqualTo("events");
            events.forEach(facts);
            return 0;
        }

        @Override
        public Said ask(List<String> words) {
            assertThat(words).first().isEqualTo("logs");
            return new Said(0, log, List.of());
        }
    }

    private void event(Instant time, String service, String word, String... entries) {
        List<String> all = new ArrayList<>(
                List.of("millis=" + time.toEpochMilli(), "service=" + service, "incarnation=1", "state=" + word));
        all.addAll(List.of(entries));
        events.add(new Fact("event", all));
    }

    private String why(Look look, List<String> options, Fact... facts) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        Pen pen = new Pen(out, err, look);
        WhyRenderer why = new WhyRenderer(new Fact("render", options), new Past(), pen);
        List.of(facts).forEach(why::take);
        assertThat(why.end(0)).isZero();
        pen.flush();
        return out.toString(StandardCharsets.UTF_8);
    }

    private String why(Fact... facts) throws Exception {
        return why(Look.plain(), List.of("service=" + facts[0].text("name"), "json=no"), facts);
    }

    @Test
    void theChainOfHoldsGoesUpToWhoeverBeganIt() throws Exception {
        event(ENDED, "db", "starting", "cause=required by web", "who=uid 0, pid 7", "words=start api");

        String why = why(
                Facts.service("db", "started", "pid=12", "seconds=70", "script=run", "holder=service:web"),
                Facts.service("web", "started", "holder=service:api", "holder=device:wifi:wlan0", "requires=db"),
                Facts.service("api", "starting", "pinned=yes", "requires=web"));

        assertThat(why)
                .startsWith("db is started: run is process 12, for 1 min.\n")
                .contains("""
                          It runs because
                            web requires it, which is started
                              the device wifi:wlan0 is present
                              api requires it, which is starting
                                it was started, and not stopped since
                        """)
                .contains(": required by web (start api, uid 0, pid 7).\n");
    }

    @Test
    void whatWouldFollowIsSaid() throws Exception {
        String started = why(
                Facts.service("api", "started", "pinned=yes", "holds=web", "holds=shared", "requires=web"),
                Facts.service("web", "started", "holder=service:api", "holds=db"),
                Facts.service("db", "started", "holder=service:web"),
                Facts.service("shared", "started", "holder=service:api", "holder=label:me"));
        assertThat(started).contains("If nobody wanted it, these would stop with it: web, db.\n");

        String stopped = why(
                Facts.service("api", "stopped", "requires=web", "requires=up"),
                Facts.service("web", "stopped", "requires=db"),
                Facts.service("db", "failed"),
                Facts.service("up", "started"));
        assertThat(stopped)
                .contains("Nobody wants it to run: it is neither started nor held.\n")
                .contains("To start it would start web, db first.\n")
                .doesNotContain("would stop");
    }

    @Test
    void itsLastEndsComeWithWhatTheLogSaidThen() throws Exception {
        log.add(ENDED.plusMillis(4400) + " before it began");
        for (int i = 0; i < 7; i++) {
            Instant end = ENDED.plusSeconds(i);
            log.add(end.minusMillis(1) + " last words " + i);
            event(end.minusMillis(500), "web", "starting", "cause=the delay before its restart is over");
            event(end, "web", "restarting", "detail=run exited " + i + " after 0.5 s");
        }
        log.add(ENDED.plusSeconds(60) + " much later");

        String why = why(Facts.service("web", "restarting", "detail=run exited 6 after 0.5 s", "next=2500"));

        assertThat(why)
                .startsWith("web is restarting: run exited 6 after 0.5 s; the next try comes in 2.5 s.\n")
                .contains("run exited 6", "run exited 2", "| last words 6\n")
                .doesNotContain("run exited 1 ", "much later", "told to start", "before it began");
    }

    @Test
    void aServiceThatIsHeldDownAndOneWithABrokenDirectorySaySo() throws Exception {
        assertThat(why(Facts.service("web", "stopped", "stateSeconds=2", "down=yes", "holder=label:me")))
                .startsWith("web is stopped, for 2 s.\n")
                .contains("It is wanted because\n    me holds it (bh require)\n", "stays down until somebody starts");
        assertThat(why(Facts.service("web", "failed", "stateSeconds=180", "unusable=service.yaml:3: unknown key")))
                .startsWith("web has failed, 3 min ago.\n")
                .contains("What its directory says now cannot be used: service.yaml:3: unknown key.");
    }

    @Test
    void aCircleOfHoldsEnds() throws Exception {
        assertThat(why(
                        Facts.service("a", "started", "holder=service:b"),
                        Facts.service("b", "started", "holder=service:a")))
                .contains("a requires it, which is started, see above\n");
    }

    @Test
    void asJson() throws Exception {
        event(ENDED.minusSeconds(2), "web", "starting", "cause=by request", "who=uid 0", "words=start web");
        event(ENDED, "web", "failed", "detail=run exited 1 after 0.5 s");
        log.add(ENDED.minusMillis(1) + " \"why\"");

        String text = why(
                Look.plain(),
                List.of("service=web", "json=yes"),
                Facts.service(
                        "web", "failed", "detail=run exited 1 after 0.5 s", "holder=device:wifi:wlan0", "requires=db"));
        Schemas.check("why", text);
        JsonNode json = new ObjectMapper().readTree(text);

        assertThat(json.path("state").asText()).isEqualTo("failed");
        assertThat(json.path("holders").toString()).isEqualTo("[{\"kind\":\"device\",\"name\":\"wifi:wlan0\"}]");
        assertThat(json.path("ends").path(0).path("log").path(0).asText()).isEqualTo("\"why\"");
        assertThat(json.path("nextTryMillis").isNull()).isTrue();
    }

    @Test
    void sentencesAreBrokenAtTheWidthOfTheTerminal() throws Exception {
        String why = why(
                Looks.ascii(40),
                List.of("service=web"),
                Facts.service("web", "stopped", "down=yes", "holder=label:me"));

        assertThat(why.lines()).allMatch(line -> line.length() <= 40);
    }
}
