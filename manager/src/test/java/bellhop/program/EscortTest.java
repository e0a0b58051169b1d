package bellhop.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Await;
import bellhop.Execution;
import bellhop.Outcome;
import bellhop.ServiceWriter;
import bellhop.linux.Proc;
import bellhop.linux.Self;
import bellhop.linux.Signals;
import bellhop.manager.ManagerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies {@code escort} and {@code connect} with no manager: real programs, each in processes of their own. */
@Timeout(120)
class EscortTest {

    private ManagerProcess programs;
    private Path socket;

    @BeforeEach
    void makeFolders() throws Exception {
        programs = new ManagerProcess();
        socket = programs.root().resolve("sock/s");
        Files.createDirectory(socket.getParent());
    }

    @AfterEach
    void close() throws Exception {
        try {
            for (Proc.Task left : both()) {
                Signals.kill(left.pid(), Signals.KILL);
            }
            awaitNobody();
        } finally {
            programs.close();
        }
    }

    private Outcome escort(String... words) throws Exception {
        return programs.run(Stream.concat(Stream.of("escort", socket.toString()), Stream.of(words))
                .toArray(String[]::new));
    }

    private Path executable(String name, String text) throws IOException {
        return ServiceWriter.write(programs.root().resolve(name), true, text);
    }

    private Outcome connect() throws Exception {
        return programs.run("connect", socket.toString());
    }

    private List<Proc.Task> having(String variable) throws IOException {
        List<Proc.Task> found = new ArrayList<>();
        for (Proc.Task task : Proc.census()) {
            Predicate<String> isOurs = value -> value.startsWith(programs.root() + "/");
            if (!task.isDead()
                    && Proc.environment(task.pid(), variable).isPresent()
                    && Proc.environment(task.pid(), "BELLHOP_RUNDIR")
                            .filter(isOurs)
                            .isPresent()) {
                found.add(task);
            }
        }
        return found;
    }

    /** The processes of the programs that are escorted. */
    private List<Proc.Task> escorted() throws IOException {
        return having("BELLHOP_ESCORT");
    }

    /** The escorts themselves. */
    private List<Proc.Task> escorts() throws IOException {
        return having("BELLHOP_ESCORT_STARTER");
    }

    private List<Proc.Task> both() throws IOException {
        return Stream.concat(escorted().stream(), escorts().stream()).toList();
    }

    private void awaitNobody() throws IOException {
        Await.until("escort and program have ended", () -> both().isEmpty());
    }

    private void nothingIsLeft() throws IOException {
        assertThat(escorted()).isEmpty();
        awaitNobody();
        assertThat(socket.getParent()).isEmptyDirectory();
    }

    @Test
    void theProgramRunsInTheBackgroundUntilSomebodyConnects() throws Exception {
        assertThat(escort("sleep", "1000")).isEqualTo(new Outcome(0, "", ""));
        Proc.Task program = escorted().getFirst();
        Proc.Task escort = escorts().getFirst();
        assertThat(program.session()).isEqualTo(program.pid());
        assertThat(program.ppid()).isEqualTo(escort.pid());
        assertThat(escort.session()).isEqualTo(escort.pid());
        try (Stream<Path> files = Files.list(socket.getParent())) {
            assertThat(files).containsExactlyInAnyOrder(socket, socket.resolveSibling(".s.lock"));
        }

        assertThat(connect()).isEqualTo(new Outcome(0, "", ""));
        assertThat(escorted()).isEmpty();
        assertThat(socket).doesNotExist();
        nothingIsLeft();
    }

