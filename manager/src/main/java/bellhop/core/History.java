package bellhop.core;

import bellhop.definition.Restart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The failures and restarts, since it was last begun manually.
 *
 * @param deaths how many quick deaths came in a row; the delay before a relaunch doubles with each
 * @param relaunches when it was relaunched, monotonic nanoseconds, the latest last; no more than its limit asks for
 * @param restarts how often it was relaunched; an earlier image did not count
 */
public record History(int deaths, List<Long> relaunches, OptionalInt restarts) {
    static final History NONE = new History(0, List.of());

    public History {
        relaunches = List.copyOf(relaunches);
    }

    /** One without a restart. */
    public History(int deaths, List<Long> relaunches) {
        this(deaths, relaunches, OptionalInt.empty());
    }

    History died() {
        return new History(deaths + 1, relaunches, restarts);
    }

    /** After a healthy life, and if it was down meanwhile, the first delay comes first again. */
    History recovered() {
        return deaths == 0 ? this : new History(0, relaunches, restarts);
    }

    History relaunched(Restart restart, long now) {
        OptionalInt more = OptionalInt.of(restarts.orElse(0) + 1);
        if (restart.limit().isEmpty()) {
            return new History(deaths, List.of(), more);
        }
        List<Long> all = new ArrayList<>(relaunches);
        all.add(now);
        int kept = Math.min(all.size(), restart.limit().get().times());
        return new History(deaths, all.subList(all.size() - kept, all.size()), more);
    }

    /** Whether one more relaunch would be one too many. */
    boolean exhausts(Restart.Limit limit, long now) {
        long within = limit.within().map(Duration::toNanos).orElse(Lifecycle.NEVER);
        return relaunches.stream().filter(then -> now - then < within).count() >= limit.times();
    }
}
