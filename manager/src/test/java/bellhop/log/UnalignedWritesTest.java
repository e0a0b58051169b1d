package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.linux.Fd;
import bellhop.linux.Self;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies that a writer whose writes do not end where lines end is not held up, and that its lines are whole. */
class UnalignedWritesTest {
    private static final String LINE = "a line of forty bytes that end with this";
    private static final Rotation LARGE = new Rotation(1L << 40, 0);

    @TempDir
    Path directory;

    private LogScene scene;

    @BeforeEach
    void startPump() throws Exception {
        scene = new LogScene(directory, LARGE);
    }

    @AfterEach
    void closePump() {
        scene.close();
    }

    private static byte[] lines(int size) {
        return (LINE + "\n").repeat(size / (LINE.length() + 1) + 1).getBytes(StandardCharsets.US_ASCII);
    }

    /** Writes by so many bytes at a time, and waits for room as services do. */
    private void write(Destination destination, byte[] bytes, int atATime) throws Exception {
        int fd = scene.pump.open("web", scene.fifo("web", ""), "", destination, Self.euid(), false);
        try {
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
            while (direct.position() < bytes.length) {
                direct.limit(Math.min(bytes.length, direct.position() + atATime));
                Fd.write(fd, direct);
            }
        } finally {
            Fd.close(fd);
        }
    }

    /**
     * Where all is taken each time there is nothing to wait for. What is smaller than a page may be left in the FIFO, and
     * a writer that is kept from going on may then be waited for as long again.
     */
    private static long waitAllowed(int atATime) {
        return (atATime >= LineCopier.MUCH ? Duration.ofMillis(50) : Duration.ofSeconds(2)).toNanos();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                1, 2, 7, 40, 41, 42, 100, 511, 1000, 2049, 3000, 4095, 4096, 4097, 5000, 8191, 8192, 10_000, 16_385,
                30_000, 32_769, 50_000, 65_535, 65_536, 65_537, 66_560, 90_000, 100_000, 131_071, 131_072, 131_073,
                150_000, 200_000, 204_800
            })
    void writerIsNotKeptWaitingHoweverMuchItWritesAtATime(int atATime) throws Exception {
        byte[] bytes = lines(Math.clamp(atATime * 2_000L, 20_000, 16_000_000));
        scene.text("web");
        long before = scene.pump.waitedInVain.get();

        write(new Destination.LogFile(LARGE, true), bytes, atATime);

        assertThat(scene.pump.waitedInVain.get() - before).isLessThanOrEqualTo(waitAllowed(atATime));
        assertThat(scene.lines("web"))
                .hasSize(bytes.length / (LINE.length() + 1))
                .allMatch((LogScene.STAMP + LINE)::equals);
    }

    @ParameterizedTest
    @ValueSource(ints = {5000, 66_560, 131_072})
    void logIsRotatedBetweenLinesHoweverMuchIsWrittenAtATime(int atATime) throws Exception {
        Rotation small = new Rotation(100_000, 1_000);
        byte[] bytes = lines(2_000_000);

        write(new Destination.LogFile(small, false), bytes, atATime);

        assertThat(scene.bytes("web")).isEqualTo(bytes);
        try (Stream<Path> files = Files.list(scene.logs.resolve("web"))) {
            assertThat(files).hasSizeGreaterThan(20).allSatisfy(file -> {
                assertThat(Files.size(file)).isLessThanOrEqualTo(100_000);
                assertThat(Files.readString(file)).startsWith(LINE).endsWith(LINE + "\n");
            });
        }
    }

    @Test
    void linesOfTwoWritersOfOneLogAreNotTornHoweverFastOneWrites() throws Exception {
        Destination file = new Destination.LogFile(LARGE, false);
        int shell = scene.start("web", "[pre]", file, "until [ -e done ]; do echo between; sleep .002; done");
        byte[] bytes = lines(8_000_000);

        write(file, bytes, 5000);
        Files.createFile(directory.resolve("done"));
        LogScene.awaitEnd(shell);

        assertThat(scene.lines("web")).allMatch(List.of(LINE, "[pre] between")::contains);
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 5000, 66_560, 131_072})
    void linesOnTheConsoleAreWholeHoweverMuchIsWrittenAtATime(int atATime) throws Exception {
        byte[] bytes = lines(Math.clamp(atATime * 200L, 20_000, 4_000_000));

        write(new Destination.Console(), bytes, atATime);
        scene.text("web");

        assertThat(scene.console.text().lines())
                .hasSize(bytes.length / (LINE.length() + 1))
                .allMatch(("web: " + LINE)::equals);
    }

    /** None of its writes is told to the pump: the first left something in the FIFO, and the second waits for room. */
    @Test
    void longWriteAfterTheBeginningOfALineIsNoticedSoon() throws Exception {
        int fd = scene.pump.open(
                "web", scene.fifo("web", ""), "", new Destination.LogFile(LARGE, true), Self.euid(), false);
        try {
            ByteBuffer bytes = ByteBuffer.allocateDirect(500_000).put(lines(499_000));
            int rounds = 10;
            for (int i = 0; i < rounds; i++) {
                Fd.write(fd, bytes.position(0).limit(10));
                scene.text("web");
                Fd.write(fd, bytes.limit(200_000));
            }
            assertThat(scene.pump.waitedInVain.get())
                    .isLessThan(Duration.ofMillis(200).multipliedBy(rounds).toNanos());
        } finally {
            Fd.close(fd);
        }
    }
}
