package bellhop.log;

import bellhop.loop.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/** Decides what becomes of lines whose log cannot be written, and tries again each second. Of the pump's thread. */
final class Outages {
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final LineCopier copier;
    private final InstantSource clock;
    private final Consumer<LogFifo> copy;
    private final Consumer<String> warnings;

    /** How long writers are held before lines are dropped. */
    Duration patience = Outage.PATIENCE;

    /**
     * There are none yet.
     *
     * @param copy copies what a source has, or drops it
     */
    Outages(EventLoop loop, LineCopier copier, InstantSource clock, Consumer<LogFifo> copy, Consumer<String> warnings) {
        this.loop = loop;
        this.copier = copier;
        this.clock = clock;
        this.copy = copy;
        this.warnings = warnings;
    }

    /** A source is held because its log could not be written, which is reported once for each log. */
    void begin(LogFifo source, Throwable why) {
        Log log = source.log();
        if (log.outage == null) {
            log.outage = new Outage(System.nanoTime(), why);
            boolean drops = why instanceof IOException && dropsFor(source).isPresent();
            warnings.accept(Outage.begins(log.name, why, drops));
        }
    }

    /** How the log of that writer is written, if its lines are dropped rather than kept while that fails. */
    private static Optional<Destination.LogFile> dropsFor(LogFifo source) {
        return source.writer.destination() instanceof Destination.LogFile file && !file.waits()
                ? Optional.of(file)
                : Optional.empty();
    }

    /** Whether what is written to a log is dropped now. */
    static boolean isDropped(Log log) {
        Outage outage = log.outage;
        return outage != null && outage.isDropping() && !outage.due;
    }

    /** Whether a log that has just failed has done so for so long that lines are dropped. */
    boolean mayDrop(LogFifo source) {
        Log log = source.log();
        Outage outage = log.outage;
        Optional<Destination.LogFile> file = dropsFor(source);
        if (outage == null || file.isEmpty() || !outage.lasted(patience, System.nanoTime())) {
            return false;
        }
        outage.due = false;
        if (!outage.isDropping()) {
            outage.drop(file.get(), clock.millis());
            log.abandonLine();
            tryAgainLater(log, outage);
        }
        return true;
    }

    private void tryAgainLater(Log log, Outage outage) {
        loop.afterByClock(BETWEEN_TRIES, () -> {
            if (log.outage == outage) {
                tryAgain(log, outage);
            }
        });
    }

    /** With what its writers have for it, so that it has room for more than a few words. */
    private void tryAgain(Log log, Outage outage) {
        outage.due = true;
        for (LogFifo source : log.sources()) {
            if (outage.due && log.outage == outage && source.watch != null) {
                copy.accept(source);
            }
        }
        if (outage.due && log.outage == outage) {
            noteDropped(log, outage);
        }
        if (log.outage == outage) {
            outage.due = false;
            tryAgainLater(log, outage);
        }
    }

    private void noteDropped(Log log, Outage outage) {
        try {
            copier.noteDropped(log, outage.file());
            noteEnd(log);
        } catch (IOException e) {
            // then it is tried again
        }
    }

    /** Something was done with a source: its log may have taken something. */
    void noteEnd(LogFifo source, LineCopier.CopyResult outcome) {
        Outage outage = source.log().outage;
        if (outage != null
                && outcome == LineCopier.CopyResult.COPIED
                && source.writer.destination() instanceof Destination.Console) {
            outage.over = true;
        }
        noteEnd(source.log());
    }

    private void noteEnd(Log log) {
        Outage outage = log.outage;
        if (outage != null && outage.over) {
            log.outage = null;
            warnings.accept(outage.ends(log.name));
        }
    }

    /** At the pump's end: the next manager does not know what was dropped. */
    void tell(Log log) {
        Outage outage = log.outage;
        if (outage != null && outage.isDropping()) {
            noteDropped(log, outage);
            if (log.outage != null) {
                warnings.accept("log of " + log.name + ": " + outage.dropped());
            }
        }
    }
}
