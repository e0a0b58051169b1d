package bellhop.engine.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.DefinitionBuilder;
import bellhop.core.Effect;
import bellhop.core.Ending;
import bellhop.core.History;
import bellhop.core.Lifecycle;
import bellhop.core.Owner;
import bellhop.core.Service;
import bellhop.core.State;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.engine.process.ProcessId;
import bellhop.linux.Proc;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies what is made of the records that an earlier manager left. */
class RecordsTest {

    @TempDir
    Path dir;

    private Path record;
    private String whole;

    @BeforeEach
    void makeRecord() throws Exception {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
        record = Files.createDirectory(dir.resolve("web")).resolve("record");
        whole = text("web", Records.boot());
        Files.writeString(record, whole);
    }

    private static String text(String name, String bootId) throws Exception {
        ServiceName service = ServiceName.parse(name);
        Definition definition =
                DefinitionBuilder.of(service, Path.of("/nonexistent"), Map.of()).build();
        State down = new State.Down(new Ending(Word.STOPPED, true, ""), false);
        Service left =
                new Service(service, definition, true, false, 1, 0, Lifecycle.NEVER, new History(0, List.of()), down);
        return new RecordFile(bootId, 7, ProcessId.NONE, new Effect.Save(left, List.of(), List.of())).text();
    }

    private void isSetAside(String why) throws Exception {
        byte[] content = Files.isRegularFile(record) ? Files.readAllBytes(record) : new byte[0];
        Records records = Records.take(dir);
        assertThat(records.left()).isEmpty();
        assertThat(records.problems())
                .containsExactly(
                        record + ": not a record: " + why
                                + "; it was renamed to record.set-aside, and web is not supervised: end its processes manually");
        assertThat(record).doesNotExist();
        Path aside = record.resolveSibling("record.set-aside");
        if (Files.isRegularFile(aside)) {
            assertThat(Files.readAllBytes(aside)).isEqualTo(content);
        }
        records.close();
        assertThat(record.getParent()).doesNotExist();
        Files.createDirectory(record.getParent());
    }

    @Test
    void aRecordIsReadAndGoneAfterACleanEnd() throws Exception {
        Records records = Records.take(dir);
        assertThat(records.lastNumber()).isEqualTo(7);
        assertThat(records.left())
                .singleElement()
                .satisfies(it -> assertThat(it.saved().service().pinned()).isTrue());
        assertThat(records.problems()).isEmpty();
        assertThat(record).hasContent(whole);
        records.close();
        assertThat(record.getParent()).doesNotExist();
    }

    @Test
    void aRecordOfAnotherBootIsRemovedAndItsNumberKept() throws Exception {
        Files.writeString(record, text("web", "00000000-0000-0000-0000-000000000000"));
        try (Records records = Records.take(dir)) {
            assertThat(records.lastNumber()).isEqualTo(7);
            assertThat(records.left()).isEmpty();
            assertThat(record.getParent()).doesNotExist();
        }
    }

    /** As in a container that was killed and started again on the same machine. */
    @Test
    void aRecordFromBeforeProcess1IsOfAnotherBoot() throws Exception {
        Files.writeString(record, text("web", Proc.bootId() + " 1234567890123"));
        try (Records records = Records.take(dir)) {
            assertThat(records.left()).isEmpty();
            assertThat(record.getParent()).doesNotExist();
        }
    }

    /** As after a power cut: the disk has the name of a file, and its content was still to be written. */
    @Test
    void anEmptyRecordIsOfAnotherBoot() throws Exception {
        Files.writeString(record, "");
        try (Records records = Records.take(dir)) {
            assertThat(records.problems()).isEmpty();
            assertThat(record.getParent()).doesNotExist();
        }
    }

    @Test
    void ofAnotherBootNothingIsSetAsideAndNothingIsAReasonToRefuse() throws Exception {
        Files.writeString(dir.resolve("lock"), "00000000-0000-0000-0000-000000000000 17");
        Files.writeString(record, "\0".repeat(200));
        Path other = Files.createDirectory(dir.resolve("another")).resolve("record");
        Files.writeString(other, whole.replace("bellhop-record 2", "bellhop-record 3"));
        try (Records records = Records.take(dir)) {
            assertThat(records.problems()).isEmpty();
            assertThat(record.getParent()).doesNotExist();
            assertThat(other.getParent()).doesNotExist();
        }
    }

