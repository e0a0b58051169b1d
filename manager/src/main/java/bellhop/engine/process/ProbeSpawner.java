package bellhop.engine.process;

import bellhop.core.Life;
import java.io.IOException;
import java.util.List;

/** Starts a command that asks a service how it is, as the service itself is started. */
@FunctionalInterface
public interface ProbeSpawner {

    /**
     * Starts it, the leader of a session of its own.
     *
     * @param mark {@code NAME=value} for its environment
     * @param out a descriptor for all its output
     * @return its process, a child to be reaped
     * @throws IOException if it cannot be started, and why
     */
    int spawn(Life life, List<String> command, String mark, int out) throws IOException;
}
