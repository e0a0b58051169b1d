package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Await;
import bellhop.Execution;
import bellhop.Outcome;
import bellhop.control.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies that what services say cannot steer the terminal of whoever looks at it, and that pipes get it as it is. */
@Timeout(120)
class TerminalTest {

    /** Colours, a link, a title by a raw C1 byte, the other direction, an isolate, and what is not to be touched. */
    private static final String SAYS =
            "printf '\\033[31mred \\033]8;;http://x\\007 \\2332J \\302\\2332J \\342\\200\\256"
                    + "txt.exe \\342\\201\\246 \\r gr\\303\\266\\303\\237e\\tok\\n'";

    private static final String SHOWN =
            "\\x1b[31mred \\x1b]8;;http://x\\x07 \\x9b2J \\x9b2J \\u202etxt.exe \\u2066 \\x0d größe\tok";

    private static ManagerProcess manager;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "SKIPPED: there is no script here");
        manager = new ManagerProcess();
        manager.with("LC_ALL", "C.UTF-8")
                .script("evil", "run", SAYS, "touch " + manager.root().resolve("said"), "exec sleep 1000")
                .yaml(
                        "evil",
                        "description: \"\\u202Etxt.exe \\u2066 \\u200B\"",
                        "log: {timestamps: false}",
                        "healthcheck: {test: 'printf \"\\342\\200\\256x\\302\\2332J\"; exit 1', interval: 100ms,"
                                + " retries: 1000}")
                .start();
        manager.ask("start", "evil").succeeds();
        manager.awaitFile(manager.root().resolve("said"));
    }

    @AfterAll
    static void close() throws Exception {
        if (manager != null) {
            manager.close();
        }
    }

    private static String[] onTerminal(String words) {
        String line = manager.root().resolve("bin/bh") + " " + words;
        return new String[] {"/usr/bin/script", "--quiet", "--return", "--command", line, "/dev/null"};
    }

    private static void assertHarmless(String text) {
        assertThat(text.codePoints().filter(c -> c != '\n' && c != '\t').filter(c -> switch (Character.getType(c)) {
                    case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR -> true;
                    default -> false;
                }))
                .as(text)
                .isEmpty();
    }

    @Test
    void logIsShownWithEscapesOnATerminal() throws Exception {
        assertThat(manager.run(onTerminal("logs evil"))).isEqualTo(new Outcome(0, SHOWN + "\r\n", ""));
    }

    @Test
    void logThatIsFollowedIsShownWithEscapesOnATerminal() throws Exception {
        Execution program = manager.program(onTerminal("logs -f evil"));
        manager.awaitText(program.out(), "ok");
        program.process().destroy();
        program.process().waitFor();
        assertThat(Files.readString(program.out())).startsWith(SHOWN + "\r\n");
    }

    @Test
    void pipeGetsTheLogAsItIs() throws Exception {
        Execution program = manager.program("bh", "logs", "evil");
        assertThat(program.process().waitFor()).isZero();
        assertThat(new String(Files.readAllBytes(program.out()), StandardCharsets.ISO_8859_1))
                .isEqualTo("\u001b[31mred \u001b]8;;http://x\u0007 \u009b2J \u00c2\u009b2J \u00e2\u0080\u00aetxt.exe"
                        + " \u00e2\u0081\u00a6 \r gr\u00c3\u00b6\u00c3\u009fe\tok\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "status evil", "status --json", "list --long", "show evil", "triggers"})
    void everyOtherAnswerIsHarmlessWhereverItGoes(String words) throws Exception {
        Await.until("the status has its text", () -> manager.ask("status").out().contains("202e"));
        Outcome piped = manager.run(("bh " + words).split(" "));
        assertHarmless(piped.out());
        assertHarmless(piped.err());
        assertHarmless(manager.run(onTerminal(words)).out().replace("\r\n", "\n"));
    }

    @Test
    void jsonSaysExactlyWhatThereIs() throws Exception {
        assertThat(manager.ask("show", "evil").out()).contains("\\u202etxt.exe \\u2066 \\u200b");
        assertThat(Json.string("\u202e\u009b\u007f\udb40\udc41é"))
                .isEqualTo("\"\\u202e\\u009b\\u007f\\udb40\\udc41é\"");
    }

    @Test
    void consoleOfAManagerIsHarmlessOnATerminal() throws Exception {
        try (ManagerProcess other = new ManagerProcess()) {
            other.with("LC_ALL", "C.UTF-8").script("evil", "run", SAYS, "exec sleep 1000");
            other.onTerminal().start("--console");
            other.ask("start", "evil").succeeds();
            assertThat(other.awaitLine("red ")).isEqualTo("evil: " + SHOWN);
        }
    }
}
