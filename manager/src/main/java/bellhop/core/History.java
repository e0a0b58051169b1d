package bellhop.core;

import bellhop.definition.Restart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The failures that count, since it was last begun manually.
 *
 * @param deaths how many quick deaths came in a row; the delay before a relaunch doubles with each
 * @param relaunches when it was relaunched, monotonic nanoseconds, the latest last; no more than its limit asks for
 */
public record History(int deaths, List<Long> relaunches) {
    static final History NONE = new History(0, List.of());

    public History {
        relaunches = List.copyOf(relaunches);
    }

    History died() {
        return new History(deaths + 1, relaunches);
    }

    /** After a healthy life, and if it was down meanwhile, the first delay comes first again. */
    History recovered() {
        return new History(0, relaunches);
    }

    History relaunched(Restart restart, long now) {
        if (restart.limit().isEmpty()) {
            return new History(deaths, List.of());
        }
        List<Long> all = new ArrayList<>(relaunches);
        all.add(now);
        int kept = Math.min(all.size(), restart.limit().get().times());
        return new History(deaths, all.subList(all.size() - kept, all.size()));
    }

    /** Whether one more relaunch would be one too many. */
    boolean exhausts(Restart.Limit limit, long now) {
        long within = limit.within().map(Duration::toNanos).orElse(Lifecycle.NEVER);
        return relaunches.stream().filter(then -> now - then < within).count() >= limit.times();
    }
}
