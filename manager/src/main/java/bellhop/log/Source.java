package bellhop.log;

/** A FIFO that is read until nobody can write to it any more. Of the pump's thread. */
final class Source {

    /** Which FIFO it is, whatever its path. */
    record Identity(long device, long inode) {}

    final Identity identity;
    final int fd;
    Log log;
    byte[] mark;

    /** Whether the last writer was seen to go; another may have come since. */
    boolean hungUp;

    /** Whether what there is goes to the log now, line or not. */
    boolean stale;

    /** Whether the log could not be written to; nothing is tried before {@link #due}. */
    boolean blocked;

    /** When to look again without being told to, in {@link System#nanoTime}; meaningful while it is waiting. */
    long due;

    Source(Identity identity, int fd, Log log, byte[] mark) {
        this.identity = identity;
        this.fd = fd;
        this.log = log;
        this.mark = mark;
    }
}
