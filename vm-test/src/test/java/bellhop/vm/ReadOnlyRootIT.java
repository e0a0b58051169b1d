package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies that a root which cannot be written to is enough, with a tmpfs for the run dir and for logs. */
@Timeout(1200)
class ReadOnlyRootIT {

    @RegisterExtension
    final Guest guest = new Guest();

    /** With logs on the tmpfs everything works; without, what is missing is said in one line. */
    @Test
    void aTmpfsIsAllThatIsWrittenTo() {
        Machine machine = guest.boot();
        machine.script("web", "pre", "echo preparing")
                .script("web", "run", "echo working; exec sleep 100000")
                .script("web", "post", "echo cleaning")
                .script("mute", "run", "exec sleep 100000")
                .yaml("mute", "log: {to: none}");
        machine.run("rm -rf /var/log/bellhop; mount -o remount,ro / && ! touch /etc/written")
                .succeeds();

        long manager = machine.startManager();
        Outcome without = machine.run("bh-start web").exits(1);
        assertThat(without.out().lines())
                .singleElement()
                .asString()
                .startsWith("bh-start: web: ")
                .contains("/var/log/bellhop: Read-only file system");
        machine.run("bh-start mute").succeeds();
        Outcome enabled = machine.run("bh enable mute").exits(1);
        assertThat(enabled.out().lines())
                .singleElement()
                .asString()
                .contains("/etc/bellhop/enabled")
                .endsWith("Read-only file system");
        int mark = machine.mark();
        machine.run("kill " + manager).succeeds();
        machine.awaitJournal(mark, "ended");

        long second = machine.startManager("--logdir", "/run/log/bellhop");
        machine.run("bh-start web").succeeds();
        machine.run("kill -9 " + second).succeeds();
        machine.startManager("--logdir", "/run/log/bellhop");
        machine.run("bh upgrade", "bh restart web", "bh-stop web").succeeds();
        assertThat(machine.run("bh logs web").succeeds().out())
                .containsSubsequence(
                        "[pre] preparing",
                        "working",
                        "[post] cleaning",
                        "[pre] preparing",
                        "working",
                        "[post] cleaning");
    }
}
