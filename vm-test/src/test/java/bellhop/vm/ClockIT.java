package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies that a clock which is set forward, and back, by an hour makes nothing early, late or lost. */
@Timeout(1200)
class ClockIT {

    /** By which two stamps of the guest may be closer together than what they tell of, seconds. */
    private static final double STAMPS = 2;

    private static final int HOUR = 3600;

    @RegisterExtension
    final Guest guest = new Guest();

    /** One waits for its restart, one for its readiness, one is watched and one probed while the clock is set. */
    @Test
    void nothingIsEarlyLateOrLost() throws Exception {
        Machine machine = guest.boot();
        services(machine);
        long manager = machine.startManager();
        machine.run("bh-start pings probed ends").succeeds();
        List<Integer> watched = List.of(machine.pid("pings"), machine.pid("probed"));
        jump(machine, HOUR);
        assertThat(watched).isEqualTo(List.of(machine.pid("pings"), machine.pid("probed")));
        jump(machine, -HOUR);
        assertThat(watched).isEqualTo(List.of(machine.pid("pings"), machine.pid("probed")));
        // The successor of one that was killed an hour later, as it were, finds everything.
        machine.run("kill -9 " + manager, "date -s @$(($(date +%s) - " + HOUR + "))")
                .succeeds();
        machine.startManager();
        assertThat(watched).isEqualTo(List.of(machine.pid("pings"), machine.pid("probed")));
        machine.run("bh restart pings && bh-stopall").succeeds();
    }

    private static void services(Machine machine) {
        machine.yaml("ends", "restart_delay: 10s").script("ends", "run", "exit 1");
        machine.yaml("gets-ready", "ready: {path: /run/is-ready}", "timeouts: {ready: 10m}")
                .script(
                        "gets-ready",
                        "run",
                        "rm -f /run/is-ready",
                        "while [ ! -e /run/may-be-ready ]; do sleep 0.1; done",
                        "touch /run/is-ready",
                        "exec sleep 100000");
        machine.yaml("never-ready", "ready: {path: /run/is-never-there}", "timeouts: {ready: 20s}", "restart: \"no\"")
                .script("never-ready", "run", "exec sleep 100000");
        machine.yaml("pings", "ready: {notify: true, watchdog: 30s}")
                .script(
                        "pings",
                        "run",
                        "exec perl -e '",
                        "socket(my $s, 1, 2, 0); my $to = pack(\"S a*\", 1, $ENV{NOTIFY_SOCKET});",
                        "send($s, \"READY=1\", 0, $to);",
                        "while (1) { send($s, \"WATCHDOG=1\", 0, $to); select(undef, undef, undef, 2) }'");
        machine.yaml(
                        "probed",
                        "healthcheck: {test: \"read up rest </proc/uptime; echo $up >>/run/probes\", interval: 4s}")
                .script("probed", "run", "exec sleep 100000");
    }

    private static void jump(Machine machine, int seconds) throws Exception {
        machine.run("bh-stop gets-ready never-ready; rm -f /run/may-be-ready /run/is-ready; :");
        int mark = machine.mark();
        machine.run("bh restart ends", "(bh-start gets-ready never-ready >/run/asked 2>&1; echo $? >>/run/asked) &");
        double waits = machine.awaitJournal(mark, "ends restarting: run exited 1");
        double starts = machine.awaitJournal(mark, "never-ready starting");
        machine.awaitThat("[ \"$(bh-status gets-ready)\" = starting ]");
        int probes = probes(machine);

        int set = machine.mark();
        machine.run("date -s @$(($(date +%s) + " + seconds + "))").succeeds();

        // Seen by whoever watches the directories, though its time is of another hour.
        String added = "new" + set;
        machine.yaml(added, "description: without scripts");
        machine.awaitJournal(set, added + ": has none of");
        double relaunched = machine.awaitJournal(set, "ends starting");
        assertThat(relaunched - waits)
                .as("%d s: the delay before a restart", seconds)
                .isBetween(10 - STAMPS, 10 + 60.0);
        double failed = machine.awaitJournal(mark, "never-ready failed: run was not ready");
        assertThat(failed - starts).as("%d s: the time to get ready", seconds).isBetween(20 - STAMPS, 20 + 60.0);
        machine.run("touch /run/may-be-ready").succeeds();
        machine.awaitJournal(set, "gets-ready started");
        machine.awaitThat("[ \"$(tail -n 1 /run/asked)\" = 1 ]");
        assertThat(machine.run("cat /run/asked").out())
                .as("%d s: what was answered to whoever started both", seconds)
                .contains("never-ready: ")
                .doesNotContain("gets-ready");
        machine.awaitThat("[ $(wc -l </run/probes) -ge " + (probes + 4) + " ]");
        assertThat(machine.run("awk 'NR > 1 && $1 - last < 3 { print last, $1 } { last = $1 }' /run/probes")
                        .succeeds()
                        .out())
                .as("%d s: probes too close together", seconds)
                .isEmpty();
        assertThat(machine.status("pings").path("seconds").asInt())
                .as("%d s: for how long it is up", seconds)
                .isBetween(0, HOUR / 2);
        assertThat(machine.journal(set))
                .extracting(Machine.Entry::text)
                .noneMatch(line -> line.contains("pings stopping"));
    }

    private static int probes(Machine machine) {
        return Integer.parseInt(
                machine.run("wc -l </run/probes").succeeds().out().strip());
    }
}
