package bellhop.engine.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.ServiceWriter;
import bellhop.core.Event;
import bellhop.definition.Ready;
import bellhop.linux.SpawnException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadyDescriptorTest {

    private static final Ready THREE = new Ready.Descriptor(3);

    private ReadyScene scene;

    @BeforeEach
    void open() throws IOException {
        scene = new ReadyScene();
    }

    @AfterEach
    void close() throws IOException {
        scene.close();
    }

    /** s6-notifyoncheck asks that s6-supervise looks after the directory: the test holds its lock in its place. */
    @Test
    void s6NotifyoncheckSaysReadyOnceItsCheckSucceeds() throws IOException {
        ReadyScene.needs("/usr/bin/s6-notifyoncheck");
        ServiceWriter.write(scene.file("data/check"), true, ServiceWriter.shell("exec test -e checked"));
        Path lock = Files.createDirectory(scene.file("supervise")).resolve("lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            scene.sh(THREE, "s6-mkfifodir event && exec s6-notifyoncheck -3 3 -d -w 50 -n 0 sleep 1000");
            scene.turn();
            assertThat(scene.events).isEmpty();

            Files.createFile(scene.file("checked"));

            scene.awaitReady();
        }
    }

    @Test
    void anyNumberWillDoAndOnlyANewlineCounts() throws IOException {
        scene.sh(new Ready.Descriptor(9), "printf 'not yet' >&9; touch written; sleep 0.2; echo >&9; sleep 1000");

        scene.until("text without a newline", () -> Files.exists(scene.file("written")));
        assertThat(scene.events).isEmpty();
        scene.awaitReady();
        assertThat(scene.file("run/web/ready")).doesNotExist();
        assertThat(scene.warnings).isEmpty();
    }

    @Test
    void theEndOfTheDescriptorIsNoReadinessAndIsSaid() throws IOException {
        scene.sh(THREE, "exec 3>&-; sleep 1000");

        scene.until("a warning", () -> !scene.warnings.isEmpty());
        assertThat(scene.events).isEmpty();
        assertThat(scene.warnings)
                .containsExactly(
                        "web: it has closed descriptor 3 without writing a newline, so it cannot become ready");
    }

    @Test
    void writingOnAfterReadinessKillsNobody() throws IOException {
        scene.sh(THREE, "echo >&3; while [ ! -e gone ]; do sleep 0.05; done; echo more >&3; touch wrote; sleep 1000");
        scene.awaitReady();

        Files.createFile(scene.file("gone"));

        scene.until("a further line", () -> Files.exists(scene.file("wrote")));
        assertThat(scene.alive()).isNotEmpty();
    }

    @Test
    void whatWasWrittenRightBeforeTheEndIsHeardBeforeTheEnd() throws IOException {
        scene.awaitEndInSilence(scene.sh(THREE, "echo >&3"));

        scene.readiness.end(ReadyScene.LAUNCH);

        assertThat(scene.events).containsExactly(new Event.BecameReady(ReadyScene.LAUNCH));
    }

    @Test
    void aDescriptorBeyondTheLimitIsAnErrorOfTheSpawn() throws IOException {
        assertThatThrownBy(() -> scene.sh(new Ready.Descriptor(Integer.MAX_VALUE), "true"))
                .isInstanceOf(SpawnException.class)
                .hasMessage("opening " + scene.file("run/web/ready")
                        + " as descriptor 2147483647: Bad file descriptor (EBADF)");
        scene.readiness.end(ReadyScene.LAUNCH);
        assertThat(scene.file("run/web/ready")).doesNotExist();
    }
}
