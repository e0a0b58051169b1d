package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.testcontainers.utility.MountableFile;

/** Verifies the package for dpkg in a Debian without Bellhop: installed, upgraded under its services, removed, purged. */
@Timeout(900)
class PackageIT {

    private static final int SERVICES = 20;

    @RegisterExtension
    final Boxes boxes = new Boxes();

    /** Twenty services outlive an upgrade, end with a removal, and are still there after a purge. */
    @Test
    void servicesOutliveAnUpgradeAndTheirDirectoriesEvenAPurge() throws Exception {
        Box box = debian();
        for (int i = 1; i <= SERVICES; i++) {
            box.script("s" + i, "run", "exec sleep 86421");
        }
        box.start();
        makeNext(box, "");

        box.run("dpkg", "-i", "/first.deb").exits(0);
        startedByNobody(box);
        box.shell("bh enable $(seq -f s%g " + SERVICES + ")").exits(0);
        startByInit(box);
        for (int i = 1; i <= SERVICES; i++) {
            box.awaitState("s" + i, "started");
        }
        JsonNode before = box.statuses();
        assertThat(before.path(0).path("managerCache").asText()).isEqualTo("used");
        String manager = managerPid(box);
        isProgramOnDisk(box, manager);

        String said = box.run("dpkg", "-i", "/next.deb").exits(0).said();
        assertThat(said).doesNotContain("goes on as the old version");
        assertThat(managerPid(box)).isEqualTo(manager);
        isProgramOnDisk(box, manager);
        assertThat(box.run("bh", "--version").out()).isEqualTo("bh (Bellhop) 99.0\n");
        JsonNode after = box.statuses();
        assertThat(after).hasSize(SERVICES);
        for (int i = 0; i < SERVICES; i++) {
            assertThat(after.path(i).path("state").asText()).isEqualTo("started");
            assertThat(after.path(i).path("pid")).isEqualTo(before.path(i).path("pid"));
            assertThat(after.path(i).path("restarts").asInt()).isZero();
        }
        assertThat(after.path(0).path("managerCache").asText()).isEqualTo("used");

        said = box.run("dpkg", "-r", "bellhop").exits(0).said();
        assertThat(said).contains("all services and the manager are stopped").doesNotContain("/usr/lib/bellhop");
        box.shell("pgrep -f '[s]leep 86421'").exits(1);
        box.shell("pgrep -f '[b]ellhop.program'").exits(1);
        box.shell("[ ! -e /usr/lib/bellhop ] && [ -e /etc/bellhop/enabled/s1 ] && [ -d /var/log/bellhop ]")
                .exits(0);

        box.shell("echo 'mine' >/etc/bellhop/services.d/s1/notes").exits(0);
        box.run("dpkg", "-P", "bellhop").exits(0);
        assertThat(box.shell("cat /etc/bellhop/services.d/s1/notes /etc/bellhop/services.d/s20/run")
                        .out())
                .isEqualTo("mine\n#!/bin/sh\nexec sleep 86421\n");
        assertThat(box.shell("ls -d /etc/bellhop/* /var/log/bellhop /var/lib/bellhop /run/bellhop /usr/bin/bh*")
                        .out())
                .isEqualTo("/etc/bellhop/services.d\n");
    }

    /** A login would be stopped with the services, and dpkg with it; and a manager may not end. */
    @Test
    void aRemovalFromAServiceOrUnderAManagerThatStaysIsRefused() throws Exception {
        Box box = debian().script(
                        "login",
                        "run",
                        "env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg -r bellhop >/root/said 2>&1",
                        "mv /root/said /root/answer",
                        "exec sleep 86421")
                .file("/etc/bellhop/enabled/login", "");
        box.start();
        box.run("dpkg", "-i", "/first.deb").exits(0);
        startByInit(box);
        box.awaitThat("[ -e /root/answer ]");
        assertThat(box.shell("cat /root/answer").out()).contains("bellhop: this runs in a service of Bellhop, ");
        box.awaitState("login", "started");
        box.run("bh", "--version").succeeds();
        box.run("dpkg", "-r", "bellhop").exits(0);

        box.shell("sed -i /bellhop/d /etc/inittab && kill -HUP 1").exits(0);
        box.run("dpkg", "-i", "/first.deb").exits(0);
        box.shell(InstallIT.holdLock("/usr/lib/bellhop")).exits(0);
        assertThat(box.run("dpkg", "-r", "bellhop").exits(1).said()).contains("did not end within 60 s");
        box.run("bh", "--version").succeeds();
    }

