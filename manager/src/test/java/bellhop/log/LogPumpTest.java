package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Await;
import bellhop.linux.Fd;
import bellhop.linux.Self;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real shells write to real FIFOs. */
class LogPumpTest {
    private static final String STAMP = LogScene.STAMP;

    @TempDir
    Path directory;

    private LogScene scene;

    @BeforeEach
    void startPump() throws IOException {
        scene = new LogScene(directory, LogScene.USUAL);
    }

    @AfterEach
    void closePump() {
        scene.close();
    }

    @Test
    void eachLineHasItsTimeStamp() throws Exception {
        scene.run("web", "echo one; echo two >&2; echo");

        assertThat(scene.text("web")).isEqualTo(STAMP + "one\n" + STAMP + "two\n" + STAMP + "\n");
        assertThat(scene.warnings).isEmpty();
    }

    @Test
    void marksDoNotMixWhereScriptsFollowEachOtherOnOneFifo() throws Exception {
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            String mark = List.of("[pre]", "", "[post]").get(i % 3);
            write("web", mark, i + "\nlast");
            String start = STAMP + mark + (mark.isEmpty() ? "" : " ");
            expected.append(start).append(i).append('\n').append(start).append("last\n");
        }

        assertThat(scene.text("web")).isEqualTo(expected.toString());
    }

    @Test
    void linesOfTheConsoleComeWholeEachAfterTheName() throws Exception {
        scene.runOnConsole("web", "", "printf half; sleep 1.2; printf ' a line\\nlast'");
        scene.runOnConsole("job@x", "[pre]", "echo one; echo two");

        scene.text("web"); // all that was written by now has been read
        assertThat(scene.console.text().lines())
                .containsExactlyInAnyOrder("web: half a line", "web: last", "job@x: [pre] one", "job@x: [pre] two");
        assertThat(scene.current("web")).doesNotExist();
    }

    @Test
    void longLinesOfTheConsoleComeInPiecesThatEachHaveTheName() throws Exception {
        scene.runOnConsole("web", "", "head -c 100000 /dev/zero | tr '\\0' x; echo; echo end");

        scene.console.awaitEnd("web: end\n");
        assertThat(scene.console.text().lines()).allMatch(line -> line.startsWith("web: "));
        assertThat(scene.console.text().replace("web: ", "").replace("\n", "")).isEqualTo("x".repeat(100_000) + "end");
    }

    @Test
    void eachWriterHasItsOwnSettings() throws Exception {
        scene.run("web", "echo stamped");
        LogScene.awaitEnd(scene.start(
                "web", "", new Destination.LogFile(new Rotation(20, 1), false), "echo plain; echo plain too"));

        assertThat(scene.text("web")).isEqualTo(STAMP + "stamped\nplain\nplain too\n");
        assertThat(scene.current("web")).hasContent("plain\nplain too\n");
    }

    @Test
    void theFifoBelongsToTheWriter() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can give a FIFO away");
        Fd.close(scene.pump.open("web", scene.fifo("web", ""), "", new Destination.Console(), 65534, true));
        assertThat(Fd.stat(scene.fifo("web", "")).uid()).isEqualTo(65534);
        Fd.close(scene.pump.open("web", scene.fifo("web", ""), "", new Destination.Console(), 0, true));
        assertThat(Fd.stat(scene.fifo("web", "")).uid()).isZero();
    }

    /** Writes as quickly as a test can, without a process. */
    private void write(String name, String mark, String text) throws IOException {
        int fd = scene.open(name, scene.fifo(name, ""), mark);
        ByteBuffer bytes = ByteBuffer.allocateDirect(64);
        Fd.write(fd, bytes.put(text.getBytes(StandardCharsets.US_ASCII)).flip());
        Fd.close(fd);
    }

    @Test
    void markStandsBeforeTheLinesOfItsScript() throws Exception {
        LogScene.awaitEnd(scene.start("web", "[pre]", "echo a"));
        scene.text("web");
        scene.run("web", "echo b");
        scene.text("web");
        LogScene.awaitEnd(scene.start("web", "[post]", "echo c"));

        assertThat(scene.text("web")).isEqualTo(STAMP + "[pre] a\n" + STAMP + "b\n" + STAMP + "[post] c\n");
    }

    @Test
    void everyNameHasItsOwnLog() throws Exception {
        List<Integer> shells = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            shells.add(scene.start("s" + i, "echo from " + i));
        }
        for (int shell : shells) {
            LogScene.awaitEnd(shell);
        }

        for (int i = 0; i < 40; i++) {
            assertThat(scene.text("s" + i)).isEqualTo(STAMP + "from " + i + "\n");
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().contains("log"))
                .hasSize(1);
    }

    @Test
    void hundredThousandLinesAreThereOnceEachWhileTheLogIsRotated() throws Exception {
        scene.close();
        scene = new LogScene(directory, new Rotation(100_000, 1_000));

        scene.run("web", "seq 1 100000");

        assertThat(scene.text("web"))
                .isEqualTo(IntStream.rangeClosed(1, 100_000)
                        .mapToObj(i -> STAMP + i + "\n")
                        .collect(Collectors.joining()));
        try (Stream<Path> files = Files.list(directory.resolve("log/web"))) {
            assertThat(files).hasSizeGreaterThan(30).allSatisfy(file -> {
                assertThat(Files.size(file)).isLessThanOrEqualTo(100_000);
                assertThat(Files.readString(file)).startsWith(STAMP).endsWith("\n");
            });
        }
    }

    @Test
    void fiveOlderFilesOfOneMebibyteStay() throws Exception {
        scene.run("web", "seq 1000000 1300000");

        List<String> lines = scene.lines("web");
        assertThat(lines).last().isEqualTo(STAMP + "1300000");
        for (int i = 1; i < lines.size(); i++) {
            assertThat(number(lines.get(i))).isEqualTo(number(lines.get(i - 1)) + 1);
        }
        try (Stream<Path> files = Files.list(directory.resolve("log/web"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "current", "current.1", "current.2", "current.3", "current.4", "current.5");
        }
        for (int i = 1; i <= 5; i++) {
            assertThat(Files.size(directory.resolve("log/web/current." + i))).isBetween(900_000L, 1L << 20);
        }
    }

    private static int number(String line) {
        return Integer.parseInt(line.substring(STAMP.length()));
    }

    @Test
    void bytesAreKeptAsTheyAre() throws Exception {
        byte[] bytes = new byte[3 * 256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 7);
        }
        Files.write(directory.resolve("bytes"), bytes);

        scene.run("web", "cat bytes; echo");

        String stamped = (LogScene.text(bytes) + "\n").replaceAll("(?s)([^\n]*\n)", STAMP + "$1");
        assertThat(scene.text("web")).isEqualTo(stamped);
    }

    @Test
    void longLineStaysOneLine() throws Exception {
        scene.run("web", "echo before; head -c 204800 /dev/zero | tr '\\0' x; echo; echo after");

        assertThat(scene.text("web"))
                .isEqualTo(STAMP + "before\n" + STAMP + "x".repeat(204_800) + "\n" + STAMP + "after\n");
    }

    @Test
    void lineThatNeverEndsDoesNotKeepTheLogFromBeingRotated() throws Exception {
        scene.close();
        scene = new LogScene(directory, new Rotation(100_000, 100));

        scene.run("web", "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo after");

        assertThat(scene.text("web")).isEqualTo(STAMP + "x".repeat(1_000_000) + "\n" + STAMP + "after\n");
        try (Stream<Path> files = Files.list(directory.resolve("log/web"))) {
            assertThat(files)
                    .hasSizeGreaterThan(3)
                    .allSatisfy(file -> assertThat(Files.size(file)).isLessThanOrEqualTo(200_000));
        }
    }

    @Test
    void lastLineWithoutNewlineIsEndedWhenItsWriterIsGone() throws Exception {
        scene.run("web", "printf 'one\\ntwo'");
        assertThat(scene.text("web")).isEqualTo(STAMP + "one\n" + STAMP + "two\n");

        scene.run("web", "printf three");
        assertThat(scene.text("web")).endsWith(STAMP + "two\n" + STAMP + "three\n");
    }

    @Test
    void longLastLineWithoutNewlineIsEndedWhenItsWriterIsGone() throws Exception {
        scene.run("web", "head -c 100000 /dev/zero | tr '\\0' x");
        scene.run("web", "echo next");

        assertThat(scene.text("web")).isEqualTo(STAMP + "x".repeat(100_000) + "\n" + STAMP + "next\n");
    }

    @Test
    void halfALineWaitsForItsOtherHalfWhileOthersWrite() throws Exception {
        int shell =
                scene.start("web", "printf half; touch printed; until [ -e go ]; do sleep .01; done; echo ' whole'");
        LogScene.awaitFile(directory.resolve("printed"));
        LogScene.awaitEnd(scene.start("web", "[post]", "echo between"));
        assertThat(scene.text("web")).isEqualTo(STAMP + "[post] between\n");

        Files.createFile(directory.resolve("go"));
        LogScene.awaitEnd(shell);
        assertThat(scene.text("web")).isEqualTo(STAMP + "[post] between\n" + STAMP + "half whole\n");
    }

    @Test
    void halfALineIsShownAfterAWhileAndContinuedLater() throws Exception {
        LogScene.Kept kept = new LogScene.Kept();
        scene.pump.follow("web", 10, kept::add);

        int shell = scene.start("web", "printf 'login: '; until [ -e go ]; do sleep .01; done; echo alice");
        kept.awaitEnd("login: ");
        Files.createFile(directory.resolve("go"));
        LogScene.awaitEnd(shell);

        assertThat(scene.text("web")).isEqualTo(STAMP + "login: alice\n");
        assertThat(kept.text()).isEqualTo(STAMP + "login: alice\n");
    }

    @Test
    void lineThatWasShownHalfIsBrokenWhereAnotherScriptWrites() throws Exception {
        LogScene.Kept kept = new LogScene.Kept();
        scene.pump.follow("web", 10, kept::add);
        int shell = scene.start("web", "printf half; until [ -e go ]; do sleep .01; done; echo whole");
        kept.awaitEnd("half");
        LogScene.awaitEnd(scene.start("web", "[post]", "echo between"));
        scene.text("web");
        Files.createFile(directory.resolve("go"));
        LogScene.awaitEnd(shell);

        assertThat(scene.text("web")).isEqualTo(STAMP + "half\n" + STAMP + "[post] between\n" + STAMP + "whole\n");
    }

    /** Each byte takes a place of its own in the FIFO, which then is full with 16 of them. */
    @Test
    void writerOfTinyPacketsWithoutNewlineIsNotKeptWaitingForEver() throws Exception {
        scene.run("web", "printf '0123456789abcdefghij\\n' | dd bs=1 oflag=direct 2>/dev/null");

        assertThat(scene.text("web")).isEqualTo(STAMP + "0123456789abcdefghij\n");
    }

    @Test
    void grandchildThatOutlivesTheScriptIsHeardUntilItEnds() throws Exception {
        scene.run("web", "(until [ -e go ]; do sleep .01; done; echo late) & echo early");
        assertThat(scene.text("web")).isEqualTo(STAMP + "early\n");

        LogScene.Kept kept = new LogScene.Kept();
        scene.pump.follow("web", 0, kept::add);
        scene.text("web");
        Files.createFile(directory.resolve("go"));
        kept.awaitEnd("late\n");
        assertThat(scene.text("web")).isEqualTo(STAMP + "early\n" + STAMP + "late\n");
    }

    @Test
    void nothingIsLostWhereOneWriterEndsWhileTheNextIsAttached() throws Exception {
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            write("web", "", i + "\n");
            expected.append(STAMP).append(i).append('\n');
        }

        assertThat(scene.text("web")).isEqualTo(expected.toString());
    }

    @Test
    void nothingIsLostOfManyShortScripts() throws Exception {
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            scene.run("web", "echo " + i);
            expected.append(STAMP).append(i).append('\n');
        }

        assertThat(scene.text("web")).isEqualTo(expected.toString());
    }

    @Test
    void descriptorsAreGivenBack() throws Exception {
        scene.run("web", "echo");
        scene.text("web");
        long before = descriptors();
        for (int i = 0; i < 50; i++) {
            scene.run("web", "echo");
        }
        scene.text("web");
        // The last end may not have been noticed yet; what is asked again comes after it.
        scene.text("web");

        assertThat(descriptors()).isLessThanOrEqualTo(before + 1);
    }

    @Test
    void fileOfALogIsClosedWhenThereIsNothingMoreToWrite() throws Exception {
        int shell = scene.start("web", "seq 1 50000; until [ -e go ]; do sleep .01; done");
        Await.until("the last line is there", () -> scene.text("web").endsWith(STAMP + "50000\n"));

        Await.until("it is closed", () -> descriptors(scene.current("web")) == 0);
        Files.createFile(directory.resolve("go"));
        LogScene.awaitEnd(shell);
    }

    @Test
    void fileThatIsRenamedAmidTheOutputGetsNothingMore() throws Exception {
        scene.close();
        scene = new LogScene(directory, new Rotation(1L << 40, 0));
        int shell = scene.start("web", "seq 1 400000");
        Path renamed = scene.current("web").resolveSibling("renamed");
        LogScene.awaitFile(scene.current("web"));

        Files.move(scene.current("web"), renamed);
        long size = Files.size(renamed);
        LogScene.awaitEnd(shell);

        String log = scene.text("web");
        // What was being appended at that very moment is all that may still have got there.
        assertThat(Files.size(renamed)).isLessThan(size + 2 * Transfer.CAPACITY);
        assertThat(Files.readString(renamed) + log)
                .isEqualTo(IntStream.rangeClosed(1, 400_000)
                        .mapToObj(i -> STAMP + i + "\n")
                        .collect(Collectors.joining()));
    }

    /** Also with the beginning of a line that it had to look at again and again until it was a second old. */
    @Test
    void pumpDoesNotWakeUpWhileNobodyWrites() throws Exception {
        LogScene.Kept kept = new LogScene.Kept();
        scene.pump.follow("web", 10, kept::add);
        int shell = scene.start("web", "echo line; printf half; until [ -e go ]; do sleep .1; done");
        kept.awaitEnd("half");
        Path status = statusOfPump();
        // The first look after that finds nothing more.
        Await.until("it sleeps", () -> Files.readString(status).contains("State:\tS"));

        long before = wakeUps(status);
        Thread.sleep(Duration.ofSeconds(1));
        assertThat(wakeUps(status)).isLessThanOrEqualTo(before + 1);
        Files.createFile(directory.resolve("go"));
        LogScene.awaitEnd(shell);
    }

    private static Path statusOfPump() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            for (Path thread : threads.toList()) {
                if (Files.readString(thread.resolve("comm")).equals("bellhop-log\n")) {
                    return thread.resolve("status");
                }
            }
        }
        throw new AssertionError("there is no pump");
    }

    private static long wakeUps(Path status) throws IOException {
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    /** How many descriptors are open on the FIFO; the JVM opens others whenever it likes. */
    private long descriptors() throws IOException {
        return descriptors(scene.fifo("web", ""));
    }

    private static long descriptors(Path file) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.filter(entry -> leadsTo(entry, file)).count();
        }
    }

    private static boolean leadsTo(Path link, Path file) {
        try {
            return Files.readSymbolicLink(link).equals(file);
        } catch (IOException e) {
            return false; // it was closed meanwhile
        }
    }

    @Test
    void serviceThatOutlivesThePumpIsHeardByTheNextOne() throws Exception {
        Fd.mkfifo(scene.fifo("web", ""), 0600);
        // Whoever is gone before the next pump is there takes what nobody has read with him.
        int kept = Fd.open(scene.fifo("web", ""), Fd.O_RDWR, 0);
        int shell = scene.start("web", "i=0; until [ -e enough ]; do echo $i; i=$((i+1)); done");
        for (int i = 0; i < 20; i++) {
            Path log = scene.current("web");
            long before = Files.exists(log) ? Files.size(log) : 0;
            scene.restartPump();
            scene.attach("web", scene.fifo("web", ""));
            Await.until("pump " + i + " hears it", () -> Files.exists(log) && Files.size(log) != before);
        }
        Files.createFile(directory.resolve("enough"));
        LogScene.awaitEnd(shell);
        Fd.close(kept);

        List<String> lines = scene.lines("web");
        assertThat(scene.text("web"))
                .isEqualTo(IntStream.range(0, lines.size())
                        .mapToObj(i -> STAMP + i + "\n")
                        .collect(Collectors.joining()));
    }

    @Test
    void fifoThatNobodyWritesToAnyMoreIsGivenUp() throws Exception {
        Fd.mkfifo(scene.fifo("web", ""), 0600);
        long before = descriptors();

        scene.attach("web", scene.fifo("web", ""));

        assertThat(scene.text("web")).isEmpty();
        assertThat(descriptors()).isLessThanOrEqualTo(before);
    }

    @Test
    void logThatBreaksOffInALineGoesOnInANewOne() throws Exception {
        Files.createDirectories(scene.current("web").getParent());
        Files.writeString(scene.current("web"), "torn");

        scene.run("web", "echo next");

        assertThat(scene.text("web")).isEqualTo("torn\n" + STAMP + "next\n");
    }

    @Test
    void filesThatSomebodyRemovesAreMadeAgain() throws Exception {
        int shell = scene.start("web", "echo one; until [ -e go ]; do sleep .01; done; echo two");
        LogScene.awaitFile(scene.current("web"));
        Files.delete(scene.current("web"));
        Files.delete(directory.resolve("log/web"));
        Files.createFile(directory.resolve("go"));
        LogScene.awaitEnd(shell);

        assertThat(scene.text("web")).isEqualTo(STAMP + "two\n");
    }

    @Test
    void logThatCannotBeRotatedGrowsOnAndThatIsToldOnce() throws Exception {
        scene.close();
        scene = new LogScene(directory, new Rotation(1_000, 2));
        Files.createDirectories(directory.resolve("log/web/current.2/full"));
        Files.createDirectories(directory.resolve("log/web/current.1/full"));

        scene.run("web", "for i in 1 2 3 4 5 6; do head -c 800 /dev/zero | tr '\\0' x; echo; sleep .02; done");

        assertThat(scene.lines("web")).hasSize(6);
        assertThat(scene.warnings).hasSize(1).first().asString().contains("cannot rotate the log, which keeps growing");
    }

    @Test
    void followerGetsTheEndOfTheLogAndThenEverything() throws Exception {
        scene.run("web", "seq 1 9");
        LogScene.Kept kept = new LogScene.Kept();
        Runnable end = scene.pump.follow("web", 2, kept::add);
        kept.awaitEnd("9\n");
        scene.run("web", "seq 10 20000");
        kept.awaitEnd(STAMP + "20000\n");

        end.run();
        scene.text("web");
        scene.run("web", "echo unheard");
        scene.text("web");
        assertThat(kept.text())
                .isEqualTo(IntStream.rangeClosed(8, 20_000)
                        .mapToObj(i -> STAMP + i + "\n")
                        .collect(Collectors.joining()));
    }

    @Test
    void followerThatJoinsAmidTheOutputMissesNothing() throws Exception {
        int shell = scene.start("web", "seq 1 200000");
        List<LogScene.Kept> followers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            LogScene.Kept kept = new LogScene.Kept();
            followers.add(kept);
            scene.pump.follow("web", 5, kept::add);
            Await.until("follower " + i + " hears something", () -> !kept.text().isEmpty());
        }
        LogScene.awaitEnd(shell);

        for (LogScene.Kept kept : followers) {
            kept.awaitEnd(STAMP + "200000\n");
            List<String> lines = kept.text().lines().toList();
            assertThat(number(lines.getLast()) - number(lines.getFirst())).isEqualTo(lines.size() - 1);
        }
    }

    @Test
    void followerThatThrowsHarmsNobody() throws Exception {
        LogScene.Kept kept = new LogScene.Kept();
        scene.pump.follow("web", 0, bytes -> {
            throw new IllegalStateException("no");
        });
        scene.pump.follow("web", 0, bytes -> {
            if (bytes.length > 0) {
                throw new NoClassDefFoundError("as where the program has been replaced");
            }
        });
        scene.pump.follow("web", 0, kept::add);
        scene.text("web");

        scene.run("web", "echo one");

        kept.awaitEnd("one\n");
        assertThat(scene.text("web")).isEqualTo(STAMP + "one\n");
    }

    @Test
    void whatIsNoFifoIsRefused() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);

        assertThatThrownBy(() -> scene.open("web", file, ""))
                .isInstanceOf(IOException.class)
                .hasMessage(file + ": not a FIFO");
        assertThatThrownBy(() -> scene.open("web", link, ""))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ELOOP");
        assertThatThrownBy(() -> scene.open("web", directory.resolve("gone/fifo"), ""))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ENOENT");
    }

    @Test
    void nameThatIsAPathIsRefused() {
        for (String name : List.of("", ".", "..", "../x", "a/b")) {
            assertThatThrownBy(() -> scene.attach(name, directory.resolve("fifo")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void closedPumpTakesNothing() throws Exception {
        scene.run("web", "echo before");
        scene.close();

        assertThat(Files.readString(scene.current("web"))).isEqualTo(STAMP + "before\n");
        assertThatThrownBy(() -> scene.open("web", scene.fifo("web", ""), ""))
                .isInstanceOf(IOException.class)
                .hasMessage("the logs are closed");
        scene.close();
    }

    private void write(int fd, String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Fd.write(fd, ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    }

    private int openAnew(String mark) throws Exception {
        return scene.pump.open(
                "web", scene.fifo("web", ""), mark, new Destination.LogFile(LogScene.USUAL, false), Self.euid(), false);
    }

    @Test
    void ofFifosThatWereReplacedThereComesWhatWasInThemAndInOrder() throws Exception {
        Files.createFile(scene.logs); // nothing can be written for now
        int first = openAnew("");
        write(first, "one\ntw");
        int second = openAnew("[b]");
        write(first, "forged\n");
        write(second, "three\n");
        int third = openAnew("[c]");
        write(second, "forged\n");
        write(third, "four\n");
        Files.delete(scene.logs);

        assertThat(scene.text("web")).isEqualTo("one\ntw\n[b] three\n[c] four\n");
        for (int fd : List.of(first, second, third)) {
            Fd.close(fd);
        }
    }

    @Test
    void whoStealsFromAFifoThatWasReplacedHoldsNothingUp() throws Exception {
        Files.createFile(scene.logs);
        int first = openAnew("");
        write(first, "one\n");
        int second = openAnew("");
        write(second, "two\n");
        assertThat(Fd.read(first, ByteBuffer.allocateDirect(100))).isEqualTo(4);
        Files.delete(scene.logs);

        // The pump may have looked at the first line before it was stolen.
        assertThat(scene.text("web")).isIn("two\n", "one\ntwo\n");
        Fd.close(first);
        Fd.close(second);
    }

    @Test
    void aFifoThatOthersCouldOpenIsNotTakenThoughItMayBeShared() throws Exception {
        int first = scene.open("web", scene.fifo("web", ""), "");
        Fd.chmod(scene.fifo("web", ""), 0620);
        int second = scene.open("web", scene.fifo("web", ""), "");
        assertThat(Fd.fstat(second).ino()).isNotEqualTo(Fd.fstat(first).ino());
        write(first, "of the older one\n");

        assertThat(scene.text("web")).isEqualTo(LogScene.STAMP + "of the older one\n");
        Fd.close(first);
        Fd.close(second);
    }

    @Test
    void whoAsksForTheEndOfALogAfterTheEndIsAnswered() throws Exception {
        scene.run("web", "echo a");
        scene.pump.close();

        assertThat(scene.bytes("web")).isEmpty();
        AtomicBoolean settled = new AtomicBoolean();
        scene.pump.settled(() -> settled.set(true));
        assertThat(settled).isTrue();
    }
}
