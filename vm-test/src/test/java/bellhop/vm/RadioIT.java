package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

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
            Result plugged = machine.run("radio new").succeeds();
            String radio = plugged.out().strip();
            double started = machine.awaitJournal(mark, "wpa_supplicant@wlan0 started");
            double associated = machine.awaitThat("iw dev wlan0 link | grep -q '^Connected'");
            double bound = machine.awaitThat("ip -4 address show dev wlan0 | grep -q 'inet 10.99.0.1'");
            assertThat(machine.status("udhcpc@wlan0").findValuesAsText("state")).containsOnly("started");
            Figures.add("wifi radio appears", 1, "`wpa_supplicant` started", started - plugged.began());
            Figures.add("wifi radio appears", 2, "associated", associated - plugged.began());
            Figures.add("wifi radio appears", 3, "address bound", bound - plugged.began());

            int pulledMark = machine.mark();
            Result pulled = machine.run("radio del " + radio).succeeds();
            double gone = Math.max(
                    machine.awaitJournal(pulledMark, "udhcpc@wlan0 stopped"),
                    machine.awaitJournal(pulledMark, "wpa_supplicant@wlan0 stopped"));
            Figures.add("wifi radio pulled", 1, "both gone, `post` run", gone - pulled.began());
            machine.run(
                            "pgrep -a wpa_supplicant; pgrep -a udhcpc; test -z \"$(pgrep wpa_supplicant; pgrep -x udhcpc)\"")
                    .succeeds();
        }
    }
}
