package bellhop.engine.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.DefinitionBuilder;
import bellhop.core.Effect;
import bellhop.core.Ending;
import bellhop.core.History;
import bellhop.core.Life;
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
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
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
        Files.writeString(other, whole.replace("bellhop-record 4", "bellhop-record 5"));
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
        Files.writeString(record, whole.replace("bellhop-record 4", "bellhop-record 5"));
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
        isSetAside("expected \"bellhop-record 4\" in line 1");
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
    void whatARecordNamesIsSetAsideWithIt() throws Exception {
        Files.writeString(record, "no record");
        Files.writeString(record.resolveSibling("definition.1"), "what it names");
        Files.writeString(record.resolveSibling("definition.1.set-aside"), "an earlier one");
        try (Records records = Records.take(dir)) {
            assertThat(records.problems()).hasSize(1);
            records.save(RecordFile.parse(whole).saved(), ProcessId.NONE);
            assertThat(record).exists();
            assertThat(record.resolveSibling("record.set-aside")).hasContent("no record");
            assertThat(record.resolveSibling("definition.1.set-aside")).hasContent("what it names");
            assertThat(record.resolveSibling("definition.1")).exists();
        }
        assertThat(record.getParent()).doesNotExist();
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
        Files.writeString(record, whole.replace("record 4", "record 5"));
        assertThatThrownBy(() -> Records.take(dir))
                .isInstanceOf(RecordsException.class)
                .hasMessage(record
                        + ": written by another version of Bellhop: format 5, but this one reads formats 2 to 4; stop"
                        + " everything with that version first, or remove the file once no process of web runs");
        assertThat(record).exists();
    }

    // The definitions, which have files of their own.

    private static Definition definition(String directory) throws Exception {
        return DefinitionBuilder.of(ServiceName.parse("web"), Path.of(directory), Map.of())
                .build();
    }

    private static Effect.Save up(Definition latest, Definition inUse) throws Exception {
        State up = new State.Up(new Life(3, inUse), Optional.empty());
        return new Effect.Save(
                new Service(
                        ServiceName.parse("web"),
                        latest,
                        true,
                        false,
                        1,
                        0,
                        Lifecycle.NEVER,
                        new History(0, List.of()),
                        up),
                List.of(),
                List.of());
    }

    private List<String> definitions() throws Exception {
        try (Stream<Path> files = Files.list(record.getParent())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains("definition"))
                    .sorted()
                    .toList();
        }
    }

    /** What the next manager finds. */
    private Effect.Save left() throws Exception {
        Records records = Records.take(dir);
        try {
            assertThat(records.problems()).isEmpty();
            return records.left().getFirst().saved();
        } finally {
            records.leave();
        }
    }

    /** A record with its definition, and no views: those are nobody's once the record is set aside. */
    private Path recordAndDefinition() throws Exception {
        Records records = Records.take(dir);
        records.save(up(definition("/a"), definition("/a")), ProcessId.NONE);
        records.leave();
        Files.delete(record.resolveSibling("state"));
        Files.delete(record.resolveSibling("require"));
        return record.resolveSibling("definition.1");
    }

    @Test
    void aDefinitionIsWrittenOnceAndGoesWithItsLastUse() throws Exception {
        Records records = Records.take(dir);
        records.save(up(definition("/a"), definition("/a")), ProcessId.NONE);
        assertThat(definitions()).containsExactly("definition.1");
        Object file = Files.getAttribute(record.resolveSibling("definition.1"), "unix:ino");

        records.save(up(definition("/b"), definition("/a")), ProcessId.NONE);
        assertThat(definitions()).containsExactly("definition.1", "definition.2");
        assertThat(Files.getAttribute(record.resolveSibling("definition.1"), "unix:ino"))
                .isEqualTo(file);
        records.leave();
        assertThat(left()).isEqualTo(up(definition("/b"), definition("/a")));

        Records next = Records.take(dir);
        next.save(up(definition("/b"), definition("/b")), ProcessId.NONE);
        assertThat(definitions()).as("of an earlier manager's").containsExactly("definition.2");
        next.save(up(definition("/c"), definition("/b")), ProcessId.NONE);
        next.leave();
        assertThat(left()).isEqualTo(up(definition("/c"), definition("/b")));
    }

    @Test
    void oneDefinitionThatIsBothIsInMemoryOnce() throws Exception {
        Records records = Records.take(dir);
        records.save(up(definition("/a"), definition("/a")), ProcessId.NONE);
        records.leave();

        Service service = left().service();

        assertThat(service.life().orElseThrow().definition()).isSameAs(service.latest());
    }

    @Test
    void withoutItsDefinitionARecordIsNone() throws Exception {
        Path definition = recordAndDefinition();
        String good = Files.readString(record);
        String text = Files.readString(definition);

        Files.writeString(definition, text.substring(0, text.length() - 4));
        isSetAside("definition.1: it is no definition, or its end is missing");
        Files.writeString(record, good);
        Files.writeString(definition, text.replace("autostart false", "autostart maybe"));
        isSetAside("definition.1: autostart: \"maybe\" is not of type boolean");
        Files.writeString(record, good);
        isSetAside("definition.1 is missing");
        Files.writeString(record, good.replace("@definition.1", "@../web/definition.1"));
        Files.writeString(definition, text);
        isSetAside("\"../web/definition.1\" is no name of a definition");
        Files.writeString(record, good.replace("state Up", "state @definition.1"));
        Files.writeString(definition, text);
        isSetAside("saved.service.state: a Definition is no State");
    }

    @Test
    void aDefinitionIsNotReadThroughALink() throws Exception {
        Path definition = recordAndDefinition();
        Path elsewhere = Files.move(definition, dir.resolve("elsewhere"));
        Files.createSymbolicLink(definition, elsewhere);
        isSetAside("definition.1: not a regular file");
        Files.delete(elsewhere);
    }

    @Test
    void aDefinitionThatSomebodyHasRemovedIsWrittenAgain() throws Exception {
        Records records = Records.take(dir);
        records.save(up(definition("/a"), definition("/a")), ProcessId.NONE);
        Files.delete(record.resolveSibling("definition.1"));

        records.save(up(definition("/a"), definition("/a")), ProcessId.NONE);

        records.leave();
        assertThat(left()).isEqualTo(up(definition("/a"), definition("/a")));
    }

    @Test
    void ofAnotherBootARecordWithoutItsDefinitionIsRemovedAsAnyOther() throws Exception {
        Path definition = recordAndDefinition();
        Files.writeString(record, Files.readString(record).replaceFirst("(?m)^bootId .*", "bootId another 1"));
        Files.writeString(definition, "");

        try (Records records = Records.take(dir)) {
            assertThat(records.problems()).isEmpty();
            assertThat(record.getParent()).doesNotExist();
        }
    }

    @Test
    void whatGoesOnWhileARecordIsCheckedIsNoFault() throws Exception {
        Records records = Records.take(dir);
        records.save(up(definition("/a"), definition("/a")), ProcessId.NONE);
        AtomicBoolean isOver = new AtomicBoolean();
        CompletableFuture<Void> checks = CompletableFuture.runAsync(() -> {
            while (!isOver.get()) {
                assertThatCode(() -> Records.check(dir)).doesNotThrowAnyException();
            }
        });
        for (int i = 0; i < 500; i++) {
            Definition other = definition(i % 2 == 0 ? "/b" : "/a");
            records.save(up(other, other), ProcessId.NONE);
        }
        isOver.set(true);
        checks.get(60, TimeUnit.SECONDS);
        records.leave();
    }

    /** The sample was written by the image that first had this format; it is never written anew. */
    @Test
    void aRecordOfTheFirstImageWithThisFormatIsReadAsItWasWritten() throws Exception {
        Path sample = Path.of("src/test/resources/records/4/up");
        for (String name : List.of("record", "definition.1", "definition.2")) {
            String text = Files.readString(sample.resolve(name));
            Files.writeString(
                    record.resolveSibling(name), text.replaceFirst("(?m)^bootId .*", "bootId " + Records.boot()));
        }

        Service service = left().service();

        assertThat(service.latest().linger()).isEqualTo(Duration.ofSeconds(3));
        assertThat(service.life().orElseThrow().definition().linger()).isZero();
        assertThat(service.run().orElseThrow().pid()).isEqualTo(30420);
    }
}
