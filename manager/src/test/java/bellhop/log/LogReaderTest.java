package bellhop.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogReaderTest {
    @TempDir
    Path directory;

    @Test
    void logThatIsNotThereHasNoLines() throws IOException {
        assertThat(new LogReader(directory.resolve("gone")).lastLines(10)).isEmpty();
        assertThat(lastLines(10)).isEmpty();
    }

    @Test
    void lastLinesComeAcrossTheFiles() throws IOException {
        write("current.3", "1\n2\n");
        write("current.2", "3\n");
        write("current.1", "4\n5\n");
        write("current", "6\n");

        assertThat(lastLines(0)).isEmpty();
        assertThat(lastLines(1)).isEqualTo("6\n");
        assertThat(lastLines(2)).isEqualTo("5\n6\n");
        assertThat(lastLines(3)).isEqualTo("4\n5\n6\n");
        assertThat(lastLines(4)).isEqualTo("3\n4\n5\n6\n");
        assertThat(lastLines(5)).isEqualTo("2\n3\n4\n5\n6\n");
        assertThat(lastLines(6)).isEqualTo("1\n2\n3\n4\n5\n6\n");
        assertThat(lastLines(Integer.MAX_VALUE)).isEqualTo("1\n2\n3\n4\n5\n6\n");
    }

    @Test
    void positionsStayTheSameWhenTheLogIsRotated() throws IOException {
        write("current.1", "1\n2\n");
        write("current", "3\n4\n5");
        LogReader reader = new LogReader(directory);
        LogPosition end = reader.end();
        LogPosition last = reader.before(end, 4);
        write("current", "3\n4\n5 is more now\n6\n");
        assertThat(pieces(reader, last, end)).isEqualTo("2\n3\n4\n5");

        Files.move(directory.resolve("current.1"), directory.resolve("current.2"));
        Files.move(directory.resolve("current"), directory.resolve("current.1"));
        write("current", "7\n");
        assertThat(pieces(reader, last, end)).isEqualTo("2\n3\n4\n5");
        assertThat(pieces(reader, LogPosition.START, reader.end())).isEqualTo("1\n2\n3\n4\n5 is more now\n6\n7\n");
        assertThat(pieces(reader, reader.before(end, 0), end)).isEmpty();
        assertThat(pieces(reader, reader.before(end, 1), end)).isEqualTo("5");
        assertThat(pieces(reader, reader.before(end, 100), end)).isEqualTo("1\n2\n3\n4\n5");

        Files.delete(directory.resolve("current.2"));
        assertThat(pieces(reader, last, end)).isEqualTo("3\n4\n5");
        Files.delete(directory.resolve("current.1"));
        assertThat(pieces(reader, last, end)).isEmpty();
    }

    @Test
    void filesThatAreTooOldAreLeftOut() throws IOException {
        write("current.2", "1\n");
        write("current.1", "2\n");
        write("current", "3\n");
        Files.setLastModifiedTime(directory.resolve("current.2"), FileTime.fromMillis(1000));
        Files.setLastModifiedTime(directory.resolve("current.1"), FileTime.fromMillis(2000));
        Files.setLastModifiedTime(directory.resolve("current"), FileTime.fromMillis(3000));
        LogReader reader = new LogReader(directory);

        assertThat(pieces(reader, reader.since(1000), reader.end())).isEqualTo("1\n2\n3\n");
        assertThat(pieces(reader, reader.since(1001), reader.end())).isEqualTo("2\n3\n");
        assertThat(pieces(reader, reader.since(9000), reader.end())).isEqualTo("3\n");
    }

    @Test
    void logThatIsNotThereHasPositionsToo() throws IOException {
        LogReader reader = new LogReader(directory.resolve("gone"));

        assertThat(reader.end()).isEqualTo(LogPosition.START);
        assertThat(pieces(reader, reader.since(0), reader.end())).isEmpty();
        assertThat(pieces(reader, reader.before(reader.end(), 3), reader.end())).isEmpty();
    }

    @Test
    void positionIsReadAsItWasWritten() {
        assertThat(LogPosition.parse(new LogPosition(17, 4).toString())).contains(new LogPosition(17, 4));
        assertThat(LogPosition.parse("17")).isEmpty();
        assertThat(LogPosition.parse("a:b")).isEmpty();
    }

    private static String pieces(LogReader reader, LogPosition from, LogPosition to) throws IOException {
        StringBuilder text = new StringBuilder();
        LogReader.Piece piece = reader.read(from, to, 3);
        while (!piece.text().isEmpty()) {
            text.append(piece.text());
            piece = reader.read(LogPosition.parse(piece.next().toString()).orElseThrow(), to, 3);
        }
        return text.toString();
    }

    @Test
    void filesAreInTheOrderOfTheirNumbers() throws IOException {
        write("current.10", "a\n");
        write("current.9", "b\n");
        write("current.2", "c\n");
        write("current", "");
        write("current.01", "junk\n");
        write("current.txt", "junk\n");
        write("current.1.gz", "junk\n");

        assertThat(lastLines(10)).isEqualTo("a\nb\nc\n");
    }

    @Test
    void lineGoesOnInTheNextFile() throws IOException {
        write("current.1", "1\n2 beg");
        write("current", "un\n3 unfin");

        assertThat(lastLines(1)).isEqualTo("3 unfin");
        assertThat(lastLines(2)).isEqualTo("2 begun\n3 unfin");
        assertThat(lastLines(3)).isEqualTo("1\n2 begun\n3 unfin");
    }

    @Test
    void emptyLinesCount() throws IOException {
        write("current", "\n\n\n");

        assertThat(lastLines(2)).isEqualTo("\n\n");
        assertThat(lastLines(5)).isEqualTo("\n\n\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 2_731, 5_461, 5_462, 9_999, 10_000, 10_001})
    void blocksDoNotShow(int count) throws IOException {
        write("current.1", numbers(0, 7_000));
        write("current", numbers(7_000, 10_000));

        assertThat(lastLines(count)).isEqualTo(numbers(Math.max(0, 10_000 - count), 10_000));
    }

    private static String numbers(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> String.format("%05d\n", i))
                .collect(Collectors.joining());
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    private String lastLines(int count) throws IOException {
        return LogScene.text(new LogReader(directory).lastLines(count));
    }
}