    /** Nothing is removed under a service that does not end in time; its manager goes on. */
    @Test
    void aRemovalDoesNotWaitForEverForAService() throws Exception {
        Box box = debian().script("stubborn", "run", InstallIT.STUBBORN)
                .yaml("stubborn", "stop_grace_period: 10h")
                .script("quick", "run", "exec sleep 86421");
        box.start();
        makeNext(box, "sed -i 's/^stop_seconds=.*/stop_seconds=2/' next/DEBIAN/prerm");
        box.run("dpkg", "-i", "/next.deb").exits(0);
        startByInit(box);
        box.run("bh-start", "stubborn", "quick").succeeds();
        int pid = box.pid("stubborn");

        assertThat(box.run("dpkg", "-r", "bellhop").exits(1).err())
                .contains("bellhop: not all services were stopped within 2 s; still stopping: stubborn; nothing was"
                        + " removed; end them, and remove the package again\n");
        assertThat(box.run("bh-status", "stubborn").out()).isEqualTo("stopping\n");
        box.shell("kill -KILL " + pid).exits(0);
        box.awaitState("stubborn", "stopped");

        box.run("dpkg", "-r", "bellhop").exits(0);
        box.shell("[ ! -e /usr/lib/bellhop ]").exits(0);
    }

    /** Both have the same services, logs and enabled ones. */
    @Test
    void aPurgeLeavesWhatAnArchiveInstalledSinceHas() throws Exception {
        Box box = debian().withCopyFileToContainer(
                        MountableFile.forHostPath(Image.packed(".tar.gz")), "/bellhop.tar.gz")
                .script("s1", "run", "exec sleep 86421")
                .file("/etc/bellhop/enabled/s1", "");
        box.start();
        box.run("dpkg", "-i", "/first.deb").exits(0);
        box.run("dpkg", "-r", "bellhop").exits(0);
        box.shell(
                        "mkdir /first && tar -C /first --strip-components=1 -xzf /bellhop.tar.gz && /first/install",
                        "mkdir -p /var/log/bellhop")
                .exits(0);

        assertThat(box.run("dpkg", "-P", "bellhop").exits(0).said())
                .contains("bellhop: /usr/local/lib/bellhop/bin/bh uses the same logs");
        box.shell("[ -e /etc/bellhop/enabled/s1 ] && [ -d /var/log/bellhop ]").exits(0);

        box.shell("/usr/local/lib/bellhop/install --remove").exits(0);
        box.run("dpkg", "-i", "/first.deb").exits(0);
        box.shell(InstallIT.holdLock("/elsewhere")).exits(0);
        assertThat(box.run("dpkg", "-P", "bellhop").exits(0).said()).contains("bellhop: a manager is running");
        box.shell("[ -e /etc/bellhop/enabled/s1 ] && [ -d /var/log/bellhop ]").exits(0);
    }

