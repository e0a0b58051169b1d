package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies what happens where something is scarce, odd or plenty. */
@Timeout(300)
class ScarcityIT {

    private static final long MIB = 1024 * 1024;

    @RegisterExtension
    final Boxes boxes = new Boxes();

    /** Where the memory of the container runs out the one service dies that offered itself, and the others live. */
    @Test
    void theServiceThatTakesAllMemoryDiesAndTheOthersLive() throws Exception {
        Box box = boxes.box()
                .yaml("hungry", "command: [tail, /dev/zero]", "oom_score_adj: 1000", "restart: \"no\"")
                .withCreateContainerCmdModifier(
                        command -> command.getHostConfig().withMemory(200 * MIB).withMemorySwap(200 * MIB));
        box.start();
        box.awaitState("web", "started");
        long web = box.pid("web");

        box.run("bh-start", "hungry");

        box.awaitState("hungry", "failed");
        box.awaitLog("hungry failed");
        assertThat(box.log()).containsPattern("hungry .*(KILL|signal 9)");
        assertThat(box.pid("web")).isEqualTo(web);
        assertThat(box.run("bh-status", "web").out()).isEqualTo("started\n");
        box.run("busybox", "wget", "-qO-", "http://127.0.0.1:8080/").succeeds();
    }

    /** On a full run directory nothing is started that cannot be recorded, what runs goes on, and room is all it takes. */
    @Test
    void aFullRunDirectoryStopsNewStartsOnly() {
        Box box = boxes.box().withTmpFs(Map.of("/run", "size=1m")).script("late", "run", "exec sleep 1000");
        box.start();
        box.awaitState("web", "started");

        box.shell("dd if=/dev/zero of=/run/filler bs=4k 2>/dev/null; df /run");
        Outcome refused = box.run("bh-start", "late").exits(1);
        assertThat(refused.err()).containsIgnoringCase("no space left");
        assertThat(box.run("bh-status", "web").out()).isEqualTo("started\n");
        box.run("busybox", "wget", "-qO-", "http://127.0.0.1:8080/").succeeds();

        box.run("rm", "/run/filler").succeeds();
        box.run("bh-start", "late").succeeds();
        assertThat(box.dockerStop(Duration.ofSeconds(30)).exitStatus()).isZero();
    }

    /** A wall clock that jumps by years changes no wait of Bellhop's. */
    @Test
    void aWallClockThatJumpsChangesNoWait() {
        Box box = boxes.box()
                .withEnv("LD_PRELOAD", "/usr/$LIB/faketime/libfaketimeMT.so.1")
                .withEnv("FAKETIME_TIMESTAMP_FILE", "/etc/clock")
                .withEnv("FAKETIME_NO_CACHE", "1")
                .withEnv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .file("/etc/clock", "+0\n")
                .script("dies", "run", "date +%Y >>/tmp/years", "exit 1")
                .yaml("dies", "restart_delay: 2s", "restart_max_delay: 2s")
                .script("deaf", "run", "trap '' TERM", "while :; do sleep 1; done")
                .yaml("deaf", "stop_grace_period: 2s");
        box.start();
        box.run("bh-start", "deaf").succeeds();
        box.run("bh-start", "dies");
        box.awaitThat("[ -s /tmp/years ]");

        for (String clock : new String[] {"-10y", "+10y"}) {
            box.shell("echo %s >/etc/clock".formatted(clock), "wc -l </tmp/years >/tmp/before")
                    .succeeds();
            box.awaitThat("[ $(wc -l </tmp/years) -ge $(($(cat /tmp/before) + 2)) ]");
        }
        assertThat(box.shell("sort -u /tmp/years").out().lines()).hasSizeGreaterThan(1);
        long begun = System.nanoTime();
        box.run("bh-stop", "deaf").succeeds();
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(60));
    }

    /** Two hundred services start together with the container, and end with it within the grace time. */
    @Test
    void twoHundredServicesStartAndEndTogether() {
        Box box = boxes.box();
        for (int i = 1; i <= 200; i++) {
            box.yaml("many" + i, "command: [sleep, \"100000\"]", "autostart: true");
        }
        box.start();
        box.awaitThat("[ \"$(bh-status | grep -c '^many.* started ')\" = 200 ]");
        assertThat(box.shell("pgrep -c -f '[s]leep 100000'").out()).isEqualTo("200\n");

        assertThat(box.dockerStop(Duration.ofSeconds(60)).exitStatus()).isZero();
        box.awaitLog("many200 stopped");
    }
}
