package bellhop.engine.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Await;
import bellhop.linux.Self;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {

    @TempDir
    Path runDir;

    private final List<String> warnings = new ArrayList<>();
    private EventLog log;

    @BeforeEach
    void open() {
        log = new EventLog(runDir, warnings::add);
    }

    @AfterEach
    void close() {
        log.close();
    }

    private static EventLine event(int number) {
        return new EventLine(
                1_000L + number, "web", number, "started", "", "by request", "uid 0, pid 1", "bh start", "");
    }

    private List<EventLine> read() throws IOException {
        return read(log.recorded());
    }

    private static List<EventLine> read(RecordedEvents recorded) throws IOException {
        List<EventLine> events = new ArrayList<>();
        try (recorded) {
            recorded.read(events::add);
        }
        return events;
    }

    private Path file() {
        return runDir.resolve(EventLog.FILE);
    }

    @Test
    void isNoFileUntilThereIsAnEvent() {
        log.flush();

        assertThat(runDir).isEmptyDirectory();
    }

    @Test
    void whatWasAddedIsReadInItsOrder() throws Exception {
        log.add(event(1));
        assertThat(file()).doesNotExist();
        log.add(event(2));
        log.flush();

        assertThat(read()).containsExactly(event(1), event(2));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(warnings).isEmpty();
    }

    @Test
    void noTextBeginsAFieldOrALine() throws Exception {
        String forged = "a\tb\n1\tdb\t1\tfailed\t\t\t\t\t\t\n\\t\\\\ \u202e\r\0 é";
        EventLine event = new EventLine(5, "web", 1, "failed", forged, forged, forged, forged, "a b");
        log.add(event);
        log.add(event(1));

        assertThat(read()).containsExactly(event, event(1));
    }

    @Test
    void longTextsAreCut() throws Exception {
        log.add(new EventLine(5, "web", 1, "failed", "x".repeat(10_000), "", "", "y".repeat(10_000), ""));

        EventLine event = read().getFirst();
        assertThat(event.detail()).startsWith("xxx").endsWith("x…").hasSize(301);
        assertThat(event.words()).hasSize(301);
    }

    @Test
    void theOlderHalfGoesOnceTheNewerIsFull() throws Exception {
        int many = 6_000; // some 60 bytes each
        for (int i = 0; i < many; i++) {
            log.add(event(i));
            if (i % 7 == 0) {
                log.flush();
            }
        }
        List<EventLine> kept = read();

        assertThat(Files.size(file())).isBetween(1L, (long) EventLog.HALF);
        assertThat(Files.size(runDir.resolve(EventLog.OLDER))).isBetween(EventLog.HALF - 1_000L, (long) EventLog.HALF);
        assertThat(kept).hasSizeBetween(2_000, many - 1).last().isEqualTo(event(many - 1));
        for (int i = 0; i < kept.size(); i++) {
            assertThat(kept.get(i)).isEqualTo(event(many - kept.size() + i));
        }
    }

    @Test
    void aRoundWithMoreThanAHalfIsKeptAsFarAsThereIsRoom() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            log.add(event(i));
        }

        assertThat(read()).hasSizeGreaterThan(2_000).last().isEqualTo(event(9_999));
        assertThat(Files.size(runDir.resolve(EventLog.OLDER))).isLessThanOrEqualTo(EventLog.HALF);
    }

    @Test
    void theNextManagerGoesOnOnANewLine() throws Exception {
        log.add(event(1));
        log.close();
        Files.writeString(file(), "1001\tweb\t5\tstar", StandardOpenOption.APPEND);

        log = new EventLog(runDir, warnings::add);
        log.add(event(2));

        assertThat(read()).containsExactly(event(1), event(2));
    }

    @Test
    void whatIsNoEventIsLeftOut() throws Exception {
        log.add(event(1));
        log.flush();
        Files.writeString(file(), "hello\n\nx\t\t\t\t\t\t\t\t\n\u0000\n", StandardOpenOption.APPEND);
        log.add(event(2));

        assertThat(read()).containsExactly(event(1), event(2));
    }

    @Test
    void isWrittenAgainIfItsFileWasRemoved() throws Exception {
        log.add(event(1));
        log.flush();
        Files.delete(file());
        assertThat(read()).isEmpty();
        log.add(event(2));

        assertThat(read()).containsExactly(event(2));
    }

    @Test
    void clearRemovesBothHalves() throws Exception {
        for (int i = 0; i < 3_000; i++) {
            log.add(event(i));
        }
        log.flush();
        log.clear();

        assertThat(runDir).isEmptyDirectory();
        log.add(event(1));
        assertThat(read()).containsExactly(event(1));
    }

    @Test
    void whatComesAfterTheMomentIsNotAmongTheRecorded() throws Exception {
        log.add(event(1));
        RecordedEvents recorded = log.recorded();
        for (int i = 2; i < 5_000; i++) {
            log.add(event(i));
        }
        log.flush();

        assertThat(read(recorded)).containsExactly(event(1));
    }

    @Test
    void followersGetWhatComesFromThenOn() throws Exception {
        List<EventLine> seen = new ArrayList<>();
        log.add(event(1));
        Runnable end = log.follow(seen::add);
        log.add(event(2));
        end.run();
        log.add(event(3));

        assertThat(seen).containsExactly(event(2));
    }

    @Test
    void whatCannotBeWrittenIsSaidOnceAndTriedAgain() throws Exception {
        Files.createDirectory(file());
        log.add(event(1));
        log.flush();
        log.add(event(2));
        log.flush();
        assertThat(warnings)
                .singleElement()
                .asString()
                .startsWith("events are not recorded: " + file() + ": ")
                .endsWith("; it is tried again");

        Files.delete(file());
        Await.until("it is written again", () -> {
            log.flush();
            return warnings.size() == 2;
        });
        assertThat(warnings.getLast()).isEqualTo("events are recorded again; 0 were lost");
        assertThat(read()).containsExactly(event(1), event(2));
    }

    @Test
    void whatDoesNotFitMeanwhileIsCounted() throws Exception {
        Files.createDirectory(file());
        for (int i = 0; i < 5_000; i++) {
            log.add(event(i));
        }
        Files.delete(file());
        Await.until("it is written again", () -> {
            log.flush();
            return warnings.size() == 2;
        });
        List<EventLine> kept = read();

        assertThat(warnings.getLast()).isEqualTo("events are recorded again; " + (5_000 - kept.size()) + " were lost");
        assertThat(kept).startsWith(event(0), event(1));
    }

    @Test
    void aFullDiskLeavesOnlyWholeLines() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can mount a small disk");
        Path disk = Files.createDirectory(runDir.resolve("disk"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=64k", "none", disk.toString()),
                "SKIPPED: no tmpfs can be mounted here");
        try (EventLog full = new EventLog(disk, warnings::add)) {
            Path ballast = Files.write(disk.resolve("ballast"), new byte[40_000]);
            int added = 0;
            while (warnings.isEmpty()) {
                full.add(event(added++));
                if (added % 50 == 0) {
                    full.flush();
                }
            }
            assertThat(warnings.getFirst()).contains("No space left on device");
            Files.delete(ballast);
            Await.until("it is written again", () -> {
                full.flush();
                return warnings.size() == 2;
            });
            assertThat(warnings.getLast()).endsWith("again; 0 were lost");
            List<EventLine> all = read(full.recorded());
            assertThat(all).hasSize(added);
            for (int i = 0; i < added; i++) {
                assertThat(all.get(i)).isEqualTo(event(i));
            }
        } finally {
            run("umount", disk.toString());
        }
    }

    private static boolean run(String... words) throws Exception {
        return new ProcessBuilder(words).start().waitFor() == 0;
    }
}
