package bellhop.log;

import java.time.Duration;
import java.util.Optional;

/**
 * When a log is rotated and how much of it stays.
 *
 * @param maxSize how many bytes {@code current} may have; it gets at most twice as many if a line does not end
 * @param maxAge how old the first line in {@code current} may be; empty: any age
 * @param kept how many older files stay beside it
 */
public record Rotation(long maxSize, Optional<Duration> maxAge, int kept) {

    /** By size alone. */
    public Rotation(long maxSize, int kept) {
        this(maxSize, Optional.empty(), kept);
    }

    public Rotation {
        if (maxSize < 1 || kept < 0) {
            throw new IllegalArgumentException("no rotation: " + maxSize + " bytes, " + kept + " kept");
        }
    }
}
