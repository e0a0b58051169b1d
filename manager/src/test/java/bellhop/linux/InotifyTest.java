package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.linux.Inotify.DirectoryEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes that the real kernel reports; it has done so by the time that the change returns. */
class InotifyTest {

    @TempDir
    Path folder;

    private Inotify inotify;

    @BeforeEach
    void open() throws IOException {
        inotify = Inotify.open();
    }

    @AfterEach
    void close() throws IOException {
        inotify.close();
    }

    @Test
    void entriesThatComeChangeAndGoAreReportedInOrder() throws Exception {
        int watch = inotify.watch(folder, true);
        assertThat(inotify.receive()).isEmpty();

        Path file = Files.createFile(folder.resolve("a b"));
        Files.writeString(file, "x");
        Files.move(file, folder.resolve("b"));
        Files.delete(folder.resolve("b"));

        assertThat(inotify.receive())
                .containsExactly(
                        new DirectoryEvent.Changed(watch, "a b"),
                        new DirectoryEvent.Changed(watch, "a b"),
                        new DirectoryEvent.Changed(watch, "a b"),
                        new DirectoryEvent.Changed(watch, "b"),
                        new DirectoryEvent.Changed(watch, "b"));
    }

    @Test
    void whatIsWrittenToFilesIsReportedOnlyIfSomebodyAskedForThat() throws Exception {
        Path file = Files.createFile(folder.resolve("a"));
        Path link = Files.createSymbolicLink(folder.resolveSibling(folder.getFileName() + "-link"), folder);
        try {
            int watch = inotify.watch(folder, false);
            Files.writeString(file, "x");
            assertThat(inotify.receive()).isEmpty();

            assertThat(inotify.watch(link, true)).isEqualTo(watch);
            assertThat(inotify.watch(folder, false)).isEqualTo(watch);
            Files.writeString(file, "y");
            assertThat(inotify.receive()).contains(new DirectoryEvent.Changed(watch, "a"));
        } finally {
            Files.delete(link);
        }
    }

    @Test
    void watchEndsWithItsDirectoryAndByBeingRemoved() throws Exception {
        Path one = Files.createDirectory(folder.resolve("one"));
        Path two = Files.createDirectory(folder.resolve("two"));
        int first = inotify.watch(one, true);
        int second = inotify.watch(two, true);

        Files.delete(one);
        inotify.unwatch(second);

        assertThat(inotify.receive())
                .contains(new DirectoryEvent.Ended(first), new DirectoryEvent.Ended(second))
                .last()
                .isEqualTo(new DirectoryEvent.Ended(second));
        inotify.unwatch(second);
        Files.createFile(two.resolve("a"));
        assertThat(inotify.receive()).isEmpty();
    }

    @Test
    void whatIsNoDirectoryIsRefused() throws Exception {
        Path file = Files.createFile(folder.resolve("a"));

        assertThatThrownBy(() -> inotify.watch(file, true)).isInstanceOf(NotDirectoryException.class);
        assertThatThrownBy(() -> inotify.watch(folder.resolve("b"), true)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void lossOfEventsIsReported() throws Exception {
        int most;
        try (BufferedReader limit = Files.newBufferedReader(Path.of("/proc/sys/fs/inotify/max_queued_events"))) {
            most = Integer.parseInt(limit.readLine()); // such a file is read at once, or not whole
        }
        int _ = inotify.watch(folder, true);
        Path file = folder.resolve("a");
        for (int events = 0; events <= most; events += 2) {
            Files.createFile(file);
            Files.delete(file);
        }

        DirectoryEvent last = null;
        for (var events = inotify.receive(); !events.isEmpty(); events = inotify.receive()) {
            last = events.getLast();
        }
        assertThat(last).isEqualTo(new DirectoryEvent.Overflow());
    }
}
