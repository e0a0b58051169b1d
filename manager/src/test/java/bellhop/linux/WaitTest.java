package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bellhop.linux.Children.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WaitTest {

    private final Children children = new Children();

    @AfterEach
    void nothingIsLeft() throws IOException {
        children.close();
    }

    @Test
    void peekFindsNothingWhileTheChildRuns() throws IOException {
        Child child = children.start("sleep", "1000");

        assertThat(Wait.peek(child.pidfd)).isEmpty();
        assertThat(Wait.peekPid(child.pid)).isEmpty();
    }

    @Test
    void peekLeavesTheZombieAndReapTakesIt() throws IOException {
        Child child = children.sh("exit 42");

        assertThat(child.awaitEnd()).isEqualTo(new ExitStatus.NormalExit(42));
        assertThat(Wait.peek(child.pidfd)).contains(new ExitStatus.NormalExit(42));
        assertThat(Wait.peekPid(child.pid)).contains(new ExitStatus.NormalExit(42));
        assertThat(child.task())
                .hasValueSatisfying(task -> assertThat(task.isDead()).isTrue());
        assertThat(child.reap()).isEqualTo(new ExitStatus.NormalExit(42));
        assertThat(child.task()).isEmpty();
    }

    @Test
    void whatWasReapedIsNoChildAnyMore() throws IOException {
        Child child = children.sh("exit 0");
        child.reap();

        assertThatThrownBy(() -> Wait.reapPid(child.pid))
                .hasMessage("waitid(P_PID, %d): No child processes (ECHILD)", child.pid);
    }

    @Test
    void deathByASignalIsNotAnExitWith137() throws IOException {
        Child killed = children.sh("kill -KILL $$");
        Child exited = children.sh("exit 137");

        assertThat(killed.reap()).isEqualTo(new ExitStatus.KilledBySignal(Signals.KILL, false));
        assertThat(exited.reap()).isEqualTo(new ExitStatus.NormalExit(137));
    }

    @Test
    void reapWaitsForAChildThatStillRuns() throws IOException {
        int pid = Spawn.start(
                new Spawn.Command(List.of("/bin/sh", "-c", "/bin/true; exit 3"), List.of(), Path.of("/"), 1, 2));

        assertThat(Wait.reapPid(pid)).isEqualTo(new ExitStatus.NormalExit(3));
    }

    @Test
    void theStatusesOfAThousandShortChildrenAreAllRight() throws IOException {
        int wave = 250;
        List<String> wrong = new ArrayList<>();
        for (int first = 0; first < 1000; first += wave) {
            try (Epoll epoll = Epoll.open()) {
                Map<Integer, ExitStatus> expectations = new HashMap<>();
                for (int i = first; i < first + wave; i++) {
                    int pid = Spawn.start(new Spawn.Command(
                            List.of("/bin/sh", "-c", "exit " + i % 256), List.of(), Path.of("/"), 1, 2));
                    int pidfd = Pidfd.open(pid);
                    expectations.put(pidfd, new ExitStatus.NormalExit(i % 256));
                    epoll.add(pidfd, Epoll.IN, pidfd);
                }
                while (!expectations.isEmpty()) {
                    epoll.await(-1, (token, events) -> {
                        try {
                            int pidfd = (int) token;
                            ExitStatus status = Wait.reap(pidfd);
                            ExitStatus expected = expectations.remove(pidfd);
                            Fd.close(pidfd);
                            if (!status.equals(expected)) {
                                wrong.add(status + " instead of " + expected);
                            }
                        } catch (PosixException failure) {
                            throw new AssertionError(failure);
                        }
                    });
                }
            }
        }

        assertThat(wrong).isEmpty();
    }

    @Test
    void aThousandOrphansAreReapedAndNoOwnedStatusIsEaten() throws IOException {
        Child java = children.java("", Subreaper.class, "1000", "100");

        assertThat(java.line()).isEqualTo("orphans reaped: 1000");
        assertThat(java.line()).isEqualTo("leader: NormalExit[code=9]");
        IntStream.range(0, 100).forEach(code -> assertOwned(java, code));
        assertThat(java.line()).isEqualTo("children left: 0");
        assertThat(java.rest()).isEmpty();
        assertThat(java.reap()).isEqualTo(new ExitStatus.NormalExit(0));
    }

    private static void assertOwned(Child java, int code) {
        try {
            assertThat(java.line()).isEqualTo("owned: NormalExit[code=" + code + "]");
        } catch (PosixException failure) {
            throw new AssertionError(failure);
        }
    }
}
