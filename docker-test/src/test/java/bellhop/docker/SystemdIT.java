package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.testcontainers.utility.MountableFile;

/** Verifies the unit of the package, under a systemd that is the container's first process. */
@Timeout(600)
class SystemdIT {

    @RegisterExtension
    final Boxes boxes = new Boxes();

    /** Enabled by nobody; once started it is up again after each death, upgraded in place, and stopped in order. */
    @Test
    void theUnitStartsOnRequestAdoptsUpgradesAndStopsInOrder() throws Exception {
        Box box = systemd()
                .script("sleeper", "run", "exec sleep 86421")
                .script("sleeper", "post", "echo done >/root/post")
                .file("/etc/bellhop/enabled/sleeper", "");
        box.start();
        box.awaitThat("systemctl list-units --no-legend multi-user.target | grep -q ' active '");

        box.run("dpkg", "-i", "/first.deb").exits(0);
        assertThat(box.run("systemctl", "is-enabled", "bellhop").out()).isEqualTo("disabled\n");
        assertThat(box.run("systemctl", "is-active", "bellhop").out()).isEqualTo("inactive\n");
        assertThat(box.run("systemd-analyze", "verify", "--man=no", "bellhop.service")
                        .said())
                .doesNotContain("bellhop");

        box.run("systemctl", "enable", "--now", "bellhop").exits(0);
        box.awaitManager();
        box.awaitState("sleeper", "started");
        assertThat(box.run("bh", "status", "--json", "sleeper").out()).contains("\"managerCache\":\"used\"");
        int pid = box.pid("sleeper");

        String main = mainPid(box);
        box.run("kill", "-KILL", main).exits(0);
        box.awaitThat("[ \"$(systemctl show -P MainPID bellhop)\" != " + main + " ] && bh-status");
        assertThat(box.pid("sleeper")).as("taken over").isEqualTo(pid);

        String second = mainPid(box);
        box.run("dpkg", "-i", "/first.deb").exits(0); // the same version, as by apt-get --reinstall
        assertThat(mainPid(box)).as("upgraded in place").isEqualTo(second);
        box.shell("[ /proc/" + second + "/exe -ef /usr/lib/bellhop/runtime/bin/java ]")
                .exits(0);
        assertThat(box.pid("sleeper")).isEqualTo(pid);
        box.run("systemctl", "reload", "bellhop").exits(0);

        box.run("systemctl", "stop", "bellhop").exits(0);
        assertThat(box.shell("cat /root/post; pgrep -f '[s]leep 86421'").out()).isEqualTo("done\n");
        assertThat(box.run("systemctl", "show", "-P", "Result", "bellhop").out())
                .isEqualTo("success\n");

        box.run("systemctl", "start", "bellhop").exits(0);
        box.awaitState("sleeper", "started");
        box.run("dpkg", "-P", "bellhop").exits(0);
        box.shell("pgrep -f '[s]leep 86421|[b]ellhop.program'").exits(1);
        assertThat(box.shell("find /etc /usr/lib/systemd -name '*bellhop*'").out())
                .as("the directory of the services alone")
                .isEqualTo("/etc/bellhop\n");
    }

    private static String mainPid(Box box) {
        return box.run("systemctl", "show", "-P", "MainPID", "bellhop").out().strip();
    }

    private Box systemd() throws Exception {
        return boxes.plainBox("sh", "-c", "mount -t cgroup2 none /sys/fs/cgroup && exec /lib/systemd/systemd")
                .withEnv("container", "docker")
                .withTmpFs(Map.of("/run", "exec", "/run/lock", ""))
                .withCopyFileToContainer(MountableFile.forHostPath(Image.packed(".deb")), "/first.deb")
                .withCreateContainerCmdModifier(DeployIT::letSystemdRun);
    }
}
