package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Await;
import bellhop.Execution;
import bellhop.linux.Proc;
import bellhop.linux.Self;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that what others put into their environment makes them no process of a service. */
@Timeout(240)
class ForgedMarksTest {

    private static final int USER = 61246;
    private static final int STRANGER = 61247;

    /** Six that each live for a moment and leave another in their place, out of every session; for 60 s at the most. */
    private static final String FORKERS =
            "exec perl -MPOSIX -e 'my $end = time + 60; for (1..6) { fork or goto GO } exit; GO: POSIX::setsid();"
                    + " while (time < $end) { fork and exit; select(undef, undef, undef, 0.03) }'";

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can be another user");
        for (String program : List.of("/usr/bin/perl", "/usr/bin/setpriv")) {
            assumeTrue(Files.isExecutable(Path.of(program)), "SKIPPED: there is no " + program + " here");
        }
        manager = new ManagerProcess();
        Files.setPosixFilePermissions(
                Files.createDirectory(manager.root().resolve("files")), PosixFilePermissions.fromString("rwxrwxrwx"));
        manager.script("good", "run", "exec sleep 1000").yaml("good", "stop_grace_period: 500ms");
    }

    @AfterEach
    void close() throws Exception {
        if (manager != null) {
            endAllOf(STRANGER);
            endAllOf(USER);
            manager.close();
        }
    }

    /** All at one instant, so that none can fork meanwhile; these users have no processes but those of this test. */
    private static void endAllOf(int user) throws Exception {
        String end = "exec setpriv --reuid=" + user + " --regid=" + user + " --clear-groups perl -e 'kill 9, -1'";
        assertThat(new ProcessBuilder("/bin/sh", "-c", end).start().waitFor()).isZero();
    }

    private static boolean isOf(int user, int pid) {
        try {
            return Files.getAttribute(Path.of("/proc/" + pid), "unix:uid").equals(user);
        } catch (IOException e) {
            return false;
        }
    }

    private Path file(String name) {
        return manager.root().resolve("files").resolve(name);
    }

    private String onRecord(String service, String leaf) throws IOException {
        Path record = manager.runDir().path().resolve(service).resolve("record");
        return Files.readAllLines(record).stream()
                .filter(line -> line.contains("." + leaf + " "))
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .findFirst()
                .orElseThrow();
    }

    /** What anybody can know or guess of what the processes of a service have in their environment. */
    private String guessed(String service) throws IOException {
        return "BELLHOP_RUNDIR=" + manager.runDir().path() + " BELLHOP_SERVICE=" + service + " BELLHOP_INCARNATION="
                + onRecord(service, "life.incarnation") + " BELLHOP_TARGET= BELLHOP_LAUNCH="
                + onRecord(service, "run.launch");
    }

    private Process asStranger(String shell) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "/usr/bin/setsid", "/usr/bin/setpriv", "--reuid=" + STRANGER, "--regid=" + STRANGER, "--clear-groups"));
        command.addAll(List.of("--", "/bin/sh", "-c", shell));
        return new ProcessBuilder(command).start();
    }

    private void awaitOf(int user, int most) throws IOException {
        Await.until(
                "they are there",
                () -> Proc.census().stream()
                                .filter(task -> !task.isDead() && isOf(user, task.pid()))
                                .count()
                        >= most);
    }

    private void isStopped(String service) throws Exception {
        manager.run("bh-stop", service).succeeds();
        assertThat(manager.state(service)).isEqualTo("stopped");
    }

    @Test
    void forkersOfAServiceWithForgedMarksDoNotKeepAnotherInStopping() throws Exception {
        manager.script(
                        "evil",
                        "run",
                        "(while ! test -e " + file("go") + "; do sleep .02; done; . " + file("go") + ") &",
                        "exec sleep 1000")
                .yaml("evil", "user: \"" + USER + "\"", "group: \"" + USER + "\"", "stop_grace_period: 500ms");
        manager.start().ask("start", "good", "evil").succeeds();
        Path go = Files.writeString(file("next"), "export " + guessed("good") + "\n" + FORKERS + "\n");
        Files.move(go, file("go"));
        awaitOf(USER, 3);

        isStopped("good");

        awaitOf(USER, 3); // it was not because they had ended
        assertThat(manager.state("evil")).isEqualTo("started");
    }

    @Test
    void strangersWithCopiedMarksDoNotKeepAnAdoptedServiceInStopping() throws Exception {
        manager.start().ask("start", "good").succeeds();
        manager.kill();
        asStranger("export " + guessed("good") + "; " + FORKERS);
        awaitOf(STRANGER, 2);
        manager.start();

        isStopped("good");

        awaitOf(STRANGER, 2); // it was not because they had ended
    }

    @Test
    void strangersThatKnowTheSecretDoNotBelongToAServiceOfAnotherUser() throws Exception {
        manager.yaml("good", "user: \"" + USER + "\"", "group: \"" + USER + "\"", "stop_grace_period: 500ms");
        manager.start().ask("start", "good").succeeds();
        String own = Files.readString(Path.of("/proc/" + manager.pid("good") + "/environ"));
        manager.kill();
        Path environment = Files.writeString(
                file("environment"),
                Stream.of(own.split("\0", -1))
                        .filter(variable -> variable.startsWith("BELLHOP_"))
                        .reduce("", (all, variable) -> all + " " + variable));
        Process stranger = asStranger("exec env $(cat " + environment + ") sleep 1000");
        awaitOf(STRANGER, 1);
        manager.start();

        isStopped("good");

        assertThat(stranger.isAlive()).isTrue();
    }

    @Test
    void anOlderSessionWithCopiedMarksIsNotTakenForTheScript() throws Exception {
        Process stranger = asStranger("while ! test -e " + file("go") + "; do sleep .02; done; . " + file("go"));
        manager.start().ask("start", "good").succeeds();
        int good = manager.pid("good");
        manager.kill();
        Path record = manager.runDir().path().resolve("good/record");
        Files.writeString(
                record,
                Files.readString(record)
                        .replaceFirst("(?m)^process.pid .*", "process.pid 0")
                        .replaceFirst("(?m)^process.startTime .*", "process.startTime 0"));
        Files.move(Files.writeString(file("next"), "exec env " + guessed("good") + " sleep 1000\n"), file("go"));
        Await.until(
                "the stranger has the marks",
                () -> Proc.environment((int) stranger.pid(), "BELLHOP_LAUNCH").isPresent());
        manager.start();

        assertThat(manager.pid("good")).isEqualTo(good);
        isStopped("good");
        assertThat(stranger.isAlive()).isTrue();
    }

    @Test
    void theSecretIsShownToNobody() throws Exception {
        manager.start().ask("start", "good").succeeds();
        String secret = onRecord("good", "life.secret");

        assertThat(secret).matches("[0-9a-f]{32}");
        assertThat(Files.readString(Path.of("/proc/" + manager.pid("good") + "/environ")))
                .contains("\0BELLHOP_SECRET=" + secret + "\0");
        assertThat(Files.getPosixFilePermissions(manager.runDir().path().resolve("good/record")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        for (String question : List.of("status", "show")) {
            assertThat(manager.ask(question, "good").out()).doesNotContain(secret);
        }
        assertThat(manager.ask("status", "--json", "good").out()).doesNotContain(secret);
        isStopped("good");
        manager.ask("start", "good").succeeds();
        assertThat(onRecord("good", "life.secret")).isNotEqualTo(secret);
        assertThat(manager.said()).doesNotContain(secret);
    }

    @Test
    void hundredsOfSurvivorsDoNotFillTheTableOfDescriptors() throws Exception {
        manager.script(
                        "many",
                        "run",
                        "exec perl -MPOSIX -e '$SIG{TERM} = \"IGNORE\"; for (1..400) { next if fork; POSIX::setsid();"
                                + " sleep 1000; exit } open F, \">" + file("forked") + "\"; close F;"
                                + " $SIG{TERM} = \"DEFAULT\"; sleep 1000'")
                .yaml("many", "stop_grace_period: 3s");
        manager.start().ask("start", "good", "many").succeeds();
        manager.awaitFile(file("forked"));
        int pid = manager.pid("many");
        long before = descriptors();
        Execution stop = manager.program("bh-stop", "many");
        long most = before;
        while (stop.process().isAlive()) {
            most = Math.max(most, descriptors());
        }

        assertThat(stop.outcome().status()).isZero();
        assertThat(most - before).isLessThan(100);
        assertThat(manager.processes()).allMatch(task -> task.session() != pid);
        assertThat(manager.processes()).hasSize(1);
        assertThat(descriptors()).isLessThanOrEqualTo(before);
        assertThat(manager.said()).doesNotContain("cannot be ended");
    }

    private long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + manager.manager().pid() + "/fd"))) {
            return open.count();
        }
    }
}
