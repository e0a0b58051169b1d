package bellhop.vm;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Verifies what a machine finds on its disk after its power was cut, with records and logs on that disk. */
@Timeout(1200)
class PowerCutIT {

    private static final int SERVICES = 5;

    @TempDir
    Path home;

    @RegisterExtension
    final Guest guest = new Guest();

    /**
     * Cut while services start, and again while they write and restart, right after one was enabled and another disabled;
     * nothing is half.
     */
    @Test
    void theNextBootStartsEverythingAndNothingIsHalf() throws Exception {
        guest.disk(disk());
        Machine first = boot();
        services(first);
        first.run("bh enable unwanted && sync").succeeds();
        int mark = first.mark();
        run(first);
        first.awaitJournal(mark, "s3 starting");
        first.close();

        Machine second = boot();
        whatIsFoundIsWhole(second);
        // The disk has what was written some seconds ago, and not what came after.
        second.awaitThat("[ $(grep -c tick /var/log/bellhop/s1/current) -ge 4 ]");
        second.run("bh restart s2 s4", "bh enable wanted", "bh disable unwanted")
                .succeeds();
        second.close();

        Machine third = boot();
        whatIsFoundIsWhole(third);
        assertThat(third.run("bh-status wanted; bh-status unwanted").out()).isEqualTo("started\nstopped\n");
    }

    /** What begins after a cut: a manager that knows nothing of the boot before, and says nothing of it. */
    private static void whatIsFoundIsWhole(Machine machine) {
        machine.run("! pgrep -x java").succeeds();
        Outcome onDisk = machine.run(
                "ls -la /run/bellhop /run/bellhop/s* /etc/bellhop/enabled /var/log/bellhop/s*; cat /run/bellhop/lock");
        int mark = machine.mark();
        run(machine);
        double began = machine.began();
        for (int i = 1; i <= SERVICES; i++) {
            machine.awaitJournal(mark, "s" + i + " started");
        }
        machine.awaitThat("bh-status; [ $? != 69 ]");
        Figures.add(
                "power cut, and the next boot",
                1,
                SERVICES + " services with `autostart` started",
                machine.now() - began);
        assertThat(machine.journal(mark))
                .as("%s", onDisk.out())
                .extracting(Machine.Entry::text)
                .noneMatch(line -> line.contains("adopted") || line.contains("warning"));
        for (int i = 1; i <= SERVICES; i++) {
            String log =
                    machine.run("bh logs s" + i + " | tr '\\0' '@'").succeeds().out();
            // What was cut off within a line ends there, or the file system has zeros for what it had no time to write.
            assertThat(log.lines())
                    .allMatch(line -> line.matches("[-0-9T:.]*Z?( (t(i(c(k( [0-9]*)?)?)?)?|b(e(g(in?)?)?)?)?)?@*"));
        }
    }

    private Machine boot() {
        Machine machine = guest.boot();
        machine.run(
                        "mount -o commit=1 /dev/vda /mnt",
                        "for place in /run/bellhop /var/log/bellhop /etc/bellhop; do",
                        "mkdir -p $place /mnt/$place && mount --bind /mnt/$place $place || exit",
                        "done")
                .succeeds();
        return machine;
    }

    private static void run(Machine machine) {
        machine.run("setsid bh run >" + Machine.JOURNAL + " 2>&1 &").succeeds();
    }

    private static void services(Machine machine) {
        machine.run(
                        "mkdir -p /etc/bellhop/services.d && cd /etc/bellhop/services.d",
                        "for i in $(seq " + SERVICES + ") wanted unwanted; do",
                        "case $i in *wanted) name=$i ;; *) name=s$i ;; esac",
                        "mkdir $name",
                        "cat >$name/run <<'END'",
                        "#!/bin/sh",
                        "i=0; echo begin",
                        "while :; do i=$((i + 1)); echo tick $i; sleep 2; done",
                        "END",
                        "chmod 755 $name/run",
                        "[ $name = $i ] || echo 'autostart: true' >$name/service.yaml",
                        "done")
                .succeeds();
    }

    private Path disk() throws IOException, InterruptedException {
        Path image = home.resolve("disk");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(64 << 20);
        }
        ProcessBuilder mke2fs = new ProcessBuilder(List.of("mke2fs", "-q", "-t", "ext4", image.toString())).inheritIO();
        mke2fs.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
        Process made = mke2fs.start();
        assertThat(made.waitFor(1, TimeUnit.MINUTES) && made.exitValue() == 0).isTrue();
        return image;
    }
}
