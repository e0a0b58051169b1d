package bellhop.log;

import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;

/**
 * Copies from FIFOs to logs, whole lines at a time. The bytes are copied to a pipe of its own first ({@code
 * tee(2)}), from there to the log, and only then taken from the FIFO: one that is killed at any moment loses
 * nothing, and what it has written and not taken its successor takes, who finds the {@link Transfer} noted.
 *
 * <p>A line that is not finished stays in the FIFO, which therefore is the only buffer that a writer has. Where
 * it cannot stay (a line longer than {@link #LONG_LINE}, one that became stale, one of a writer that is gone, or of one
 * that writes {@link #MUCH}) its bytes go to the log as they are, and the rest continues that line there. Of the pump's
 * thread.
 */
final class LineCopier implements AutoCloseable {
    /** The capacity of a FIFO. */
    private static final int CAPACITY = Transfer.CAPACITY;

    /**
     * Half of what the fullest FIFO may hold when its writer has to wait; smaller ones are noticed by becoming stale.
     */
    static final int LONG_LINE = CAPACITY / 4;

    /**
     * A writer of so much at once has a buffer that ignores lines. All of it goes to the log, also the
     * beginning of a line at its end: then the FIFO is empty, and the kernel reports the next write to it.
     */
    static final int MUCH = 4096;

    /** How much may wait for its end on the console, however long that takes: less than the smallest FIFO holds. */
    private static final int SHORT_LINE = 1024;

    private static final int LONGEST_NAME = 260;

    /** The bytes of a line beside its own: moment, name, mark, a newline, and some for years of five digits. */
    private static final int OVERHEAD = Timestamp.LENGTH + LONGEST_NAME + LinePrefix.LONGEST + 8;

    private final int pipeOut;
    private final int pipeIn;
    private final Transfer transfer;
    private final ByteBuffer in;
    private final ByteBuffer out = ByteBuffer.allocateDirect(1 + OVERHEAD + CAPACITY);
    private final Timestamp stamp = new Timestamp();
    private final InstantSource clock;
    private final ConsoleSink console;
    private boolean ending;

    /** The result of one copying. */
    enum CopyResult {
        /** Something was copied and there may be more. */
        COPIED,
        /** There is nothing. */
        EMPTY,
        /** There is the beginning of a line. */
        UNFINISHED,
        /** There is something, and no room for it. */
        REFUSED,
        /** There is nothing to read, and no writer that is to be read any more. */
        ENDED
    }

    LineCopier(InstantSource clock, ConsoleSink console, Transfer transfer) throws PosixException {
        this.transfer = transfer;
        in = transfer.bytes();
        this.clock = clock;
        this.console = console;
        int[] pipe = Fd.pipe(Fd.O_NONBLOCK);
        pipeOut = pipe[0];
        pipeIn = pipe[1];
    }

    /**
     * Copies at most one buffer of lines.
     *
     * @throws IOException if the log could not be written to; nothing was taken from the FIFO then
     */
    CopyResult copy(LogFifo source) throws IOException {
        LogFifo.Turn next = source.next();
        while (next != null && source.before(next) <= 0) {
            endLine(source);
            source.pass();
            next = source.next();
        }
        long left = source.left();
        int there = left > 0 ? peek(source) : 0;
        // Another process may have taken the bytes of a replaced FIFO that were to be taken here.
        if (there == Fd.WOULD_BLOCK && source.successor() == null) {
            source.setHungUp(false);
            return CopyResult.EMPTY;
        }
        if (there <= 0) {
            endLine(source);
            return CopyResult.ENDED;
        }
        boolean last = (source.isHungUp() && there < CAPACITY) || there >= left;
        there = (int) Math.min(there, left);
        if (next != null && source.before(next) <= there) {
            there = (int) source.before(next);
            last = true;
        }
        boolean all = takesAll(source, there);
        int end = all ? there : lastNewline(there) + 1;
        if (end == 0) {
            if (!last && !isOverdue(source, there)) {
                source.unfinished = there;
                return CopyResult.UNFINISHED;
            }
            end = there;
        }
        int count;
        try {
            count = append(source, end, last);
            take(source, count);
        } finally {
            transfer.end();
        }
        return count == 0 ? CopyResult.REFUSED : CopyResult.COPIED;
    }

    /** From now on what is not copied is lost, if its writer is gone. */
    void endIsNear() {
        ending = true;
    }

    /**
     * Whether all that there is goes to the log, also the beginning of a line. What is left of a long write counts as
     * its beginning. Not if another may write to the same log and would find itself in the midst of that line.
     */
    private static boolean takesAll(LogFifo source, int there) {
        boolean more = source.wroteMuch;
        source.wroteMuch = there >= MUCH;
        return (more || source.wroteMuch)
                && source.writer.destination() instanceof Destination.LogFile
                && !source.log().isShared();
    }

