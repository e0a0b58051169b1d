package bellhop.core;

import bellhop.definition.ServiceName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Who holds what, by counting; and the two questions on graphs of names that come with it: whether
 * somebody would wait in a circle, and who may be stopped before whom.
 *
 * <p>Immutable: every change is a new value. A count is at least 1; what is not held is not there, so
 * no count can go below zero.
 *
 * @param counts for each service that is held, how many holds each owner has
 */
record Holds(Map<ServiceName, Map<Owner, Integer>> counts) {

    static final Holds NONE = new Holds(Map.of());

    /** How many holds of one service may be asked for: who requires in a loop and never releases costs only so much. */
    static final int MOST = 1_000;

    Holds add(ServiceName service, Owner owner) {
        return with(service, owner, count(service, owner) + 1);
    }

    /** One hold less; empty if the owner has none. */
    Optional<Holds> drop(ServiceName service, Owner owner) {
        int count = count(service, owner);
        return count == 0 ? Optional.empty() : Optional.of(with(service, owner, count - 1));
    }

    /** Without any hold of the owners that match. */
    Holds dropAll(Predicate<Owner> owners) {
        Holds left = this;
        for (var held : counts.entrySet()) {
            for (Owner owner : held.getValue().keySet()) {
                if (owners.test(owner)) {
                    left = left.with(held.getKey(), owner, 0);
                }
            }
        }
        return left;
    }

    int count(ServiceName service, Owner owner) {
        return counts.getOrDefault(service, Map.of()).getOrDefault(owner, 0);
    }

    /** How many holds a service has. */
    int count(ServiceName service) {
        return counts.getOrDefault(service, Map.of()).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
    }

    boolean isHeld(ServiceName service) {
        return counts.containsKey(service);
    }

    /** One entry per hold, in the order of the owners' texts; a label comes after who has the same one. */
    List<Owner> holders(ServiceName service) {
        List<Owner> holders = new ArrayList<>();
        counts.getOrDefault(service, Map.of())
                .forEach((owner, count) -> holders.addAll(Collections.nCopies(count, owner)));
        holders.sort(
                Comparator.comparing(Owner::toString).thenComparing(Owner.Label.class::isInstance, Boolean::compare));
        return List.copyOf(holders);
    }

    /** The services that hold this one. */
    Set<ServiceName> requirers(ServiceName service) {
        Set<ServiceName> requirers = new HashSet<>();
        for (Owner owner : counts.getOrDefault(service, Map.of()).keySet()) {
            if (owner instanceof Owner.Incarnation(ServiceName requirer, long number)) {
                requirers.add(requirer);
            }
        }
        return requirers;
    }

    /**
     * Whether everything may be stopped with this one among the first: nobody requires it, directly or
     * through others, except those that it requires itself in the same way. Of services that hold each
     * other in a circle none can go first, so they go together.
     */
    boolean nobodyGoesBefore(ServiceName service) {
        return reach(service, this::requirers).stream()
                .allMatch(requirer -> reach(requirer, this::requirers).contains(service));
    }

    private static Set<ServiceName> reach(ServiceName from, Function<ServiceName, Set<ServiceName>> edges) {
        Set<ServiceName> reached = new HashSet<>();
        Deque<ServiceName> open = new ArrayDeque<>(edges.apply(from));
        while (!open.isEmpty()) {
            ServiceName next = open.pop();
            if (reached.add(next)) {
                open.addAll(edges.apply(next));
            }
        }
        return reached;
    }

    /**
     * The circle that would be closed if {@code waiter} began to wait for {@code target}, given who waits
     * for whom already: from the waiter back to the waiter. Empty if there is none.
     */
    static Optional<List<ServiceName>> circle(
            ServiceName waiter, ServiceName target, Function<ServiceName, Set<ServiceName>> waits) {
        Map<ServiceName, ServiceName> cameFrom = new HashMap<>();
        Deque<ServiceName> open = new ArrayDeque<>(List.of(target));
        cameFrom.put(target, waiter);
        while (!open.isEmpty() && !cameFrom.containsKey(waiter)) {
            ServiceName next = open.removeFirst();
            for (ServiceName further : waits.apply(next)) {
                if (cameFrom.putIfAbsent(further, next) == null) {
                    open.addLast(further);
                }
            }
        }
        if (target.equals(waiter)) {
            return Optional.of(List.of(waiter, waiter));
        }
        if (!cameFrom.containsKey(waiter)) {
            return Optional.empty();
        }
        List<ServiceName> circle = new ArrayList<>(List.of(waiter));
        for (ServiceName at = cameFrom.get(waiter); at != null && !at.equals(waiter); at = cameFrom.get(at)) {
            circle.addFirst(at);
        }
        circle.addFirst(waiter);
        return Optional.of(List.copyOf(circle));
    }

    private Holds with(ServiceName service, Owner owner, int count) {
        SortedMap<ServiceName, Map<Owner, Integer>> changed = new TreeMap<>(counts);
        Map<Owner, Integer> owners = new HashMap<>(changed.getOrDefault(service, Map.of()));
        if (count == 0) {
            owners.remove(owner);
        } else {
            owners.put(owner, count);
        }
        if (owners.isEmpty()) {
            changed.remove(service);
        } else {
            changed.put(service, Map.copyOf(owners));
        }
        return new Holds(Collections.unmodifiableSortedMap(changed));
    }
}
