package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.testcontainers.utility.MountableFile;

/** Verifies {@code install} of the archive, with no other programs than those of busybox, and as an ordinary user. */
@Timeout(900)
class InstallIT {
    private static final String HOME = "/usr/local/lib/bellhop";

    @RegisterExtension
    final Boxes boxes = new Boxes();

    /** Services outlive that another image is put in the place of theirs, and end with the removal. */
    @Test
    void anImageIsPutInThePlaceOfAnotherUnderItsServices() throws Exception {
        Box box = busybox()
                .script("s1", "run", "exec sleep 86421")
                .script("s2", "run", "exec sleep 86421")
                .file("/etc/bellhop/enabled/s1", "")
                .file("/etc/bellhop/enabled/s2", "");
        box.start();
        unpack(box);

        busybox(box, "/first/install").exits(0);
        box.run("bh-status").exits(69);
        box.shell("cat " + HOME + "/share/init/inittab >>/etc/inittab && kill -HUP 1")
                .exits(0);
        box.awaitManager();
        box.awaitState("s1", "started");
        box.awaitState("s2", "started");
        int first = box.pid("s1");
        int second = box.pid("s2");
        assertThat(box.run("bh", "status", "--json", "s1").out()).contains("\"managerCache\":\"used\"");
        assertThat(box.run("bh", "plugins").exits(0).out()).contains("wifi  " + HOME + "/plugins/");
        String manager = box.run("pgrep", "-f", "bellhop.program.Bh run").out();

        busybox(box, "/next/install").exits(0);
        assertThat(box.run("bh", "--version").out()).isEqualTo("bh (Bellhop) 99.0\n");
        assertThat(box.run("pgrep", "-f", "bellhop.program.Bh run").out()).isEqualTo(manager);
        box.shell("[ /proc/" + manager.strip() + "/exe -ef " + HOME + "/runtime/bin/java ]")
                .exits(0);
        assertThat(box.run("bh", "status", "--json", "s1").out()).contains("\"managerCache\":\"used\"");
        assertThat(box.pid("s1")).isEqualTo(first);
        assertThat(box.pid("s2")).isEqualTo(second);
        assertThat(box.shell("ls -d " + HOME + "-*").out().lines())
                .as("the first image is gone")
                .hasSize(1)
                .allMatch(line -> line.contains("bellhop-99.0."));

        assertThat(busybox(box, HOME + "/install --remove").exits(0).said()).contains("the manager are stopped");
        box.shell("pgrep -f '[s]leep 86421|[b]ellhop.program'").exits(1);
        assertThat(box.shell("find /usr/local ! -type d; ls /usr/local/lib /etc/bellhop")
                        .out())
                .as("what is left")
                .doesNotContain("bh")
                .endsWith("/etc/bellhop:\nenabled\nservices.d\n\n/usr/local/lib:\n");
    }

    /** Also from the directory of a removal, and over what one that was killed has left; copies by hand stay. */
    @Test
    void pluginsAndServicesOfOthersOutliveUpgradesAndTheRemoval() throws Exception {
        Box box = busybox();
        box.start();
        unpack(box);
        busybox(box, "/first/install --prefix /usr").exits(0);
        String kept = "cd /usr/lib/bellhop && cat plugins/mine.jar plugins/bellhop-plugin-mine.jar services.d/s1/run";
        String home = "/usr/lib/bellhop";
        box.shell(
                        "set -e",
                        "cd " + home,
                        "echo 'a jar' >plugins/mine.jar",
                        "echo 'another' >plugins/bellhop-plugin-mine.jar",
                        "mkdir -p services.d/s1",
                        "echo '#!/bin/sh' >services.d/s1/run",
                        "chmod 755 services.d/s1/run",
                        "cp -a /usr/lib/bellhop/. ../bellhop-copy.byhand")
                .exits(0);

        busybox(box, "/next/install --prefix /usr").exits(0);
        assertThat(box.shell(kept).out()).isEqualTo("a jar\nanother\n#!/bin/sh\n");
        box.shell("[ -x " + home + "/services.d/s1/run ] && [ -x /usr/lib/bellhop-copy.byhand/bin/bh ]")
                .exits(0);
        assertThat(busybox(box, home + "/install --prefix /usr --remove")
                        .exits(0)
                        .err())
                .contains("these are not Bellhop's and stay: ", home + "/plugins/mine.jar", home + "/services.d/s1");
        assertThat(box.shell(kept).out()).isEqualTo("a jar\nanother\n#!/bin/sh\n");
        assertThat(box.shell("ls /usr/lib/bellhop/plugins; ls -d /usr/lib/bellhop*")
                        .out())
                .isEqualTo("bellhop-plugin-mine.jar\nmine.jar\n/usr/lib/bellhop\n/usr/lib/bellhop-copy.byhand\n");

        busybox(box, "/first/install --prefix /usr").exits(0);
        box.shell("mv -T " + home + " " + home + ".removed").exits(0);
        busybox(box, "/next/install --prefix /usr").exits(0);
        assertThat(box.shell(kept).out()).isEqualTo("a jar\nanother\n#!/bin/sh\n");
        box.shell("mv -T " + home + " " + home + ".removed").exits(0);
        busybox(box, "/next/install --prefix /usr --remove").exits(0);
        assertThat(box.shell(kept).out()).isEqualTo("a jar\nanother\n#!/bin/sh\n");
        assertThat(box.shell("ls -d /usr/lib/bellhop*").out())
                .isEqualTo("/usr/lib/bellhop\n/usr/lib/bellhop-copy.byhand\n");
    }