    /** Whether the beginning of a line cannot wait any longer for its end. */
    private static boolean isOverdue(LogFifo source, int there) {
        return switch (source.writer.destination()) {
            case Destination.LogFile _ -> source.stale || there >= LONG_LINE;
            case Destination.Console _ -> source.stale ? there >= SHORT_LINE : there >= LONG_LINE;
        };
    }

    /** Copies what the FIFO holds to {@link #in} and leaves it there. */
    private int peek(LogFifo source) throws PosixException {
        int there = Fd.tee(source.fd, pipeIn, CAPACITY, Fd.SPLICE_F_NONBLOCK);
        if (there > 0) {
            in.clear().limit(there);
            while (in.hasRemaining()) {
                if (Fd.read(pipeOut, in) <= 0) {
                    throw new IllegalStateException("the log's own pipe holds less than was copied to it");
                }
            }
        }
        return there;
    }

    private int lastNewline(int end) {
        int at = end - 1;
        while (at >= 0 && in.get(at) != '\n') {
            at--;
        }
        return at;
    }

    /**
     * Appends as many of the first bytes as there is room for with their stamps.
     *
     * @param last whether nothing follows that could end the line
     * @return how many bytes
     */
    private int append(LogFifo source, int end, boolean last) throws IOException {
        out.clear();
        return switch (source.writer.destination()) {
            case Destination.LogFile file -> appendToFile(source, file, end, last);
            case Destination.Console _ -> writeToConsole(source, end);
        };
    }

    private int appendToFile(LogFifo source, Destination.LogFile file, int end, boolean last) throws IOException {
        Log log = source.log();
        if (log.isBrokenOffFor(source)) {
            out.put((byte) '\n');
        }
        long now = clock.millis();
        boolean within = log.isContinuedBy(source);
        boolean continued = within;
        int done = 0;
        // The ends of the first and the last line: so many bytes from the FIFO are so many for the log.
        int first = 0;
        int firstOut = 0;
        int whole = 0;
        int wholeOut = 0;
        while (done < end) {
            int next = endOfLine(done, end);
            if (out.remaining() < OVERHEAD + next - done) {
                break;
            }
            if (!within) {
                if (file.timestamps()) {
                    stamp.put(out, now);
                }
                source.writer.mark().put(out);
            }
            within = !put(done, next);
            done = next;
            if (!within) {
                whole = done;
                wholeOut = out.position();
                if (first == 0) {
                    first = whole;
                    firstOut = wholeOut;
                }
            }
        }
        if (within && last) {
            out.put((byte) '\n');
            within = false;
        }
        if (whole > 0 && (continued || within)) {
            // The log is rotated between two lines: a line ends in the file that it began in.
            long size = log.sizeWith(out.position(), file.rotation(), continued);
            if (continued && size > file.rotation().maxSize()) {
                done = first;
                out.position(firstOut);
                within = false;
            } else if (within && size + MUCH > file.rotation().maxSize()) {
                done = whole;
                out.position(wholeOut);
                within = false;
                source.wroteMuch = false;
            }
        }
        log.append(source, out.flip(), file.rotation(), within, transfer, done);
        return done;
    }

    private int writeToConsole(LogFifo source, int end) {
        int done = 0;
        while (done < end) {
            int next = endOfLine(done, end);
            if (out.remaining() < OVERHEAD + next - done) {
                break;
            }
            out.put(source.log().prefix);
            source.writer.mark().put(out);
            if (!put(done, next)) {
                out.put((byte) '\n');
            }
            done = next;
        }
        byte[] lines = new byte[out.flip().remaining()];
        out.get(lines);
        transfer.beginOnConsole(source, done);
        if (!console.take(lines, ending && source.isHungUp())) {
            return 0;
        }
        transfer.wroteToConsole();
        return done;
    }

    /** Whether these bytes, put behind the others, end a line. */
    private boolean put(int start, int end) {
        out.put(out.position(), in, start, end - start).position(out.position() + end - start);
        return in.get(end - 1) == '\n';
    }

    private int endOfLine(int start, int end) {
        int at = start;
        while (at < end) {
            if (in.get(at++) == '\n') {
                break;
            }
        }
        return at;
    }

    /** Takes from the FIFO what is in the log now. */
    private void take(LogFifo source, int count) throws PosixException {
        in.clear().limit(count);
        while (in.hasRemaining()) {
            if (source.take(in) <= 0) {
                // Another process reads the FIFO, too, and has taken it.
                return;
            }
        }
    }

    /** Ends a line whose beginning is in the log and whose writer is gone. */
    private void endLine(LogFifo source) throws IOException {
        if (source.writer.destination() instanceof Destination.LogFile file
                && source.log().isContinuedBy(source)) {
            try {
                ByteBuffer newline = out.clear().put((byte) '\n').flip();
                source.log().append(source, newline, file.rotation(), false, transfer, 0);
            } finally {
                transfer.end();
            }
        }
    }

    @Override
    public void close() throws IOException {
        Fd.close(pipeIn);
        Fd.close(pipeOut);
        transfer.close();
    }
}
