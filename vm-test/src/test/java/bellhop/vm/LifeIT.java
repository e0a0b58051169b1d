package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies that on each architecture services live through what a manager goes through: from its start to an orderly end. */
@Timeout(3600)
class LifeIT {

    @RegisterExtension
    final Guest guest = new Guest();

    /** What is started, required or triggered is up, is relaunched and adopted, goes on over an upgrade, and ends in order. */
    @Test
    void servicesLiveThroughWhatAManagerGoesThrough() {
        Machine machine = guest.boot();
        machine.readyMade("getty");
        machine.run("cd /etc/bellhop/services.d/getty && sed -i 's/^#\\(triggers\\|  getty\\)/\\1/' service.yaml")
                .succeeds();
        machine.script("clock", "run", "exec sleep 100000");
        machine.script("needs", "pre", "bh-require clock");
        machine.script("needs", "run", "exec sleep 100000");
        machine.script("needs", "post", "bh-release clock");

        machine.startManager();
        machine.run("bh-start needs").succeeds();
        assertThat(state(machine, "clock")).isEqualTo("started");
        machine.awaitThat("bh-status | grep -q '^getty@.* started '");

        int crashed = machine.mark();
        String first = pid(machine, "clock");
        machine.run("kill -9 " + first).succeeds();
        machine.awaitJournal(crashed, "clock started");
        String second = pid(machine, "clock");
        assertThat(second).isNotEqualTo(first);

        int killed = machine.mark();
        machine.run("kill -9 " + manager(machine)).succeeds();
        machine.startManager();
        machine.awaitJournal(killed, "adopted: clock started");
        machine.awaitJournal(killed, "adopted: needs started");
        assertThat(pid(machine, "clock")).isEqualTo(second);

        // The archive of another architecture makes its caches behind its first start. Until then a slow machine takes
        // longer for a start than an upgrade's trial may last.
        machine.awaitThat("cd /usr/lib/bellhop/lib && [ ! -e untrained ] && [ -s manager.aot ]");
        String manager = manager(machine);
        machine.run("bh upgrade").succeeds();
        assertThat(manager(machine)).isEqualTo(manager);
        assertThat(pid(machine, "clock")).isEqualTo(second);
        assertThat(state(machine, "needs")).isEqualTo("started");

        int ending = machine.mark();
        machine.run("kill " + manager).succeeds();
        machine.awaitJournal(ending, "ended");
        // Init may have to bury one that has ended; one that lives is still there after any wait.
        machine.awaitThat("! pgrep -f '^sleep 100000' && ! pgrep agetty");
        assertThat(machine.journal(ending))
                .extracting(Machine.Entry::text)
                .filteredOn(line -> line.matches(".* (clock|needs) stopping.*"))
                .as("who requires goes first")
                .satisfiesExactly(
                        line -> assertThat(line).contains("needs"),
                        line -> assertThat(line).contains("clock"));
    }

    private static String state(Machine machine, String service) {
        return machine.run("bh-status " + service).succeeds().out().strip();
    }

    private static String pid(Machine machine, String service) {
        return machine.run("bh-status clock needs | sed -n 's/^" + service + " *started *\\([0-9]*\\) .*/\\1/p'")
                .succeeds()
                .out()
                .strip();
    }

    /** Not one that only makes the image's caches, which has the least priority. */
    private static String manager(Machine machine) {
        return machine.run("ps -C java -o pid=,ni= | sed -n 's/^ *\\([0-9]*\\) *0$/\\1/p'")
                .succeeds()
                .out()
                .strip();
    }
}
