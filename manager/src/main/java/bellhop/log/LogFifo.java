package bellhop.log;

import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import bellhop.loop.EventLoop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A FIFO that is read until it has no writer any more. Confined to the pump thread, except for {@link #handOver},
 * which the attaching thread calls; what both touch is guarded by this object and never waits.
 */
final class LogFifo {

    /** Which FIFO it is, whatever its path. */
    record Identity(long device, long inode) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Identity it && inode == it.inode && device == it.device;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(inode);
        }
    }

    /** The writer whose lines begin after so many bytes. */
    record Turn(long after, Writer writer) {}

    /** The writer: its log, the mark of its lines and their destination. */
    record Writer(Log log, LinePrefix mark, Destination destination) {}

    /**
     * On a FIFO this bit has no meaning to the kernel. Here it says that the log breaks off within a line of its
     * writer, and says so to the next manager, too.
     */
    static final int STICKY = 01000;

    /** The mode of a FIFO that only its owner can have opened. */
    static final int MODE = 0600;

    private static final int PERMISSIONS = 0777;

    final Identity identity;
    final byte[] path;
    final int fd;
    Writer writer;

    /** Whether what there is goes to the log now, line or not. */
    boolean stale;

    /** Whether the log could not be written to; nothing is tried before the {@link #timer}. */
    boolean blocked;

    /** Whether the beginning of its present line was dropped, so that the rest of that is to be dropped, too. */
    boolean withinDropped;

    /** Whether it had much to say when it was looked at. */
    boolean wroteMuch;

    /** How many bytes of a line there were when it was looked at and left alone. */
    int unfinished;

    /** How many bytes there were when it was looked at before, and since when there has been such a beginning. */
    int lookedAt;

    long since;

    /** How long it is left alone before it is looked at again. */
    long patience;

    /** The timer that looks at it without an event; null while it does not wait for that. */
    EventLoop.@Nullable Timer timer;

    /** Null before it is read, and after. */
    EventLoop.@Nullable Watch watch;

    private final Deque<Turn> turns = new ArrayDeque<>();
    private @Nullable LogFifo successor;
    /** How many bytes are taken before the successor's turn. */
    private long most = Long.MAX_VALUE;

    private long taken;
    private boolean hungUp;
    private boolean ended;

    LogFifo(Identity identity, Path path, int fd, Writer writer) {
        this.identity = identity;
        this.path = path.toString().getBytes(StandardCharsets.UTF_8);
        this.fd = fd;
        this.writer = writer;
    }

    Log log() {
        return writer.log();
    }

    /** Notes on the FIFO whether the log breaks off within a line of its writer. */
    void setLineOpen(boolean isSo) {
        setLineOpen(fd, isSo);
    }

    static void setLineOpen(int fifo, boolean isSo) {
        try {
            // A process that could open it once may still have it open: the next launch must see that.
            int mode = Fd.fstat(fifo).permissions() & PERMISSIONS;
            Fd.fchmod(fifo, isSo ? mode | STICKY : mode);
        } catch (PosixException e) {
            // Then the next manager breaks that line in two, and that is all.
        }
    }

    /**
     * What comes after the bytes that are in the FIFO now is another writer's. Called by the attaching thread, before
     * the new writer writes.
     *
     * @return false if the FIFO is not read any more
     */
    synchronized boolean handOver(Writer next) throws PosixException {
        if (ended) {
            return false;
        }
        hungUp = false;
        turns.add(new Turn(written(), next));
        return true;
    }

    /**
     * What is in the FIFO now is the last that is read of it: another FIFO has taken its place, and is read once that is
     * done. Called by the thread that attaches the other.
     *
     * @return false if this one is not read any more
     */
    synchronized boolean replaceBy(LogFifo next) throws PosixException {
        if (ended) {
            return false;
        }
        most = written();
        successor = next;
        return true;
    }

    /** The one that is read once this is not any more; null if it has not been replaced. */
    synchronized @Nullable LogFifo successor() {
        return successor;
    }

    /** How many bytes may still be taken. */
    synchronized long left() {
        return most - taken;
    }

    /** How many bytes were written since it is read. */
    synchronized long written() throws PosixException {
        return taken + Fd.unread(fd);
    }

    /** How many bytes were taken since it is read. */
    synchronized long taken() {
        return taken;
    }

    /** The next whose turn it is, if there is one. */
    synchronized @Nullable Turn next() {
        return turns.peek();
    }

    /** How many bytes are still the present writer's before the turn of the next. */
    synchronized long before(Turn next) {
        return next.after() - taken;
    }

    /** Goes on to the next. */
    synchronized void pass() {
        writer = turns.remove().writer();
    }

    /** Takes bytes from the FIFO; as {@link Fd#read}. */
    synchronized int take(ByteBuffer buffer) throws PosixException {
        int count = Fd.read(fd, buffer);
        taken += Math.max(0, count);
        return count;
    }

    /** Tells whether the FIFO has writers. */
    synchronized void setHungUp(boolean isSo) {
        hungUp = isSo;
    }

    /** Whether the last writer was seen to go and no other to come. */
    synchronized boolean isHungUp() {
        return hungUp;
    }

    /** Ends reading it, whatever is attached. */
    synchronized void abandon() {
        ended = true;
    }

    /**
     * It has no writer now, or none that is to be read: it is not read any more, unless a writer has been attached
     * meanwhile.
     */
    synchronized boolean end() {
        ended = turns.isEmpty() || successor != null;
        return ended;
    }
}
