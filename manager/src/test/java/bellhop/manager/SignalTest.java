package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Execution;
import bellhop.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies {@code bh signal}, and {@code bh reload} of services, with real services under a real manager. */
@Timeout(120)
class SignalTest {

    private ManagerProcess manager;

    @BeforeEach
    void makeFolders() throws Exception {
        manager = new ManagerProcess();
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private static void needs(String program) {
        assumeTrue(Files.isExecutable(Path.of(program)), "SKIPPED: there is no " + program + " here");
    }

    private Path file(String name) {
        return manager.root().resolve(name);
    }

    /** A script that notes each signal that it gets, and is up once it can. */
    private void noting(String service, String... signals) {
        StringBuilder traps = new StringBuilder();
        for (String signal : signals) {
            traps.append("trap 'echo " + signal + " >>" + file("got") + "' " + signal + "\n");
        }
        manager.script(
                service, "run", traps + "touch " + file("up"), "while :; do sleep 1000 & wait $!; kill $!; done");
    }

    @Test
    void eachFormOfASignalGetsToTheMainProcess() throws Exception {
        noting("web", "HUP", "USR1", "USR2");
        manager.start();
        manager.ask("start", "web").succeeds();
        manager.awaitFile(file("up"));

        manager.ask("signal", "web", "HUP").succeeds();
        manager.awaitText(file("got"), "HUP\n");
        manager.ask("signal", "web", "SIGUSR1").succeeds();
        manager.awaitText(file("got"), "USR1\n");
        manager.ask("signal", "web", "12").succeeds();

        manager.awaitText(file("got"), "HUP\nUSR1\nUSR2\n");
        assertThat(manager.awaitLine("signal web 12")).contains("asked by ");
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void itIsTheMainProcessAlone() throws Exception {
        manager.script(
                "web",
                "run",
                "( trap 'touch " + file("child") + "' USR1; while :; do sleep 0.05; done ) &",
                "trap 'touch " + file("main") + "' USR1",
                "touch " + file("up"),
                "while :; do wait; done");
        manager.start();
        manager.ask("start", "web").succeeds();
        manager.awaitFile(file("up"));

        manager.ask("signal", "web", "USR1").succeeds();

        manager.awaitFile(file("main"));
        manager.ask("stop", "web").succeeds();
        assertThat(file("child")).doesNotExist();
    }

    @Test
    void withoutAProcessALineSaysWhy() throws Exception {
        manager.script("web", "run", "exec sleep 1000");
        manager.script("once", "pre", "exit 0");
        manager.start();
        manager.ask("start", "once").succeeds();

        assertThat(manager.ask("signal", "web", "HUP"))
                .isEqualTo(new Outcome(
                        1, "", "bh-signal: web: there is no process of run to signal; the service is stopped\n"));
        assertThat(manager.ask("signal", "once", "HUP").err())
                .isEqualTo("bh-signal: once: there is no process of run to signal; the service is started\n");
        assertThat(manager.ask("signal", "none", "HUP").status()).isEqualTo(1);
        assertThat(manager.ask("signal", "web", "HUPP"))
                .isEqualTo(new Outcome(
                        64,
                        "",
                        "bh-signal: SIGNAL: \"HUPP\" is not a signal such as HUP, SIGHUP or 1;"
                                + " did you mean \"HUP\"?\n"));
        assertThat(manager.ask("signal", "web").status()).isEqualTo(64);
        assertThat(manager.ask("signal", "web", "0").status()).isEqualTo(64);
    }

    @Test
    void aServiceThatAnEarlierManagerLeftIsReached() throws Exception {
        noting("web", "HUP");
        manager.yaml("web", "reload_signal: HUP");
        manager.start();
        manager.ask("start", "web").succeeds();
        manager.awaitFile(file("up"));
        int pid = manager.pid("web");
        manager.kill();

        manager.start();
        manager.ask("signal", "web", "HUP").succeeds();
        manager.awaitText(file("got"), "HUP\n");
        manager.ask("reload", "web").succeeds();

        manager.awaitText(file("got"), "HUP\nHUP\n");
        assertThat(manager.pid("web")).isEqualTo(pid);
    }

    @Test
    void reloadSendsTheSignalOfTheDefinition() throws Exception {
        noting("web", "USR2");
        manager.yaml("web", "reload_signal: SIGUSR2");
        manager.script("other", "run", "exec sleep 1000");
        manager.start();
        assertThat(manager.ask("reload", "web").err()).isEqualTo("bh-reload: web: cannot be reloaded: it is stopped\n");
        manager.ask("start", "web", "other").succeeds();
        manager.awaitFile(file("up"));

        Outcome refused = manager.ask("reload", "web", "other");

        assertThat(refused)
                .isEqualTo(new Outcome(
                        1,
                        "",
                        "bh-reload: other: cannot be reloaded: it was started without reload_signal in its"
                                + " service.yaml\n"));
        assertThat(file("got")).doesNotExist();
        manager.ask("reload", "web").succeeds();
        manager.awaitText(file("got"), "USR2\n");
        assertThat(manager.ask("reload", "--json", "web").status()).isEqualTo(64);
    }

    private void notifying(String... atReload) throws IOException {
        needs("/usr/bin/systemd-notify");
        manager.script(
                        "web",
                        "run",
                        "reload() {",
                        String.join("\n", atReload),
                        "}",
                        "trap reload HUP",
                        "systemd-notify --ready",
                        "while :; do sleep 1000 & wait $!; kill $!; done")
                .yaml("web", "reload_signal: HUP", "ready: {notify: true}", "restart: \"no\"");
        manager.start();
        manager.ask("start", "web").succeeds();
    }

    @Test
    void aServiceThatReportsItsReloadIsWaitedFor() throws Exception {
        notifying(
                "systemd-notify RELOADING=1",
                "until [ -e " + file("go") + " ]; do sleep 0.02; done",
                "touch " + file("done"),
                "systemd-notify --ready");

        Execution reload = manager.program("bh", "reload", "web");
        manager.awaitNote("web", "reloading");
        assertThat(reload.process().isAlive()).isTrue();
        Files.createFile(file("go"));

        reload.outcome().succeeds();
        assertThat(file("done")).exists();
        assertThat(manager.state("web")).isEqualTo("started");
    }

    @Test
    void aReloadThatEndsTheServiceHasFailed() throws Exception {
        notifying("systemd-notify RELOADING=1", "exit 3");

        Outcome outcome = manager.ask("reload", "web");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).startsWith("bh-reload: web: has ended instead of reloading");
    }

    @Test
    void aServiceThatReportsNoReloadIsNotWaitedForForLong() throws Exception {
        notifying("touch " + file("done"));

        Outcome outcome = manager.ask("reload", "web");

        assertThat(outcome)
                .isEqualTo(new Outcome(
                        0, "", "bh-reload: web: signalled; does not report when it has reloaded (RELOADING=1)\n"));
        manager.awaitFile(file("done"));
    }

    @Test
    void aReloadThatNeverEndsIsReported() throws Exception {
        notifying("systemd-notify RELOADING=1; touch " + file("begun"));
        manager.ask("stop", "web").succeeds();
        manager.yaml("web", "reload_signal: HUP", "ready: {notify: true}", "timeouts: {ready: 5s}");
        manager.ask("start", "web").succeeds();

        Outcome outcome = manager.ask("reload", "web");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualTo("bh-reload: web: reloads since 5 s (RELOADING=1), and did not report READY=1\n");
        assertThat(manager.state("web")).isEqualTo("started");
    }
}
