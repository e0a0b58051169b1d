package bellhop.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.control.Access;
import bellhop.control.Client;
import bellhop.control.ControlLoop;
import bellhop.control.ControlServer;
import bellhop.control.RequestHandler;
import bellhop.control.RunDir;
import bellhop.linux.Self;
import bellhop.terminal.Look;
import bellhop.terminal.Pen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BhTest {

    private static final int LIMIT_SECONDS = 30;

    @TempDir
    Path directory;

    private final Map<String, String> environment = new TreeMap<>();
    private RunDir runDir;
    private @Nullable ControlLoop loop;

    @BeforeEach
    void name() {
        runDir = new RunDir(directory);
        environment.put("BELLHOP_RUNDIR", directory.toString());
    }

    @AfterEach
    void stop() {
        if (loop != null) {
            loop.close();
        }
    }

    /** A manager that prints its words, one in each line, and exits with their number. */
    private void startManager() throws IOException {
        startManager((words, client) -> {
            words.forEach(client::out);
            client.err("that was all");
            client.exit(words.size());
        });
    }

    private void startManager(RequestHandler handler) throws IOException {
        ControlLoop started = ControlLoop.start(line -> {});
        loop = started;
        ControlServer.open(started, runDir.socket(), Access.ofOwner(), handler);
    }

    private Outcome bh(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        int code = new Bh(environment, out, errors, new Pen(out, errors, Look.plain())).run(List.of(arguments));
        return new Outcome(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private Process launch(String... arguments) throws IOException {
        return launch(List.of(), ProcessBuilder.Redirect.PIPE, arguments);
    }

    private Process launch(List<String> options, ProcessBuilder.Redirect out, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Run.java(Bh.class, options, arguments)).redirectOutput(out);
        builder.environment().keySet().removeIf(name -> name.startsWith("BELLHOP_"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Outcome end(Process process) throws Exception {
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        return new Outcome(
                process.exitValue(),
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
                new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void wordsGoThereAndLinesComeBackAsTheyAre() throws Exception {
        startManager();
        assertThat(bh("start", "a b", "", "\"é\\\t"))
                .isEqualTo(new Outcome(4, "start\na b\n\n\"é\\\t\n", "that was all\n"));
        assertThat(bh()).isEqualTo(new Outcome(0, "", "that was all\n"));
    }

    @Test
    void theCallerIsTheServiceThatTheScriptBelongsTo() throws Exception {
        startManager();
        environment.put("BELLHOP_SERVICE", "getty@ttyS0");
        assertThat(bh("status").out()).isEqualTo("status\n");
        environment.put("BELLHOP_INCARNATION", "17");
        assertThat(bh("status").out()).isEqualTo("--caller=getty@ttyS0#17\nstatus\n");
    }

    @Test
    void theRunDirCanBeNamedAnywhereInFrontOfTwoDashes() throws Exception {
        startManager();
        environment.clear();
        String rundir = directory.toString();
        assertThat(bh("--rundir", rundir, "status", "a").out()).isEqualTo("status\na\n");
        assertThat(bh("status", "--rundir=" + rundir, "--", "--rundir").out()).isEqualTo("status\n--\n--rundir\n");
        assertThat(bh("status", "--rundir")).isEqualTo(new Outcome(64, "", "bh: --rundir: DIR is missing\n"));
    }

    @Test
    void withoutAManagerItSaysHowToStartOne() throws Exception {
        Outcome expected = new Outcome(
                69,
                "",
                "bh: no manager is running (nothing answers at " + runDir.socket() + "); start one with: bh run\n");
        assertThat(bh("status")).isEqualTo(expected);
        try (var left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(runDir.socket()));
        }
        assertThat(bh("status")).isEqualTo(expected);
    }

    @Test
    void aRunDirPathTooLongForASocketIsOneClearError() {
        Outcome run = bh("--rundir", "/tmp/" + "d".repeat(100), "status");
        assertThat(run.status()).isEqualTo(69);
        assertThat(run.err()).contains("too long for a socket").hasLineCount(1);
    }

    @Test
    void aManagerThatGoesAwayIsNoAnswer() throws Exception {
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(runDir.socket()));
            Thread.ofPlatform().start(() -> {
                try (SocketChannel client = server.accept()) {
                    client.write(ByteBuffer.wrap("o one\no tw".getBytes(StandardCharsets.UTF_8)));
                    client.read(ByteBuffer.allocate(1));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(bh("status"))
                    .isEqualTo(new Outcome(69, "one\ntw", "bh: the manager went away before it answered; ask again\n"));
        }
    }

    @Test
    void linesOfALaterProtocolAreLeftOut() throws Exception {
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(runDir.socket()));
            Thread.ofPlatform().start(() -> {
                try (SocketChannel client = server.accept()) {
                    client.read(ByteBuffer.allocate(100));
                    client.write(ByteBuffer.wrap("a\n\nz later\no  kept \nx\nx \nx 1234\nx a\nx 7\no no\n"
                            .getBytes(StandardCharsets.UTF_8)));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(bh("status")).isEqualTo(new Outcome(7, " kept \n", ""));
        }
    }

    @Test
    void whoMayNotConnectIsToldSo() throws Exception {
        assumeTrue(Self.euid() == 0, "root is needed to become somebody else");
        startManager();
        Files.setAttribute(directory, "unix:mode", 0755);
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--clear-groups"));
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "SKIPPED: there is no setpriv here");
        List<String> java = Run.java(Bh.class, List.of(), "status");
        assumeTrue(readableByAll(java), "SKIPPED: the classes are not for everybody to read");
        command.addAll(java);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        assertThat(end(builder.start()))
                .isEqualTo(new Outcome(69, "", "bh: no permission to use " + runDir.socket() + "; be root\n"));

        Files.setAttribute(runDir.socket(), "unix:gid", 1);
        Files.setAttribute(runDir.socket(), "unix:mode", 0660);
        String group = Files.readAttributes(runDir.socket(), PosixFileAttributes.class)
                .group()
                .getName();
        assertThat(end(builder.start()).err())
                .isEqualTo("bh: no permission to use " + runDir.socket() + "; be root, or a member of group " + group
                        + "\n");
    }

    /** Whether another user could load the client's own classes. */
    private static boolean readableByAll(List<String> command) throws IOException {
        Path code = Path.of(
                Bh.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        for (Path path : List.of(Path.of(command.getFirst()), code)) {
            for (Path at = path; at != null; at = at.getParent()) {
                if (((int) Files.getAttribute(at, "unix:mode") & 5) == 0) {
                    return false;
                }
            }
        }
        return true;
    }

    @Test
    void whoReadsNoMoreEndsItQuietly() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        startManager((words, client) -> {
            client.out("first");
            Thread.ofPlatform().daemon().start(() -> {
                await(closed);
                client.out("second");
                client.exit(0);
            });
        });
        Process process = launch("status");
        assertThat(process.inputReader().readLine()).isEqualTo("first");
        process.getInputStream().close();
        closed.countDown();
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(141);
        assertThat(process.errorReader().readLine()).isNull();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aFullDiskBehindStandardOutputIsOneClearError() throws Exception {
        startManager();
        Process process = launch(
                List.of(), ProcessBuilder.Redirect.to(Path.of("/dev/full").toFile()), "status");
        assertThat(end(process))
                .isEqualTo(new Outcome(1, "", "bh: standard output: No space left on device (ENOSPC)\n"));
    }

    @Test
    void closingTheClientCancelsItsWaiting() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        startManager((words, client) -> {
            client.onGone(gone::countDown);
            waiting.countDown();
        });
        Process process = launch("start", "a");
        assertThat(waiting.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        process.destroyForcibly();
        assertThat(gone.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whereAManagerAnswersNeitherPicocliNorYamlNorTheSocketLibraryIsLoaded() throws Exception {
        startManager();
        Path log = directory.resolve("classes");
        Process process =
                launch(List.of("-Xlog:class+load:file=" + log), ProcessBuilder.Redirect.PIPE, "status", "--help");
        assertThat(end(process)).isEqualTo(new Outcome(2, "status\n--help\n", "that was all\n"));
        List<String> classes = Files.readAllLines(log).stream()
                .map(line -> line.replaceFirst("^(\\[[^]]*])*\\s*", ""))
                .toList();
        assertThat(classes).anyMatch(name -> name.startsWith("bellhop.program.Bh "));
        assertThat(classes)
                .noneMatch(name -> name.startsWith("picocli.")
                        || name.startsWith("org.snakeyaml.")
                        || name.startsWith("org.newsclub.")
                        || (name.startsWith("bellhop.cli.") && !name.startsWith("bellhop.cli.VerbName"))
                        || name.startsWith("bellhop.manager.")
                        || name.startsWith("bellhop.core.")
                        || name.startsWith("bellhop.linux."));
    }

    @Test
    void helpNeedsNoManager() throws Exception {
        for (String[] words : new String[][] {{"--help"}, {"status", "--help"}, {"--version"}}) {
            Outcome run = end(launch(words));
            assertThat(run.status()).as(String.join(" ", words)).isZero();
            assertThat(run.out()).isNotEmpty();
            assertThat(run.err()).isEmpty();
        }
    }

    @Test
    void theSmallProgramsAreVerbsToo() throws Exception {
        Path file = directory.resolve("count");
        assertThat(bh("semaphore", file.toString(), "+").status()).isZero();
        assertThat(file).hasContent("1");
        assertThat(bh("state", file.toString(), "1").status()).isEqualTo(1);
        assertThat(bh("connect", file.toString()).err()).isEqualTo("connect: " + file + ": is not a socket\n");
    }

    @Test
    void aLongAnswerComesWhole() throws Exception {
        startManager((words, client) -> lines(client, 200_000));
        Outcome run = bh("logs");
        assertThat(run.status()).isEqualTo(3);
        assertThat(run.out()).hasLineCount(200_000).endsWith("\n199999\n");
    }

    private static void lines(Client client, int count) {
        client.outAll(
                IntStream.range(0, count)
                        .mapToObj(i -> Integer.toString(i).getBytes(StandardCharsets.UTF_8))
                        .iterator(),
                () -> client.exit(3));
    }
}
