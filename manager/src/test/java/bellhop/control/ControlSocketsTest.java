package bellhop.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlSocketsTest {
    private static final int MOST_CLIENTS = 100;

    @TempDir
    Path directory;

    private final BlockingQueue<StopClient> waiters = new LinkedBlockingQueue<>();
    private TestManager manager;
    private ControlSockets sockets;
    private Path socket;

    @BeforeEach
    void start() throws Exception {
        manager = new TestManager(directory);
        sockets = new ControlSockets(manager.loop, Access.ofOwner());
        socket = directory.resolve("socket");
        sockets.open(socket, waiters::add);
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    @Test
    void whoConnectsIsAnnouncedAndHearsTheEnd() throws Exception {
        try (Dialog one = new Dialog(socket);
                Dialog other = new Dialog(socket)) {
            StopClient first = TestManager.next(waiters);
            assertThat(first.peer().pid()).isEqualTo(ProcessHandle.current().pid());
            first.stopped();
            first.failed("too late");
            TestManager.next(waiters).failed("it would\nnot go");
            assertThat(one.line()).isEqualTo("stopped");
            assertThat(one.line()).isNull();
            assertThat(other.line()).isEqualTo("failed: it would not go");
            assertThat(other.line()).isNull();
        }
    }

    @Test
    void theLastWordsAreHeardThoughAllIsClosedAtOnce() throws Exception {
        try (Dialog dialog = new Dialog(socket)) {
            StopClient waiter = TestManager.next(waiters);
            sockets.close(socket);
            waiter.stopped();
            manager.close();
            assertThat(dialog.line()).isEqualTo("stopped");
            assertThat(socket).doesNotExist();
        }
    }

    /** Whoever got in before the end is answered; nobody is cut off between the last look and the end. */
    @Test
    void whoConnectsAsItClosesIsRefusedOrAnnounced() throws Exception {
        for (int round = 0; round < 100; round++) {
            Path path = directory.resolve("round" + round);
            sockets.open(path, StopClient::stopped);
            var begun = new CountDownLatch(1);
            FutureTask<List<String>> clients = new FutureTask<>(() -> connectUntilRefused(path, begun));
            Thread thread = Thread.ofPlatform().start(clients);
            begun.await();
            sockets.close(path);
            assertThat(clients.get()).isNotEmpty().containsOnly("stopped");
            thread.join();
        }
    }

    @Test
    void clientsWhoConnectWithoutEndLeaveOthersTheirTurn() throws Exception {
        Path path = directory.resolve("crowd");
        var dialogs = new ConcurrentLinkedQueue<Dialog>();
        var turn = new CompletableFuture<Integer>();
        sockets.open(path, client -> {
            try {
                if (dialogs.size() < 1000) {
                    dialogs.add(new Dialog(path));
                }
            } catch (IOException e) {
                turn.completeExceptionally(e);
            }
            client.stopped();
            manager.loop.execute(() -> turn.complete(dialogs.size()));
        });

        dialogs.add(new Dialog(path));

        assertThat(turn.get()).isLessThan(1000);
        sockets.close(path);
        for (Dialog dialog : dialogs) {
            assertThat(dialog.line()).isEqualTo("stopped");
            dialog.close();
        }
    }

    /** Not so many that there is no descriptor left for one of them: that is no refusal, and nobody could be accepted. */
    private static List<String> connectUntilRefused(Path path, CountDownLatch begun) throws IOException {
        List<Dialog> dialogs = new ArrayList<>();
        try {
            while (dialogs.size() < MOST_CLIENTS) {
                dialogs.add(new Dialog(path));
                begun.countDown();
            }
        } catch (SocketException refused) {
            // as it should be
        }
        List<String> lines = new ArrayList<>();
        for (Dialog dialog : dialogs) {
            lines.add(dialog.line());
            dialog.close();
        }
        return lines;
    }

    @Test
    void whoLeavesMayBeAnsweredAllTheSame() throws Exception {
        new Dialog(socket).close();
        TestManager.next(waiters).stopped();
        try (Dialog dialog = new Dialog(socket)) {
            TestManager.next(waiters).stopped();
            assertThat(dialog.line()).isEqualTo("stopped");
        }
    }

    @Test
    void aSecondOneIsRefusedWithoutAskingTheFirstToStop() throws Exception {
        assertThatExceptionOfType(ControlException.class)
                .isThrownBy(() -> new ControlSockets(manager.loop, Access.ofOwner()).open(socket, w -> {}))
                .withMessage(socket + ": another process already listens there");
        manager.settle();
        assertThat(waiters).isEmpty();
        try (Dialog dialog = new Dialog(socket)) {
            TestManager.next(waiters).stopped();
            assertThat(dialog.line()).isEqualTo("stopped");
        }
    }

    @Test
    void oneThatAKilledProcessLeftIsReplaced() throws Exception {
        Path left = directory.resolve("left");
        try (var before = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            before.bind(UnixDomainSocketAddress.of(left));
        }
        sockets.open(left, waiters::add);
        try (Dialog dialog = new Dialog(left)) {
            TestManager.next(waiters).stopped();
            assertThat(dialog.line()).isEqualTo("stopped");
        }
    }

    @Test
    void onesOfSeveralServicesAreSeveral() throws Exception {
        Path second = directory.resolve("second");
        sockets.open(second, waiter -> waiter.failed("second"));
        try (Dialog dialog = new Dialog(second)) {
            assertThat(dialog.line()).isEqualTo("failed: second");
        }
        sockets.close(second);
        manager.settle();
        assertThat(second).doesNotExist();
        assertThat(waiters).isEmpty();
        sockets.close();
        manager.settle();
        assertThat(socket).doesNotExist();
    }
}
