package bellhop.engine.readiness;

import bellhop.linux.PosixException;
import bellhop.linux.Spawn;
import java.util.List;

/** One launch of {@code run} that has not been ready before, and how it tells that it is. */
interface ReadySignal {

    /** What {@code run} is to find in its environment, each {@code NAME=value}. */
    default List<String> environment() {
        return List.of();
    }

    /** What {@code run} is to find open. */
    default List<Spawn.Opened> descriptors() {
        return List.of();
    }

    /** {@code run} was spawned with this process number. */
    void begin(int pid) throws PosixException;

    /** It was told to end: there is nothing more to ask, but it may still have something to say. */
    default void leave() {}

    /** It has ended, or was never spawned: whatever it has said by now is heard, and all is closed. */
    void end();

    /** Another manager looks after it: what is open here is closed, nothing is heard, and nothing removed. */
    void abandon();

    /** What it has said of itself. */
    default SelfReport report() {
        return SelfReport.NONE;
    }
}
