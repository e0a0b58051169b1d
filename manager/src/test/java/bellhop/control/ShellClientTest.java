package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Verifies that the shell clients, under the shells of simple systems, get their answer or learn that
 * there will be none, whatever happens to the manager, and never hang.
 */
@Timeout(120)
class ShellClientTest {

    private static final Path SCRIPT = Path.of("..", "dist", "src", "main", "bin", "bh-start");
    private static final String ENDED = "the manager has ended";
    private static final String WENT_AWAY = "the manager went away before it answered; ask again";

    @TempDir
    Path directory;

    private Path bin;
    private RunDir runDir;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void putScriptsInPlace() throws IOException {
        bin = Files.createDirectory(directory.resolve("bin"));
        for (String verb : List.of("start", "status", "stopall")) {
            Files.copy(SCRIPT, bin.resolve("bh-" + verb));
        }
        runDir = new RunDir(Files.createDirectory(directory.resolve("run")));
    }

    @AfterEach
    void killWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    private Process launch(String shell, String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(Arrays.asList(shell.split(" ", -1)));
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":", -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, command.getFirst()))),
                "SKIPPED: there is no " + command.getFirst() + " here");
        command.add(bin.resolve(program).toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("BELLHOP_RUNDIR", runDir.path().toString());
        builder.environment().remove("BELLHOP_SERVICE");
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static Outcome end(Process process) throws Exception {
        assertThat(process.waitFor(TestManager.LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("ends within %s s", TestManager.LIMIT_SECONDS)
                .isTrue();
        return new Outcome(
                process.exitValue(),
                String.join("\n", process.inputReader().readAllLines()),
                String.join("\n", process.errorReader().readAllLines()));
    }

    private static void answer(List<String> words, Client client) {
        client.out("you said: " + words);
        client.err("and it  failed");
        client.exit(words.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "busybox sh"})
    void linesAndExitStatusComeThrough(String shell) throws Exception {
        try (TestManager manager = new TestManager(runDir.path());
                ControlFifo _ = ControlFifo.open(manager.loop, runDir, Access.ofOwner(), ShellClientTest::answer)) {
            assertThat(end(launch(shell, "bh-start", "sshd", "getty@ttyS0")))
                    .isEqualTo(new Outcome(3, "you said: [start, sshd, getty@ttyS0]", "and it  failed"));
            try (var left = Files.list(runDir.reply())) {
                assertThat(left).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "busybox sh"})
    void manyAtOnceAreAllAnswered(String shell) throws Exception {
        try (TestManager manager = new TestManager(runDir.path());
                ControlFifo _ = ControlFifo.open(manager.loop, runDir, Access.ofOwner(), ShellClientTest::answer)) {
            List<Process> clients = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                clients.add(launch(shell, "bh-status", "s" + i));
            }
            for (int i = 0; i < 60; i++) {
                assertThat(end(clients.get(i)))
                        .isEqualTo(new Outcome(2, "you said: [status, s" + i + "]", "and it  failed"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "busybox sh"})
    void withoutAManagerItIsSaidAtOnce(String shell) throws Exception {
        Outcome outcome = end(launch(shell, "bh-start", "sshd"));
        assertThat(outcome.status()).isEqualTo(69);
        assertThat(outcome.err())
                .contains("no manager is running")
                .contains("bh run")
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "busybox sh"})
    void aManagerKilledMeanwhileReleasesAllWhoWait(String shell) throws Exception {
        List<Process> clients = new ArrayList<>();
        try (SeparateManager manager = SeparateManager.start(runDir.path())) {
            for (int i = 0; i < 10; i++) {
                clients.add(launchWaiting(shell));
                manager.expect("wait me");
            }
            manager.kill();
        }
        for (Process client : clients) {
            assertIsTold(WENT_AWAY, client);
        }
        assertIsTold(ENDED, launchWaiting(shell)); // what it left on disk is there for this one
    }

    private static void assertIsTold(String what, Process client) throws Exception {
        Outcome outcome = end(client);
        assertThat(outcome.status()).isEqualTo(69);
        assertThat(outcome.err()).contains(what).doesNotContain("\n");
    }

    /** There is no program for the test's verb {@code wait}: the script takes its verb from its name. */
    private Process launchWaiting(String shell) throws IOException {
        Path script = bin.resolve("bh-wait");
        if (!Files.exists(script)) {
            Files.writeString(
                    script, Files.readString(SCRIPT).replace("    start) names=", "    start | wait) names="));
        }
        return launch(shell, "bh-wait", "me");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "busybox sh"})
    void aKilledClientIsNoticedAndLeavesNothing(String shell) throws Exception {
        try (TestManager manager = new TestManager(runDir.path());
                ControlFifo _ = manager.openFifo()) {
            Process client = launchWaiting(shell);
            TestManager.next(manager.waiting).out("heard");
            assertThat(client.inputReader().readLine()).isEqualTo("heard");
            List<ProcessHandle> descendants = client.descendants().toList();
            client.destroyForcibly().waitFor();
            assertThat(TestManager.next(manager.gone)).isEqualTo("me");
            manager.settle();
            try (var left = Files.list(runDir.reply())) {
                assertThat(left).isEmpty();
            }
            assertThat(descendants).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "busybox sh"})
    void managersThatComeAndGoLeaveNobodyHanging(String shell) throws Exception {
        // Where control goes between two looks at it, the script leaves the answer to bh.
        Path bh = Files.writeString(bin.resolve("bh"), "#!/bin/sh\nexit 69\n");
        Files.setPosixFilePermissions(bh, PosixFilePermissions.fromString("rwxr-xr-x"));
        Random random = new Random(45);
        List<Process> clients = new ArrayList<>();
        for (int round = 0; round < 12; round++) {
            try (TestManager manager = new TestManager(runDir.path());
                    ControlFifo _ = manager.openFifo()) {
                for (int i = 0; i < 8; i++) {
                    clients.add(random.nextBoolean() ? launchWaiting(shell) : launch(shell, "bh-start", "a"));
                }
                for (int i = random.nextInt(6); i > 0; i--) {
                    TestManager.next(manager.handled);
                }
            }
        }
        for (Process client : clients) {
            assertThat(end(client).status()).isIn(64, 69);
        }
    }
}
