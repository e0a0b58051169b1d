package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import bellhop.control.Dialog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that the run dir says what happened to services, and who asked, over the death of a manager. */
@Timeout(120)
class EventsTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private Path file() {
        return manager.runDir().path().resolve(".events");
    }

    /** Without the time, and with nothing that differs from one run to the next. */
    private List<String> events() throws IOException {
        return Files.readAllLines(file()).stream()
                .map(line -> line.replaceFirst("^\\d+\t", "")
                        .replaceAll("\\bpid \\d+", "pid P")
                        .replaceFirst("^(\\S+\t)[1-9]\\d*", "$1N")
                        .replaceAll("\\d+\\.\\d s", "N s"))
                .toList();
    }

    private void awaitEvent(String event) throws IOException {
        manager.await("there is " + event, () -> events().contains(event));
    }

    @Test
    void whatStartsWithTheManagerSaysSo() throws Exception {
        manager.script("web", "run", "exec sleep 1000")
                .yaml("web", "autostart: true\nrequires: [db]")
                .script("db", "run", "exec sleep 1000")
                .start();
        awaitEvent("web\tN\tstarted\t\trun was started\t\t\t");

        assertThat(events())
                .containsExactly(
                        "\t0\tstarted\tpid P\t\t\t\t",
                        "web\tN\tstarting\t\tautostart\t\t\tdb",
                        "db\tN\tstarting\t\trequired by web\t\t\t",
                        "db\tN\tstarted\t\trun was started\t\t\t",
                        "web\tN\tstarted\t\trun was started\t\t\t");
    }

    @Test
    void aKilledManagersEventsAreThereForTheNext() throws Exception {
        manager.script("web", "run", "exec sleep 1000").start();
        manager.ask("start", "web").succeeds();
        awaitEvent("web\tN\tstarted\t\trun was started\t\t\t");
        manager.kill();
        Files.writeString(file(), "1\tweb\t1\tst", StandardOpenOption.APPEND);
        manager.start();
        manager.ask("stop", "web").succeeds();
        awaitEvent("web\tN\tstopped\t\tall its processes have ended\t\t\t");

        assertThat(events())
                .containsExactly(
                        "\t0\tstarted\tpid P\t\t\t\t",
                        "web\tN\tstarting\t\tby request\tuid 0, pid P\tbh start web\t",
                        "web\tN\tstarted\t\trun was started\t\t\t",
                        "web\tN\tst",
                        "\t0\tadopting\tpid P, services of an earlier manager: 1\t\t\t\t",
                        "web\tN\tstarted\t\tadopted\t\t\t",
                        "web\tN\tstopping\t\tby request\tuid 0, pid P\tbh stop web\t",
                        "web\tN\tstopped\t\tall its processes have ended\t\t\t");
    }

    @Test
    void aScriptsRequestNamesItsIncarnation() throws Exception {
        manager.script("app", "pre", "bh-require db")
                .script("app", "run", "exec sleep 1000")
                .script("db", "run", "exec sleep 1000")
                .start();
        manager.ask("start", "app").succeeds();
        manager.await("db was required", () -> events().stream().anyMatch(it -> it.startsWith("db\tN\tstarting")));

        assertThat(events())
                .filteredOn(it -> it.startsWith("db\tN\tstarting"))
                .singleElement()
                .asString()
                .matches(
                        "db\tN\tstarting\t\trequired by app\tapp#\\d+, uid \\d+, pid P \\(claimed\\)\tbh require db\t");
    }

    @Test
    void aStopOfEverythingNamesWhoAsked() throws Exception {
        manager.script("web", "run", "exec sleep 1000").start();
        manager.ask("start", "web").succeeds();
        manager.ask("stopall").succeeds();
        awaitEvent("web\tN\tstopped\t\tall its processes have ended\t\t\t");

        assertThat(events())
                .contains(
                        "\t0\tstopping\teverything\t\tuid 0, pid P\tbh stopall\t",
                        "web\tN\tstopping\t\teverything is being stopped\tuid 0, pid P\tbh stopall\t");
    }

    @Test
    void aManagerThatEndsInOrderLeavesNone() throws Exception {
        manager.script("web", "run", "exec sleep 1000").start();
        manager.ask("start", "web").succeeds();
        manager.stop();

        assertThat(manager.runDir().path()).doesNotExist();
    }

    @Test
    void ifTheyCannotBeWrittenServicesAreLookedAfterAllTheSame() throws Exception {
        Path obstacle = Files.createDirectories(file()).resolve("obstacle");
        Files.createFile(obstacle);
        manager.script("web", "run", "exec sleep 1000").start();
        assertThat(manager.awaitLine("events are not recorded")).endsWith("; it is tried again");
        manager.ask("start", "web").succeeds();
        Files.delete(obstacle);
        Files.delete(file());
        manager.await("the events are written", () -> {
            manager.ask("restart", "web").succeeds();
            return Files.exists(file())
                    && events().contains("web\tN\tstarting\t\tby request\tuid 0, pid P\tbh start web\t");
        });
    }

    private static List<String> withoutTimes(String text) {
        return text.lines()
                .map(line -> line.replaceFirst("^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} ", "T ")
                        .replaceAll("\\bpid \\d+", "pid P")
                        .replaceAll(" +", " ")
                        .replaceFirst("^(T \\S+) [1-9]\\d*", "$1 N"))
                .toList();
    }

    @Test
    void theyAreShownOfTheServicesThatAreNamed() throws Exception {
        manager.script("web1", "run", "exec sleep 1000")
                .script("web2", "run", "exec sleep 1000")
                .script("db", "run", "exec sleep 1000")
                .start();
        manager.ask("start", "web1", "db").succeeds();

        assertThat(withoutTimes(manager.run("bh", "events").succeeds().out()))
                .startsWith("TIME NAME INCARNATION STATE CAUSE", "T (manager) - started pid P")
                .contains("T web1 N starting bh start web1 db (uid 0, pid P)", "T db N started run was started")
                .hasSize(6);
        assertThat(withoutTimes(manager.run("bh", "events", "we*").succeeds().out()))
                .containsExactly(
                        "TIME NAME INCARNATION STATE CAUSE",
                        "T web1 N starting bh start web1 db (uid 0, pid P)",
                        "T web1 N started run was started");
        assertThat(manager.run("bh", "events", "web2")).isEqualTo(new Outcome(0, "", ""));
        assertThat(manager.run("bh", "events", "--since", "0m")).isEqualTo(new Outcome(0, "", ""));
        assertThat(manager.run("bh", "events", "--json", "db").succeeds().out())
                .hasLineCount(2)
                .contains("\"service\":\"db\"");
        assertThat(manager.run("bh", "slow", "--json").succeeds().out()).startsWith("{\"time\":");
    }

    @Test
    void whatCannotBeShownIsRefusedInOneLine() throws Exception {
        manager.start();

        assertThat(manager.run("bh", "events", "-f", "--since", "soon"))
                .isEqualTo(new Outcome(
                        64,
                        "",
                        "bh: events: --since: \"soon\" is no time; expected 10m, 2h or 3d, which is so long ago, today,"
                                + " HH:MM[:SS], or YYYY-MM-DD[ HH:MM[:SS]]\n"));
        assertThat(manager.run("bh", "events", "nobody"))
                .isEqualTo(Outcome.failed("bh-events: no such service: nobody (looked in " + manager.services() + ")"));
        assertThat(manager.run("bh", "events", "nosuch*", "nobody?"))
                .isEqualTo(new Outcome(
                        1,
                        "",
                        "bh-events: no service is called \"nosuch*\"\nbh-events: no service is called \"nobody?\"\n"));
        assertThat(manager.run("bh", "events", "no body").err()).hasLineCount(1);
        Files.createDirectory(manager.runDir().path().resolve(".events.old"));
        assertThat(manager.run("bh", "events", "-f").err())
                .startsWith("bh-events: the events cannot be read: ")
                .contains("s a directory")
                .hasLineCount(1);
        assertThat(manager.ask("events"))
                .isEqualTo(new Outcome(64, "", "bh-events: is answered to the program bh only\n"));
    }

    @Test
    void theyAreShownOfAServiceThatIsThereNoLonger() throws Exception {
        manager.start();
        Files.writeString(file(), "1\tgone\t1\tstopped\t\t\t\t\t\n", StandardOpenOption.APPEND);

        assertThat(manager.run("bh", "events", "gone").succeeds().out()).contains("gone", "stopped");
        assertThat(manager.run("bh", "events", "gon?").succeeds().out()).contains("gone", "stopped");
    }

    @Test
    void whoFollowsGetsWhatComes() throws Exception {
        manager.script("web", "run", "exec sleep 1000").start();
        manager.ask("start", "web").succeeds();
        try (Dialog dialog = new Dialog(manager.runDir().socket())) {
            dialog.send("--facts events -f web\n");
            for (String line = dialog.line(); !"d [\"live\"]".equals(line); line = dialog.line()) {
                assertThat(line).startsWith("d ");
            }
            manager.ask("stop", "web").succeeds();

            assertThat(dialog.line()).contains("\"service=web\"", "\"state=stopping\"", "\"words=bh stop web\"");
            assertThat(dialog.line()).contains("\"state=stopped\"");
        }
    }
}
