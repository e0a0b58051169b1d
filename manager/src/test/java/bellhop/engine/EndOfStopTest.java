package bellhop.engine;

import static bellhop.engine.EngineTest.awaitFile;
import static bellhop.engine.LiveEngine.answer;
import static bellhop.engine.LiveEngine.isAlive;
import static bellhop.engine.LiveEngine.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.core.Word;
import bellhop.definition.HealthCheck;
import bellhop.definition.KillMode;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.linux.Signals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Verifies that a stop is over with the last process within its reach: the grace here is longer than any test may take.
 */
@Timeout(300)
final class EndOfStopTest {

    /** Takes TERM, saves something for a while, and ends. */
    private static final String PROGRAM = """
            #!/bin/sh
            trap 'echo told >>told; sleep 0.3 && touch saved; exit' TERM
            echo $$ >program.new; mv program.new program.pid
            until [ -e saved ]; do sleep 0.02; done
            """;

    @TempDir
    Path home;

    private LiveEngine engine;

    @BeforeEach
    void startEngine() throws Exception {
        engine = new LiveEngine(home);
        engine.grace("a", Duration.ofHours(1)).write("a/program", true, PROGRAM);
    }

    @AfterEach
    void stopEngine() throws Exception {
        engine.close();
    }

    private Path file(String name) {
        return engine.directory("a").resolve(name);
    }

    private int pidIn(String name) throws Exception {
        awaitFile(file(name));
        return Integer.parseInt(Files.readString(file(name)).strip());
    }

    /** The program was told once, had the time that it took, and is gone. */
    private void checkProgram(int program) throws Exception {
        assertThat(isAlive(program)).isFalse();
        assertThat(file("told")).content().isEqualTo("told\n");
        assertThat(file("saved")).exists();
    }

    @ParameterizedTest
    @EnumSource(names = {"ALL", "GROUP"})
    void theProgramOfAShellIsWaitedForAndNobodyLonger(KillMode reach) throws Exception {
        engine.killMode("a", reach).script("a", Script.RUN, "./program");
        succeeds(engine.start("a"));
        int program = pidIn("program.pid");

        succeeds(engine.stop("a"));

        checkProgram(program);
    }

    @ParameterizedTest
    @EnumSource(names = {"ALL", "GROUP"})
    void soIsTheFirstOfAPipe(KillMode reach) throws Exception {
        engine.killMode("a", reach).script("a", Script.RUN, "./program | cat");
        succeeds(engine.start("a"));
        int program = pidIn("program.pid");

        succeeds(engine.stop("a"));

        checkProgram(program);
    }

    /** The script ends when the program is in its trap already: what that has begun is no business of the stop. */
    @ParameterizedTest
    @EnumSource(names = {"ALL", "GROUP"})
    void whatASurvivorStartsInItsTrapIsToldNothing(KillMode reach) throws Exception {
        engine.killMode("a", reach)
                .script("a", Script.RUN, "trap 'until [ -e told ]; do :; done; exit' TERM", "./program & wait");
        succeeds(engine.start("a"));
        int program = pidIn("program.pid");

        succeeds(engine.stop("a"));

        checkProgram(program);
    }

    /** Each round one of the loop's programs is about to begin, is running, or has been told and not ended yet. */
    @ParameterizedTest
    @EnumSource(names = {"ALL", "GROUP"})
    void aLoopOfShortProgramsIsOverAtOnceHoweverOftenItIsStopped(KillMode reach) throws Exception {
        engine.killMode("a", reach).script("a", Script.RUN, "touch ready; while :; do sleep 0.03; done");
        for (int round = 0; round < 30; round++) {
            succeeds(engine.start("a"));
            awaitFile(file("ready"));
            succeeds(engine.stop("a"));
            Files.delete(file("ready"));
        }
    }

    /** The script ends no sooner than the program, which is in a group of its own, as that of {@code timeout} is. */
    @Test
    void whoLeftTheGroupIsToldWithIt() throws Exception {
        engine.script("a", Script.RUN, "trap exit TERM", "setsid -w ./program");
        succeeds(engine.start("a"));
        int program = pidIn("program.pid");

        succeeds(engine.stop("a"));

        checkProgram(program);
    }

