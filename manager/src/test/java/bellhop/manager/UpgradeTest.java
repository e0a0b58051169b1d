package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Execution;
import bellhop.Outcome;
import bellhop.ServiceWriter;
import bellhop.control.Dialog;
import bellhop.linux.Proc;
import bellhop.linux.Signals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies that a manager is replaced by the program on disk under its services, or goes on as it was. */
@Timeout(240)
class UpgradeTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path file(String name) {
        return manager.root().resolve(name);
    }

    /** A client that is not the program which the manager becomes. */
    private String client() throws IOException {
        Path copy = file("bh-client");
        if (!Files.exists(copy)) {
            Files.copy(program(), copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
        return copy.toString();
    }

    private Path program() {
        return file("bin").resolve("bh");
    }

    /** Puts another program in the place of Bellhop's. */
    private void install(String... lines) throws IOException {
        Path next = ServiceWriter.write(file("next"), true, ServiceWriter.shell(lines));
        Files.move(next, program(), StandardCopyOption.ATOMIC_MOVE);
    }

    private void makeServices() throws IOException {
        manager.script("web", "run", "exec sleep 1000")
                .script("web", "post", "echo post >> " + file("web-post"))
                .script("db", "run", "exec sleep 1000")
                .yaml("web", "requires: [db]");
    }

    private void isUpgraded() throws Exception {
        assertThat(manager.run(client(), "upgrade"))
                .as("the manager said: %s", manager.said())
                .isEqualTo(new Outcome(0, "the manager is now Bellhop (built here)\n", ""));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void servicesDoNotNotice(boolean asProcess1) throws Exception {
        if (asProcess1) {
            manager.asProcess1();
        }
        makeServices();
        manager.start().ask("start", "web").succeeds();
        int web = manager.pid("web");
        int db = manager.pid("db");
        long self = manager.manager().pid();
        client();
        install("echo installed >> " + file("installed"), "exec " + client() + " \"$@\"");

        isUpgraded();

        assertThat(manager.manager().pid()).isEqualTo(self);
        assertThat(manager.pid("web")).isEqualTo(web);
        assertThat(manager.pid("db")).isEqualTo(db);
        assertThat(manager.state("web")).isEqualTo("started");
        assertThat(Files.readAllLines(file("installed"))).hasSize(1);
        assertThat(file("web-post")).doesNotExist();
        isUpgraded();
        assertThat(manager.pid("web")).isEqualTo(web);
        manager.ask("release", "--owner", "web", "db").succeeds();
        manager.ask("stop", "web").succeeds();
        assertThat(manager.processes()).isEmpty();
        assertThat(file("web-post")).hasContent("post");
    }

    @Test
    void whatEndsMeanwhileHasItsStatus() throws Exception {
        String untilItGoes = "while [ -e " + manager.runDir().socket() + " ]; do :; done";
        manager.script("job", "run", untilItGoes, "exit 7")
                .script("victim", "run", untilItGoes, "kill -KILL $$")
                .yaml("job", "restart: no")
                .yaml("victim", "restart: no");
        manager.start().ask("start", "job", "victim").succeeds();

        isUpgraded();

        manager.awaitNote("job", "run exited 7");
        manager.awaitNote("victim", "run was killed by SIGKILL");
        assertThat(manager.state("job")).isEqualTo("failed");
    }

    @Test
    void outputIsNeitherLostNorDoubled() throws Exception {
        manager.script(
                        "counter",
                        "run",
                        "i=0",
                        "while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done",
                        "touch " + file("counted"),
                        "exec sleep 1000")
                .yaml("counter", "log: {timestamps: false}");
        manager.start().ask("start", "counter").succeeds();

        isUpgraded();

        manager.awaitFile(file("counted"));
        manager.awaitText(manager.log("counter"), "19999\n");
        assertThat(Files.readAllLines(manager.log("counter")))
                .containsExactlyElementsOf(
                        IntStream.range(0, 20000).mapToObj(Integer::toString).toList());
    }

    @Test
    void nothingIsLeftOpen() throws Exception {
        makeServices();
        manager.start().ask("start", "web").succeeds();
        isUpgraded();
        int first = descriptors();
        for (int i = 0; i < 3; i++) {
            isUpgraded();
        }

        assertThat(descriptors()).isLessThanOrEqualTo(first + 2);
    }

    private int descriptors() throws IOException {
        manager.ask("status");
        String[] open = Path.of("/proc", Long.toString(manager.manager().pid()), "fd")
                .toFile()
                .list();
        assertThat(open).isNotNull();
        return open == null ? 0 : open.length;
    }

    @Test
    void aClientThatWaitsIsToldAndAsksAgain() throws Exception {
        manager.script("slow", "pre", "while [ ! -e " + file("go") + " ]; do sleep 0.05; done")
                .script("slow", "run", "exec sleep 1000")
                .yaml("slow", "timeouts: {pre: 1000s}");
        manager.start();
        try (ManagerProcessClients waiting = new ManagerProcessClients(manager)) {
            manager.awaitLine("slow starting");

            isUpgraded();

            assertThat(waiting.shell.outcome().status()).isEqualTo(69);
            assertThat(waiting.shell.outcome().err().lines()).hasSize(1);
            assertThat(waiting.java.outcome())
                    .isEqualTo(new Outcome(69, "", "bh: the manager went away before it answered; ask again\n"));
        }
        assertThat(manager.state("slow")).isEqualTo("starting");
        Files.createFile(file("go"));
        manager.ask("start", "slow").succeeds();
    }

    /** Two that wait for the same service, by both ways in. */
    private record ManagerProcessClients(Execution shell, Execution java) implements AutoCloseable {
        ManagerProcessClients(ManagerProcess manager) throws Exception {
            this(manager.program("bh-start", "slow"), manager.program("bh", "start", "slow"));
            manager.awaitLine("asked by", 2);
        }

        @Override
        public void close() {
            shell.process().destroy();
            java.process().destroy();
        }
    }

    @Test
    void aProgramThatFailsItsTrialLeavesAllAsItWas() throws Exception {
        makeServices();
        manager.start().ask("start", "web").succeeds();
        int web = manager.pid("web");
        client();
        install("echo 'this is no Bellhop' >&2", "exit 3");

        assertThat(manager.run(client(), "upgrade"))
                .isEqualTo(Outcome.failed("bh-upgrade: the trial run of " + program()
                        + " exited 3: this is no Bellhop; the running manager goes on"));

        assertThat(manager.pid("web")).isEqualTo(web);
        Files.delete(program());
        Outcome missing = manager.run(client(), "upgrade");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err()).contains("No such file or directory");
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @ParameterizedTest
    @ValueSource(strings = {"snakeyaml", "junixsocket-common", "spi", "manager"})
    void aLibraryThatIsMissingIsFoundByTheTrial(String library) throws Exception {
        manager.script("web", "run", "exec sleep 1000")
                .start()
                .ask("start", "web")
                .succeeds();
        int web = manager.pid("web");
        String[] elements = Files.readString(Path.of(client()))
                .replaceAll("(?s).* -cp (\\S+).*", "$1")
                .split(":", -1);
        String element = Stream.of(elements)
                .filter(it -> it.contains("/" + library))
                .findFirst()
                .orElseThrow();
        install(Files.readString(Path.of(client())).replace(element, element + ".gone"));

        Outcome refused = manager.run(client(), "upgrade");

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err().lines()).hasSize(1);
        assertThat(refused.err()).contains("the trial run of " + program() + " exited 1");
        assertThat(manager.pid("web")).isEqualTo(web);
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void aNativeLibraryThatDoesNotLoadIsFoundByTheTrial() throws Exception {
        manager.script("web", "run", "exec sleep 1000")
                .start()
                .ask("start", "web")
                .succeeds();
        int web = manager.pid("web");
        install(Files.readString(Path.of(client())).replaceAll(":[^: ]*/junixsocket-native[^: ]*", ""));

        Outcome refused = manager.run(client(), "upgrade");

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("exited 1: ").contains("native library");
        assertThat(manager.pid("web")).isEqualTo(web);
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void aRecordThatTheProgramCannotReadIsFoundByTheTrial() throws Exception {
        makeServices();
        manager.start().ask("start", "web").succeeds();
        Path other = Files.createDirectory(manager.runDir().path().resolve("other"));
        Files.writeString(other.resolve("record"), "bellhop 99\n");

        Outcome refused = manager.run(client(), "upgrade");

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err().lines()).hasSize(1);
        assertThat(refused.err()).contains(other + "/record: cannot be read by this version");
        assertThat(manager.state("web")).isEqualTo("started");
        Files.delete(other.resolve("record"));
        Files.delete(other);
    }

    @Test
    void ifTheProgramCannotBeExecutedTheOldOneGoesOn() throws Exception {
        makeServices();
        manager.script("job", "run", "while [ ! -e " + file("go") + " ]; do sleep 0.02; done", "exit 7")
                .yaml("job", "restart: no");
        List<String> unready = List.of("n1", "n2", "n3", "n4", "f1", "f2", "f3", "f4");
        for (String name : unready) {
            manager.script(name, "run", "exec sleep 1000")
                    .yaml(name, "ready: {" + (name.startsWith("n") ? "notify: true" : "fd: 3") + "}");
        }
        manager.script("own", "run", "exec sleep 1000").yaml("own", "control_socket: true");
        manager.start().ask("start", "web", "job", "own").succeeds();
        for (String name : unready) {
            manager.program("bh-start", name);
            manager.awaitPid(name);
        }
        int web = manager.pid("web");
        client();
        int open = descriptors();
        install("printf '/no/such/program\\0run\\0--trial\\0' | base64 -w0", "exit 0");

        assertThat(manager.run(client(), "upgrade"))
                .isEqualTo(Outcome.failed(
                        "bh-upgrade: the program could not be executed, see the output of the manager; the"
                                + " old one goes on"));

        assertThat(manager.said()).contains("warning: upgrade: could not be carried out: execve");
        assertThat(manager.pid("web")).isEqualTo(web);
        assertThat(descriptors())
                .as("as many as before, but for the replies to those who waited")
                .isLessThanOrEqualTo(open + 2 - unready.size());
        Files.createFile(file("go"));
        manager.awaitNote("job", "run exited 7");
        manager.ask("restart", "web").succeeds();
        manager.run("connect", manager.runDir().path().resolve("own/socket").toString())
                .succeeds();
        assertThat(manager.state("own")).isEqualTo("stopped");
        manager.signal(Signals.QUIT);
        assertThat(manager.awaitEnd()).isZero();
    }

    @Test
    void whileEverythingStopsItIsRefused() throws Exception {
        manager.script("slow", "run", "trap '' TERM; touch " + file("up"), "while :; do sleep 0.05; done")
                .yaml("slow", "autostart: true", "stop_grace_period: 1000s");
        manager.start();
        manager.awaitFile(file("up"));
        manager.signal(Signals.TERM);
        manager.awaitLine("slow stopping");

        assertThat(manager.ask("upgrade")).isEqualTo(Outcome.failed("bh-upgrade: everything is being stopped"));

        manager.signal(Signals.TERM);
        assertThat(manager.awaitEnd()).isEqualTo(1);
    }

    private static boolean ignoresHangUps() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> Integer.parseInt(line.substring(line.length() - 1), 16) % 2 == 1);
    }

    @Test
    void withoutATerminalAHangUpReadsTheDefinitions() throws Exception {
        // nohup(1) is obeyed: a JVM leaves a signal alone that it was started to ignore.
        assumeTrue(!ignoresHangUps(), "SKIPPED: hang-ups are ignored here, as by nohup");
        makeServices();
        manager.start().ask("start", "web").succeeds();
        int web = manager.pid("web");
        manager.yaml("web", "requires: [db]", "description: another");
        manager.script("later", "run", "exec sleep 1000");

        manager.signal(Signals.HUP);

        manager.awaitLine("SIGHUP: reading all service directories");
        manager.awaitLine("added later");
        assertThat(manager.pid("web")).isEqualTo(web);
        assertThat(Proc.task(web)).isPresent();
    }

    @Test
    void withATerminalAHangUpStopsEverything() throws Exception {
        assumeTrue(!ignoresHangUps(), "SKIPPED: hang-ups are ignored here, as by nohup");
        manager.script("web", "run", "exec sleep 1000").script("web", "post", "touch " + file("stopped"));
        manager.onTerminal().start().ask("start", "web").succeeds();

        ProcessHandle behind = manager.process().children().findFirst().orElseThrow();

        manager.kill(); // the terminal, not the manager

        behind.onExit().get(1, TimeUnit.MINUTES);
        assertThat(manager.root().resolve("stopped")).exists();
        assertThat(manager.runDir().path()).doesNotExist();
        assertThat(manager.processes()).isEmpty();
    }

    @Test
    void theStatusOfTheServiceToEndWithSurvivesAnUpgrade() throws Exception {
        manager.script("job", "run", "while [ ! -e " + file("go") + " ]; do sleep 0.02; done", "exit 7")
                .yaml("job", "restart: no");
        manager.start("--console", "--exit-with", "job");
        manager.awaitLine("job started");

        isUpgraded();
        Files.createFile(file("go"));

        assertThat(manager.awaitEnd()).as("%s", manager.said()).isEqualTo(7);
    }

    @Test
    void anIdleConnectionEndsCleanly() throws Exception {
        manager.start();
        try (Dialog idle = new Dialog(manager.runDir().socket())) {
            idle.send("[\"status\"]\n");
            ManagerProcess.answer(idle);

            isUpgraded();

            assertThat(idle.line()).isNull();
        }
    }
}
