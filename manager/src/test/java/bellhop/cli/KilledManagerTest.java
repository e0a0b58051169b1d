package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.linux.Proc;
import bellhop.linux.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        while (isAlive(pid)) {
            Thread.onSpinWait();
        }
    }

    private static boolean isAlive(int pid) throws IOException {
        return Proc.task(pid).filter(task -> !task.isDead()).isPresent();
    }

    private Outcome stillRuns(String services) {
        return Outcome.failed(
                "bh-run: " + runDir() + ": a manager was killed here, and these services of its still run: " + services
                        + "; end these processes first");
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
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .sorted()
                    .toList();
        }
    }

    @Test
    void servicesThatOutliveTheirManagerAreNamedAndNotStartedAgain() throws Exception {
        manager.start().ask("start", "web", "db").succeeds();
        int web = manager.pid("web");
        int db = manager.pid("db");
        long last = Math.max(value("web", "incarnation"), value("db", "incarnation"));
        manager.kill();

        Outcome refused = manager.refuses();
        List<Proc.Task> running = manager.processes();
        assertThat(running).hasSize(3);
        int sleep = running.stream()
                .mapToInt(Proc.Task::pid)
                .filter(pid -> pid != web && pid != db)
                .findFirst()
                .orElseThrow();
        String ofDb = Math.min(db, sleep) + " " + Math.max(db, sleep);
        assertThat(refused).isEqualTo(stillRuns("db (pid " + ofDb + "), web (pid " + web + ")"));

        end(db);
        end(web);
        assertThat(manager.refuses()).isEqualTo(stillRuns("db (pid " + sleep + ")"));
        end(sleep);

        manager.start();
        assertThat(manager.ask("status").out()).hasLineCount(1);
        assertThat(runDir().resolve("db")).doesNotExist();
        manager.ask("start", "web").succeeds();
        assertThat(value("web", "incarnation")).isGreaterThan(last);
        assertThat(manager.processes()).hasSize(1);
    }

    /** Killed between the spawn and its record, the manager leaves a child that only its environment tells of. */
    @Test
    void aChildThatIsOnNoRecordIsFoundByItsEnvironment() throws Exception {
        manager.start().ask("start", "web").succeeds();
        int web = manager.pid("web");
        manager.kill();
        Files.writeString(
                record("web"), Files.readString(record("web")).replaceAll("(?m)^(pid|start-time|boot-id) .*\\n", ""));

        assertThat(manager.refuses()).isEqualTo(stillRuns("web (pid " + web + ")"));
        Path link = Files.createSymbolicLink(manager.root().resolve("r"), manager.root());
        assertThat(manager.refuses("--rundir", link + "/run").err()).contains(": web (pid " + web + ");");
    }

    @Test
    void aServiceThatWipedItsEnvironmentIsFoundByItsNumber() throws Exception {
        manager.script("bare", "run", "exec env -i sleep 1000").start();
        manager.ask("start", "bare").succeeds();
        int bare = manager.pid("bare");
        while (Proc.environment(bare, "BELLHOP_SERVICE").isPresent()) {
            Thread.onSpinWait();
        }
        manager.kill();
        try {
            assertThat(manager.refuses()).isEqualTo(stillRuns("bare (pid " + bare + ")"));
        } finally {
            end(bare);
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
                record("web"),
                Files.readString(record("web")).replaceAll("(?m)^last-incarnation .*", "last-incarnation " + later));

        manager.start();
        manager.ask("start", "db").succeeds();
        assertThat(value("db", "incarnation")).isGreaterThan(later);
        manager.kill();
        end((int) value("db", "pid"));
        manager.endLeftovers();
        manager.start();
        manager.ask("start", "db").succeeds();
        assertThat(value("db", "last-incarnation")).isGreaterThan(later + 1);
    }

    @Test
    void aTornRecordIsNamedAndNothingIsTouched() throws Exception {
        manager.start().ask("start", "web").succeeds();
        int web = manager.pid("web");
        manager.kill();
        String whole = Files.readString(record("web"));
        Files.writeString(record("web"), whole.substring(0, whole.length() / 2));
        assertThat(manager.refuses())
                .isEqualTo(Outcome.failed("bh-run: " + record("web")
                        + ": not a record of this version: its end is missing; remove it once nothing of that service"
                        + " runs"));
        assertThat(isAlive(web)).isTrue();
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
