package bellhop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.linux.Proc;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies what is made of the records that a killed manager left. */
class RecordsTest {

    private static final String WHOLE =
            "bellhop-record 1\nname web\nlast-incarnation 7\nincarnation 5\npid 1\nstart-time 1\nend\n";

    @TempDir
    Path dir;

    private Path record;

    @BeforeEach
    void makeRecord() throws Exception {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
        record = Files.createDirectory(dir.resolve("web")).resolve("record");
        Files.writeString(record, WHOLE);
    }

    private void refuses(String why) {
        assertThatThrownBy(() -> Records.take(dir))
                .isInstanceOf(RecordsException.class)
                .hasMessage(record + ": not a record of this version: " + why
                        + "; remove it once nothing of that service runs");
        assertThat(record).exists();
    }

    @Test
    void aRecordOfNobodyWhoLivesIsRemovedAndItsNumberKept() throws Exception {
        try (Records records = Records.take(dir)) {
            assertThat(records.lastIncarnation()).isEqualTo(7);
            assertThat(record.getParent()).doesNotExist();
        }
    }

    @Test
    void whatAServicesUserPutBesideItsSocketIsNotLookedInto() throws Exception {
        Path notify = Files.createDirectories(dir.resolve("web/notify/deeper"));
        Path theirs = Files.writeString(notify.resolve("file"), "theirs");
        Files.createFile(dir.resolve("web/notify/socket"));

        Records.take(dir).close();

        assertThat(theirs).exists();
        assertThat(dir.resolve("web/notify/socket")).doesNotExist();
        assertThat(record).doesNotExist();
    }

    @Test
    void aTornRecordIsRefused() throws Exception {
        for (int length = 17; length < WHOLE.length(); length++) {
            Files.writeString(record, WHOLE.substring(0, length));
            refuses("its end is missing");
        }
        Files.writeString(record, "");
        refuses("expected \"bellhop-record 1\" in line 1");
    }

    @Test
    void aRecordOfAnotherFormatIsRefused() throws Exception {
        Files.writeString(record, WHOLE.replace("record 1", "record 2"));
        refuses("expected \"bellhop-record 1\" in line 1");
    }

    @Test
    void whatIsNoRecordAtAllIsRefused() throws Exception {
        Files.writeString(record, WHOLE.replace("5", "five"));
        refuses("incarnation is \"five\", expected a number");
        Files.write(record, WHOLE.replace('5', '\377').getBytes(StandardCharsets.ISO_8859_1));
        refuses("it is not text");
        Files.delete(record);
        Files.createDirectory(record);
        refuses("Is a directory");
    }

    private void recordProcess(long pid, long startTime, String bootId) throws Exception {
        Files.writeString(
                record,
                WHOLE.replace("pid 1\n", "pid " + pid + "\nboot-id " + bootId + "\n")
                        .replace("start-time 1\n", "start-time " + startTime + "\n"));
    }

    @Test
    void aProcessIsTheRecordedOneByNumberStartAndBoot() throws Exception {
        Proc.Task own = Proc.task((int) ProcessHandle.current().pid()).orElseThrow();
        recordProcess(own.pid(), own.startTime(), Proc.bootId());
        assertThatThrownBy(() -> Records.take(dir))
                .isInstanceOf(RecordsException.class)
                .hasMessage(dir + ": a manager was killed here, and these services of its still run: web (pid "
                        + own.pid() + "); end these processes first");

        recordProcess(own.pid(), own.startTime() - 1, Proc.bootId());
        Records.take(dir).close();
        Files.createDirectory(record.getParent());
        recordProcess(own.pid(), own.startTime(), "00000000-0000-0000-0000-000000000000");
        Records.take(dir).close();
    }
}
