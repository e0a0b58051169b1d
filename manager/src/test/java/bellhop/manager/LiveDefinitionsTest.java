package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that service directories may come, change and go under a running manager, and what it does with that. */
@Timeout(120)
class LiveDefinitionsTest {

    private ManagerProcess manager;

    @BeforeEach
    void make() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private String[] noting(String what) {
        return new String[] {"echo " + what + " >> " + manager.root() + "/did"};
    }

    private ManagerProcess web(String text) throws Exception {
        return manager.script("web", "run", noting("run " + text)[0], "exec sleep 1000");
    }

    private Path path(String file) {
        return manager.services().resolve(file);
    }

    private String status() throws Exception {
        return manager.ask("status").out();
    }

    @Test
    void aDirectoryThatIsDroppedInIsSeenAndCanBeStartedAtOnce() throws Exception {
        manager.start();
        web("one");
        manager.ask("start", "web").succeeds();
        manager.awaitLine("definition of web: added");
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void whatRunsKeepsItsDefinitionUntilItsNextStart() throws Exception {
        web("old").script("web", "pre", noting("pre old")).script("web", "post", noting("post old"));
        manager.start();
        manager.ask("start", "web").succeeds();
        int pid = manager.pid("web");
        // A shell that has not read its script yet would read the new one.
        manager.awaitText(manager.root().resolve("did"), "run old");
        web("new").script("web", "pre", noting("pre new")).yaml("web", "stop_grace_period: 3s");
        manager.awaitLine("definition of web: changed; used at its next start");
        assertThat(status()).contains("definition changed on disk, used at its next start");
        assertThat(manager.ask("status", "--json", "web").out())
                .contains("definition changed on disk, used at its next start");
        assertThat(manager.pid("web")).isEqualTo(pid);

        manager.ask("restart", "web").succeeds();
        assertThat(status()).doesNotContain("changed on disk");
        manager.awaitText(manager.root().resolve("did"), "run new");
        assertThat(manager.root().resolve("did")).hasContent("pre old\nrun old\npost old\npre new\nrun new\n");
    }

    @Test
    void postIsTheOneThatPreWasStartedWith() throws Exception {
        web("old").script("web", "pre", noting("pre")).script("web", "post", noting("post"));
        manager.start();
        manager.ask("start", "web").succeeds();
        Files.delete(path("web/post"));
        manager.awaitLine("definition of web: changed");
        manager.ask("stop", "web");
        assertThat(manager.said()).contains("post could not be run");
        manager.ask("start", "web").succeeds();
        manager.ask("stop", "web").succeeds();
    }

    @Test
    void postHasTheSettingsThatPreHadAndNoneComesLater() throws Exception {
        web("old")
                .script("web", "pre", noting("pre $WHO")[0])
                .script("web", "post", noting("post $WHO")[0])
                .yaml("web", "environment: {WHO: first}");
        manager.script("plain", "pre", "exit 0").script("plain", "run", "exec sleep 1000");
        manager.start();
        manager.ask("start", "web", "plain").succeeds();
        manager.yaml("web", "environment: {WHO: second}");
        manager.script("plain", "post", noting("post of plain"));
        manager.awaitLine("definition of web: changed");
        manager.awaitLine("definition of plain: changed");

        manager.ask("stop", "web", "plain").succeeds();
        assertThat(manager.root().resolve("did"))
                .content()
                .startsWith("pre first\n")
                .endsWith("post first\n");

        manager.ask("start", "web", "plain").succeeds();
        manager.ask("stop", "web", "plain").succeeds();
        assertThat(manager.root().resolve("did"))
                .content()
                .contains("pre second\n", "post second\n", "post of plain\n");
    }

    @Test
    void aFileThatIsReplacedByRenameIsSeen() throws Exception {
        web("old").yaml("web", "stop_grace_period: 3s");
        manager.start();
        manager.ask("start", "web").succeeds();
        Files.writeString(path("web/.service.yaml.new"), "stop_grace_period: 4s\n");
        Files.move(
                path("web/.service.yaml.new"),
                path("web/service.yaml"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        manager.awaitLine("definition of web: changed");
        Files.move(path("web"), manager.root().resolve("web.old"));
        manager.awaitLine("definition of web: removed; web keeps the definition that it was started with");
        assertThat(status()).contains("its directory is gone");
        Files.move(manager.root().resolve("web.old"), path("web"));
        manager.awaitLine("definition of web: added");
        assertThat(status()).doesNotContain("gone");
        web("new");
        manager.awaitLine("definition of web: changed", 2);
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void aLinkThatIsSwappedIsAnotherDirectory() throws Exception {
        manager.script("../one", "run", "exec sleep 1000").script("../two", "run", "exec sleep 2000");
        Files.createSymbolicLink(path("web"), manager.root().resolve("one"));
        manager.start();
        manager.ask("start", "web").succeeds();
        Files.createSymbolicLink(path(".web"), manager.root().resolve("two"));
        Files.move(path(".web"), path("web"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        manager.awaitLine("definition of web: changed");
        manager.yaml("web", "stop_grace_period: 4s");
        manager.awaitLine("definition of web: changed", 2);
    }

    @Test
    void anEditOfTwoFilesIsNotSeenHalfDone() throws Exception {
        web("old");
        manager.start();
        manager.ask("start", "web").succeeds();
        manager.ask("reload").isSilent(0);
        // Without a program there is nothing to run, until the second file is there.
        Files.delete(path("web/run"));
        var started = manager.program("bh-start", "web");
        manager.script("web", "pre", "exit 0");
        assertThat(started.outcome().status()).isZero();
        manager.awaitLine("definition of web: changed");
        assertThat(manager.said()).doesNotContain("has none of pre, run and post");
    }

    @Test
    void aBadFileConcernsNothingButItsServiceAndWhatRunsGoesOn() throws Exception {
        web("old").yaml("web", "restart_delay: 10ms");
        manager.script("other", "run", "exec sleep 1000");
        manager.start();
        manager.ask("start", "web").succeeds();
        manager.yaml("web", "restrat: no");
        manager.awaitLine("warning: " + path("web/service.yaml") + ":1:1: restrat: unknown key");
        manager.awaitLine("definition of web: has a problem; web keeps the definition that it was started with");
        assertThat(status()).contains("definition on disk has a problem: bh check web");

        int pid = manager.pid("web");
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        manager.awaitLine("web started", 2);
        assertThat(manager.state("web")).isEqualTo("started");
        assertThat(manager.ask("restart", "web").err()).contains("restrat: unknown key");
        manager.ask("start", "other").succeeds();
        assertThat(manager.said().lines().filter(line -> line.contains("restrat")))
                .hasSize(1);

        manager.yaml("web", "restart: no");
        manager.awaitLine("service.yaml:1:");
        manager.yaml("web", "restart: \"no\"");
        manager.awaitLine("definition of web: changed");
        assertThat(status()).contains("definition changed on disk");
    }

    @Test
    void aFolderMayComeLater() throws Exception {
        Path folder = manager.root().resolve("later/services");
        manager.start("--services", manager.services().toString(), "--services", folder.toString());
        manager.awaitLine(folder + ": no such directory of services");
        Files.createDirectories(folder);
        manager.script("../later/services/late", "run", "exec sleep 1000");
        manager.awaitLine("definition of late: added");
        manager.ask("start", "late").succeeds();
        Files.move(folder, manager.root().resolve("away"));
        manager.awaitLine("definition of late: removed");
    }

    @Test
    void reloadSaysWhatHasChangedSinceTheLast() throws Exception {
        web("old");
        manager.script("gone", "run", "exec sleep 1000");
        manager.start();
        manager.ask("reload").isSilent(0);
        web("new").script("fresh", "run", "exec sleep 1000");
        Files.move(path("gone"), manager.root().resolve("gone"));
        assertThat(manager.ask("reload")).isEqualTo(new Outcome(0, "added fresh\nchanged web\nremoved gone\n", ""));
        manager.ask("reload").isSilent(0);
        manager.yaml("web", "restrat: no");
        Outcome bad = manager.ask("reload");
        assertThat(bad.status()).isEqualTo(1);
        assertThat(bad.out()).isEmpty();
        assertThat(bad.err()).startsWith(path("web/service.yaml") + ":1:1: restrat: unknown key");
        Files.delete(path("web/service.yaml"));
        assertThat(manager.ask("reload", "--json").out())
                .isEqualTo("{\"added\":[],\"changed\":[],\"problems\":[],\"removed\":[]}\n");
    }

    @Test
    void aTemplatesInstanceIsToldOfToo() throws Exception {
        manager.script("tty", "run", "exec sleep 1000").yaml("tty", "template: true");
        manager.start();
        manager.ask("start", "tty@one").succeeds();
        manager.yaml("tty", "template: true", "stop_grace_period: 2s");
        manager.awaitLine("definition of tty: changed");
        manager.awaitLine("definition of tty@one: changed");
        assertThat(status()).contains("definition changed on disk");
    }

    @Test
    void whatIsEnabledIsStartedWithTheManager() throws Exception {
        web("old");
        manager.script("tty", "run", "exec sleep 1000").yaml("tty", "template: true");
        manager.run("bh", "enable", "web", "tty@one").isSilent(0);
        Path enabled = manager.root().resolve("enabled");
        assertThat(enabled.resolve("tty@one")).isEmptyFile();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(enabled.resolve("web"))))
                .isEqualTo("rw-r--r--");
        assertThat(manager.run("bh", "enable", "tty"))
                .isEqualTo(Outcome.failed("bh-enable: tty is a template and needs a target: tty@TARGET"));
        assertThat(manager.run("bh", "enable", "nix").err()).startsWith("bh-enable: no such service: nix");
        assertThat(manager.run("bh", "enable", "../x").status()).isEqualTo(1);
        Files.createFile(enabled.resolve("nix"));

        manager.start();
        manager.awaitLine("web started");
        manager.awaitLine("tty@one started");
        manager.awaitLine("warning: enabled, but no such service: nix");
        assertThat(manager.ask("list", "--long").out())
                .contains("tty@one  enabled")
                .contains("web      enabled");
        assertThat(manager.ask("list", "--state").out().lines())
                .contains("tty template", "tty@one started", "web started");
        manager.ask("disable", "web").isSilent(0);
        manager.awaitLine("disable web");
        assertThat(manager.ask("disable", "web")).isEqualTo(new Outcome(0, "", "bh-disable: web: was not enabled\n"));
        manager.ask("enable", "web").isSilent(0);
        assertThat(enabled.resolve("web")).isEmptyFile();
        assertThat(manager.ask("enable", "tty").status()).isEqualTo(1);
        manager.stop();
        manager.run("bh", "disable", "web").isSilent(0);
        assertThat(enabled.resolve("web")).doesNotExist();
    }
}
