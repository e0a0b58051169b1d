package bellhop.engine.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.core.Event;
import bellhop.definition.HealthCheck;
import bellhop.definition.HttpUrl;
import bellhop.engine.process.Probes;
import bellhop.linux.Prctl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HealthChecksTest {

    private static final Duration SHORT = Duration.ofMillis(30);
    private static final Duration LONG = Duration.ofSeconds(30);

    private ReadyScene scene;

    @BeforeEach
    void open() throws IOException {
        scene = new ReadyScene();
    }

    @AfterEach
    void close() throws IOException {
        scene.close();
    }

    private static HealthCheck check(String script, int retries, Duration startPeriod) {
        return new HealthCheck(
                List.of("/bin/sh", "-c", script), SHORT, LONG, retries, startPeriod, SHORT, Optional.empty());
    }

    private SelfReport.Health health() {
        return scene.health.of(ReadyScene.WEB).orElseThrow();
    }

    private int asked() {
        try {
            return Files.exists(scene.file("asked"))
                    ? Files.readAllLines(scene.file("asked")).size()
                    : 0;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private int alive() {
        try {
            return scene.alive().size();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void theFirstProbeComesAfterAnInterval() throws IOException {
        scene.check(check("echo x >>asked", 1, Duration.ZERO));

        assertThat(health()).isEqualTo(new SelfReport.Health("starting", ""));
        assertThat(scene.probes.lives(ReadyScene.LAUNCH)).isFalse();
        scene.until("health", () -> health().word().equals("healthy"));
        assertThat(health().line()).isEqualTo("exited 0");
    }

    @Test
    void asManyFailuresInARowAsRetriesSaysMakeItUnhealthyAndThatIsSaidOnce() throws IOException {
        scene.check(check("echo x >>asked; echo no answer; echo; exit 2", 3, Duration.ZERO));

        Event.Unhealthy unhealthy = scene.await(Event.Unhealthy.class);

        assertThat(unhealthy).isEqualTo(new Event.Unhealthy(ReadyScene.LAUNCH, "exited 2: no answer"));
        assertThat(asked()).isEqualTo(3);
        scene.until("further probes", () -> asked() == 6);
        assertThat(scene.events).hasSize(1);
        assertThat(health()).isEqualTo(new SelfReport.Health("unhealthy", "exited 2: no answer"));
    }

    @Test
    void aSuccessForgetsTheFailuresBefore() throws IOException {
        scene.check(check("echo x >>asked; [ $(($(wc -l <asked) % 2)) = 0 ]", 2, Duration.ZERO));

        scene.until("six probes", () -> asked() >= 6);

        assertThat(scene.events).isEmpty();
    }

    @Test
    void aFailureInTheStartPeriodDoesNotCountUntilOneHasSucceeded() throws IOException {
        scene.check(check("echo x >>asked; [ $(wc -l <asked) = 5 ]", 1, LONG));

        scene.until("four probes", () -> asked() >= 4 && !scene.probes.lives(ReadyScene.LAUNCH));
        assertThat(scene.events).isEmpty();
        assertThat(health().word()).isEqualTo("starting");
        scene.await(Event.Unhealthy.class);
        assertThat(asked()).isEqualTo(6);
    }

    @Test
    void aProbeThatTakesTooLongIsKilledWithItsGroupAndHasFailed() throws IOException {
        scene.check(new HealthCheck(
                List.of("/bin/sh", "-c", "echo waiting; sleep 1000 & sleep 1000"),
                SHORT,
                Duration.ofMillis(300),
                1,
                Duration.ZERO,
                SHORT,
                Optional.empty()));

        assertThat(scene.await(Event.Unhealthy.class).why()).isEqualTo("timed out after 0.3 s: waiting");
        assertThat(scene.alive().stream().filter(task -> task.pgrp() != task.session()))
                .isEmpty();
    }

    @Test
    void probesNeverPileUpAndNoneIsLeft() throws IOException {
        scene.check(check("echo x >>asked; sleep 1000", 1, Duration.ZERO));
        scene.until("a probe", () -> asked() == 1);
        for (int i = 0; i < 5; i++) {
            scene.turn();
        }
        assertThat(asked()).isOne();

        scene.health.end(ReadyScene.LAUNCH);

        scene.until("no probe", () -> !scene.probes.lives(ReadyScene.LAUNCH) && alive() == 1);
        assertThat(scene.health.of(ReadyScene.WEB)).isEmpty();
        assertThat(scene.events).isEmpty();
    }

    @Test
    void aProbeThatWritesWithoutEndIsNoBurden() throws IOException {
        scene.check(new HealthCheck(
                List.of("/bin/sh", "-c", "exec yes \"$(printf '%01000d' 0)\""),
                SHORT,
                Duration.ofMillis(300),
                1,
                Duration.ZERO,
                SHORT,
                Optional.empty()));

        assertThat(scene.await(Event.Unhealthy.class).why())
                .startsWith("timed out after 0.3 s: 000")
                .hasSizeLessThan(300);
    }

    @Test
    void aProbeThatCannotBeStartedHasFailed() throws IOException {
        scene.check(new HealthCheck(List.of("/no/such"), SHORT, LONG, 2, Duration.ZERO, SHORT, Optional.empty()));

        assertThat(scene.await(Event.Unhealthy.class).why())
                .isEqualTo("executing /no/such: No such file or directory (ENOENT)");
    }

    @Test
    void whatAProbeLeavesBehindInItsGroupIsKilled() throws IOException {
        scene.check(check("sleep 1000 & echo $! >left", 1, Duration.ZERO));

        scene.until("health", () -> health().word().equals("healthy"));
        scene.health.end(ReadyScene.LAUNCH);

        scene.until("the end of what it left", () -> alive() == 1);
    }

    @Test
    void nobodyIsLookedForAfterAProbeThatLeftNobody() throws IOException {
        scene.check(check("echo x >>asked; true | true", 1, Duration.ZERO));

        scene.until("five probes", () -> asked() >= 5);

        assertThat(scene.looks).isZero();
    }

    /** Without a list of whom this process has inherited, the first look finds whoever that is; the next is far off. */
    @Test
    void aKernelThatListsNobodyIsLookedAtAsAWholeNowAndThen() throws IOException {
        scene.close();
        scene = new ReadyScene("/no/such");
        Prctl.becomeSubreaper();
        try {
            scene.check(check(
                    "echo x >>asked; setsid -f sleep 1000 >/dev/null; until [ -e go ]; do sleep 0.01; done",
                    1,
                    Duration.ZERO));
            scene.until("a probe that has started somebody", () -> alive() >= 3 && asked() == 1);
            Files.createFile(scene.file("go"));

            scene.until("three probes", () -> asked() >= 3);

            assertThat(scene.looks).isOne();
        } finally {
            Prctl.ceaseToBeSubreaper();
        }
    }

    @Test
    void theLastLineOfPieces() {
        Probes.LastLine line = new Probes.LastLine();
        List<String> seen = new ArrayList<>();
        for (String piece : List.of("one\ntw", "o\n\n", "  \n", "\u001b[1mthree")) {
            line.add(java.nio.ByteBuffer.wrap(piece.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        }
        seen.add(line.text());
        seen.add(line.text());

        assertThat(seen).containsExactly("\\x1b[1mthree", "\\x1b[1mthree");
    }

    @Test
    void aPageIsAskedForAndAConnectionThatIsNotAnsweredTimesOut() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
            HttpUrl url = new HttpUrl("127.0.0.1", server.getLocalPort(), "/");
            scene.check(new HealthCheck(
                    List.of(), SHORT, Duration.ofMillis(300), 2, Duration.ZERO, SHORT, Optional.of(url)));

            answer(server);
            scene.until("health", () -> health().word().equals("healthy"));
            assertThat(health().line()).isEqualTo("answered 204 No Content");
            int before = scene.descriptors();

            assertThat(scene.await(Event.Unhealthy.class).why()).isEqualTo("timed out after 0.3 s");
            scene.health.end(ReadyScene.LAUNCH);
            assertThat(scene.descriptors()).isLessThanOrEqualTo(before);
        }
    }

    /** Answers one client, as soon as there is one. */
    private static void answer(ServerSocket server) {
        Thread.ofVirtual().start(() -> {
            try (Socket client = server.accept()) {
                client.getOutputStream().write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }
}
