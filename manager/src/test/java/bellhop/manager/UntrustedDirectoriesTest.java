package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.linux.Self;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that root's manager writes nothing where a stranger could lead it elsewhere. */
@Timeout(180)
class UntrustedDirectoriesTest {
    private static final String STRANGER = "61235";

    private ManagerProcess manager;
    private Path open;
    private Path treasure;

    @BeforeEach
    void makeFolders() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can be another user");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "SKIPPED: there is no setpriv here");
        manager = new ManagerProcess();
        manager.script("job", "run", "echo '* * * * * root anything'", "exec sleep 1000")
                .yaml("job", "user: nobody", "log: {timestamps: false}");
        open = folder("open", "rwxrwxrwx");
        treasure = folder("treasure", "rwxr-xr-x");
    }

    @AfterEach
    void close() throws Exception {
        if (manager != null) {
            manager.close();
        }
    }

    private Path folder(String name, String mode) throws Exception {
        Path folder = Files.createDirectory(manager.root().resolve(name));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
        return folder;
    }

    private void sticky() throws Exception {
        Files.setAttribute(open, "unix:mode", 01777);
    }

    private void asStranger(String shell) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("/usr/bin/setpriv", "--reuid=" + STRANGER, "--regid=" + STRANGER, "--clear-groups"));
        command.addAll(List.of("/bin/sh", "-c", "cd " + open + " && " + shell));
        manager.run(command.toArray(String[]::new)).succeeds();
    }

    private void nothingIsInTheTreasure() throws Exception {
        try (Stream<Path> files = Files.list(treasure)) {
            assertThat(files).isEmpty();
        }
    }

    private static Outcome refused(String line) {
        return Outcome.failed("bh-run: " + line + ", or name another directory");
    }

    @Test
    void logDirThatAStrangerMadeFirstIsRefused() throws Exception {
        sticky();
        asStranger("mkdir log && ln -s " + treasure + " log/job");
        Path log = open.resolve("log");

        assertThat(manager.refuses("--logdir", log.toString()))
                .isEqualTo(
                        refused(log + ": belongs to uid 61235 (mode 0755), and a manager writes only into what belongs"
                                + " to root or to its own user; chown root " + log));
        nothingIsInTheTreasure();
    }

    @Test
    void logDirBelowAParentThatItsOwnerCanSwapIsRefused() throws Exception {
        sticky();
        asStranger("mkdir mine");
        Path mine = open.resolve("mine");
        Files.createDirectory(mine.resolve("log"));

        assertThat(manager.refuses("--logdir", mine + "/log"))
                .isEqualTo(
                        refused(mine + ": belongs to uid 61235 (mode 0755), and a manager writes only into what belongs"
                                + " to root or to its own user; chown root " + mine));
    }

    @Test
    void runDirBelowAParentThatOthersCanChangeIsRefused() throws Exception {
        assertThat(manager.refuses("--rundir", open + "/run"))
                .isEqualTo(refused(open + ": writable by others than its owner (mode 0777), and a manager writes into"
                        + " nothing that others can change; chmod go-w " + open));
        sticky();
        asStranger("ln -s " + treasure + " way");
        Path way = open.resolve("way");
        assertThat(manager.refuses("--rundir", way + "/run"))
                .isEqualTo(
                        refused(way + ": belongs to uid 61235 (mode 0777), and a manager writes only into what belongs"
                                + " to root or to its own user; chown root " + way));
        nothingIsInTheTreasure();
    }

    @Test
    void directoriesOfAStickyParentServe() throws Exception {
        sticky();
        manager.start("--logdir", open + "/logs/here");
        manager.ask("start", "job").succeeds();
        manager.awaitText(open.resolve("logs/here/job/current"), "anything");
    }

    /** Left from a time at which the directory was theirs, say. */
    @Test
    void linkInPlaceOfOneLogKeepsThatServiceFromItsStart() throws Exception {
        sticky();
        asStranger("mkdir log && ln -s " + treasure + " log/job");
        Path log = open.resolve("log");
        Files.setAttribute(log, "unix:uid", 0);
        manager.start("--logdir", log.toString());

        Outcome start = manager.run("bh", "start", "job");
        assertThat(start.status()).isNotZero();
        manager.script("job", "run", "exec sleep 1000");
        assertThat(manager.said() + start.err())
                .contains("log: " + log + "/job: belongs to uid 61235 (mode 0777), and a manager writes only into what"
                        + " belongs to root or to its own user; chown root " + log + "/job, or name another directory");
        nothingIsInTheTreasure();
    }

    @Test
    void logDirThatIsMadeAfterTheManagerHasStartedIsJudgedToo() throws Exception {
        sticky();
        manager.start("--logdir", open + "/log");
        manager.ask("status").succeeds(); // from here on it says nothing, and so makes no other
        Files.move(open.resolve("log"), open.resolve("gone"));
        asStranger("mkdir log && ln -s " + treasure + " log/job");

        Outcome start = manager.run("bh", "start", "job");
        assertThat(start.status()).isNotZero();
        nothingIsInTheTreasure();
    }

    @Test
    void managerOfAUserServesInDirectoriesOfRootsAndOfItsOwn() throws Exception {
        manager.asOrdinaryUser();
        manager.script("mine", "run", "echo mine; exec sleep 1000");
        manager.start();
        manager.ask("start", "mine").succeeds();
        manager.awaitText(manager.log("mine"), "mine");
    }
}
