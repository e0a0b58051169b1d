package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.linux.Children.Child;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PidfdTest {

    private final Children children = new Children();

    @AfterEach
    void nothingIsLeft() throws IOException {
        children.close();
    }

    @Test
    void aSignalReachesTheProcess() throws IOException {
        Child child = children.start("sleep", "1000");

        assertThat(Pidfd.sendSignal(child.pidfd, Signals.TERM)).isTrue();

        assertThat(child.reap()).isEqualTo(new ExitStatus.KilledBySignal(Signals.TERM, false));
    }

    @Test
    void oneThatWasReapedIsNotSignalledAndNeitherIsWhoeverHasItsNumberNow() throws IOException {
        Child child = children.sh("exit 0");
        child.reap();

        assertThat(Pidfd.sendSignal(child.pidfd, Signals.KILL)).isFalse();
    }

    @Test
    void aGroupIsSignalledWhoseLeaderWasReaped() throws IOException {
        Child leader = children.sh("sleep 1000 & exit 0");
        leader.reap();
        assumeTrue(Pidfd.sendSignalToGroup(leader.pidfd, 0).isPresent(), "SKIPPED: this kernel cannot");

        assertThat(Pidfd.sendSignalToGroup(leader.pidfd, Signals.KILL)).contains(true);

        Children.awaitEndOfGroup(leader.pid);
    }

    @Test
    void aGroupWithNobodyInItIsNotSignalledAndNeitherIsWhicheverHasItsNumberNow() throws IOException {
        Child leader = children.sh("exit 0");
        leader.reap();
        assumeTrue(Pidfd.sendSignalToGroup(leader.pidfd, 0).isPresent(), "SKIPPED: this kernel cannot");

        assertThat(Pidfd.sendSignalToGroup(leader.pidfd, Signals.KILL)).contains(false);
    }

    @Test
    void theEndOfTheProcessIsSeenByEpollUntilItIsReaped() throws IOException {
        Child child = children.start("sleep", "1000");
        List<Long> tokens = new ArrayList<>();
        try (Epoll epoll = Epoll.open()) {
            epoll.add(child.pidfd, Epoll.IN, 77);
            assertThat(epoll.await(0, (token, events) -> tokens.add(token))).isZero();

            Signals.kill(child.pid, Signals.KILL);
            epoll.await(-1, (token, events) -> tokens.add(token));
            epoll.await(-1, (token, events) -> tokens.add(token));
        }

        assertThat(tokens).containsExactly(77L, 77L);
    }

    @Test
    void aNumberThatNobodyHasIsAnError() {
        assertThatThrownBy(() -> Pidfd.open(Integer.MAX_VALUE))
                .isInstanceOf(PosixException.class)
                .hasMessage("pidfd_open(2147483647): No such process (ESRCH)");
    }
}
