package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.linux.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class LogFilesTest {
    @TempDir
    Path temp;

    private Path directory;
    private LogFiles files;
    private Instant now = Instant.parse("2026-11-23T21:41:10.123Z");
    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void nameDirectory() {
        directory = temp.resolve("log/web");
        files = new LogFiles(directory, () -> now, warnings::add);
    }

    @Test
    void directoryAndFileAreMadeForTheOwnerToWrite() throws IOException {
        append("a\n");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwxr-x---");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("current"))))
                .isEqualTo("rw-r-----");
    }

    @Test
    void fileIsRotatedBeforeItGetsTooLong() throws IOException {
        append("123456\n");
        append("89\n");
        append("b\n");

        assertThat(file("current.1")).hasContent("123456\n89\n");
        assertThat(file("current")).hasContent("b\n");
    }

    @Test
    void bytesThatAreLongerThanAFileAreAFile() throws IOException {
        append("12345678901234\n");
        append("b\n");

        assertThat(file("current.1")).hasContent("12345678901234\n");
        assertThat(file("current")).hasContent("b\n");
    }

    @Test
    void oldestIsDropped() throws IOException {
        for (String text : List.of("1", "2", "3", "4", "5")) {
            append(text + "23456789\n");
        }

        assertThat(directory).isDirectoryNotContaining("glob:**/current.4");
        assertThat(file("current.3")).hasContent("223456789\n");
        assertThat(file("current.2")).hasContent("323456789\n");
        assertThat(file("current.1")).hasContent("423456789\n");
        assertThat(file("current")).hasContent("523456789\n");
    }

    @Test
    void gapThatACrashLeftIsFilledAndNothingIsDropped() throws IOException {
        append("current89\n");
        Files.writeString(file("current.1"), "one");
        Files.writeString(file("current.3"), "three");

        append("next\n");

        assertThat(file("current.1")).hasContent("current89\n");
        assertThat(file("current.2")).hasContent("one");
        assertThat(file("current.3")).hasContent("three");
    }

    @Test
    void filesThatAreNoLongerKeptAreRemoved() throws IOException {
        append("current89\n");
        Files.writeString(file("current.4"), "four");
        Files.writeString(file("current.5"), "five");

        append("next\n");

        try (var entries = Files.list(directory)) {
            assertThat(entries).containsExactlyInAnyOrder(file("current"), file("current.1"));
        }
    }

    @Test
    void fileIsRotatedOnceItsFirstLineIsTooOldAndNotWithinALine() throws IOException {
        Rotation daily = new Rotation(1000, Optional.of(Duration.ofDays(1)), 3);
        append("one\n", daily, true);
        now = now.plus(Duration.ofHours(23));
        append("two\nthr", daily, true);
        now = now.plus(Duration.ofHours(1));
        append("ee\n", daily, false);
        append("four\n", daily, true);
        now = now.plus(Duration.ofHours(23));
        append("five\n", daily, true);

        assertThat(file("current.1")).hasContent("one\ntwo\nthree\n");
        assertThat(file("current")).hasContent("four\nfive\n");
    }

    @Test
    void ageOfAFileThatAnEarlierManagerWroteIsThatOfItsFirstStamp() throws IOException {
        Rotation daily = new Rotation(1000, Optional.of(Duration.ofDays(1)), 3);
        Files.createDirectories(directory);
        Files.writeString(file("current"), now + " one\n");
        now = now.plus(Duration.ofDays(1).minusMillis(1));
        append("two\n", daily, true);
        assertThat(file("current.1")).doesNotExist();
        files.close();
        now = now.plusMillis(1);
        files = new LogFiles(directory, () -> now, warnings::add);
        append("three\n", daily, true);

        assertThat(file("current")).hasContent("three\n");
    }

    @Test
    void ageOfAFileWithoutStampsIsItsOwn() throws IOException {
        Rotation daily = new Rotation(1000, Optional.of(Duration.ofDays(1)), 3);
        Files.createDirectories(directory);
        Files.writeString(file("current"), "one\n");
        now = Instant.now();
        append("two\n", daily, true);
        assertThat(file("current.1")).doesNotExist();
        files.close();
        now = now.plus(Duration.ofDays(1));
        files = new LogFiles(directory, () -> now, warnings::add);
        append("three\n", daily, true);

        assertThat(file("current.1")).hasContent("one\ntwo\n");
        assertThat(file("current")).hasContent("three\n");
    }

    @Test
    void clockThatIsSetBackRotatesNothing() throws IOException {
        Rotation daily = new Rotation(1000, Optional.of(Duration.ofDays(1)), 3);
        append("one\n", daily, true);
        now = now.minus(Duration.ofDays(3));
        append("two\n", daily, true);

        assertThat(file("current")).hasContent("one\ntwo\n");
    }

    private void append(String text, Rotation rotation, boolean atLineStart) throws IOException {
        files.append(bytes(text), rotation, atLineStart, (file, length) -> {});
    }

    @Test
    void noneMayBeKept() throws IOException {
        files.append(bytes("current89\n"), new Rotation(10, 0), true, (file, length) -> {});
        files.append(bytes("next\n"), new Rotation(10, 0), true, (file, length) -> {});

        try (var entries = Files.list(directory)) {
            assertThat(entries).containsExactly(file("current"));
        }
        assertThat(file("current")).hasContent("next\n");
        assertThat(warnings).isEmpty();
    }

    @Test
    void fifoInTheFilesPlaceIsAnErrorAndNoWait() throws Exception {
        Files.createDirectories(directory);
        Fd.mkfifo(file("current"), 0600);

        assertThat(files.endsWithinALine()).isFalse();
        assertThatThrownBy(() -> append("a\n")).isInstanceOf(IOException.class);
    }

    @Test
    @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void firstLineOfAFifoIsNotWaitedFor() throws Exception {
        Fd.mkfifo(temp.resolve("current"), 0600);

        assertThat(FirstLine.written(temp.resolve("current"))).isPresent();
    }

    @Test
    void fileThatWasRenamedOrRemovedMeanwhileGetsNothingMoreThoughItWasLeftOpen() throws IOException {
        append("one\n");
        Files.move(file("current"), file("renamed"));
        append("two\n");
        Files.delete(file("current"));
        append("three\n");
        Files.move(file("renamed"), file("current"), StandardCopyOption.REPLACE_EXISTING);
        append("four\n");

        assertThat(file("current")).hasContent("one\nfour\n");
    }

    @Test
    void nothingStaysOpenOnceItIsClosedOrHasFailed() throws IOException {
        append("one\n");
        assertThat(opened()).isEqualTo(1);
        files.close();
        assertThat(opened()).isZero();
        append("123456\n");
        append("89\n");
        assertThat(opened()).isEqualTo(1);
        assertThatThrownBy(() -> files.append(bytes("a\n"), new Rotation(100, 3), true, (file, length) -> {
                    throw new IllegalStateException("refused");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(opened()).isZero();
    }

    /** How many descriptors are open on files of the log. */
    private long opened() throws IOException {
        long count = 0;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                count += Files.isSymbolicLink(descriptor) && target(descriptor).startsWith(directory) ? 1 : 0;
            }
        }
        return count;
    }

    private static Path target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor);
        } catch (IOException e) {
            return descriptor; // it was closed meanwhile
        }
    }

    @Test
    void endWithinALineIsKnown() throws IOException {
        assertThat(files.endsWithinALine()).isFalse();
        append("a");
        assertThat(files.endsWithinALine()).isTrue();
        append("\n");
        assertThat(files.endsWithinALine()).isFalse();
    }

    private void append(String text) throws IOException {
        files.append(bytes(text), new Rotation(10, 3), true, (file, length) -> {});
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.allocateDirect(64)
                .put(text.getBytes(StandardCharsets.US_ASCII))
                .flip();
    }

    private Path file(String name) {
        return directory.resolve(name);
    }
}
