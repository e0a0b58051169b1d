package bellhop.core;

import bellhop.definition.ServiceName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Who holds what, by counting; and the two questions on graphs of names that come with it: whether
 * somebody would wait in a circle, and who may be stopped before whom.
 */
final class Holds {

    /** How many holds of one service may be asked for: who requires in a loop and never releases costs only so much. */
    static final int MOST = 1_000;

    /** A count is at least 1; what is not held is not there, so no count can go below zero. */
    private final Map<ServiceName, Map<Owner, Integer>> counts = new HashMap<>();

    private final Map<Owner, NavigableSet<ServiceName>> held = new HashMap<>();

    void add(ServiceName service, Owner owner) {
        counts.computeIfAbsent(service, s -> new HashMap<>()).merge(owner, 1, Integer::sum);
        held.computeIfAbsent(owner, o -> new TreeSet<>()).add(service);
    }

    /** One hold less; returns false if the owner has none. */
    boolean drop(ServiceName service, Owner owner) {
        int count = count(service, owner);
        if (count == 1) {
            remove(service, owner);
        } else if (count > 1) {
            owners(service).put(owner, count - 1);
        }
        return count > 0;
    }

    /** Drops every hold of an owner; returns the services that it held, by name. */
    List<ServiceName> dropAll(Owner owner) {
        List<ServiceName> dropped = List.copyOf(heldBy(owner));
        dropped.forEach(service -> remove(service, owner));
        return dropped;
    }

    /** Drops every hold of the owners that match; returns the services that they held, by name. */
    Collection<ServiceName> dropAll(Predicate<Owner> owners) {
        Set<ServiceName> dropped = new TreeSet<>();
        held.keySet().stream().filter(owners).toList().forEach(owner -> dropped.addAll(dropAll(owner)));
        return dropped;
    }

    private void remove(ServiceName service, Owner owner) {
        counts.computeIfPresent(service, (s, owners) -> {
            owners.remove(owner);
            return owners.isEmpty() ? null : owners;
        });
        held.computeIfPresent(owner, (o, services) -> {
            services.remove(service);
            return services.isEmpty() ? null : services;
        });
    }

    int count(ServiceName service, Owner owner) {
        return owners(service).getOrDefault(owner, 0);
    }

    /** How many holds a service has. */
    int count(ServiceName service) {
        return owners(service).values().stream().mapToInt(Integer::intValue).sum();
    }

    boolean isHeld(ServiceName service) {
        return counts.containsKey(service);
    }

    /** One entry per hold, in the order of the owners' texts; a label comes after who has the same one. */
    List<Owner> holders(ServiceName service) {
        List<Owner> holders = new ArrayList<>();
        owners(service).forEach((owner, count) -> holders.addAll(Collections.nCopies(count, owner)));
        holders.sort(Holds::compare);
        return List.copyOf(holders);
    }

    private static int compare(Owner one, Owner other) {
        int byText = one.toString().compareTo(other.toString());
        return byText != 0 ? byText : Boolean.compare(one instanceof Owner.Label, other instanceof Owner.Label);
    }

    /** The services that one owner holds, by name. */
    Set<ServiceName> heldBy(Owner owner) {
        return Collections.unmodifiableSet(held.getOrDefault(owner, Collections.emptyNavigableSet()));
    }

    private Map<Owner, Integer> owners(ServiceName service) {
        return counts.getOrDefault(service, Map.of());
    }

    /**
     * Whether everything may be stopped with this one among the first: nobody requires it, directly or
     * through others, except those that it requires itself in the same way. Of services that hold each
     * other in a circle none can go first, so they go together.
     */
    boolean nobodyGoesBefore(ServiceName service) {
        return anyRequirer(
                        service,
                        requirer -> anyRequirer(requirer, service::equals).isEmpty())
                .isEmpty();
    }

    /** The services that require this one, directly or through others; itself among them if it is in a circle. */
    Set<ServiceName> allRequirers(ServiceName service) {
        Set<ServiceName> requirers = new HashSet<>();
        anyRequirer(service, requirer -> {
            requirers.add(requirer);
            return false;
        });
        return requirers;
    }

    /** The first that matches, on all ways up from a service; those above it are not looked at. */
    private Optional<ServiceName> anyRequirer(ServiceName service, Predicate<ServiceName> matches) {
        Set<ServiceName> seen = new HashSet<>();
        Deque<ServiceName> open = new ArrayDeque<>(List.of(service));
        while (!open.isEmpty()) {
            for (Owner owner : owners(open.pop()).keySet()) {
                if (owner instanceof Owner.Incarnation(ServiceName requirer, long _) && seen.add(requirer)) {
                    if (matches.test(requirer)) {
                        return Optional.of(requirer);
                    }
                    open.push(requirer);
                }
            }
        }
        return Optional.empty();
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
}
