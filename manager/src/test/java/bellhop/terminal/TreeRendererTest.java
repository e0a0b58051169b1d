package bellhop.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Schemas;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TreeRendererTest {

    private static final List<Fact> SERVICES = List.of(
            Facts.service("api", "started", "pinned=yes", "requires=web", "holds=web", "holds=cache"),
            Facts.service("web", "started", "requires=db", "holds=db", "holder=service:api"),
            Facts.service("db", "failed", "holder=service:web"),
            Facts.service("cache", "started", "holder=service:api", "holder=label:me"),
            Facts.service("idle", "stopped", "requires=db"),
            Facts.service("getty@tty1", "started", "holder=device:getty:tty1"));

    private static String drawn(Look look, List<Fact> services, String... options) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        Pen pen = new Pen(out, err, look);
        List<String> entries = new ArrayList<>(List.of(options));
        TreeRenderer tree = new TreeRenderer(new Fact("render", entries), pen);
        services.forEach(tree::take);
        assertThat(tree.end(0)).isZero();
        pen.flush();
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void beginsWithThoseThatNobodyNeedsAndMarksWhatDiffers() {
        assertThat(drawn(Look.plain(), SERVICES, "form=tree")).isEqualTo("""
                        api  started  pinned
                        |- cache  started  me  held, not declared by requires
                        `- web  started
                           `- db  failed
                        getty@tty1  started  getty:tty1
                        idle  stopped
                        `- db  failed  declared, not held
                        """);
    }

    @Test
    void hasLinesWhereTheTerminalHasThem() {
        assertThat(drawn(Looks.full(80), SERVICES, "form=tree", "root=api"))
                .contains("├─ cache  \u001b[32mstarted", "└─ web", "   └─ db  \u001b[31mfailed");
    }

    @Test
    void aServiceThatIsNeededTwiceIsDrawnWholeOnce() {
        List<Fact> services = List.of(
                Facts.service("a", "started", "holds=c", "requires=c"),
                Facts.service("b", "started", "holds=c", "requires=c"),
                Facts.service("c", "started", "holds=d", "requires=d"),
                Facts.service("d", "started"));

        assertThat(drawn(Look.plain(), services, "form=tree")).isEqualTo("""
                        a  started
                        `- c  started
                           `- d  started
                        b  started
                        `- c  started, see above
                        """);
    }

    @Test
    void aCircleOfDeclarationsEnds() {
        List<Fact> services =
                List.of(Facts.service("a", "stopped", "requires=b"), Facts.service("b", "stopped", "requires=a"));

        assertThat(drawn(Look.plain(), services, "form=tree")).isEqualTo("""
                        a  stopped
                        `- b  stopped  declared, not held
                           `- a  stopped  declared, not held, see above
                        """);
    }

    @Test
    void jsonHasBothKindsOfNeeds() throws Exception {
        String json = drawn(Look.plain(), SERVICES, "form=json", "root=api");
        Schemas.check("tree", json);
        JsonNode all = new ObjectMapper().readTree(json);

        assertThat(all.findValuesAsText("name")).contains("api", "cache", "db", "web");
        JsonNode cache = all.path(0).path("needs").path(0);
        assertThat(cache.toString())
                .isEqualTo("{\"name\":\"cache\",\"state\":\"started\",\"declared\":false,\"held\":true}");
    }

    @Test
    void mermaidQuotesNames() {
        List<Fact> services = List.of(Facts.service("a@\"x", "started", "holds=b"), Facts.service("b", "started"));

        assertThat(drawn(Look.plain(), services, "form=mermaid")).isEqualTo("""
                        graph TD
                          s0["a@#quot;x"]
                          s1["b"]
                          s0 -->|not declared| s1
                        """);
    }

    @Test
    void whatWasObservedIsGoodForServiceYaml() {
        assertThat(drawn(Look.plain(), SERVICES, "form=yaml", "observed=yes")).isEqualTo("""
                        # api/service.yaml
                        requires: ["cache","web"]
                        # web/service.yaml
                        requires: ["db"]
                        """);
    }
}
