package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.linux.Fd;
import bellhop.linux.Self;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlFifoTest {

    @TempDir
    Path directory;

    private TestManager manager;
    private ControlFifo fifo;
    private RunDir runDir;

    @BeforeEach
    void start() throws IOException {
        manager = new TestManager(directory);
        runDir = manager.runDir;
        fifo = manager.openFifo();
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    private void assertAnswers() throws IOException {
        try (ReplyFifo reply = new ReplyFifo(runDir, "check" + System.nanoTime())) {
            assertThat(reply.ask("echo still here")).isEqualTo("a\no still here\nx 0\n");
        }
    }

    @Test
    void answersGoToTheFifoThatTheRequestNames() throws Exception {
        try (ReplyFifo one = new ReplyFifo(runDir, "1.a");
                ReplyFifo other = new ReplyFifo(runDir, "2-b_C")) {
            one.send("wait x");
            assertThat(other.ask("[\"echo\",\"b  c\"]")).isEqualTo("a\no b  c\nx 0\n");
            TestManager.next(manager.waiting).exit(7);
            assertThat(one.answer()).isEqualTo("a\nx 7\n");
            assertThat(one.ask("fail")).isEqualTo("a\ne no such verb: fail\nx 64\n");
            assertThat(one.ask("")).isEqualTo("a\ne no such verb: \nx 64\n");
        }
    }

    @Test
    void theOwnerOfTheReplyFifoIsTheCallerAndThePidIsClaimed() throws Exception {
        try (ReplyFifo reply = new ReplyFifo(runDir, "4711.1")) {
            assertThat(reply.ask("who")).isEqualTo("a\no uid " + Self.euid() + ", pid 4711 (claimed)\nx 0\n");
        }
        try (ReplyFifo reply = new ReplyFifo(runDir, "x4711")) {
            assertThat(reply.ask("who")).isEqualTo("a\no uid " + Self.euid() + "\nx 0\n");
        }
    }

    @Test
    void whoComesBetweenTwoManagersFindsAllInItsPlace() throws Exception {
        fifo.leave();
        fifo.close();
        manager.close();

        assertThat(runDir.control()).exists();
        assertThat(runDir.alive()).exists();
        assertThat(runDir.reply()).isDirectory();
    }

    @Test
    void theCallerIsWhoeverOwnsTheReplyFifo() throws Exception {
        assumeTrue(Self.euid() == 0, "only root gives files away");
        try (ReplyFifo reply = new ReplyFifo(runDir, "4711")) {
            Files.setAttribute(reply.path(), "unix:uid", 65534);
            assertThat(reply.ask("who")).isEqualTo("a\no uid 65534, pid 4711 (claimed)\nx 0\n");
        }
    }

    @Test
    void whatIsNoFifoOfOneNameInReplyGetsNoAnswer() throws Exception {
        RunDir elsewhere = new RunDir(directory.resolve("o"));
        Files.createDirectories(elsewhere.reply());
        try (ReplyFifo outside = new ReplyFifo(elsewhere, "outside");
                ReplyFifo linked = new ReplyFifo(runDir, "linked")) {
            Path regular = Files.writeString(runDir.reply().resolve("regular"), "as it was");
            Files.createSymbolicLink(runDir.reply().resolve("symbolic"), outside.path());
            Files.createLink(runDir.reply().resolve("twice"), linked.path());
            Files.createDirectory(runDir.reply().resolve("directory"));
            // Only root can make a device; to everybody else there is none of that name.
            new ProcessBuilder("mknod", runDir.reply().resolve("device").toString(), "c", "1", "3")
                    .redirectErrorStream(true)
                    .start()
                    .waitFor();
            String path = "../o/reply/outside";
            for (String name : List.of(
                    "regular",
                    "symbolic",
                    "linked",
                    "twice",
                    "directory",
                    "device",
                    "missing",
                    path,
                    outside.path().toString(),
                    ".",
                    "..",
                    "./linked",
                    "a\0b",
                    "n".repeat(300),
                    "é",
                    "-*",
                    "[\"echo\"]",
                    "echo")) {
                ReplyFifo.write(runDir, "\n" + name + " echo heard\n");
            }
            assertAnswers();
            assertThat(manager.handled).containsExactly("echo still here");
            assertThat(regular).hasContent("as it was");
            assertThat(TestManager.next(manager.journal))
                    .isEqualTo("control: ignored 18 lines that name no usable reply FIFO");
        }
    }

    @Test
    void aReplyFifoServesOneRequestAndLosesItsName() throws Exception {
        try (ReplyFifo reply = new ReplyFifo(runDir, "1")) {
            reply.send("wait a");
            ReplyFifo.write(runDir, "\n1 echo b\n");
            Client client = TestManager.next(manager.waiting);
            assertAnswers();
            assertThat(reply.path()).doesNotExist();
            client.exit(0);
            assertThat(reply.answer()).isEqualTo("a\nx 0\n");
            assertThat(manager.handled).doesNotContain("echo b");
        }
    }

    @Test
    void garbageBetweenRequestsIsSkipped() throws Exception {
        Random random = new Random(99);
        try (ReplyFifo reply = new ReplyFifo(runDir, "1")) {
            for (int i = 0; i < 100; i++) {
                byte[] bytes = new byte[random.nextInt(3000)];
                random.nextBytes(bytes);
                ReplyFifo.write(runDir, bytes);
                assertThat(reply.ask("echo " + i)).isEqualTo("a\no " + i + "\nx 0\n");
            }
        }
        try (ReplyFifo half = new ReplyFifo(runDir, "2");
                ReplyFifo reply = new ReplyFifo(runDir, "3")) {
            ReplyFifo.write(runDir, "2 ech");
            assertThat(reply.ask("echo whole")).isEqualTo("a\no whole\nx 0\n");
            assertThat(half.answer()).isEqualTo("a\ne no such verb: ech\nx 64\n");
        }
        assertThat(manager.journal).noneMatch(line -> line.contains("internal error"));
    }

    @Test
    void whatIsTooLongIsRefused() throws Exception {
        try (ReplyFifo reply = new ReplyFifo(runDir, "1")) {
            String longest = "y".repeat(4000 - "1 echo ".length());
            assertThat(reply.ask("echo " + longest)).isEqualTo("a\no " + longest + "\nx 0\n");
            assertThat(reply.ask("echo " + longest + "y"))
                    .isEqualTo("a\ne bh: the request is longer than 4000 bytes\nx 64\n");
            ReplyFifo.write(runDir, "z".repeat(1 << 20));
            assertThat(reply.ask("echo on")).isEqualTo("a\no on\nx 0\n");
            assertThat(reply.ask("["))
                    .isEqualTo("a\ne bh: malformed request: expected a string or ] at character 2\nx 64\n");
        }
    }

    @Test
    void manyClientsAtOnceEachGetTheirOwnAnswer() throws Exception {
        List<ReplyFifo> replies = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            replies.add(new ReplyFifo(runDir, "client" + i).send("echo " + i));
        }
        for (int i = 0; i < 200; i++) {
            assertThat(replies.get(i).answer()).isEqualTo("a\no " + i + "\nx 0\n");
            replies.get(i).close();
        }
    }

    @Test
    void aClientThatLeftBeforeItsRequestWasReadIsNotHeard() throws Exception {
        ReplyFifo reply = new ReplyFifo(runDir, "1");
        reply.close();
        ReplyFifo.write(runDir, "\n1 echo heard\n");
        assertAnswers();
        assertThat(manager.handled).containsExactly("echo still here");
        assertThat(reply.path()).doesNotExist();
    }

    @Test
    void aClientThatLeavesWhileItWaitsIsNoticed() throws Exception {
        ReplyFifo reply = new ReplyFifo(runDir, "1");
        reply.send("wait left");
        Client client = TestManager.next(manager.waiting);
        assertThat(reply.line()).isEqualTo("a");
        reply.close();
        assertThat(TestManager.next(manager.gone)).isEqualTo("left");
        assertThat(reply.path()).doesNotExist();
        client.exit(0);
        assertAnswers();
    }

    @Test
    void aReaderThatDoesNotReadStopsNobodyAndIsGivenUp() throws Exception {
        fifo.close();
        manager.settle();
        try (ControlFifo _ = manager.openFifo(Duration.ofMillis(10));
                ReplyFifo lazy = new ReplyFifo(runDir, "1")) {
            lazy.send("fill 500000");
            assertAnswers();
            assertThat(TestManager.next(manager.journal))
                    .startsWith("control: dropped a client (uid ")
                    .endsWith(lazy.path() + " has no reader");
        }
    }

    @Test
    void aLongAnswerComesWholeWhereItIsRead() throws Exception {
        try (ReplyFifo reply = new ReplyFifo(runDir, "1")) {
            assertThat(reply.ask("fill 900000")).isEqualTo("a\no " + "x".repeat(900_000) + "\nx 0\n");
            reply.send("lines 100000");
            assertThat(reply.line()).isEqualTo("a");
            for (int i = 0; i < 100_000; i++) {
                assertThat(reply.line()).isEqualTo("o line " + i);
            }
            assertThat(reply.line()).isEqualTo("x 0");
        }
    }

    private String mode(Path path) throws IOException {
        return Integer.toOctalString((int) Files.getAttribute(path, "unix:mode") & 07777);
    }

    @Test
    void allIsForTheOwnerOnlyWhereThereIsNoGroup() throws Exception {
        assertThat(mode(runDir.control())).isEqualTo("600");
        assertThat(mode(runDir.alive())).isEqualTo("600");
        assertThat(mode(runDir.reply())).isEqualTo("700");
    }

    @Test
    void theGroupMayWriteRequestsAndMakeReplyFifos() throws Exception {
        assumeTrue(Self.euid() == 0, "only root gives files to a group");
        List<String> groups = Files.readAllLines(Path.of("/etc/group"));
        String[] group = groups.getLast().split(":", -1);
        fifo.close();
        manager.settle();
        Access access = Access.ofGroup(group[0]);
        try (ControlFifo _ = ControlFifo.open(manager.loop, runDir, access, manager::handle);
                ControlServer _ = ControlServer.open(manager.loop, runDir.socket(), access, manager::handle)) {
            assertAnswers();
            assertThat(mode(runDir.control())).isEqualTo("660");
            assertThat(mode(runDir.alive())).isEqualTo("660");
            assertThat(mode(runDir.reply())).isEqualTo("1730");
            assertThat(mode(runDir.socket())).isEqualTo("660");
            for (Path path : List.of(runDir.control(), runDir.alive(), runDir.reply(), runDir.socket())) {
                assertThat(Files.getAttribute(path, "unix:gid")).isEqualTo(Integer.valueOf(group[2]));
            }
        }
    }

    @Test
    void aCleanStopAnswersAllWhoWaitAndLeavesNothing() throws Exception {
        try (ReplyFifo waiting = new ReplyFifo(runDir, "1");
                ReplyFifo unheard = new ReplyFifo(runDir, "2")) {
            waiting.send("wait a");
            TestManager.next(manager.waiting);
            int alive = Fd.open(runDir.alive(), Fd.O_RDONLY | Fd.O_NONBLOCK, 0);
            ByteBuffer one = ByteBuffer.allocateDirect(1);
            assertThat(Fd.read(alive, one)).isEqualTo(Fd.WOULD_BLOCK);
            fifo.close();
            assertThat(waiting.answer()).isEqualTo("a\n\nx 69\n");
            assertThat(unheard.answer()).isEqualTo("\nx 69\n");
            manager.close();
            assertThat(Fd.read(alive, one)).isZero();
            Fd.close(alive);
        }
        try (var left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aNewManagerThrowsAwayWhatTheOldOneLeftAndDismissesItsClients() throws Exception {
        fifo.close();
        manager.close();
        Files.createDirectory(runDir.reply());
        Fd.mkfifo(runDir.control(), 0600);
        int control = Fd.open(runDir.control(), Fd.O_RDWR, 0);
        ReplyFifo.write(runDir, "\n1 echo from before\n");
        ReplyFifo left = new ReplyFifo(runDir, "left");
        left.close();
        Files.writeString(runDir.reply().resolve("file"), "");
        try (ReplyFifo waiting = new ReplyFifo(runDir, "1")) {
            manager = new TestManager(directory);
            manager.openFifo();
            assertThat(waiting.answer()).isEqualTo("\nx 69\n");
            assertThat(waiting.ask("echo again")).isEqualTo("a\no again\nx 0\n");
            assertThat(manager.handled).containsExactly("echo again");
            assertThat(runDir.reply()).isEmptyDirectory();
        }
        Fd.close(control);
    }

    @Test
    void aDirectoryInReplyIsSetAsideNamedAndInNobodysWay() throws Exception {
        fifo.close();
        manager.close();
        Path inTheWay =
                Files.createDirectories(runDir.reply().resolve("4711/deeper")).getParent();
        manager = new TestManager(directory);
        fifo = manager.openFifo();
        try (ReplyFifo reply = new ReplyFifo(runDir, "4711")) {
            assertThat(reply.ask("echo heard")).isEqualTo("a\no heard\nx 0\n");
        }
        assertThat(TestManager.next(manager.journal))
                .matches("control: " + inTheWay + ": a non-empty directory, .*; it was renamed to .set-aside.\\d+");

        fifo.close();
        manager.close();
        assertThat(runDir.alive()).doesNotExist();
        try (var left = Files.list(runDir.reply())) {
            assertThat(left).singleElement().asString().contains("/.set-aside.");
        }
        manager = new TestManager(directory);
        fifo = manager.openFifo();
        assertAnswers();
        assertThat(manager.journal).isEmpty();
    }

    @Test
    void aNewManagerDismissesNobodyAtAFifoThatIsElsewhereToo() throws Exception {
        fifo.close();
        manager.close();
        RunDir elsewhere = new RunDir(directory.resolve("o"));
        Files.createDirectories(elsewhere.reply());
        Files.createDirectory(runDir.reply());
        try (ReplyFifo others = new ReplyFifo(elsewhere, "others")) {
            Files.createLink(runDir.reply().resolve("linked"), others.path());
            manager = new TestManager(directory);
            manager.openFifo();

            ByteBuffer nothing = ByteBuffer.allocateDirect(1);
            int reader = Fd.open(others.path(), Fd.O_RDWR | Fd.O_NONBLOCK, 0);
            assertThat(Fd.read(reader, nothing)).isEqualTo(Fd.WOULD_BLOCK);
            Fd.close(reader);
            assertThat(runDir.reply()).isEmptyDirectory();
        }
    }

    @Test
    void aRunDirThatMayNotBeWrittenIsOneClearError() throws Exception {
        assertThatExceptionOfType(ControlException.class)
                .isThrownBy(() -> ControlFifo.open(
                        manager.loop, new RunDir(directory.resolve("missing")), Access.ofOwner(), manager::handle))
                .withMessage("run dir " + directory.resolve("missing")
                        + ": cannot make its FIFOs: No such file or directory (ENOENT)");
    }
}