    /** A login would be stopped with the services, and the removal with it. */
    @Test
    void aRemovalFromAServiceIsRefusedAndOneThatWaitsInVainUndone() throws Exception {
        Box box = busybox()
                .script(
                        "login",
                        "run",
                        "env -i PATH=/busybox /busybox/sh " + HOME + "/install --remove >/root/said 2>&1",
                        "echo \"status $?\" >>/root/said",
                        "mv /root/said /root/answer",
                        "exec sleep 86421")
                .file("/etc/bellhop/enabled/login", "");
        box.start();
        unpack(box);
        busybox(box, "/first/install").exits(0);
        box.shell("cat " + HOME + "/share/init/inittab >>/etc/inittab && kill -HUP 1")
                .exits(0);
        box.awaitThat("[ -e /root/answer ]");
        assertThat(box.shell("cat /root/answer").out())
                .startsWith("install: this runs in a service of Bellhop, ")
                .endsWith("\nstatus 1\n");
        box.awaitState("login", "started");
        busybox(box, HOME + "/install --remove").exits(0);

        box.shell("sed -i /bellhop/d /etc/inittab && kill -HUP 1").exits(0);
        busybox(box, "/first/install").exits(0);
        box.shell(holdLock(HOME)).exits(0);
        assertThat(busybox(box, "/first/install --remove").exits(1).err())
                .contains("did not end within 60 s; nothing was removed");
        box.run(HOME + "/bin/bh", "--version").succeeds();
    }

    /** The {@code run} of a service that ends at no TERM. */
    static final String STUBBORN = "trap '' TERM; while :; do sleep 1; done";

    @Test
    void aRemovalDoesNotWaitForEverForAService() throws Exception {
        Box box = busybox().script("stubborn", "run", STUBBORN).yaml("stubborn", "stop_grace_period: 10h");
        box.start();
        unpack(box);
        box.shell("sed -i 's/^stop_seconds=.*/stop_seconds=2/' /first/install").exits(0);
        busybox(box, "/first/install").exits(0);
        box.shell("cat " + HOME + "/share/init/inittab >>/etc/inittab && kill -HUP 1")
                .exits(0);
        box.awaitManager();
        box.run("bh-start", "stubborn").succeeds();
        int pid = box.pid("stubborn");

        assertThat(busybox(box, HOME + "/install --remove").exits(1).err())
                .contains("install: not all services were stopped within 2 s; still stopping: stubborn; nothing was"
                        + " removed; end them, and try again\n");
        box.run("bh", "--version").succeeds();
        box.shell("kill -KILL " + pid).exits(0);
        box.awaitState("stubborn", "stopped");

        busybox(box, HOME + "/install --remove").exits(0);
    }

    /** What has the lock of the system's manager open, and ends at no TERM. */
    static String[] holdLock(String home) {
        return new String[] {
            "mkdir -p /run/bellhop && mkfifo /root/never",
            "setsid sh -c 'trap \"\" TERM; exec 9>>/run/bellhop/lock; flock 9; >/root/held; read -r _ </root/never' x"
                    + " -Dbellhop.home=" + home + " >/dev/null 2>&1 </dev/null &",
            "until [ -e /root/held ]; do sleep 0.1; done"
        };
    }

    /** What is not Bellhop's is not replaced, and nothing is half-installed. */
    @Test
    void aFileOfAnotherProgramIsLeftAloneAndNothingIsInstalled() throws Exception {
        Box box = busybox().file("/usr/local/bin/connect", "another program\n");
        box.start();
        unpack(box);

        assertThat(busybox(box, "/first/install").exits(1).err())
                .isEqualTo("install: /usr/local/bin/connect is there already and not Bellhop's; move it away, or choose"
                        + " another --prefix\n");
        box.shell("find /usr/local -name '*b[eh]*'").isSilent(0);
        box.run("/first/install", "--prefix", "opt").exits(64);
        box.run("/first/install", "--remove").exits(1);
        box.run("/first/install", "--prefix", "/opt").exits(0);
        box.run("/opt/bin/connect", "--version").succeeds();
        box.run("/opt/lib/bellhop/install", "--prefix", "/opt", "--remove").exits(0);
        assertThat(box.shell("find /opt ! -type d").out()).isEmpty();
    }

