package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Verifies that the units of Debian's packages, as these have installed them, become services that really serve, and
 * whose processes are gone once they were stopped.
 */
@Timeout(300)
class ImportIT {
    private static final String UNITS = "/lib/systemd/system/";
    private static final int UNUSABLE = 2;

    @RegisterExtension
    final Boxes boxes = new Boxes();

    private Box started() {
        Box box = boxes.box();
        box.start();
        return box;
    }

    /** Makes a drop-in, as a user would for systemd. */
    private static void dropIn(Box box, String name, String... lines) {
        String directory = "/etc/systemd/system/" + name + ".service.d";
        box.shell(
                        "mkdir -p " + directory,
                        "cat >" + directory + "/container.conf <<'END'",
                        String.join("\n", lines),
                        "END")
                .succeeds();
    }

    /** The engine may have no right to give a container as many descriptors as the unit asks for. */
    private static void allowFewDescriptors(Box box, String name) {
        dropIn(box, name, "[Service]", "LimitNOFILE=1024");
    }

    /** Imports a unit that can be used as it is. */
    private static Outcome imported(Box box, String name) {
        Outcome outcome = box.run("bh", "import", UNITS + name + ".service").succeeds();
        assertThat(outcome.err()).isEmpty();
        box.run("bh", "check", name).succeeds();
        return outcome;
    }

    private static void start(Box box, String name) {
        box.run("bh", "start", name).succeeds();
        box.awaitState(name, "started");
    }

    private static void stop(Box box, String name, String program) {
        box.run("pgrep", "-x", program).succeeds();
        box.run("bh", "stop", name).succeeds();
        assertThat(box.run("bh-status", name).out()).isEqualTo("stopped\n");
        box.run("pgrep", "-x", program).exits(1);
    }

    @Test
    void redisAnswers() {
        Box box = started();

        allowFewDescriptors(box, "redis-server");
        imported(box, "redis-server");
        start(box, "redis-server");

        assertThat(box.run("redis-cli", "ping").succeeds().out()).isEqualTo("PONG\n");
        assertThat(box.shell("stat -c '%U %a' /run/redis").out()).isEqualTo("redis 2755\n");
        assertThat(box.shell("ps -o user= -C redis-server").out().strip()).isEqualTo("redis");
        stop(box, "redis-server", "redis-server");
        box.run("test", "-e", "/run/redis").exits(1);
    }

    @Test
    void sshdGreets() {
        Box box = started();

        imported(box, "ssh");
        start(box, "ssh");

        assertThat(box.run("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/22 && head -c 8 <&3")
                        .succeeds()
                        .out())
                .isEqualTo("SSH-2.0-");
        box.run("bh", "reload", "ssh").exits(0);
        box.awaitState("ssh", "started");
        stop(box, "ssh", "sshd");
    }

    /** Its unit lets it become a daemon: the report says what to change, and that change is enough. */
    @Test
    void nginxServesAfterTheChangeThatTheReportAsksFor() {
        Box box = started();

        Outcome outcome = box.run("bh", "import", UNITS + "nginx.service").exits(UNUSABLE);
        assertThat(outcome.out())
                .contains("Type=forking: run must stay in the foreground, and this one forks away; change command in"
                        + " service.yaml so that the program does not become a daemon: nginx -g 'daemon off;'");
        box.run("bh", "check", "nginx").succeeds();
        box.shell("sed -i 's/daemon on;/daemon off;/' /etc/bellhop/services.d/nginx/service.yaml")
                .succeeds();
        start(box, "nginx");

        box.awaitThat("busybox wget -qO- http://127.0.0.1/ | grep -i 'welcome to nginx'");
        stop(box, "nginx", "nginx");
    }

    /** In a container it may not set the clock, so its user has a drop-in, as for systemd; this may name its type, too. */
    @Test
    void chronyAnswersWithADropIn() {
        Box box = started();
        dropIn(
                box,
                "chrony",
                "[Service]",
                "Type=simple",
                "ExecStart=",
                "ExecStart=!/usr/sbin/chronyd -n -x $DAEMON_OPTS");

        assertThat(imported(box, "chrony").out())
                .contains("/etc/systemd/system/chrony.service.d/container.conf:4: ExecStart=!/usr/sbin/chronyd -n -x");
        start(box, "chrony");

        box.awaitThat("chronyc -n activity | grep sources");
        stop(box, "chrony", "chronyd");
    }

