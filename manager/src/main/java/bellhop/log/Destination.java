package bellhop.log;

/** Where the lines of a writer go; writers of one name may differ in it. */
public sealed interface Destination {

    /**
     * To the files of the name's log.
     *
     * @param timestamps whether each line begins with its time
     */
    record LogFile(Rotation rotation, boolean timestamps) implements Destination {}

    /**
     * To the console, each line after the name. What has no end yet waits for it, unless it is long; a line is never
     * continued there after another's.
     */
    record Console() implements Destination {}
}
