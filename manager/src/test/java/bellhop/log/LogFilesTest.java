package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.linux.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFilesTest {
    @TempDir
    Path temp;

    private Path directory;
    private LogFiles files;
    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void nameDirectory() {
        directory = temp.resolve("log/web");
        files = new LogFiles(directory, warnings::add);
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
