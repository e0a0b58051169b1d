package bellhop.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageTest {

    /** A child that keeps a processor busy, and one that has left the session. */
    private static final String SCRIPT = "setsid sh -c 'while :; do :; done' & exec sleep 1000";

    @TempDir
    Path directory;

    @Test
    void whatAProcessHasStartedCountsAsItsOwn() throws Exception {
        Process leader = new ProcessBuilder("setsid", "sh", "-c", SCRIPT).start();
        try {
            int pid = (int) leader.pid();
            Await.until("some time is used", () -> used(pid) > 100);

            assertThat(Objects.requireNonNull(Usage.of(Map.of(pid, "web.1")).get(pid))
                            .bytes())
                    .isGreaterThan(100_000);
        } finally {
            leader.descendants().forEach(ProcessHandle::destroyForcibly);
            leader.destroyForcibly().waitFor();
        }
    }

    private static long used(int pid) {
        Usage usage = Usage.of(Map.of(pid, "web.1")).get(pid);
        return usage == null ? 0 : usage.millis();
    }

    @Test
    void whoIsGoneUsesNothing() {
        assertThat(Usage.of(Map.of(Integer.MAX_VALUE, "web.1"))).isEmpty();
    }

    /** A tree as the kernel has it; the numbers are those of proc_pid_stat(5), with a name that has blanks in it. */
    private void process(int pid, int parent, int session, String group) throws IOException {
        Path process = Files.createDirectories(directory.resolve("proc/" + pid));
        Files.writeString(
                process.resolve("stat"),
                pid + " (a ) b) S " + parent + " 1 " + session
                        + " 0 -1 0 0 0 0 0 10 20 3 4 20 0 1 0 5 1000 25 18446744073709551615\n");
        Files.writeString(process.resolve("cgroup"), "0::" + group + "\n");
    }

    @Test
    void aCgroupOfItsOwnSaysItBetter() throws Exception {
        process(7, 1, 7, "/bellhop.slice/web.3");
        process(8, 7, 8, "/bellhop.slice/web.3");
        process(9, 1, 9, "/user");
        Path group = Files.createDirectories(directory.resolve("cgroup/bellhop.slice/web.3"));
        Files.writeString(group.resolve("memory.current"), "123456\n");
        Files.writeString(group.resolve("cpu.stat"), "usage_usec 5000000\nuser_usec 1\n");
        Map<Integer, String> leaders = Map.of(7, "web.3", 9, "other.4");

        Map<Integer, Usage> used = Usage.of(leaders, directory.resolve("proc"), directory.resolve("cgroup"));

        assertThat(used).containsEntry(7, new Usage(123_456, 5_000)).containsEntry(9, new Usage(25 * 4096, 370));
    }

    @Test
    void withoutOneTheProcessesAreAddedUp() throws Exception {
        process(7, 1, 7, "/user");
        process(8, 7, 8, "/user");
        process(9, 8, 8, "/user");

        Map<Integer, Usage> used = Usage.of(Map.of(7, "web.3"), directory.resolve("proc"), directory);

        assertThat(Objects.requireNonNull(used.get(7))).isEqualTo(new Usage(3 * 25 * 4096, 3 * 370));
    }
}
