package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Execution;
import bellhop.Outcome;
import bellhop.ServiceWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that escort keeps a program running until connect asks, alone, and that connect does the same to a service. */
@Timeout(180)
class EscortIT {

    /** Known by this, all that an escort of these tests has started is found. */
    private static final String MARK = "BELLHOP_TEST_ESCORT";

    private static final int LIMIT_SECONDS = 60;

    @TempDir
    private Path folder;

    @TempDir
    private Path printed;

    private Path socket;

    @BeforeEach
    void names() {
        socket = folder.resolve("socket");
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        for (Processes.Entry process : ours()) {
            ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void aProgramRunsUntilSomebodyConnects() throws Exception {
        assertThat(run("escort", socket.toString(), "sleep", "1000")).isEqualTo(new Outcome(0, "", ""));
        assertThat(ours()).extracting(Processes.Entry::name).containsExactlyInAnyOrder("java", "sleep");
        assertThat(socket).exists();

        assertThat(run("connect", socket.toString())).isEqualTo(new Outcome(0, "", ""));

        assertThat(ours()).extracting(Processes.Entry::name).doesNotContain("sleep");
        awaitNone();
        assertThat(folder).isEmptyDirectory();
        Outcome again = run("connect", socket.toString());
        assertThat(again.status()).isOne();
        assertThat(again.said()).startsWith("connect: " + socket).hasLineCount(1);
    }

    @Test
    void aProgramThatDiesIsRestartedTenSecondsAfterItsLaunch() throws Exception {
        List<Double> launches = new ArrayList<>();
        try (BufferedReader times = fifo("times")) {
            Outcome start = run(
                    "escort", socket.toString(), script("date +%s.%N >'" + folder.resolve("times") + "'", "exit 1"));
            assertThat(start.status()).isZero();
            launches.add(Double.valueOf(times.readLine()));
            launches.add(Double.valueOf(times.readLine()));
        }

        assertThat(launches.get(1) - launches.get(0)).isBetween(9.8, 20.0);
        assertThat(run("connect", socket.toString()).status()).isZero();
    }

    @Test
    void whatCannotBeRunIsSaidAndLeavesNothing() throws Exception {
        Outcome ending = run("escort", socket.toString(), "/nonexistent/program");

        assertThat(ending.status()).isOne();
        assertThat(ending.said())
                .startsWith("escort: ")
                .contains("/nonexistent/program", "No such file or directory")
                .hasLineCount(1);
        awaitNone();
        assertThat(socket).doesNotExist();
    }

    @Test
    void aSecondEscortIsRefusedAndASocketLeftBehindIsNoObstacle() throws Exception {
        assertThat(run("escort", socket.toString(), "sleep", "1000").status()).isZero();
        Outcome second = run("escort", socket.toString(), "sleep", "2000");
        assertThat(second.status()).isOne();
        assertThat(second.said()).startsWith("escort: " + socket).hasLineCount(1);

        for (Processes.Entry process : ours()) {
            ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
        awaitNone();
        assertThat(socket).exists();

        assertThat(run("escort", socket.toString(), "sleep", "1000").status()).isZero();
        assertThat(run("connect", socket.toString()).status()).isZero();
        awaitNone();
    }

    @Test
    void aProgramThatIgnoresTermIsKilledAfterTheGracePeriod() throws Exception {
        try (BufferedReader ready = fifo("ready")) {
            String program = script(
                    "trap '' TERM", "echo ready >'" + folder.resolve("ready") + "'", "while :; do sleep 1; done");
            assertThat(run("escort", socket.toString(), program).status()).isZero();
            assertThat(ready.readLine()).isEqualTo("ready");
        }

        Instant before = Instant.now();
        assertThat(run("connect", socket.toString()).status()).isZero();

        assertThat(Duration.between(before, Instant.now())).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(40));
        awaitNone();
    }

    @Test
    void connectStopsAServiceThatOffersASocket() throws Exception {
        try (ImageManager manager = new ImageManager()
                .script("clock", "run", "exec sleep 1000")
                .yaml("clock", "control_socket: true")
                .start()) {
            manager.run("bh-start", "clock").succeeds();
            String offered = manager.root().resolve("run/clock/socket").toString();

            manager.run("connect", offered).succeeds();

            assertThat(manager.state("clock")).isEqualTo("stopped");
            assertThat(manager.processes("clock")).isEmpty();
            assertThat(Path.of(offered)).doesNotExist();
        }
    }

    private String script(String... lines) throws IOException {
        return ServiceWriter.write(folder.resolve("program"), true, ServiceWriter.shell(lines))
                .toString();
    }

    private List<Processes.Entry> ours() throws IOException {
        return Processes.withVariable(MARK, folder.toString());
    }

    /** The escort itself goes after it has answered. */
    private void awaitNone() throws Exception {
        for (Processes.Entry process : ours()) {
            Optional<ProcessHandle> handle = ProcessHandle.of(process.pid());
            if (handle.isPresent()) {
                handle.get().onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
        }
        assertThat(ours()).isEmpty();
    }

    /** What scripts write into it, as it comes. */
    private BufferedReader fifo(String name) throws IOException, InterruptedException {
        Path path = folder.resolve(name);
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                .isZero();
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
    }

    private Outcome run(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.addFirst(ImageManager.IMAGE.resolve("bin").resolve(program).toString());
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put(MARK, folder.toString());
        return new Execution(builder, printed).outcome();
    }
}
