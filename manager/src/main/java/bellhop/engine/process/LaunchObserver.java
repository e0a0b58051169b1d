package bellhop.engine.process;

import bellhop.core.Effect;
import bellhop.linux.PosixException;
import bellhop.linux.Spawn;
import java.io.IOException;
import java.util.List;

/**
 * Observes each launch from before its process is spawned until that has ended, and may give it a channel to report by.
 */
public interface LaunchObserver {

    /**
     * What a launch needs to report that it is ready.
     *
     * @param environment for its environment, each {@code NAME=value}
     * @param descriptors to be open in it
     */
    record Preparation(List<String> environment, List<Spawn.Opened> descriptors) {
        public static final Preparation NONE = new Preparation(List.of(), List.of());
    }

    /**
     * Makes the channel by which a script will report, before it is spawned. {@link #end} follows, whether the spawn
     * succeeds or not.
     *
     * @throws IOException if that cannot be made; the script is then not to be spawned
     */
    Preparation prepare(Effect.Launch launch) throws IOException;

    /** The script was spawned. */
    void begin(long launch, int pid) throws PosixException;

    /**
     * Listens to the running script of an earlier manager, and probes it, from now on. {@link #end} follows.
     *
     * @throws IOException if the channel by which it reports cannot be made again
     */
    void adopt(Effect.Adopt adopt, int pid) throws IOException;

    /** The script is to end: it is asked nothing more. */
    void leave(long launch);

    /** The script has ended, or was not spawned. */
    void end(long launch);
}
