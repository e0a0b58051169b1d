package bellhop.log;

/**
 * When a log is rotated and how much of it stays.
 *
 * @param maxSize how many bytes {@code current} may have; it gets at most twice as many if a line does not end
 * @param kept how many older files stay beside it
 */
public record Rotation(long maxSize, int kept) {

    public Rotation {
        if (maxSize < 1 || kept < 0) {
            throw new IllegalArgumentException("no rotation: " + maxSize + " bytes, " + kept + " kept");
        }
    }
}
