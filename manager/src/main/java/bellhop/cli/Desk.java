package bellhop.cli;

import bellhop.definition.ServiceDirectories;
import bellhop.engine.Engine;
import bellhop.log.LogPump;

/** What requests work with; closed once everything is stopped and the manager ends. */
final class Desk {

    private final Engine engine;
    private final ServiceDirectories directories;
    private final LogPump pump;
    private final Journal journal;
    /** Belongs to the loop's thread. */
    private boolean closed;

    Desk(Engine engine, ServiceDirectories directories, LogPump pump, Journal journal) {
        this.engine = engine;
        this.directories = directories;
        this.pump = pump;
        this.journal = journal;
    }

    Engine engine() {
        return engine;
    }

    ServiceDirectories directories() {
        return directories;
    }

    LogPump pump() {
        return pump;
    }

    Journal journal() {
        return journal;
    }

    boolean isClosed() {
        return closed;
    }

    /** From now on nothing is changed by request. */
    void close() {
        closed = true;
    }
}
