package bellhop.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies the service {@code sshd} with a real OpenSSH server and a real login. */
@Timeout(120)
class SshdIT {

    private static final String USER = System.getProperty("user.name");
    private static final String LISTENING = "Server listening on 127.0.0.1 port";

    private ImageManager manager;
    private String ssh;
    private Path keys;
    private int port;

    @BeforeEach
    void makeAnSshdOfOurOwn() throws IOException, InterruptedException {
        Programs.needed("sshd", "openssh-server");
        ssh = Programs.needed("ssh", "openssh-client");
        String keygen = Programs.needed("ssh-keygen", "openssh-client");
        manager = new ImageManager();
        keys = Files.createDirectory(manager.root().resolve("keys"));
        for (String key : List.of("host", "user")) {
            manager.run(
                            keygen,
                            "-q",
                            "-t",
                            "ed25519",
                            "-N",
                            "",
                            "-f",
                            keys.resolve(key).toString())
                    .succeeds();
        }
        port = freePort();
        Path config = Files.writeString(
                keys.resolve("sshd_config"), """
                ListenAddress 127.0.0.1
                Port %d
                HostKey %s
                AuthorizedKeysFile %s
                StrictModes no
                UsePAM no
                PidFile none
                PermitRootLogin yes
                """.formatted(port, keys.resolve("host"), keys.resolve("user.pub")));
        manager.with("SSHD_CONFIG", config.toString()).withReadyMade("sshd").start();
    }

    @AfterEach
    void stopTheManager() throws IOException, InterruptedException {
        if (manager != null) {
            manager.close();
        }
    }

    @Test
    void startedByHandItGreetsOverTcp() throws IOException, InterruptedException {
        manager.run("bh-start", "sshd").succeeds();
        manager.awaitLog("sshd", 1, LISTENING);

        assertThat(banner()).startsWith("SSH-2.0-OpenSSH");
        assertThat(manager.state("sshd")).isEqualTo("started");
    }

    @Test
    void killedItIsBackOnceItsDelayIsOver() throws IOException, InterruptedException {
        manager.run("bh-start", "sshd").succeeds();
        manager.awaitLog("sshd", 1, LISTENING);
        long first = listener();

        long killed = System.nanoTime();
        ProcessHandle.of(first).orElseThrow().destroyForcibly();
        manager.awaitLog("sshd", 2, LISTENING);
        double seconds = (System.nanoTime() - killed) / 1e9;

        assertThat(banner()).startsWith("SSH-2.0-OpenSSH");
        assertThat(listener()).isNotEqualTo(first);
        assertThat(manager.state("sshd")).isEqualTo("started");
        assertThat(seconds)
                .as("seconds until it was back: what was left of 0.1 since its launch, and the start of an sshd")
                .isLessThan(5.0);
    }

    @Test
    void aStopLeavesTheLoginSessionAliveAndNothingElse() throws IOException, InterruptedException {
        Programs.neededThat(Programs.mayLogIn(USER), "the account of " + USER + " does not allow a login");
        manager.run("bh-start", "sshd").succeeds();
        manager.awaitLog("sshd", 1, LISTENING);
        long listener = listener();
        Process session = logIn("echo in; read -r word; echo \"still $word\"");
        try (BufferedReader screen = session.inputReader(StandardCharsets.UTF_8)) {
            assertThat(screen.readLine()).isEqualTo("in");

            manager.run("bh-stop", "sshd").succeeds();

            assertThat(manager.run("bh-status", "sshd").exits(3).out()).isEqualTo("stopped\n");
            assertThat(manager.run("bh-status").out()).containsPattern("sshd +stopped .* left alive");
            assertThatThrownBy(this::banner).isInstanceOf(ConnectException.class);
            assertThat(Processes.all())
                    .as("the listener and its group are gone")
                    .noneMatch(process -> process.group() == listener);
            assertThat(manager.children())
                    .as("what is left is the session")
                    .isNotEmpty()
                    .allMatch(process -> process.name().startsWith("sshd"));

            session.getOutputStream().write("here\n".getBytes(StandardCharsets.UTF_8));
            session.getOutputStream().flush();
            assertThat(screen.readLine()).isEqualTo("still here");
            assertThat(session.waitFor()).isZero();
        } finally {
            session.destroyForcibly().waitFor();
        }
    }

    @Test
    void aConfigurationThatSshdRefusesFailsInPreAndSaysWhy() throws IOException, InterruptedException {
        Files.writeString(keys.resolve("sshd_config"), "NoSuchKeyword yes\n");

        Outcome result = manager.run("bh-start", "sshd").exits(1);

        assertThat(result.err()).startsWith("bh-start: sshd: pre exited 255").contains("bh logs sshd");
        assertThat(manager.log("sshd")).contains("NoSuchKeyword");
        manager.run("bh-stop", "sshd").succeeds();
    }

    private long listener() throws IOException {
        List<Processes.Entry> listeners = manager.children();
        assertThat(listeners).hasSize(1);
        return listeners.getFirst().pid();
    }

    private String banner() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
        }
    }

    private Process logIn(String command) throws IOException {
        return new ProcessBuilder(
                        ssh,
                        "-F",
                        "/dev/null",
                        "-i",
                        keys.resolve("user").toString(),
                        "-p",
                        Integer.toString(port),
                        "-o",
                        "BatchMode=yes",
                        "-o",
                        "IdentitiesOnly=yes",
                        "-o",
                        "StrictHostKeyChecking=no",
                        "-o",
                        "UserKnownHostsFile=/dev/null",
                        "-o",
                        "LogLevel=ERROR",
                        USER + "@127.0.0.1",
                        command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
