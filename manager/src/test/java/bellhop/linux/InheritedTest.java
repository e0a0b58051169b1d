package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bellhop.linux.Children.Child;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Verifies that the kernel tells apart whom this process has inherited from whom it has started. */
class InheritedTest {

    private final Children children = new Children();

    @BeforeEach
    void isListedHere() throws IOException {
        assumeTrue(Proc.children(Proc.INHERITED).isPresent(), "SKIPPED: this kernel has no such list");
        Prctl.becomeSubreaper();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        children.close();
        Prctl.ceaseToBeSubreaper();
    }

    @Test
    void anOrphanIsListedAndAChildIsNot() throws IOException {
        Child parent = children.sh("sleep 1000 >/dev/null & echo $!");
        int orphan = Integer.parseInt(parent.line().strip());
        parent.awaitEnd();

        List<Integer> inherited = Proc.children(Proc.INHERITED).orElseThrow();

        assertThat(inherited).contains(orphan).doesNotContain(parent.pid);
        Signals.kill(orphan, Signals.KILL);
        Children.awaitEndOf(orphan);
        Wait.reapPid(orphan);
        assertThat(Proc.children(Proc.INHERITED).orElseThrow()).doesNotContain(orphan);
    }

    @Test
    void aKernelWithoutTheListIsTold() throws IOException {
        assertThat(Proc.children("/proc/self/no-such")).isEmpty();
    }
}
