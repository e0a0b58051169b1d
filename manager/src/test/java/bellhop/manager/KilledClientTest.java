package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Execution;
import bellhop.Outcome;
import bellhop.linux.Fd;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies what becomes of a request whose client is killed before the answer, and of one who follows a log. */
@Timeout(120)
class KilledClientTest {

    private ManagerProcess manager;
    private Path gate;
    private Path lines;

    @BeforeEach
    void start() throws Exception {
        manager = new ManagerProcess();
        gate = manager.root().resolve("gate");
        lines = manager.root().resolve("lines");
        Fd.mkfifo(gate, 0600);
        Fd.mkfifo(lines, 0600);
        manager.script("slow", "pre", "read -r _ <" + gate)
                .script("slow", "run", "exec sleep 1000")
                .script("slowly", "run", "exec sleep 1000")
                .script("slowly", "post", "read -r _ <" + gate)
                .script("echo", "run", "exec <>" + lines, "while read -r line; do echo \"$line\"; done")
                .script("mute", "run", "exec sleep 1000")
                .start();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private void openGate() throws IOException {
        write(gate, "open\n");
    }

    private static void write(Path fifo, String text) throws IOException {
        int fd = Fd.open(fifo, Fd.O_WRONLY, 0);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Fd.write(fd, ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        Fd.close(fd);
    }

    private static void kill(Execution program) throws Exception {
        program.process().destroyForcibly().waitFor();
    }

    private Execution ask(String client, String verb, String service) throws IOException {
        return client.equals("bh") ? manager.program("bh", verb, service) : manager.program("bh-" + verb, service);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bh", "shell"})
    void aRequireThatWasKilledLeavesNoHold(String client) throws Exception {
        Execution require = ask(client, "require", "slow");
        manager.awaitLine("slow starting");
        Path holds = manager.runDir().path().resolve("slow/require");
        manager.awaitText(holds, "1");

        kill(require);

        manager.awaitLine("slow stopped");
        assertThat(holds).hasContent("0");
        assertThat(manager.ask("status", "slow")).isEqualTo(new Outcome(3, "stopped\n", ""));
        assertThat(manager.processes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bh", "shell"})
    void aStartThatWasKilledLeavesThePin(String client) throws Exception {
        Execution start = ask(client, "start", "slow");
        manager.awaitLine("slow starting");
        kill(start);
        openGate();
        manager.awaitLine("slow started");
        assertThat(manager.status("slow").path("wantedBy"))
                .map(JsonNode::asText)
                .containsExactly("start");
        assertThat(manager.ask("release", "slow").status()).isEqualTo(1);
        manager.ask("stop", "slow").succeeds();
    }

    @Test
    void aStopThatWasKilledGoesOn() throws Exception {
        manager.ask("start", "slowly").succeeds();
        Execution stop = ask("shell", "stop", "slowly");
        manager.awaitLine("slowly stopping");
        kill(stop);
        openGate();
        manager.awaitLine("slowly stopped");
    }

    @Test
    void aReleaseThatWasKilledIsARelease() throws Exception {
        manager.ask("require", "slowly").succeeds();
        Execution release = ask("shell", "release", "slowly");
        manager.awaitLine("slowly stopping");
        kill(release);
        openGate();
        manager.awaitLine("slowly stopped");
        assertThat(manager.runDir().path().resolve("slowly/require")).hasContent("0");
    }

    @Test
    void whoFollowsALogGetsWhatIsWrittenUntilHeIsKilled() throws Exception {
        manager.ask("start", "echo").succeeds();
        write(lines, "one\ntwo\nthree\n");
        manager.awaitText(manager.log("echo"), " three\n");
        long before = descriptors();
        List<Execution> followers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            followers.add(manager.program("bh", "logs", "-f", "-n", "2", "echo"));
        }
        for (Execution follower : followers) {
            manager.awaitText(follower.out(), " three\n");
        }
        write(lines, "four\n");
        for (Execution follower : followers) {
            manager.awaitText(follower.out(), " four\n");
            assertThat(Files.readAllLines(follower.out()))
                    .map(line -> line.replaceFirst("^\\S+Z ", ""))
                    .containsExactly("two", "three", "four");
            kill(follower);
        }

        Await.until("the manager has closed the followers' descriptors", () -> descriptors() <= before);
        write(lines, IntStream.range(0, 1000).mapToObj(i -> "line " + i + "\n").reduce("", String::concat));
        manager.awaitText(manager.log("echo"), " line 999\n");
        assertThat(manager.ask("logs", "-n", "1", "echo").succeeds().out()).endsWith(" line 999\n");
        assertThat(manager.ask("logs", "echo").succeeds().out()).hasLineCount(10);
    }

    private long descriptors() throws IOException {
        try (Stream<Path> fds = Files.list(Path.of("/proc/" + manager.process().pid() + "/fd"))) {
            return fds.count();
        }
    }

    @Test
    void aServiceThatHasWrittenNothingHasAnEmptyLog() throws Exception {
        assertThat(manager.ask("logs", "mute")).isEqualTo(new Outcome(0, "", ""));
        manager.ask("start", "mute").succeeds();
        assertThat(manager.run("bh", "logs", "mute")).isEqualTo(new Outcome(0, "", ""));
    }
}
