package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.ServiceWriter;
import bellhop.cli.LocalCommands;
import bellhop.linux.Self;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that root's manager runs nothing that others could have written, says which path it is, and runs the rest. */
@Timeout(120)
class TrustedScriptsTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeServices() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: the rule is for root's manager");
        manager = new ManagerProcess();
        for (String name : new String[] {"good", "open", "opendir", "theirs", "linked"}) {
            manager.script(name, "run", "touch " + manager.root() + "/ran-$1", "exec sleep 1000")
                    .yaml(name, "restart: \"no\"", "autostart: true");
        }
    }

    @AfterEach
    void close() throws Exception {
        if (manager != null) {
            manager.close();
        }
    }

    private Path path(String file) {
        return manager.services().resolve(file);
    }

    private void mode(String mode, String file) throws Exception {
        Files.setPosixFilePermissions(path(file), PosixFilePermissions.fromString(mode));
    }

    @Test
    void whatOthersCanWriteIsNotRunAndTheOthersAreStarted() throws Exception {
        mode("rwxrwxrwx", "open/run");
        mode("rwxrwxr-x", "opendir");
        Files.setAttribute(path("theirs/run"), "unix:uid", 1234);
        Path elsewhere = Files.createDirectory(manager.root().resolve("elsewhere"));
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.move(path("linked/run"), elsewhere.resolve("run"));
        Files.createSymbolicLink(path("linked/run"), elsewhere.resolve("run"));
        manager.start();
        manager.awaitLine("good started");
        for (String name : new String[] {"open", "opendir", "theirs", "linked"}) {
            manager.awaitLine(name + " failed: run could not be run: ");
        }

        String change = " (mode %s), and root runs nothing that others can change; chmod go-w ";
        assertThat(manager.ask("start", "open"))
                .isEqualTo(refused(
                        "open",
                        path("open/run"),
                        "writable by others than its owner" + change.formatted("0777") + path("open/run")));
        assertThat(manager.ask("start", "opendir"))
                .isEqualTo(refused(
                        "opendir",
                        path("opendir"),
                        "writable by others than its owner" + change.formatted("0775") + path("opendir")));
        assertThat(manager.ask("start", "theirs"))
                .isEqualTo(refused(
                        "theirs",
                        path("theirs/run"),
                        "belongs to uid 1234 (mode 0755), and root runs only files that belong to root; chown root "
                                + path("theirs/run")));
        assertThat(manager.ask("start", "linked"))
                .isEqualTo(refused(
                        "linked",
                        elsewhere,
                        "writable by others than its owner" + change.formatted("0777") + elsewhere));
        assertThat(manager.state("good")).isEqualTo("started");
        try (var ran = Files.newDirectoryStream(manager.root(), "ran-*")) {
            assertThat(ran).containsExactly(manager.root().resolve("ran-good"));
        }
    }

    @Test
    void programsOfACommandAndOfTestsAreJudgedAsScriptsAre() throws Exception {
        Path tool = manager.root().resolve("tools/tool");
        ServiceWriter.write(tool, true, ServiceWriter.shell("exec sleep 1000"));
        Path vars = manager.root().resolve("tools/vars");
        Files.writeString(vars, "A=1\n");
        manager.yaml("command", "command: " + tool)
                .yaml("onpath", "command: tool", "environment: {PATH: \"" + tool.getParent() + ":/bin:/usr/bin\"}")
                .yaml("ready", "command: sleep 1000", "ready: {test: [CMD, " + tool + "]}")
                .yaml("health", "command: sleep 1000", "healthcheck: {test: [CMD, " + tool + "]}")
                .yaml("vars", "command: sleep 1000", "env_file: " + vars);
        manager.start();
        manager.ask("start", "command", "onpath", "vars").isSilent(LocalCommands.OK);
        manager.ask("stop", "command", "onpath", "vars").isSilent(LocalCommands.OK);

        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxrwxr-x"));
        Files.setPosixFilePermissions(vars, PosixFilePermissions.fromString("rw-rw-rw-"));

        String change = "writable by others than its owner (mode %s), and root runs nothing that others can change;"
                + " chmod go-w ";
        for (String name : new String[] {"command", "onpath", "ready", "health"}) {
            assertThat(manager.ask("start", name)).isEqualTo(refused(name, tool, change.formatted("0775") + tool));
        }
        assertThat(manager.ask("start", "vars")).isEqualTo(refused("vars", vars, change.formatted("0666") + vars));
    }

    private static Outcome refused(String service, Path path, String why) {
        return Outcome.failed("bh-start: " + service + ": run could not be run: " + path + ": " + why
                + " (log: bh logs " + service + ")");
    }

    @Test
    void whoeverOwnsANamedFolderIsTrustedAndThatIsSaid() throws Exception {
        Files.setAttribute(manager.services(), "unix:uid", 1234);
        Files.setAttribute(path("theirs"), "unix:uid", 1234);
        Files.setAttribute(path("theirs/run"), "unix:uid", 1234);
        manager.start("--services", manager.services().toString());
        assertThat(manager.awaitLine("trusted"))
                .endsWith(" warning: " + manager.services()
                        + " belongs to uid 1234, who is trusted like root from now on");
        manager.awaitLine("theirs started");
    }
}
