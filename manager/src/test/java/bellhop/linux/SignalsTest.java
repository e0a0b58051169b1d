package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import bellhop.linux.Children.Child;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalsTest {

    private final Children children = new Children();

    @AfterEach
    void nothingIsLeft() throws IOException {
        children.close();
    }

    @ParameterizedTest
    @CsvSource({
        "TERM,15",
        "SIGTERM,15",
        "sigterm,15",
        "HUP,1",
        "USR1,10",
        "CHLD,17",
        "CLD,17",
        "IOT,6",
        "POLL,29",
        "9,9",
        "RTMIN,34",
        "SIGRTMIN+3,37",
        "RTMAX-1,63",
        "RTMAX,64",
        "64,64"
    })
    void namesAndNumbersAreUnderstood(String name, int number) {
        assertThat(Signals.number(name)).hasValue(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SIG", "TERMS", "0", "65", "-9", "RTMIN+31", "RTMAX-31", "RTMIN+", "SIGSIGTERM"})
    void whatIsNoSignalIsNone(String name) {
        assertThat(Signals.number(name)).isEmpty();
    }

    @Test
    void everyNumberHasANameThatLeadsBackToIt() {
        for (int signal = 1; signal <= 64; signal++) {
            assertThat(Signals.number(Signals.name(signal))).hasValue(signal);
        }
        assertThat(Signals.name(15)).isEqualTo("TERM");
        assertThat(Signals.name(37)).isEqualTo("RTMIN+3");
    }

    @Test
    void aProcessThatIsGoneIsNoError() throws IOException {
        Child child = children.sh("exit 0");
        child.reap();

        assertThat(Signals.kill(child.pid, Signals.TERM)).isFalse();
        assertThat(Signals.killGroup(child.pid, Signals.TERM)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {-5, -1, 0, 1})
    void whatTheKernelWouldTakeForAnotherOrForAllIsRefused(int group) {
        assertThatIllegalArgumentException().isThrownBy(() -> Signals.killGroup(group, Signals.TERM));
        if (group < 1) {
            assertThatIllegalArgumentException().isThrownBy(() -> Signals.kill(group, Signals.TERM));
        }
    }

    @Test
    void aChildThatIgnoresTermGoesOnAndDiesOfKill() throws IOException {
        Child child = children.sh("trap '' TERM; trap 'echo still here' USR1; echo ready;"
                + " while :; do sleep 1000 & wait; kill $! 2>/dev/null; done");
        assertThat(child.line()).isEqualTo("ready");

        assertThat(Signals.kill(child.pid, Signals.TERM)).isTrue();
        assertThat(Signals.kill(child.pid, Signals.USR1)).isTrue();

        assertThat(child.line()).isEqualTo("still here");
        assertThat(Wait.peek(child.pidfd)).isEmpty();
        assertThat(Signals.killGroup(child.pid, Signals.KILL)).isTrue();
        assertThat(child.reap()).isEqualTo(new ExitStatus.KilledBySignal(Signals.KILL, false));
    }

    @Test
    void theZombieOfALeaderHoldsTheGroupsNumberForAGrandchildThatIgnoresTerm() throws IOException {
        Child leader = children.sh("(trap '' TERM; trap 'echo still here' USR1; echo ready;"
                + " while :; do sleep 1000 & wait; kill $! 2>/dev/null; done) & exit 3");
        assertThat(leader.line()).isEqualTo("ready");
        assertThat(leader.awaitEnd()).isEqualTo(new ExitStatus.NormalExit(3));

        assertThat(Signals.killGroup(leader.pid, Signals.TERM)).isTrue();
        assertThat(Signals.killGroup(leader.pid, Signals.USR1)).isTrue();
        assertThat(leader.line()).isEqualTo("still here");
        assertThat(Proc.census()).anyMatch(task -> task.pgrp() == leader.pid && !task.isDead());
        assertThat(Proc.task(leader.pid))
                .hasValueSatisfying(task -> assertThat(task.isDead()).isTrue());

        assertThat(Signals.killGroup(leader.pid, Signals.KILL)).isTrue();
        Children.awaitEndOfGroup(leader.pid);
        assertThat(leader.rest()).isEmpty();
        assertThat(leader.reap()).isEqualTo(new ExitStatus.NormalExit(3));
    }
}
