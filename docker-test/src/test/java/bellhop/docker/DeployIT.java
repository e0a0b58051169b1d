package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Capability;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Verifies the lines of {@code docs/deploy.md} that have an init start Bellhop, or a user, by executing them. */
@Timeout(600)
class DeployIT {

    private static final String SERVICE_OF_JIM = """
            mkdir -p ~/.config/bellhop/services.d/s1 ~/.config/bellhop/enabled
            printf '#!/bin/sh\\nexec sleep 86421\\n' >~/.config/bellhop/services.d/s1/run
            chmod +x ~/.config/bellhop/services.d/s1/run
            : >~/.config/bellhop/enabled/s1
            """;

    @RegisterExtension
    final Boxes boxes = new Boxes();

    @Test
    void busyboxInitStartsItAndTheExampleHasTheSameLines() throws Exception {
        Box box = system("exec busybox init").file("/etc/inittab", "::sysinit:/bin/true\n");
        box.start();
        String lines = Guide.lines("### busybox init");

        box.run("sh", "-c", "printf %s \"$1\" >>/etc/inittab; kill -HUP 1", "sh", lines)
                .exits(0);

        isStartedAndTakenOver(box);
        assertThat(box.shell("grep '^::' /usr/lib/bellhop/share/init/inittab").out())
                .isEqualTo(lines);
    }

    /** Its own line has the logs in the tmpfs; with the other one a service with a log is not started. */
    @Test
    void aReadOnlyRootNeedsAPlaceForLogs() throws Exception {
        String line = Guide.lines("## A read-only root");
        Box box = onReadOnlyRoot(line);
        box.start();

        isStartedAndTakenOver(box);
        box.shell("touch /root/new").exits(1);
        box.awaitThat("grep 'at work' /run/log/bellhop/talker/current");
        assertThat(box.run("bh", "disable", "sleeper").exits(1).err())
                .hasLineCount(1)
                .contains("/etc/bellhop/enabled", "Read-only file system");

        Box other = onReadOnlyRoot(line.replace(" --logdir /run/log/bellhop", ""))
                .script("silent", "run", "exec sleep 86423")
                .yaml("silent", "log: {to: none}");
        other.start();
        other.awaitManager();
        assertThat(other.run("bh-start", "sleeper").exits(1).err())
                .contains("/var/log/bellhop", "Read-only file system");
        other.run("bh-start", "silent").succeeds();
    }

    private Box onReadOnlyRoot(String line) {
        return system("mount -o remount,ro / && exec busybox init")
                .file("/etc/inittab", line)
                .script("talker", "run", "echo at work", "exec sleep 86422")
                .yaml("talker", "autostart: true")
                .withTmpFs(Map.of("/run", ""))
                .withCreateContainerCmdModifier(DeployIT::letSystemdRun);
    }

    @Test
    void systemdStartsAndStopsIt() throws Exception {
        Box box = system("mount -t cgroup2 none /sys/fs/cgroup && exec /lib/systemd/systemd")
                .withTmpFs(Map.of("/run", "exec", "/run/lock", ""))
                .withCreateContainerCmdModifier(DeployIT::letSystemdRun);
        box.start();
        box.awaitThat("systemctl list-units --no-legend multi-user.target | grep -q ' active '");

        box.shell("set -e", Guide.lines("### systemd")).exits(0);

        isStartedAndTakenOver(box);
        box.run("systemctl", "stop", "bellhop").exits(0);
        isStoppedInOrder(box);
    }

    /** A cgroup v2 of its own is all that it needs beside the right to mount it. */
    static void letSystemdRun(com.github.dockerjava.api.command.CreateContainerCmd command) {
        command.getHostConfig()
                .withCapAdd(Capability.SYS_ADMIN)
                .withCgroupnsMode("private")
                .withSecurityOpts(List.of("seccomp=unconfined", "apparmor=unconfined"));
    }

    @Test
    void openRcStartsAndStopsIt() throws Exception {
        Box box = system("exec busybox init")
                .file("/etc/inittab", "::sysinit:/sbin/openrc sysinit\n::wait:/sbin/openrc default\n")
                .file("/etc/rc.conf", "rc_sys=docker\n");
        box.start();
        box.awaitThat("[ -d /run/openrc/exclusive ] && [ \"$(rc-status -r)\" = default ] && ! pgrep -x openrc");

        box.shell("set -e", Guide.lines("### OpenRC")).exits(0);

        isStartedAndTakenOver(box);
        assertThat(box.run("rc-update", "show", "default").out()).contains("bellhop");
        box.run("rc-service", "bellhop", "reload").exits(0);
        box.run("rc-service", "bellhop", "stop").exits(0);
        isStoppedInOrder(box);
    }

    @Test
    void runitStartsAndStopsIt() throws Exception {
        Box box = system("mkdir -p /etc/service && exec runsvdir -P /etc/service");
        box.start();
        box.awaitThat("[ -d /etc/service ]");

        box.shell("set -e", Guide.lines("### runit")).exits(0);

        isStartedAndTakenOver(box);
        box.run("sv", "-w", "300", "stop", "bellhop").exits(0);
        isStoppedInOrder(box);
    }

