package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies what becomes of lines if their log cannot be written: here a directory is in the place of its file. */
class LogDropTest {
    private static final String WHY = "Is a directory (EISDIR)";

    @TempDir
    Path directory;

    private LogScene scene;

    @BeforeEach
    void startPump() throws Exception {
        scene = new LogScene(directory, LogScene.USUAL);
        scene.pump.outages.patience = Duration.ZERO;
    }

    @AfterEach
    void closePump() {
        scene.close();
    }

    /** How many lines a log says are missing in it. */
    static long dropped(String log, String why) {
        return Pattern.compile("(?m)^" + LogScene.STAMP + "bellhop: (\\d+) lines? (?:was|were) dropped since "
                        + LogScene.MOMENT + ", because this log could not be written: " + Pattern.quote(why) + "$")
                .matcher(log)
                .results()
                .map(MatchResult::group)
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*bellhop: (\\d+) .*", "$1")))
                .sum();
    }

    /** How many lines of a log are not about others. */
    static long written(String log) {
        return log.lines().filter(line -> !line.contains("bellhop: ")).count();
    }

    private void closeFile() throws Exception {
        Files.createDirectories(scene.current("web").getParent());
        if (Files.exists(scene.current("web"))) {
            Files.move(scene.current("web"), scene.current("web").resolveSibling("current.1"));
        }
        Files.createDirectory(scene.current("web"));
    }

    @Test
    void writersAreNotHeldForLongAndTheLogSaysWhatIsMissing() throws Exception {
        closeFile();
        scene.run("web", "seq 1 100000"); // more than its FIFO holds
        scene.text("web");
        Files.delete(scene.current("web"));
        Await.until("the log is written again", () -> scene.warnings.size() == 2);
        scene.run("web", "echo after");

        String log = scene.text("web");
        long dropped = dropped(log, WHY);
        assertThat(dropped + written(log)).isEqualTo(100_001);
        assertThat(log).startsWith(LogScene.STAMP + "bellhop: ").endsWith(LogScene.STAMP + "after\n");
        assertThat(scene.warnings.getFirst())
                .startsWith("log of web: open(")
                .endsWith(WHY + "; services that write a lot wait for 10 s, then lines are dropped");
        assertThat(scene.warnings.getLast())
                .isEqualTo("log of web: can be written again; " + dropped + " lines were dropped since "
                        + LogScene.MOMENT);
    }

    @Test
    void restOfALineWhoseBeginningIsInTheLogIsDroppedToo() throws Exception {
        LogScene.Kept kept = new LogScene.Kept();
        scene.pump.follow("web", 0, kept::add);
        int shell = scene.start("web", """
                printf 'one\ntwo'
                while ! [ -e go ]; do sleep 0.1; done
                echo rest; seq 1 3; touch written
                while ! [ -e more ]; do sleep 0.1; done
                echo after
                """);
        kept.awaitEnd("two");
        closeFile();
        Files.createFile(directory.resolve("go"));
        LogScene.awaitFile(directory.resolve("written"));
        awaitWarnings(1);
        scene.text("web"); // takes what is there
        Files.delete(scene.current("web"));
        awaitWarnings(2);
        Files.createFile(directory.resolve("more"));
        LogScene.awaitEnd(shell);

        assertThat(scene.text("web"))
                .matches("(?s)" + LogScene.STAMP + "one\n" + LogScene.STAMP + "two\n?" + LogScene.STAMP
                        + "bellhop: 4 lines were dropped since .*\n" + LogScene.STAMP + "after\n");
    }

    private void awaitWarnings(int count) {
        Await.until(count + " warnings, " + scene.warnings, () -> scene.warnings.size() == count);
    }

    @Test
    void managerThatEndsMeanwhileSaysHowManyWereDropped() throws Exception {
        closeFile();
        scene.run("web", "seq 1 100000");
        scene.text("web");
        scene.text("web");
        scene.restartPump();

        assertThat(scene.warnings).last().isEqualTo("log of web: 100000 lines were dropped since " + LogScene.MOMENT);
    }

    @Test
    void writersWaitIfTheirDestinationSaysSo() throws Exception {
        scene.waits = true;
        closeFile();
        int shell = scene.start("web", "seq 1 100000");
        awaitWarnings(1);
        scene.text("web");
        assertThat(scene.warnings.getFirst()).endsWith("nothing is lost, but services that write a lot will block");
        Files.delete(scene.current("web"));
        LogScene.awaitEnd(shell);

        assertThat(scene.lines("web")).hasSize(100_000);
    }
}
