package bellhop.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlowRendererTest {

    private static final ZonedDateTime BOOT = ZonedDateTime.of(2026, 11, 30, 21, 41, 10, 0, ZoneId.of("Europe/Berlin"));

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<Fact> events = new ArrayList<>();

    private void event(long millis, String... entries) {
        List<String> all = new ArrayList<>(List.of(entries));
        all.addFirst("millis=" + (BOOT.toInstant().toEpochMilli() + millis));
        events.add(new Fact("event", all));
    }

    /** The application waits for the database, that for the disk; the clock takes long, and nobody waits for it. */
    private void aBoot() {
        event(-5000, "service=web", "state=starting", "cause=autostart");
        event(0, "state=started", "detail=pid 1");
        event(50, "service=app", "state=starting", "cause=autostart", "requires=db");
        event(50, "service=db", "state=starting", "cause=required by app");
        event(51, "service=clock", "state=starting", "cause=enabled");
        event(60, "service=disk", "state=starting", "cause=required by db", "words=bh require disk");
        event(550, "service=disk", "state=started");
        event(600, "service=clock", "state=failed", "detail=run exited 1");
        event(650, "service=db", "state=started");
        event(1000, "service=app", "state=started");
        event(1500, "service=late", "state=starting", "cause=by request", "words=bh start late");
        event(1600, "service=late", "state=started");
        event(2000, "service=app", "state=stopped");
    }

    private String drawn(Look look, int status, String... options) {
        Pen pen = new Pen(out, new PrintStream(out, true, StandardCharsets.UTF_8), look);
        SlowRenderer renderer = new SlowRenderer(new Fact("render", List.of(options)), pen, BOOT);
        events.forEach(renderer::take);
        renderer.take(new Fact("live", List.of()));
        assertThat(renderer.end(0)).isEqualTo(status);
        pen.flush();
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theChainThatDeterminedTheTimeIsShownTheLongestFirst() {
        aBoot();

        assertThat(drawn(Looks.ascii(48), 0)).isEqualTo("""
                        The boot at 2026-11-30 21:41:10 took 1000 ms,
                        until app was started. 4 services began with the
                        manager. It waited for:
                        disk            490 ms   ############
                        app             350 ms                #########
                        db              100 ms              ###
                        (manager)        60 ms  ##
                        Others, by the time that they took themselves:
                               549 ms  clock failed
                        """);
    }

    @Test
    void barsAreToTheEighthOfAColumnIfThereAreSymbols() {
        aBoot();

        assertThat(drawn(Looks.full(80), 0)).contains("\u001b[32m" + "█").contains("█████▊");
    }

    @Test
    void aBootThatIsNotOverSaysWhoIsNotUp() {
        event(0, "state=started");
        event(5, "service=web", "state=starting", "cause=autostart");

        assertThat(drawn(Looks.ascii(80), 0)).isEqualTo("Not up yet: web\n");
    }

    @Test
    void withoutServicesThereIsNothingToWaitFor() {
        event(0, "state=started");

        assertThat(drawn(Looks.ascii(80), 0))
                .isEqualTo("No service was started with the manager, which was started at 2026-11-30 21:41:10.\n");
    }

    @Test
    void servicesThatRequireEachOtherEndTheChain() {
        event(0, "state=started");
        event(1, "service=a", "state=starting", "cause=autostart", "requires=b");
        event(1, "service=b", "state=starting", "cause=autostart", "requires=a");
        event(9, "service=a", "state=started");
        event(9, "service=b", "state=started");

        assertThat(drawn(Looks.ascii(80), 0)).contains("took 9 ms");
    }

    @Test
    void withoutTheBeginningOfTheBootItSaysSo() {
        event(5, "service=web", "state=started", "cause=autostart");

        assertThat(drawn(Looks.ascii(80), 1))
                .isEqualTo(
                        "bh-slow: the events of the boot are no longer recorded: newer ones have taken their place\n");
    }

    @Test
    void jsonFollowsItsSchema() throws Exception {
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(Path.of("../share/schema/slow.schema.json")), InputFormat.JSON);
        aBoot();
        String json = drawn(Look.plain(), 0, "json=yes");

        assertThat(json)
                .startsWith("{\"time\":\"2026-11-30T20:41:10Z\",\"millis\":1000,\"criticalPath\":"
                        + "[{\"service\":null,\"from\":0,\"until\":60},{\"service\":\"disk\",\"from\":60,\"until\":550},"
                        + "{\"service\":\"db\",\"from\":550,\"until\":650},{\"service\":\"app\",\"from\":650,\"until\":1000}],"
                        + "\"services\":[{\"service\":\"app\",\"state\":\"started\",\"began\":50,\"ended\":1000,"
                        + "\"own\":350,\"waitedFor\":[\"db\"]},")
                .hasLineCount(1);
        assertThat(schema.validate(json, InputFormat.JSON)).isEmpty();
        assertThat(schema.validate("{\"millis\":-1}", InputFormat.JSON)).isNotEmpty();
    }
}
