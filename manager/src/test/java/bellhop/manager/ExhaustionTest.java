package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.control.Dialog;
import bellhop.control.RequestLine;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Verifies that a manager whose memory or descriptors are used up goes on, or ends so that the next one finds every
 * service: none is lost, none runs twice.
 */
@Timeout(300)
class ExhaustionTest {

    /** Of the JVM, when the heap has no room; see {@code -XX:+ExitOnOutOfMemoryError}. */
    private static final int OUT_OF_MEMORY = 3;

    private static final int SERVICES = 20;
    /** As many connections as a manager takes. */
    private static final int CLIENTS = 600;

    private ManagerProcess manager;
    private final List<SocketChannel> clients = new ArrayList<>();

    @BeforeEach
    void makeServices() throws Exception {
        manager = new ManagerProcess();
        for (int i = 0; i < SERVICES; i++) {
            manager.script("s" + i, "run", "exec sleep 1000").yaml("s" + i, "autostart: true");
        }
        manager.script("slow", "pre", "exec sleep 1000").yaml("slow", "timeouts: {pre: 1000s}");
    }

    @AfterEach
    void close() throws Exception {
        leave();
        manager.close();
    }

    private void leave() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        clients.clear();
    }

    /** The options that bin/bh gives a manager. */
    private void startWithHeap(String most) throws Exception {
        manager.with("JAVA_TOOL_OPTIONS", "-Xmx" + most + " -XX:+ExitOnOutOfMemoryError");
        manager.start();
        awaitAllUp();
    }

    private void awaitAllUp() throws IOException {
        for (int i = 0; i < SERVICES; i++) {
            manager.awaitState("s" + i, "started");
        }
    }

    /** The living processes of the services, by their numbers with their starts. */
    private Map<Integer, Long> processes() throws IOException {
        Map<Integer, Long> found = new TreeMap<>();
        for (Proc.Task task : manager.processes()) {
            found.put(task.pid(), task.startTime());
        }
        return found;
    }

    /** Connects and sends as much of this as the kernel takes; a manager that has ended takes nothing. */
    private void send(byte[] bytes) {
        try {
            SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
            clients.add(client);
            client.connect(UnixDomainSocketAddress.of(manager.runDir().socket()));
            client.configureBlocking(false);
            client.write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            // It has just ended, or thrown this one out.
        }
    }

    /** Each waits for what will not come, and has already sent much more than that. */
    private void sendAhead() {
        byte[] brief = ("start slow\n" + "x".repeat(160_000)).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < CLIENTS - 10; i++) {
            send(brief);
        }
    }

    @Test
    void whatClientsSendAheadHasOneBoundForAll() throws Exception {
        startWithHeap("64m");
        Map<Integer, Long> before = processes();
        int restarted = manager.pid("s1");

        sendAhead();

        manager.awaitLine("others need the memory");
        manager.ask("status", "s0").succeeds();
        leave();
        manager.ask("restart", "s1").succeeds();
        before.remove(restarted);
        assertThat(processes()).containsAllEntriesOf(before);
    }

    @Test
    void aManagerWithoutMemoryEndsAndTheNextAdoptsEverything() throws Exception {
        startWithHeap("8m");
        Map<Integer, Long> before = processes();

        sendAhead();

        assertThat(manager.awaitEnd()).as(manager.said()).isEqualTo(OUT_OF_MEMORY);
        leave();
        assertThat(processes()).containsAllEntriesOf(before);
        manager.with("JAVA_TOOL_OPTIONS", "-Xmx64m");
        manager.start();
        awaitAllUp();
        assertThat(processes()).containsAllEntriesOf(before);
        assertThat(manager.ask("stop", "slow").status()).isZero();
        assertThat(processes()).isEqualTo(before);
    }

    @Test
    void aManagerWithoutDescriptorsGoesOnOnceItHasSome() throws Exception {
        needsPrlimit();
        manager.withDescriptors(100).start();
        awaitAllUp();
        int watched = manager.pid("s0");
        int other = manager.pid("s1");
        try (Dialog early = new Dialog(manager.runDir().socket())) {
            early.send(RequestLine.format(List.of("status", "s0")) + "\n");
            ManagerProcess.answer(early).succeeds();
            for (int i = 0; i < 100; i++) {
                send("start slow\n".getBytes(StandardCharsets.US_ASCII));
            }
            manager.awaitLine("cannot accept, trying again");

            // The descriptors that its end frees may be those that its launch needs, or be a waiting client's.
            Signals.kill(other, Signals.KILL);
            manager.awaitLine("s1 restarting: ");
            early.send(RequestLine.format(List.of("stop", "s2")) + "\n");

            leave();
            ManagerProcess.answer(early).succeeds();
            early.send(RequestLine.format(List.of("start", "s2")) + "\n");
            ManagerProcess.answer(early).succeeds();
        }
        awaitAllUp();
        assertThat(manager.pid("s0")).isEqualTo(watched);
    }

    private static void needsPrlimit() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "SKIPPED: there is no prlimit here");
    }

    @Test
    void oneThatHasTooFewDescriptorsToAdoptLosesNothing() throws Exception {
        needsPrlimit();
        manager.start();
        awaitAllUp();
        Map<Integer, Long> before = processes();
        manager.kill();

        manager.withDescriptors(60).begin();
        manager.awaitLine("Too many open files");
        manager.kill();
        assertThat(processes()).isEqualTo(before);

        manager.withDescriptors(1000).start();
        awaitAllUp();
        assertThat(processes()).isEqualTo(before);
    }
}
