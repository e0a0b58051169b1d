package bellhop.core;

import bellhop.definition.Definition;

/** What can happen to a service. */
public sealed interface Event {
    /** It is to be up. {@code atOnce}: by hand, which waits for no delay and forgets past failures. */
    record Begin(Definition definition, boolean atOnce) implements Event {}

    /** It is to be down. */
    record Halt() implements Event {}

    /** Everything that this incarnation requires is up. */
    record Provided(long incarnation) implements Event {}

    /** Something that this incarnation requires does not come up. {@code why}: a phrase with its name. */
    record Lacking(long incarnation, String why) implements Event {}

    /** The script runs. */
    record Spawned(long launch, int pid) implements Event {}

    /** The script could not be run. {@code why}: a phrase with the stage and the system's reason. */
    record SpawnFailed(long launch, String why) implements Event {}

    /** The script's own process has ended. */
    record ScriptExited(long launch, Exit exit) implements Event {}

    /** Nobody within reach of the script is left; {@code leftAlive} live on because they are beyond it. */
    record Cleared(long launch, int leftAlive) implements Event {}

    /** {@code run} says that it is ready. */
    record BecameReady(long launch) implements Event {}

    /** It needs this much longer, from now, for what it is at: {@code EXTEND_TIMEOUT_USEC}. */
    record Extended(long launch, long nanos) implements Event {}

    /** {@code run} says that it is well: {@code WATCHDOG=1}. */
    record Pinged(long launch) implements Event {}

    /** {@code run} says that it is about to end: {@code STOPPING=1}. */
    record StopAnnounced(long launch) implements Event {}

    /** Its health check says that {@code run} is not well. {@code why}: a phrase, the probe's last line. */
    record Unhealthy(long launch, String why) implements Event {}

    /** The state's deadline is over. */
    record DeadlinePassed() implements Event {}

    /** A request that the script made is waiting. */
    record ClockStopped() implements Event {}

    /** None is waiting any more. */
    record ClockResumed() implements Event {}
}
