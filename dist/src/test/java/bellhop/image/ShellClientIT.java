package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.ServiceWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Verifies that the shell clients carry words and lines as they are, and never wait for a manager that has ended. */
@Timeout(120)
class ShellClientIT {

    private static final Path CLIENTS =
            Path.of("target", "bellhop", "bin").toAbsolutePath().normalize();
    private static final int TRIES = 200;

    @TempDir
    private Path folder;

    static Stream<List<String>> shells() {
        return Stream.of(List.of("dash"), List.of("busybox", "sh"));
    }

    @ParameterizedTest
    @MethodSource("shells")
    void wordsAndTheCallerArriveInOneLine(List<String> shell) throws Exception {
        try (PlayedManager manager = new PlayedManager(folder)) {
            Process client = client(
                    shell,
                    Map.of("BELLHOP_SERVICE", "web@eth0", "BELLHOP_INCARNATION", "17"),
                    "bh-start",
                    "sshd",
                    "getty@ttyS0");

            String request = manager.request();
            PlayedManager.say(manager.answer(request), "a\nx 0\n");

            assertThat(request).isEqualTo(client.pid() + " --caller=web@eth0#17 start sshd getty@ttyS0");
            assertThat(ending(client)).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("shells")
    void linesKeepTheirBytes(List<String> shell) throws Exception {
        String bytes = new String(IntStream.range(1, 256).filter(b -> b != '\n').toArray(), 0, 254);
        try (PlayedManager manager = new PlayedManager(folder)) {
            Process client = client(shell, Map.of(), "bh-status");

            OutputStream answer = manager.answer(manager.request());
            PlayedManager.say(answer, "a\no " + bytes + "\no \no  a\\nb  \ne " + bytes + "\ne -n\nx 3\n");

            assertThat(ending(client)).isEqualTo(3);
            assertThat(written("out")).isEqualTo(bytes + "\n\n a\\nb  \n");
            assertThat(written("err")).isEqualTo(bytes + "\n-n\n");
        }
    }

    @ParameterizedTest
    @MethodSource("shells")
    void aManagerThatEndsAtAnyMomentIsNotWaitedFor(List<String> shell) throws Exception {
        Random random = new Random(69);
        for (int i = 0; i < TRIES; i++) {
            int moment = random.nextInt(7);
            PlayedManager manager = new PlayedManager(folder);
            if (moment == 0) {
                manager.close();
            }
            Process client = client(shell, Map.of(), "bh-status", "sshd");
            if (moment == 1) {
                LockSupport.parkNanos(random.nextLong(4_000_000));
            }
            if (moment >= 2) {
                String request = manager.request();
                if (moment >= 3) {
                    OutputStream answer = manager.answer(request);
                    PlayedManager.say(
                            answer,
                            List.of("", "a\n", "a\no half a li", "a\no up\nx 0\n")
                                    .get(moment - 3));
                }
            }
            manager.close();

            assertThat(ending(client)).as("after moment %d", moment).isEqualTo(moment == 6 ? 0 : 69);
            assertThat(written("out")).isIn(moment == 6 ? List.of("up\n") : List.of("", "half a li\n"));
            assertThat(written("err").lines()).hasSize(moment == 6 ? 0 : 1);
            assertThat(written("err"))
                    .contains(moment == 6 ? "" : moment < 4 ? "the manager has ended" : "went away before it answered");
            assertThat(folder.resolve("reply")).isEmptyDirectory();
        }
        assertThat(Processes.withVariable("BELLHOP_RUNDIR", folder.toString())).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("shells")
    void aClientThatIsStoppedBySignalTidiesUp(List<String> shell) throws Exception {
        try (PlayedManager manager = new PlayedManager(folder)) {
            Process waiting = client(shell, Map.of(), "bh-start", "slow");
            manager.request();

            waiting.destroy();

            assertThat(ending(waiting)).isEqualTo(128 + 15);
            assertThat(folder.resolve("reply")).isEmptyDirectory();
            assertThat(Processes.withVariable("BELLHOP_RUNDIR", folder.toString()))
                    .isEmpty();
        }
    }

    @Test
    void whatIsUnusualIsLeftToBh() throws Exception {
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Files.copy(CLIENTS.resolve("bh-start"), bin.resolve("bh-require"));
        ServiceWriter.write(
                bin.resolve("bh"), true, ServiceWriter.shell("for word; do echo \"<$word>\"; done", "exit 42"));

        for (List<String> words : List.of(
                List.of("--owner", "me", "sshd"),
                List.of("a b"),
                List.of(""),
                List.of("wlan\u00fc"),
                List.of("../x"),
                List.of("x".repeat(901)))) {
            List<String> commandLine =
                    new ArrayList<>(List.of(bin.resolve("bh-require").toString()));
            commandLine.addAll(words);
            Process client = start(commandLine, Map.of());

            assertThat(ending(client)).isEqualTo(42);
            assertThat(written("out"))
                    .isEqualTo(new String(
                            ("<require>\n<" + String.join(">\n<", words) + ">\n").getBytes(StandardCharsets.UTF_8),
                            StandardCharsets.ISO_8859_1));
        }
    }

    @ParameterizedTest
    @MethodSource("shells")
    void theNamesForCompletionAreAskedAsAnOperatorDoes(List<String> shell) throws Exception {
        try (PlayedManager manager = new PlayedManager(folder)) {
            Process client = client(
                    shell, Map.of("BELLHOP_SERVICE", "we b", "BELLHOP_INCARNATION", "17"), "bh-status", "--names");

            String request = manager.request();
            PlayedManager.say(manager.answer(request), "a\no web started\ne a problem\nx 0\n");

            assertThat(request).isEqualTo(client.pid() + " list --state");
            assertThat(ending(client)).isZero();
            assertThat(written("out")).isEqualTo("web started\n");
            assertThat(written("err")).isEmpty();
        }
    }

    @Test
    void theNamesForCompletionAreNothingWhereBhWouldBeNeeded() throws Exception {
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Files.copy(CLIENTS.resolve("bh-start"), bin.resolve("bh-status"));
        ServiceWriter.write(bin.resolve("bh"), true, ServiceWriter.shell("echo bh was executed"));
        Path run = folder.resolve("run");

        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(Files.createDirectory(run).resolve("control.sock")));
            for (Path asked : List.of(run, folder.resolve("nowhere"))) {
                Process client = start(
                        List.of(bin.resolve("bh-status").toString(), "--names"),
                        Map.of("BELLHOP_RUNDIR", asked.toString()));

                assertThat(ending(client)).isEqualTo(69);
                assertThat(written("out") + written("err")).isEmpty();
            }
        }
    }

    private Process client(List<String> shell, Map<String, String> environment, String... words) throws IOException {
        List<String> commandLine = new ArrayList<>(shell);
        commandLine.set(0, Programs.needed(shell.getFirst(), shell.getFirst()));
        commandLine.add(CLIENTS.resolve(words[0]).toString());
        commandLine.addAll(List.of(words).subList(1, words.length));
        return start(commandLine, environment);
    }

    private Process start(List<String> commandLine, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(commandLine)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("BELLHOP_"));
        builder.environment().put("BELLHOP_RUNDIR", folder.toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static int ending(Process client) throws InterruptedException {
        if (!client.waitFor(20, TimeUnit.SECONDS)) {
            client.destroyForcibly();
            throw new AssertionError("the client hangs");
        }
        return client.exitValue();
    }

    private String written(String stream) throws IOException {
        return Files.readString(folder.resolve(stream), StandardCharsets.ISO_8859_1);
    }
}
