package bellhop.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One name's log while somebody writes or reads it. Of the pump's thread. */
final class Log {
    final String name;
    final LogFiles files;
    final Set<Source> sources = new LinkedHashSet<>();
    private final List<Consumer<byte[]>> followers = new ArrayList<>();

    /** Whose line it is that the log breaks off in. */
    @Nullable
    Source openLine;

    /** Whether the log breaks off in a line of nobody who is known, as after a crash. */
    boolean torn;

    /** Whether the last append failed, which is told once. */
    boolean failing;

    Log(String name, Path directory, Consumer<String> warnings) {
        this.name = name;
        this.files = new LogFiles(directory, warnings);
        this.torn = files.endsWithinALine();
    }

    void addFollower(Consumer<byte[]> follower) {
        followers.add(follower);
    }

    void removeFollower(Consumer<byte[]> follower) {
        followers.remove(follower);
    }

    boolean isUnused() {
        return sources.isEmpty() && followers.isEmpty();
    }

    /** Tells the followers what was appended. One that throws is told no more. */
    void tellFollowers(ByteBuffer appended) {
        if (followers.isEmpty()) {
            return;
        }
        byte[] bytes = new byte[appended.remaining()];
        appended.get(bytes);
        followers.removeIf(follower -> !tell(follower, bytes));
    }

    static boolean tell(Consumer<byte[]> follower, byte[] bytes) {
        try {
            follower.accept(bytes);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }
}
