package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.linux.Pidfd;
import bellhop.linux.Self;
import bellhop.linux.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies on a small file system of its own that a disk without room loses nothing. */
class LogOnFullDiskTest {
    @TempDir
    Path directory;

    private Path disk;

    @BeforeEach
    void mountSmallDisk() throws Exception {
        assumeTrue(Self.euid() == 0, "skipped: only root can mount a small disk");
        disk = Files.createDirectory(directory.resolve("disk"));
        assumeTrue(
                command("mount", "-t", "tmpfs", "-o", "size=64k", "none", disk.toString()) == 0,
                "skipped: no tmpfs can be mounted here");
    }

    @AfterEach
    void unmount() throws Exception {
        if (disk != null) {
            command("umount", "-l", disk.toString());
        }
    }

    @Test
    void onlyThoseLinesOfTheManagerAreMissingThatAreNotThere() throws Exception {
        try (LogScene scene = new LogScene(directory, disk.resolve("log"), LogScene.USUAL)) {
            scene.pump.close();
            LogPump pump = new LogPump(
                    scene.logs, directory.resolve("more"), InstantSource.system(), scene.console, scene.warnings::add);
            for (int i = 0; i < 150; i++) {
                pump.keep("x".repeat(1000));
            }
            pump.start();
            pump.close();
            long there = xLines(scene);
            assertThat(there).isBetween(1L, 149L);
            command("mount", "-o", "remount,size=1m", disk.toString());
            pump.keep("next");

            assertThat(xLines(scene)).isEqualTo(there);
            assertThat(Files.readString(scene.current(LogPump.OWN)))
                    .contains("warning: " + (150 - there) + " lines of the manager are missing here")
                    .endsWith(" next\n");
        }
    }

    private static long xLines(LogScene scene) throws IOException {
        try (Stream<String> lines = Files.lines(scene.current(LogPump.OWN))) {
            return lines.filter(line -> line.endsWith("xxx")).count();
        }
    }

    @Test
    void writerWaitsUntilThereIsRoomAndNothingIsLostOrThereTwice() throws Exception {
        Path ballast = Files.write(disk.resolve("ballast"), new byte[40 * 1024]);
        try (LogScene scene = new LogScene(directory, disk.resolve("log"), LogScene.USUAL)) {
            scene.waits = true;
            // With their stamps these are less than the disk has without the ballast, and more than it has with it.
            int shell = scene.start("web", "seq 1 1500; echo done >&2; touch done; printf last");
            LogScene.awaitFile(directory.resolve("done"));
            LogScene.Kept kept = new LogScene.Kept();
            scene.pump.follow("web", 0, kept::add);
            LogScene.awaitEnd(shell);
            scene.text("web");
            assertThat(scene.warnings)
                    .hasSize(1)
                    .first()
                    .asString()
                    .startsWith("log of web: write(")
                    .endsWith("): No space left on device (ENOSPC); nothing is lost, but services that write a lot"
                            + " will block");
            assertThat(scene.text("web").lines()).doesNotContain(LogScene.STAMP + "done");

            Files.delete(ballast);
            kept.awaitEnd("last\n");

            assertThat(scene.text("web"))
                    .isEqualTo(IntStream.rangeClosed(1, 1500)
                                    .mapToObj(i -> LogScene.STAMP + i + "\n")
                                    .collect(Collectors.joining())
                            + LogScene.STAMP + "done\n" + LogScene.STAMP + "last\n");
            assertThat(scene.warnings).hasSize(2).last().isEqualTo("log of web: can be written again");
        }
    }

    @Test
    void linesAreDroppedAfterAWhileAndTheLogSaysHowManyOnceThereIsRoom() throws Exception {
        Path ballast = Files.write(disk.resolve("ballast"), new byte[64 * 1024]);
        try (LogScene scene = new LogScene(directory, disk.resolve("log"), LogScene.USUAL)) {
            scene.pump.outages.patience = Duration.ZERO;
            LogScene.Kept kept = new LogScene.Kept();
            scene.pump.follow("web", 0, kept::add);
            scene.run("web", "seq 1 100000");
            Files.delete(ballast);
            kept.awaitEnd("(ENOSPC)\n");

            assertThat(LogDropTest.dropped(scene.text("web"), "No space left on device (ENOSPC)")
                            + LogDropTest.written(scene.text("web")))
                    .isEqualTo(100_000);
            assertThat(scene.warnings).hasSize(2);
        }
    }

    @Test
    void otherLogsGoOnMeanwhile() throws Exception {
        Files.write(disk.resolve("ballast"), new byte[64 * 1024]);
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        try (LogScene scene = new LogScene(directory, disk.resolve("log"), LogScene.USUAL)) {
            scene.waits = true;
            Files.createDirectories(disk.resolve("log"));
            Files.createSymbolicLink(disk.resolve("log/db"), elsewhere);
            int shell = scene.start("web", "seq 1 20000; sleep 1000");
            scene.run("db", "seq 1 1000");

            assertThat(scene.lines("db")).hasSize(1000);
            assertThat(scene.text("web")).isEmpty();
            Pidfd.sendSignal(shell, Signals.KILL);
            LogScene.awaitEnd(shell);
        }
    }

    private static int command(String... words) throws IOException, InterruptedException {
        return new ProcessBuilder(words).redirectErrorStream(true).start().waitFor();
    }
}
