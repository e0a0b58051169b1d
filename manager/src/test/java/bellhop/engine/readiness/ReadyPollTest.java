package bellhop.engine.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.definition.HttpUrl;
import bellhop.definition.Ready;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ReadyPollTest {

    private ReadyScene scene;

    @BeforeEach
    void open() throws IOException {
        scene = new ReadyScene();
    }

    @AfterEach
    void close() throws IOException {
        scene.close();
    }

    private void turnTimes(int turns) throws IOException {
        for (int i = 0; i < turns; i++) {
            scene.turn();
        }
    }

    @Test
    void aFileThatAppears() throws IOException {
        scene.sh(new Ready.Appears(scene.file("pid")), "while [ ! -e go ]; do sleep 0.05; done; touch pid; sleep 1000");
        turnTimes(4);
        assertThat(scene.events).isEmpty();

        Files.createFile(scene.file("go"));

        scene.awaitReady();
    }

    @Test
    void aFileThatWasThereBeforeDoesNotCountUntilItIsAnother() throws IOException {
        Files.writeString(scene.file("pid"), "1");
        scene.sh(
                new Ready.Appears(scene.file("pid")),
                "while [ ! -e go ]; do sleep 0.05; done; echo $$ >pid; sleep 1000");
        turnTimes(4);
        assertThat(scene.events).isEmpty();

        Files.createFile(scene.file("go"));

        scene.awaitReady();
    }

    @Test
    void theNextManagerKnowsWhatWasThereBeforeWhateverTheClockIsSetTo() throws IOException {
        Files.writeString(scene.file("pid"), "1");
        // As when the clock was set back by an hour since.
        Files.setLastModifiedTime(scene.file("pid"), inHours(1));
        int pid = scene.sh(new Ready.Appears(scene.file("pid")), "sleep 1000");
        scene.adopt(pid);
        turnTimes(4);
        assertThat(scene.events).isEmpty();

        // As when it was set forward by an hour since.
        Files.delete(scene.file("pid"));
        Files.writeString(scene.file("pid"), "2");
        Files.setLastModifiedTime(scene.file("pid"), inHours(-1));
        scene.adopt(pid);

        scene.awaitReady();
    }

    private static FileTime inHours(int hours) {
        return FileTime.from(Instant.now().plus(Duration.ofHours(hours)));
    }

    /** A port that nobody listens at now. */
    private static int freePort(String address) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(address))) {
            return socket.getLocalPort();
        }
    }

    @Test
    void aPortThatTakesConnections() throws IOException {
        ReadyScene.needs("/bin/busybox");
        int port = freePort("127.0.0.1");
        scene.sh(
                new Ready.Tcp("localhost", port),
                "while [ ! -e go ]; do sleep 0.05; done; exec busybox httpd -f -p 127.0.0.1:" + port);
        turnTimes(6);
        assertThat(scene.events).isEmpty();
        int before = scene.descriptors();

        Files.createFile(scene.file("go"));

        scene.awaitReady();
        assertThat(scene.descriptors()).isLessThanOrEqualTo(before);
    }

    @Test
    void aPageThatIsAnsweredWithSuccess() throws IOException {
        ReadyScene.needs("/bin/busybox");
        int port = freePort("127.0.0.1");
        scene.sh(
                new Ready.Http(new HttpUrl("localhost", port, "/health?deep=1")),
                "mkdir www; exec busybox httpd -f -h www -p 127.0.0.1:" + port);
        scene.until("an answer", () -> asking().equals("answered 404 Not Found"));
        assertThat(scene.events).isEmpty();
        int before = scene.descriptors();

        Files.writeString(scene.file("www").resolve("health"), "well");

        scene.awaitReady();
        assertThat(scene.descriptors()).isLessThanOrEqualTo(before);
    }

    private String asking() {
        return scene.readiness.report(ReadyScene.WEB).asking();
    }

    /** A server that says this to each client, a byte at a time, and closes; what it was asked goes to a file. */
    private int server(String answer) throws IOException {
        ReadyScene.needs("/usr/bin/python3");
        int port = freePort("127.0.0.1");
        Files.writeString(scene.file("server.py"), """
                import socket
                server = socket.create_server(("127.0.0.1", %d))
                while True:
                    client, _ = server.accept()
                    asked = b""
                    while not asked.endswith(b"\\r\\n\\r\\n"):
                        asked += client.recv(1)
                    open("asked", "wb").write(asked)
                    try:
                        for byte in %s:
                            client.send(bytes([byte]))
                    except OSError:
                        pass
                    client.close()
                """.formatted(port, answer));
        return port;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            b"HTTP/1.1 503 Service Unavailable\\r\\n\\r\\n" | answered 503 Service Unavailable
            b"HTTP/1.0 404\\n"                          | answered 404
            b"HTTP/1.1 200"                              |
            b"HTTP/1.1 100 Continue\\r\\n"              | answered 100 Continue
            b"HTTP/1.1 2000 OK\\r\\n"                   | did not answer by HTTP
            b"220 mail.example.org ESMTP\\r\\n"         | did not answer by HTTP
            b""                                          | closed the connection without an answer
            b"HTTP/1.1 500 " + b"x" * 5000               | answered 500
            b"x" * 5000                                  | did not answer by HTTP
            """)
    void whatAServerMayAnswer(String answer, @Nullable String said) throws IOException {
        int port = server(answer);
        scene.sh(new Ready.Http(new HttpUrl("127.0.0.1", port, "/")), "exec python3 server.py");

        if (said == null) {
            scene.awaitReady();
        } else {
            scene.until("an answer", () -> asking().startsWith(said));
            assertThat(scene.events).isEmpty();
        }
        assertThat(Files.readString(scene.file("asked")))
                .isEqualTo(
                        "GET / HTTP/1.0\r\nHost: 127.0.0.1:" + port + "\r\nUser-Agent: bellhop\r\nAccept: */*\r\n\r\n");
    }

    @Test
    void aPortOfAnAddressThatNeverAnswersHoldsNobodyUp() throws IOException {
        scene.sh(new Ready.Tcp("192.0.2.1", 9), "sleep 1000");

        long begin = System.nanoTime();
        turnTimes(3);

        assertThat(System.nanoTime() - begin).isLessThan(1_000_000_000L);
        assertThat(scene.events).isEmpty();
    }

    @Test
    void aNameIsNotLookedUp() {
        assertThatThrownBy(() -> scene.sh(new Ready.Tcp("example.org", 80), "sleep 1000"))
                .hasMessage(
                        "ready: tcp: example.org is not an address; expected one such as 127.0.0.1, ::1 or localhost");
    }

    @Test
    void aCommandThatIsRunAgainUntilItSucceeds() throws IOException {
        Ready.Test test =
                new Ready.Test(List.of("/bin/sh", "-c", "echo x >>asked; echo still $(wc -l <asked); [ -e up ]"));
        scene.sh(test, "sleep 1000");
        scene.until(
                "two answers",
                () -> scene.readiness.report(ReadyScene.WEB).asking().equals("exited 1: still 2"));
        assertThat(scene.events).isEmpty();

        Files.createFile(scene.file("up"));

        scene.awaitReady();
        assertThat(scene.readiness.report(ReadyScene.WEB).asking()).isEmpty();
    }

    @Test
    void noCommandIsLeftWhenTheServiceIsToEnd() throws IOException {
        scene.launch(new Ready.Test(List.of("sleep", "1000")), "sleep", "1000");
        scene.until("a test", () -> scene.probes.lives(ReadyScene.LAUNCH));

        scene.readiness.leave(ReadyScene.LAUNCH);

        scene.until("no test", () -> !scene.probes.lives(ReadyScene.LAUNCH));
        assertThat(scene.alive()).hasSize(1);
        assertThat(scene.events).isEmpty();
    }
}
