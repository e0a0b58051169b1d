package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies what becomes of wifi dongles that come and go beside an access point: real radios, but for the air. */
@Timeout(1200)
class RadioIT {

    @RegisterExtension
    final Guest guest = new Guest();

    /** A radio that appears is logged in and has its address, and is gone without a trace when it is pulled; three times. */
    @Test
    void aRadioThatAppearsIsLoggedInAndHasItsAddress() {
        Machine machine = Air.of(guest);
        machine.startManager();
        for (int round = 1; round <= 3; round++) {
            int mark = machine.mark();
            Outcome radio = machine.run("radio new").succeeds();
            double plugged = machine.began();
            double started = machine.awaitJournal(mark, "wpa_supplicant@wlan0 started");
            double associated = machine.awaitJournal(mark, Air.associated("wlan0", radio));
            double bound = machine.awaitJournal(mark, Air.bound(machine, "wlan0"));
            assertThat(machine.run("bh-status udhcpc@wlan0").out()).isEqualTo("started\n");
            Figures.add("wifi radio appears", 1, "`wpa_supplicant` started", started - plugged);
            Figures.add("wifi radio appears", 2, "associated", associated - plugged);
            Figures.add("wifi radio appears", 3, "address bound", bound - plugged);

            int pulledMark = machine.mark();
            machine.run("radio del " + radio.out()).succeeds();
            double pulled = machine.began();
            double gone = Math.max(
                    machine.awaitJournal(pulledMark, "udhcpc@wlan0 stopped"),
                    machine.awaitJournal(pulledMark, "wpa_supplicant@wlan0 stopped"));
            assertThat(machine.awaitJournal(pulledMark, "post wlan0")).isLessThan(gone);
            Figures.add("wifi radio pulled", 1, "both gone, `post` run", gone - pulled);
            Air.hasNobody(machine);
        }
    }

    /**
     * A radio in place of another is logged in as one of its own, a second one beside it comes and goes without the first
     * being disturbed, and one that gets another name is logged in under that.
     */
    @Test
    void aRadioThatIsReplacedJoinedOrRenamedIsLoggedInAsWhatItIs() {
        Machine machine = Air.of(guest);
        machine.startManager();
        int mark = machine.mark();
        Outcome first = machine.run("radio new").succeeds();
        machine.awaitJournal(mark, Air.bound(machine, "wlan0"));

        String served = Air.served(machine);
        int swapMark = machine.mark();
        machine.run("radio swap " + first.out()).succeeds();
        double swapped = machine.began();
        machine.awaitJournal(swapMark, "wpa_supplicant@wlan0 stopped");
        machine.awaitJournal(swapMark, "post wlan0");
        machine.awaitJournal(swapMark, "udhcpc@wlan0 started");
        double replaced = Air.isOnline(machine, "wlan0");
        assertThat(Air.served(machine).lines())
                .hasSize(2)
                .doesNotContainAnyElementsOf(served.lines().toList());
        Figures.add("wifi radio replaced at once", 1, "the new one's address bound", replaced - swapped);

        int secondMark = machine.mark();
        Outcome second = machine.run("radio new").succeeds();
        machine.awaitJournal(secondMark, Air.associated("wlan1", second));
        machine.awaitJournal(secondMark, Air.bound(machine, "wlan1"));
        int pulledMark = machine.mark();
        machine.run("radio del " + second.out()).succeeds();
        machine.awaitJournal(pulledMark, "udhcpc@wlan1 stopped");
        machine.awaitJournal(pulledMark, "wpa_supplicant@wlan1 stopped");
        assertThat(machine.journal(secondMark))
                .extracting(Machine.Entry::text)
                .as("what became of wlan0 meanwhile")
                .noneMatch(line -> line.contains("@wlan0") || line.matches("wlan0.*disconnected.*"));
        Air.isOnline(machine, "wlan0");

        int renamedMark = machine.mark();
        machine.run("ip link set dev wlan0 name dongle").succeeds();
        double renamed = machine.began();
        machine.awaitJournal(renamedMark, "udhcpc@wlan0 stopped");
        machine.awaitJournal(renamedMark, "wpa_supplicant@wlan0 stopped");
        machine.awaitJournal(renamedMark, "udhcpc@dongle started");
        double online = Air.isOnline(machine, "dongle");
        Figures.add("wifi interface renamed", 1, "connected, address bound", online - renamed);
        assertThat(Air.served(machine).lines()).hasSize(2).allMatch(line -> line.contains(" -i dongle "));
    }
}
