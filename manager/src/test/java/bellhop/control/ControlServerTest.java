package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import bellhop.linux.Self;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlServerTest {

    @TempDir
    Path directory;

    private TestManager manager;
    private ControlServer server;
    private Path socket;

    @BeforeEach
    void start() throws IOException {
        manager = new TestManager(directory);
        socket = manager.runDir.socket();
        server = manager.openSocket();
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    private Dialog connect() throws IOException {
        return new Dialog(socket);
    }

    private void assertAnswers() throws IOException {
        try (Dialog dialog = connect()) {
            assertThat(dialog.ask("echo still here")).isEqualTo("o still here\nx 0\n");
        }
    }

    @Test
    void oneConnectionCarriesOneRequestAfterTheOther() throws Exception {
        try (Dialog dialog = connect()) {
            assertThat(dialog.ask("echo a b")).isEqualTo("o a b\nx 0\n");
            assertThat(dialog.ask("[\"echo\",\"c  d\"]")).isEqualTo("o c  d\nx 0\n");
            assertThat(dialog.ask("fail")).isEqualTo("e no such verb: fail\nx 64\n");
            assertThat(dialog.ask("\n\n[\"echo\",\"e\\nf\\n\"]")).isEqualTo("o e\no f\nx 0\n");
            assertThat(dialog.ask("[]")).isEqualTo("e no such verb: \nx 64\n");
        }
    }

    /** As when a class that a request needs is not there any more. */
    @Test
    void anErrorInOneRequestIsAnsweredAndEndsNothing() throws Exception {
        try (Dialog dialog = connect()) {
            assertThat(dialog.ask("break"))
                    .isEqualTo("e bh: internal error: java.lang.NoClassDefFoundError: gone\nx 70\n");
        }
        assertAnswers();
    }

    @Test
    void requestsSentAtOnceAreCarriedOutOneAtATime() throws Exception {
        try (Dialog dialog = connect()) {
            dialog.send("wait a\necho b\necho c\n");
            Client first = TestManager.next(manager.waiting);
            assertAnswers();
            assertThat(manager.handled).doesNotContain("echo b");
            first.out("done");
            first.exit(3);
            first.out("too late");
            first.exit(4);
            assertThat(dialog.answer()).isEqualTo("o done\nx 3\n");
            assertThat(dialog.answer()).isEqualTo("o b\nx 0\n");
            assertThat(dialog.answer()).isEqualTo("o c\nx 0\n");
        }
    }

    @Test
    void thousandsOfRequestsSentAtOnceAreAllAnswered() throws Exception {
        try (Dialog dialog = connect()) {
            Thread sender = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 20; i++) {
                        dialog.send("echo x\n".repeat(1000));
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            for (int i = 0; i < 20_000; i++) {
                assertThat(dialog.answer()).isEqualTo("o x\nx 0\n");
            }
            sender.join();
        }
    }

    @Test
    void malformedJsonIsAnsweredAndTheConnectionGoesOn() throws Exception {
        try (Dialog dialog = connect()) {
            assertThat(dialog.ask("[\"echo\""))
                    .isEqualTo("e bh: malformed request: expected , or ] at character 8\nx 64\n");
            assertThat(dialog.ask("echo on")).isEqualTo("o on\nx 0\n");
        }
    }

    @Test
    void halfALineIsNoRequest() throws Exception {
        try (Dialog dialog = connect()) {
            dialog.send("echo ha");
        }
        try (Dialog dialog = connect()) {
            dialog.send("echo ha").endOfInput();
            assertThat(dialog.line()).isNull();
        }
        try (Dialog dialog = connect()) {
            dialog.send("echo wh");
            assertAnswers();
            assertThat(dialog.ask("ole")).isEqualTo("o whole\nx 0\n");
        }
        assertThat(manager.handled).containsExactly("echo still here", "echo whole");
    }

    @Test
    void aLineOfOneMebibyteIsRefusedAndTheConnectionGoesOn() throws Exception {
        try (Dialog dialog = connect()) {
            dialog.send("x".repeat(1 << 20));
            String refusal = "e bh: the request is longer than 65536 bytes\nx 64\n";
            assertThat(dialog.answer()).isEqualTo(refusal);
            assertThat(dialog.ask("\necho on")).isEqualTo("o on\nx 0\n");
            assertThat(dialog.ask("echo " + "y".repeat((1 << 16) - 5))).isEqualTo(refusal);
            String longest = "y".repeat((1 << 16) - 6);
            assertThat(dialog.ask("echo " + longest)).isEqualTo("o " + longest + "\nx 0\n");
        }
    }

    @Test
    void randomBytesHurtNobody() throws Exception {
        Random random = new Random(88);
        List<Dialog> dialogs = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[random.nextInt(5000)];
            random.nextBytes(bytes);
            Dialog dialog = connect();
            dialogs.add(dialog);
            try {
                dialog.send(bytes);
            } catch (IOException e) {
                // dropped already, as whoever sends much and reads nothing may be
            }
            if (random.nextBoolean()) {
                dialog.close();
            }
        }
        assertAnswers();
        for (Dialog dialog : dialogs) {
            dialog.close();
        }
        assertAnswers();
        assertThat(manager.journal).noneMatch(line -> line.contains("internal error"));
    }

    @Test
    void fiveHundredIdleConnectionsAreNoBurden() throws Exception {
        int threads = Thread.activeCount();
        Process clients = SocketClients.start(socket, 500);
        try {
            assertAnswers();
            assertThat(Thread.activeCount()).isEqualTo(threads);
        } finally {
            clients.getOutputStream().close();
            clients.waitFor();
        }
        assertAnswers();
    }

    @Test
    void pastTheLimitThoseSilentLongestGo() throws Exception {
        Process clients = SocketClients.start(socket, ControlServer.MOST_CONNECTIONS - 1);
        try (Dialog quiet = connect()) {
            assertThat(quiet.ask("echo 1")).isEqualTo("o 1\nx 0\n");
            try (Dialog another = connect()) {
                assertThat(another.ask("echo 2")).isEqualTo("o 2\nx 0\n");
                assertThat(TestManager.next(manager.journal)).contains("it was silent longest");
                assertThat(quiet.ask("echo 3")).isEqualTo("o 3\nx 0\n");
            }
        } finally {
            clients.destroyForcibly().waitFor();
        }
    }

    @Test
    void whereAllAreWaitingOneMoreIsTurnedAway() throws Exception {
        Process clients = SocketClients.start(socket, ControlServer.MOST_CONNECTIONS, "wait x");
        try {
            for (int i = 0; i < ControlServer.MOST_CONNECTIONS; i++) {
                TestManager.next(manager.waiting);
            }
            try (Dialog dialog = connect()) {
                assertThat(dialog.answer())
                        .isEqualTo("e bh: too many requests are waiting (600); try again later\nx 75\n");
            }
        } finally {
            clients.destroyForcibly().waitFor();
        }
        for (int i = 0; i < ControlServer.MOST_CONNECTIONS; i++) {
            TestManager.next(manager.gone);
        }
        assertAnswers();
    }

    @Test
    void aClientKilledWhileWaitingIsNoticed() throws Exception {
        Process client = SocketClients.start(socket, 1, "wait killed");
        Client waiting = TestManager.next(manager.waiting);
        client.destroyForcibly().waitFor();
        assertThat(TestManager.next(manager.gone)).isEqualTo("killed");
        waiting.out("to nobody");
        waiting.exit(0);
        assertAnswers();
    }

    @Test
    void whoAsksAfterAClientIsGoneIsToldAtOnce() throws Exception {
        Dialog dialog = connect().send("wait a\n");
        Client waiting = TestManager.next(manager.waiting);
        dialog.close();
        assertThat(TestManager.next(manager.gone)).isEqualTo("a");
        waiting.onGone(() -> manager.gone.add("once more"));
        assertThat(TestManager.next(manager.gone)).isEqualTo("once more");
    }

    /** Whoever has its request knows it for as long as they are at it. */
    @Test
    void whatADroppedClientSentAheadIsLetGo() throws Exception {
        try (Dialog dialog = connect()) {
            dialog.send("wait a\n" + "x".repeat(1000));
            assertThat(TestManager.next(manager.waiting)).isNotNull();
            CompletableFuture<List<Integer>> unread = new CompletableFuture<>();
            manager.loop.execute(() -> {
                Wire wire = manager.loop.wires().iterator().next();
                int before = wire.unread();
                wire.drop("the test says so");
                unread.complete(List.of(before, wire.unread()));
            });

            List<Integer> beforeAndAfter = unread.get(TestManager.LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(beforeAndAfter.getFirst()).isGreaterThanOrEqualTo(1000);
            assertThat(beforeAndAfter.getLast()).isZero();
        }
    }

    @Test
    void aClientThatWillSendNoMoreStillGetsItsAnswer() throws Exception {
        try (Dialog dialog = connect()) {
            dialog.send("wait a\necho b\n").endOfInput();
            Client waiting = TestManager.next(manager.waiting);
            assertAnswers();
            assertThat(manager.gone).isEmpty();
            waiting.exit(0);
            assertThat(dialog.answer()).isEqualTo("x 0\n");
            assertThat(dialog.answer()).isEqualTo("o b\nx 0\n");
            assertThat(dialog.line()).isNull();
        }
    }

    @Test
    void aClientThatSendsAndLeavesIsHeard() throws Exception {
        connect().send("wait operation\n").close();
        TestManager.next(manager.waiting);
        assertThat(TestManager.next(manager.gone)).isEqualTo("operation");
    }

    @Test
    void aClientThatDoesNotReadIsDropped() throws Exception {
        try (Dialog dialog = connect()) {
            dialog.send("wait a\n");
            Client client = TestManager.next(manager.waiting);
            for (int i = 0; i < 20; i++) {
                client.out("z".repeat(100_000));
            }
            assertThat(TestManager.next(manager.gone)).isEqualTo("a");
            assertThat(TestManager.next(manager.journal))
                    .startsWith("control: dropped a client (uid ")
                    .endsWith("it does not read");
            assertAnswers();
        }
    }

    @Test
    void whatAllTogetherLeaveUnreadHasALimitToo() throws Exception {
        List<Dialog> dialogs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            dialogs.add(connect().send("fill 1000000\n"));
        }
        assertThat(TestManager.next(manager.journal)).contains("others need the memory");
        assertAnswers();
        for (Dialog dialog : dialogs) {
            dialog.close();
        }
    }

    @Test
    void aLongOutputComesWholeHoweverSlowlyItIsRead() throws Exception {
        try (Dialog dialog = connect()) {
            dialog.send("lines 500000\n");
            try (Dialog leaving = connect()) {
                leaving.send("lines 500000\n");
                assertThat(leaving.line()).isEqualTo("o line 0");
            }
            assertAnswers();
            for (int i = 0; i < 500_000; i++) {
                assertThat(dialog.line()).isEqualTo("o line " + i);
            }
            assertThat(dialog.line()).isEqualTo("x 0");
        }
    }

    @Test
    void aHandlerThatThrowsIsAnsweredWith70() throws Exception {
        try (Dialog dialog = connect()) {
            assertThat(dialog.ask("throw"))
                    .isEqualTo("e bh: internal error: java.lang.IllegalStateException: as asked\nx 70\n");
            assertThat(dialog.ask("echo on")).isEqualTo("o on\nx 0\n");
        }
    }

    @Test
    void theKernelTellsWhoAsks() throws Exception {
        try (Dialog dialog = connect()) {
            assertThat(dialog.ask("who"))
                    .isEqualTo("o uid %d, pid %d\nx 0\n"
                            .formatted(Self.euid(), ProcessHandle.current().pid()));
        }
    }

    @Test
    void theSocketIsForItsOwner() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
    }

    @Test
    void aClosedServerRemovesItsSocketAndFinishesWhatItBegan() throws Exception {
        try (Dialog idle = connect();
                Dialog dialog = connect()) {
            assertThat(idle.ask("echo x")).isEqualTo("o x\nx 0\n");
            dialog.send("wait a\n");
            Client client = TestManager.next(manager.waiting);
            server.close();
            assertThat(idle.line()).isNull();
            assertThat(socket).doesNotExist();
            client.out("last words");
            client.exit(5);
            manager.close();
            assertThat(dialog.answer()).isEqualTo("o last words\nx 5\n");
            assertThat(dialog.line()).isNull();
        }
    }

    @Test
    void aSocketThatNobodyListensAtIsReplaced() throws Exception {
        server.close();
        Path left = directory.resolve("left");
        try (var before = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            before.bind(UnixDomainSocketAddress.of(left));
        }
        assertThat(left).exists();
        try (ControlServer _ = ControlServer.open(manager.loop, left, Access.ofOwner(), manager::handle);
                Dialog dialog = new Dialog(left)) {
            assertThat(dialog.ask("echo x")).isEqualTo("o x\nx 0\n");
        }
    }

    @Test
    void aSocketThatSomebodyListensAtIsLeftAlone() throws Exception {
        assertThatExceptionOfType(ControlException.class)
                .isThrownBy(() -> manager.openSocket())
                .withMessage(socket + ": another process already listens there");
        assertAnswers();
    }

    @Test
    void whatIsNoSocketIsLeftAlone() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "precious");
        assertThatExceptionOfType(ControlException.class)
                .isThrownBy(() -> ControlServer.open(manager.loop, file, Access.ofOwner(), manager::handle))
                .withMessage(file + ": exists and is not a socket");
        assertThat(file).hasContent("precious");
    }

    @Test
    void aPathTooLongForASocketIsRefused() throws Exception {
        Path deep = Files.createDirectory(directory.resolve("d".repeat(120)));
        assertThatExceptionOfType(ControlException.class)
                .isThrownBy(() -> ControlServer.open(
                        manager.loop, deep.resolve("control.sock"), Access.ofOwner(), manager::handle))
                .withMessageContaining(": too long for a socket: ")
                .withMessageEndingWith(" bytes of at most 106");
    }

    @Test
    void aPathOfExactly106BytesWillDo() throws Exception {
        Path longest = directory.resolve("s".repeat(105 - directory.toString().length()));
        assertThat(longest.toString()).hasSize(106);
        try (ControlServer _ = ControlServer.open(manager.loop, longest, Access.ofOwner(), manager::handle);
                Dialog dialog = new Dialog(longest)) {
            assertThat(dialog.ask("echo x")).isEqualTo("o x\nx 0\n");
        }
    }
}
