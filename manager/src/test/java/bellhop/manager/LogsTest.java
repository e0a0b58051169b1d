package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Execution;
import bellhop.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies what {@code bh logs} shows of a manager that runs. */
@Timeout(120)
class LogsTest {
    private static final Pattern JSON = Pattern.compile(
            "\\{\"time\":\"[0-9-]{10}T[0-9:.]{12}Z\",\"service\":(\"[^\"]+\"|null),\"line\":\"(\\\\.|[^\"\\\\])*\"}");

    private ManagerProcess manager;
    private @Nullable Execution follower;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        if (follower != null) {
            follower.process().destroyForcibly().waitFor();
        }
        manager.close();
    }

    /** Services that say a word each time a file appears, one after the other. */
    private void twoServices() throws Exception {
        for (String name : List.of("db", "web")) {
            manager.script(
                    name,
                    "run",
                    "for i in 1 2 3; do",
                    "  while ! [ -e ../../" + name + ".$i ]; do sleep 0.05; done",
                    "  echo " + name + " says $i",
                    "done",
                    "exec sleep 1000");
        }
        manager.start();
        manager.ask("start", "db", "web").succeeds();
        for (int i = 1; i <= 3; i++) {
            say("db", i);
            say("web", i);
        }
    }

    private void say(String name, int i) throws Exception {
        Files.createFile(manager.root().resolve(name + "." + i));
        manager.awaitText(manager.log(name), name + " says " + i);
    }

    private static List<String> withoutTimes(Outcome outcome) {
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.status()).isZero();
        return outcome.out()
                .lines()
                .map(line -> line.replaceFirst("[0-9-]{10}T[0-9:.]{12}Z ", ""))
                .toList();
    }

    private List<String> logs(String... words) throws Exception {
        String[] all = new String[words.length + 2];
        all[0] = "bh";
        all[1] = "logs";
        System.arraycopy(words, 0, all, 2, words.length);
        return withoutTimes(manager.run(all));
    }

    @Test
    void severalServicesAreMergedByTimeAndConditionsSelectLines() throws Exception {
        twoServices();

        assertThat(logs("db", "web"))
                .containsExactly(
                        "db  | db says 1",
                        "web | web says 1",
                        "db  | db says 2",
                        "web | web says 2",
                        "db  | db says 3",
                        "web | web says 3");
        assertThat(logs("*", "-n", "1")).containsExactly("web | web says 3");
        assertThat(logs("[d]b", "--grep", "says [13]$")).containsExactly("db | db says 1", "db | db says 3");
        assertThat(logs("web", "--since", "1h", "--until", "0s", "-n", "2"))
                .containsExactly("web says 2", "web says 3");
        assertThat(logs("web", "--since", "0s")).isEmpty();
        assertThat(manager.run("bh", "logs", "--json", "db", "web").out().lines())
                .hasSize(6)
                .allMatch(JSON.asMatchPredicate());
    }

    @Test
    void oneServiceIsPrintedAsItIs() throws Exception {
        twoServices();
        String log = Files.readString(manager.log("web"));

        assertThat(manager.run("bh", "logs", "web")).isEqualTo(new Outcome(0, log, ""));
        assertThat(manager.ask("logs", "web")).isEqualTo(new Outcome(0, log, ""));
        assertThat(manager.run("bh", "logs", "web", "-n", "0")).isEqualTo(new Outcome(0, "", ""));
    }

    @Test
    void rotatedFilesAreReadTheOldestFirst() throws Exception {
        twoServices();
        Path current = manager.log("web");
        Files.writeString(current.resolveSibling("current.2"), "2020-01-02T03:04:05.678Z old\n");
        Files.writeString(current.resolveSibling("current.1"), "2021-01-02T03:04:05.678Z younger\n");

        assertThat(logs("web", "--since", "2000-01-01"))
                .containsExactly("old", "younger", "web says 1", "web says 2", "web says 3");
        assertThat(logs("web", "--until", "2020-12-31")).containsExactly("old");
    }

    @Test
    void othersDoNotWaitWhileALongLogIsSearched() throws Exception {
        twoServices();
        try (RandomAccessFile huge = new RandomAccessFile(
                manager.log("web").resolveSibling("current.1").toFile(), "rw")) {
            huge.setLength(1L << 40); // has no line in it, and no block on the disk
        }
        follower = manager.program("bh", "logs", "-n", "1000000000", "db", "web");
        Await.until("the log is being searched", this::isReadingLogs);

        manager.ask("status", "web").succeeds();
        assertThat(isReadingLogs()).isTrue();
    }

    private boolean isReadingLogs() throws IOException {
        Path tasks = Path.of("/proc/" + manager.manager().pid() + "/task");
        try (Stream<Path> threads = Files.list(tasks)) {
            return threads.anyMatch(LogsTest::isReadingMuch);
        }
    }

    /** Whether it has used so much time that it is not one of those which read a few lines. */
    private static boolean isReadingMuch(Path thread) {
        try {
            String[] stat = Files.readString(thread.resolve("stat")).split(" ", -1);
            return stat[1].equals("(bellhop-logs)") && Long.parseLong(stat[13]) + Long.parseLong(stat[14]) > 20;
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    @Test
    void withoutANameTheManagerIsShown() throws Exception {
        twoServices();
        manager.awaitLine("web started");
        manager.awaitText(manager.log(".manager"), "web started");

        assertThat(logs()).last().asString().startsWith("web started (pid ");
        assertThat(logs("--grep", "^db started")).hasSize(1);
        assertThat(manager.run("bh", "logs", "--json", "-n", "1").out())
                .contains("\"service\":null,\"line\":\"web started (pid ");
    }

    @Test
    void whatIsKeptOfTheManagerIsWhatItSaid() throws Exception {
        twoServices();
        manager.stop();

        String time = "(?m)^[0-9-]{10}T[0-9:.]{12}Z ";
        assertThat(Files.readString(manager.log(".manager")).replaceAll(time, ""))
                .isEqualTo(manager.said().replaceAll("(?m)^[0-9:]{8} ", "") + "\n");
    }

    @Test
    void servicesAreFollowedOverRestartsAndSoAreThoseThatAppearLater() throws Exception {
        twoServices();
        Execution program = manager.program("bh", "logs", "-f", "-n", "1", "*");
        follower = program;
        manager.awaitText(program.out(), "web says 3");
        manager.script("later", "run", "echo later says 1", "exec sleep 1000");
        manager.ask("start", "later").succeeds();
        manager.awaitText(program.out(), "later says 1");
        manager.ask("restart", "db").succeeds();
        manager.awaitText(program.out(), "db says 3"); // its files are there: it says all at once

        assertThat(Files.readString(program.out())
                        .lines()
                        .map(line -> line.replaceFirst("[0-9-]{10}T[0-9:.]{12}Z ", "")))
                .containsExactly(
                        "web | web says 3",
                        "later | later says 1",
                        "db    | db says 1",
                        "db    | db says 2",
                        "db    | db says 3");
    }

    @Test
    void whatIsNotThereOrNotUnderstoodIsSaid() throws Exception {
        twoServices();

        assertThat(manager.run("bh", "logs", "x*")).isEqualTo(Outcome.failed("bh-logs: no service matches x*"));
        assertThat(manager.run("bh", "logs", "web", "gone").status()).isEqualTo(1);
        assertThat(manager.run("bh", "logs", "--grep", "(", "web").status()).isEqualTo(64);
        assertThat(manager.run("bh", "logs", "--since", "x", "web").err())
                .startsWith("bh-logs: --since: \"x\"; expected 10m, ")
                .hasLineCount(1);
        assertThat(manager.ask("logs", "web", "db").err())
                .isEqualTo("bh-logs: several services and conditions are answered to the program bh only\n");
    }
}
