package bellhop.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Verifies that {@code semaphore} and {@code state} lose nothing when many processes use them on files
 * in one folder at once, and leave the files whole when they are killed.
 *
 * <p>{@code -Dcontention.operations=100} makes each process do 100 operations instead of 10.
 */
@Timeout(600)
class ContentionTest {

    private static final int PROCESSES = 64;
    private static final int OPERATIONS = Integer.getInteger("contention.operations", 10);

    @TempDir
    Path directory;

    private final List<Process> contenders = new ArrayList<>();

    @AfterEach
    void killThem() throws InterruptedException {
        for (Process contender : contenders) {
            contender.destroyForcibly().waitFor();
        }
    }

    private void start(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            contenders.add(new ProcessBuilder(
                            Run.java(Contender.class, List.of("-Xmx16m", "-Xshare:auto"), directory.toString()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        }
        for (Process contender : contenders) {
            assertThat(contender.inputReader().readLine()).isEqualTo("ready");
        }
    }

    private void tellAll(String line) throws IOException {
        for (Process contender : contenders) {
            contender.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            contender.getOutputStream().flush();
        }
    }

    private record Sums(int edges, int changes) {}

    private Sums all(String operation) throws IOException {
        tellAll(operation + " " + OPERATIONS);
        int edges = 0;
        int changes = 0;
        for (Process contender : contenders) {
            String[] sums = contender.inputReader().readLine().split(" ", -1);
            edges += Integer.parseInt(sums[0]);
            changes += Integer.parseInt(sums[1]);
        }
        return new Sums(edges, changes);
    }

    @Test
    void noOperationOfManyProcessesIsLost() throws Exception {
        start(PROCESSES);
        assertThat(all("+")).isEqualTo(new Sums(1, 1));
        assertThat(directory.resolve("count")).hasContent(Integer.toString(PROCESSES * OPERATIONS));
        assertThat(directory.resolve("state")).hasContent("plus");
        assertThat(all("-")).isEqualTo(new Sums(1, 1));
        assertThat(directory.resolve("count")).hasContent("0");
        assertThat(directory.resolve("state")).hasContent("minus");
        try (var files = Files.list(directory)) {
            assertThat(files.map(Path::getFileName).map(Path::toString))
                    .containsExactlyInAnyOrder("count", "state", ".count.lock", ".state.lock");
        }
    }

    @Test
    void whoIsKilledAtAnyInstantLeavesTheFilesWhole() throws Exception {
        Random random = new Random(64);
        for (int round = 0; round < 8; round++) {
            start(3);
            tellAll("+ 1000000000");
            long instant = System.nanoTime() + random.nextInt(100_000_000);
            while (System.nanoTime() < instant) {
                assertWhole();
            }
            killThem();
            contenders.clear();
            assertWhole();
        }
        assertThat(Run.of(Semaphore::run, directory.resolve("count").toString(), "+")
                        .status())
                .isLessThan(2);
        assertThat(Run.of(StateFile::run, directory.resolve("state").toString(), "end")
                        .status())
                .isZero();
        try (var files = Files.list(directory)) {
            assertThat(files.map(Path::getFileName).map(Path::toString))
                    .containsExactlyInAnyOrder("count", "state", ".count.lock", ".state.lock");
        }
    }

    private void assertWhole() throws IOException {
        Path count = directory.resolve("count");
        Path state = directory.resolve("state");
        assertThat(Files.exists(count) ? Files.readString(count) : "0\n").matches("[0-9]+\n");
        assertThat(Files.exists(state) ? Files.readString(state) : "plus\n").isEqualTo("plus\n");
    }
}
