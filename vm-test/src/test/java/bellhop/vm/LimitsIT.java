package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies the limits that need a cgroup v2 with its controllers, by services that run against them. */
@Timeout(1200)
class LimitsIT {

    @RegisterExtension
    final Guest guest = new Guest();

    /** Memory, processors, a fork bomb: whoever has a limit comes up against it, and nobody else notices. */
    @Test
    void whoeverReachesALimitIsTheOnlyOneWhoNotices() throws Exception {
        Machine machine = guest.boot();
        machine.script("other", "run", "exec sleep 100000");
        machine.startManager();
        machine.run("bh-start other").succeeds();
        memory(machine);
        processors(machine);
        forkBomb(machine);
        assertThat(machine.run("ls -d /sys/fs/cgroup/*.[0-9]*").out())
                .as("groups that are left")
                .doesNotContain("hog", "herd", "busy", "bomb");
        assertThat(machine.status("other").path("state").asText()).isEqualTo("started");
    }

    private static void memory(Machine machine) {
        String eat = "perl -e 'for (;;) { push @all, \"x\" x 1048576 }'";
        for (String service : new String[] {"hog", "herd"}) {
            machine.yaml(service, "restart: \"no\"", "mem_limit: 24m");
        }
        machine.script("hog", "run", "exec " + eat);
        // It is a child that is killed; the script itself ends by an exit status.
        machine.script("herd", "run", eat, "exit 3");
        int mark = machine.mark();

        machine.run("bh-start hog herd").succeeds();
        double started = machine.began();

        double hog = machine.awaitJournal(mark, "hog failed: run was killed by SIGKILL (out of memory) after ");
        machine.awaitJournal(mark, "herd failed: run exited 3 (out of memory) after ");
        assertThat(machine.run("bh status hog herd").out()).contains("run was killed by SIGKILL (out of memory)");
        Figures.add("`mem_limit: 24m` is reached", 1, "killed, and reported", hog - started);
    }

    private static void processors(Machine machine) {
        machine.yaml("busy", "cpus: 0.2").script("busy", "run", "while :; do :; done");
        machine.run("bh-start busy").succeeds();
        String throttled = "[ $(sed -n 's/^nr_throttled //p' /sys/fs/cgroup/busy.*/cpu.stat) -ge %d ]";
        String usage = "sed -n 's/^usage_usec //p' /sys/fs/cgroup/busy.*/cpu.stat";
        machine.awaitThat(throttled.formatted(5));
        Outcome before = machine.run(usage).succeeds();
        double began = machine.began();
        machine.awaitThat(throttled.formatted(45));
        Outcome after = machine.run(usage).succeeds();
        double ended = machine.ended();
        double used = (Long.parseLong(after.out().strip())
                        - Long.parseLong(before.out().strip()))
                / 1e6;
        double share = used / (ended - began);
        assertThat(share).as("processors").isBetween(0.02, 0.25);
        machine.run("bh-stop busy").succeeds();
    }

    private static void forkBomb(Machine machine) {
        machine.yaml("bomb", "pids_limit: 30", "stop_grace_period: 1s")
                // None of them ends of itself, and for each that is killed another is there.
                .script("bomb", "run", "exec perl -e '$SIG{TERM} = \"IGNORE\"; $SIG{CHLD} = \"IGNORE\"; fork while 1'");
        machine.run("bh-start bomb").succeeds();
        machine.awaitThat("[ $(sed -n 's/^max //p' /sys/fs/cgroup/bomb.*/pids.events) -ge 100 ]");
        assertThat(machine.run("cat /sys/fs/cgroup/bomb.*/pids.current").out().strip())
                .isEqualTo("30");
        machine.run("bh restart other").succeeds();
        double restarted = machine.ended() - machine.began();

        machine.run("bh-stop bomb").succeeds();
        double stopped = machine.ended() - machine.began();

        machine.run("! pgrep -x perl").succeeds();
        Figures.add("fork bomb with `pids_limit: 30`", 1, "another service restarted", restarted);
        Figures.add("fork bomb with `pids_limit: 30`", 2, "all of it stopped (grace 1 s)", stopped);
    }
}
