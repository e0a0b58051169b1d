package bellhop.log;

import bellhop.linux.Fd;
import bellhop.linux.PosixException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    /**
     * How much is copied at once: half of what a FIFO holds, so that its writer fills the one half while the other is
     * copied.
     */
    static final int CHUNK = Transfer.CAPACITY / 2;

    /**
     * Half of what the fullest FIFO may hold when its writer has to wait; smaller ones are noticed by becoming stale.
     */
    static final int LONG_LINE = Transfer.CAPACITY / 4;

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
    private LineBuffer lines = lineBuffer(MUCH);
    private final ByteBuffer prefix = ByteBuffer.allocate(OVERHEAD);
    private final Timestamp stamp = new Timestamp();
    private final InstantSource clock;
    private final ConsoleSink console;
    /** The log whose file may be open. */
    private @Nullable Log writing;

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
        return copy(source, false);
    }

    /**
     * Takes at most one buffer of lines for a log that cannot be written, and counts them in place of copying them.
     *
     * @throws IOException if the FIFO cannot be read
     */
    CopyResult drop(LogFifo source) throws IOException {
        return copy(source, true);
    }

    private CopyResult copy(LogFifo source, boolean drops) throws IOException {
        CopyResult result = CopyResult.EMPTY;
        try {
            result = copyOnce(source, drops);
        } finally {
            if (result != CopyResult.COPIED) {
                rest();
            }
        }
        return result;
    }

    private CopyResult copyOnce(LogFifo source, boolean drops) throws IOException {
        LogFifo.Turn next = source.next();
        while (next != null && source.before(next) <= 0) {
            endLine(source, drops);
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
            endLine(source, drops);
            return CopyResult.ENDED;
        }
        boolean full = there == CHUNK;
        boolean last = (source.isHungUp() && !full) || there >= left;
        there = (int) Math.min(there, left);
        if (next != null && source.before(next) <= there) {
            there = (int) source.before(next);
            last = true;
        }
        if (source.withinDropped && !drops) {
            return takeRestOfLine(source, there, last);
        }
        boolean all = takesAll(source, there) && !full;
        int end = all ? there : lines.endOfLastLine(there);
        if (end == 0) {
            if (!last && !isOverdue(source, there)) {
                source.unfinished = there;
                return CopyResult.UNFINISHED;
            }
            end = there;
        }
        if (drops) {
            drop(source, end, last);
            return CopyResult.COPIED;
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

    private void drop(LogFifo source, int end, boolean last) throws PosixException {
        boolean within = source.withinDropped;
        long count = within ? -1 : 0;
        int done = 0;
        while (done < end) {
            done = lines.endOfNextLine(end);
            count++;
        }
        source.withinDropped = !lines.endsLine(end) && !last;
        take(source, end);
        Outage outage = source.log().outage;
        if (outage != null) {
            outage.dropped(count);
        }
    }

    private CopyResult takeRestOfLine(LogFifo source, int there, boolean last) throws PosixException {
        int end = lines.endOfNextLine(there);
        source.withinDropped = !lines.endsLine(end) && !last;
        take(source, end);
        return CopyResult.COPIED;
    }

    /**
     * Has a log that could not be written say what was dropped.
     *
     * @throws IOException if it still cannot be
     */
    void noteDropped(Log log, Destination.LogFile file) throws IOException {
        rest();
        try {
            lines.clear();
            putNote(log, file);
            log.append(lines.direct(), file.rotation());
        } finally {
            log.rest();
        }
    }

    /**
     * Appends lines that come from no FIFO, as few at a time as the buffer takes.
     *
     * @param text whole lines; one that is too long is cut off. Those that are in the log then are removed, also if this
     *     throws
     * @throws IOException if one of them is not in the log
     */
    void append(Log log, List<byte[]> text, Rotation rotation) throws IOException {
        rest();
        try {
            lines.clear();
            if (log.isBrokenOff()) {
                lines.put('\n');
            }
            int held = 0;
            for (byte[] line : List.copyOf(text)) {
                if (!lines.hasRoomFor(line.length)) {
                    log.append(lines.direct(), rotation);
                    lines.clear();
                    text.subList(0, held).clear();
                    held = 0;
                }
                int count = Math.min(line.length, MUCH);
                lines.put(line, count);
                if (count < line.length) {
                    lines.put('\n');
                }
                held++;
            }
            log.append(lines.direct(), rotation);
            text.clear();
        } finally {
            log.rest();
        }
    }

    private void putNote(Log log, Destination.LogFile file) {
        if (log.isBrokenOff()) {
            lines.put('\n');
        }
        Outage outage = log.outage;
        if (outage != null && outage.isDropping()) {
            prefix.clear();
            if (file.timestamps()) {
                stamp.put(prefix, clock.millis());
            }
            lines.put(prefix.array(), prefix.position());
            byte[] note = outage.note().getBytes(StandardCharsets.UTF_8);
            lines.put(note, note.length);
            prefix.clear();
        }
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

    private static LineBuffer lineBuffer(int longest) {
        return new LineBuffer(longest, 1 + OVERHEAD + longest / 2 * 3);
    }

    /** Looks at what the FIFO holds and leaves it there. */
    private int peek(LogFifo source) throws PosixException {
        int there = Fd.tee(source.fd, pipeIn, CHUNK, Fd.SPLICE_F_NONBLOCK);
        if (there > 0) {
            in.clear().limit(there);
            while (in.hasRemaining()) {
                if (Fd.read(pipeOut, in) <= 0) {
                    throw new IllegalStateException("the log's own pipe holds less than was copied to it");
                }
            }
            if (there > lines.longest()) {
                lines = lineBuffer(CHUNK);
            }
            lines.look(in, there);
        }
        return there;
    }

    /**
     * Appends as many of the first bytes as there is room for with their stamps.
     *
     * @param last whether nothing follows that could end the line
     * @return how many bytes
     */
    private int append(LogFifo source, int end, boolean last) throws IOException {
        lines.clear();
        prefix.clear();
        return switch (source.writer.destination()) {
            case Destination.LogFile file -> appendToFile(source, file, end, last);
            case Destination.Console _ -> writeToConsole(source, end);
        };
    }

    private int appendToFile(LogFifo source, Destination.LogFile file, int end, boolean last) throws IOException {
        Log log = source.log();
        if (log.isDropping()) {
            putNote(log, file);
        } else if (log.isBrokenOffFor(source)) {
            lines.put('\n');
        }
        if (file.timestamps()) {
            stamp.put(prefix, clock.millis());
        }
        source.writer.mark().put(prefix);
        int prefixLength = prefix.position();
        boolean within = log.isContinuedBy(source);
        boolean continued = within;
        int done = 0;
        // The ends of the first and the last line: so many bytes from the FIFO are so many for the log.
        int first = 0;
        int firstOut = 0;
        int whole = 0;
        int wholeOut = 0;
        while (done < end) {
            int next = prefixLength == 0 && first > 0 ? endOfRest(done, end) : lines.endOfNextLine(end);
            if (!lines.hasRoomFor(OVERHEAD + next - done)) {
                break;
            }
            if (!within) {
                lines.put(prefix.array(), prefixLength);
            }
            lines.putLine(done, next);
            within = !lines.endsLine(next);
            done = next;
            if (!within) {
                whole = done;
                wholeOut = lines.length();
                if (first == 0) {
                    first = whole;
                    firstOut = wholeOut;
                }
            }
        }
        if (within && last) {
            lines.put('\n');
            within = false;
        }
        if (whole > 0 && (continued || within)) {
            // The log is rotated between two lines: a line ends in the file that it began in.
            long size = log.sizeWith(lines.length(), file.rotation(), continued);
            if (continued && (size > file.rotation().maxSize() || log.isTooOld(file.rotation()))) {
                done = first;
                lines.cut(firstOut);
                within = false;
            } else if (within && size + MUCH > file.rotation().maxSize()) {
                done = whole;
                lines.cut(wholeOut);
                within = false;
                source.wroteMuch = false;
            }
        }
        append(source, file, within, done);
        return done;
    }

    /** Lines without a prefix go together: the whole ones, then the beginning of one. */
    private int endOfRest(int done, int end) {
        int whole = lines.endOfLastLine(end);
        return done < whole ? whole : end;
    }

    /** Appends the lines. The file of one log, and of no more, stays open while all turns have something to copy. */
    private void append(LogFifo source, Destination.LogFile file, boolean within, int count) throws IOException {
        if (writing != source.log()) {
            rest();
            writing = source.log();
        }
        source.log().append(source, lines.direct(), file.rotation(), within, transfer, count);
    }

    private void rest() throws PosixException {
        Log last = writing;
        writing = null;
        if (last != null) {
            last.rest();
        }
    }

    private int writeToConsole(LogFifo source, int end) {
        prefix.put(source.log().prefix);
        source.writer.mark().put(prefix);
        int prefixLength = prefix.position();
        int done = 0;
        while (done < end) {
            int next = lines.endOfNextLine(end);
            if (!lines.hasRoomFor(OVERHEAD + next - done)) {
                break;
            }
            lines.put(prefix.array(), prefixLength);
            lines.putLine(done, next);
            if (!lines.endsLine(next)) {
                lines.put('\n');
            }
            done = next;
        }
        transfer.beginOnConsole(source, done);
        if (!console.take(lines.bytes(), ending && source.isHungUp())) {
            return 0;
        }
        transfer.wroteToConsole();
        return done;
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
    private void endLine(LogFifo source, boolean drops) throws IOException {
        source.withinDropped = false;
        if (!drops
                && source.writer.destination() instanceof Destination.LogFile file
                && source.log().isContinuedBy(source)) {
            try {
                lines.clear();
                lines.put('\n');
                append(source, file, false, 0);
            } finally {
                transfer.end();
            }
        }
    }

    @Override
    public void close() throws IOException {
        rest();
        Fd.close(pipeIn);
        Fd.close(pipeOut);
        transfer.close();
    }
}
