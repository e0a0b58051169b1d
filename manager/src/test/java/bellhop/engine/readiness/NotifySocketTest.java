package bellhop.engine.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.core.Event;
import bellhop.core.Life;
import bellhop.definition.Ready;
import bellhop.linux.Self;
import bellhop.linux.Signals;
import bellhop.linux.Wait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NotifySocketTest {

    private static final Ready NOTIFY = new Ready.Notify(Optional.empty());
    private static final String SYSTEMD_NOTIFY = "/usr/bin/systemd-notify";
    private static final String PERL = "/usr/bin/perl";

    /** Sends what the arguments say, each a datagram; {@code \0} and the like are escapes. */
    private static final String SEND = "use Socket; socket(S, AF_UNIX, SOCK_DGRAM, 0);"
            + " connect(S, sockaddr_un($ENV{NOTIFY_SOCKET})) or die $!; $| = 1;";

    private ReadyScene scene;

    @BeforeEach
    void open() throws IOException {
        scene = new ReadyScene();
        scene.uid = Self.euid();
    }

    @AfterEach
    void close() throws IOException {
        scene.close();
    }

    @Test
    void systemdNotifySaysReadyWithItsStatusAndIsLetGoOnceThatWasRead() throws IOException {
        ReadyScene.needs(SYSTEMD_NOTIFY);

        scene.sh(NOTIFY, "systemd-notify --ready --status='up and\tabout' && touch told; sleep 1000");

        scene.awaitReady();
        assertThat(scene.readiness.report(ReadyScene.WEB).status()).isEqualTo("up and\\x09about");
        scene.until("the end of systemd-notify", () -> Files.exists(scene.file("told")));
        assertThat(scene.warnings).isEmpty();
        assertThat(scene.events).hasSize(1);
    }

    @Test
    void redisSaysReadyAsUnderSystemd() throws IOException {
        ReadyScene.needs("/usr/bin/redis-server");

        scene.launch(
                NOTIFY,
                "redis-server",
                "--supervised",
                "systemd",
                "--port",
                "0",
                "--save",
                "",
                "--loglevel",
                "warning",
                "--unixsocket",
                scene.file("redis.sock").toString());

        scene.awaitReady();
        scene.until(
                "its status",
                () -> scene.readiness.report(ReadyScene.WEB).status().startsWith("Ready to accept connections"));
        assertThat(scene.warnings).isEmpty();
    }

    /** Its user may have put it there, in a life before. */
    @Test
    void aDirectoryInPlaceOfTheSocketIsSetAsideAndNamed() throws IOException {
        ReadyScene.needs(SYSTEMD_NOTIFY);
        Path mine = Files.createDirectories(scene.socket()).resolve("mine");
        Files.writeString(mine, "as it was");

        scene.sh(NOTIFY, "systemd-notify --ready; sleep 1000");

        scene.awaitReady();
        String aside = "socket.set-aside." + ReadyScene.LAUNCH;
        assertThat(scene.warnings)
                .singleElement()
                .asString()
                .contains(scene.socket() + ": a non-empty directory")
                .endsWith("it was renamed to " + aside);
        assertThat(scene.socket().resolveSibling(aside).resolve("mine")).hasContent("as it was");
    }

    @Test
    void theOtherWordsAreHeard() throws IOException {
        ReadyScene.needs(SYSTEMD_NOTIFY);

        scene.sh(new Ready.Notify(Optional.of(Duration.ofMillis(1500))), """
                [ "$WATCHDOG_USEC" = 1500000 ] && [ -z "$WATCHDOG_PID" ] || exit 1
                systemd-notify EXTEND_TIMEOUT_USEC=2500000
                systemd-notify --ready
                systemd-notify WATCHDOG=1
                systemd-notify RELOADING=1 ERRNO=2
                systemd-notify STOPPING=1
                sleep 1000""");

        scene.await(Event.StopAnnounced.class);
        assertThat(scene.events)
                .containsExactly(
                        new Event.Extended(ReadyScene.LAUNCH, 2_500_000_000L),
                        new Event.BecameReady(ReadyScene.LAUNCH),
                        new Event.Pinged(ReadyScene.LAUNCH),
                        new Event.StopAnnounced(ReadyScene.LAUNCH));
        SelfReport report = scene.readiness.report(ReadyScene.WEB);
        assertThat(report.reloading()).isTrue();
        assertThat(report.error()).isEqualTo("ENOENT");
        assertThat(report.watchdog()).contains(Duration.ofMillis(1500));
    }

    @Test
    void theWatchdogCanBeTriggered() throws IOException {
        ReadyScene.needs(SYSTEMD_NOTIFY);

        scene.sh(NOTIFY, "systemd-notify WATCHDOG=trigger; sleep 1000");

        assertThat(scene.await(Event.Unhealthy.class).why()).contains("WATCHDOG=trigger");
    }

    @Test
    void anotherMainProcessIsRefusedAndThatIsSaidOnce() throws IOException {
        ReadyScene.needs(SYSTEMD_NOTIFY);

        scene.sh(NOTIFY, "for i in 1 2; do systemd-notify MAINPID=1; done; systemd-notify --ready; sleep 1000");

        scene.awaitReady();
        assertThat(scene.warnings)
                .containsExactly("web: ignored MAINPID=1: the main process is the one that Bellhop started");
    }

    @Test
    void aProcessThatLeftTheSessionBelongsByItsParentsAndByItsMarks() throws IOException {
        ReadyScene.needs(SYSTEMD_NOTIFY);

        scene.sh(
                NOTIFY,
                "setsid sh -c 'systemd-notify WATCHDOG=1'; (setsid sh -c 'sleep 0.1; systemd-notify --ready' &)");

        scene.awaitReady();
        assertThat(scene.events).hasSize(2);
        assertThat(scene.warnings).isEmpty();
    }

    @Test
    void aProcessThatIsNoneOfTheServiceIsIgnoredAndThatIsSaidOnce() throws IOException {
        ReadyScene.needs(SYSTEMD_NOTIFY);
        int own = scene.sh(NOTIFY, "sleep 1000");

        for (int i = 0; i < 2; i++) {
            scene.awaitEnd(scene.stranger(
                    "/usr/bin/env", "NOTIFY_SOCKET=" + scene.socket(), "systemd-notify", "--ready", "--status=hacked"));
        }

        assertThat(scene.events).isEmpty();
        assertThat(scene.readiness.report(ReadyScene.WEB).status()).isEmpty();
        assertThat(scene.warnings)
                .singleElement()
                .asString()
                .matches("web: ignored a notification from uid " + Self.euid()
                        + ", pid [0-9]+: the process does not belong to this service");
        Signals.kill(own, Signals.KILL);
    }

    @Test
    void anotherUserIsIgnoredEvenWithTheServicesOwnSocketAtHand() throws IOException {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can become another user");
        ReadyScene.needs(PERL);

        scene.launch(NOTIFY, PERL, "-e", SEND + "$< = 1234; $> = 1234; send(S, 'READY=1', 0) for 1..3; sleep 1000");

        scene.until("a warning", () -> !scene.warnings.isEmpty());
        scene.turn();
        assertThat(scene.warnings)
                .singleElement()
                .asString()
                .matches("web: ignored a notification from uid 1234, pid [0-9]+:"
                        + " expected root, or the service's user, which is uid 0");
        assertThat(scene.events).isEmpty();
    }

    @Test
    void onlyTheUserOfTheServiceMayEnterTheDirectoryAndIsHeard() throws IOException {
        assumeTrue(Self.euid() == 0, "SKIPPED: only root can become another user");
        ReadyScene.needs(SYSTEMD_NOTIFY);
        ReadyScene.needs("/usr/bin/setpriv");
        scene.uid = ReadyScene.NOBODY;

        scene.launch(
                NOTIFY,
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "sh",
                "-c",
                "systemd-notify --ready; sleep 1000");

        scene.awaitReady();
        Path directory = scene.socket().getParent();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        assertThat(Files.getAttribute(directory, "unix:uid")).isEqualTo(ReadyScene.NOBODY);
        int stranger = scene.stranger(
                "setpriv",
                "--reuid=1234",
                "--regid=1234",
                "--clear-groups",
                "env",
                "NOTIFY_SOCKET=" + scene.socket(),
                "systemd-notify",
                "--ready");
        scene.awaitEnd(stranger);
        assertThat(Wait.peekPid(stranger)).contains(new bellhop.linux.ExitStatus.NormalExit(1));
        assertThat(scene.warnings).isEmpty();
    }

    @Test
    void whatItsUserPutsBesideTheSocketStaysAndDoesNoHarm() throws IOException {
        ReadyScene.needs(SYSTEMD_NOTIFY);
        // With --no-block it sends nothing more that could meet the socket of the next launch.
        scene.sh(NOTIFY, "touch run/web/notify/mine; systemd-notify --no-block --ready; sleep 1000");
        scene.awaitReady();

        scene.readiness.end(ReadyScene.LAUNCH);

        assertThat(scene.socket()).doesNotExist();
        assertThat(scene.socket().resolveSibling("mine")).exists();
        scene.events.clear();
        scene.launch(
                new Life(4, scene.definition(NOTIFY, "sh", "-c", "systemd-notify --no-block --ready; sleep 1000")), 8);
        assertThat(scene.await(Event.BecameReady.class).launch()).isEqualTo(8);
        assertThat(scene.warnings).isEmpty();
    }

    @Test
    void datagramsThatMakeNoSenseAreSurvived() throws IOException {
        ReadyScene.needs(PERL);

        scene.launch(NOTIFY, PERL, "-e", SEND + """
                send(S, $_, 0) for '', "\\0", "=", "READY", "READY=", "READY=2", "\\n\\n=\\n", "STATUS",
                    "WATCHDOG=", "EXTEND_TIMEOUT_USEC=-1", "EXTEND_TIMEOUT_USEC=1e9", "ERRNO=x", "MAINPID=x",
                    "READY=1" . "\\0" x 5000, "A" x 100000, "\\xff\\xfe=\\x80", "READY=1\\0";
                send(S, "EXTEND_TIMEOUT_USEC=99999999999999999999", 0);
                send(S, "STATUS=\\xff\\e[31m\\0" . "x" x 3000 . "\\nREADY=1\\n", 0);
                sleep 1000""");

        scene.awaitReady();
        assertThat(scene.events)
                .containsExactly(
                        new Event.Extended(
                                ReadyScene.LAUNCH, Duration.ofDays(365).toNanos()),
                        new Event.BecameReady(ReadyScene.LAUNCH));
        assertThat(scene.readiness.report(ReadyScene.WEB).status())
                .startsWith("\uFFFD\\x1b[31m\\x00xxx")
                .hasSizeLessThan(300);
        assertThat(scene.warnings).singleElement().asString().endsWith(": it has more than 4096 bytes");
    }

    @Test
    void aFloodLeavesTimeForOthers() throws IOException {
        ReadyScene.needs(PERL);

        scene.launch(NOTIFY, PERL, "-e", SEND + "send(S, 'WATCHDOG=1', 0) while 1");
        scene.await(Event.Pinged.class);

        for (int i = 0; i < 100; i++) {
            scene.events.clear();
            scene.turn();
            assertThat(scene.events).hasSizeLessThanOrEqualTo(32);
        }
    }

    @Test
    void whatWasSaidRightBeforeTheEndIsHeardBeforeTheEnd() throws IOException {
        ReadyScene.needs(PERL);
        int pid = scene.launch(NOTIFY, PERL, "-e", SEND + "send(S, \"READY=1\\nSTATUS=bye\", 0)");
        scene.awaitEndInSilence(pid);

        scene.readiness.end(ReadyScene.LAUNCH);

        assertThat(scene.events).containsExactly(new Event.BecameReady(ReadyScene.LAUNCH));
        assertThat(scene.socket().getParent()).doesNotExist();
    }

    @Test
    void noDescriptorIsKept() throws IOException {
        ReadyScene.needs(SYSTEMD_NOTIFY);
        int before = scene.descriptors();

        scene.sh(NOTIFY, "systemd-notify --ready; systemd-notify WATCHDOG=1; systemd-notify STOPPING=1; sleep 1000");
        scene.await(Event.StopAnnounced.class);
        assertThat(scene.descriptors()).isEqualTo(before + 1);
        scene.readiness.end(ReadyScene.LAUNCH);

        assertThat(scene.descriptors()).isEqualTo(before);
    }

    @Test
    void aPathThatIsTooLongForASocketIsSaid() throws IOException {
        Path deep = scene.folder.resolve("a".repeat(90));

        assertThatThrownBy(() -> new NotifySocket(
                        scene.loop,
                        new bellhop.linux.DatagramReader(),
                        deep,
                        1,
                        Optional.empty(),
                        0,
                        java.util.Map.of(),
                        event -> {},
                        () -> {},
                        (matter, line) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageMatching("ready: the path of its socket, .*, would be 1[0-9]{2} bytes long;"
                        + " expected 107 at most; choose a shorter run dir");
    }
}
