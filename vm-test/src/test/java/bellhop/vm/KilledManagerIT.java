package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies that the next manager takes over the wifi that a killed one has left, with its radio and without. */
@Timeout(1200)
class KilledManagerIT {

    @RegisterExtension
    final Guest guest = new Guest();

    /**
     * A radio that is there before the manager is logged in, stays logged in when that is killed, and what serves it is
     * stopped by the next one if the radio was pulled meanwhile.
     */
    @Test
    void theNextManagerKeepsWhatHasItsRadioAndStopsWhatHasNot() {
        Machine machine = Air.of(guest);
        Outcome radio = machine.run("radio new").succeeds();
        int mark = machine.mark();
        double before = machine.now();
        long manager = machine.startManager();
        double bound = machine.awaitJournal(mark, Air.bound(machine, "wlan0"));
        Figures.add("manager started, wifi radio already there", 1, "address bound", bound - before);
        String served = Air.served(machine);
        assertThat(served.lines()).hasSize(2);

        int killedMark = machine.mark();
        manager = nextManager(machine, manager, ":");
        machine.awaitJournal(killedMark, "adopted: wpa_supplicant@wlan0 started");
        machine.awaitJournal(killedMark, "adopted: udhcpc@wlan0 started");
        // The plugin has been asked: whoever holds something without its radio is told from who does not.
        machine.awaitThat("bh-status | grep -q '^udhcpc@wlan0 *started .*wifi:wlan0'");
        assertThat(Air.served(machine)).isEqualTo(served);
        assertThat(machine.journal(killedMark))
                .extracting(Machine.Entry::text)
                .noneMatch(
                        line -> line.contains("disconnected") || line.contains("stopp") || line.contains("starting"));

        int pulledMark = machine.mark();
        double killed = machine.now();
        nextManager(machine, manager, "radio del " + radio.out());
        double adopted = machine.awaitJournal(pulledMark, "adopted: wpa_supplicant@wlan0 started");
        machine.awaitJournal(pulledMark, "adopted: udhcpc@wlan0");
        double gone = Math.max(
                machine.awaitJournal(pulledMark, "udhcpc@wlan0 stopped"),
                machine.awaitJournal(pulledMark, "wpa_supplicant@wlan0 stopped"));
        machine.awaitJournal(pulledMark, "post wlan0");
        Figures.add("manager killed, wifi radio pulled, manager started", 1, "both adopted", adopted - killed);
        Figures.add("manager killed, wifi radio pulled, manager started", 2, "both gone, `post` run", gone - killed);
        Air.hasNobody(machine);
    }

    private static long nextManager(Machine machine, long manager, String meanwhile) {
        machine.run("kill -9 " + manager, "while kill -0 %d; do sleep 0.1; done".formatted(manager), meanwhile)
                .succeeds();
        return machine.startManager();
    }
}
