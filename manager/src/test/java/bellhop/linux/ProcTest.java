package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Await;
import bellhop.linux.Children.Child;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcTest {

    /** What is not there before the program itself runs: {@code posix_spawn} returns a moment earlier. */
    private static final String SETTLED = "echo settled; /bin/sleep 1000; exit";

    private final Children children = new Children();

    @TempDir
    Path folder;

    @AfterEach
    void nothingIsLeft() throws IOException {
        children.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sh", "", ")", "a b", "x) R 1 1 (", ") Z 9 9 9 9", "((", "new\nline"})
    void aLineOfStatIsReadWhateverTheProgramIsCalled(String comm) {
        byte[] line = ("4711 (" + comm + ") S 1 4700 4600 34816 4711 4194304 99 0 0 0 1 2 3 4 20 0 1 0"
                        + " 123456789012 8204288 512 18446744073709551615 1 1 0\n")
                .getBytes(StandardCharsets.ISO_8859_1);

        assertThat(Proc.parse(line, line.length)).contains(new Proc.Task(4711, 1, 4700, 4600, 'S', 123456789012L));
    }

    @Test
    void aLineThatIsNotThereIsNoTask() {
        assertThat(Proc.parse(new byte[0], 0)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x) R 1 1 (", "two words"})
    void theCensusFindsAProcessWhateverItsProgramIsCalled(String name) throws IOException {
        Path program = Files.copy(Path.of("/bin/sleep").toRealPath(), folder.resolve(name));

        Child child = children.start(program.toString(), "1000");

        assertThat(Proc.census())
                .filteredOn(task -> task.pid() == child.pid)
                .singleElement()
                .satisfies(task -> {
                    assertThat(task.ppid()).isEqualTo(Proc.self());
                    assertThat(task.session()).isEqualTo(child.pid);
                    assertThat(task.isDead()).isFalse();
                });
    }

    @Test
    void aZombieIsDeadAndWhatWasReapedIsNotThere() throws IOException {
        Child child = children.sh("exit 0");

        child.awaitEnd();
        assertThat(child.task()).map(Proc.Task::isDead).contains(true);
        child.reap();

        assertThat(child.task()).isEmpty();
        assertThat(Proc.environment(child.pid, "PATH")).isEmpty();
    }

    @Test
    void theStartTimeStaysTheSame() throws IOException {
        Child child = children.start("sleep", "1000");

        Proc.Task task = child.task().orElseThrow();

        assertThat(task.startTime()).isPositive();
        assertThat(child.task().map(Proc.Task::startTime)).contains(task.startTime());
    }

    @Test
    void aTreeHasAllDescendantsWhateverTheirSession() throws IOException {
        assumeTrue(Proc.children(Proc.INHERITED).isPresent(), "SKIPPED: this kernel does not list children");
        Child child = children.sh("setsid sh -c 'sleep 1000; exit' & wait");
        try {
            Await.until("the program in another session runs", () -> tree(child).size() == 3);

            List<Proc.Task> tree = tree(child);
            assertThat(Proc.census())
                    .filteredOn(task -> task.ppid() == child.pid)
                    .singleElement()
                    .satisfies(it -> {
                        assertThat(it.session()).isEqualTo(it.pid());
                        assertThat(tree).extracting(Proc.Task::pid).contains(child.pid, it.pid());
                        assertThat(tree)
                                .filteredOn(task -> task.ppid() == it.pid())
                                .hasSize(1);
                    });
        } finally {
            for (Proc.Task task : tree(child)) {
                var _ = Signals.kill(task.pid(), Signals.KILL);
            }
        }
    }

    @Test
    void whoIsGoneHasNoTree() throws IOException {
        Child child = children.sh("exit 0");
        child.awaitEnd();
        child.reap();

        assertThat(Proc.tree(child.pid)).contains(List.of());
    }

    private static List<Proc.Task> tree(Child child) throws IOException {
        return Proc.tree(child.pid).orElseThrow();
    }

    @Test
    void theCensusSurvivesProcessesThatVanish() throws Exception {
        CompletableFuture<Integer> shortLives = CompletableFuture.supplyAsync(() -> {
            try {
                for (int i = 0; i < 300; i++) {
                    Wait.reapPid(Spawn.start(new Spawn.Command(List.of("/bin/true"), List.of(), Path.of("/"), 1, 2)));
                }
                return 300;
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        });

        int self = Proc.self();
        while (!shortLives.isDone()) {
            assertThat(Proc.census()).anyMatch(task -> task.pid() == self);
        }
        assertThat(shortLives.get()).isEqualTo(300);
    }

    @Test
    void variablesOfAnotherProcessAreRead() throws IOException {
        String large = "x".repeat(100_000);
        Child child = children.start(
                Path.of("/"), List.of("A=1", "LARGE=" + large, "EMPTY=", "LAST=a=b"), "/bin/sh", "-c", SETTLED);
        assertThat(child.line()).isEqualTo("settled");

        assertThat(Proc.environment(child.pid, "A")).contains("1");
        assertThat(Proc.environment(child.pid, "LARGE")).contains(large);
        assertThat(Proc.environment(child.pid, "EMPTY")).contains("");
        assertThat(Proc.environment(child.pid, "LAS")).isEmpty();
        assertThat(Proc.environment(child.pid, Set.of("A", "LAST", "B"))).isEqualTo(Map.of("A", "1", "LAST", "a=b"));
    }

    @Test
    void theEnvironmentOfThisProcessIsRead() throws IOException {
        Optional<String> path = Proc.ownEnvironment().stream()
                .filter(entry -> entry.startsWith("PATH="))
                .findFirst();

        assertThat(path).contains("PATH=" + System.getenv("PATH"));
    }

    @Test
    void theBootIdIsTheKernels() throws IOException {
        assertThat(Proc.bootId())
                .isEqualTo(Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                        .strip());
    }

    @Test
    void thisProcessKnowsItself() {
        assertThat(Proc.self()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(Self.uid()).isEqualTo(Self.euid());
        assertThat(Self.gid()).isNotNegative();
    }
}