    /** A manager whose files are replaced reads none of the new ones, until it is replaced by them. */
    @Test
    void aManagerUnderWhichFilesAreReplacedGoesOnWithItsOwn() throws Exception {
        Box box = debian().script("s1", "run", "ls -l /proc/$PPID/fd >/root/open", "exec sleep 86421")
                .file("/etc/bellhop/enabled/s1", "");
        box.start();
        makeNext(box, """
                echo 'no jar' >next/usr/lib/bellhop/lib/picocli.jar
                echo 'no jar' >next/usr/lib/bellhop/lib/snakeyaml-engine.jar
                """);
        box.run("dpkg", "-i", "/first.deb").exits(0);
        startByInit(box);
        box.awaitState("s1", "started");
        int pid = box.pid("s1");
        assertThat(box.shell(
                                "grep -o '/lib/[a-z-]*.jar' /root/open; ls -d /usr/lib/bellhop/lib/*.jar | sed 's|.*/lib|/lib|'")
                        .out()
                        .lines())
                .as("the jars are open before the first service runs, so each is named twice")
                .isNotEmpty()
                .satisfies(PackageIT::areAllTwice);
        String manager = managerPid(box);

        box.run("dpkg", "--unpack", "/next.deb").exits(0);
        box.shell(
                        "mkdir /etc/bellhop/services.d/late /etc/bellhop/services.d/plugged",
                        "echo 'command: [sleep, \"86421\"]' >/etc/bellhop/services.d/late/service.yaml",
                        "printf 'command: [sleep, \"86421\"]\\ntriggers: {wifi: {interfaces: \"*\"}}\\n'"
                                + " >/etc/bellhop/services.d/plugged/service.yaml")
                .exits(0);
        // YAML, and words that only picocli understands: both are new to this manager.
        box.run("bh-start", "late").exits(0);
        box.run("bh", "list", "--long").exits(0);
        assertThat(box.run("bh", "plugins").said())
                .contains("is of another build than the running manager", "run: bh upgrade");
        assertThat(box.run("dpkg", "--configure", "bellhop").exits(0).said())
                .as("such jars fail the trial")
                .contains("goes on as the old version");
        assertThat(managerPid(box)).isEqualTo(manager);
        assertThat(box.pid("s1")).isEqualTo(pid);

        makeNext(box, "");
        box.run("dpkg", "-i", "/next.deb").exits(0);
        assertThat(box.run("bh", "plugins").exits(0).said()).doesNotContain("another build");
        assertThat(managerPid(box)).isEqualTo(manager);
        assertThat(box.pid("s1")).isEqualTo(pid);
    }

    private static void areAllTwice(List<? extends String> names) {
        assertThat(names.stream().distinct()).allMatch(name -> Collections.frequency(names, name) == 2);
    }

    private Box debian() throws IOException {
        return boxes.plainBox("busybox", "init")
                .file("/etc/inittab", "::sysinit:/bin/true\n")
                .withCopyFileToContainer(MountableFile.forHostPath(Image.packed(".deb")), "/first.deb");
    }

    /**
     * Makes another build of the package {@code /first.deb}, as {@code /next.deb}: another version, and what a shell
     * changes in its files.
     */
    static void makeNext(Box box, String change) {
        box.shell(
                        "set -e",
                        "rm -rf /next && dpkg-deb -R /first.deb /next && cd /",
                        "sed -i 's/^Version: .*/Version: 99.0/' next/DEBIAN/control",
                        "sed -i \"s/(Bellhop) .*\\\"/(Bellhop) 99.0\\\"/\" next/usr/lib/bellhop/bin/bh",
                        change,
                        "dpkg-deb -Zgzip -z1 -b next next.deb",
                        "rm -r next")
                .exits(0);
    }

    private static void startedByNobody(Box box) {
        box.run("bh-status").exits(69);
        assertThat(box.shell(
                                "getent group bellhop | cut -d: -f1",
                                "find /etc -name '*bellhop*'",
                                "cd / && grep ' usr/lib/' /var/lib/dpkg/info/bellhop.md5sums | md5sum -c --quiet")
                        .exits(0)
                        .out())
                .isEqualTo("bellhop\n/etc/bellhop\n");
    }

    /** By the lines of the package's example. */
    private static void startByInit(Box box) {
        box.shell("cat /usr/lib/bellhop/share/init/inittab >>/etc/inittab && kill -HUP 1")
                .exits(0);
        box.awaitManager();
    }

    private static String managerPid(Box box) {
        Outcome found = box.run("pgrep", "-f", "bellhop.program.Bh run");
        assertThat(found.out().lines()).as(found.toString()).hasSize(1);
        return found.out().strip();
    }

    /** Not one of the same name that is no longer there. */
    private static void isProgramOnDisk(Box box, String manager) {
        box.shell("[ /proc/" + manager + "/exe -ef /usr/lib/bellhop/runtime/bin/java ]")
                .exits(0);
    }
}
