package bellhop.definition;

import java.time.Duration;
import java.util.Optional;

/**
 * Where the output of a service goes; the YAML key {@code log}.
 *
 * @param to the destination
 * @param maxSize how many bytes the current file may have before it is rotated
 * @param keep how many older files stay beside it
 * @param timestamps whether each line begins with its time
 * @param direct whether the service appends to the file itself, unrotated and without time stamps; a shell that opens
 *     {@code /dev/stdout} with {@code >} instead of {@code >>} empties it then
 * @param maxAge how old the first line of the current file may be before it is rotated; empty: age does not matter
 * @param full what happens if the file cannot be written; empty: as {@link WhenFull#DROP}
 */
public record LogSettings(
        To to,
        long maxSize,
        int keep,
        boolean timestamps,
        boolean direct,
        Optional<Duration> maxAge,
        Optional<WhenFull> full) {

    /** With no age, and the usual if the file cannot be written. */
    public LogSettings(To to, long maxSize, int keep, boolean timestamps, boolean direct) {
        this(to, maxSize, keep, timestamps, direct, Optional.empty(), Optional.empty());
    }

    /** Whether the service waits for as long as its file cannot be written. */
    public boolean waitsWhenFull() {
        return full.filter(WhenFull.BLOCK::equals).isPresent();
    }

    /** What happens if the file cannot be written, for example because the disk is full. */
    public enum WhenFull {
        /** The service waits for 10 s if it writes much; then its lines are dropped and counted. */
        DROP,
        /** The service waits if it writes much. */
        BLOCK
    }

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
