package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.linux.Children.Child;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DescriptorExhaustionTest {

    private final Children children = new Children();

    @AfterEach
    void nothingIsLeft() throws IOException {
        children.close();
    }

    @Test
    void withNoDescriptorLeftEachCallSaysSoChildrenStillStartAndNoneIsLost() throws IOException {
        Child java = children.java("ulimit -n 64", NoDescriptorsLeft.class);

        assertThat(java.line()).isEqualTo("open(/no/such): No such file or directory (ENOENT)");
        assertThat(java.line()).isEqualTo("open(/dev/null): Too many open files (EMFILE)");
        assertThat(java.line()).isEqualTo("pipe2(): Too many open files (EMFILE)");
        assertThat(java.line()).isEqualTo("epoll_create1(): Too many open files (EMFILE)");
        assertThat(java.line()).isEqualTo("eventfd(): Too many open files (EMFILE)");
        assertThat(java.line()).isEqualTo("taking over descriptor 1: Too many open files (EMFILE)");
        assertThat(java.line()).matches("pidfd_open\\(\\d+\\): Too many open files \\(EMFILE\\)");
        assertThat(java.line()).isEqualTo("started all the same: NormalExit[code=5]");
        assertThat(java.line()).isEqualTo("after one was closed: NormalExit[code=6]");
        assertThat(java.rest()).isEmpty();
        assertThat(java.reap()).isEqualTo(new ExitStatus.NormalExit(0));
    }
}
