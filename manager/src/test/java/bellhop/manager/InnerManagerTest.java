package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.linux.Self;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that the manager of an ordinary user can be a service of root's, with services and scripts of its own. */
@Timeout(240)
class InnerManagerTest {

    private static final int NOBODY = 65534;

    private ManagerProcess outer;
    private Path home;
    private Path innerRunDir;

    @BeforeEach
    void makeFolders() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root's manager has services of other users");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "SKIPPED: there is no setpriv here");
        outer = new ManagerProcess().forEveryUser();
        home = of(Files.createDirectory(outer.root().resolve("home")));
        innerRunDir = home.resolve("bellhop");
        of(Files.createDirectory(home.resolve("services")));
        inner("needed", "run", "exec sleep 1000");
        inner(
                "app",
                "pre",
                "bh-require needed && bh status needed > " + home.resolve("s") + " && mv " + home.resolve("s") + " "
                        + home.resolve("seen"));
        inner("app", "run", "exec sleep 1000");
        inner("app", "post", "bh-release needed && touch " + home.resolve("released"));
        inner("plain", "run", "exec sleep 1000");
        of(Files.writeString(home.resolve("services/app/service.yaml"), "autostart: true\n"));
        outer.yaml("box", "user: nobody", "environment: {XDG_RUNTIME_DIR: " + home + "}", "control_socket: true");
    }

    @AfterEach
    void close() throws Exception {
        if (outer != null) {
            outer.close();
        }
    }

    private static Path of(Path file) throws IOException {
        Files.setAttribute(file, "unix:uid", NOBODY);
        return file;
    }

    private void inner(String service, String script, String line) throws IOException {
        Path directory = home.resolve("services").resolve(service);
        if (!Files.exists(directory)) {
            of(Files.createDirectory(directory));
        }
        Path file = of(Files.writeString(directory.resolve(script), "#!/bin/sh\n" + line + "\n"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The words of the inner manager, but for its run dir. */
    private String run() {
        return "exec bh run --services " + home.resolve("services") + " --logdir " + home.resolve("log");
    }

    private Outcome ask(String... words) throws Exception {
        String[] all = new String[words.length + 3];
        all[0] = "bh";
        all[1] = "--rundir";
        all[2] = innerRunDir.toString();
        System.arraycopy(words, 0, all, 3, words.length);
        return outer.run(all);
    }

    private void startsApp() throws Exception {
        outer.ask("start", "box").succeeds();
        outer.awaitFile(home.resolve("seen"));
        assertThat(home.resolve("seen")).hasContent("started");
        outer.awaitFile(innerRunDir.resolve("control.sock"));
    }

    @Test
    void itHasARunDirOfItsOwnAndItsScriptsAskIt() throws Exception {
        outer.with("XDG_CONFIG_HOME", "/root/.config").script("box", "run", run());
        outer.start();

        startsApp();

        assertThat(Files.readString(outer.log("box")))
                .contains("within a service, so BELLHOP_RUNDIR="
                        + outer.runDir().path() + " is not this manager's; its run dir is " + innerRunDir
                        + ", or the one that --rundir names");
        assertThat(ask("status", "app").out()).isEqualTo("started\n");
        assertThat(ask("upgrade")).isEqualTo(new Outcome(0, "the manager is now Bellhop (built here)\n", ""));
        assertThat(ask("status", "app").out()).isEqualTo("started\n");
        ask("stop", "app").succeeds();
        assertThat(home.resolve("released")).exists();
        assertThat(ask("status", "needed").out()).isEqualTo("stopped\n");
        outer.ask("stop", "box").succeeds();
        assertThat(Files.readString(outer.log("box"))).endsWith("ended\n");
        assertThat(innerRunDir.resolve("control")).doesNotExist();
    }

    @Test
    void aRunDirThatIsNamedCounts() throws Exception {
        innerRunDir = home.resolve("named");
        outer.script("box", "run", run() + " --rundir " + innerRunDir).start();

        startsApp();

        assertThat(Files.readString(outer.log("box"))).doesNotContain("within a service");
        outer.ask("stop", "box").succeeds();
    }

    @Test
    void foldersOfTheOuterOneAreNotItsOwn() throws Exception {
        outer.script(
                "box",
                "run",
                "env > " + home.resolve("env"),
                "export BELLHOP_SERVICES=" + home.resolve("services"),
                "exec bh run --logdir " + home.resolve("log"));
        outer.start();

        startsApp();

        assertThat(Files.readString(home.resolve("env")))
                .doesNotContain("BELLHOP_SERVICES=", "BELLHOP_LOGDIR=")
                .contains("BELLHOP_MANAGER=" + outer.runDir().path());
        outer.ask("stop", "box").succeeds();
    }

    @Test
    void aScriptOfTheOuterOneIsToItWhoeverAsksAndOneThatHasEndedIsRefused() throws Exception {
        Path done = outer.root().resolve("done");
        Path said = outer.root().resolve("said");
        outer.script("box", "run", run())
                .script(
                        "asks",
                        "run",
                        "exec > " + said + " 2>&1",
                        "BELLHOP_RUNDIR=" + innerRunDir + " bh-start plain; echo $?",
                        "bh --rundir " + innerRunDir + " status plain; echo $?",
                        "BELLHOP_RUNDIR=" + innerRunDir + " bh restart plain; echo $?",
                        "bh-status asks; echo $?",
                        "BELLHOP_INCARNATION=1 bh-start asks; echo $?",
                        "touch " + done,
                        "exec sleep 1000")
                .start();
        startsApp();

        outer.ask("start", "asks").succeeds();

        outer.awaitFile(done);
        assertThat(said).hasContent("""
                0
                started
                0
                0
                started
                0
                bh-start: refused: the request comes from incarnation 1 of asks, which has ended
                1
                """);
        outer.ask("stopall").succeeds();
    }
}
