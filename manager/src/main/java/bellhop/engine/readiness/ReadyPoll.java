package bellhop.engine.readiness;

import bellhop.loop.EventLoop;
import java.time.Duration;
import java.util.Optional;

/** Asks again and again whether {@code run} is ready, with growing pauses, until it is or has ended. */
abstract class ReadyPoll implements ReadySignal {

    private final EventLoop loop;
    private final Runnable ready;
    private final Duration longest;
    private Duration pause;
    private Optional<EventLoop.Timer> next = Optional.empty();
    private boolean over;

    /**
     * Asks nothing before {@link #begin}.
     *
     * @param shortest the first pause; each is twice as long as the one before
     * @param longest the longest pause
     */
    ReadyPoll(EventLoop loop, Duration shortest, Duration longest, Runnable ready) {
        this.loop = loop;
        this.pause = shortest;
        this.longest = longest;
        this.ready = ready;
    }

    /** Asks once: {@link #answer} follows, now or later. */
    abstract void ask();

    /** Lets go of what is still being asked. */
    abstract void cancel();

    @Override
    public final void begin(int pid) {
        askLater();
    }

    private void askLater() {
        next = Optional.of(loop.after(pause, this::ask));
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(longest) < 0 ? twice : longest;
    }

    final void answer(boolean isReady) {
        if (over) {
            return;
        }
        if (isReady) {
            leave();
            ready.run();
        } else {
            askLater();
        }
    }

    @Override
    public final void leave() {
        over = true;
        next.ifPresent(EventLoop.Timer::cancel);
        cancel();
    }

    @Override
    public final void end() {
        leave();
    }

    @Override
    public final void abandon() {
        leave();
    }
}
