package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.linux.Fd;
import bellhop.linux.Self;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that whoever could once open what a service writes to neither reads nor writes what it does later. */
@Timeout(180)
class ForeignLogFifoTest {

    private static final String STRANGER = "61238";

    private final List<Process> strangers = new ArrayList<>();
    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can be another user");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "SKIPPED: there is no setpriv here");
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        for (Process stranger : strangers) {
            stranger.destroyForcibly().waitFor();
        }
        if (manager != null) {
            manager.close();
        }
    }

    private Path fifo() {
        return manager.runDir().path().resolve("web/log.run");
    }

    /** A stranger that has the FIFO open, writes a line for each line it is told, and tells what it reads. */
    private final class Stranger {
        private final BufferedReader told;
        private final Writer words;

        Stranger() throws IOException {
            String shell = "exec 3<>" + fifo() + " && echo open; while read -r word; do case $word in"
                    + " read) timeout 1 head -c 1 <&3 | grep -q . && echo got || echo nothing;;"
                    + " *) echo \"$word\" >&3; echo written;; esac; done";
            Process process = new ProcessBuilder(
                            "/usr/bin/setpriv",
                            "--reuid=" + STRANGER,
                            "--regid=" + STRANGER,
                            "--clear-groups",
                            "--",
                            "/bin/sh",
                            "-c",
                            shell)
                    .redirectErrorStream(true)
                    .start();
            strangers.add(process);
            told = process.inputReader();
            words = process.outputWriter();
            assertThat(told.readLine()).isEqualTo("open");
        }

        String asked(String word) throws IOException {
            words.write(word + "\n");
            words.flush();
            return told.readLine();
        }
    }

    private void run(String first, String user, String... more) throws Exception {
        manager.script("web", "run", "echo " + first, "exec sleep 1000");
        List<String> lines = new ArrayList<>(List.of(more));
        lines.add("stop_grace_period: 500ms");
        if (!user.isEmpty()) {
            lines.add("user: \"" + user + "\"");
            lines.add("group: \"" + user + "\"");
        }
        manager.yaml("web", lines.toArray(String[]::new));
    }

    private List<String> log() throws IOException {
        return Files.readAllLines(manager.log("web")).stream()
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList();
    }

    private void isOfRootAlone(Stranger stranger) throws Exception {
        manager.awaitText(manager.log("web"), "of root");
        assertThat(Fd.lstat(fifo()).uid()).isZero();
        assertThat(Fd.lstat(fifo()).permissions()).isEqualTo(0600);
        assertThat(stranger.asked("forged")).isEqualTo("written");
        assertThat(stranger.asked("read"))
                .as("its own line, which nobody has read")
                .isEqualTo("got");
        manager.ask("restart", "web").succeeds();
        manager.await(
                "the second run is heard",
                () -> log().stream().filter("of root"::equals).count() == 2);
        assertThat(log()).noneMatch(line -> line.contains("forged"));
    }

    @Test
    void whoHadItOpenAsTheServicesUserIsNotHeardOnceItIsRoots() throws Exception {
        run("of the stranger", STRANGER);
        manager.start().ask("start", "web").succeeds();
        manager.awaitText(manager.log("web"), "of the stranger");
        Stranger stranger = new Stranger();
        manager.ask("stop", "web").succeeds();
        run("of root", "");
        manager.ask("start", "web").succeeds();

        isOfRootAlone(stranger);
        assertThat(log()).containsExactly("of the stranger", "of root", "of root");
    }

    @Test
    void whoHadItOpenByItsModeIsNotHeardOnceItIsLaunchedAnew() throws Exception {
        run("of root", "");
        manager.start().ask("start", "web").succeeds();
        manager.awaitText(manager.log("web"), "of root");
        Fd.chmod(fifo(), 0666);
        Stranger stranger = new Stranger();
        manager.kill();
        manager.start();
        Files.delete(manager.log("web"));
        manager.ask("restart", "web").succeeds();

        isOfRootAlone(stranger);
    }

    @Test
    void whoIsLeftAliveOnPurposeIsReadOnAndItsFifoIsNotTakenFromIt() throws Exception {
        manager.script(
                        "web",
                        "run",
                        "test -e ../../left || setsid sh -c 'touch ../../left; while ! test -e ../../go; do sleep .02;"
                                + " done; echo of the older one' &",
                        "echo of the leader",
                        "exec sleep 1000")
                .yaml("web", "kill_mode: process");
        manager.start().ask("start", "web").succeeds();
        manager.awaitFile(manager.root().resolve("left"));
        long inode = Fd.lstat(fifo()).ino();
        manager.ask("restart", "web").succeeds();
        assertThat(Fd.lstat(fifo()).ino()).isEqualTo(inode);
        manager.kill();
        manager.start();
        manager.ask("restart", "web").succeeds();
        assertThat(Fd.lstat(fifo()).ino()).isEqualTo(inode);
        Files.createFile(manager.root().resolve("go"));

        manager.awaitText(manager.log("web"), "of the older one");
    }
}