    /** The package would be written into the directory that the link leads to. */
    @Test
    void whereTheArchiveIsInstalledThePackageIsRefused() throws Exception {
        Box box = busybox().withCopyFileToContainer(MountableFile.forHostPath(Image.packed(".deb")), "/bellhop.deb");
        box.start();
        unpack(box);
        box.run("/first/install", "--prefix", "/usr").exits(0);

        assertThat(box.run("dpkg", "-i", "/bellhop.deb").exits(1).err())
                .contains("remove it first, with: /usr/lib/bellhop/install --prefix /usr --remove");
        box.run("bh", "--version").succeeds();

        box.run("/usr/lib/bellhop/install", "--prefix", "/usr", "--remove").exits(0);
        box.run("dpkg", "-i", "/bellhop.deb").exits(0);
        box.run("bh", "--version").succeeds();
        assertThat(box.run("/first/install", "--prefix", "/usr").exits(1).err())
                .isEqualTo("install: /usr/lib/bellhop belongs to the package bellhop; use dpkg\n");
    }

    /** A copy, as it was the only way before, becomes a link under its manager; so does an ordinary user's. */
    @Test
    void anOrdinaryUsersCopyIsReplacedUnderHisManager() throws Exception {
        Box box = busybox();
        box.start();
        unpack(box);
        box.shell("adduser --disabled-password --gecos '' jim 2>/dev/null || useradd -m jim")
                .exits(0);
        asJim(
                box,
                "mkdir -p ~/.local/lib ~/.config/bellhop/services.d/s1",
                "cp -pR /first ~/.local/lib/bellhop",
                "printf '#!/bin/sh\\nexec sleep 86421\\n' >~/.config/bellhop/services.d/s1/run",
                "chmod +x ~/.config/bellhop/services.d/s1/run",
                "setsid ~/.local/lib/bellhop/bin/bh run >/dev/null 2>&1 </dev/null &");
        box.awaitThat("setpriv --reuid jim --clear-groups env -i HOME=/home/jim /first/bin/bh-start s1");
        String pid = box.run("pgrep", "-f", "sleep 86421").out();

        asJim(box, "/next/install --prefix ~/.local");
        asJim(
                box,
                "[ -L ~/.local/lib/bellhop ]",
                "[ \"$(~/.local/bin/bh-status s1)\" = started ]",
                "[ /proc/$(pgrep -f '[b]ellhop.program.Bh run')/exe -ef ~/.local/lib/bellhop/runtime/bin/java ]");
        assertThat(box.run("pgrep", "-f", "sleep 86421").out()).isEqualTo(pid);
        asJim(box, "~/.local/lib/bellhop/install --prefix ~/.local --remove");
        box.shell("pgrep -f '[s]leep 86421|[b]ellhop.program'").exits(1);
    }

    private static void asJim(Box box, String... lines) {
        List<String> words = new ArrayList<>(
                List.of("setpriv", "--reuid", "jim", "--regid", "jim", "--init-groups", "env", "-i", "HOME=/home/jim"));
        words.addAll(List.of("PATH=/usr/bin:/bin", "sh", "-e", "-c", "cd; " + String.join("\n", lines)));
        box.run(words.toArray(String[]::new)).exits(0);
    }

    private Box busybox() throws Exception {
        return boxes.plainBox("busybox", "init")
                .file("/etc/inittab", "::sysinit:/bin/true\n")
                .withCopyFileToContainer(MountableFile.forHostPath(Image.packed(".tar.gz")), "/bellhop.tar.gz");
    }

    /** The archive, and another one like it but for the version. */
    private static void unpack(Box box) {
        box.shell(
                        "set -e",
                        "for name in first next; do",
                        "mkdir /$name && tar -C /$name --strip-components=1 -xzf /bellhop.tar.gz",
                        "done",
                        "sed -i \"s/(Bellhop) .*\\\"/(Bellhop) 99.0\\\"/\" /next/bin/bh",
                        "mkdir /busybox && busybox --install -s /busybox")
                .exits(0);
    }

    private static bellhop.Outcome busybox(Box box, String command) {
        return box.run("env", "-i", "PATH=/busybox", "/busybox/sh", "-c", "exec sh " + command);
    }
}
