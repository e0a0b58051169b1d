package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import bellhop.linux.Signals;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies on small disks of their own that a manager without room loses nothing and starts nothing that it could not remember. */
@Timeout(120)
class FullDiskTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    /** Takes all the room that is left. */
    private static Path fill(Path disk) throws IOException {
        Path ballast = disk.resolve("ballast");
        for (int size : new int[] {4096, 1}) {
            try (OutputStream out = new java.io.FileOutputStream(ballast.toFile(), true)) {
                while (true) {
                    out.write(new byte[size]);
                }
            } catch (IOException full) {
                assertThat(full).hasMessageContaining("No space left");
            }
        }
        return ballast;
    }

    @Test
    void whatCannotBeRecordedIsNotStartedAndStopStillWorks() throws Exception {
        Path disk = manager.withSmallDisk(manager.runDir().path(), "size=256k");
        manager.script("web", "pre", "echo pre >>" + manager.root() + "/traces")
                .script("web", "run", "echo run >>" + manager.root() + "/traces", "exec sleep 1000")
                .yaml("web", "restart: \"no\"")
                .script("db", "run", "exec sleep 1000")
                .script("db", "post", "echo post >>" + manager.root() + "/posted")
                .script("other", "run", "exec sleep 1000")
                .start();
        manager.ask("start", "db", "other").succeeds();
        Path ballast = fill(disk);

        assertThat(manager.ask("start", "web"))
                .isEqualTo(Outcome.failed("bh-start: web: pre could not be run: its start could not be recorded: "
                        + disk + ": No space left on device (log: bh logs web)"));
        assertThat(manager.root().resolve("traces")).doesNotExist();
        assertThat(manager.state("web")).isEqualTo("failed");
        assertThat(manager.awaitLine("web: its record could not be written"))
                .endsWith(" warning: web: its record could not be written: " + disk + ": No space left on device");

        // what is on record already goes on: it is shown, restarted, stopped and cleaned up after
        int before = manager.pid("db");
        Signals.kill(before, Signals.KILL);
        manager.awaitLine("db restarting");
        manager.awaitLine("db started", 2);
        assertThat(manager.pid("db")).isNotEqualTo(before);
        assertThat(manager.run("bh", "status", "other")).isEqualTo(new Outcome(0, "started\n", ""));
        assertThat(manager.ask("stop", "other")).isEqualTo(new Outcome(0, "", ""));
        assertThat(manager.state("other")).isEqualTo("stopped");
        assertThat(manager.ask("stop", "db")).isEqualTo(new Outcome(0, "", ""));
        assertThat(manager.root().resolve("posted")).hasContent("post");
        assertThat(manager.processes()).isEmpty();

        Files.delete(ballast);
        manager.ask("start", "web", "db").succeeds();
        manager.awaitText(manager.root().resolve("traces"), "pre\nrun\n");
        assertThat(manager.runDir().path().resolve("web/state")).hasContent("started");
        manager.ask("stopall").succeeds();
    }

    @Test
    void whatCouldNotBeRecordedIsWrittenOnceThereIsRoom() throws Exception {
        Path disk = manager.withSmallDisk(manager.runDir().path(), "size=256k");
        manager.script("web", "run", "exec sleep 1000").start();
        manager.ask("start", "web").succeeds();
        Path ballast = fill(disk);
        manager.ask("require", "--owner", "me", "web").succeeds();
        manager.awaitLine("web: its record could not be written");
        assertThat(disk.resolve("web/require")).hasContent("0");

        Files.delete(ballast);
        manager.awaitLine("web: its record can be written again");
        manager.awaitText(disk.resolve("web/require"), "1");
        assertThat(disk.resolve("web/record")).content().contains("\nsaved.holders.0.text me\n");
    }

    @Test
    void withoutInodesNothingIsStartedAndTheSocketStillAnswers() throws Exception {
        Path disk = manager.withSmallDisk(manager.runDir().path(), "nr_inodes=40");
        manager.script("web", "run", "exec sleep 1000")
                .yaml("web", "restart: \"no\"")
                .start();
        try {
            for (int i = 0; i < 100; i++) {
                Files.createFile(disk.resolve("ballast" + i));
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
        assertThat(manager.run("bh-start", "web").status()).isEqualTo(69);
        assertThat(manager.run("bh-start", "web").err())
                .startsWith("bh-start: cannot create fifo '" + disk + "/reply/")
                .endsWith("': No space left on device\n")
                .hasLineCount(1);
        assertThat(manager.ask("start", "web"))
                .isEqualTo(Outcome.failed("bh-start: web: run could not be run: its start could not be recorded: "
                        + disk + ": No space left on device (log: bh logs web)"));
        for (int i = 0; i < 100; i++) {
            Files.deleteIfExists(disk.resolve("ballast" + i));
        }
        assertThat(manager.run("bh-start", "web")).isEqualTo(new Outcome(0, "", ""));
    }

    @Test
    void aLogWithoutRoomDropsLinesAndSaysHowMany() throws Exception {
        Path disk = manager.withSmallDisk(manager.root().resolve("log"), "size=1m");
        manager.script("talker", "run", "seq 1 20000", "touch \"$BELLHOP_RUNDIR/../told\"", "exec sleep 1000")
                .start();
        Path ballast = fill(disk);
        manager.ask("start", "talker").succeeds();
        assertThat(manager.awaitLine("log of talker"))
                .endsWith("(ENOSPC); services that write a lot wait for 10 s, then lines are dropped");
        manager.awaitFile(manager.root().resolve("told"));

        Files.delete(ballast);
        manager.awaitLine("log of talker: can be written again; ");
        assertThat(manager.ask("logs", "-n", "30000", "talker").succeeds().out())
                .containsPattern(
                        "Z bellhop: [0-9]+ lines were dropped since .*, because this log could not be written: No space left"
                                + " on device \\(ENOSPC\\)\n");
    }

    @Test
    void aLogWithoutRoomHoldsItsServiceAndLosesNothing() throws Exception {
        Path disk = manager.withSmallDisk(manager.root().resolve("log"), "size=1m");
        manager.script("talker", "run", "seq 1 20000", "touch \"$BELLHOP_RUNDIR/../told\"", "exec sleep 1000")
                .yaml("talker", "log: {full: block}")
                .script("silent", "run", "exec sleep 1000")
                .start();
        Path ballast = fill(disk);
        manager.ask("start", "talker", "silent").succeeds();
        assertThat(manager.awaitLine("log of talker"))
                .endsWith(
                        "No space left on device (ENOSPC); nothing is lost, but services that write a lot will block");
        assertThat(manager.root().resolve("told")).doesNotExist();
        manager.ask("stop", "silent").succeeds();

        Files.delete(ballast);
        manager.awaitFile(manager.root().resolve("told"));
        manager.awaitText(manager.log("talker"), " 20000\n");
        List<String> lines = manager.ask("logs", "-n", "30000", "talker")
                .succeeds()
                .out()
                .lines()
                .toList();
        assertThat(lines).hasSize(20000);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).endsWith("Z " + (i + 1));
        }
    }
}
