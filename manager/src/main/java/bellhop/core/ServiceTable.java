package bellhop.core;

import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The services as they are now, and what a change of one leads to: it is to go on record, it may have another
 * deadline, and it has to be looked at again. What is asked of one service costs the same however many others there
 * are.
 */
final class ServiceTable {

    private final SortedMap<ServiceName, Service> all = new TreeMap<>();
    private final Set<ServiceName> unsaved = new LinkedHashSet<>();
    private final NavigableSet<Due> due = new TreeSet<>();
    private final Agenda waysUp = new Agenda();
    private final Agenda waysDown = new Agenda();
    private int active;

    /** The instant at which something is due for a service though nothing happens to it. */
    private record Due(long instant, ServiceName service) implements Comparable<Due> {
        static Due of(Service service) {
            return new Due(Math.min(service.deadline(), service.lingersUntil()), service.name());
        }

        @Override
        public int compareTo(Due other) {
            int byInstant = Long.compare(instant, other.instant);
            return byInstant != 0 ? byInstant : service.compareTo(other.service);
        }
    }

    Service get(ServiceName name) {
        return Objects.requireNonNull(all.get(name), () -> "no service " + name);
    }

    Optional<Service> find(ServiceName name) {
        return Optional.ofNullable(all.get(name));
    }

    boolean contains(ServiceName name) {
        return all.containsKey(name);
    }

    /** All, by name. */
    Collection<Service> all() {
        return Collections.unmodifiableCollection(all.values());
    }

    /** The names of all, in their order, as a copy. */
    List<ServiceName> names() {
        return List.copyOf(all.keySet());
    }

    /** Stores a service that need not go on record yet. */
    void learn(Service service) {
        Service before = all.put(service.name(), service);
        Due next = Due.of(service);
        if (before == null || Due.of(before).instant() != next.instant()) {
            if (before != null) {
                due.remove(Due.of(before));
            }
            if (next.instant() != Lifecycle.NEVER) {
                due.add(next);
            }
        }
        active += (isAtRest(service) ? 0 : 1) - (before == null || isAtRest(before) ? 0 : 1);
        touch(service.name());
    }

    /** Stores what has become of a service; it is to go on record if it has changed. */
    void store(Service service) {
        Service before = all.get(service.name());
        if (before == null || !service.isStill(before)) {
            learn(service);
            unsaved.add(service.name());
        }
    }

    /** Something that belongs to the record of this service has changed, though not the service itself. */
    void markUnsaved(ServiceName name) {
        unsaved.add(name);
    }

    /** Whether it was to go on record; from now on it counts as recorded. */
    boolean takeUnsaved(ServiceName name) {
        return unsaved.remove(name);
    }

    /** The services that are to go on record, in the order in which they changed. */
    List<ServiceName> unsaved() {
        return List.copyOf(unsaved);
    }

    /** Something has changed that this service's next step depends on. */
    void touch(ServiceName name) {
        waysUp.add(name);
        waysDown.add(name);
    }

    /** The services whose way up may go on. */
    Agenda waysUp() {
        return waysUp;
    }

    /** The services that may have to go down, or may begin or cease to linger. */
    Agenda waysDown() {
        return waysDown;
    }

    /** The least instant at which something is due; {@link Lifecycle#NEVER} if nothing is. */
    long nextDue() {
        return due.isEmpty() ? Lifecycle.NEVER : due.first().instant();
    }

    /** The services for which something is due by this instant, by name. */
    List<ServiceName> dueBy(long instant) {
        List<ServiceName> names = new ArrayList<>();
        for (Due first : due) {
            if (first.instant() > instant) {
                break;
            }
            names.add(first.service());
        }
        Collections.sort(names);
        return names;
    }

    /** Whether no service has a process or is to get one. */
    boolean areAllDown() {
        return active == 0;
    }

    private static boolean isAtRest(Service service) {
        return service.isDown() && !service.headsUp();
    }
}
