package bellhop.docker;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.Outcome;
import bellhop.Paper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.testcontainers.utility.MountableFile;

/**
 * Verifies that each way from nothing to a service that the README has is short, in a Debian without Bellhop and by the
 * README's own commands, and that {@code docs/walks.md} has what they print but for times, versions and the numbers of
 * processes. {@code -Dgenerate=true} writes this again.
 */
@Timeout(300)
@Execution(ExecutionMode.SAME_THREAD)
class WalksIT {

    private static final String README = "README.md";
    private static final String PAGE = "docs/walks.md";

    private static final String COMMAND = " A command becomes a service";
    private static final String UNIT = " A unit of systemd becomes a service";
    private static final String COMPOSE = " A Compose file without images becomes services";
    private static final String UPGRADE = " A new package under running services";

    @RegisterExtension
    final Boxes boxes = new Boxes();

    @Test
    void aCommandBecomesAServiceThatIsEnabled() throws Exception {
        Walk walk = new Walk();
        walk.goes(lines(COMMAND));
        walk.isOnThePage("command");

        walk.box.shell("[ -e /etc/bellhop/enabled/clock ]").exits(0);
        walk.box.awaitThat("bh logs clock | grep UTC");
    }

    @Test
    void aUnitBecomesAServiceThatIsEnabled() throws Exception {
        Walk walk = new Walk();
        walk.writes("clock.service", file(UNIT));
        walk.goes(toAManager());
        walk.goes(lines(UNIT));
        walk.isOnThePage("unit");

        walk.box.shell("[ -e /etc/bellhop/enabled/clock ]").exits(0);
        walk.box.awaitThat("[ \"$(stat -c %U /run/clock/now)\" = nobody ]");
        walk.box.awaitThat("bh logs clock | grep UTC");
    }

    @Test
    void aComposeFileBecomesServicesThatDependOnEachOther() throws Exception {
        Walk walk = new Walk();
        walk.writes("compose.yaml", file(COMPOSE));
        walk.goes(toAManager());
        walk.goes(lines(COMPOSE));
        walk.isOnThePage("compose");

        assertThat(walk.box.shell("bh logs shop").out()).contains("/run/database");
        walk.box.run("bh", "stop", "shop").exits(0);
        for (String service : List.of("database", "cache")) {
            assertThat(walk.box.run("bh-status", service).out()).isEqualTo("stopped\n");
        }
    }

    @Test
    void aNewPackageLeavesEachProcessOfAServiceAsItWas() throws Exception {
        Walk walk = new Walk();
        walk.goes(lines(COMMAND));
        int pid = walk.box.pid("clock");
        PackageIT.makeNext(
                walk.box,
                "sed -i \"s/^Version: .*/Version: $(dpkg-deb -f /first.deb Version)-2/\" next/DEBIAN/control");
        walk.box
                .shell(
                        "rm /root/bellhop_*.deb",
                        "mv /next.deb \"/root/$(dpkg-deb -W --showformat '${Package}_${Version}_${Architecture}.deb'"
                                + " /next.deb)\"")
                .exits(0);

        walk.goes(lines(UPGRADE));
        walk.isOnThePage("upgrade");

        assertThat(walk.box.pid("clock")).isEqualTo(pid);
        assertThat(walk.box.status("clock").path("restarts").asInt()).isZero();
        assertThat(walk.box.run("bh", "--version").out()).isEqualTo("bh (Bellhop) 99.0\n");
    }

    private static List<String> lines(String heading) throws IOException {
        return Guide.lines(README, "###" + heading).lines().toList();
    }

    /** The first block below a heading of the page. */
    private static String file(String heading) throws IOException {
        return Guide.lines(PAGE, "##" + heading).split("(?m)^\\$ ", 2)[0];
    }

    /** The lines that install Bellhop and start its manager. */
    private static List<String> toAManager() throws IOException {
        List<String> lines = lines(COMMAND).stream()
                .filter(line -> line.startsWith("dpkg ") || line.contains("bh run"))
                .toList();
        assertThat(lines).hasSize(2);
        return lines;
    }

