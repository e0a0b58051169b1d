package bellhop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import bellhop.Schemas;
import bellhop.control.ReplyFifo;
import bellhop.manager.ManagerProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Verifies that what cannot be done is told in one line with the right exit status, and changes nothing.
 * One manager gets it all, and does its work to the end.
 */
@Timeout(120)
class BadRequestsTest {

    private static final String NAME_RULE =
            "expected a letter or digit, then letters, digits and . _ + -, at most 64 characters";

    private static ManagerProcess manager;

    @BeforeAll
    static void start() throws Exception {
        manager = new ManagerProcess();
        manager.with("LC_ALL", "C.UTF-8")
                .asOrdinaryUser()
                .script("works", "run", "echo I work", "exec sleep 1000")
                .script("tpl", "run", "exec sleep 1000")
                .yaml("tpl", "template: true")
                .yaml("quiet", "restart: \"no\"")
                .script("quiet", "run", "exit 3");
        mode("rw-r--r--", manager.script("notexecutable", "run", ""), "notexecutable/run");
        for (String name : new String[] {"noshebang", "nointerpreter", "nowhere"}) {
            manager.script(name, "run", "").yaml(name, "restart: \"no\"");
        }
        Files.writeString(manager.services().resolve("noshebang/run"), "echo no first line\n");
        Files.writeString(manager.services().resolve("nointerpreter/run"), "#!/nowhere/sh\n");
        Files.delete(manager.services().resolve("nowhere/run"));
        Files.createSymbolicLink(manager.services().resolve("nowhere/run"), Path.of("gone"));
        manager.script("locked", "run", "");
        Files.createDirectory(manager.services().resolve("empty"));
        Files.createFile(manager.services().resolve("file"));
        Files.createDirectory(manager.services().resolve("a b"));
        mode("---------", manager, "locked");
        manager.start();
        manager.ask("start", "works").succeeds();
    }

    private static void mode(String mode, ManagerProcess of, String path) throws Exception {
        Files.setPosixFilePermissions(of.services().resolve(path), PosixFilePermissions.fromString(mode));
    }

    @AfterEach
    void theServiceThatWorksStillDoes() throws Exception {
        assertThat(manager.run("bh-status", "works")).isEqualTo(new Outcome(0, "started\n", ""));
    }

    @AfterAll
    static void close() throws Exception {
        mode("rwxr-xr-x", manager, "locked");
        manager.close();
    }

    private static String path(String file) {
        return manager.services().resolve(file).toString();
    }

    @Test
    void nearestOfAllNamesIsToldWhoeverAsks() throws Exception {
        String looked = " (looked in " + manager.services() + ")";
        assertThat(manager.run("bh-status", "wroks"))
                .isEqualTo(new Outcome(
                        4, "", "bh-status: no such service: wroks" + looked + "; did you mean \"works\"?\n"));
        assertThat(manager.ask("check", "wroks").out())
                .isEqualTo("no such service: wroks" + looked + "; did you mean \"works\"?\n");
        assertThat(manager.ask("start", "tlp@x").err())
                .isEqualTo("bh-start: no such service: tlp@x" + looked + "; did you mean \"tpl@x\"?\n");
        // A file, and a directory with no name of a service, are none.
        assertThat(manager.ask("start", "fil").err()).isEqualTo("bh-start: no such service: fil" + looked + "\n");
        assertThat(manager.ask("start", "a.b").err()).isEqualTo("bh-start: no such service: a.b" + looked + "\n");
    }

