package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that what the manager says is kept, in order, and keeps nobody waiting. */
class OwnLogTest {
    @TempDir
    Path directory;

    private LogScene scene;

    @BeforeEach
    void startPump() throws Exception {
        scene = new LogScene(directory, LogScene.USUAL);
    }

    @AfterEach
    void closePump() {
        scene.close();
    }

    private static String stamped(List<String> lines) {
        return LogScene.STAMP + String.join("\n" + LogScene.STAMP, lines) + "\n";
    }

    @Test
    void linesAreKeptInTheirOrderAndFollowed() {
        LogScene.Kept kept = new LogScene.Kept();
        scene.pump.follow(LogPump.OWN, 0, kept::add);
        List<String> lines = IntStream.range(0, 5000).mapToObj(i -> "line " + i).toList();
        lines.forEach(scene.pump::keep);
        kept.awaitEnd("line 4999\n");

        assertThat(scene.current(LogPump.OWN)).hasContent(stamped(lines));
        assertThat(kept.text()).isEqualTo(stamped(lines));
    }

    @Test
    void whatIsSaidAtTheEndAndAfterItIsKeptToo() {
        scene.pump.keep("last");
        scene.pump.close();
        scene.pump.keep("after");

        assertThat(scene.current(LogPump.OWN)).hasContent(stamped(List.of("last", "after")));
    }

    @Test
    void anotherManagerGoesOnAfterALineThatWasCutOff() throws Exception {
        Files.createDirectories(scene.current(LogPump.OWN).getParent());
        Files.writeString(scene.current(LogPump.OWN), "torn");
        scene.pump.keep("next");
        scene.pump.close();

        assertThat(scene.current(LogPump.OWN)).hasContent("torn\n" + stamped(List.of("next")));
    }

    @Test
    void thereIsNoFileIfNothingIsKept() {
        scene.pump.close();

        assertThat(scene.logs).doesNotExist();
    }

    @Test
    void lineThatIsTooLongIsCutOff() {
        scene.pump.keep("x".repeat(100_000));
        scene.pump.keep("next");
        scene.pump.close();

        assertThat(scene.current(LogPump.OWN))
                .content()
                .endsWith("xxx\n" + stamped(List.of("next")))
                .hasSizeLessThan(5000);
    }

    @Test
    void whatCannotBeWrittenIsLeftOutAndOneWarningSaysSo() throws Exception {
        Files.createDirectories(scene.current(LogPump.OWN));
        scene.pump.keep("one");
        Await.until("a warning", () -> !scene.warnings.isEmpty());
        scene.pump.keep("two");
        scene.pump.close();
        Files.delete(scene.current(LogPump.OWN));
        scene.pump.keep("three");

        assertThat(scene.warnings)
                .containsExactly("log of the manager: open(" + scene.current(LogPump.OWN)
                        + "): Is a directory (EISDIR); its lines are on standard output alone");
        assertThat(scene.current(LogPump.OWN))
                .hasContent(stamped(List.of(
                        "warning: 2 lines of the manager are missing here, because they could not be written",
                        "three")));
    }

    @Test
    void whoIsWarnedAfterTheEndMayWaitForOneWhoAddsALine() throws Exception {
        scene.close();
        Files.createDirectories(scene.current(LogPump.OWN));
        AtomicReference<LogPump> pump = new AtomicReference<>();
        AtomicBoolean waited = new AtomicBoolean();
        Thread other = new Thread(() -> pump.get().keep("meanwhile"));
        pump.set(new LogPump(scene.logs, directory.resolve("notes"), InstantSource.system(), scene.console, warning -> {
            other.start();
            waited.set(ended(other));
        }));
        pump.get().start();
        pump.get().close();
        pump.get().keep("one");

        assertThat(waited).isTrue();
    }

    private static boolean ended(Thread thread) {
        try {
            return thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
