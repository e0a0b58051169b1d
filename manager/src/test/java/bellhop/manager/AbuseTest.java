package bellhop.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.Await;
import bellhop.Outcome;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Self;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies that whatever one service does to itself and to what is its own, others do not notice. */
@Timeout(240)
class AbuseTest {

    /** Nobody else's, so that its limit of processes counts those of the test alone. */
    private static final String USER = "61234";

    private ManagerProcess manager;

    @BeforeEach
    void startGoodService() throws Exception {
        manager = new ManagerProcess();
        manager.script("good", "run", "while echo tick; do sleep .1; done").yaml("good", "restart: \"no\"");
    }

    @AfterEach
    void close() throws Exception {
        manager.close();
    }

    private void startBoth(String bad) throws Exception {
        manager.start().ask("start", "good", bad).succeeds();
    }

    /** The good one is still the process that it was, is heard, and can be asked for; the bad one can be stopped. */
    private void othersDoNotNotice(int good, String bad) throws Exception {
        long ticks = ticks();
        manager.await("the good one is heard", () -> ticks() > ticks);
        assertThat(manager.state("good")).isEqualTo("started");
        assertThat(manager.pid("good")).isEqualTo(good);
        manager.ask("stop", bad).succeeds();
        assertThat(manager.state("good")).isEqualTo("started");
        assertThat(manager.pid("good")).isEqualTo(good);
        assertThat(manager.processes())
                .as("nothing of %s is left", bad)
                .allMatch(task -> belongsToGood(task, good), "is good's");
    }

    private static boolean belongsToGood(Proc.Task task, int good) {
        return task.session() == good;
    }

    private long ticks() throws IOException {
        return Files.exists(manager.log("good")) ? Files.size(manager.log("good")) : 0;
    }

    private static void needs(String program) {
        assumeTrue(Files.isExecutable(Path.of(program)), "SKIPPED: there is no " + program + " here");
    }

    private static void needsRoot() {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can start a service as another user");
    }

    @Test
    void forkBombWithAProcessLimitIsStopped() throws Exception {
        needsRoot();
        needs("/usr/bin/perl");
        // Half of them leave the session.
        manager.script(
                        "bomb",
                        "run",
                        "exec perl -MPOSIX -e 'while (1) { my $child = fork; POSIX::setsid() if defined $child && !$child"
                                + " && rand() < 0.5; select(undef, undef, undef, 0.005) }'")
                .yaml(
                        "bomb",
                        "user: \"" + USER + "\"",
                        "group: \"" + USER + "\"",
                        "ulimits: {nproc: 120}",
                        "nice: 10",
                        "restart: \"no\"",
                        "stop_grace_period: 500ms",
                        "log: {to: none}");
        startBoth("bomb");
        int good = manager.pid("good");
        Await.until("the bomb goes off", () -> bombs() >= 50);

        othersDoNotNotice(good, "bomb");
        assertThat(bombs()).isZero();
    }

    private static long bombs() throws IOException {
        return Proc.census().stream()
                .filter(task -> !task.isDead() && isOfUser(task.pid()))
                .count();
    }

