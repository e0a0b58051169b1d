package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Verifies that pumps that are killed at random moments lose and double nothing: {@code -Dpump.kills=200} tries more.
 * Where {@link TransferTest} cuts where it knows that something can be cut, this one knows nothing.
 */
class KilledPumpTest {
    private static final int KILLS = Integer.getInteger("pump.kills", 8);
    private static final int LINES = 150_000 * KILLS;
    private static final long SEED = Long.getLong("pump.seed", System.nanoTime());

    @TempDir
    Path directory;

    @Test
    @Timeout(600)
    void eachLineIsInTheLogOnce() throws Exception {
        Random chance = new Random(SEED);
        List<Integer> shells = new ArrayList<>();
        int amidATransfer = 0;
        String numbers;
        String same;
        List<String> warnings;
        try (LogScene scene = new LogScene(directory, LogScene.USUAL)) {
            shells.add(scene.start("numbers", "", PumpProcess.DESTINATION, writer("seq " + LINES)));
            shells.add(scene.start("same", "", PumpProcess.DESTINATION, writer("yes same | head -n " + LINES)));
        }
        Files.createFile(directory.resolve("go"));
        try {
            for (int i = 0; i < KILLS; i++) {
                Process pump = startPump();
                awaitGrowth(pump);
                TimeUnit.MICROSECONDS.sleep(chance.nextInt(30_000));
                pump.destroyForcibly().waitFor();
                amidATransfer += Files.readAllBytes(directory.resolve("notes"))[7] == 0 ? 0 : 1;
            }
        } finally {
            try (LogScene scene = new LogScene(directory, LogScene.USUAL)) {
                for (String name : List.of("numbers", "same")) {
                    scene.pump.attach(name, scene.fifo(name, ""), "", PumpProcess.DESTINATION);
                }
                Files.createFile(directory.resolve("read"));
                for (int shell : shells) {
                    LogScene.awaitEnd(shell);
                }
                numbers = scene.text("numbers");
                same = scene.text("same");
                warnings = scene.warnings;
            }
        }
        System.out.println(KILLS + " pumps were killed, " + amidATransfer + " of them amid a transfer");
        assertSame(
                numbers, IntStream.rangeClosed(1, LINES).mapToObj(n -> n + "\n").collect(Collectors.joining()));
        assertSame(same, "same\n".repeat(LINES));
        assertThat(warnings).isEmpty();
    }

    /** It has its FIFO open until somebody reads it for good: what nobody has open the kernel forgets. */
    private static String writer(String command) {
        return "until [ -e go ]; do :; done; " + command + "; until [ -e read ]; do sleep 0.01; done";
    }

    /** With a short message where they differ: they are long. */
    private static void assertSame(String log, String written) {
        int at = 0;
        while (at < Math.min(log.length(), written.length()) && log.charAt(at) == written.charAt(at)) {
            at++;
        }
        String where = log.substring(Math.max(0, at - 20), Math.min(log.length(), at + 20));
        assertThat(log.length())
                .as("-Dpump.seed=%d, at %d: %s", SEED, at, where)
                .isEqualTo(written.length());
        assertThat(at).as("-Dpump.seed=%d: %s", SEED, where).isEqualTo(written.length());
    }

    private Process startPump() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PumpProcess.class.getName(),
                        directory.toString(),
                        "numbers",
                        "same")
                .inheritIO()
                .start();
    }

    private void awaitGrowth(Process pump) throws Exception {
        long before = size();
        Await.until("the log grows", () -> {
            assertThat(pump.isAlive()).isTrue();
            return size() > before;
        });
    }

    private long size() {
        long size = 0;
        for (String name : List.of("numbers", "same")) {
            File[] files = directory.resolve("log").resolve(name).toFile().listFiles();
            for (File file : files == null ? new File[0] : files) {
                size += file.length();
            }
        }
        return size;
    }
}
