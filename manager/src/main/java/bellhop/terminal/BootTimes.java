package bellhop.terminal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What a boot consisted of: the services that began with the manager, and those that these required. */
final class BootTimes {

    private static final Set<String> CAUSES = Set.of("autostart", "enabled");
    private static final String REQUIRED_BY = "required by ";
    private static final Set<String> OUTCOMES = Set.of("started", "finished", "failed", "stopped", "restarting");

    /**
     * One service's part of it. Times are milliseconds since the manager began.
     *
     * @param began when it was begun
     * @param ended when its first attempt had ended; empty if it has not
     * @param state what came of that; {@code starting} if nothing yet
     * @param waitedFor what it waited for: what it requires, and what its scripts have asked for meanwhile
     */
    record Part(String service, long began, OptionalLong ended, String state, List<String> waitedFor) {}

    /**
     * One part of the time that the boot took.
     *
     * @param service whose; empty for the time before the first service was begun
     * @param from when it had nothing more to wait for
     */
    record Section(String service, long from, long until) {
        long millis() {
            return until - from;
        }
    }

    private final long start;
    private final Map<String, Part> parts;

    private BootTimes(long start, Map<String, Part> parts) {
        this.start = start;
        this.parts = parts;
    }

    /** The last boot among these events; empty if its beginning is not there. */
    static Optional<BootTimes> of(List<Fact> events) {
        int first = -1;
        for (int i = 0; i < events.size(); i++) {
            if (service(events.get(i)).isEmpty() && events.get(i).text("state").equals("started")) {
                first = i;
            }
        }
        if (first < 0) {
            return Optional.empty();
        }
        long start = millis(events.get(first));
        Map<String, Part> parts = new LinkedHashMap<>();
        for (Fact event : events.subList(first + 1, events.size())) {
            String name = service(event);
            Part part = parts.get(name);
            if (part == null && isBegun(event, parts)) {
                List<String> waitedFor = new ArrayList<>(event.all("requires"));
                parts.put(name, new Part(name, millis(event) - start, OptionalLong.empty(), "starting", waitedFor));
                requirer(event, parts)
                        .filter(it -> it.ended().isEmpty() && !it.waitedFor().contains(name))
                        .ifPresent(it -> it.waitedFor().add(name));
            } else if (part != null && part.ended().isEmpty() && OUTCOMES.contains(event.text("state"))) {
                OptionalLong ended = OptionalLong.of(millis(event) - start);
                parts.put(name, new Part(name, part.began(), ended, event.text("state"), part.waitedFor()));
            }
        }
        return Optional.of(new BootTimes(start, parts));
    }

    private static String service(Fact event) {
        return event.text("service");
    }

    private static long millis(Fact event) {
        return event.number("millis").orElse(0);
    }

    private static boolean isBegun(Fact event, Map<String, Part> parts) {
        boolean starts =
                event.text("state").equals("starting") && !service(event).isEmpty();
        boolean byItself =
                CAUSES.contains(event.text("cause")) || event.text("words").equals("started with the manager");
        return starts
                && (byItself
                        || requirer(event, parts)
                                .filter(it -> it.ended().isEmpty())
                                .isPresent());
    }

    private static Optional<Part> requirer(Fact event, Map<String, Part> parts) {
        String cause = event.text("cause");
        return cause.startsWith(REQUIRED_BY)
                ? Optional.ofNullable(parts.get(cause.substring(REQUIRED_BY.length())))
                : Optional.empty();
    }

    /** When the manager began, milliseconds since 1970-01-01 00:00 UTC. */
    long start() {
        return start;
    }

    /** The services, in the order in which they were begun. */
    List<Part> parts() {
        return List.copyOf(parts.values());
    }

    /** Those whose first attempt has not ended. */
    List<Part> pending() {
        return parts().stream().filter(part -> part.ended().isEmpty()).toList();
    }

    /** The time until the last of those that are up, or failed, was so. */
    long millis() {
        return last().map(part -> part.ended().getAsLong()).orElse(0L);
    }

    private Optional<Part> last() {
        return parts.values().stream()
                .filter(part -> part.ended().isPresent())
                .max(Comparator.comparingLong(part -> part.ended().getAsLong()));
    }

    /**
     * What determined the time that it took, from the beginning to the end: the last service, the one of those for which
     * it waited that was up last, and so on.
     */
    List<Section> criticalPath() {
        List<Section> path = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Optional<Part> next = last();
        while (next.isPresent()) {
            Part part = next.get();
            seen.add(part.service());
            Optional<Part> before = waitedForLast(part, seen);
            long from = before.map(it -> it.ended().getAsLong()).orElse(part.began());
            path.addFirst(new Section(part.service(), from, part.ended().getAsLong()));
            if (before.isEmpty() && from > 0) {
                path.addFirst(new Section("", 0, from));
            }
            next = before;
        }
        return path;
    }

    /** Of what a service waited for, what ended last, if that was after the service was begun. */
    Optional<Part> waitedForLast(Part part, Set<String> except) {
        long end = part.ended().orElse(Long.MAX_VALUE);
        return part.waitedFor().stream()
                .filter(name -> !except.contains(name))
                .map(parts::get)
                .filter(it -> it != null
                        && it.ended().isPresent()
                        && it.ended().getAsLong() > part.began()
                        && it.ended().getAsLong() <= end)
                .max(Comparator.comparingLong(it -> it.ended().getAsLong()));
    }
}
