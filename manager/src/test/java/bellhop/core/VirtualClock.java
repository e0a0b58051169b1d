package bellhop.core;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** A clock that jumps to whatever is to happen next; what is due at the same time happens in the order of asking. */
final class VirtualClock {

    private final PriorityQueue<Happening> agenda =
            new PriorityQueue<>(Comparator.comparingLong(Happening::time).thenComparingLong(Happening::order));
    private long now = Duration.ofSeconds(1).toNanos();
    private long asked;

    private record Happening(long time, long order, Runnable action) {}

    long now() {
        return now;
    }

    /** Everybody is frozen, and goes on with what they were at after that. */
    void freeze(Duration time) {
        List<Happening> all = List.copyOf(agenda);
        agenda.clear();
        for (Happening it : all) {
            agenda.add(new Happening(it.time + time.toNanos(), it.order, it.action));
        }
        now += time.toNanos();
    }

    void after(Duration delay, Runnable action) {
        at(now + delay.toNanos(), action);
    }

    void at(long time, Runnable action) {
        agenda.add(new Happening(Math.max(now, time), asked++, action));
    }

    /** Lets the next thing happen; false if there is none. */
    boolean tick() {
        Happening next = agenda.poll();
        if (next == null) {
            return false;
        }
        now = next.time;
        next.action.run();
        return true;
    }
}
