package bellhop.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Puts a prefix before each line of a piece of output. What is read and what is to be written are on the heap
 * meanwhile: there the manager's compiler makes code that looks at a byte in a fraction of the time that a direct
 * buffer takes, which is more than the two copies cost.
 */
final class LineBuffer {
    // For eight bytes at once.
    private static final long NEWLINES = 0x0a0a0a0a0a0a0a0aL;
    private static final long LOW_BITS = 0x7f7f7f7f7f7f7f7fL;
    private static final long HIGH_BITS = 0x8080808080808080L;
    /** Times the byte that is 1, the others being 0: its index in the highest byte. */
    private static final long INDEX_OF_BYTE = 0x0001020304050607L;

    private final byte[] from;
    private final byte[] to;
    private final ByteBuffer out;
    private int length;

    /** The same bytes as in {@link #from}. */
    private final long[] words;
    /** The word that was reached, and those of its newlines that were not: bit 7 of each byte. */
    private int word;

    private long newlines;

    /**
     * An empty one.
     *
     * @param longest how many bytes are looked at
     * @param room how many bytes, with prefixes, may be there
     */
    LineBuffer(int longest, int room) {
        from = new byte[longest];
        words = new long[longest / Long.BYTES];
        to = new byte[room];
        out = ByteBuffer.allocateDirect(room);
    }

    int longest() {
        return from.length;
    }

    /** Looks at the first bytes of a buffer. */
    void look(ByteBuffer in, int count) {
        in.get(0, from, 0, count);
        ByteBuffer wholeWords = in.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
        wholeWords.asLongBuffer().get(0, words, 0, (count + Long.BYTES - 1) / Long.BYTES);
        word = -1;
        newlines = 0;
    }

    /** Where the last line ends: the index behind the last newline before {@code end}, or 0. */
    int endOfLastLine(int end) {
        int at = end;
        while (at > 0 && from[at - 1] != '\n') {
            at--;
        }
        return at;
    }

    /** Where the next line ends: the index behind its newline, or {@code end} if it goes on there. */
    int endOfNextLine(int end) {
        if (newlines == 0) {
            newlines = nextNewlines((end + Long.BYTES - 1) / Long.BYTES);
        }
        if (newlines == 0) {
            return end;
        }
        long first = newlines & -newlines;
        newlines -= first;
        return Math.min(end, word * Long.BYTES + (int) (((first >>> 7) * INDEX_OF_BYTE) >>> 56) + 1);
    }

    /** Goes on to the next word with a newline. */
    private long nextNewlines(int end) {
        long[] all = words;
        int at = word;
        long found = 0;
        while (found == 0 && ++at < end) {
            // Per byte: bit 7 is 0 if it is a newline.
            long other = all[at] ^ NEWLINES;
            found = ~(((other & LOW_BITS) + LOW_BITS) | other) & HIGH_BITS;
        }
        word = at;
        return found;
    }

    /** Whether what was looked at has a newline before that index. */
    boolean endsLine(int end) {
        return from[end - 1] == '\n';
    }

    /** Forgets what was put. */
    void clear() {
        length = 0;
    }

    int length() {
        return length;
    }

    /** Forgets what was put behind so many bytes. */
    void cut(int count) {
        length = count;
    }

    boolean hasRoomFor(int count) {
        return to.length - length >= count;
    }

    void put(char c) {
        to[length++] = (byte) c;
    }

    /** Puts the first so many bytes of others. */
    void put(byte[] bytes, int count) {
        System.arraycopy(bytes, 0, to, length, count);
        length += count;
    }

    /** Puts a part of what was looked at. */
    void putLine(int start, int end) {
        System.arraycopy(from, start, to, length, end - start);
        length += end - start;
    }

    /** What was put. */
    byte[] bytes() {
        return Arrays.copyOf(to, length);
    }

    /** What was put, as the kernel takes it; until something else is put. */
    ByteBuffer direct() {
        return out.clear().put(to, 0, length).flip();
    }
}
