package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.linux.Self;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that {@code bh run} says in one line why it cannot, and leaves everything as it was. */
@Timeout(120)
class RefusedRunTest {

    private static final String USAGE =
            "usage: bh run [-h] [--console] [--enabled=DIR] [--exit-with=NAME] [--logdir=DIR] [--rundir=DIR] [--stop-timeout=DURATION] [--sysfs=DIR] [--plugins=DIR]... [--services=DIR]...\n";
    private static final String ANOTHER = "; choose another with --rundir";

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path dir(String name, String mode) throws Exception {
        Path dir = Files.createDirectory(manager.root().resolve(name));
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString(mode));
        return dir;
    }

    @Test
    void anOptionOrOperandThatIsNoneIsWrongUsage() throws Exception {
        assertThat(manager.refuses("--rundri", "x"))
                .isEqualTo(new Outcome(
                        64, "", "bh-run: unknown option \"--rundri\"; did you mean \"--rundir\"?\n" + USAGE));
        assertThat(manager.refuses("--rundir"))
                .isEqualTo(new Outcome(64, "", "bh-run: --rundir: DIR is missing\n" + USAGE));
        assertThat(manager.refuses("now"))
                .isEqualTo(new Outcome(64, "", "bh-run: unexpected operand \"now\"\n" + USAGE));
        assertThat(manager.runDir().path()).doesNotExist();
    }

    @Test
    void aRunDirThatCannotBeMade() throws Exception {
        manager.asOrdinaryUser();
        Path locked = dir("locked", "r-xr-xr-x");
        assertThat(manager.refuses("--rundir", locked + "/run"))
                .isEqualTo(Outcome.failed("bh-run: " + locked + "/run: cannot be used as run dir: " + locked
                        + "/run: permission denied" + ANOTHER));
        assertThat(manager.refuses("--rundir", "/proc/run"))
                .isEqualTo(Outcome.failed("bh-run: "
                        + "/proc/run: cannot be used as run dir: /proc/run: no such file or directory" + ANOTHER));
    }

    @Test
    void aRunDirThatCannotBeWrittenTo() throws Exception {
        manager.asOrdinaryUser();
        Path rundir = dir("mine", "r-x------");
        if (Self.euid() == 0) {
            Files.setAttribute(rundir, "unix:uid", 65534);
        }
        assertThat(manager.refuses("--rundir", rundir.toString()))
                .isEqualTo(Outcome.failed("bh-run: " + rundir + ": cannot be used as run dir: open(" + rundir
                        + "/lock): Permission denied (EACCES)" + ANOTHER));
    }

    @Test
    void aRunDirWhosePathIsTooLongForASocket() throws Exception {
        String deep = manager.root() + "/" + "d".repeat(100);
        assertThat(manager.refuses("--rundir", deep))
                .isEqualTo(Outcome.failed("bh-run: " + deep + "/control.sock: has " + (deep.length() + 13)
                        + " bytes, the path of a socket at most 106; name a shorter run dir with --rundir"));
        assertThat(Path.of(deep)).doesNotExist();
    }

    @Test
    void aRunDirThatIsNoDirectory() throws Exception {
        Path file = Files.createFile(manager.root().resolve("file"));
        Path link = Files.createSymbolicLink(manager.root().resolve("link"), dir("dir", "rwx------"));
        Path nowhere = Files.createSymbolicLink(manager.root().resolve("nowhere"), Path.of("none"));
        assertThat(manager.refuses("--rundir", file.toString()))
                .isEqualTo(Outcome.failed(
                        "bh-run: " + file + ": is not a directory, expected the run dir itself" + ANOTHER));
        assertThat(manager.refuses("--rundir", link.toString()))
                .isEqualTo(Outcome.failed(
                        "bh-run: " + link + ": is a symbolic link, expected the run dir itself" + ANOTHER));
        assertThat(manager.refuses("--rundir", nowhere.toString()))
                .isEqualTo(Outcome.failed(
                        "bh-run: " + nowhere + ": is a symbolic link, expected the run dir itself" + ANOTHER));
        assertThat(manager.refuses("--rundir", file + "/run"))
                .isEqualTo(Outcome.failed("bh-run: " + file + "/run: cannot be used as run dir: " + file
                        + ": not a directory" + ANOTHER));
    }

    @Test
    void aRunDirOfSomebodyElse() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can give a directory away");
        Path rundir = dir("theirs", "rwxr-xr-x");
        Files.setAttribute(rundir, "unix:uid", 1234);
        assertThat(manager.refuses("--rundir", rundir.toString()))
                .isEqualTo(Outcome.failed("bh-run: " + rundir + ": belongs to user 1234, expected 0" + ANOTHER));
    }

    @Test
    void aRunDirThatOthersMayWriteTo() throws Exception {
        Path rundir = dir("open", "rwxrwx---");
        assertThat(manager.refuses("--rundir", rundir.toString()))
                .isEqualTo(Outcome.failed("bh-run: " + rundir + ": others may write to it (mode 0770); chmod go-w it"));
    }

    @Test
    void pathsWhoseBytesAreNoTextInTheLocale() throws Exception {
        String run = "exec bh run --%s \"$(printf '/tmp/a%s')\"";
        manager.with("LC_ALL", "C.UTF-8").with("PATH", manager.root() + "/bin:/usr/bin:/bin");
        assertThat(manager.run("/bin/sh", "-c", run.formatted("rundir", "\\377b")))
                .isEqualTo(Outcome.failed("bh-run: run dir /tmp/a\uFFFDb: not a file name in UTF-8"));
        assertThat(manager.run("/bin/sh", "-c", run.formatted("services", "\\377b")))
                .isEqualTo(Outcome.failed("bh-run: directory of services /tmp/a\uFFFDb: not a file name in UTF-8"));
        manager.with("LC_ALL", "C");
        assertThat(manager.run("/bin/sh", "-c", run.formatted("logdir", "\\303\\251")))
                .isEqualTo(Outcome.failed(
                        "bh-run: directory of logs /tmp/a??: not a file name in ANSI_X3.4-1968; set LC_ALL=C.UTF-8"));
    }
}
