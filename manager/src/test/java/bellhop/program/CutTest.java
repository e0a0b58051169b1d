package bellhop.program;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Cuts;
import bellhop.Cuts.Call;
import bellhop.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Verifies that {@code state} and {@code semaphore} change their file as a whole or not at all: each system call
 * that changes it is once the last thing that the program did, and once fails for want of room.
 */
@Timeout(120)
class CutTest {

    @TempDir
    Path directory;

    /** A program that changes its file once. */
    record Change(Class<?> main, Run.Program program, String word, String before, String after) {

        Cuts of(Path file) {
            return new Cuts(
                    Run.java(main, List.of("-Xint", "-Xshare:auto"), file.toString(), word),
                    Stream.of(file, fresh(file), lock(file))
                            .flatMap(path -> Stream.of(path, path.getFileName(), path.getParent()))
                            .distinct()
                            .toList());
        }

        @Override
        public String toString() {
            return main.getSimpleName() + " " + word;
        }
    }

    static Stream<Change> changes() {
        return Stream.of(
                new Change(StateFile.class, StateFile::run, "closed", "open\n", "closed\n"),
                new Change(Semaphore.class, Semaphore::run, "+", "0\n", "1\n"));
    }

    private static Path fresh(Path file) {
        return file.resolveSibling("." + file.getFileName() + ".new");
    }

    private static Path lock(Path file) {
        return file.resolveSibling("." + file.getFileName() + ".lock");
    }

    @BeforeAll
    static void hasStrace() throws Exception {
        Cuts.assumePossible();
    }

    @ParameterizedTest
    @MethodSource("changes")
    void aKillAtAnyCallLeavesTheOldOrTheNewAndNoHarm(Change change) throws Exception {
        Path file = directory.resolve("file");
        Cuts cuts = change.of(file);
        Files.writeString(file, change.before());
        List<Call> calls = cuts.calls(directory.resolve("trace"));
        assertThat(file).content().isEqualTo(change.after());
        assertThat(calls).extracting(Call::name).contains("openat", "write", "fsync", "renameat");

        for (Call call : calls) {
            Files.writeString(file, change.before());

            assertThat(cuts.killAt(call).status()).as("%s", call).isEqualTo(Cuts.KILLED);

            assertThat(file).as("%s", call).content().isIn(change.before(), change.after());
            assertThat(Run.of(change.program(), file.toString(), change.word()).status())
                    .as("%s", call)
                    .isLessThan(2);
            assertThat(fresh(file)).as("%s", call).doesNotExist();
        }
    }

    @ParameterizedTest
    @MethodSource("changes")
    void withoutRoomItSaysSoAndTheOldStays(Change change) throws Exception {
        Path file = directory.resolve("file");
        Cuts cuts = change.of(file);
        Files.writeString(file, change.before());

        for (Call call : cuts.calls(directory.resolve("trace"))) {
            if (!Set.of("openat", "write", "fsync", "renameat").contains(call.name())) {
                continue;
            }
            Files.writeString(file, change.before());

            Outcome ended = cuts.withoutRoomAt(call);

            assertThat(ended.status()).as("%s", call).isEqualTo(2);
            assertThat(ended.err())
                    .as("%s", call)
                    .hasLineCount(1)
                    .contains(directory.toString())
                    .contains("No space left on device");
            assertThat(file).as("%s", call).content().isEqualTo(change.before());
            assertThat(fresh(file)).as("%s", call).doesNotExist();
        }
    }
}