    @Test
    void whoLeftTheServiceIsToldOnceAndWaitedFor() throws Exception {
        engine.script("a", Script.RUN, "setsid -f ./program", "exec sleep 1000");
        succeeds(engine.start("a"));
        int program = pidIn("program.pid");

        succeeds(engine.stop("a"));

        checkProgram(program);
    }

    /** A child that has the manager as its parent from the beginning, clone(2) with CLONE_PARENT. */
    @Test
    void whoWasMadeASiblingIsWaitedForToo() throws Exception {
        int clone = System.getProperty("os.arch").equals("aarch64") ? 220 : 56;
        engine.script(
                "a",
                Script.RUN,
                "exec perl -e 'exec q(./program) if syscall(" + clone + ", 0x8000 | 17, 0, 0, 0, 0) == 0; sleep 1000'");
        succeeds(engine.start("a"));
        int program = pidIn("program.pid");

        succeeds(engine.stop("a"));

        checkProgram(program);
    }

    /** It is in the group when the script and everybody else have ended: no event says that it leaves. */
    @Test
    void whoLeavesTheReachOfAStopIsNotWaitedFor() throws Exception {
        String[] leaver = {
            "trap 'while kill -0 $(cat program.pid); do sleep 0.02; done; sleep 0.1; exec setsid sleep 1000' TERM",
            "echo $$ >leaver.new; mv leaver.new leaver.pid",
            "while :; do sleep 0.02; done"
        };
        engine.killMode("a", KillMode.GROUP)
                .script("a", "leaver", leaver)
                .script("a", Script.RUN, "./leaver &", "./program");
        succeeds(engine.start("a"));
        int program = pidIn("program.pid");
        int left = pidIn("leaver.pid");
        try {
            succeeds(engine.stop("a"));

            checkProgram(program);
            assertThat(isAlive(left)).isTrue();
            assertThat(engine.service("a").leftAlive()).isOne();
        } finally {
            var _ = Signals.kill(left, Signals.KILL);
        }
    }

    @Test
    void whatAScriptThatEndedByItselfLeavesIsToldAndWaitedFor() throws Exception {
        engine.restart("a", RestartPolicy.NO)
                .script("a", Script.RUN, "./program &", "until [ -e program.pid ]; do sleep 0.01; done", "exit 3");
        succeeds(engine.start("a"));

        engine.await("a", Word.FAILED);

        checkProgram(pidIn("program.pid"));
    }

    @Test
    void whatAPreThatTookTooLongLeavesIsWaitedForAndNoLonger() throws Exception {
        engine.restart("a", RestartPolicy.NO)
                .limit("a", Duration.ofMillis(500))
                .script("a", Script.PRE, "./program | cat")
                .script("a", Script.RUN, "exec sleep 1000");

        assertThat(answer(engine.start("a")).failures())
                .containsExactly("a: pre took longer than 0.5 s (log: bh logs a)");

        checkProgram(pidIn("program.pid"));
    }

    @Test
    void soIsWhatAPostThatTookTooLongLeaves() throws Exception {
        engine.limit("a", Duration.ofMillis(500))
                .script("a", Script.POST, "./program | cat")
                .script("a", Script.RUN, "exec sleep 1000");
        succeeds(engine.start("a"));

        assertThat(answer(engine.stop("a")).failures()).containsExactly("a: post took longer than 0.5 s");

        checkProgram(pidIn("program.pid"));
    }

    /** A probe that is gone while a stop is under way has the service looked at again. */
    @Test
    void aProbeThatEndsDuringAStopDoesNotHaveTheServiceToldTwice() throws Exception {
        Duration often = Duration.ofMillis(10);
        HealthCheck check = new HealthCheck(
                List.of("/bin/sh", "-c", "touch asked; exec sleep 1000"),
                often,
                Duration.ofHours(1),
                1,
                Duration.ZERO,
                often,
                Optional.empty());
        engine.define("a", a -> a.health(check)).script("a", Script.RUN, "exec ./program");
        succeeds(engine.start("a"));
        int program = pidIn("program.pid");
        Await.until("a probe runs", () -> Files.exists(file("asked")));

        succeeds(engine.stop("a"));

        checkProgram(program);
    }
}
