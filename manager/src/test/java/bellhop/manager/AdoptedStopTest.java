package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.linux.Proc;
import bellhop.linux.Signals;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Verifies that the stop of a service which an earlier manager began is over with its last process, as any other's: the
 * grace here is longer than any test may take.
 */
@Timeout(300)
class AdoptedStopTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
        // Takes TERM, saves something for a while, and ends.
        manager.script(
                "a",
                "program",
                "trap 'echo told >>told; sleep 0.3 && touch saved; exit' TERM",
                "echo $$ >program.pid",
                "until [ -e saved ]; do sleep 0.02; done");
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path file(String name) {
        return manager.services().resolve("a").resolve(name);
    }

    private void yaml(String... lines) throws Exception {
        manager.yaml("a", lines);
        Files.writeString(
                manager.services().resolve("a/service.yaml"),
                Files.readString(manager.services().resolve("a/service.yaml")) + "stop_grace_period: 1h\n");
    }

    /** Begins the service, and has another manager take it over. */
    private int adopted() throws Exception {
        manager.start().ask("start", "a").succeeds();
        manager.awaitText(file("program.pid"), "\n");
        int program = Integer.parseInt(Files.readString(file("program.pid")).strip());
        manager.kill();
        manager.start();
        return program;
    }

    private void checkProgram(int program) throws Exception {
        assertThat(Proc.task(program).filter(task -> !task.isDead())).isEmpty();
        assertThat(file("told")).content().isEqualTo("told\n");
        assertThat(file("saved")).exists();
    }

    @Test
    void theProgramOfAShellIsToldOnceAndWaitedForAndNobodyLonger() throws Exception {
        manager.script("a", "run", "./program | cat");
        yaml();
        int program = adopted();

        manager.ask("stop", "a").succeeds();

        checkProgram(program);
    }

    @Test
    void soItIsWhereAStopReachesTheGroup() throws Exception {
        manager.script("a", "run", "setsid -f sleep 1000", "./program");
        yaml("kill_mode: group");
        int program = adopted();

        manager.ask("stop", "a").succeeds();

        checkProgram(program);
        assertThat(manager.ask("status").out()).contains("1 left alive");
        for (Proc.Task left : manager.processes()) {
            Signals.kill(left.pid(), Signals.KILL);
        }
    }

    /** Nothing but its session tells of such a process whose it is. */
    @Test
    void soItIsWithoutAnyEnvironment() throws Exception {
        manager.script("a", "run", "exec env -i ./outer");
        manager.script("a", "outer", "./program & wait");
        yaml();
        int program = adopted();

        manager.ask("stop", "a").succeeds();

        checkProgram(program);
    }

    /** Who is forked while the group is told is told with it, or never is. */
    @Test
    void aLoopOfProgramsIsOverAtOnce() throws Exception {
        manager.script("a", "run", "echo $$ >program.pid", "while :; do sleep 0.03; done");
        yaml();
        manager.start();
        for (int round = 0; round < 8; round++) {
            manager.ask("start", "a").succeeds();
            manager.awaitText(file("program.pid"), "\n");
            manager.kill();
            manager.start();

            manager.ask("stop", "a").succeeds();

            Files.delete(file("program.pid"));
        }
    }
}
