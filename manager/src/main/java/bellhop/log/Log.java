package bellhop.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One name's log. Made on any thread, after that of the pump's alone. */
final class Log {
    final String name;
    /** What stands before each line on the console. */
    final byte[] prefix;

    private final LogFiles files;
    private final List<Consumer<byte[]>> followers = new ArrayList<>();
    private boolean checked;

    /** Whose line it is that the log breaks off in. */
    private @Nullable Source openLine;

    /** Whether the log breaks off in a line that nobody continues, as after a crash. */
    private boolean torn;

    /** Whether the last append failed, which is told once. */
    boolean failing;

    Log(String name, Path directory, Consumer<String> warnings) {
        this.name = name;
        this.prefix = (name + ": ").getBytes(StandardCharsets.UTF_8);
        this.files = new LogFiles(directory, warnings);
    }

    /** Whether what this source writes next continues the last line. */
    boolean isContinuedBy(Source source) {
        return openLine == source;
    }

    /** Whether the last line is to be ended before this source can write. */
    boolean isBrokenOffFor(Source source) {
        if (!checked) {
            checked = true;
            torn = files.endsWithinALine();
        }
        return torn || (openLine != null && openLine != source);
    }

    /**
     * Appends all of the bytes or, where that fails, none.
     *
     * @param within whether they end within a line
     */
    void append(Source source, ByteBuffer bytes, Rotation rotation, boolean within) throws IOException {
        files.append(bytes, rotation, openLine != source);
        torn = false;
        openLine = within ? source : null;
        tellFollowers(bytes.rewind());
    }

    /** The source is gone. If it left a line open, that is ended before the next. */
    void forget(Source source) {
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

    /** Tells a follower; false if it is to be told no more. */
    static boolean tell(Consumer<byte[]> follower, byte[] bytes) {
        try {
            follower.accept(bytes);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }
}
