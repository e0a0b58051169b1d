package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that a failed start shows what the service at fault has logged last, with real services. */
@Timeout(120)
class FailureLogsTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private void failing(String service, String... lines) {
        manager.script(service, "pre", String.join("\n", lines), "exit 3")
                .script(service, "run", "exec sleep 1000")
                .yaml(service, "restart: \"no\"", "log: {timestamps: false}");
    }

    @Test
    void theLastFiveLinesAreShown() throws Exception {
        failing("web", "seq 7", "printf 'port \\033[1m taken'");
        manager.start();

        List<String> said = manager.ask("start", "web").err().lines().toList();

        assertThat(said).hasSize(6);
        assertThat(said.getFirst()).startsWith("bh-start: web: pre exited 3");
        assertThat(said.subList(1, 6))
                .containsExactly("  [pre] 4", "  [pre] 5", "  [pre] 6", "  [pre] 7", "  [pre] port \\x1b[1m taken");
        Outcome again = manager.run("bh-start", "web");
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.err()).contains("\n  [pre] 6\n  [pre] 7\n");
        assertThat(manager.ask("restart", "web").err()).contains("\n  [pre] 7\n");
        assertThat(manager.ask("require", "--owner", "me", "web").err()).contains("\n  [pre] 7\n");
    }

    @Test
    void whatARequiredServiceLoggedIsShownForIt() throws Exception {
        failing("db", "echo no disk");
        manager.script("mid", "run", "exec sleep 1000").yaml("mid", "requires: [db]", "restart: \"no\"");
        manager.script("app", "run", "exec sleep 1000").yaml("app", "requires: [mid]", "restart: \"no\"");
        manager.start();

        List<String> said = manager.ask("start", "app").err().lines().toList();

        assertThat(said).hasSize(2);
        assertThat(said.getFirst()).startsWith("bh-start: app: requires mid: requires db: pre exited 3");
        assertThat(said.getLast()).isEqualTo("  [pre] no disk");
    }

    @Test
    void eachFailureIsFollowedByItsLinesAndThreeServicesHaveAny() throws Exception {
        List<String> names = List.of("a", "b", "c", "d");
        names.forEach(name -> failing(name, "echo said by " + name));
        manager.start();

        Outcome outcome = manager.ask("start", "a", "b", "c", "d");

        assertThat(outcome.err().lines().filter(line -> line.startsWith("bh-start: ")))
                .hasSize(4);
        List<String> said = outcome.err().lines().toList();
        assertThat(said).hasSize(7);
        for (int i = 0; i + 1 < said.size(); i++) {
            if (said.get(i + 1).startsWith("  ")) {
                String name = said.get(i).substring("bh-start: ".length(), "bh-start: a".length());
                assertThat(said.get(i + 1)).isEqualTo("  [pre] said by " + name);
            }
        }
    }

    @Test
    void aScriptThatAsksGetsTheFailureAlone() throws Exception {
        failing("db", "echo no disk");
        manager.script("web", "pre", "bh-start db 2>" + manager.root().resolve("said"), "exit 0")
                .script("web", "run", "exec sleep 1000");
        manager.start();

        manager.ask("start", "web").succeeds();

        assertThat(Files.readAllLines(manager.root().resolve("said"))).hasSize(1);
    }

    @Test
    void whatWasRefusedOrHasNoLogHasNoLines() throws Exception {
        failing("web", "echo no disk");
        manager.yaml("web", "restart: \"no\"", "log: {to: none}");
        failing("db", "echo no disk");
        manager.start();
        assertThat(manager.ask("start", "web").err().lines()).hasSize(1);
        manager.ask("start", "db");
        manager.ask("mask", "db").succeeds();

        assertThat(manager.ask("start", "db").err()).isEqualTo("bh-start: db: is masked (bh unmask db)\n");
    }
}
