package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.linux.Self;
import bellhop.linux.Signals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that QUIT ends a manager in order, whatever the JVM makes of it, and that tools which send it to attach do not. */
@Timeout(240)
class QuitTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
        manager.script("web", "run", "exec sleep 1000")
                .script("web", "post", "touch " + file("post"))
                .yaml("web", "autostart: true");
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path file(String name) {
        return manager.root().resolve(name);
    }

    private void quit() throws Exception {
        manager.signal(Signals.QUIT);

        assertThat(manager.awaitEnd()).as("exit status: %s", manager.said()).isZero();
        assertThat(manager.said()).contains("SIGQUIT: stopping everything").doesNotContain("Full thread dump");
        assertThat(file("post")).exists();
        assertThat(manager.processes()).isEmpty();
    }

    private Outcome attach(String command) throws Exception {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        assumeTrue(Files.isExecutable(tool), "SKIPPED: this JDK has no jcmd");
        return manager.run(tool.toString(), Long.toString(manager.manager().pid()), command);
    }

    @Test
    void itEndsEverythingInOrder() throws Exception {
        manager.start().awaitLine("web started");

        quit();
    }

    @Test
    void itDoesSoAfterEachUpgrade() throws Exception {
        manager.start().awaitLine("web started");
        manager.run("bh", "upgrade").succeeds();
        manager.run("bh", "upgrade").succeeds();

        quit();
    }

    @Test
    void aToolThatAttachesGetsItsDumpAndEndsNothing() throws Exception {
        manager.start().awaitLine("web started");

        Outcome dump = attach("Thread.print");

        assertThat(dump.status()).as("jcmd: %s", dump).isZero();
        assertThat(dump.out()).contains("Full thread dump", "bellhop-control");
        assertThat(manager.state("web")).isEqualTo("started");
        manager.run("bh", "upgrade").succeeds();
        assertThat(attach("VM.version").status()).isZero();
        assertThat(manager.state("web")).isEqualTo("started");
        quit();
    }

    @Test
    void whatAToolLeftThatWasKilledHoldsNobodyUp() throws Exception {
        manager.start().awaitLine("web started");
        long pid = manager.manager().pid();
        Path mark = Files.createFile(file(".attach_pid" + pid));
        Files.setLastModifiedTime(mark, FileTime.fromMillis(System.currentTimeMillis() - 120_000));

        quit();
    }

    @Test
    void aStrangersFileHoldsNobodyUp() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can make files of others");
        manager.start().awaitLine("web started");
        Path mark = Files.createFile(file(".attach_pid" + manager.manager().pid()));
        Files.setAttribute(mark, "unix:uid", 65534);

        quit();
    }

    @Test
    void noServiceInheritsWhatBecomesOfIt() throws Exception {
        manager.script(
                "web",
                "run",
                "grep Sig /proc/self/status > " + file("signals"),
                "ls -l /proc/self/fd > " + file("fds"),
                "touch " + file("done"),
                "exec sleep 1000");
        manager.start().awaitFile(file("done"));

        assertThat(Files.readString(file("signals")))
                .contains("SigIgn:\t0000000000000000")
                .contains("SigBlk:\t0000000000000000");
        assertThat(Files.readString(file("fds"))).doesNotContain("eventfd");
    }
}