    /** The program of its unit is a script, whose options are in a file: the report says that it forks, the user knows how. */
    @Test
    void dnsmasqResolves() {
        Box box = started();

        assertThat(box.run("bh", "import", UNITS + "dnsmasq.service")
                        .exits(UNUSABLE)
                        .out())
                .contains("Type=forking: run must stay in the foreground");
        box.run("bh", "check", "dnsmasq").succeeds();
        box.shell(
                        "echo 'DNSMASQ_OPTS=\"--keep-in-foreground\"' >>/etc/default/dnsmasq",
                        "echo 'address=/imported.test/10.9.8.7' >/etc/dnsmasq.d/imported.conf")
                .succeeds();
        start(box, "dnsmasq");

        box.awaitThat("busybox nslookup imported.test 127.0.0.1 | grep 10.9.8.7");
        stop(box, "dnsmasq", "dnsmasq");
    }

    @Test
    void rsyslogWritesWhatItIsSent() {
        Box box = started();

        imported(box, "rsyslog");
        start(box, "rsyslog");

        box.awaitThat("logger 'sent by a test' && grep 'sent by a test' /var/log/syslog");
        stop(box, "rsyslog", "rsyslogd");
    }

    @Test
    void cronRunsAJob() {
        Box box = started();
        box.shell("echo '* * * * * root touch /tmp/was-run' >/etc/cron.d/imported")
                .succeeds();

        imported(box, "cron");
        start(box, "cron");

        box.awaitThat("test -e /tmp/was-run");
        stop(box, "cron", "cron");
    }

    @Test
    void prometheusIsReady() {
        Box box = started();

        allowFewDescriptors(box, "prometheus");
        imported(box, "prometheus");
        start(box, "prometheus");

        box.awaitThat("busybox wget -qO- http://127.0.0.1:9090/-/ready");
        assertThat(box.shell("ps -o user= -C prometheus").out().strip()).startsWith("prom");
        stop(box, "prometheus", "prometheus");
    }

    private static final Pattern ASSIGNMENT = Pattern.compile("^[A-Za-z]+\\s*=.*");

    /** Of each unit that the packages have, each key is in the report, with its line; what is made passes the check. */
    @Test
    void noKeyOfAnyUnitIsLost() {
        Box box = started();
        List<String> units = box.shell(
                        "dpkg -L nginx-common openssh-server redis-server chrony dnsmasq rsyslog cron prometheus"
                                + " | grep '/systemd/system/[^/]*\\.\\(service\\|timer\\|socket\\)$'")
                .succeeds()
                .out()
                .lines()
                .toList();
        assertThat(units).hasSizeGreaterThan(10);

        for (String unit : units) {
            Outcome outcome = box.run("bh", "import", "--dry-run", "--directory", "/tmp/none", unit);
            assertThat(outcome.err()).as(unit).isEmpty();
            assertThat(outcome.status()).as(unit).isEqualTo(unit.endsWith(".service") ? outcome.status() : 1);
            List<String> report = outcome.out().lines().map(String::strip).toList();
            for (int line : lines(box.run("cat", unit).succeeds().out())) {
                assertThat(report)
                        .as("%s:%s", unit, line)
                        .anySatisfy(it -> assertThat(it).startsWith(unit + ":" + line + ": "));
            }
        }
        box.run("test", "-e", "/tmp/none").exits(1);
    }

    /** Where assignments begin. */
    private static List<Integer> lines(String text) {
        List<Integer> numbers = new ArrayList<>();
        int number = 0;
        boolean goesOn = false;
        for (String line : text.lines().toList()) {
            number++;
            Matcher assignment = ASSIGNMENT.matcher(line);
            if (!goesOn && assignment.matches()) {
                numbers.add(number);
            }
            goesOn = line.endsWith("\\");
        }
        return numbers;
    }
}