    /** One way, in a container of its own. */
    private final class Walk {
        private static final Duration LONGEST = Duration.ofMinutes(2);
        private static final String PROMPT = "$ ";

        private final Box box = boxes.cleanBox();
        private final StringBuilder printed = new StringBuilder();
        private Duration took = Duration.ZERO;

        Walk() throws IOException {
            Path deb = Image.packed(".deb");
            box.withWorkingDirectory("/root")
                    .withCopyFileToContainer(MountableFile.forHostPath(deb), "/first.deb")
                    .withCopyFileToContainer(MountableFile.forHostPath(deb), "/root/" + deb.getFileName());
            box.start();
        }

        void writes(String file, String content) {
            box.run("sh", "-c", "printf %s \"$2\" >\"$1\"", "sh", file, content).exits(0);
        }

        /** Types the commands, each after the one before has ended. */
        void goes(List<String> commands) {
            for (String command : commands) {
                printed.append(PROMPT).append(command).append('\n');
                long begin = System.nanoTime();
                if (command.startsWith("bh status")) {
                    awaitWhatItShows();
                }
                printed.append(said(command));
                if (command.contains("bh run")) {
                    box.awaitManager();
                }
                took = took.plusNanos(System.nanoTime() - begin);
            }
        }

        private String said(String command) {
            // What goes on in the background would have no terminal once this one is gone.
            boolean isOnTerminal = command.startsWith("bh ");
            Outcome outcome = isOnTerminal
                    ? box.run(
                            "env",
                            "TERM=vt100",
                            "LC_ALL=C.UTF-8",
                            "NO_COLOR=1",
                            "script",
                            "-qec",
                            "stty cols 100 rows 24; " + command,
                            "/dev/null")
                    : box.shell(command);
            return outcome.exits(0).said().replaceAll("\r+\n", "\n").replaceAll("(?m)^.*\r", "");
        }

        /** Users read what came before; then each service is up, its first line is in the log, and its health known. */
        private void awaitWhatItShows() {
            box.awaitThat("[ -n \"$(bh-status --names)\" ] && ! bh-status --names | grep -v started");
            box.awaitThat("! bh-status | grep 'health starting'");
            box.awaitThat("[ ! -e /var/log/bellhop/clock ] || grep UTC /var/log/bellhop/clock/current");
        }

        void isOnThePage(String name) throws IOException {
            System.out.printf("WalksIT: %s took %.1f s%n", name, took.toMillis() / 1000.0);
            assertThat(took).isLessThan(LONGEST);
            Paper page = new Paper(Path.of("..").resolve(PAGE), "-pl docker-test verify -Dit.test=WalksIT");
            String begin = "<!-- " + name + ": made by WalksIT -->\n";
            String end = "<!-- end of " + name + " -->\n";
            String text = "\n```console\n" + printed + "```\n\nAll of it took less than " + (took.toSeconds() + 1)
                    + " s.\n\n";
            String written = page.between(begin, end);
            page.hasBetween(begin, end, settled(text).equals(settled(written)) ? written : text);
        }
    }

    /** Without what is different each time: times, sizes, versions, numbers, and the width of columns with them. */
    private static String settled(String session) {
        return session.replaceAll("(?m)│ .*$", "│ LINE")
                .replaceAll("\\.+/bellhop_[^_ ]+_[a-z0-9]+\\.deb", "DEB")
                .replaceAll("\\([0-9][^()]*\\)", "(VERSION)")
                .replaceAll("\\b\\d+(\\.\\d+)? ?(ms|s|min)\\b", "TIME")
                .replaceAll("\\b\\d\\d:\\d\\d:\\d\\d\\b", "TIME")
                .replaceAll("\\b\\d+(\\.\\d+)?[KM]\\b", "SIZE")
                .replaceAll("\\b\\d+\\.\\d+(\\.\\d+)?(-SNAPSHOT)?\\b", "VERSION")
                .replaceAll("\\b\\d{2,}\\b", "PID")
                .replaceAll(" +", " ");
    }
}
