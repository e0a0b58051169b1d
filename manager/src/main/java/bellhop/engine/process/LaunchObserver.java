package bellhop.engine.process;

import bellhop.core.Effect;
import bellhop.linux.PosixException;
import bellhop.linux.Spawn;
import java.io.IOException;
import java.util.List;

/** Is told of each launch from before its process is spawned until that has ended, and may give it something to tell by. */
public interface LaunchObserver {

    /**
     * What a launch needs to tell that it is ready.
     *
     * @param environment for its environment, each {@code NAME=value}
     * @param descriptors to be open in it
     */
    record Preparation(List<String> environment, List<Spawn.Opened> descriptors) {
        public static final Preparation NONE = new Preparation(List.of(), List.of());
    }

    /**
     * Before a script is spawned: makes what it will tell by. Whatever becomes of the spawn, {@link #end} follows.
     *
     * @throws IOException if that cannot be made; the script is then not to be spawned
     */
    Preparation prepare(Effect.Launch launch) throws IOException;

    /** The script was spawned. */
    void begin(long launch, int pid) throws PosixException;

    /**
     * The script of an earlier manager runs: hears it, and asks it, from now on. {@link #end} follows.
     *
     * @throws IOException if what it tells by cannot be made again
     */
    void adopt(Effect.Adopt adopt, int pid) throws IOException;

    /** The script is to end: it is asked nothing more. */
    void leave(long launch);

    /** The script has ended, or was not spawned. */
    void end(long launch);
}
