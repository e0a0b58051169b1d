package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Execution;
import bellhop.Outcome;
import bellhop.linux.Self;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies each form of {@code ready} in {@code service.yaml}, with real services under a real manager. */
@Timeout(120)
class ReadyKeyTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private static void needs(String program) {
        assumeTrue(Files.isExecutable(Path.of(program)), "SKIPPED: there is no " + program + " here");
    }

    private Path file(String name) {
        return manager.root().resolve(name);
    }

    /** A line of a script that waits for a file, which {@link #open} makes. */
    private String waitFor(String gate) {
        return "until [ -e " + file(gate) + " ]; do sleep 0.02; done";
    }

    private void open(String gate) throws IOException {
        Files.createFile(file(gate));
    }

    /** A line of a script that says where its notifications go. */
    private String tellSocket() {
        return "echo $NOTIFY_SOCKET >" + file("new") + "; mv " + file("new") + " " + file("where");
    }

    private void isWaitedFor(Execution start) throws Exception {
        assertThat(manager.state("web")).isEqualTo("starting");
        assertThat(start.process().isAlive()).isTrue();
    }

    @Test
    void notifyHearsItsServiceAndNoStranger() throws Exception {
        needs("/usr/bin/systemd-notify");
        manager.script(
                        "web",
                        "run",
                        tellSocket(),
                        waitFor("go"),
                        "systemd-notify --ready --status='at \"work\" \\ \u001b[1m \u00e9'",
                        "exec sleep 1000")
                .yaml("web", "ready: {notify: true}");
        manager.start();
        Execution start = manager.program("bh-start", "web");
        manager.awaitFile(file("where"));
        String socket = Files.readString(file("where")).strip();

        manager.run("/usr/bin/env", "NOTIFY_SOCKET=" + socket, "systemd-notify", "--ready");

        manager.awaitLine("warning: web: ignored a notification from uid ");
        assertThat(manager.said()).contains(": the process does not belong to this service");
        isWaitedFor(start);

        open("go");
        start.outcome().succeeds();
        assertThat(manager.ask("status").out()).contains("at \"work\"").contains("\u00e9");
        assertThat(manager.ask("status", "--json", "web").out())
                .contains("\"status\":\"at \\\"work\\\" \\\\")
                .doesNotContain("\u001b");
        manager.ask("stop", "web").succeeds();
        assertThat(Path.of(socket)).doesNotExist();
    }

    @Test
    void redisUnderItsOwnNameForIt() throws Exception {
        needs("/usr/bin/redis-server");
        manager.yaml(
                "web",
                "command: [/usr/bin/redis-server, --supervised, systemd, --daemonize, \"no\", --port, \"0\",",
                "  --unixsocket, " + file("redis.sock") + ", --save, \"\", --dir, " + manager.root() + "]",
                "ready: {notify: true}");
        manager.start();

        manager.ask("start", "web").succeeds();

        assertThat(file("redis.sock")).exists();
        assertThat(manager.status("web").path("status").asText()).isEqualTo("Ready to accept connections");
    }

    @Test
    void notifyOfAnotherUserIsThatUsersAlone() throws Exception {
        needs("/usr/bin/systemd-notify");
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can run a service as somebody else");
        Path out = Files.createDirectory(file("out"));
        Files.setPosixFilePermissions(out, PosixFilePermissions.fromString("rwxrwxrwx"));
        manager.script(
                        "web",
                        "run",
                        "stat -c '%u %a' ${NOTIFY_SOCKET%/*} >" + out + "/folder",
                        "systemd-notify --ready",
                        "exec sleep 1000")
                .yaml("web", "user: nobody", "ready: {notify: true}");
        manager.start();

        manager.ask("start", "web").succeeds();

        assertThat(out.resolve("folder")).hasContent("65534 700");
    }

    @Test
    void aMissedWatchdogEndsItByAbrtAndRestartsIt() throws Exception {
        needs("/usr/bin/systemd-notify");
        manager.script(
                        "web",
                        "run",
                        "trap 'echo $1 ABRT >>" + file("died") + "; exit 1' ABRT",
                        "echo $WATCHDOG_USEC >" + file("usec"),
                        "systemd-notify --ready",
                        waitFor("never"))
                .yaml("web", "ready: {notify: true, watchdog: 500ms}");
        manager.start();
        manager.ask("start", "web").succeeds();

        manager.awaitLine("web restarting: run gave no sign of life for 0.5 s");

        assertThat(file("usec")).hasContent("500000");
        manager.awaitText(file("died"), "web ABRT");
        manager.awaitLine("web started", 2);
    }

    @Test
    void whoSaysThatItStopsIsStoppingUntilItHasEnded() throws Exception {
        needs("/usr/bin/systemd-notify");
        manager.script(
                        "web",
                        "run",
                        "systemd-notify --ready",
                        waitFor("leave"),
                        "systemd-notify STOPPING=1",
                        waitFor("gone"))
                .yaml("web", "ready: {notify: true}", "restart: \"no\"", "stop_grace_period: 1h");
        manager.start();
        manager.ask("start", "web").succeeds();

        open("leave");
        manager.awaitLine("web stopping");
        assertThat(manager.state("web")).isEqualTo("stopping");

        open("gone");
        manager.awaitLine("web finished");
    }

    @Test
    void moreTimeIsGivenToWhoAsksForIt() throws Exception {
        needs("/usr/bin/systemd-notify");
        manager.script(
                        "web",
                        "run",
                        "systemd-notify EXTEND_TIMEOUT_USEC=60000000",
                        "sleep 3.2",
                        "systemd-notify --ready",
                        "exec sleep 1000")
                .yaml("web", "ready: {notify: true}", "timeouts: {ready: 3s}", "restart: \"no\"");
        manager.start();

        manager.ask("start", "web").succeeds();
    }

    @Test
    void fdIsToldByS6Notifyoncheck() throws Exception {
        needs("/usr/bin/s6-notifyoncheck");
        manager.script("web", "run", "s6-mkfifodir event && exec s6-notifyoncheck -3 3 -d -w 50 -n 0 sleep 1000")
                .yaml("web", "ready: {fd: 3}");
        Files.createDirectory(manager.services().resolve("web/data"));
        manager.script("web", "data/check", "exec test -e " + file("go"));
        Path lock = Files.createDirectory(manager.services().resolve("web/supervise"))
                .resolve("lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            manager.start();
            Execution start = manager.program("bh-start", "web");
            manager.awaitFile(manager.services().resolve("web/event"));
            isWaitedFor(start);

            open("go");

            start.outcome().succeeds();
        }
    }

    @Test
    void pathIsAFileThatAppears() throws Exception {
        manager.script(
                        "web",
                        "run",
                        "echo >" + file("begun"),
                        waitFor("go"),
                        "touch " + file("here"),
                        "exec sleep 1000")
                .yaml("web", "ready: {path: " + file("here") + "}");
        manager.start();
        Execution start = manager.program("bh-start", "web");
        manager.awaitFile(file("begun"));
        isWaitedFor(start);

        open("go");

        start.outcome().succeeds();
    }

    @Test
    void tcpIsAPortThatAnswers() throws Exception {
        InetAddress address = InetAddress.getByName("127.83.17.5");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, address)) {
            port = free.getLocalPort();
        }
        manager.script("web", "run", "exec sleep 1000")
                .yaml("web", "ready: {tcp: \"" + address.getHostAddress() + ":" + port + "\"}");
        manager.start();
        Execution start = manager.program("bh-start", "web");
        manager.awaitLine("web starting");
        isWaitedFor(start);

        try (ServerSocket server = new ServerSocket(port, 1, address)) {
            assertThat(server.isBound()).isTrue();
            start.outcome().succeeds();
        }
    }

    @Test
    void testIsACommandThatSucceedsOnce() throws Exception {
        manager.script("web", "run", "exec sleep 1000")
                .yaml("web", "ready: {test: [CMD-SHELL, \"echo not yet; test -e " + file("go") + "\"]}");
        manager.start();
        Execution start = manager.program("bh-start", "web");
        manager.awaitNote("web", "not yet");
        isWaitedFor(start);

        open("go");

        start.outcome().succeeds();
        assertThat(manager.ask("status").out()).doesNotContain("not yet");
    }

    @Test
    void notReadyInTimeLetsNobodyThrough() throws Exception {
        manager.script("web", "run", "exec sleep 1000")
                .yaml("web", "ready: {fd: 3}", "timeouts: {ready: 500ms}", "restart: \"no\"");
        manager.script("app", "pre", "touch " + file("through")).yaml("app", "requires: [web]", "restart: \"no\"");
        manager.start();

        Outcome start = manager.run("bh-start", "app");

        assertThat(start.status()).isOne();
        assertThat(start.err())
                .hasLineCount(1)
                .contains("app: requires web: run was not ready within 0.5 s")
                .endsWith("(log: bh logs web)\n");
        assertThat(file("through")).doesNotExist();
        assertThat(manager.ask("status", "web").isSilentButFor("failed\n")).isOne();
    }

    @Test
    void deadBeforeItWasReadyFailsTheStartAndIsTriedAgain() throws Exception {
        manager.script("web", "run", "[ ! -e " + file("heal") + " ] || { echo >&3; exec sleep 1000; }", "exit 3")
                .yaml("web", "ready: {fd: 3}", "restart_delay: 10ms", "restart_max_delay: 10ms");
        manager.start();

        Outcome start = manager.run("bh-start", "web");

        assertThat(start.status()).isOne();
        assertThat(start.err()).startsWith("bh-start: web: run exited 3").contains(", before it was ready");
        manager.awaitLine("web restarting: run exited 3", 2);
        open("heal");
        manager.awaitLine("web started");
    }

    @Test
    void readinessIsAskedAnewAfterARestart() throws Exception {
        manager.script(
                        "web",
                        "run",
                        "if [ -e " + file("lived") + " ]; then " + waitFor("go") + "; fi",
                        "touch " + file("lived"),
                        "echo >&3",
                        "exec sleep 1000")
                .yaml("web", "ready: {fd: 3}", "restart_delay: 10ms");
        manager.script("app", "run", "exec sleep 1000").yaml("app", "requires: [web]");
        manager.start();
        manager.ask("start", "web").succeeds();
        ProcessHandle.of(manager.pid("web")).orElseThrow().destroyForcibly();
        manager.awaitLine("web starting", 2);

        Execution start = manager.program("bh-start", "app");
        manager.awaitLine("app starting");
        isWaitedFor(start);

        open("go");
        start.outcome().succeeds();
    }

    @Test
    void theManagerOfAnOrdinaryUserHearsItsServicesToo() throws Exception {
        needs("/usr/bin/systemd-notify");
        manager.asOrdinaryUser();
        manager.script("web", "run", "systemd-notify --ready --status=fine", "exec sleep 1000")
                .yaml("web", "ready: {notify: true}", "healthcheck: {test: \"true\", interval: 100ms}");
        manager.script("app", "run", "exec sleep 1000").yaml("app", "requires: [web]");
        manager.start();

        manager.ask("start", "app").succeeds();

        manager.awaitStatus("web", "status", "fine");
        manager.awaitStatus("web", "health", "healthy");
    }

    @Test
    void aStopOfEverythingWaitsForNobodyWhoIsNotReady() throws Exception {
        manager.script("slow", "run", "touch " + file("begun"), "exec sleep 1000")
                .yaml("slow", "ready: {fd: 3}", "timeouts: {ready: 1h}");
        manager.script("app", "pre", "touch " + file("through")).yaml("app", "requires: [slow]");
        manager.start();
        Execution start = manager.program("bh-start", "app");
        manager.awaitFile(file("begun"));

        manager.run("bh-stopall").isSilent(0);

        assertThat(start.outcome().status()).isOne();
        assertThat(file("through")).doesNotExist();
        assertThat(manager.processes()).isEmpty();
    }

    @Test
    void theManagerEndsWhateverItsServicesAreAt() throws Exception {
        needs("/usr/bin/systemd-notify");
        manager.script("preparing", "pre", "touch " + file("preparing"), waitFor("never"))
                .yaml("preparing", "timeouts: {pre: 1h}");
        manager.script("requiring", "run", "exec sleep 1000").yaml("requiring", "requires: [preparing]");
        manager.script("unready", "run", "touch " + file("unready"), "exec sleep 1000")
                .yaml("unready", "ready: {notify: true}", "timeouts: {ready: 1h}");
        manager.script("watched", "run", "systemd-notify --ready", "exec sleep 1000")
                .yaml("watched", "ready: {notify: true, watchdog: 1h}");
        manager.script("leaving", "run", "systemd-notify --ready", "systemd-notify STOPPING=1", "exec sleep 1000")
                .yaml("leaving", "ready: {notify: true}", "stop_grace_period: 1h");
        manager.script("dying", "run", "exit 1").yaml("dying", "restart_delay: 1h", "restart_max_delay: 1h");
        manager.script("lingering", "run", "exec sleep 1000").yaml("lingering", "linger: 1h");
        manager.start();
        manager.ask("require", "lingering").succeeds();
        assertThat(manager.ask("release", "lingering").err()).contains("lingering: kept for 3600.0 s");
        manager.ask("start", "watched", "leaving").succeeds();
        manager.ask("start", "dying");
        manager.awaitLine("leaving stopping");
        manager.awaitLine("dying restarting");
        Execution starts = manager.program("bh-start", "requiring", "unready");
        manager.awaitFile(file("preparing"));
        manager.awaitFile(file("unready"));
        assertThat(manager.state("lingering")).isEqualTo("started");
        assertThat(manager.state("requiring")).isEqualTo("starting");

        manager.stop();

        assertThat(starts.outcome().status()).isNotZero();
        assertThat(manager.processes()).isEmpty();
    }
}
