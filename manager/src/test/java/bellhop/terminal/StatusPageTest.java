package bellhop.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusPageTest {

    private static final Fact WEB = Facts.service(
            "web", "started", "pid=10", "seconds=7300", "stateSeconds=7299", "restarts=0", "wanted=start");
    private static final Fact DB =
            Facts.service("db", "started", "pid=20", "seconds=59", "restarts=12", "wanted=web", "wanted=api");
    private static final Fact BROKEN = Facts.service(
            "zz-broken", "failed", "stateSeconds=600", "restarts=0", "wanted=start", "note=run exited 3 after 0.1 s");
    private static final Fact FLAKY = Facts.service("flaky", "restarting", "restarts=6", "next=1200");
    private static final Fact ILL =
            Facts.service("ill", "started", "pid=30", "seconds=1", "restarts=0", "health=unhealthy");
    private static final Fact IDLE = Facts.service("idle", "stopped", "restarts=0");

    private static final Map<Integer, Usage> USED =
            Map.of(10, new Usage(5_452_595, 72_000), 20, new Usage(1_900, 340), 30, new Usage(0, 0));

    private static StatusPage page(Look look, Fact... services) {
        return new StatusPage(look, List.of(services), USED, Map.of(), 0);
    }

    private static List<String> lines(StatusPage page) {
        List<String> lines = new ArrayList<>(List.of(page.head()));
        for (Fact service : page.services()) {
            lines.add(page.line(service));
            lines.addAll(page.below(service, List.of()));
        }
        lines.add(page.summary());
        return lines;
    }

    @Test
    void whatNeedsAttentionComesFirst() {
        assertThat(lines(page(Looks.ascii(80), WEB, DB, IDLE, ILL, FLAKY, BROKEN)))
                .containsExactly(
                        "  NAME       STATE           PID   FOR  RESTARTS    MEM    CPU  WANTED BY",
                        "! zz-broken  failed            -   10m         -      -      -  start",
                        "    run exited 3 after 0.1 s",
                        "~ flaky      restarting        -     -         6      -      -  -",
                        "    next try in 1.2 s",
                        "* ill        unhealthy        30    1s         -     0B   0.0s  -",
                        "* db         started          20   59s        12     2K   0.3s  web,api",
                        "- idle       stopped           -     -         -      -      -  -",
                        "* web        started          10    2h         -   5.2M     1m  start",
                        "6 services: 1 failed, 1 restarting, 3 started, 1 stopped");
    }

    @Test
    void aPartOfAProcessorIsShownOnceThereWereTwoLooks() {
        Map<Integer, Usage> before = Map.of(10, new Usage(1, 71_000));

        StatusPage page = new StatusPage(Looks.ascii(80), List.of(WEB, DB), USED, before, 2_000);

        assertThat(page.line(WEB)).contains("   50%  ");
        assertThat(page.line(DB)).contains("     -  "); // it was not there then
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 40, 60, 80, 120, 200})
    void noLineIsWiderThanTheTerminal(int columns) {
        Fact longest = Facts.service(
                "a-service-with-a-name-of-64-characters-which-is-the-longest-there-is",
                "restarting",
                "wanted=" + "x".repeat(300),
                "note=requires b, which is failed, and much else that takes a line or two of its own");
        for (Look look : List.of(Looks.ascii(columns), Looks.full(columns))) {
            int least = 33; // the name, cut, its state, its process, its time and who wants it
            assertThat(lines(page(look, longest, WEB, DB, BROKEN)))
                    .allSatisfy(line -> assertThat(Text.width(line.replaceAll("\u001b\\[[0-9;]*m", "")))
                            .isLessThanOrEqualTo(Math.max(columns, least + 16)));
        }
    }

    @Test
    void columnsThatHaveNoRoomAreLeftOutTheLeastNeededFirst() {
        assertThat(page(Looks.ascii(65), WEB).head()).contains("MEM").doesNotContain("CPU");
        assertThat(page(Looks.ascii(58), WEB).head()).contains("RESTARTS").doesNotContain("MEM");
        assertThat(page(Looks.ascii(48), WEB).head()).doesNotContain("RESTARTS").contains("PID", "FOR", "WANTED BY");
    }

    @Test
    void whatComesFromOthersControlsNoTerminal() {
        Fact evil = Facts.service("web", "failed", "note=\u001b[2Jgone", "wanted=\u001b]0;title\u0007");

        assertThat(lines(page(Looks.ascii(80), evil))).noneMatch(line -> line.contains("\u001b"));
    }

    @Test
    void colourAndSymbolSayTheSame() {
        assertThat(page(Looks.full(80), WEB).line(WEB)).startsWith("\u001b[32m●\u001b[0m web");
        assertThat(page(Looks.full(80), BROKEN).line(BROKEN)).startsWith("\u001b[31m✖\u001b[0m zz-broken");
    }

    @Test
    void wideCharactersTakeTwoColumns() {
        Fact wide = Facts.service("getty@日本", "started");

        assertThat(page(Looks.full(80), wide, WEB).line(WEB)).contains(" web         ");
    }

    @Test
    void threeHundredServicesAreOnePageOfThreeHundredLines() {
        Fact[] many = IntStream.range(0, 300)
                .mapToObj(i -> Facts.service("s" + i, "started"))
                .toArray(Fact[]::new);

        assertThat(lines(page(Looks.ascii(80), many))).hasSize(302);
    }
}
