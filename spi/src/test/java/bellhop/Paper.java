package bellhop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file of the sources that a test makes, all of it or a part. {@code -Dgenerate=true} writes it again.
 *
 * @param file where it is
 * @param writes how to have it written again, after {@code mvn}
 */
public record Paper(Path file, String writes) {

    /** Whether files are written again, not compared. */
    public static boolean isWritten() {
        return Boolean.getBoolean("generate");
    }

    /** Fails if the file is not this text. */
    public void is(String text) throws IOException {
        if (isWritten()) {
            Files.createDirectories(file.toAbsolutePath().normalize().getParent());
            Files.writeString(file, text);
        }
        assertThat(file).exists();
        assertThat(Files.readString(file))
                .as("%s; mvn %s -Dgenerate=true writes it again", file, writes)
                .isEqualTo(text);
    }

    /** Fails if the text between these two lines of the file is not this. */
    public void hasBetween(String begin, String end, String text) throws IOException {
        String all = Files.readString(file);
        between(begin, end);
        is(all.substring(0, all.indexOf(begin) + begin.length()) + text + all.substring(all.indexOf(end)));
    }

    /** The text between these two lines of the file. */
    public String between(String begin, String end) throws IOException {
        String all = Files.readString(file);
        assertThat(all).containsOnlyOnce(begin).containsOnlyOnce(end);
        return all.substring(all.indexOf(begin) + begin.length(), all.indexOf(end));
    }
}
