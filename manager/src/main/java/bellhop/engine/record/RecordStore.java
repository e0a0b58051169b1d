package bellhop.engine.record;

import bellhop.core.Effect;
import bellhop.engine.process.ProcessId;
import java.io.IOException;

/** Where the truth about each service is kept for whoever comes after this process. */
@FunctionalInterface
public interface RecordStore {

    /** Keeps nothing: for a manager whose services end with it. */
    RecordStore NONE = (record, process) -> {};

    /**
     * Writes down what is known, as a whole or not at all.
     *
     * @param process the process of the script that runs, where there is one
     * @throws IOException if it could not be written; what was there before is still there
     */
    void save(Effect.Save record, ProcessId process) throws IOException;
}
