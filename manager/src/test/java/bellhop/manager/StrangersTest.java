package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.linux.Self;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies on a manager of root that a user who has no business there gets nowhere, and that changes are audited. */
@Timeout(180)
class StrangersTest {
    private static final String STRANGER = "61235";

    private ManagerProcess manager;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can be another user");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "SKIPPED: there is no setpriv here");
        manager = new ManagerProcess();
        manager.with("SECRET_OF_THE_MANAGER", "1")
                .script("web", "run", "echo a line of the log", "env >../../environment", "exec sleep 1000")
                .yaml("web", "control_socket: true")
                .script("other", "run", "exec sleep 1000");
        manager.start().ask("start", "web").succeeds();
        manager.awaitText(manager.log("web"), "a line of the log");
        manager.awaitFile(manager.runDir().path().resolve("web/socket"));
    }

    @AfterEach
    void close() throws Exception {
        if (manager != null) {
            manager.close();
        }
    }

    private Outcome asStranger(String... words) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("/usr/bin/setpriv", "--reuid=" + STRANGER, "--regid=" + STRANGER, "--clear-groups", "--"));
        command.addAll(List.of(words));
        return manager.run(command.toArray(String[]::new));
    }

    private void isDenied(String shell) throws Exception {
        Outcome outcome = asStranger("/bin/sh", "-c", shell);
        assertThat(outcome.status()).as(shell).isNotZero();
        assertThat(outcome.err()).as(shell).containsIgnoringCase("permission denied");
    }

    @Test
    void othersAreRefusedAtEveryDoor() throws Exception {
        String run = manager.runDir().path().toString();
        String log = manager.log("web").toString();
        for (String shell : List.of(
                "echo >>" + run + "/control",
                "exec 3<" + run + "/control",
                "exec 3<" + run + "/alive",
                "ls " + run + "/reply",
                "mkfifo " + run + "/reply/1-x",
                "touch " + run + "/mine",
                "mv " + run + "/control " + run + "/old",
                "rm -f " + run + "/control.sock",
                "touch " + run + "/web/mine",
                "cat " + run + "/web/record",
                "exec 3<" + run + "/web/log.run",
                "echo >>" + run + "/web/log.run",
                "cat " + run + "/.log-transfer",
                "cat " + log,
                "ls " + Path.of(log).getParent(),
                "echo >>" + log)) {
            isDenied(shell);
        }
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void othersCannotConnect() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "SKIPPED: there is no perl here");
        for (Path socket :
                List.of(manager.runDir().socket(), manager.runDir().path().resolve("web/socket"))) {
            isDenied("perl -MSocket -e 'socket S, AF_UNIX, SOCK_STREAM, 0; connect S, sockaddr_un \"" + socket
                    + "\" or die $!'");
        }
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void theShellClientSaysSoInOneLine() throws Exception {
        Outcome outcome = asStranger(manager.root().resolve("bin/bh-stop").toString(), "web");

        Path control = manager.runDir().control();
        assertThat(outcome).isEqualTo(new Outcome(69, "", "bh-stop: no permission to use " + control + "; be root\n"));

        for (Path fifo : List.of(control, manager.runDir().alive())) {
            Files.setAttribute(fifo, "unix:gid", 1);
            Files.setAttribute(fifo, "unix:mode", 0660);
        }
        String group =
                Files.readAttributes(control, PosixFileAttributes.class).group().getName();
        assertThat(asStranger(manager.root().resolve("bin/bh-stop").toString(), "web")
                        .err())
                .isEqualTo(
                        "bh-stop: no permission to use " + control + "; be root, or a member of group " + group + "\n");
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void environmentOfAClientNeverReachesAService() throws Exception {
        String words = "SECRET_OF_THE_CLIENT=1 LD_PRELOAD= PATH=$PATH:/of/the/client ";
        for (String client : List.of("bh-stop web", "bh-start web", "bh restart web")) {
            manager.run("/bin/sh", "-c", words + manager.root().resolve("bin") + "/" + client)
                    .succeeds();
        }
        manager.awaitText(manager.root().resolve("environment"), "BELLHOP_SERVICE=web");

        assertThat(Files.readString(manager.root().resolve("environment")))
                .contains("SECRET_OF_THE_MANAGER=1")
                .doesNotContain("CLIENT")
                .doesNotContain("/of/the/client");
    }

    @Test
    void changesAreAuditedWithUserProcessAndWords() throws Exception {
        long self = ProcessHandle.current().pid();
        manager.ask("start", "other").succeeds();
        assertThat(manager.awaitLine("start other")).contains("asked by uid 0, pid " + self + ": start other");
        manager.run("bh-stop", "other").succeeds();
        assertThat(manager.awaitLine("stop other")).matches(".*asked by uid 0, pid \\d+ \\(claimed\\): stop other");
        manager.ask("require", "--owner", "me\u001b[2J", "other");
        manager.ask("require", "--owner", "me", "other").succeeds();
        assertThat(manager.awaitLine("require")).endsWith(": require --owner me other");
        manager.ask("release", "--owner", "me", "other").succeeds();
        manager.awaitLine("pid " + self + ": release --owner me other");
        for (String verb : List.of("enable", "disable")) {
            manager.ask(verb, "other").succeeds();
            manager.awaitLine("asked by uid 0, pid " + self + ": " + verb + " other");
        }
        manager.run("connect", manager.runDir().path().resolve("web/socket").toString())
                .succeeds();
        assertThat(manager.awaitLine("over the socket of web"))
                .matches(".*asked by uid 0, pid \\d+ over the socket of web: stop web");
        manager.ask("stopall").succeeds();
        manager.awaitLine("asked by uid 0, pid " + self + ": stopall");
    }

    @Test
    void requestsOfAnotherUserAreOnlyHeardWhereTheGroupLetsThemIn() throws Exception {
        // A FIFO of theirs in reply/, as a member of the group could make one, names them as the one who asks.
        Path reply = manager.runDir().reply();
        String name = "99-stranger";
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(reply)))
                .isEqualTo("rwx------");
        String fifo = reply.resolve(name).toString();
        manager.run(
                        "/bin/sh",
                        "-c",
                        "mkfifo -m 600 " + fifo + " && chown " + STRANGER + " " + fifo + " && exec 4<>" + fifo
                                + " && printf '\\n" + name + " stop web\\n' >"
                                + manager.runDir().control()
                                + " && while read -r line; do case $line in x*) break ;; esac; done <&4")
                .succeeds();

        manager.awaitLine("asked by uid " + STRANGER + ", pid 99 (claimed): stop web");
    }
}
