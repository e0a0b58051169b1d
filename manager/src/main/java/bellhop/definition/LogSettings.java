package bellhop.definition;

/**
 * Where the output of a service goes; the YAML key {@code log}.
 *
 * @param to the destination
 * @param maxSize how many bytes the current file may have before it is rotated
 * @param keep how many older files stay beside it
 * @param timestamps whether each line begins with its time
 * @param direct whether the service appends to the file itself, unrotated and without time stamps; a shell that opens
 *     {@code /dev/stdout} with {@code >} instead of {@code >>} empties it then
 */
public record LogSettings(To to, long maxSize, int keep, boolean timestamps, boolean direct) {

    /** A destination. */
    public enum To {
        /** A file of the service's own in the log dir. */
        FILE,
        /** The manager's standard output, each line after the service's name. */
        CONSOLE,
        /** Nowhere. */
        NONE
    }
}
