package bellhop.program;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import bellhop.control.Access;
import bellhop.control.ControlLoop;
import bellhop.control.ControlSockets;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConnectTest {

    @TempDir
    Path directory;

    private Outcome connect(String... arguments) {
        return Run.of(Connect::run, arguments);
    }

    @Test
    void theGoodAnswerIsSuccessAndAnyOtherIsNot() throws Exception {
        String good = directory.resolve("good").toString();
        String bad = directory.resolve("bad").toString();
        try (ControlLoop loop = ControlLoop.start(line -> {});
                ControlSockets sockets = new ControlSockets(loop, Access.ofOwner())) {
            sockets.open(Path.of(good), waiter -> waiter.stopped());
            sockets.open(Path.of(bad), waiter -> waiter.failed("3 processes cannot be killed"));
            assertThat(connect(good)).isEqualTo(new Outcome(0, "", ""));
            assertThat(connect(bad))
                    .isEqualTo(new Outcome(1, "", "connect: " + bad + ": 3 processes cannot be killed\n"));
        }
    }

    @Test
    void aConnectionThatEndsWithoutAnAnswerIsNoSuccess() throws Exception {
        Path socket = directory.resolve("socket");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofPlatform().start(() -> {
                try (var client = server.accept()) {
                    client.write(ByteBuffer.wrap("stoppe".getBytes(StandardCharsets.UTF_8)));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(connect(socket.toString()))
                    .isEqualTo(new Outcome(1, "", "connect: " + socket + ": the connection ended without an answer\n"));
        }
        assertThat(connect(socket.toString()))
                .isEqualTo(new Outcome(
                        1,
                        "",
                        "connect: " + socket + ": nobody listens there; its service or escort is not running\n"));
    }

    @Test
    void whatIsNoSocketIsOneClearError() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThat(connect(file.toString())).isEqualTo(new Outcome(1, "", "connect: " + file + ": is not a socket\n"));
        assertThat(connect("/nowhere/socket"))
                .isEqualTo(new Outcome(
                        1,
                        "",
                        "connect: /nowhere/socket: nobody listens there; its service or escort is not running\n"));
        String deep = "/tmp/" + "d".repeat(120);
        assertThat(connect(deep))
                .isEqualTo(
                        new Outcome(1, "", "connect: " + deep + ": too long for a socket: 125 bytes of at most 106\n"));
    }

    @Test
    void wrongUsageExits64() {
        assertThat(connect()).isEqualTo(new Outcome(64, "", "connect: SOCKET is missing\nusage: connect SOCKET\n"));
        assertThat(connect("a", "b").status()).isEqualTo(64);
        assertThat(connect("--help").out()).startsWith("usage: connect SOCKET\n");
        assertThat(connect("--version").out()).startsWith("connect (Bellhop) ");
    }
}
