package bellhop.log;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** One who follows several logs, also those that begin later. Of the pump's thread. */
final class LogWatch {
    private final Predicate<String> names;
    private final BiConsumer<String, byte[]> follower;
    private final Map<Log, Consumer<byte[]>> followed = new HashMap<>();

    LogWatch(Predicate<String> names, BiConsumer<String, byte[]> follower) {
        this.names = names;
        this.follower = follower;
    }

    /** Follows a log too, if its name is one of those. */
    void see(Log log) {
        if (!followed.containsKey(log) && names.test(log.name)) {
            Consumer<byte[]> one = bytes -> follower.accept(log.name, bytes);
            followed.put(log, one);
            log.addFollower(one);
        }
    }

    void end() {
        followed.forEach(Log::removeFollower);
    }
}
