package bellhop.engine.readiness;

import bellhop.linux.PosixException;
import bellhop.linux.Spawn;
import java.util.List;

/** One launch of {@code run} that has not been ready before, and how it reports that it is ready. */
interface ReadySignal {

    /** Variables for the environment of {@code run}, each {@code NAME=value}. */
    default List<String> environment() {
        return List.of();
    }

    /** Descriptors that {@code run} finds open. */
    default List<Spawn.Opened> descriptors() {
        return List.of();
    }

    /** {@code run} was spawned with this process number. */
    void begin(int pid) throws PosixException;

    /** It is being stopped: there is nothing more to probe, but it may still report something. */
    default void leave() {}

    /** It has ended, or was never spawned: its reports so far are read, and everything is closed. */
    void end();

    /** Another manager takes it over: what is open here is closed, nothing is read, and nothing is removed. */
    void abandon();

    /** Its report about itself. */
    default SelfReport report() {
        return SelfReport.NONE;
    }
}
