package bellhop.engine.readiness;

import bellhop.loop.EventLoop;
import java.time.Duration;
import java.util.Optional;

/** A TCP port that takes connections, or is well by HTTP. */
final class ReadyPort extends ReadyPoll {

    private static final Duration SHORTEST = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofMillis(200);
    /** One that has not been answered by then is given up, and tried again. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final PortProbe probe;
    private String said = "";

    ReadyPort(EventLoop loop, PortProbe probe, Runnable ready) {
        super(loop, SHORTEST, LONGEST, ready);
        this.probe = probe;
    }

    @Override
    void ask() {
        probe.ask(LIMIT, outcome -> {
            said = outcome.well() ? "" : outcome.phrase();
            answer(outcome.well());
        });
    }

    @Override
    void cancel() {
        probe.cancel();
    }

    @Override
    public SelfReport report() {
        return new SelfReport("", false, 0, "", Optional.empty(), said, Optional.empty());
    }
}