    private static boolean isOfUser(int pid) {
        try {
            return Files.getAttribute(Path.of("/proc/" + pid), "unix:uid").equals(Integer.parseInt(USER));
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void floodOfItsLogDrownsNobody() throws Exception {
        manager.script("flood", "run", "exec yes flood").yaml("flood", "log: {max_size: 64KiB, keep: 2}");
        startBoth("flood");
        manager.awaitFile(manager.log("flood").resolveSibling("current.2"));

        othersDoNotNotice(manager.pid("good"), "flood");

        long size = 0;
        try (Stream<Path> files = Files.list(manager.log("flood").getParent())) {
            for (Path file : files.toList()) {
                size += Files.size(file);
            }
        }
        assertThat(size).isLessThanOrEqualTo(6 * 128 * 1024);
    }

    @Test
    void whoClosesItsOutputGoesOn() throws Exception {
        manager.script("mute", "run", "echo last words", "exec >&- 2>&-", "touch ../../closed", "exec sleep 1000");
        startBoth("mute");
        manager.awaitFile(manager.root().resolve("closed"));
        manager.awaitText(manager.log("mute"), "last words");

        othersDoNotNotice(manager.pid("good"), "mute");
    }

    @Test
    void whoReapsNobodyLeavesNoZombies() throws Exception {
        needs("/usr/bin/perl");
        manager.script(
                "undertaker",
                "run",
                "exec perl -e 'for (1..50) { fork or exit } open F, \">../../forked\"; close F; sleep 1000'");
        startBoth("undertaker");
        manager.awaitFile(manager.root().resolve("forked"));

        othersDoNotNotice(manager.pid("good"), "undertaker");
        manager.await("the zombies are reaped", () -> !hasZombies());
    }

    /** They are reaped soon after a signal has told of them, which may be after the stop is over. */
    private boolean hasZombies() throws PosixException {
        return Proc.census().stream()
                .anyMatch(task ->
                        task.isDead() && task.ppid() == manager.process().pid());
    }

    /** The number of ptrace(2) on this machine. */
    private static int ptrace() {
        return System.getProperty("os.arch").equals("amd64") ? 101 : 117;
    }

    @Test
    void whoAsksItsParentToTraceItIsStopped() throws Exception {
        needs("/usr/bin/perl");
        manager.script(
                        "traced",
                        "run",
                        "renice -n 19 $$ >/dev/null",
                        "exec perl -e 'syscall(" + ptrace()
                                + ", 0, 0, 0, 0) == 0 or die $!; open F, \">../../traced\"; close F; sleep 1000'")
                .yaml("traced", "stop_grace_period: 500ms");
        startBoth("traced");
        manager.awaitFile(manager.root().resolve("traced"));

        othersDoNotNotice(manager.pid("good"), "traced");
    }

    @Test
    void whoIsTracedByItsOwnChildIsStoppedThoughItsEndIsHidden() throws Exception {
        needsRoot();
        needs("/usr/bin/perl");
        // The child leaves the session and keeps the end of its parent to itself.
        manager.script(
                        "hidden",
                        "run",
                        "exec perl -MPOSIX -e 'my $run = $$; if (fork) { sleep 1 until -e \"../../go\"; exit 3 }"
                                + " POSIX::setsid(); syscall(" + ptrace() + ", 0x4206, $run, 0, 0) == 0 or die $!;"
                                + " $SIG{TERM} = \"IGNORE\"; open F, \">../../hidden\"; close F; sleep 1000'")
                .yaml("hidden", "stop_grace_period: 500ms", "restart: \"no\"");
        startBoth("hidden");
        int pid = manager.pid("hidden");
        manager.awaitFile(manager.root().resolve("hidden"));
        Files.createFile(manager.root().resolve("go"));
        Await.until(
                "run has ended",
                () -> Proc.task(pid).filter(task -> !task.isDead()).isEmpty());

        othersDoNotNotice(manager.pid("good"), "hidden");
    }

    @Test
    void aProbeWhoseEndIsHiddenByWhatItStartedIsNotWaitedFor() throws Exception {
        needsRoot();
        needs("/usr/bin/perl");
        String probe = "my $probe = $$; if (fork) { sleep 1 until -e \"../../probed\"; exit 0 } POSIX::setsid();"
                + " syscall(" + ptrace() + ", 0x4206, $probe, 0, 0) == 0 or die $!;"
                + " open F, \">../../probed\"; close F; sleep 1000";
        manager.script("probed", "run", "exec sleep 1000")
                .script("probed", "probe", "exec perl -MPOSIX -e '" + probe + "'")
                .yaml("probed", "healthcheck: {test: [CMD, ./probe], interval: 100ms, timeout: 100s, retries: 1}");
        startBoth("probed");

        manager.awaitStatus("probed", "health", "healthy");

        othersDoNotNotice(manager.pid("good"), "probed");
    }

    @Test
    void whoScribblesInItsPlaceInTheRunDirHarmsItselfAlone() throws Exception {
        manager.asOrdinaryUser()
                .script(
                        "vandal",
                        "run",
                        "cd \"$BELLHOP_RUNDIR/vandal\" || exit 1",
                        "rm -f socket log.run",
                        "ln -s /etc/passwd state.new",
                        "for f in state require record .record.next .state.next; do rm -rf $f; mkdir $f; done",
                        "ln -s /etc/passwd state/link",
                        "touch ../../done",
                        "exec sleep 1000")
                .yaml("vandal", "control_socket: true");
        startBoth("vandal");
        int good = manager.pid("good");
        manager.awaitFile(manager.root().resolve("done"));

        long ticks = ticks();
        manager.await("the good one is heard", () -> ticks() > ticks);
        Outcome stop = manager.ask("stop", "vandal");
        assertThat(stop.err()).doesNotContain("internal error");
        assertThat(manager.pid("good")).isEqualTo(good);
        manager.ask("stop", "good").succeeds();
        manager.ask("start", "good").succeeds();
        Path own = manager.runDir().path().resolve("vandal");
        removeTree(own);
    }

    @Test
    void whoScribblesAsAnotherUserReachesNothing() throws Exception {
        needsRoot();
        needs("/usr/bin/systemd-notify");
        Path target = Files.writeString(manager.root().resolve("target"), "of root\n");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
        manager.script(
                        "vandal",
                        "run",
                        "systemd-notify --ready",
                        "exec 2>/dev/null",
                        "cd \"$BELLHOP_RUNDIR\" || exit 1",
                        "for f in . control control.sock alive reply vandal vandal/* good good/*; do",
                        "  chmod 777 $f; mv $f $f.moved; rm -f $f; ln -sfn " + target + " $f/link; ln -sf " + target
                                + " $f",
                        "done",
                        "echo junk > vandal/record; echo junk > good/state; echo stop good > control; mkfifo reply/1",
                        "cd vandal/notify && rm -f socket && ln -s " + target + " socket && mkdir d",
                        "ln -s ../../good d/link; echo vandalized",
                        "exec sleep 1000")
                .yaml(
                        "vandal",
                        "user: \"" + USER + "\"",
                        "group: \"" + USER + "\"",
                        "ready: {notify: true}",
                        "control_socket: true");
        startBoth("vandal");
        manager.awaitText(manager.log("vandal"), "vandalized");

        assertThat(placesOfOthers(manager.runDir().path()))
                .as("what is at another place, or may be changed by others")
                .isEmpty();
        othersDoNotNotice(manager.pid("good"), "vandal");
        assertThat(target).hasContent("of root");
        assertThat(Files.getPosixFilePermissions(target)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(manager.runDir().path().resolve("vandal/notify/d/link")).isSymbolicLink();

        manager.kill();
        manager.start();
        manager.ask("start", "vandal").succeeds();
        othersDoNotNotice(manager.pid("good"), "vandal");
        assertThat(Files.getPosixFilePermissions(target)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        removeTree(manager.runDir().path().resolve("vandal")); // what its user has put there they may keep
    }

    /** Links, what is not root's, and what somebody else may write to, but for what is a service's own. */
    private static List<String> placesOfOthers(Path runDir) throws IOException {
        List<String> places = new ArrayList<>();
        try (Stream<Path> files = Files.walk(runDir)) {
            for (Path file : files.toList()) {
                Path place = runDir.relativize(file);
                int uid = (int) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
                int mode = (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
                boolean isItsOwn = place.startsWith("vandal/notify") || place.equals(Path.of("vandal/log.run"));
                if (!isItsOwn && (uid != 0 || (mode & 02) != 0)) {
                    places.add(place + " " + uid + " " + Integer.toOctalString(mode));
                }
            }
        }
        return places;
    }

    private static void removeTree(Path tree) throws IOException {
        if (!Files.exists(tree, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void whoRemovesItsControlSocketCanBeStoppedAllTheSame() throws Exception {
        manager.asOrdinaryUser()
                .script(
                        "unlinked",
                        "run",
                        "[ -e ../../done ] || until rm \"$BELLHOP_RUNDIR/unlinked/socket\" 2>/dev/null; do sleep .1; done",
                        "touch ../../done",
                        "exec sleep 1000")
                .yaml("unlinked", "control_socket: true");
        startBoth("unlinked");
        manager.awaitFile(manager.root().resolve("done"));

        othersDoNotNotice(manager.pid("good"), "unlinked");
        manager.ask("start", "unlinked").succeeds();
        manager.awaitFile(manager.runDir().path().resolve("unlinked/socket"));
    }
}
