package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies how a container ends, and with which status. */
@Timeout(300)
class StopIT {

    private static final Duration GRACE = Duration.ofSeconds(30);

    @RegisterExtension
    final Boxes boxes = new Boxes();

    /** docker stop ends the services in order within the grace time: who requires goes before what is required. */
    @Test
    void dockerStopEndsRequirersFirst() {
        Box box = boxes.box();
        chain(box).start();
        box.awaitState("front", "started");

        long begun = System.nanoTime();
        box.dockerStop(GRACE);
        Duration took = Duration.ofNanos(System.nanoTime() - begun);

        assertThat(box.exitStatus()).isZero();
        assertThat(took).isLessThan(GRACE);
        box.awaitLog("store stopped");
        assertThat(box.log())
                .containsSubsequence(
                        "SIGTERM",
                        "front stopped",
                        "middle stopping",
                        "middle stopped",
                        "store stopping",
                        "store stopped");
    }

    private static Box chain(Box box) {
        return box.yaml("front", "command: [sleep, \"1000\"]", "requires: [middle]", "autostart: true")
                .yaml("middle", "command: [sleep, \"1000\"]", "requires: [store]")
                .yaml("store", "command: [sleep, \"1000\"]");
    }

    /** A service that does not heed TERM is killed after its own grace time, which does not hold up docker stop. */
    @Test
    void aDeafServiceIsKilledAfterItsGraceTime() {
        Box box = boxes.box()
                .script("deaf", "run", "trap '' TERM", "while :; do sleep 1; done")
                .yaml("deaf", "autostart: true", "stop_grace_period: 1s");
        box.start();
        box.awaitState("deaf", "started");

        assertThat(box.dockerStop(GRACE).exitStatus()).isZero();
        box.awaitLog("deaf stopped");
    }

    /** What docker does not wait for is over at once: the status is that of KILL. */
    @Test
    void whatDockerKillsHasTheStatusOfKill() {
        Box box = boxes.box();
        box.start();

        assertThat(box.dockerKill("KILL").exitStatus()).isEqualTo(128 + 9);
    }

    /** A container whose command is wrong ends with the status of wrong usage, and says why. */
    @Test
    void wrongUsageIsTheContainersStatus() {
        Box box = boxes.box().withCommand("--no-such-option").expectingToEnd();
        box.start();

        assertThat(box.exitStatus()).isEqualTo(64);
        box.awaitLog("--no-such-option");
    }

    /** With --exit-with the container has the status of that service, once all others are stopped. */
    @Test
    void theStatusOfOneServiceIsTheContainers() {
        Box box = boxes.box()
                .withCommand("--console", "--exit-with", "job")
                .expectingToEnd()
                .script("job", "run", "exit 7")
                .yaml("job", "requires: [store]", "restart: \"no\"")
                .yaml("store", "command: [sleep, \"1000\"]");
        box.start();

        assertThat(box.exitStatus()).isEqualTo(7);
        box.awaitLog("web stopped");
        box.awaitLog("store stopped");
    }

    /** With --exit-with the death of that service by a signal is the container's, told as a shell does. */
    @Test
    void theSignalThatKilledOneServiceIsInTheContainersStatus() throws Exception {
        Box box = boxes.box()
                .withCommand("--console", "--exit-with", "victim")
                .yaml("victim", "command: [sleep, \"1000\"]", "restart: \"no\"");
        box.start();
        box.awaitState("victim", "started");

        box.run("kill", "-SEGV", Long.toString(box.pid("victim"))).succeeds();

        assertThat(box.exitStatus()).isEqualTo(128 + 11);
    }

    /** With --stop-timeout docker stop is answered in time, whatever a service's own grace time is. */
    @Test
    void whatTakesTooLongIsKilledBeforeDockerLosesPatience() {
        Box box = stubborn(boxes.box().withCommand("--console", "--stop-timeout", "2s"));
        box.start();
        box.awaitState("stubborn", "started");

        assertThat(box.dockerStop(GRACE).exitStatus()).as("cut short").isEqualTo(1);
    }

    /** A second interrupt ends the container at once. */
    @Test
    void aSecondInterruptEndsItAtOnce() {
        Box box = stubborn(boxes.box());
        box.start();
        box.awaitState("stubborn", "started");
        box.dockerKill("INT");
        box.awaitLog("stubborn stopping");

        assertThat(box.dockerKill("INT").exitStatus()).as("cut short").isEqualTo(1);
    }

    private static Box stubborn(Box box) {
        return box.script("stubborn", "run", "trap '' TERM", "while :; do sleep 1; done")
                .yaml("stubborn", "autostart: true", "stop_grace_period: 1h");
    }
}
