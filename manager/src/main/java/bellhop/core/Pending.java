package bellhop.core;

import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who waits for services to be up or down: requests that are not answered yet, and starts that lack something
 * they require. Kept in the order in which they came.
 */
final class Pending {

    private final Set<PendingRequest> all = new LinkedHashSet<>();
    private final Map<Sender, Set<PendingRequest>> bySender = new HashMap<>();

    /**
     * Who is seen to wait: a script, as long as it is the one that its service runs.
     *
     * @param launch the script's; 0 for the service itself, which waits for what it requires before it runs any
     */
    record Sender(ServiceName service, long launch) {}

    /** Whose hold on what. */
    record PendingHold(ServiceName service, Owner owner) {}

    /** Waits until the service is up, by this attempt at the latest, or until it is down. */
    record Awaited(ServiceName service, boolean up, long attempt) {}

    /** One of them. */
    static final class PendingRequest {
        final long request;
        final Optional<Sender> sender;
        final Set<Awaited> awaits = new LinkedHashSet<>();
        final List<String> failures = new ArrayList<>();
        final List<String> notes = new ArrayList<>();
        /** What its failure gives back. */
        Optional<PendingHold> hold = Optional.empty();

        boolean complete;

        private final String failurePrefix;

        private PendingRequest(long request, Optional<Sender> sender, String failurePrefix) {
            this.request = request;
            this.sender = sender;
            this.failurePrefix = failurePrefix;
        }

        /** A request, which is answered. */
        static PendingRequest request(long request, Optional<Sender> sender) {
            return new PendingRequest(request, sender, "");
        }

        /** The start of a service that requires others; it goes on or fails, and answers nobody. */
        static PendingRequest start(ServiceName service) {
            return new PendingRequest(Input.NOBODY, Optional.of(new Sender(service, 0)), "requires ");
        }

        boolean isStart() {
            return sender.filter(s -> s.launch == 0).isPresent();
        }

        /**
         * One of those it waits for failed.
         *
         * @param hint where a person finds out more
         */
        void fail(ServiceName awaited, String why, String hint) {
            failures.add(failurePrefix + awaited + ": " + why + hint);
        }
    }

    void add(PendingRequest waiting) {
        all.add(waiting);
        waiting.sender.ifPresent(sender ->
                bySender.computeIfAbsent(sender, s -> new LinkedHashSet<>()).add(waiting));
    }

    void remove(PendingRequest waiting) {
        all.remove(waiting);
        waiting.sender.ifPresent(sender -> bySender.computeIfPresent(sender, (s, waitings) -> {
            waitings.remove(waiting);
            return waitings.isEmpty() ? null : waitings;
        }));
    }

    /** All as they are now: who is added or removed meanwhile changes nothing in it. */
    List<PendingRequest> all() {
        return List.copyOf(all);
    }

    /** The start of this service, if it waits for what it requires. */
    Optional<PendingRequest> start(ServiceName service) {
        return bySender.getOrDefault(new Sender(service, 0), Set.of()).stream().findFirst();
    }

    /** The services that this script, or start, waits for. */
    Set<ServiceName> awaitedBy(Sender sender) {
        Set<ServiceName> awaited = new LinkedHashSet<>();
        for (PendingRequest waiting : bySender.getOrDefault(sender, Set.of())) {
            waiting.awaits.forEach(a -> awaited.add(a.service));
        }
        return awaited;
    }

    /** The requests that would give back this hold if they failed. */
    List<PendingRequest> claims(PendingHold hold) {
        return all.stream()
                .filter(waiting -> waiting.hold.equals(Optional.of(hold)))
                .toList();
    }

    /** The owners of holds on this service whose requests are not answered yet, one entry per hold. */
    List<Owner> unanswered(ServiceName service) {
        return all.stream()
                .flatMap(waiting -> waiting.hold.stream())
                .filter(hold -> hold.service().equals(service))
                .map(PendingHold::owner)
                .toList();
    }
}
