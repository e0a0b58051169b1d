package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies that serial lines that are there, and USB adapters that come and go, have a login on them. */
@Timeout(1200)
class TerminalIT {

    @RegisterExtension
    final Guest guest = new Guest();

    /** Who sits at the other end of a line finds the login there, also of an adapter that is plugged in; no empty port has one. */
    @Test
    void whoSitsAtTheOtherEndFindsALogin() {
        Machine machine = guest.boot();
        machine.readyMade("getty");
        machine.run("cd /etc/bellhop/services.d/getty && sed -i 's/^#\\(triggers\\|  getty\\)/\\1/' service.yaml")
                .succeeds();
        try (SerialLine line = machine.line("ttyS1")) {
            machine.startManager();
            line.await("login: ");
            line.type("root\n");
            line.await("Password: ");
            line.type("guest\n");
            line.await("# ");
            line.type("tty\n");
            line.await("/dev/ttyS1");
        }

        for (int round = 1; round <= 3; round++) {
            int plugMark = machine.mark();
            double plugged = machine.plugSerialAdapter("adapter");
            try (SerialLine line = machine.line("adapter")) {
                double started = machine.awaitJournal(plugMark, "getty@ttyUSB0 started");
                line.await("guest login: ");
                double prompted = machine.now();
                Figures.add("USB serial adapter plugged", 1, "`getty` started", started - plugged);
                Figures.add("USB serial adapter plugged", 2, "login prompt read at the other end", prompted - plugged);
            }
            int pullMark = machine.mark();
            double pulled = machine.pullSerialAdapter("adapter");
            double stopped = machine.awaitJournal(pullMark, "getty@ttyUSB0 stopped");
            Figures.add("USB serial adapter pulled", 1, "`getty` gone", stopped - pulled);
            machine.run("! pgrep -f ttyUSB0").succeeds();
        }

        assertThat(machine.run("grep -H . /sys/class/tty/ttyS[0-3]/type")
                        .succeeds()
                        .out())
                .as("what the scenario needs: two lines, and two ports with nothing on them")
                .contains("ttyS1/type:4", "ttyS2/type:0", "ttyS3/type:0");
        assertThat(machine.run("bh-status").succeeds().out())
                .contains("getty@ttyS0", "getty@ttyS1", "getty@tty1")
                .doesNotContain("ttyS2", "ttyS3");
    }
}
