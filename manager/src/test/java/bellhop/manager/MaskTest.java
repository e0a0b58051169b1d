package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.linux.Self;
import bellhop.spi.testkit.FakeSysfs;
import bellhop.trigger.PluginMaker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that nobody starts a masked service, with real services under a real manager. */
@Timeout(120)
class MaskTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
        for (String service : new String[] {"app", "db", "web"}) {
            manager.script(service, "run", "exec sleep 1000");
        }
        manager.yaml("app", "requires: [db]");
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path masked() {
        return manager.root().resolve("masked");
    }

    @Test
    void itIsStartedByNoRequest() throws Exception {
        manager.yaml("app", "requires: [db]", "restart: \"no\"");
        manager.start();
        manager.ask("mask", "db").isSilent(0);

        assertThat(masked().resolve("db")).isEmptyFile();
        assertThat(manager.ask("start", "db")).isEqualTo(Outcome.failed("bh-start: db: is masked (bh unmask db)"));
        assertThat(manager.ask("restart", "db")).isEqualTo(Outcome.failed("bh-restart: db: is masked (bh unmask db)"));
        assertThat(manager.ask("require", "--owner", "me", "db"))
                .isEqualTo(Outcome.failed("bh-require: db: is masked (bh unmask db)"));
        assertThat(manager.ask("start", "app").err()).contains("db: is masked (bh unmask db)");
        assertThat(manager.state("app")).isEqualTo("failed");
        assertThat(manager.ask("status", "app", "db").out()).containsPattern("db +stopped .* masked");
        assertThat(manager.ask("list", "--long").out()).containsPattern("db +masked");

        manager.ask("unmask", "db").isSilent(0);
        assertThat(masked().resolve("db")).doesNotExist();
        manager.ask("start", "app").succeeds();
        assertThat(manager.ask("unmask", "db")).isEqualTo(new Outcome(0, "", "bh-unmask: db: was not masked\n"));
    }

    @Test
    void whatRunsGoesOnAndIsRelaunchedAndStopped() throws Exception {
        manager.yaml("db", "restart_delay: 10ms");
        manager.start();
        manager.ask("start", "app").succeeds();

        assertThat(manager.ask("mask", "db"))
                .isEqualTo(new Outcome(0, "", "bh-mask: db: is started, and goes on until it is stopped\n"));
        manager.ask("signal", "db", "KILL").succeeds();
        manager.awaitLine("db started", 2);
        assertThat(manager.ask("status", "app", "db").out()).containsPattern("db +started .* masked");
        assertThat(manager.ask("stop", "db").status()).isZero();
        manager.awaitState("db", "stopped");
        assertThat(manager.ask("start", "db").status()).isEqualTo(1);
    }

    @Test
    void whatIsTriedAgainDoesNotStartItEither() throws Exception {
        manager.script("app", "pre", "exit 1").yaml("app", "requires: [db]", "restart_delay: 50ms");
        manager.start();
        manager.ask("start", "app");
        manager.awaitLine("db started", 2);

        assertThat(manager.ask("mask", "db").status()).isZero();

        manager.awaitLine("app restarting: requires db: is masked (bh unmask db)");
        manager.awaitState("db", "stopped");
    }

    @Test
    void itIsMaskedWithoutAManagerAndForTheNext() throws Exception {
        manager.yaml("web", "autostart: true");
        manager.run("bh", "enable", "db").isSilent(0);
        manager.run("bh", "mask", "web", "db").isSilent(0);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(masked().resolve("web"))))
                .isEqualTo("rw-r--r--");
        assertThat(manager.run("bh", "mask", "nix").err())
                .startsWith("bh-mask: masked, but no such service: nix")
                .hasLineCount(1);
        Files.createFile(masked().resolve("a name"));
        Files.createDirectory(masked().resolve("app"));

        manager.start();
        manager.awaitLine("web: not started: is masked (bh unmask web)");
        manager.awaitLine("db: not started: is masked (bh unmask db)");
        manager.awaitLine("a name: ignored: ");
        assertThat(manager.state("web")).isEqualTo("stopped");
        manager.stop();
        manager.run("bh", "unmask", "web").isSilent(0);
        manager.start();
        manager.awaitLine("web started");
    }

    @Test
    void aTemplateIsAllItsInstancesAndAnInstanceItself() throws Exception {
        manager.script("tty", "run", "exec sleep 1000").yaml("tty", "template: true");
        manager.start();
        manager.ask("mask", "tty@one").succeeds();
        assertThat(manager.ask("start", "tty@one"))
                .isEqualTo(Outcome.failed("bh-start: tty@one: is masked (bh unmask tty@one)"));
        manager.ask("start", "tty@two").succeeds();

        assertThat(manager.ask("mask", "tty").err())
                .isEqualTo("bh-mask: tty@two: is started, and goes on until it is stopped\n");
        manager.ask("unmask", "tty@one").succeeds();
        assertThat(manager.ask("start", "tty@one"))
                .isEqualTo(Outcome.failed("bh-start: tty@one: is masked (bh unmask tty)"));
    }

    @Test
    void anAdoptedServiceMayBeMasked() throws Exception {
        manager.start();
        manager.ask("start", "app").succeeds();
        assertThat(manager.ask("mask", "db").status()).isZero();
        int pid = manager.pid("db");
        manager.kill();

        manager.start();

        assertThat(manager.pid("db")).isEqualTo(pid);
        manager.ask("restart", "app").succeeds();
        manager.ask("stop", "app").succeeds();
        manager.awaitState("db", "stopped");
        assertThat(manager.ask("start", "app").err()).contains("db: is masked (bh unmask db)");
    }

    @Test
    void aServiceThatTheManagerEndsWithIsNotWaitedForForEver() throws Exception {
        manager.run("bh", "mask", "web").isSilent(0);

        assertThat(manager.refuses("--exit-with", "web"))
                .isEqualTo(Outcome.failed("bh-run: --exit-with: web: is masked (bh unmask web)"));
    }

    @Test
    void whatIsMaskedWhereOthersMayWriteStaysMasked() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root has others to fear");
        manager.run("bh", "mask", "web").isSilent(0);
        Files.setPosixFilePermissions(masked(), PosixFilePermissions.fromString("rwxrwxrwx"));

        manager.start();

        manager.awaitLine("others may say what is masked: ");
        assertThat(manager.ask("start", "web")).isEqualTo(Outcome.failed("bh-start: web: is masked (bh unmask web)"));
        assertThat(manager.ask("wait", "web")).isEqualTo(Outcome.failed("bh-wait: web: is masked (bh unmask web)"));
    }

    @Test
    void aDeviceIsToldOnce() throws Exception {
        Path root = manager.root();
        FakeSysfs sysfs = new FakeSysfs(Files.createDirectory(root.resolve("sys")));
        new PluginMaker(Files.createDirectory(root.resolve("made"))).jarOf(root.resolve("plugins/wifi.jar"), "wifi");
        manager.with("BELLHOP_SYSFS", sysfs.root().toString());
        manager.script("net", "run", "exec sleep 1000").yaml("net", "template: true", "triggers: {wifi: {}}");
        manager.run("bh", "mask", "net").isSilent(0);
        manager.start();

        sysfs.wireless("wlan0", 7, "ath9k");

        manager.awaitLine("required by wifi:wlan0: net@wlan0: is masked (bh unmask net)");
        manager.await(
                "its status has it",
                () -> manager.ask("status").out().matches("(?s).*net@wlan0 +stopped [^\n]* masked.*"));
        manager.ask("unmask", "net").succeeds();
        manager.awaitLine("net@wlan0 started"); // it was asked for again
        assertThat(manager.said().lines().filter(line -> line.contains("net@wlan0: is masked")))
                .hasSize(1);
    }
}
