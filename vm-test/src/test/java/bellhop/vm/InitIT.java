package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies how a machine begins and ends with the manager: as a child of busybox init, and as the first process itself. */
@Timeout(1200)
class InitIT {

    /** As docs/deploy.md has them, but for the journal. */
    private static final String INITTAB = """
            ::respawn:/usr/lib/bellhop/bin/bh run >%s 2>&1
            ::shutdown:/usr/lib/bellhop/bin/bh-stopall
            """.formatted(Machine.JOURNAL);

    @RegisterExtension
    final Guest guest = new Guest();

    /** The manager is killed three times, init starts it again, and power goes off only when all is stopped in order. */
    @Test
    void initStartsItAgainAndPowerGoesOffInOrder() throws Exception {
        Machine machine = guest.boot();
        services(machine);
        int mark = machine.mark();
        machine.file("/etc/inittab", INITTAB).run("kill -HUP 1").succeeds();
        double read = machine.began();
        double up = machine.awaitJournal(mark, "web started");
        Figures.add("busybox init reads its inittab", 1, "the services with `autostart` started", up - read);
        List<String> before = processes(machine);

        for (int round = 1; round <= 3; round++) {
            long manager = machine.awaitManager();
            machine.run("kill -9 " + manager).succeeds();
            double killed = machine.began();
            machine.awaitThat("pgrep -x java | grep -qvx %d && { bh-status; [ $? != 69 ]; }".formatted(manager));
            Figures.add("manager killed -9 as init's child", 1, "it answers again", machine.now() - killed);
            assertThat(processes(machine)).isEqualTo(before);
        }
        machine.run("kill -9 " + before.getFirst()).succeeds();
        // How it ended is known to init alone, whose child it has become.
        machine.awaitJournal(mark, "db restarting: run ended");
        machine.awaitThat("[ \"$(bh-status db)\" = started ]");

        int end = machine.mark();
        machine.run("poweroff").succeeds();
        double off = machine.began();
        machine.awaitEnd();
        double cleaned = machine.awaitJournal(end, "post of db");
        Figures.add("`poweroff` with the manager as init's child", 1, "everything stopped, `post` run", cleaned - off);
        assertThat(machine.journal(end))
                .extracting(Machine.Entry::text)
                .filteredOn(line -> line.matches("web's trap|.* web stopped|db's trap|post of db|.*db started.*"))
                .extracting(line -> line.replaceFirst("^[0-9:]+ ", ""))
                .containsExactly("web's trap", "web stopped", "db's trap", "post of db");
    }

    /** As the first process it takes in orphans, is replaced under its services, and its end is the machine's. */
    @Test
    void asTheFirstProcessItReapsIsReplacedAndItsEndIsTheMachines() throws Exception {
        Machine machine = bootWithTheManagerFirst();
        machine.run("bh-start web").succeeds();
        assertThat(machine.run("cat /proc/1/comm").out().strip()).isEqualTo("java");

        machine.run("for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 0.$i &); done").succeeds();
        machine.awaitThat("! pgrep -x sleep -P 1 && ! grep -q '^State:.Z' /proc/[0-9]*/status");

        List<String> before = processes(machine);
        // As poweroff without -f does, which is for an init of its own kind.
        machine.run("kill -USR1 1; kill -USR2 1").succeeds();
        machine.run("bh upgrade").succeeds();
        double upgraded = machine.ended() - machine.began();
        Figures.add("`bh upgrade` of the first process", 1, "the new manager answers", upgraded);
        assertThat(processes(machine)).isEqualTo(before);
        int mark = machine.mark();
        machine.run("kill -9 " + before.getFirst()).succeeds();
        machine.awaitJournal(mark, "db started");
        machine.awaitThat("! grep -q '^State:.Z' /proc/[0-9]*/status");

        int end = machine.mark();
        machine.run("kill -TERM 1").succeeds();
        machine.awaitEnd();
        assertThat(machine.journal(end)).extracting(Machine.Entry::text).contains("web's trap", "post of db");
        assertThat(machine.console()).contains("Kernel panic").contains("Attempted to kill init");
    }

    /** As the first process it stops everything and stays, so that the power can go off. */
    @Test
    void asTheFirstProcessItLetsThePowerGoOffOnceAllIsStopped() {
        Machine machine = bootWithTheManagerFirst();
        machine.run("bh-start web").succeeds();
        int end = machine.mark();
        machine.run("(bh-stopall && sync && poweroff -f) >/dev/null 2>&1 &").succeeds();
        machine.awaitEnd();
        assertThat(machine.journal(end)).extracting(Machine.Entry::text).contains("web's trap", "post of db");
        assertThat(machine.console()).contains("Power down").doesNotContain("Kernel panic");
    }

    private Machine bootWithTheManagerFirst() {
        Machine machine = guest.word("guest.init=first").boot();
        machine.awaitThat("bh-status; [ $? != 69 ]");
        services(machine);
        return machine;
    }

    /** One that requires another, and both say how they end. */
    private static void services(Machine machine) {
        String trap = "trap 'echo \"%s'\\''s trap\" >" + Machine.JOURNAL + "; exit' TERM";
        String wait = "while :; do sleep 100000 & wait; done";
        machine.script("db", "run", trap.formatted("db"), wait)
                .script("db", "post", "echo 'post of db' >" + Machine.JOURNAL)
                .yaml("web", "requires: [db]", "autostart: true")
                .script("web", "run", trap.formatted("web"), wait);
    }

    /** Those of db and web. */
    private static List<String> processes(Machine machine) throws Exception {
        return machine.statuses("db", "web").findValuesAsText("pid");
    }
}