    @Test
    void aServiceMayHaveTheNameOfADirectoryOfOurs() throws Exception {
        Path other = Files.createDirectory(dir.resolve("notify")).resolve("record");
        Files.writeString(other, text("notify", Records.boot()));

        Records.take(dir).close();

        assertThat(other.getParent()).doesNotExist();
    }

    @Test
    void whoIsRefusedForOneRecordChangesNone() throws Exception {
        Path torn = Files.createDirectory(dir.resolve("another")).resolve("record");
        Files.writeString(torn, "torn");
        Files.writeString(record, whole.replace("bellhop-record 3", "bellhop-record 4"));
        Path old = Files.createDirectory(dir.resolve("zold")).resolve("record");
        Files.writeString(old, text("zold", "00000000-0000-0000-0000-000000000000"));

        assertThatThrownBy(() -> Records.take(dir)).hasMessageContaining("written by another version");

        assertThat(torn).hasContent("torn");
        assertThat(old).exists();
    }

    @Test
    void whatCouldNotBeReadAgainIsNotWritten() throws Exception {
        try (Records records = Records.take(dir)) {
            Effect.Save left = records.left().getFirst().saved();
            Owner owner = new Owner.Label("o".repeat(200));
            Effect.Save tooLong =
                    new Effect.Save(left.service(), Collections.nCopies(30_000, owner), left.unanswered());

            assertThatThrownBy(() -> records.save(tooLong, ProcessId.NONE))
                    .hasMessageContaining("the record of web would have more than 4194304 bytes");

            assertThat(record).hasContent(whole);
        }
    }

    @Test
    void aRunDirIsFreshUntilWhatStartsByItselfWasStartedInThisBoot() throws Exception {
        Files.writeString(dir.resolve("lock"), "00000000-0000-0000-0000-000000000000");
        Records first = Records.take(dir);
        assertThat(first.isFresh()).isTrue();
        first.startedByItself();
        assertThat(dir.resolve("lock")).hasContent(Records.boot());
        first.leave();
        Records second = Records.take(dir);
        assertThat(second.isFresh()).isFalse();
        second.endsByItself();
        second.leave();
        try (Records third = Records.take(dir)) {
            assertThat(third.isFresh()).isTrue();
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
    void whatIsNoRecordIsSetAside() throws Exception {
        Files.writeString(record, whole.substring(0, whole.length() / 2));
        isSetAside("its end is missing");
        Files.writeString(record, "\n");
        isSetAside("expected \"bellhop-record 3\" in line 1");
        Files.writeString(record, whole.replace("lastNumber 7", "lastNumber seven"));
        isSetAside("lastNumber: \"seven\" is not of type long");
        Files.write(record, whole.replace('7', '\377').getBytes(StandardCharsets.ISO_8859_1));
        isSetAside("it is not text");
        Files.writeString(record, text("other", Records.boot()));
        isSetAside("it is the record of other");
        Files.writeString(record, "x".repeat(4 << 20));
        isSetAside("it has more than 4194304 bytes");
        Files.createDirectory(record);
        isSetAside("not a regular file");
    }

    @Test
    void whatIsSetAsideTakesThePlaceOfWhatWasBefore() throws Exception {
        Files.writeString(record.resolveSibling("record.set-aside"), "an earlier one");
        Files.delete(record);
        Files.createDirectory(record);
        isSetAside("not a regular file");
    }

    @Test
    void nothingIsReadThroughALink() throws Exception {
        Path elsewhere = Files.move(record, dir.resolve("elsewhere"));
        Files.createSymbolicLink(record, elsewhere);
        isSetAside("not a regular file");
        assertThat(elsewhere).hasContent(whole);
        Files.delete(elsewhere);
    }

    @Test
    void aRecordOfAnotherVersionIsRefused() throws Exception {
        Files.writeString(record, whole.replace("record 3", "record 4"));
        assertThatThrownBy(() -> Records.take(dir))
                .isInstanceOf(RecordsException.class)
                .hasMessage(record
                        + ": written by another version of Bellhop: format 4, but this one reads formats 2 and 3; stop"
                        + " everything with that version first, or remove the file once no process of web runs");
        assertThat(record).exists();
    }
}
