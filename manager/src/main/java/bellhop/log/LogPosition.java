package bellhop.log;

import java.util.Optional;

/**
 * A place in a log, which stays the same when the log is rotated.
 *
 * @param inode that of the file; one that is not there, or not any more, stands for the beginning of the log
 * @param offset how many bytes of the file are before it
 */
public record LogPosition(long inode, long offset) {

    /** The beginning of every log. */
    public static final LogPosition START = new LogPosition(0, 0);

    /** Reads what {@link #toString} wrote; empty if it is something else. */
    public static Optional<LogPosition> parse(String text) {
        int colon = text.indexOf(':');
        try {
            return colon < 0
                    ? Optional.empty()
                    : Optional.of(new LogPosition(
                            Long.parseLong(text.substring(0, colon)),
                            Math.max(0, Long.parseLong(text.substring(colon + 1)))));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return inode + ":" + offset;
    }
}
