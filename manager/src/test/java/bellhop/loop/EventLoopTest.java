package bellhop.loop;

import static org.assertj.core.api.Assertions.assertThat;

import bellhop.linux.Epoll;
import bellhop.linux.PosixException;
import bellhop.linux.Wakeup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Verifies the loop, turned by the test's own thread, on descriptors that are ready from the first. */
@Timeout(60)
class EventLoopTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final List<String> said = new ArrayList<>();
    private final List<Wakeup> descriptors = new ArrayList<>();
    private long stoodStill;
    private final EventLoop loop = new EventLoop((what, why) -> said.add(what + ": " + why.getMessage()), nanos -> {
        stoodStill += nanos;
        said.add("stood still");
    });

    EventLoopTest() throws PosixException {}

    @AfterEach
    void close() throws PosixException {
        loop.close();
        for (Wakeup descriptor : descriptors) {
            descriptor.close();
        }
    }

    /** A round that waits for nothing. */
    private void round() throws PosixException {
        loop.await(System.nanoTime());
        loop.work();
    }

    private int ready() throws PosixException {
        Wakeup descriptor = Wakeup.open();
        descriptors.add(descriptor);
        descriptor.wake();
        return descriptor.fd();
    }

    private static void fail() {
        throw new IllegalStateException("injected");
    }

    /** Works for so long: who does that keeps the loop from its turn. */
    private static void work(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    @Test
    void waitForADeadlineByTheClockIsOnePiece() throws Exception {
        long deadline = System.nanoTime()
                + StandStill.LONGEST_WAIT
                + Duration.ofMillis(100).toNanos();
        loop.await(EventLoop.NEVER, deadline);
        assertThat(loop.woke() - deadline).isNotNegative();

        long cut = System.nanoTime() + LONG.toNanos();
        loop.await(cut, cut);
        assertThat(loop.woke() - cut).isNegative();
        assertThat(said).isEmpty();
    }

    @Test
    void tasksAreDoneInTheOrderInWhichTheyCame() throws Exception {
        loop.execute(() -> said.add("one"));
        loop.execute(() -> said.add("two"));
        loop.execute(() -> said.add("three"));

        loop.await(EventLoop.NEVER);
        loop.work();

        assertThat(said).containsExactly("one", "two", "three");
    }

    @Test
    void whatATaskAsksForWaitsForTheNextRoundWhichComesAtOnce() throws Exception {
        loop.execute(() -> {
            loop.execute(() -> said.add("two"));
            said.add("one");
        });
        var _ = loop.after(Duration.ZERO, () -> said.add("timer"));
        round();
        assertThat(said).containsExactly("one", "timer");
        assertThat(loop.hasTasks()).isTrue();

        loop.await(EventLoop.NEVER);
        loop.work();

        assertThat(said).containsExactly("one", "timer", "two");
        assertThat(loop.hasTasks()).isFalse();
    }

    @Test
    void taskThatAnEarlierWaitHeardOfIsNotWaitedFor() throws Exception {
        loop.execute(() -> said.add("task"));
        loop.await(System.nanoTime());

        loop.await(EventLoop.NEVER);
        loop.work();

        assertThat(said).containsExactly("task");
    }

    @Test
    void taskOfAnotherThreadEndsTheWait() throws Exception {
        Thread other = Thread.ofPlatform().start(() -> loop.execute(() -> said.add("task")));

        while (said.isEmpty()) {
            loop.await(EventLoop.NEVER);
            loop.work();
        }

        other.join();
        assertThat(said).containsExactly("task");
    }

    @Test
    void timersAreDoneInTheOrderInWhichTheyAreDue() throws Exception {
        var _ = loop.after(Duration.ofMillis(20), () -> said.add("later"));
        var _ = loop.after(Duration.ofMillis(5), () -> said.add("sooner"));
        EventLoop.Timer never = loop.after(Duration.ofMillis(1), () -> said.add("cancelled"));
        never.cancel();
        EventLoop.Timer last = loop.afterByClock(Duration.ofMillis(30), () -> said.add("last"));

        while (loop.nextTimer() != EventLoop.NEVER) {
            loop.await(EventLoop.NEVER);
            loop.work();
        }
        last.cancel();

        assertThat(said).containsExactly("sooner", "later", "last");
    }

    @Test
    void timersOfTheSameInstantAreDoneInTheOrderInWhichTheyWereAskedFor() {
        Timers timers = new Timers();
        EventLoop.Timer second = new EventLoop.Timer(7, 2, () -> {}, timers);
        EventLoop.Timer first = new EventLoop.Timer(7, 1, () -> {}, timers);

        assertThat(first).isLessThan(second);
        assertThat(second).isGreaterThan(first);
    }

    @Test
    void timerThatATimerCancelsIsNotDone() throws Exception {
        EventLoop.Timer[] second = new EventLoop.Timer[1];
        var _ = loop.after(Duration.ZERO, () -> second[0].cancel());
        second[0] = loop.after(Duration.ofNanos(1), () -> said.add("cancelled"));

        round();

        assertThat(said).isEmpty();
        assertThat(loop.nextTimer()).isEqualTo(EventLoop.NEVER);
    }

    @Test
    void whileAnythingIsTimedNoWaitIsLongerThanASecond() throws Exception {
        var _ = loop.after(LONG, () -> said.add("timer"));

        loop.await(EventLoop.NEVER);
        loop.work();

        assertThat(said).isEmpty();
    }

    @Test
    void handlerThatFailsIsCalledAgainLaterAndTheOthersAtOnce() throws Exception {
        EventLoop.Watch bad = loop.watch(ready(), Epoll.IN, events -> fail());
        EventLoop.Watch good = loop.watch(ready(), Epoll.IN, events -> said.add("good"));
        String failure = "an event of descriptor " + bad.fd() + ": injected";

        round();
        assertThat(said).containsExactlyInAnyOrder(failure, "good");
        round();
        round();
        assertThat(said).containsOnlyOnce(failure).hasSize(4);

        loop.unwatch(good);
        while (said.size() == 4) {
            loop.await(EventLoop.NEVER);
            loop.work();
        }
        assertThat(said).endsWith(failure);
    }

    @Test
    void handlerThatFailedIsNotCalledAgainOnceItsDescriptorIsGone() throws Exception {
        EventLoop.Watch bad = loop.watch(ready(), Epoll.IN, events -> fail());
        round();
        loop.rewatch(bad, Epoll.OUT);
        loop.unwatch(bad);

        while (loop.nextTimer() != EventLoop.NEVER) {
            loop.await(EventLoop.NEVER);
            loop.work();
        }

        assertThat(said).containsExactly("an event of descriptor " + bad.fd() + ": injected");
    }

    @Test
    void handlerThatAnotherTookAwayInTheSameRoundIsNotCalled() throws Exception {
        EventLoop.Watch[] watches = new EventLoop.Watch[2];
        for (int i = 0; i < 2; i++) {
            int other = 1 - i;
            watches[i] = loop.watch(ready(), Epoll.IN, events -> {
                said.add("called");
                loop.unwatch(watches[other]);
            });
        }

        round();

        assertThat(said).containsExactly("called");
    }

    @Test
    void descriptorCanBeWatchedForNothingAWhile() throws Exception {
        EventLoop.Watch watch = loop.watch(ready(), Epoll.IN, events -> said.add("called"));
        loop.rewatch(watch, 0);
        round();
        assertThat(said).isEmpty();

        loop.rewatch(watch, Epoll.IN);
        round();
        assertThat(said).containsExactly("called");
    }

    @Test
    void failureOfATaskOrATimerIsToldAndTheOthersGoOn() throws Exception {
        loop.execute(EventLoopTest::fail);
        loop.execute(() -> said.add("task"));
        var _ = loop.after(Duration.ZERO, EventLoopTest::fail);
        var _ = loop.after(Duration.ofNanos(1), () -> said.add("timer"));

        round();

        assertThat(said).containsExactly("a task: injected", "task", "a timer: injected", "timer");
    }

    @Test
    void whoeverWakesItAfterItsEndWakesNobodyElse() throws Exception {
        EventLoop ended = new EventLoop((what, why) -> said.add(what));
        ended.close();
        try (Epoll others = Epoll.open()) {
            for (int i = 0; i < 2; i++) {
                Wakeup other = Wakeup.open();
                descriptors.add(other);
                others.add(other.fd(), Epoll.IN, i);
            }
            ended.execute(() -> said.add("task"));
            ended.wake();

            assertThat(others.await(0, (token, events) -> {})).isZero();
        }
    }

    @Test
    void standStillIsToldFirstAndPutsOffWhatDoesNotGoByTheClock() throws Exception {
        round();
        var _ = loop.watch(ready(), Epoll.IN, events -> said.add("heard"));
        EventLoop.Timer counted = loop.after(LONG, () -> {});
        long due = loop.nextTimer();
        loop.execute(() -> work(Duration.ofMillis(1200)));
        loop.work();
        long began = loop.now();

        loop.await(System.nanoTime());

        assertThat(said).containsExactly("stood still", "heard");
        assertThat(stoodStill).isGreaterThan(Duration.ofMillis(200).toNanos());
        assertThat(loop.nextTimer() - due).isEqualTo(stoodStill);
        assertThat(loop.now() - began).isLessThan(LONG.toNanos());
        counted.cancel();

        var _ = loop.afterByClock(LONG, () -> {});
        due = loop.nextTimer();
        loop.execute(() -> work(Duration.ofMillis(1200)));
        loop.work();
        loop.await(System.nanoTime());
        assertThat(said).hasSize(4);
        assertThat(loop.nextTimer()).isEqualTo(due);
    }

    @Test
    void failureToHearOfAStandStillIsTold() throws Exception {
        try (EventLoop deaf = new EventLoop((what, why) -> said.add(what), nanos -> fail())) {
            deaf.await(System.nanoTime());
            deaf.execute(() -> work(Duration.ofMillis(1200)));
            deaf.work();

            deaf.await(System.nanoTime());
        }

        assertThat(said).containsExactly("a stand-still");
    }
}
