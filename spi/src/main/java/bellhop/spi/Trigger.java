package bellhop.spi;

import java.io.IOException;
import java.util.Set;

/**
 * Knows what is present now, on behalf of one service.
 *
 * <p>For each target that is present the manager keeps one instance of the service started, {@code getty@ttyS0} for
 * the target {@code ttyS0} of the service {@code getty}, and stops it when the target is gone.
 *
 * @since 0.1
 */
public interface Trigger extends AutoCloseable {

    /** The most targets that one answer may have. More, and the answer is refused: the last one stands. */
    int MAX_TARGETS = 1000;

    /**
     * Says what is here now: levels, not changes.
     *
     * <p>Called at once after {@link TriggerPlugin#open}, then each {@link Host#interval}, or soon after a kernel
     * event of a subsystem named to {@link Host#wakeOn}; always on the plugin's thread. The answer is the whole
     * truth: a target that is missing from it is taken to be gone, so an empty set stops every instance. Where it
     * cannot be known what is here, throw; where one device of many cannot be read, which happens whenever one is
     * just going, leave out that one.
     *
     * <p>Should take milliseconds. It may block, but the plugin's other triggers wait meanwhile, and after ten
     * seconds the thread is interrupted.
     *
     * @return a set that does not change any more, or a new one each time; not null, without null, without two
     *     targets of one name, of at most {@link #MAX_TARGETS}. A target whose name or facts are refused (see
     *     {@link Target}) is left out and shown, the others count
     * @throws IOException if it cannot be known; the last answer stands, and the call is made again later
     */
    Set<Target> present() throws IOException;

    /**
     * Gives back what the trigger has: files, connections, threads.
     *
     * <p>Called when the service no longer has this trigger, and when the manager ends, if it has the time. A
     * second call does nothing. The default does nothing.
     */
    @Override
    default void close() {}
}