    /** Who was told that it is stopped can start it anew with no pause. */
    @Test
    void theSameSocketCanBeUsedAgainAtOnce() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(escort("sleep", "1000")).isEqualTo(new Outcome(0, "", ""));
            assertThat(connect()).isEqualTo(new Outcome(0, "", ""));
        }
        nothingIsLeft();
    }

    @Test
    void allWhoConnectAreTold() throws Exception {
        Path gate = programs.root().resolve("gate");
        escort(
                        "/bin/sh",
                        "-c",
                        "trap 'read _ <" + gate + "; exit' TERM; echo $$ >" + programs.root()
                                + "/ready; while :; do sleep 1000 & wait; done")
                .isSilent(0);
        programs.awaitFile(programs.root().resolve("ready"));
        bellhop.linux.Fd.mkfifo(gate, 0600);
        List<Execution> connected = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            connected.add(programs.program("connect", socket.toString()));
        }
        Files.writeString(gate, "open\n"); // returns once the program has got the signal
        for (Execution program : connected) {
            Outcome outcome = program.outcome();
            assertThat(outcome).isIn(new Outcome(0, "", ""), nobodyListens());
        }
        assertThat(connected.stream().filter(p -> p.process().exitValue() == 0)).isNotEmpty();
        nothingIsLeft();
    }

    private Outcome nobodyListens() {
        return new Outcome(
                1, "", "connect: " + socket + ": nobody listens there; its service or escort is not running\n");
    }

    @Test
    void theProgramGetsWhatItsCallerHas() throws Exception {
        Path out = programs.root().resolve("got");
        programs.with("GREETING", "hello").with("LC_ALL", "C");
        Path script = executable(
                "show",
                "#!/bin/sh\n{ pwd; echo $GREETING; printf '%s\\n' \"$@\"; env | grep -c ^BELLHOP_ESCORT; } >" + out
                        + ".part\n" + "mv " + out + ".part " + out + "; exec sleep 1000\n");
        String caller = programs.root() + "/bin/escort " + socket + " ./" + script.getFileName()
                + " a '' --help \"b  c\" \"$(printf '\\303\\251\\377')\"";
        assertThat(programs.run("/bin/sh", "-c", caller)).isEqualTo(new Outcome(0, "", ""));
        programs.awaitFile(out);
        assertThat(Files.readString(out, StandardCharsets.ISO_8859_1))
                .isEqualTo(programs.root() + "\nhello\na\n\n--help\nb  c\n\303\251\377\n1\n");
        connect().isSilent(0);
    }

    @Test
    void aProgramThatDiesIsRestartedTenSecondsLaterAndOneThatIgnoresTermIsKilledAfterTen() throws Exception {
        Path starts = programs.root().resolve("starts");
        Instant before = Instant.now();
        Execution dying = programs.program(
                "escort", socket.toString(), "/bin/sh", "-c", "date +%s%N >>" + starts + "; exec sleep 1000");
        Path stubborn = socket.resolveSibling("t");
        Path ready = programs.root().resolve("ready");
        programs.run(
                        "escort",
                        stubborn.toString(),
                        "/bin/sh",
                        "-c",
                        "trap '' TERM; echo >" + ready + "; while :; do sleep 1; done")
                .isSilent(0);
        dying.outcome().isSilent(0);
        programs.awaitFile(starts);
        programs.awaitFile(ready);
        Execution connect = programs.program("connect", stubborn.toString());
        long asked = System.nanoTime();
        int first = programOf(socket);
        Signals.kill(first, Signals.KILL);

        Await.until("it is started again", () -> Files.readAllLines(starts).size() == 2);
        Instant again = Instant.EPOCH.plusNanos(
                Long.parseLong(Files.readAllLines(starts).get(1)));
        assertThat(Duration.between(before, again)).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(30));
        assertThat(programOf(socket)).isNotEqualTo(first);
        assertThat(Files.readString(dying.err())).matches("escort: sh: was killed by SIGKILL after [0-9.]+ s\\n");

        connect.outcome().isSilent(0);
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
        connect().isSilent(0);
        nothingIsLeft();
    }

    private int programOf(Path at) throws IOException {
        return escorted().stream()
                .map(Proc.Task::pid)
                .filter(pid -> {
                    try {
                        return Proc.environment(pid, "BELLHOP_ESCORT")
                                .orElse("")
                                .startsWith(at + "#");
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                })
                .findFirst()
                .orElseThrow();
    }

    /** The wait before the next launch is no reason to wait. */
    @Test
    void aStopCancelsTheWaitForTheNextLaunch() throws Exception {
        Execution escort = programs.program("escort", socket.toString(), "true");
        escort.outcome();
        programs.awaitText(escort.err(), "escort: true: exited 0 after");
        connect().isSilent(0);
        nothingIsLeft();
    }

    @Test
    void aLiveSocketIsRefusedAndItsProgramUndisturbed() throws Exception {
        escort("sleep", "1000").isSilent(0);
        List<Integer> before = both().stream().map(Proc.Task::pid).toList();
        assertThat(escort("sleep", "2000"))
                .isEqualTo(new Outcome(1, "", "escort: " + socket + ": another process already listens there\n"));
        Await.until("the second escort has ended", () -> both().size() <= 2);
        assertThat(both()).extracting(Proc.Task::pid).isEqualTo(before);
        connect().isSilent(0);
        nothingIsLeft();
    }

    @Test
    void afterAKilledEscortItsSocketIsReplacedOnceItsProgramIsGone() throws Exception {
        escort("sleep", "1000").isSilent(0);
        int program = escorted().getFirst().pid();
        Signals.kill(escorts().getFirst().pid(), Signals.KILL);
        Await.until("the escort has ended", () -> escorts().isEmpty());
        assertThat(socket).exists();
        assertThat(connect()).isEqualTo(nobodyListens());

        assertThat(escort("sleep", "1000"))
                .isEqualTo(new Outcome(
                        1,
                        "",
                        "escort: " + socket + ": an escort was killed here, and its program still runs" + " (pid "
                                + program + "); end that program first\n"));
        assertThat(escorted()).hasSize(1);
        Signals.kill(program, Signals.KILL);
        awaitNobody();
        escort("sleep", "1000").isSilent(0);
        Signals.kill(escorted().getFirst().pid(), Signals.TERM);
        connect().isSilent(0);
        nothingIsLeft();
    }

    /** Whoever asked has gone: nobody would know of the program. */
    @Test
    void anEscortThatIsKilledBeforeItsProgramRunsLeavesNothing() throws Exception {
        Execution escort = programs.program("escort", socket.toString(), "sleep", "1000");
        Await.until("an escort runs", () -> !escorts().isEmpty());
        int background = escorts().getFirst().pid();
        Signals.kill(background, Signals.STOP);
        escort.process().destroyForcibly().waitFor();
        Signals.kill(background, Signals.CONT);
        nothingIsLeft(); // once it has ended
    }

    @Test
    void aMarkThatAnybodyCouldKnowIsNoObstacle() throws Exception {
        for (int uid : Self.euid() == 0 ? new int[] {61236, 0} : new int[] {Self.euid()}) {
            ProcessBuilder marked = new ProcessBuilder(
                    Self.euid() == 0
                            ? List.of("setpriv", "--reuid=" + uid, "--clear-groups", "sleep", "1000")
                            : List.of("sleep", "1000"));
            marked.environment().put("BELLHOP_ESCORT", socket + "#1");
            Process stranger = marked.start();
            try {
                Await.until(
                        "the mark is there",
                        () -> Proc.environment((int) stranger.pid(), "BELLHOP_ESCORT")
                                .isPresent());
                escort("sleep", "1000").isSilent(0);
                connect().isSilent(0);
            } finally {
                stranger.destroyForcibly().waitFor();
            }
        }
        nothingIsLeft();
    }

    @Test
    void aDirectoryThatOthersCanChangeIsRefused() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can give files away");
        Path directory = programs.root().resolve("sock");
        Files.setAttribute(directory, "unix:mode", 0777);
        Outcome open = escort("sleep", "1000");
        assertThat(open.status()).isOne();
        assertThat(open.err())
                .startsWith("escort: " + directory + ": writable by others")
                .hasLineCount(1);

        Files.setAttribute(directory, "unix:mode", 0755);
        Files.setAttribute(directory, "unix:uid", 61236);
        Path below = Files.createDirectory(directory.resolve("mine")).resolve("s");
        assertThat(programs.run("escort", below.toString(), "sleep", "1000").err())
                .startsWith("escort: " + directory + ": belongs to uid 61236")
                .hasLineCount(1);
        Files.delete(below.getParent());
        Outcome foreign = escort("sleep", "1000");
        assertThat(foreign.status()).isOne();
        assertThat(foreign.err())
                .startsWith("escort: " + directory + ": belongs to uid 61236")
                .hasLineCount(1);
        nothingIsLeft();
    }

    /** In {@code /tmp}, say. */
    @Test
    void inADirectoryForEverybodyOthersHoldItUpByNothing() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can be another user");
        Path directory = programs.root().resolve("sock");
        Files.setAttribute(directory, "unix:mode", 01777);
        Process holder = new ProcessBuilder(
                        "setpriv",
                        "--reuid=61236",
                        "--clear-groups",
                        "flock",
                        directory.toString(),
                        "/bin/sh",
                        "-c",
                        "echo locked; exec sleep 1000")
                .start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("locked");
            escort("sleep", "1000").isSilent(0);
            assertThat(Files.getAttribute(socket, "unix:mode")).isEqualTo(0140600);
            connect().isSilent(0);
            Files.createFile(socket);
            Files.setAttribute(socket, "unix:uid", 61236);
            assertThat(escort("sleep", "1000").err())
                    .startsWith("escort: " + socket + ": belongs to uid 61236")
                    .hasLineCount(1);
            Files.delete(socket);
        } finally {
            holder.descendants().forEach(ProcessHandle::destroyForcibly);
            holder.destroyForcibly().waitFor();
        }
        nothingIsLeft();
    }

    @Test
    void aSignalToTheEscortStopsItsProgram() throws Exception {
        List<Execution> escorts = new ArrayList<>();
        List<Integer> signals = List.of(Signals.TERM, Signals.INT, Signals.HUP);
        for (int signal : signals) {
            escorts.add(programs.program(
                    "escort", socket + "." + signal, "/bin/sh", "-c", "sleep 1000 & setsid sleep 1000 & wait"));
        }
        for (Execution escort : escorts) {
            escort.outcome().isSilent(0);
        }
        Await.until("all programs run", () -> escorted().size() >= 3 * signals.size());
        List<Proc.Task> running = escorts();
        for (int i = 0; i < signals.size(); i++) {
            Signals.kill(running.get(i).pid(), signals.get(i));
        }
        awaitNobody();
        nothingIsLeft();
    }

    @Test
    void whatCannotBeRunIsOneLineAndLeavesNothing() throws Exception {
        Path text = Files.writeString(programs.root().resolve("text"), "no program");
        Path noProgram = executable("no-program", "no program");
        Map<String, String> reasons = Map.of(
                "no-such-program",
                "No such file or directory (ENOENT)",
                "/nowhere/program",
                "No such file or directory (ENOENT)",
                text.toString(),
                "Permission denied (EACCES)",
                noProgram.toString(),
                "Exec format error (ENOEXEC)");
        Map<String, Execution> escorts = new TreeMap<>();
        for (String program : reasons.keySet()) {
            escorts.put(program, programs.program("escort", socket + "." + escorts.size(), program, "x"));
        }
        for (Map.Entry<String, Execution> escort : escorts.entrySet()) {
            String program = escort.getKey();
            assertThat(escort.getValue().outcome())
                    .isEqualTo(new Outcome(1, "", "escort: executing " + program + ": " + reasons.get(program) + "\n"));
        }
        nothingIsLeft();
    }

    @Test
    void aPathThatCannotBeASocketIsOneLine() throws Exception {
        Path file = Files.writeString(programs.root().resolve("file"), "text");
        assertThat(programs.run("escort", file.toString(), "true"))
                .isEqualTo(new Outcome(1, "", "escort: " + file + ": exists and is not a socket\n"));
        assertThat(file).hasContent("text");
        assertThat(programs.run("escort", "/", "true"))
                .isEqualTo(new Outcome(1, "", "escort: /: is a directory, expected the path of a socket\n"));
        assertThat(programs.run("escort", "/nowhere/s", "true"))
                .isEqualTo(new Outcome(1, "", "escort: /nowhere: no such directory\n"));
        assertThat(programs.run("escort", "/proc/s", "true"))
                .isEqualTo(new Outcome(1, "", "escort: /proc/.s.lock: No such file or directory (ENOENT)\n"));
        String deep = "/tmp/" + "d".repeat(102);
        assertThat(programs.run("escort", deep, "true"))
                .isEqualTo(
                        new Outcome(1, "", "escort: " + deep + ": too long for a socket: 107 bytes of at most 106\n"));
    }

    @Test
    void wrongUsageExits64() throws Exception {
        String usage = "usage: escort SOCKET PROGRAM [ARG...]\n";
        assertThat(Run.of(Escort::run)).isEqualTo(new Outcome(64, "", "escort: SOCKET is missing\n" + usage));
        assertThat(Run.of(Escort::run, "s")).isEqualTo(new Outcome(64, "", "escort: PROGRAM is missing\n" + usage));
        assertThat(Run.of(Escort::run, "", "p")).isEqualTo(new Outcome(64, "", "escort: SOCKET is empty\n" + usage));
        assertThat(Run.of(Escort::run, "s", "")).isEqualTo(new Outcome(64, "", "escort: PROGRAM is empty\n" + usage));
        assertThat(Run.of(Escort::run, "--sock", "s", "p"))
                .isEqualTo(new Outcome(64, "", "escort: unknown option --sock\n" + usage));
        assertThat(Run.of(Escort::run, "--", "s"))
                .isEqualTo(new Outcome(64, "", "escort: PROGRAM is missing\n" + usage));
        assertThat(Run.of(Escort::run, "--help").out()).startsWith(usage);
        assertThat(Run.of(Escort::run, "--version").out()).startsWith("escort (Bellhop) ");
    }
}
