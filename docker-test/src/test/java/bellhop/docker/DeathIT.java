package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies what happens when something in a container is killed. */
@Timeout(300)
class DeathIT {

    @RegisterExtension
    final Boxes boxes = new Boxes();

    /** A service that is killed is back under another number. */
    @Test
    void aKilledServiceIsBack() throws Exception {
        Box box = boxes.box();
        box.start();
        box.awaitState("web", "started");
        long first = box.pid("web");

        box.run("kill", "-9", Long.toString(first)).succeeds();
        box.awaitLog("web restarting");
        box.awaitState("web", "started");

        assertThat(box.pid("web")).isNotEqualTo(first);
        box.run("busybox", "wget", "-qO-", "http://127.0.0.1:8080/").succeeds();
    }

    /** Of a service whose whole tree is killed nothing is left, and all of it is back. */
    @Test
    void aKilledTreeIsBackAsAWhole() {
        Box box = boxes.box()
                .script(
                        "tree",
                        "run",
                        "sh -c 'sleep 4001 & sleep 4002 & wait' &",
                        "setsid sleep 4003 &",
                        "exec sleep 4004")
                .yaml("tree", "autostart: true");
        box.start();
        String whole = "[ \"$(pgrep -c -f '[s]leep 400[1-4]$')\" = 4 ]";
        box.awaitThat(whole);
        String first = box.shell("pgrep -f '[s]leep 400'").out();

        box.shell("kill -9 $(pgrep -f '[s]leep 400')");
        box.awaitLog("tree restarting");
        box.awaitThat(whole);

        assertThat(box.shell("pgrep -f '[s]leep 400'").out().lines())
                .doesNotContainAnyElementsOf(first.lines().toList());
        box.run("bh-stop", "tree").succeeds();
        box.shell("pgrep -f '[s]leep 400'").exits(1);
    }

    /**
     * An init that starts a killed manager again has all services as they were: they run on, none is started twice, and
     * the new manager looks after them.
     */
    @Test
    void underAnInitAKilledManagerIsReplacedAndItsServicesRunOn() throws Exception {
        Box box = boxes.box()
                .withCreateContainerCmdModifier(
                        command -> command.withEntrypoint("busybox", "init").withCmd())
                .file("/etc/inittab", "::respawn:/usr/lib/bellhop/bin/bh run --console\n")
                .script("once", "run", "echo started >>/tmp/starts", "exec sleep 1000")
                .yaml("once", "autostart: true");
        box.start();
        box.awaitState("web", "started");
        box.awaitState("once", "started");
        long web = box.pid("web");
        long once = box.pid("once");
        String manager = "pgrep -f '[b]ellhop.program.Bh run'";
        String first = box.shell(manager).succeeds().out().strip();

        box.run("kill", "-9", first).succeeds();
        box.awaitThat("[ \"$(%s)\" != '' ] && [ \"$(%s)\" != %s ]".formatted(manager, manager, first));
        box.awaitManager();

        assertThat(box.pid("web")).isEqualTo(web);
        assertThat(box.pid("once")).isEqualTo(once);
        assertThat(box.shell("cat /tmp/starts").out()).isEqualTo("started\n");
        box.run("kill", "-9", Long.toString(web)).succeeds();
        box.awaitThat("bh-status web && ! kill -0 %d".formatted(web));
        box.run("bh-stopall").succeeds();
        box.awaitThat("! ps -eo comm | grep -q sleep"); // once init has reaped
    }

    /** A container that was killed with all in it starts again as a machine does after a power cut. */
    @Test
    void aKilledContainerStartsAgainAsAMachineDoes() {
        Box box = boxes.box()
                .script("once", "run", "echo started >>/var/tmp/starts", "exec sleep 1000")
                .yaml("once", "autostart: true")
                .script("asked", "run", "exec sleep 1000");
        box.start();
        box.awaitState("once", "started");
        box.run("bh-start", "asked").succeeds();

        assertThat(box.dockerKill("KILL").exitStatus()).isEqualTo(137);
        box.dockerStart();

        box.awaitState("once", "started");
        assertThat(box.shell("cat /var/tmp/starts").out()).isEqualTo("started\nstarted\n");
        box.run("bh-status", "asked").exits(3);
        assertThat(box.getLogs()).doesNotContain("adopted", "set aside");
        box.run("bh-stopall").succeeds();
        box.shell("pgrep sleep").exits(1);
    }
}
