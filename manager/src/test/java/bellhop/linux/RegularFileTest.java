package bellhop.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The limit is below what the kernel lets a lease keep others waiting, 45 s (proc(5), {@code lease-break-time}). */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RegularFileTest {

    @TempDir
    Path directory;

    @Test
    void fileIsReadToItsEndOrTheLimit() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "0123456789");
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);

        assertThat(RegularFile.read(file, 100)).asString(UTF_8).isEqualTo("0123456789");
        assertThat(RegularFile.read(link, 10)).asString(UTF_8).isEqualTo("0123456789");
        assertThat(RegularFile.read(file, 4)).asString(UTF_8).isEqualTo("0123");
        assertThat(RegularFile.read(Files.createFile(directory.resolve("empty")), 4))
                .isEmpty();
    }

    @Test
    void whatIsNoRegularFileIsNotOpened() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();

        for (Path other : new Path[] {fifo, directory, Path.of("/dev/zero")}) {
            assertThatThrownBy(() -> RegularFile.read(other, 10))
                    .isInstanceOf(IOException.class)
                    .hasMessage(other + ": not a regular file");
        }
        assertThatThrownBy(() -> RegularFile.read(directory.resolve("missing"), 10))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void fileWithALeaseOnItIsNotWaitedFor() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "A=1\n");
        Process holder = new ProcessBuilder("perl", "-e", """
                        $SIG{IO} = "IGNORE";
                        # F_SETLEASE and F_WRLCK, <fcntl.h>
                        open(F, ">>", $ARGV[0]) && fcntl(F, 1024, 1) || die "no lease: $!";
                        syswrite(STDOUT, "leased\\n");
                        <STDIN>;
                        """, file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("leased");

            assertThatThrownBy(() -> RegularFile.read(file, 10))
                    .hasMessage(file + ": another program has a lease on it; try again in a minute");
        } finally {
            holder.destroyForcibly().waitFor();
        }
        assertThat(RegularFile.read(file, 10)).asString(UTF_8).isEqualTo("A=1\n");
    }
}
