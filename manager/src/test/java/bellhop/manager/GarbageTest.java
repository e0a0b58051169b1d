package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import bellhop.control.Dialog;
import bellhop.control.ReplyFifo;
import bellhop.control.SocketClients;
import bellhop.linux.Fd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that whatever comes in by the socket and the FIFO, the manager goes on answering and changes nothing. */
@Timeout(120)
class GarbageTest {

    private static final long SEED = 20261123;

    private static ManagerProcess manager;
    private static int pid;

    @BeforeAll
    static void start() throws Exception {
        manager = new ManagerProcess();
        manager.script("web", "run", "echo hello", "exec sleep 1000").start();
        manager.ask("start", "web").succeeds();
        pid = manager.pid("web");
    }

    @AfterEach
    void everythingStillAnswers() throws Exception {
        assertThat(manager.pid("web")).isEqualTo(pid);
        assertThat(manager.run("bh-status", "web")).isEqualTo(new Outcome(0, "started\n", ""));
        assertThat(manager.run("bh", "status", "web")).isEqualTo(new Outcome(0, "started\n", ""));
        assertThat(manager.processes()).hasSize(1);
    }

    @AfterAll
    static void close() throws Exception {
        manager.close();
    }

    @Test
    void randomBytesOverTheSocket() throws Exception {
        Random random = new Random(SEED);
        for (int i = 0; i < 100; i++) {
            byte[] bytes = new byte[random.nextInt(20_000)];
            random.nextBytes(bytes);
            try (Dialog dialog = new Dialog(manager.runDir().socket())) {
                dialog.send(bytes);
            } catch (IOException e) {
                // It had enough of it.
            }
        }
    }

    @Test
    void randomBytesOverTheFifo() throws Exception {
        Random random = new Random(SEED);
        for (int i = 0; i < 100; i++) {
            byte[] bytes = new byte[random.nextInt(5_000)];
            random.nextBytes(bytes);
            ReplyFifo.write(manager.runDir(), bytes);
        }
        assertThat(manager.awaitLine("control: ignored")).contains("lines that name no usable reply FIFO");
    }

    @Test
    void halfLines() throws Exception {
        try (Dialog half = new Dialog(manager.runDir().socket())) {
            half.send("[\"sta");
            try (Dialog left = new Dialog(manager.runDir().socket())) {
                left.send("[\"stop\",\"web\"]"); // without the newline it is no request
            }
            assertThat(manager.ask("status", "web").status()).isZero();
            assertThat(half.ask("tus\",\"web\"]")).isEqualTo("o started\nx 0\n");
        }
        ReplyFifo.write(manager.runDir(), "\n1 stop web"); // the end never comes, but the next client's newline does
        try (ReplyFifo reply = new ReplyFifo(manager.runDir(), "halfline")) {
            assertThat(reply.ask("status web")).isEqualTo("a\no started\nx 0\n");
        }
    }

    @Test
    void linesThatAreTooLong() throws Exception {
        String tooLong = "a".repeat(1 << 20);
        try (Dialog dialog = new Dialog(manager.runDir().socket())) {
            assertThat(dialog.ask(tooLong)).isEqualTo("e bh: the request is longer than 65536 bytes\nx 64\n");
            assertThat(dialog.ask("status web")).isEqualTo("o started\nx 0\n");
        }
        try (ReplyFifo reply = new ReplyFifo(manager.runDir(), "longline")) {
            ReplyFifo.write(manager.runDir(), "\nlongline status " + tooLong + "\n");
            assertThat(reply.answer()).isEqualTo("a\ne bh: the request is longer than 4000 bytes\nx 64\n");
        }
        assertThat(manager.ask("a".repeat(60_000)).err().lines().findFirst())
                .contains("bh: unknown verb \"" + "a".repeat(80) + "…\"");
        String[] names = new String[2_000];
        java.util.Arrays.setAll(names, i -> i == 0 ? "status" : "web");
        assertThat(manager.ask(names).out()).hasLineCount(2_000);
    }

    @Test
    void whatIsNoRequest() throws Exception {
        String usage = "e usage: bh [-h] [--version] [--rundir=DIR] VERB\nx 64\n";
        try (Dialog dialog = new Dialog(manager.runDir().socket())) {
            assertThat(dialog.ask("[\"status\""))
                    .startsWith("e bh: ")
                    .endsWith("\nx 64\n")
                    .hasLineCount(2);
            assertThat(dialog.ask("[1]"))
                    .startsWith("e bh: ")
                    .endsWith("\nx 64\n")
                    .hasLineCount(2);
            assertThat(dialog.ask("[\"\\u0000\"]"))
                    .startsWith("e bh: ")
                    .endsWith("\nx 64\n")
                    .hasLineCount(2);
            assertThat(dialog.ask("[]")).isEqualTo("e bh: a verb is missing\n" + usage);
            assertThat(dialog.ask("[\"\"]")).isEqualTo("e bh: unknown verb \"\"\n" + usage);
            assertThat(dialog.ask("\u0001\u001b[31m")).isEqualTo("e bh: unknown verb \"\\x01\\x1b[31m\"\n" + usage);
            assertThat(dialog.ask("status web")).isEqualTo("o started\nx 0\n");
        }
    }

    @Test
    void fiveHundredIdleConnections() throws Exception {
        Process idle = SocketClients.start(manager.runDir().socket(), 500);
        Process half = SocketClients.start(manager.runDir().socket(), 50, "[\"status\",");
        try {
            everythingStillAnswers();
        } finally {
            idle.getOutputStream().close();
            half.getOutputStream().close();
            idle.waitFor();
            half.waitFor();
        }
    }

    /** The name of a reply FIFO comes from whoever writes: nothing but a FIFO in {@code reply/} is opened. */
    @Test
    void repliesThatAreNoFifoInTheirPlace() throws Exception {
        Path file = Files.writeString(manager.runDir().reply().resolve("file"), "kept");
        Path secret = Files.writeString(manager.root().resolve("secret"), "kept");
        Files.createSymbolicLink(manager.runDir().reply().resolve("link"), secret);
        Files.createDirectory(manager.runDir().reply().resolve("directory"));
        List<String> requests = new ArrayList<>();
        for (String reply : new String[] {
            "file", "link", "directory", "none", "../secret", "..", ".", "/dev/tty", "-", "", "a/b", secret.toString()
        }) {
            requests.add("\n" + reply + " stop web\n");
        }
        ReplyFifo.write(manager.runDir(), String.join("", requests));
        try (ReplyFifo after = new ReplyFifo(manager.runDir(), "after")) {
            assertThat(after.ask("status web")).isEqualTo("a\no started\nx 0\n");
        }
        assertThat(file).hasContent("kept");
        assertThat(secret).hasContent("kept");
    }

    /** Who opens a FIFO and does not read, or goes, keeps nobody waiting. */
    @Test
    void repliesThatNobodyReads() throws Exception {
        Path nobody = manager.runDir().reply().resolve("nobody");
        Fd.mkfifo(nobody, 0600);
        ReplyFifo.write(manager.runDir(), "\nnobody status\n");
        List<ReplyFifo> silent = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            silent.add(new ReplyFifo(manager.runDir(), "silent" + i).send("logs -n 1000 web"));
        }
        everythingStillAnswers();
        for (ReplyFifo reply : silent) {
            reply.close();
        }
        assertThat(nobody).doesNotExist();
        ReplyFifo.write(manager.runDir(), "\nnobody status\n".getBytes(StandardCharsets.UTF_8));
    }
}
