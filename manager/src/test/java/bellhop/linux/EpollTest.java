package bellhop.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EpollTest {

    private static final long AT_ONCE = 0;
    private static final long FOR_EVER = -1;

    private Epoll epoll;
    private int in;
    private int out;
    private final List<Long> tokens = new ArrayList<>();
    private final List<Integer> events = new ArrayList<>();

    @BeforeEach
    void open() throws PosixException {
        epoll = Epoll.open();
        int[] pipe = Fd.pipe(Fd.O_NONBLOCK);
        in = pipe[0];
        out = pipe[1];
    }

    @AfterEach
    void close() throws PosixException {
        epoll.close();
        Fd.close(in);
        if (out >= 0) {
            Fd.close(out);
        }
    }

    private int await(long timeout) throws PosixException {
        tokens.clear();
        events.clear();
        return epoll.await(timeout, (token, ready) -> {
            tokens.add(token);
            events.add(ready);
        });
    }

    private void write(String text) throws PosixException {
        Fd.write(out, direct(text));
    }

    private static ByteBuffer direct(String text) {
        return ByteBuffer.allocateDirect(text.length())
                .put(text.getBytes(StandardCharsets.UTF_8))
                .flip();
    }

    @Test
    void allBitsOfATokenComeBack() throws PosixException {
        epoll.add(in, Epoll.IN, 0xFEDC_BA98_7654_3210L);
        write("x");

        assertThat(await(FOR_EVER)).isEqualTo(1);
        assertThat(tokens).containsExactly(0xFEDC_BA98_7654_3210L);
        assertThat(events).containsExactly(Epoll.IN);
    }

    @Test
    void nothingReadyIsZeroWhenTheTimeIsOver() throws PosixException {
        epoll.add(in, Epoll.IN, 1);

        assertThat(await(AT_ONCE)).isZero();
        assertThat(await(1)).isZero();
    }

    @Test
    void aTimeIsRoundedUpSoThatItHasPassedAfterTheWait() {
        assertThat(Epoll.millis(0)).isZero();
        assertThat(Epoll.millis(1)).isEqualTo(1);
        assertThat(Epoll.millis(1_000_000)).isEqualTo(1);
        assertThat(Epoll.millis(1_000_001)).isEqualTo(2);
        assertThat(Epoll.millis(-5)).isEqualTo(-1);
        assertThat(Epoll.millis(Long.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void levelTriggeredIsReportedUntilItIsRead() throws PosixException {
        epoll.add(in, Epoll.IN, 1);
        write("x");

        assertThat(await(AT_ONCE)).isEqualTo(1);
        assertThat(await(AT_ONCE)).isEqualTo(1);
    }

    @Test
    void edgeTriggeredIsReportedOnceForEachWrite() throws PosixException {
        epoll.add(in, Epoll.IN | Epoll.ET, 1);
        write("x");

        assertThat(await(AT_ONCE)).isEqualTo(1);
        assertThat(await(AT_ONCE)).isZero();
        write("y");
        assertThat(await(AT_ONCE)).isEqualTo(1);
    }

    @Test
    void theLastWritersEndIsAHangUp() throws PosixException {
        epoll.add(in, Epoll.IN, 1);
        Fd.close(out);
        out = -1;

        assertThat(await(FOR_EVER)).isEqualTo(1);
        assertThat(events).containsExactly(Epoll.HUP);
    }

    @Test
    void modifyChangesTokenAndEvents() throws PosixException {
        epoll.add(out, Epoll.OUT, 1);
        assertThat(await(AT_ONCE)).isEqualTo(1);

        epoll.modify(out, 0, 2);
        assertThat(await(AT_ONCE)).isZero();
        epoll.modify(out, Epoll.OUT, 3);
        assertThat(await(AT_ONCE)).isEqualTo(1);
        assertThat(tokens).containsExactly(3L);
    }

    @Test
    void whatWasRemovedIsNotReported() throws PosixException {
        epoll.add(out, Epoll.OUT, 1);
        epoll.remove(out);

        assertThat(await(AT_ONCE)).isZero();
        assertThatThrownBy(() -> epoll.remove(out))
                .hasMessage("epoll_ctl(EPOLL_CTL_DEL, %d): No such file or directory (ENOENT)", out);
    }

    @Test
    void moreThanOneRoundHoldsAreAllReported() throws PosixException {
        List<Wakeup> wakeups = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Wakeup wakeup = Wakeup.open();
            wakeup.wake();
            wakeups.add(wakeup);
            epoll.add(wakeup.fd(), Epoll.IN, i);
        }

        Set<Long> seen = new HashSet<>();
        for (int round = 0; round < 4; round++) {
            assertThat(await(FOR_EVER)).isPositive();
            seen.addAll(tokens);
        }

        assertThat(seen).hasSize(200);
        for (Wakeup wakeup : wakeups) {
            wakeup.close();
        }
    }

    @Test
    void aWakeFromAnotherThreadEndsTheWaitAndManyAreOne() throws Exception {
        try (Wakeup wakeup = Wakeup.open()) {
            epoll.add(wakeup.fd(), Epoll.IN, 5);
            Thread other = new Thread(() -> {
                try {
                    wakeup.wake();
                    wakeup.wake();
                } catch (PosixException failure) {
                    throw new AssertionError(failure);
                }
            });
            other.start();

            assertThat(await(FOR_EVER)).isEqualTo(1);
            assertThat(tokens).containsExactly(5L);
            other.join();
            wakeup.drain();
            assertThat(await(AT_ONCE)).isZero();
            wakeup.drain();
        }
    }

    @Test
    void waitingMakesNoGarbageOfItsOwn() throws PosixException {
        epoll.add(out, Epoll.OUT, 1);
        Epoll.Handler handler = (token, ready) -> {};
        for (int i = 0; i < 20_000; i++) {
            epoll.await(AT_ONCE, handler);
        }

        var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            epoll.await(AT_ONCE, handler);
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;

        // Before the optimizing compiler has seen it, the linker cuts a slice of where errno goes: 40 bytes.
        assertThat(bytes / 10_000).isLessThanOrEqualTo(40);
    }

    @Test
    void allThatIsReadyIsToldOfOnceHoweverMany() throws PosixException {
        int many = 400; // twice as many descriptors, beside those of the JVM and other tests, of 1,024
        List<Integer> opened = new ArrayList<>();
        try {
            for (int token = 0; token < many; token++) {
                int[] pipe = Fd.pipe(Fd.O_NONBLOCK);
                opened.add(pipe[0]);
                opened.add(pipe[1]);
                Fd.write(pipe[1], direct("x"));
                epoll.add(pipe[0], Epoll.IN, token);
            }

            epoll.awaitAll(FOR_EVER, many);

            epoll.tell((token, ready) -> tokens.add(token));
            assertThat(tokens).hasSize(many).doesNotHaveDuplicates();
        } finally {
            for (int fd : opened) {
                Fd.close(fd);
            }
        }
    }
}
