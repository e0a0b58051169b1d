package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Verifies that what Java says to the kernel is understood on each architecture: the tests of bellhop.linux, as they are. */
@Timeout(3600)
class LinuxIT {

    private static final Path CLASSES = Path.of("..", "manager", "target", "test-classes");
    /** Beside the tests of this module it has what the tests of all modules share. */
    private static final Path SHARED = Path.of("target", "test-classes");

    private static final Path LIBRARIES = Path.of("target", "carried");
    /** How often a script that lasts as long as one may is waited for. */
    private static final int PATIENCE = 24;

    @RegisterExtension
    final Guest guest = new Guest();

    @TempDir
    private Path folder;

    /** They run on the image's own runtime, from a disk; all but one, which counts by what that runtime does not have. */
    @Test
    void theTestsOfTheKernelsInterfacePass() throws Exception {
        Machine machine = guest.disk(disk()).boot();
        machine.run(
                        "mount -o ro /dev/vda /mnt",
                        "cd /tmp && { setsid /usr/lib/bellhop/runtime/bin/java -XX:+UseSerialGC -XX:-MaxFDLimit"
                                + " -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED"
                                + " -cp '/mnt/classes:/mnt/shared:/usr/lib/bellhop/lib/*:/mnt/libraries/*'"
                                + " org.junit.platform.console.ConsoleLauncher execute --disable-banner"
                                + " --disable-ansi-colors --details=summary --scan-classpath=/mnt/classes --include-package=bellhop.linux"
                                + " --exclude-methodname='.*#waitingMakesNoGarbageOfItsOwn.*'"
                                + " >/run/tests 2>&1; echo $? >/run/status; } &")
                .succeeds();
        boolean isOver = false;
        for (int i = 0; i < PATIENCE && !isOver; i++) {
            isOver = machine.run("for i in $(seq 100); do [ ! -s /run/status ] || exit 0; sleep 1; done; exit 1")
                            .status()
                    == 0;
        }

        String said = machine.run("cat /run/tests").out();
        assertThat(isOver).as(said).isTrue();
        assertThat(machine.run("cat /run/status").out().strip()).as(said).isEqualTo("0");
        assertThat(said).containsPattern("\\[ +[1-9][0-9]+ tests successful").contains(" 0 tests failed");
    }

    /** A file system with the classes and what they need, of the compiled tests of the manager. */
    private Path disk() throws IOException, InterruptedException {
        Path root = Files.createDirectories(folder.resolve("root"));
        assertThat(CLASSES.resolve("bellhop/linux"))
                .as("the tests of ../manager")
                .isDirectory();
        copy(CLASSES, root.resolve("classes"));
        copy(SHARED, root.resolve("shared"));
        copy(LIBRARIES, root.resolve("libraries"));
        Path disk = folder.resolve("disk");
        Process made = new ProcessBuilder(
                        List.of("mke2fs", "-q", "-t", "ext4", "-d", root.toString(), disk.toString(), "64M"))
                .inheritIO()
                .start();
        assertThat(made.waitFor()).as("mke2fs").isZero();
        return disk;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
