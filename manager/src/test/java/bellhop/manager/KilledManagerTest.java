package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Outcome;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Verifies that no second manager comes to a run dir in use, and that after one that was killed the next
 * starts no service a second time.
 */
@Timeout(120)
class KilledManagerTest {

    private static final String INCARNATION = "saved.service.state.life.incarnation";

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
        manager.script("web", "run", "exec sleep 1000").script("db", "run", "sleep 1000 & wait");
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path runDir() {
        return manager.runDir().path();
    }

    private Path record(String service) {
        return runDir().resolve(service).resolve("record");
    }

    private long value(String service, String key) throws IOException {
        return Files.readAllLines(record(service)).stream()
                .filter(line -> line.startsWith(key + " "))
                .mapToLong(line -> Long.parseLong(line.substring(key.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static void end(int pid) throws IOException {
        Signals.kill(pid, Signals.KILL);
        Await.until("process " + pid + " has ended", () -> !isAlive(pid));
    }

    private static boolean isAlive(int pid) throws IOException {
        return Proc.task(pid).filter(task -> !task.isDead()).isPresent();
    }

    @Test
    void aSecondManagerIsRefusedAndTheFirstUndisturbed() throws Exception {
        manager.start().ask("start", "web").succeeds();
        int pid = manager.pid("web");
        List<String> before = files();

        assertThat(manager.refuses())
                .isEqualTo(Outcome.failed("bh-run: " + runDir() + ": another manager runs in it; stop that one first,"
                        + " or choose another run dir with --rundir"));
        Path link = Files.createSymbolicLink(manager.root().resolve("r"), manager.root());
        assertThat(manager.refuses("--rundir", link + "/run").err()).contains("/r/run: another manager runs in it;");

        assertThat(files()).isEqualTo(before);
        assertThat(manager.pid("web")).isEqualTo(pid);
        assertThat(manager.run("bh-status", "web")).isEqualTo(new Outcome(0, "started\n", ""));
    }

    private List<String> files() throws IOException {
        try (var files = Files.walk(runDir())) {
            return files.map(file -> {
                        try {
                            return file + " " + Files.getAttribute(file, "unix:ino");
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .sorted()
                    .toList();
        }
    }

    private static long lastNumber(Path record) throws IOException {
        try (Stream<String> lines = Files.lines(record)) {
            return lines.filter(line -> line.startsWith("lastNumber "))
                    .mapToLong(line -> Long.parseLong(line.substring("lastNumber ".length())))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** A number that only a stopped service had is not given again, even if the clock was set back since. */
    @Test
    void incarnationsGoOnAfterAManagerWhoseServicesWereDown() throws Exception {
        manager.start().ask("start", "web").succeeds();
        manager.ask("stop", "web").succeeds();
        manager.kill();
        long later = 9_000_000_000L;
        Files.writeString(
                record("web"), Files.readString(record("web")).replaceAll("(?m)^lastNumber .*", "lastNumber " + later));

        manager.start();
        manager.ask("start", "db").succeeds();
        assertThat(value("db", INCARNATION)).isGreaterThan(later);
        manager.kill();
        end((int) value("db", "process.pid"));
        manager.endLeftovers();
        manager.start();
        manager.await("db is launched again", () -> lastNumber(record("db")) > later + 1);
    }

    /** What is not a manager's is left alone, whatever folder is taken for a run dir. */
    @Test
    void directoriesOfOthersStay() throws Exception {
        Path other = Files.createDirectories(runDir().resolve("other"));
        Files.setAttribute(runDir(), "unix:mode", 0700);
        Path file = Files.writeString(other.resolve("file"), "mine");
        manager.start().ask("start", "web").succeeds();
        manager.stop();
        assertThat(file).hasContent("mine");
        try (var files = Files.list(runDir())) {
            assertThat(files).containsExactly(other);
        }
    }
}