    @Test
    void aLoginShellStartsOneManagerThatOutlivesIt() throws Exception {
        Box box = user("exec busybox init");
        box.start();
        box.awaitThat("[ \"$(stat -c %U /home/jim/.config)\" = jim ]");
        String lines = Guide.lines("### A login shell");
        box.run(asJim("sh", "-c", "printf %s \"$1\" >~/.profile", "sh", lines)).exits(0);

        box.run(asJim("sh", "-lc", "true")).exits(0);
        box.awaitThat("pgrep -u jim -f '[s]leep 86421'");
        box.run(asJim("sh", "-lc", "/usr/lib/bellhop/bin/bh-start s1")).exits(0);
        assertThat(box.run("pgrep", "-u", "jim", "-f", "bellhop.program.Bh run")
                        .out()
                        .lines())
                .hasSize(1);
    }

    @Test
    void cronStartsAUsersManager() throws Exception {
        Box box = user("exec busybox init");
        box.start();
        box.awaitThat("[ \"$(stat -c %U /home/jim/.config)\" = jim ]");
        box.run("sh", "-c", "printf %s \"$1\" | crontab -u jim -", "sh", Guide.lines("### cron"))
                .exits(0);
        // It takes the first start of cron for a boot.
        box.shell("echo '::respawn:/usr/sbin/cron -f' >>/etc/inittab && kill -HUP 1")
                .exits(0);

        box.awaitThat("pgrep -u jim -f '[s]leep 86421'");
        assertThat(box.run(asJim("sh", "-c", "/usr/lib/bellhop/bin/bh-status s1"))
                        .out())
                .isEqualTo("started\n");
    }

    @Test
    void systemdStartsAUsersManager() throws Exception {
        Box box = user("mount -t cgroup2 none /sys/fs/cgroup && exec /lib/systemd/systemd")
                .withTmpFs(Map.of("/run", "exec", "/run/lock", ""))
                .withCreateContainerCmdModifier(DeployIT::letSystemdRun);
        box.start();
        box.awaitThat("systemctl list-units --no-legend multi-user.target | grep -q ' active '");
        // What a login does, without the programs of one.
        box.shell(
                        "install -d -m 700 -o jim /run/user/1000",
                        "systemd-run --uid=jim -p Delegate=yes -E XDG_RUNTIME_DIR=/run/user/1000 -E HOME=/home/jim"
                                + " /lib/systemd/systemd --user")
                .exits(0);
        box.awaitThat("[ -S /run/user/1000/systemd/private ]");

        String lines = "set -e; export XDG_RUNTIME_DIR=/run/user/1000\n" + Guide.lines("### systemd --user");
        box.run(asJim("sh", "-c", lines)).exits(0);

        box.awaitThat("pgrep -u jim -f '[s]leep 86421'");
        String runs = "XDG_RUNTIME_DIR=/run/user/1000 /usr/lib/bellhop/bin/bh-status s1";
        assertThat(box.run(asJim("sh", "-c", runs)).out()).isEqualTo("started\n");
    }

    private Box system(String start) {
        return boxes.box()
                .expectingToEnd()
                .withCommand()
                .withEnv("container", "docker")
                .withCreateContainerCmdModifier(command -> command.withEntrypoint("sh", "-c", start))
                .script("sleeper", "run", "exec sleep 86421")
                .script("sleeper", "post", "echo done >/root/post")
                .file("/etc/bellhop/enabled/sleeper", "");
    }

    private static void isStartedAndTakenOver(Box box) throws IOException {
        box.awaitState("sleeper", "started");
        int pid = box.pid("sleeper");
        String manager = box.run("pgrep", "-f", "bellhop.program.Bh run").out().strip();
        box.run("kill", "-KILL", manager).exits(0);
        box.awaitThat("[ \"$(pgrep -f '[b]ellhop.program.Bh run')\" != " + manager + " ] && bh-status");
        box.awaitState("sleeper", "started");
        assertThat(box.pid("sleeper")).as("taken over by the next manager").isEqualTo(pid);
        box.shell("[ -e /root/post ]").exits(1);
    }

    private static void isStoppedInOrder(Box box) {
        assertThat(box.shell("cat /root/post; pgrep -f '[s]leep 86421|[b]ellhop.program'")
                        .out())
                .isEqualTo("done\n");
    }

    /** With an ordinary user, number 1000, who has a service that starts with his manager. */
    private Box user(String start) {
        String enabled = SERVICE_OF_JIM.strip().replace("\n", " && ");
        return boxes.box()
                .expectingToEnd()
                .withCommand()
                .withEnv("container", "docker")
                .withCreateContainerCmdModifier(command -> command.withEntrypoint(
                        "sh",
                        "-c",
                        "useradd -u 1000 -m -s /bin/sh jim && export HOME=/home/jim && umask 022 && " + enabled
                                + " && chown -R jim:jim /home/jim && " + start))
                .file("/etc/inittab", "::sysinit:/bin/true\n");
    }

    private static String[] asJim(String... words) {
        List<String> all = new ArrayList<>(List.of("setpriv", "--reuid", "jim", "--regid", "jim", "--init-groups"));
        all.addAll(List.of("env", "-i", "HOME=/home/jim", "PATH=/usr/lib/bellhop/bin:/usr/bin:/bin"));
        all.addAll(List.of(words));
        return all.toArray(String[]::new);
    }
}
