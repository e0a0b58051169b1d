package bellhop.engine.readiness;

import bellhop.core.Life;
import bellhop.engine.process.Probes;
import bellhop.loop.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A command that exits 0, run again after each failure. */
final class ReadyCommand extends ReadyPoll {

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Probes probes;
    private final Life life;
    private final long launch;
    private final List<String> command;
    private String said = "";

    ReadyCommand(EventLoop loop, Probes probes, Life life, long launch, List<String> command, Runnable ready) {
        super(loop, SHORTEST, LONGEST, ready);
        this.probes = probes;
        this.life = life;
        this.launch = launch;
        this.command = command;
    }

    @Override
    void ask() {
        probes.start(life, launch, command, LIMIT, outcome -> {
            said = outcome.well() ? "" : outcome.phrase();
            answer(outcome.well());
        });
    }

    @Override
    void cancel() {
        probes.end(launch);
    }

    @Override
    public SelfReport report() {
        return new SelfReport("", false, 0, "", Optional.empty(), said, Optional.empty());
    }
}
