package bellhop.engine.record;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Cuts;
import bellhop.Cuts.Call;
import bellhop.Outcome;
import bellhop.core.Effect;
import bellhop.engine.process.ProcessId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Verifies that a record and its views are written as a whole or not at all: each system call that changes one of them
 * is once the last thing that a manager did, and once fails for want of room.
 */
@Timeout(120)
class RecordCutTest {

    @TempDir
    Path directory;

    private Path runDir;
    private Cuts cuts;

    @BeforeEach
    void makeRunDir() throws Exception {
        Cuts.assumePossible();
        runDir = Files.createDirectory(
                directory.resolve("run"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        List<Path> files = Stream.of(
                        "record",
                        ".record.next",
                        "state",
                        ".state.next",
                        "require",
                        ".require.next",
                        "definition.1",
                        "definition.2",
                        ".definition.2.next")
                .map(name -> runDir.resolve("web").resolve(name))
                .toList();
        cuts = new Cuts(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xint",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RecordWriter.class.getName(),
                        runDir.toString()),
                files);
    }

    private void putOld() throws Exception {
        Records records = Records.take(runDir);
        records.save(RecordWriter.stopped(), ProcessId.NONE);
        records.leave();
    }

    /** What the next manager finds. */
    private Effect.Save found() throws Exception {
        Records records = Records.take(runDir);
        try {
            assertThat(records.problems()).isEmpty();
            assertThat(records.left()).hasSize(1);
            return records.left().getFirst().saved();
        } finally {
            records.leave();
        }
    }

    private List<Call> calls() throws Exception {
        putOld();
        List<Call> calls = cuts.calls(directory.resolve("trace"));
        assertThat(found()).isEqualTo(RecordWriter.started());
        assertThat(calls).filteredOn(call -> call.name().equals("rename")).hasSize(4);
        return calls;
    }

    @Test
    void aKillAtAnyCallLeavesTheOldOrTheNew() throws Exception {
        List<Effect.Save> seen = new ArrayList<>();
        for (Call call : calls()) {
            putOld();

            assertThat(cuts.killAt(call).status()).as("%s", call).isEqualTo(Cuts.KILLED);

            seen.add(found());
            assertThat(runDir.resolve("web/state")).as("%s", call).content().isIn("stopped\n", "started\n");
            assertThat(runDir.resolve("web/require")).as("%s", call).content().isIn("0\n", "1\n");
        }
        assertThat(Set.copyOf(seen)).containsExactlyInAnyOrder(RecordWriter.stopped(), RecordWriter.started());
    }

    @Test
    void withoutRoomItSaysSoAndTheOldStays() throws Exception {
        for (Call call : calls()) {
            if (!Set.of("openat", "write", "rename").contains(call.name())) {
                continue;
            }
            putOld();

            Outcome ended = cuts.withoutRoomAt(call);

            assertThat(ended.status()).as("%s", call).isEqualTo(1);
            assertThat(ended.err())
                    .as("%s", call)
                    .hasLineCount(1)
                    .startsWith(runDir.toString())
                    .contains("No space left on device");
            assertThat(found()).as("%s", call).isIn(RecordWriter.stopped(), RecordWriter.started());
            assertThat(runDir.resolve("web/.record.next")).as("%s", call).doesNotExist();
        }
    }
}
