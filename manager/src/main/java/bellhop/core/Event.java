package bellhop.core;

import bellhop.definition.Definition;

/** What can happen to a service. */
public sealed interface Event {
    /** Belongs to one incarnation, and says nothing about another. */
    sealed interface OfLife extends Event {
        long incarnation();
    }

    /** Belongs to one launch of a script, and says nothing about another. */
    sealed interface OfLaunch extends Event {
        long launch();
    }

    /** It is to be up. {@code atOnce}: manually, which waits for no delay and forgets past failures. */
    record Begin(Definition definition, boolean atOnce) implements Event {}

    /** It is to be down. */
    record Halt() implements Event {}

    /** Everything that this incarnation requires is up. */
    record Provided(long incarnation) implements OfLife {}

    /** Something that this incarnation requires does not come up. {@code why}: a phrase with its name. */
    record Lacking(long incarnation, String why) implements OfLife {}

    /** The script runs. */
    record Spawned(long launch, int pid) implements OfLaunch {}

    /** The script could not be run. {@code why}: a phrase with the stage and the system's reason. */
    record SpawnFailed(long launch, String why) implements OfLaunch {}

    /** The script's own process has ended. */
    record ScriptExited(long launch, Exit exit) implements OfLaunch {}

    /** Nobody within reach of the script is left; {@code leftAlive} live on because they are beyond it. */
    record Cleared(long launch, int leftAlive) implements OfLaunch {}

    /** {@code run} says that it is ready. */
    record BecameReady(long launch) implements OfLaunch {}

    /** It needs this much longer, from now, for what it is at: {@code EXTEND_TIMEOUT_USEC}. */
    record Extended(long launch, long nanos) implements OfLaunch {}

    /** {@code run} says that it is well: {@code WATCHDOG=1}. */
    record Pinged(long launch) implements OfLaunch {}

    /** {@code run} says that it is about to end: {@code STOPPING=1}. */
    record StopAnnounced(long launch) implements OfLaunch {}

    /** Its health check says that {@code run} is not well. {@code why}: a phrase, the probe's last line. */
    record Unhealthy(long launch, String why) implements OfLaunch {}

    /** The state's deadline is over. */
    record DeadlinePassed() implements Event {}

    /** A request that the script made is waiting. */
    record ClockStopped() implements Event {}

    /** None is waiting any more. */
    record ClockResumed() implements Event {}
}
