package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Verifies that the pages of files that a start has needed no longer count, and are there when they are used again. */
class FilePagesTest {

    @Test
    void largeMappedFilesAreReleasedAndCanStillBeUsed() throws IOException {
        long before = residentOfFiles();

        assertThat(FilePages.release()).isPositive();

        assertThat(residentOfFiles()).isLessThan(before);
        System.gc(); // is in the library that was released
        assertThat(FilePages.release()).isPositive();
    }

    /** In KiB; the files of a root that is in memory count as shared memory. */
    private static long residentOfFiles() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssFile:") || line.startsWith("RssShmem:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
