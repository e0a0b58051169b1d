package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Outcome;
import bellhop.linux.Fd;
import bellhop.linux.Proc;
import bellhop.linux.Self;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies the effect of each key of {@code service.yaml} in real processes under a real manager. */
@Timeout(120)
class KeysTest {

    private static final String STATUS = "grep -E '^(Uid|Gid|Groups|CapBnd|CapEff|NoNewPrivs):' /proc/self/status";

    private ManagerProcess manager;
    private Path out;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
        out = Files.createDirectory(manager.root().resolve("out"));
        Files.setPosixFilePermissions(out, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    /** A job that says something in {@code out/NAME} and ends. */
    private void job(String name, String say, String... yaml) throws IOException {
        manager.script(name, "run", "{ " + say + "; } > " + out + "/$BELLHOP_SERVICE")
                .yaml(
                        name,
                        Stream.concat(Stream.of("restart: \"no\""), Arrays.stream(yaml))
                                .toArray(String[]::new));
    }

    private List<String> finished(String name) throws Exception {
        assertThat(manager.ask("start", name)).isEqualTo(new Outcome(0, "", ""));
        manager.awaitLine(" " + name + " finished");
        return Files.readAllLines(out.resolve(name));
    }

    private static void needsRoot() {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can run a service as somebody else");
    }

    @Test
    void commandAsAListOrAStringWithTheTarget() throws Exception {
        manager.yaml(
                        "list",
                        "restart: \"no\"",
                        "command: [sh, -c, 'echo \"$0|$1|$2\" > " + out + "/list', 'a b', \"{service}\", \"{other}\"]")
                .yaml("string", "restart: \"no\"", "command: sh -c 'echo \"$0|$1\" > " + out + "/string' \"a  b\" c")
                .yaml(
                        "device",
                        "restart: \"no\"",
                        "command: [sh, -c, 'echo \"$0\" > " + out + "/device@x1', \"-{target}-\"]");
        manager.start();
        assertThat(finished("list")).containsExactly("a b|list|{other}");
        assertThat(finished("string")).containsExactly("a  b|c");
        assertThat(finished("device@x1")).containsExactly("-x1-");
    }

    @Test
    void userGroupAndGroupAdd() throws Exception {
        needsRoot();
        job("user", STATUS + "; echo $HOME $USER $LOGNAME; cat /dev/null > /dev/stderr", "user: nobody");
        job("number", STATUS, "user: 65534", "group: daemon", "group_add: [4713, bin]");
        manager.script("user", "post", "id -u > " + out + "/user-post").start();
        assertThat(finished("user"))
                .contains(
                        "Uid:\t65534\t65534\t65534\t65534",
                        "Gid:\t65534\t65534\t65534\t65534",
                        "/nonexistent nobody nobody");
        assertThat(out.resolve("user-post")).hasContent("0\n");
        assertThat(finished("number")).contains("Gid:\t1\t1\t1\t1", "Groups:\t1 2 4713 ");
    }

    @Test
    void directoryUmaskLimitsAndPriorities() throws Exception {
        job(
                "a",
                "pwd; umask; ulimit -Sn; ulimit -Hn; ulimit -c; nice; cat /proc/self/oom_score_adj; " + STATUS,
                "working_dir: /usr",
                "umask: \"027\"",
                "ulimits: {nofile: {soft: 100, hard: 200}, core: 0}",
                "nice: 5",
                "oom_score_adj: 300",
                "no_new_privileges: true");
        job("b", "umask; ulimit -n; ulimit -f", "umask: \"0002\"", "ulimits: {nofile: 99, fsize: -1}");
        manager.start();
        assertThat(finished("a"))
                .startsWith("/usr", "0027", "100", "200", "0", "5", "300")
                .contains("NoNewPrivs:\t1");
        assertThat(finished("b")).containsExactly("0002", "99", "unlimited");
    }

    @Test
    void capabilitiesAreDropped() throws Exception {
        needsRoot();
        job("some", STATUS, "cap_drop: [NET_RAW, CHOWN]");
        job("all", STATUS, "cap_drop: [ALL]", "user: nobody");
        manager.start();
        String own = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapBnd:"))
                .findFirst()
                .orElseThrow();
        long less = Long.parseUnsignedLong(own.substring(8), 16) & ~(1L << 13 | 1);
        assertThat(finished("some")).contains(String.format("CapBnd:\t%016x", less));
        assertThat(finished("all")).contains("CapBnd:\t0000000000000000");
    }

    @Test
    void environmentInItsFormsAndFromFiles() throws Exception {
        Path first = Files.writeString(
                manager.root().resolve("first.env"), "# a comment\nA=first\nB=first\nSECRET='s3cr3t \"x\"'\n");
        Path second = Files.writeString(manager.root().resolve("second.env"), "B=second\nC=second\n");
        String say = "echo \"$A|$B|$C|$D|$BELLHOP_SERVICE\"";
        job("map", say, "environment: {A: x y, B: 5, C: \"\", D: \"true\"}");
        job("list", say, "environment: [A=x=y, \"B=5 6\"]");
        job("files", say + "; echo \"$SECRET\"", "env_file: [" + first + ", " + second + "]", "environment: {C: own}");
        job("one", say, "env_file: " + first);
        job("missing", say, "env_file: " + manager.root() + "/third.env");
        job("optional", say, "env_file: [{path: " + manager.root() + "/third.env, required: false}]");
        manager.start();
        assertThat(finished("map")).containsExactly("x y|5||true|map");
        assertThat(finished("list")).containsExactly("x=y|5 6|||list");
        assertThat(finished("files")).containsExactly("first|second|own||files", "s3cr3t \"x\"");
        assertThat(finished("one")).containsExactly("first|first|||one");
        assertThat(finished("optional")).containsExactly("||||optional");
        Outcome refused = manager.ask("start", "missing");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains(manager.root() + "/third.env").hasLineCount(1);

        // Read anew at each launch, and never told to anybody.
        Files.writeString(first, "A=\"s3cr3t\nB=no end of s3cr3t\n");
        assertThat(manager.ask("start", "one").err()).doesNotContain("s3cr3t");
        assertThat(manager.said()).doesNotContain("s3cr3t");
    }

    @Test
    void limitsAreInForceOrAreSaidNotToBe() throws Exception {
        for (String name : List.of("a", "b")) {
            job(name, "cat /proc/self/cgroup", "mem_limit: 64m", "cpus: 0.5", "pids_limit: 20");
        }
        manager.start();
        List<String> group = finished("a");
        finished("b");
        for (String key : List.of("mem_limit", "cpus", "pids_limit")) {
            long warnings = manager.said()
                    .lines()
                    .filter(line -> line.contains("warning: " + key + ": not in force for any service: "))
                    .count();
            assertThat(warnings).isEqualTo(group.stream().anyMatch(l -> l.matches("0::.*/a\\.\\d+")) ? 0 : 1);
        }
    }

    @Test
    void logToAFileOfItsOwnSizeWithoutTimes() throws Exception {
        manager.script(
                        "a",
                        "run",
                        "yes \"line of the log of a service that writes a lot\" | head -n 9999",
                        "echo over",
                        "exec sleep 1000")
                .yaml("a", "log: {max_size: 64KiB, keep: 2, timestamps: false}")
                .start();
        assertThat(manager.ask("start", "a").status()).isZero();
        manager.awaitText(manager.log("a"), "over\n");
        assertThat(manager.log("a")).content().startsWith("line ");
        assertThat(Files.size(manager.log("a"))).isLessThanOrEqualTo(2 * 64 * 1024);
        try (Stream<Path> files = Files.list(manager.log("a").getParent())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("current", "current.1", "current.2");
        }
        assertThat(manager.ask("logs", "-n", "1", "a")).isEqualTo(new Outcome(0, "over\n", ""));
    }

    @Test
    void logToTheConsoleLineByLine() throws Exception {
        manager.script("a", "pre", "echo ready").yaml("a", "log: {to: console}");
        manager.script("b", "run", "for i in 1 2 3 4 5 6 7 8; do echo b $i; done; exec sleep 1000")
                .yaml("b", "log: {to: console}");
        manager.script("a", "run", "for i in 1 2 3 4 5 6 7 8; do printf a; echo \" $i\"; done; exec sleep 1000")
                .start();
        assertThat(manager.ask("start", "a", "b").status()).isZero();
        manager.awaitLine("a: a 8");
        manager.awaitLine("b: b 8");
        assertThat(manager.said().lines().filter(line -> line.startsWith("a: ")))
                .containsExactlyElementsOf(Stream.concat(
                                Stream.of("a: [pre] ready"),
                                IntStream.range(1, 9).mapToObj(i -> "a: a " + i))
                        .toList());
        assertThat(manager.ask("logs", "a"))
                .isEqualTo(Outcome.failed("bh-logs: a: there is no log: the service writes to the manager's output"
                        + " (log: {to: console})"));
        assertThat(manager.log("a")).doesNotExist();
    }

    @Test
    void logToNowhere() throws Exception {
        job("a", "readlink /proc/self/fd/2", "log: {to: none}");
        manager.start();
        assertThat(finished("a")).containsExactly("/dev/null");
        assertThat(manager.ask("logs", "a"))
                .isEqualTo(Outcome.failed("bh-logs: a: there is no log: the output is discarded (log: {to: none})"));
    }

    @Test
    void logThatTheServiceAppendsToItself() throws Exception {
        needsRoot();
        manager.script("a", "pre", "echo prepared")
                .script("a", "run", "echo one; echo two >> /dev/stdout; echo three >> /proc/self/fd/2; exec sleep 1000")
                .yaml("a", "log: {to: file, direct: true}", "user: nobody")
                .start();
        assertThat(manager.ask("start", "a").status()).isZero();
        manager.awaitText(manager.log("a"), "three\n");
        assertThat(manager.log("a")).hasContent("prepared\none\ntwo\nthree\n");
        assertThat(Fd.stat(manager.log("a")).uid()).isEqualTo(65534);
        assertThat(Fd.stat(manager.log("a").resolveSibling(".")).uid()).isZero();
        assertThat(manager.ask("logs", "-n", "2", "a")).isEqualTo(new Outcome(0, "two\nthree\n", ""));
        assertThat(manager.ask("logs", "-f", "a"))
                .isEqualTo(Outcome.failed("bh-logs: a: the service writes its log file itself (log: {direct: true}),"
                        + " which -f cannot follow; use tail -F"));
    }

    @Test
    void anotherUsersOutputCanBeOpenedByItsName() throws Exception {
        needsRoot();
        manager.script("a", "run", "echo one > /dev/stdout; echo two > /proc/self/fd/2; exec sleep 1000")
                .yaml("a", "user: nobody")
                .start();
        assertThat(manager.ask("start", "a").status()).isZero();
        manager.awaitText(manager.log("a"), "two\n");
        assertThat(manager.ask("logs", "a").out().replaceAll("(?m)^\\S+ ", "")).isEqualTo("one\ntwo\n");
    }

    @Test
    void stopSignalAndGracePeriod() throws Exception {
        manager.script(
                        "polite",
                        "run",
                        "trap 'echo USR2 > " + out + "/polite; exit 0' USR2",
                        "touch ready",
                        "while :; do sleep 1000 & wait; done")
                .yaml("polite", "stop_signal: SIGUSR2");
        manager.script("stubborn", "run", "trap '' TERM", "touch ready", "while :; do sleep 1000; done")
                .yaml("stubborn", "stop_grace_period: 100ms");
        manager.start();
        assertThat(manager.ask("start", "polite", "stubborn").status()).isZero();
        for (String name : List.of("polite", "stubborn")) {
            manager.awaitFile(manager.services().resolve(name).resolve("ready"));
        }
        long began = System.nanoTime();
        assertThat(manager.ask("stop", "polite", "stubborn").status()).isZero();
        assertThat(System.nanoTime() - began).isBetween(100_000_000L, 9_000_000_000L);
        assertThat(out.resolve("polite")).hasContent("USR2\n");
    }

    @Test
    void killModeSparesWhoIsBeyondItsReach() throws Exception {
        for (String mode : List.of("all", "group", "process")) {
            manager.script(
                            mode,
                            "run",
                            "sleep 1000 & echo $! > in-group",
                            "setsid sleep 1000 & echo $! > outside",
                            "touch ready",
                            "exec sleep 1000")
                    .yaml(mode, "kill_mode: " + mode);
        }
        manager.start();
        assertThat(manager.ask("start", "all", "group", "process").status()).isZero();
        for (String mode : List.of("all", "group", "process")) {
            manager.awaitFile(manager.services().resolve(mode).resolve("ready"));
        }
        assertThat(manager.ask("stop", "all", "group", "process").status()).isZero();
        assertThat(isAlive("all", "in-group")).isFalse();
        assertThat(isAlive("all", "outside")).isFalse();
        assertThat(isAlive("group", "in-group")).isFalse();
        assertThat(isAlive("group", "outside")).isTrue();
        assertThat(isAlive("process", "in-group")).isTrue();
        assertThat(isAlive("process", "outside")).isTrue();
        manager.endLeftovers();
    }

    private boolean isAlive(String service, String file) throws IOException {
        String pid = Files.readString(manager.services().resolve(service).resolve(file));
        return Proc.task(Integer.parseInt(pid.strip()))
                .filter(task -> !task.isDead())
                .isPresent();
    }

    @Test
    void restartPoliciesDelaysAndLimit() throws Exception {
        String count = "echo x >> " + out + "/$BELLHOP_SERVICE; ";
        manager.script("once", "run", count + "exit 3").yaml("once", "restart: \"no\"");
        manager.script("well", "run", count + "exit 0").yaml("well", "restart: on-failure");
        manager.script("limited", "run", count + "exit 3")
                .yaml("limited", "restart: on-failure:2", "restart_delay: 10ms");
        manager.script("within", "run", count + "exit 0")
                .yaml("within", "restart_delay: 10ms", "restart_limit: {times: 3, within: 60s}");
        manager.script("slow", "run", count + "exit 3")
                .yaml("slow", "restart: always", "restart_delay: 1h", "restart_max_delay: 2h");
        manager.start();
        manager.ask("start", "once", "well", "limited", "within", "slow");
        manager.awaitLine(" once failed: run exited 3");
        manager.awaitLine(" well finished");
        manager.awaitLine(" limited failed: ");
        manager.awaitLine(" within failed: ");
        manager.awaitLine(" slow restarting: ");
        assertThat(Stream.of("once", "well", "limited", "within", "slow").map(this::lives))
                .containsExactly(1, 1, 3, 4, 1);
    }

    private int lives(String service) {
        try {
            return Files.readAllLines(out.resolve(service)).size();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void autostartDescriptionAndControlSocket() throws Exception {
        manager.script("a", "run", "exec sleep 1000")
                .yaml("a", "description: Sleeps well", "autostart: true", "control_socket: true")
                .start();
        manager.awaitLine(" a started");
        Path socket = manager.runDir().path().resolve("a").resolve("socket");
        manager.awaitFile(socket);
        assertThat(manager.run("connect", socket.toString()).status()).isZero();
        assertThat(manager.state("a")).isEqualTo("stopped");
    }

    @Test
    void theManagerOfAnOrdinaryUserSaysWhatItCannotDo() throws Exception {
        needsRoot();
        manager.asOrdinaryUser();
        job("self", "id -u", "user: nobody");
        job("root", "id -u", "user: root");
        job("group", "id -g", "group: daemon");
        job("caps", "id -u", "cap_drop: [CHOWN]");
        manager.start();
        assertThat(finished("self")).containsExactly("65534");
        assertThat(refusal("root")).contains("user: only root's manager can");
        assertThat(refusal("group")).contains("group: only root's manager can");
        assertThat(refusal("caps")).contains("cap_drop: only root's manager can");
    }

    private String refusal(String service) throws IOException {
        Outcome outcome = manager.ask("start", service);
        assertThat(outcome.status()).isEqualTo(1);
        return outcome.err();
    }
}
