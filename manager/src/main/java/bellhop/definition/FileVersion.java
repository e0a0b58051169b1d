package bellhop.definition;

/**
 * Which file stands under a name, as far as can be seen without reading it.
 *
 * @param inode its number in its file system
 * @param size its bytes
 * @param changedNanos when its content changed last, nanoseconds since the epoch
 */
public record FileVersion(long inode, long size, long changedNanos) {}