    @Test
    void unknownService() throws Exception {
        String none = "no such service: wroks (looked in " + manager.services() + "); did you mean \"works\"?";
        for (String verb : new String[] {"start", "stop", "require", "release", "restart", "logs", "enable", "show"}) {
            assertThat(manager.ask(verb, "wroks")).isEqualTo(Outcome.failed("bh-" + verb + ": " + none));
        }
        assertThat(manager.ask("status", "wroks")).isEqualTo(new Outcome(4, "", "bh-status: " + none + "\n"));
        assertThat(manager.run("bh-start", "wroks")).isEqualTo(Outcome.failed("bh-start: " + none));
        assertThat(manager.run("bh", "logs", "-f", "wroks")).isEqualTo(Outcome.failed("bh-logs: " + none));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "..", ".", "a b", "-x", "\u00E9", "a\tb", "a/b", "/etc"})
    void badNames(String name) throws Exception {
        String why = "\"" + name.replace("\t", "\\x09") + "\" is not a service name: " + NAME_RULE;
        for (String verb : new String[] {"start", "stop", "require", "release", "restart", "logs"}) {
            assertThat(manager.ask(verb, "--", name)).isEqualTo(Outcome.failed("bh-" + verb + ": " + why));
        }
        assertThat(manager.ask("status", "--", name)).isEqualTo(new Outcome(4, "", "bh-status: " + why + "\n"));
    }

    @Test
    void badNamesFromTheCommandLine() throws Exception {
        assertThat(manager.run("bh-start", "../x"))
                .isEqualTo(Outcome.failed("bh-start: \"../x\" is not a service name: " + NAME_RULE));
        assertThat(manager.run("bh-stop", ""))
                .isEqualTo(Outcome.failed("bh-stop: \"\" is not a service name: it is empty"));
        assertThat(manager.run("bh-require", "@"))
                .isEqualTo(Outcome.failed("bh-require: \"@\" is not a service name: " + NAME_RULE + ", before the @"));
        assertThat(manager.run("bh-status", "a".repeat(300)))
                .isEqualTo(new Outcome(
                        4,
                        "",
                        "bh-status: \"" + "a".repeat(80) + "\u2026\" is not a service name: " + NAME_RULE + "\n"));
        assertThat(manager.run("bh-start", "tpl@" + "t".repeat(129)))
                .isEqualTo(Outcome.failed("bh-start: \"tpl@" + "t".repeat(76)
                        + "\u2026\" is not a service name: a target has at most 128 bytes"));
    }

    @Test
    void bytesThatAreNoText() throws Exception {
        String start = manager.root() + "/bin/bh-start \"$(printf '%s')\"";
        assertThat(manager.run("/bin/sh", "-c", start.formatted("a\\377b")))
                .isEqualTo(Outcome.failed("bh-start: \"a\uFFFDb\" is not a service name: " + NAME_RULE));
        assertThat(manager.run("/bin/sh", "-c", start.formatted("tpl@\\377\\376")))
                .isEqualTo(Outcome.failed("bh-start: \"tpl@\uFFFD\uFFFD\" is not a service name: a target is UTF-8"));
        try (ReplyFifo reply = new ReplyFifo(manager.runDir(), "1")) {
            Files.setPosixFilePermissions(reply.path(), PosixFilePermissions.fromString("rw-rw-rw-"));
            byte[] request = "\n1 start tpl@_\n".getBytes(StandardCharsets.US_ASCII);
            request[request.length - 2] = (byte) 0xFF;
            ReplyFifo.write(manager.runDir(), request);
            assertThat(reply.answer())
                    .isEqualTo("a\ne bh-start: \"tpl@\uFFFD\" is not a service name: a target is UTF-8\nx 1\n");
        }
    }

    @Test
    void aTemplateIsStartedForATargetOnly() throws Exception {
        assertThat(manager.ask("start", "tpl"))
                .isEqualTo(Outcome.failed("bh-start: tpl is a template and needs a target: tpl@TARGET"));
        assertThat(manager.ask("start", "tpl@"))
                .isEqualTo(Outcome.failed("bh-start: \"tpl@\" is not a service name: nothing follows the @"));
    }

    @Test
    void scriptsThatCannotBeRun() throws Exception {
        assertThat(manager.ask("start", "notexecutable"))
                .isEqualTo(Outcome.failed(
                        "bh-start: " + path("notexecutable/run") + ": not executable (mode 0644); chmod +x it"));
        assertThat(manager.ask("start", "noshebang"))
                .isEqualTo(Outcome.failed("bh-start: " + path("noshebang/run")
                        + ": begins neither with #! nor as a program (ELF); expected a first line like #!/bin/sh"));
        assertThat(manager.ask("start", "nowhere"))
                .isEqualTo(
                        Outcome.failed("bh-start: " + path("nowhere/run") + ": a link to gone, which does not exist"));
        assertThat(manager.ask("start", "empty"))
                .isEqualTo(Outcome.failed(
                        "bh-start: " + path("empty") + ": has none of pre, run and post; expected at least one"));
        assertThat(manager.ask("start", "file"))
                .isEqualTo(Outcome.failed(
                        "bh-start: " + path("file") + ": not a directory; expected one with pre, run or post in it"));
        assertThat(manager.ask("start", "nointerpreter"))
                .isEqualTo(Outcome.failed("bh-start: nointerpreter: run could not be run: executing the interpreter"
                        + " /nowhere/sh of " + path("nointerpreter/run")
                        + ": No such file or directory (ENOENT) (log: bh logs nointerpreter)"));
    }

    @Test
    void aServiceDirectoryThatCannotBeRead() throws Exception {
        assertThat(manager.ask("start", "locked"))
                .isEqualTo(Outcome.failed("bh-start: " + path("locked") + ": permission denied"));
        assertThat(manager.ask("status", "locked")).isEqualTo(new Outcome(3, "stopped\n", ""));
    }

    /** One wrong name among several: all that is wrong is told and nothing is done. */
    @Test
    void ofSeveralNamesAllThatAreWrongAreToldAndNoneIsStarted() throws Exception {
        assertThat(manager.ask("start", "nowhere", "tpl@x", "../x", "wroks"))
                .isEqualTo(Outcome.failed("bh-start: " + path("nowhere/run")
                        + ": a link to gone, which does not exist\n"
                        + "bh-start: \"../x\" is not a service name: " + NAME_RULE + "\n"
                        + "bh-start: no such service: wroks (looked in " + manager.services() + "); did you mean"
                        + " \"works\"?"));
        assertThat(manager.state("tpl@x")).isEqualTo("stopped");
        assertThat(manager.ask("stop", "works", "wroks").status()).isEqualTo(1);
    }

    @Test
    void wrongUsage() throws Exception {
        String status = "usage: bh status [-h] [--json] [--watch] [NAME...]\n";
        String bh = "usage: bh [-h] [--version] [--rundir=DIR] VERB\n";
        assertThat(manager.run("bh", "frob")).isEqualTo(new Outcome(64, "", "bh: unknown verb \"frob\"\n" + bh));
        assertThat(manager.run("bh", "strat", "works"))
                .isEqualTo(new Outcome(64, "", "bh: unknown verb \"strat\"; did you mean \"start\"?\n" + bh));
        assertThat(manager.run("bh")).isEqualTo(new Outcome(64, "", "bh: a verb is missing\n" + bh));
        assertThat(manager.run("bh", "--frob")).isEqualTo(new Outcome(64, "", "bh: unknown option \"--frob\"\n" + bh));
        assertThat(manager.run("bh-status", "--jsno"))
                .isEqualTo(new Outcome(
                        64, "", "bh-status: unknown option \"--jsno\"; did you mean \"--json\"?\n" + status));
        assertThat(manager.ask("start"))
                .isEqualTo(new Outcome(
                        64, "", "bh-start: NAME is missing\nusage: bh start [-h] [--wait-finished] NAME...\n"));
        assertThat(manager.ask("require", "works", "tpl@x"))
                .isEqualTo(new Outcome(
                        64,
                        "",
                        "bh-require: unexpected operand \"tpl@x\"\nusage: bh require [-h] [--owner=OWNER] NAME\n"));
        assertThat(manager.ask("stopall", "works"))
                .isEqualTo(new Outcome(64, "", "bh-stopall: unexpected operand \"works\"\nusage: bh stopall [-h]\n"));
        assertThat(manager.ask("require", "--owner"))
                .isEqualTo(new Outcome(
                        64,
                        "",
                        "bh-require: --owner: OWNER is missing\nusage: bh require [-h] [--owner=OWNER] NAME\n"));
        assertThat(manager.ask("run")).isEqualTo(Outcome.failed("bh-run: a manager is already running: this one"));
    }

    @Test
    void theNumberOfLinesIsOne() throws Exception {
        String usage =
                "usage: bh logs [-fh] [--json] [--grep=PATTERN] [-n=LINES] [--since=TIME] [--until=TIME] [NAME...]\n";
        for (String wrong : new String[] {"x", "-5", "1.5", "99999999999", ""}) {
            assertThat(manager.ask("logs", "-n", wrong, "works"))
                    .isEqualTo(
                            new Outcome(64, "", "bh-logs: -n: \"" + wrong + "\" is not a number of lines\n" + usage));
        }
        assertThat(manager.ask("logs", "-n", "0", "works").out()).isEmpty();
    }

    /** The words are names, never names of files whose words they stand for. */
    @Test
    void noWordHasTheManagerReadAFile() throws Exception {
        Path words = Files.writeString(manager.root().resolve("words"), "works\n");
        assertThat(manager.ask("status", "@" + words))
                .isEqualTo(new Outcome(
                        4,
                        "",
                        "bh-status: \"@" + words + "\" is not a service name: " + NAME_RULE + ", before the @\n"));
        assertThat(manager.ask("@" + words))
                .isEqualTo(new Outcome(
                        64,
                        "",
                        "bh: unknown verb \"@" + words + "\"\nusage: bh [-h] [--version] [--rundir=DIR] VERB\n"));
    }

    @Test
    void aCallerThatIsNone() throws Exception {
        for (String caller :
                new String[] {"works", "works#", "#1", "#", "../x#1", "works#x", "works#99999999999999999999"}) {
            assertThat(manager.ask("--caller=" + caller, "status"))
                    .isEqualTo(new Outcome(
                            64, "", "bh: refused: the caller \"" + caller + "\" is not NAME#INCARNATION\n"));
        }
        assertThat(manager.ask("--caller=works#1", "start", "tpl@x"))
                .isEqualTo(Outcome.failed(
                        "bh-start: refused: the request comes from incarnation 1 of works, which has ended"));
        assertThat(manager.ask("--caller=nobody#1", "require", "tpl@x"))
                .isEqualTo(Outcome.failed(
                        "bh-require: refused: the request comes from incarnation 1 of nobody, which has ended"));
        assertThat(manager.state("tpl@x")).isEqualTo("stopped");
    }

    @Test
    void whatIsNotHeldCannotBeReleased() throws Exception {
        assertThat(manager.ask("release", "works"))
                .isEqualTo(Outcome.failed("bh-release: works: not held by operator, so there is nothing to release"));
        assertThat(manager.ask("release", "--owner", "me", "works"))
                .isEqualTo(Outcome.failed("bh-release: works: not held by me, so there is nothing to release"));
    }

    @Test
    void anOwnerIsOneLine() throws Exception {
        String usage = "usage: bh require [-h] [--owner=OWNER] NAME\n";
        String rule = "is not one line of 1 to 200 characters\n";
        assertThat(manager.ask("require", "--owner", "a\nb\u001b[2J", "works"))
                .isEqualTo(new Outcome(64, "", "bh-require: --owner: \"a\\x0ab\\x1b[2J\" " + rule + usage));
        assertThat(manager.ask("require", "--owner", "", "works"))
                .isEqualTo(new Outcome(64, "", "bh-require: --owner: \"\" " + rule + usage));
        assertThat(manager.ask("require", "--owner", "o".repeat(201), "works").status())
                .isEqualTo(64);
    }

    @Test
    void theStatusOfSeveralIsTheFirstThatIsNotUp() throws Exception {
        manager.ask("start", "quiet");
        manager.awaitLine("quiet failed");
        assertThat(manager.ask("status", "works", "tpl@x").status()).isEqualTo(3);
        assertThat(manager.ask("status", "works", "none", "tpl@x").status()).isEqualTo(4);
        assertThat(manager.ask("status", "tpl@x", "none").status()).isEqualTo(3);
        Outcome failed = manager.ask("status", "works", "quiet", "none", "tpl@x");
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("NAME"),
                        line -> assertThat(line).startsWith("works  started"),
                        line -> assertThat(line).startsWith("quiet  failed").contains("run exited 3 after "),
                        line -> assertThat(line).startsWith("tpl@x  stopped"));
        assertThat(failed.err()).isEqualTo("bh-status: no such service: none (looked in " + manager.services() + ")\n");
        assertThat(manager.ask("status", "works", "works").status()).isZero();
        assertThat(manager.ask("status").status()).isZero();
    }

    @Test
    void statusAsJson() throws Exception {
        manager.ask("require", "--owner", "\"me\"", "works").succeeds();
        Schemas.check("status", manager.ask("status", "--json").out());
        assertThat(manager.ask("status", "--json", "works").succeeds().out())
                .matches(
                        "\\[\\{\"health\":null,\"managerCache\":\"missing\",\"name\":\"works\",\"notes\":\\[],\"pid\":[0-9]+,\"restarts\":0,\"seconds\":[0-9]+,"
                                + "\"state\":\"started\",\"stateSeconds\":[0-9]+,\"status\":null,\"wantedBy\":\\[\"start\",\"\\\\\"me\\\\\"\"]}]\n");
        assertThat(manager.ask("status", "--json", "tpl@x"))
                .isEqualTo(new Outcome(
                        3,
                        "[{\"health\":null,\"managerCache\":\"missing\",\"name\":\"tpl@x\",\"notes\":[],\"pid\":null,\"restarts\":0,\"seconds\":null,\"state\":\"stopped\",\"stateSeconds\":null,\"status\":null,\"wantedBy\":[]}]\n",
                        ""));
        assertThat(manager.ask("status", "--json", "none"))
                .isEqualTo(new Outcome(
                        4, "[]\n", "bh-status: no such service: none (looked in " + manager.services() + ")\n"));
        manager.ask("release", "--owner", "\"me\"", "works").succeeds();
    }

    @Test
    void theListTellsWhatIsPassedOver() throws Exception {
        Outcome list = manager.ask("list");
        assertThat(list.status()).isZero();
        assertThat(list.out().lines())
                .contains("works", "tpl", "locked", "empty")
                .doesNotContain("file", "a b");
        assertThat(list.err()).isEqualTo(path("a b") + ": ignored: \"a b\" is not a service name: " + NAME_RULE + "\n");
        assertThat(manager.ask("list", "--state").out().lines()).contains("works started", "locked stopped");
        assertThat(manager.ask("list", "--long", "--state").out().lines())
                .anyMatch(line -> line.matches("works +started +-.*"));
    }
}
