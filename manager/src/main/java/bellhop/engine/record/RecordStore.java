package bellhop.engine.record;

import bellhop.core.Effect;
import bellhop.engine.process.ProcessId;
import java.io.IOException;

/** Keeps the truth about each service for the next manager. */
@FunctionalInterface
public interface RecordStore {

    /** Keeps nothing: for a manager whose services end with it. */
    RecordStore NONE = (record, process) -> {};

    /**
     * Writes down what is known, as a whole or not at all.
     *
     * @param process the process of the running script, if there is one
     * @throws IOException if it could not be written; what was there before is still there
     */
    void save(Effect.Save record, ProcessId process) throws IOException;
}
