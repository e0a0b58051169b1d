package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import bellhop.control.Dialog;
import bellhop.control.RequestLine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client gets that draws its answer itself. */
@Timeout(120)
class FactsTest {

    /** So often that what is said of it each time is more than the manager keeps for a client that does not read. */
    private static final int TIMES = 1_900;

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
        manager.script("db", "run", "exec sleep 1000");
        manager.script("web", "run", "exec sleep 1000").yaml("web", "requires: [db]");
        manager.script("broken", "run", "echo no disk; exit 3").yaml("broken", "restart: \"no\"");
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private List<String> lines(String... words) throws Exception {
        try (Dialog dialog = new Dialog(manager.runDir().socket())) {
            dialog.send(RequestLine.format(List.of(words)) + "\n");
            List<String> lines = new ArrayList<>();
            for (String line = dialog.line(); line != null; line = dialog.line()) {
                lines.add(line);
                if (line.startsWith("x ")) {
                    break;
                }
            }
            return lines;
        }
    }

    @Test
    void theFirstSaysWhatIsToBeDrawnAndTheOthersWhatThereIs() throws Exception {
        manager.start();
        manager.ask("start", "web").succeeds();

        List<String> lines = lines("--facts", "why", "db");

        assertThat(lines.getFirst()).isEqualTo("d [\"render\",\"name=why\",\"service=db\",\"json=no\"]");
        assertThat(lines.get(1))
                .startsWith("d [\"service\",\"name=db\",\"state=started\",")
                .contains("\"holder=service:web\"");
        assertThat(lines.get(2)).contains("\"name=web\"", "\"pinned=yes\"", "\"requires=db\"", "\"holds=db\"");
        assertThat(lines.getLast()).isEqualTo("x 0");
    }

    @Test
    void howLongAServiceHasHadItsStateIsToldIfThisManagerSawItBegin() throws Exception {
        manager.start();
        assertThat(lines("--facts", "status", "web").get(1)).doesNotContain("stateSeconds");
        manager.ask("start", "web", "broken");
        manager.awaitLine("broken failed");
        assertThat(lines("--facts", "status", "broken").get(1)).matches(".*\"stateSeconds=\\d+\".*");

        manager.kill();
        manager.start();

        assertThat(lines("--facts", "status", "web").get(1))
                .contains("\"seconds=")
                .doesNotContain("stateSeconds");
    }

    @Test
    void whoAsksForNoneIsToldSoOrGetsText() throws Exception {
        manager.start();

        assertThat(manager.ask("why", "db"))
                .isEqualTo(new Outcome(64, "", "bh-why: is answered to the program bh only\n"));
        assertThat(manager.ask("status", "db").out()).isEqualTo("stopped\n");
    }

    @Test
    void aStartThatIsDrawnMakesWayForItsAnswer() throws Exception {
        manager.start();

        List<String> lines = lines("--facts", "start", "broken");

        assertThat(lines)
                .startsWith("d [\"render\",\"name=progress\",\"service=broken\"]", "d [\"answered\"]")
                .endsWith("x 0");
        assertThat(lines("--facts", "start", "nope")).noneMatch(line -> line.startsWith("d "));
    }

    @Test
    void manyFactsWaitForTheClientToRead() throws Exception {
        manager.start();
        String longest = "x".repeat(100);
        for (int i = 0; i < 12; i++) {
            manager.ask("require", "--owner", longest + i, "db").succeeds();
        }
        List<String> words = new ArrayList<>(List.of("--facts", "status"));
        for (int i = 0; i < TIMES; i++) {
            words.add("db");
        }

        assertThat(lines(words.toArray(String[]::new))).hasSize(TIMES + 2).endsWith("x 0");
    }
}
