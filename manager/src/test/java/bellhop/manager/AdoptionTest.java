package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Await;
import bellhop.Execution;
import bellhop.Outcome;
import bellhop.control.Dialog;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import bellhop.linux.Wait;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that a manager which is started after one that was killed goes on with every service as it was left. */
@Timeout(300)
class AdoptionTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path record(String service) {
        return manager.runDir().path().resolve(service).resolve("record");
    }

    private String status(String service) throws IOException {
        return manager.ask("status", "--json", service).out();
    }

    private static boolean isAlive(int pid) throws IOException {
        return Proc.task(pid).filter(task -> !task.isDead()).isPresent();
    }

    private static void end(int pid) throws IOException {
        Signals.kill(pid, Signals.KILL);
        Await.until("process " + pid + " has ended", () -> !isAlive(pid));
    }

    /** Kills a process and returns once nobody can say any more how it ended. */
    private static void endUnseen(int pid) throws IOException {
        Signals.kill(pid, Signals.KILL);
        Await.until("process " + pid + " is reaped", () -> {
            Optional<Proc.Task> task = Proc.task(pid);
            if (task.isPresent() && task.get().isDead() && task.get().ppid() == Proc.self()) {
                Wait.reapPid(pid); // if this process has to reap whatever is orphaned
            }
            return task.isEmpty();
        });
    }

    private List<Integer> ofSession(int session) throws IOException {
        return manager.processes().stream()
                .filter(task -> task.session() == session)
                .map(Proc.Task::pid)
                .toList();
    }

    /** What a script has written to a file in the folder of the test, a line each. */
    private List<String> lines(String file) throws IOException {
        Path path = manager.root().resolve(file);
        return Files.exists(path) ? Files.readAllLines(path) : List.of();
    }

    private String file(String name) {
        return manager.root().resolve(name).toString();
    }

    private void again() throws Exception {
        manager.kill();
        manager.start();
    }

    /** As a container engine does whose patience is shorter than a service's. */
    @Test
    void aStopThatWasCutShortLeavesAMachineThatStartsAllAgain() throws Exception {
        manager.script("quick", "run", "exec sleep 1000").yaml("quick", "autostart: true");
        manager.script("slow", "run", "trap '' TERM; echo >&3", "while :; do sleep 0.05; done")
                .yaml("slow", "autostart: true", "stop_grace_period: 2s", "ready: {fd: 3}");
        manager.script("hand", "run", "exec sleep 1000");
        manager.start();
        manager.awaitState("quick", "started");
        manager.awaitState("slow", "started");
        manager.ask("start", "hand").succeeds();

        manager.signal(Signals.TERM);
        manager.awaitLine("quick stopped");
        again();

        manager.awaitState("quick", "started");
        manager.awaitState("slow", "started");
        assertThat(manager.state("hand")).isEqualTo("stopped");
    }

    @Test
    void twentyServicesOfAllKindsAreAsTheyWere() throws Exception {
        manager.script("base", "run", "exec sleep 1000");
        manager.script("once", "pre", "echo pre >>" + file("once"))
                .script("once", "post", "echo post >>" + file("once"));
        manager.script("tree", "run", "sleep 1000 & setsid sleep 1000 & wait");
        manager.script("bare", "run", "exec env -i sleep 1000");
        manager.script("needy", "run", "exec sleep 1000").yaml("needy", "requires: [base]");
        manager.script("asks", "pre", "bh-require base").script("asks", "run", "exec sleep 1000");
        manager.script("socket", "run", "exec sleep 1000").yaml("socket", "control_socket: true");
        manager.script("teller", "run", "echo >&3", "exec sleep 1000").yaml("teller", "ready: {fd: 3}");
        manager.script("probed", "run", "exec sleep 1000").yaml("probed", "ready: {test: [CMD, \"true\"]}");
        manager.script("held", "run", "exec sleep 1000");
        manager.script("down", "run", "exec sleep 1000");
        manager.script("failed", "run", "exit 3").yaml("failed", "restart: no");
        for (int i = 0; i < 8; i++) {
            manager.script("plain" + i, "run", "exec sleep 1000");
        }
        manager.start();
        manager.ask("start", "once", "tree", "bare", "needy", "asks", "socket", "teller", "probed")
                .succeeds();
        manager.ask("start", "plain0", "plain1", "plain2", "plain3", "plain4", "plain5", "plain6", "plain7")
                .succeeds();
        manager.ask("require", "--owner", "me", "held").succeeds();
        manager.ask("require", "--owner", "me", "held").succeeds();
        manager.ask("require", "--owner", "me", "down").succeeds();
        assertThat(manager.ask("stop", "down").status()).isZero();
        manager.ask("start", "failed");
        manager.awaitState("failed", "failed");
        String before = statuses();
        Map<Integer, Long> processes = processes();

        for (int i = 0; i < 3; i++) {
            again();
            assertThat(statuses()).isEqualTo(before);
            assertThat(processes()).isEqualTo(processes);
        }

        assertThat(lines("once")).containsExactly("pre");
        manager.ask("release", "--owner", "me", "held").succeeds();
        assertThat(manager.state("held")).isEqualTo("started");
        manager.ask("release", "--owner", "me", "held").succeeds();
        assertThat(manager.state("held")).isEqualTo("stopped");
        assertThat(manager.ask("release", "--owner", "me", "held").status()).isEqualTo(1);
        assertThat(manager.run(
                                "connect",
                                manager.runDir().path().resolve("socket/socket").toString())
                        .status())
                .isZero();
        assertThat(manager.state("socket")).isEqualTo("stopped");
        manager.ask("stop", "once", "tree", "bare").succeeds();
        assertThat(lines("once")).containsExactly("pre", "post");
        manager.ask("stop", "needy").succeeds();
        assertThat(manager.state("base")).isEqualTo("started"); // it is held by what "asks" has asked for
        manager.ask("stop", "asks").succeeds();
        manager.awaitState("base", "stopped");
        manager.ask("stopall").succeeds();
        assertThat(manager.processes()).isEmpty();
    }

    /** What the manager says of all services, without what grows with time, and their lives as they are on record. */
    private String statuses() throws IOException {
        StringBuilder all = new StringBuilder();
        for (JsonNode status : manager.statuses()) {
            ((ObjectNode) status).remove(List.of("seconds", "stateSeconds"));
            all.append(status).append('\n');
        }
        try (var records = Files.walk(manager.runDir().path(), 2)) {
            for (Path file :
                    records.filter(path -> path.endsWith("record")).sorted().toList()) {
                Files.readAllLines(file).stream()
                        .filter(line -> line.matches(".*\\.(incarnation|pinned|heldDown|launch|attempt|number) .*"))
                        .forEach(line ->
                                all.append(file).append(": ").append(line).append('\n'));
            }
        }
        return all.toString();
    }

    private Map<Integer, Long> processes() throws IOException {
        Map<Integer, Long> processes = new TreeMap<>();
        manager.processes().forEach(task -> processes.put(task.pid(), task.startTime()));
        return processes;
    }

    @Test
    void aManagerThatCannotReadDefinitionsAdoptsAllTheSame() throws Exception {
        manager.script("web", "run", "exec sleep 1000")
                .script("web", "post", "echo post >>" + file("did"))
                .yaml("web", "description: read by a library");
        manager.start().ask("start", "web").succeeds();
        int web = manager.pid("web");
        manager.kill();

        manager.without("snakeyaml").begin();

        manager.awaitLine("adopted: web started (pid " + web + ")");
        manager.stop();
        assertThat(manager.processes()).isEmpty();
        assertThat(lines("did")).containsExactly("post");
    }

    @Test
    void aPreInFlightIsWaitedFor() throws Exception {
        manager.script(
                        "slow",
                        "pre",
                        "echo pre >>" + file("did"),
                        "while ! test -e " + file("go") + "; do sleep 0.1; done")
                .script("slow", "run", "exec sleep 1000");
        manager.start();
        Path waits = manager.root().resolve("did");
        try (Dialog client = new Dialog(manager.runDir().socket())) {
            client.send("[\"start\",\"slow\"]\n");
            manager.awaitText(waits, "pre");
            manager.awaitState("slow", "starting");
            manager.kill();
            assertThat(client.line()).isNull(); // bh says in one line that there is no manager any more
        }
        manager.start();
        assertThat(manager.state("slow")).isEqualTo("starting");
        Files.createFile(manager.root().resolve("go"));
        manager.awaitState("slow", "started");
        assertThat(lines("did")).containsExactly("pre");
    }

    @Test
    void aDirectoryThatWentAwayMeanwhileIsToldOf() throws Exception {
        manager.script("web", "run", "exec sleep 1000").script("many", "run", "exec sleep 1000");
        manager.yaml("many", "template: true")
                .start()
                .ask("start", "web", "many@1")
                .succeeds();
        int web = manager.pid("web");
        manager.kill();
        for (String name : List.of("web", "many")) {
            Files.move(manager.services().resolve(name), manager.root().resolve(name + ".old"));
        }
        manager.start();
        assertThat(manager.pid("web")).isEqualTo(web);
        assertThat(manager.ask("status", "web", "many@1").out().lines())
                .filteredOn(line -> line.contains("its directory is gone"))
                .hasSize(2);
        Files.move(manager.root().resolve("web.old"), manager.services().resolve("web"));
        manager.awaitLine("definition of web: added");
        assertThat(manager.ask("status", "web", "many@1").out().lines())
                .filteredOn(line -> line.contains("its directory is gone"))
                .hasSize(1);
    }

    @Test
    void afterAPreThatEndedUnseenPostIsRunAndItIsTriedAgain() throws Exception {
        manager.script(
                        "slow",
                        "pre",
                        "echo pre >>" + file("did"),
                        "test $(grep -c pre " + file("did") + ") = 2 || sleep 1000")
                .script("slow", "run", "echo run >>" + file("did"), "exec sleep 1000")
                .script("slow", "post", "echo post >>" + file("did"))
                .yaml("slow", "timeouts: {pre: 100s}");
        manager.start();
        Execution client = manager.program("bh-start", "slow");
        manager.awaitText(manager.root().resolve("did"), "pre");
        manager.awaitPid("slow");
        int pre = manager.pid("slow");
        manager.kill();
        Outcome told = client.outcome();
        assertThat(told.status()).isEqualTo(69);
        assertThat(told.err()).hasLineCount(1);
        endUnseen(pre);
        manager.start();
        manager.awaitState("slow", "started");
        assertThat(lines("did")).containsExactly("pre", "post", "pre", "run");
    }

    @Test
    void aPostInFlightIsWaitedForAndOneThatEndedUnseenCountsAsDone() throws Exception {
        for (String name : List.of("waits", "ends")) {
            manager.script(name, "run", "exec sleep 1000")
                    .script(name, "post", "echo " + name + " >>" + file("did"), "sleep 1000")
                    .yaml(name, "timeouts: {post: 100s}");
        }
        manager.start().ask("start", "waits", "ends").succeeds();
        Execution client = manager.program("bh-stop", "waits", "ends");
        manager.awaitText(manager.root().resolve("did"), "waits");
        manager.awaitText(manager.root().resolve("did"), "ends");
        int waits = manager.pid("waits");
        int ends = manager.pid("ends");
        manager.kill();
        assertThat(client.outcome().status()).isEqualTo(69);
        endUnseen(ends);
        manager.start();
        manager.awaitLine("ends: post ended with unknown exit status; assumed done");
        manager.awaitState("ends", "stopped");
        assertThat(manager.state("waits")).isEqualTo("stopping");
        end(waits);
        manager.awaitState("waits", "failed");
        // Linux keeps the status of somebody else's child from 6.15 on.
        assertThat(status("waits")).containsPattern("post (was killed by SIGKILL|ended with unknown exit status)");
        assertThat(lines("did")).containsExactlyInAnyOrder("waits", "ends");
    }

    @Test
    void aStopInItsGraceGoesOnToItsEnd() throws Exception {
        manager.script(
                        "stubborn",
                        "run",
                        "trap 'echo term >>" + file("did") + "' TERM",
                        "echo ready >>" + file("did"),
                        "while :; do sleep 1000 & wait $!; done")
                .yaml("stubborn", "stop_grace_period: 2s");
        manager.start().ask("start", "stubborn").succeeds();
        manager.awaitText(manager.root().resolve("did"), "ready");
        int pid = manager.pid("stubborn");
        Execution client = manager.program("bh-stop", "stubborn");
        manager.awaitText(manager.root().resolve("did"), "term");
        manager.kill();
        assertThat(client.outcome().status()).isEqualTo(69);
        assertThat(isAlive(pid)).isTrue();
        manager.start();
        assertThat(manager.ask("stop", "stubborn").status()).isZero();
        assertThat(isAlive(pid)).isFalse();
        assertThat(manager.processes()).isEmpty();
    }

    @Test
    void aRestartDelayGoesOn() throws Exception {
        manager.script("flaky", "pre", "echo pre >>" + file("did"))
                .script("flaky", "run", "test -e " + file("well") + " && exec sleep 1000", "exit 7")
                .yaml("flaky", "restart_delay: 4s");
        manager.start();
        manager.ask("start", "flaky");
        manager.awaitState("flaky", "restarting");
        Files.createFile(manager.root().resolve("well"));
        again();
        assertThat(status("flaky")).contains("\"restarting\"", "run exited 7");
        manager.awaitState("flaky", "started");
        assertThat(lines("did")).containsExactly("pre");
    }

    @Test
    void readinessIsHeardAgain() throws Exception {
        manager.script(
                        "fd",
                        "run",
                        "while ! test -e " + file("go") + "; do sleep 0.1; done",
                        "echo >&3",
                        "exec sleep 1000")
                .yaml("fd", "ready: {fd: 3}");
        manager.script("unheard", "run", "echo >&3", "exec sleep 1000")
                .yaml("unheard", "ready: {notify: true}", "timeouts: {ready: 3s}");
        manager.script(
                        "path",
                        "run",
                        "while ! test -e " + file("go") + "; do sleep 0.1; done",
                        "touch " + file("there"),
                        "exec sleep 1000")
                .yaml("path", "ready: {path: " + file("there") + "}");
        manager.start();
        manager.program("bh-start", "fd", "unheard", "path");
        for (String service : List.of("fd", "unheard", "path")) {
            manager.awaitState(service, "starting");
            manager.awaitPid(service);
        }
        int fd = manager.pid("fd");
        manager.kill();
        Files.createFile(manager.root().resolve("go")); // what is said now, nobody hears
        Await.until("path is ready", () -> Files.exists(manager.root().resolve("there")));
        manager.start();
        manager.awaitState("fd", "started");
        manager.awaitState("path", "started");
        manager.awaitLine("unheard: has not reported again that it is ready; assumed ready");
        manager.awaitState("unheard", "started");
        assertThat(manager.pid("fd")).isEqualTo(fd);
    }

    @Test
    void aServiceThatEndedMeanwhileIsRestartedAndOneThatEndsLaterIsSeen() throws Exception {
        manager.script("gone", "run", "exec sleep 1000").script("later", "run", "exec sleep 1000");
        manager.script("tree", "run", "sleep 1000 & exec sleep 1000").yaml("tree", "restart_delay: 1s");
        manager.start().ask("start", "gone", "later", "tree").succeeds();
        int gone = manager.pid("gone");
        int later = manager.pid("later");
        int tree = manager.pid("tree");
        Await.until("both processes of tree run", () -> ofSession(tree).size() == 2);
        List<Integer> ofTree = ofSession(tree);
        manager.kill();
        endUnseen(gone);
        endUnseen(tree);
        manager.start();
        manager.awaitLine("gone restarting: run ended with unknown exit status");
        manager.awaitState("gone", "started");
        manager.awaitState("tree", "started");
        for (int pid : ofTree) {
            assertThat(isAlive(pid))
                    .as("what was left is ended before run is launched again")
                    .isFalse();
        }
        assertThat(manager.pid("gone")).isNotEqualTo(gone);
        assertThat(manager.pid("later")).isEqualTo(later);
        end(later);
        manager.awaitLine("later restarting: run ");
        manager.awaitState("later", "started");
        assertThat(manager.pid("later")).isNotEqualTo(later);
    }

    /** Whoever would have killed it in time is gone. The others answer at once. */
    @Test
    void aProbeThatNobodyWaitsForAnyMoreEnds() throws Exception {
        manager.script("web", "run", "exec sleep 1000")
                .script("web", "probe", "[ -e asked ] && exit 0", "touch asked", "setsid sleep 1000 & wait")
                .yaml(
                        "web",
                        "kill_mode: group",
                        "healthcheck: {test: [CMD, ./probe], interval: 100ms, timeout: 1h, retries: 1}");
        manager.start().ask("start", "web").succeeds();
        int pid = manager.pid("web");
        manager.awaitFile(manager.services().resolve("web/asked"));

        again();

        manager.awaitStatus("web", "health", "healthy");
        assertThat(manager.pid("web")).isEqualTo(pid);
        manager.ask("stop", "web").succeeds();
        assertThat(manager.processes()).isEmpty();
    }

    /** Killed between the spawn and its record, a manager leaves a child that only its environment tells of. */
    @Test
    void aChildThatIsOnNoRecordIsFoundByItsEnvironment() throws Exception {
        manager.script("web", "run", "setsid sleep 1000 & exec sleep 1000").start();
        manager.ask("start", "web").succeeds();
        int pid = manager.pid("web");
        manager.kill();
        edit("web", "(?m)^process.pid .*", "process.pid 0");
        manager.start();
        assertThat(manager.pid("web")).isEqualTo(pid);
        manager.ask("stop", "web").succeeds();
        assertThat(manager.processes()).isEmpty();
    }

    private void edit(String service, String pattern, String replacement) throws IOException {
        String text = Files.readString(record(service));
        String edited = text.replaceAll(pattern, replacement);
        assertThat(edited).isNotEqualTo(text);
        Files.writeString(record(service), edited);
    }

    @Test
    void aNumberThatIsAnothersByNowIsNotTouched() throws Exception {
        manager.script("web", "run", "exec sleep 1000").start();
        manager.ask("start", "web").succeeds();
        int pid = manager.pid("web");
        Process stranger = new ProcessBuilder("setsid", "sleep", "1000").start();
        try {
            manager.kill();
            end(pid);
            long start = Proc.task((int) stranger.pid()).orElseThrow().startTime();
            edit("web", "(?m)^process.pid .*", "process.pid " + stranger.pid());
            edit("web", "(?m)^process.startTime .*", "process.startTime " + (start + 1));
            manager.start();
            manager.awaitState("web", "started");
            assertThat(manager.pid("web")).isNotEqualTo((int) stranger.pid());
            manager.ask("stop", "web").succeeds();
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void whatIsNoRecordIsSetAsideAndTheRestGoesOn() throws Exception {
        manager.script("web", "run", "exec sleep 1000").script("db", "run", "exec sleep 1000");
        manager.script("link", "run", "exec sleep 1000").start();
        manager.ask("start", "web", "db", "link").succeeds();
        int db = manager.pid("db");
        manager.kill();
        String whole = Files.readString(record("web"));
        Files.writeString(record("web"), whole.substring(0, whole.length() / 2));
        Files.move(record("link"), manager.root().resolve("elsewhere"));
        Files.createSymbolicLink(record("link"), manager.root().resolve("elsewhere"));
        manager.start();
        assertThat(manager.said())
                .contains(record("web") + ": not a record: its end is missing; it was renamed to record.set-aside")
                .contains(record("link") + ": not a record: not a regular file");
        assertThat(manager.pid("db")).isEqualTo(db);
        assertThat(manager.ask("status", "web").out()).isEqualTo("stopped\n");
        assertThat(record("web").resolveSibling("record.set-aside")).hasContent(whole.substring(0, whole.length() / 2));
        manager.kill();
        manager.endLeftovers();
    }

    @Test
    void aManagerThatCannotStartLeavesEverythingToTheNext() throws Exception {
        manager.script("web", "run", "exec sleep 1000").start();
        manager.ask("start", "web").succeeds();
        int pid = manager.pid("web");
        manager.kill();
        Path control = manager.runDir().path().resolve("control");
        Files.delete(control);
        Files.createDirectories(control.resolve("in the way"));

        assertThat(manager.refuses().status()).isEqualTo(1);

        Files.delete(control.resolve("in the way"));
        Files.delete(control);
        manager.start();
        assertThat(manager.state("web")).isEqualTo("started");
        assertThat(manager.pid("web")).isEqualTo(pid);
    }

    @Test
    void recordsOfAnotherVersionAreRefused() throws Exception {
        manager.script("web", "run", "exec sleep 1000").start();
        manager.ask("start", "web").succeeds();
        manager.kill();
        edit("web", "^bellhop-record 4", "bellhop-record 5");
        assertThat(manager.refuses())
                .isEqualTo(
                        Outcome.failed("bh-run: " + record("web") + ": written by another version of Bellhop: format 5,"
                                + " but this one reads formats 2 to 4; stop everything with that version first, or remove the file once"
                                + " no process of web runs"));
        edit("web", "^bellhop-record 5", "bellhop-record 4");
        manager.start();
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void inAnotherBootEverythingStartsAnew() throws Exception {
        manager.script("auto", "run", "exec sleep 1000").yaml("auto", "autostart: true");
        manager.script("web", "run", "exec sleep 1000").start();
        manager.ask("start", "web").succeeds();
        int web = manager.pid("web");
        int auto = manager.pid("auto");
        manager.ask("stop", "auto").succeeds();
        again();
        assertThat(manager.state("auto")).isEqualTo("stopped"); // it starts by itself in a fresh run dir only
        manager.kill();
        String other = "00000000-0000-0000-0000-000000000000";
        edit("web", "(?m)^bootId .*", "bootId " + other);
        edit("auto", "(?m)^bootId .*", "bootId " + other);
        Files.writeString(manager.runDir().path().resolve("lock"), other);
        manager.start();
        manager.awaitState("auto", "started");
        assertThat(manager.pid("auto")).isNotEqualTo(auto);
        assertThat(manager.ask("status", "web").out()).isEqualTo("stopped\n");
        assertThat(isAlive(web)).isTrue();
        end(web);
    }

    /** A hold whose require was not answered goes with the manager that owed the answer. */
    @Test
    void anUnansweredHoldDoesNotStay() throws Exception {
        manager.script("slow", "pre", "while ! test -e " + file("go") + "; do sleep 0.1; done")
                .script("slow", "run", "exec sleep 1000")
                .yaml("slow", "timeouts: {pre: 100s}");
        manager.start();
        manager.program("bh-start", "slow");
        manager.awaitLine("slow starting");
        Execution client = manager.program("bh-require", "slow");
        manager.awaitText(manager.runDir().path().resolve("slow").resolve("require"), "1");
        manager.kill();
        assertThat(client.outcome().status()).isEqualTo(69);
        manager.start();
        Files.createFile(manager.root().resolve("go"));
        manager.awaitState("slow", "started");
        assertThat(manager.ask("release", "slow").status()).isEqualTo(1);
        assertThat(manager.state("slow")).isEqualTo("started");
    }
}
