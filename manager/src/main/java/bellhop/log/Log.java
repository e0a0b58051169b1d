package bellhop.log;

import bellhop.linux.PosixException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One name's log. Made on any thread, after that of the pump's alone. */
final class Log {
    final String name;

    final byte[] nameBytes;
    /** The text before each line on the console. */
    final byte[] prefix;

    private final LogFiles files;
    private final List<Consumer<byte[]>> followers = new ArrayList<>();
    private boolean checked;

    /** All writers, now or later. */
    private final Set<LogFifo> sources = new HashSet<>(2);

    /** The writer of the unfinished line at the end of the log. */
    private @Nullable LogFifo openLine;

    /** Whether the log ends in an unfinished line that no writer continues, as after a crash. */
    private boolean torn;

    /** Since the last append failed. */
    @Nullable
    Outage outage;

    Log(String name, Path directory, InstantSource clock, Consumer<String> warnings) {
        this.name = name;
        this.nameBytes = name.getBytes(StandardCharsets.UTF_8);
        this.prefix = (name + ": ").getBytes(StandardCharsets.UTF_8);
        this.files = new LogFiles(directory, clock, warnings);
    }

    void add(LogFifo source) {
        sources.add(source);
    }

    /** Whether there is more than one who may write. */
    boolean isShared() {
        return sources.size() > 1;
    }

    /** How large the file is going to be with so many bytes more, which may begin a new one unless they go on in a line. */
    long sizeWith(int more, Rotation rotation, boolean within) {
        long size = files.size();
        return !within && size + more > rotation.maxSize() ? more : size + more;
    }

    /** Whether the file is going to be rotated before the next line because of its age. */
    boolean isTooOld(Rotation rotation) {
        return files.isTooOld(rotation);
    }

    /** Whether what this source writes next continues the last line. */
    boolean isContinuedBy(LogFifo source) {
        return openLine == source;
    }

    /** Whether the last line must be ended before this source can write. */
    boolean isBrokenOffFor(LogFifo source) {
        check();
        return torn || (openLine != null && openLine != source);
    }

    private void check() {
        if (!checked) {
            checked = true;
            torn = files.endsWithinALine();
        }
    }

    /** The line that an earlier manager left open is this source's and goes on. */
    void resume(LogFifo source) {
        check();
        if (torn) {
            torn = false;
            openLine = source;
        }
    }

    /**
     * Appends all of the bytes or, if that fails, none.
     *
     * @param within whether they end within a line
     * @param transfer which is to begin right before
     * @param count how many bytes are going to be taken from the source for these
     */
    void append(LogFifo source, ByteBuffer bytes, Rotation rotation, boolean within, Transfer transfer, int count)
            throws IOException {
        LogFifo before = openLine;
        if (before != null && before != source) {
            before.setLineOpen(false);
        }
        files.append(
                bytes,
                rotation,
                before != source,
                (file, length) -> transfer.begin(source, count, within, file, length));
        appended();
        openLine = within ? source : null;
        if (within != (before == source)) {
            source.setLineOpen(within);
        }
        tellFollowers(bytes.rewind());
    }

    /**
     * Appends lines that are no source's, or, if that fails, none. No line may be open.
     *
     * @throws IOException if they are not in the log
     */
    void append(ByteBuffer lines, Rotation rotation) throws IOException {
        files.append(lines, rotation, true, (file, length) -> {});
        appended();
        tellFollowers(lines.rewind());
    }

    private void appended() {
        torn = false;
        if (outage != null) {
            outage.over = true;
        }
    }

    /** Whether lines are dropped until it can be written again. */
    boolean isDropping() {
        return outage != null && outage.isDropping();
    }

    /** Whether the last line must be ended before one that is no source's can be written. */
    boolean isBrokenOff() {
        check();
        return torn;
    }

    /** The line that is open is not going to be continued. */
    void abandonLine() {
        LogFifo last = openLine;
        if (last != null) {
            last.setLineOpen(false);
            openLine = null;
            torn = true;
        }
    }

    /** Those who write to it. */
    List<LogFifo> sources() {
        return List.copyOf(sources);
    }

    /** Nothing more is appended for now. */
    void rest() throws PosixException {
        files.close();
    }

    /** The source is gone. If it left a line open, that is ended before the next. */
    void forget(LogFifo source) {
        sources.remove(source);
        if (openLine == source) {
            openLine = null;
            torn = true;
        }
    }

    void addFollower(Consumer<byte[]> follower) {
        followers.add(follower);
    }

    void removeFollower(Consumer<byte[]> follower) {
        followers.remove(follower);
    }

    private void tellFollowers(ByteBuffer appended) {
        if (!followers.isEmpty()) {
            byte[] bytes = new byte[appended.remaining()];
            appended.get(bytes);
            followers.removeIf(follower -> !tell(follower, bytes));
        }
    }

    /** Informs a follower; false if it wants no more. */
    static boolean tell(Consumer<byte[]> follower, byte[] bytes) {
        try {
            follower.accept(bytes);
            return true;
        } catch (RuntimeException | Error e) {
            return false;
        }
    }
}
