package bellhop.log;

/** Where the lines of a writer go; writers of one name may differ in it. */
public sealed interface Destination {

    /**
     * To the files of the name's log.
     *
     * @param timestamps whether each line begins with its time
     * @param waits whether its writers wait for as long as it cannot be written; else lines are dropped after a while
     */
    record LogFile(Rotation rotation, boolean timestamps, boolean waits) implements Destination {

        /** One whose lines are dropped if it cannot be written. */
        LogFile(Rotation rotation, boolean timestamps) {
            this(rotation, timestamps, false);
        }
    }

    /**
     * To the console, each line after the name. What has no end yet waits for it, unless it is long; a line is never
     * continued there after another's.
     */
    record Console() implements Destination {}
}
