package bellhop.core;

import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who waits for services to be up or down: requests that are not answered yet, and starts that lack something
 * they require. Kept in the order in which they came.
 */
final class Pending {

    private static final long ANY_ATTEMPT = Long.MAX_VALUE;

    private final Map<Long, PendingRequest> byNumber = new HashMap<>();
    private final Map<Sender, Set<PendingRequest>> bySender = new HashMap<>();
    private final Map<ServiceName, Set<PendingRequest>> byAwaited = new HashMap<>();
    private final Map<ServiceName, Set<PendingRequest>> byHeld = new HashMap<>();
    private final List<Effect.Answer> answers = new ArrayList<>();
    private final WaitObserver observer;

    /** Hears what follows from the end of a wait. */
    interface WaitObserver {
        /** The request was answered; a hold is given back if it failed. */
        void answered(PendingHold hold, boolean isKept);

        /** What a service, or its script, waits for has changed. */
        void waitChanged(ServiceName sender);
    }

    /**
     * Who is seen to wait: a script, as long as it is the one that its service runs.
     *
     * @param launch the script's; 0 for the service itself, which waits for what it requires before it runs any
     */
    record Sender(ServiceName service, long launch) {}

    /** The owner of a hold, and the service that it holds. */
    record PendingHold(ServiceName service, Owner owner) {}

    /** Waits until a service is up, by this attempt at the latest, or until it is down. */
    private record Awaited(boolean up, long attempt) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Awaited awaited && up == awaited.up && attempt == awaited.attempt;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(attempt);
        }
    }

    /** A request, or the start of a service, while it waits. */
    static final class PendingRequest {
        private final long number;
        private final Optional<Sender> sender;
        private final String failurePrefix;
        private final Map<ServiceName, Set<Awaited>> awaits = new LinkedHashMap<>();
        private final List<String> failures = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        /** Those without which it goes on. */
        private final Set<ServiceName> optional = new HashSet<>();
        /** What its failure gives back. */
        private Optional<PendingHold> hold = Optional.empty();

        private boolean complete;

        private PendingRequest(long number, Optional<Sender> sender, String failurePrefix) {
            this.number = number;
            this.sender = sender;
            this.failurePrefix = failurePrefix;
        }

        /** A request, which is answered. */
        static PendingRequest request(long number, Optional<Sender> sender) {
            return new PendingRequest(number, sender, "");
        }

        /** The start of a service that requires others; it goes on or fails, and answers nobody. */
        static PendingRequest start(ServiceName service) {
            return new PendingRequest(Input.NOBODY, Optional.of(new Sender(service, 0)), "requires ");
        }

        /** A sentence for whoever asked, whatever the outcome. */
        void note(String text) {
            notes.add(text);
        }

        void fail(ServiceName awaited, String why) {
            if (optional.contains(awaited)) {
                note("starts without " + awaited + ": " + why);
            } else {
                failures.add(failurePrefix + awaited + ": " + why);
            }
        }

        /** It goes on without this one; why, is among its notes. */
        void mayLack(ServiceName service) {
            optional.add(service);
        }

        /** The notes that were made since the last call. */
        List<String> takeNotes() {
            List<String> taken = List.copyOf(notes);
            notes.clear();
            return taken;
        }

        /** It fails for a reason that no service has given. */
        void refuse(String why) {
            failures.add(why);
        }

        boolean hasFailed() {
            return !failures.isEmpty();
        }

        Optional<String> firstFailure() {
            return failures.stream().findFirst();
        }

        boolean awaitsNothing() {
            return awaits.isEmpty();
        }

        private boolean isStart() {
            return sender.filter(s -> s.launch == 0).isPresent();
        }

        /** Ends its waiting for this; returns whether it did wait. */
        private boolean settle(ServiceName service, boolean up, long attempt) {
            Set<Awaited> here = awaits.get(service);
            if (here == null) {
                return false;
            }
            boolean waited = here.removeIf(a -> a.up == up && a.attempt <= attempt);
            if (here.isEmpty()) {
                awaits.remove(service);
            }
            return waited;
        }
    }

    Pending(WaitObserver observer) {
        this.observer = observer;
    }

    /** Takes note of one that may yet wait for something. */
    void add(PendingRequest waiting) {
        if (waiting.number != Input.NOBODY) {
            byNumber.put(waiting.number, waiting);
        }
        waiting.sender.ifPresent(sender -> {
            put(bySender, sender, waiting);
            observer.waitChanged(sender.service());
        });
    }

    void awaitUp(PendingRequest waiting, ServiceName service, long attempt) {
        await(waiting, service, new Awaited(true, attempt));
    }

    void awaitDown(PendingRequest waiting, ServiceName service) {
        await(waiting, service, new Awaited(false, 0));
    }

    private void await(PendingRequest waiting, ServiceName service, Awaited awaited) {
        add(waiting);
        waiting.awaits.computeIfAbsent(service, s -> new HashSet<>()).add(awaited);
        put(byAwaited, service, waiting);
    }

    /** It fails together with this hold, and gives it back if it fails otherwise. */
    void claim(PendingRequest waiting, PendingHold hold) {
        waiting.hold = Optional.of(hold);
        put(byHeld, hold.service(), waiting);
    }

    /** It is complete as asked; it is answered now if nothing is left to wait for. */
    void complete(PendingRequest waiting) {
        waiting.complete = true;
        answerIfDone(waiting);
    }

    /** The start of this service has gone on, or was given up. */
    void endStart(ServiceName service) {
        start(service).ifPresent(this::remove);
    }

    /** Forgets a request whose client is gone; returns the hold that nobody asks for any more. */
    Optional<PendingHold> forget(long request) {
        PendingRequest waiting = byNumber.get(request);
        if (waiting == null) {
            return Optional.empty();
        }
        remove(waiting);
        return waiting.hold;
    }

    /** Whether nothing waits. */
    boolean isEmpty() {
        return byNumber.isEmpty() && bySender.isEmpty() && byAwaited.isEmpty() && byHeld.isEmpty();
    }

    /** The answers that became due since the last call. */
    List<Effect.Answer> takeAnswers() {
        List<Effect.Answer> taken = List.copyOf(answers);
        answers.clear();
        return taken;
    }

    /** The start of this service, if it waits for what it requires. */
    Optional<PendingRequest> start(ServiceName service) {
        return bySender.getOrDefault(new Sender(service, 0), Set.of()).stream().findFirst();
    }

    /** The services that this script, or start, waits for. */
    Set<ServiceName> awaitedBy(Sender sender) {
        Set<ServiceName> awaited = new LinkedHashSet<>();
        for (PendingRequest waiting : bySender.getOrDefault(sender, Set.of())) {
            awaited.addAll(waiting.awaits.keySet());
        }
        return awaited;
    }

    /** The owners of holds on this service whose requests are not answered yet, one entry per hold. */
    List<Owner> unanswered(ServiceName service) {
        return byHeld.getOrDefault(service, Set.of()).stream()
                .flatMap(waiting -> waiting.hold.stream())
                .map(PendingHold::owner)
                .toList();
    }

    /** A service has changed: ends the waits for what it is now, and for what it can no longer become. */
    void moved(Service before, Service after) {
        ServiceName name = after.name();
        String log = Effect.Answer.seeLog(name);
        if (after.attempt() != before.attempt()) {
            failUp(name, before.attempt(), before.detail() + log);
        }
        if (after.isUp() && !before.isUp()) {
            settle(name, true, after.attempt(), waiting -> {});
        }
        boolean rests = after.isDown() || after.state() instanceof State.Restarting;
        if (rests && after.state().getClass() != before.state().getClass()) {
            // Of one that lacks what it requires nothing was run: what it lacks has a log, and is named there.
            boolean lacked = before.state() instanceof State.Requiring;
            failUp(name, after.attempt(), after.detail() + (lacked ? "" : log));
        }
        if (after.state() instanceof State.Down down) {
            settle(name, false, 0, waiting -> {
                if (!down.ending().clean()) {
                    waiting.fail(name, down.ending().detail());
                }
            });
        }
    }

    /** Whoever waits for the service to be up, by whichever attempt, waits in vain. */
    void failUp(ServiceName service, String why) {
        failUp(service, ANY_ATTEMPT, why);
    }

    private void failUp(ServiceName service, long attempt, String why) {
        settle(service, true, attempt, waiting -> waiting.fail(service, why));
    }

    private void settle(ServiceName service, boolean up, long attempt, Consumer<PendingRequest> outcome) {
        for (PendingRequest waiting : List.copyOf(byAwaited.getOrDefault(service, Set.of()))) {
            if (waiting.settle(service, up, attempt)) {
                outcome.accept(waiting);
                if (!waiting.awaits.containsKey(service)) {
                    drop(byAwaited, service, waiting);
                }
                waiting.sender.map(Sender::service).ifPresent(observer::waitChanged);
                answerIfDone(waiting);
            }
        }
    }

    /** As many requires can still succeed as there are holds for them; of more, the first ones fail. */
    void failUnheld(PendingHold hold, Holds left, String why) {
        List<PendingRequest> claims = byHeld.getOrDefault(hold.service(), Set.of()).stream()
                .filter(waiting -> waiting.hold.equals(Optional.of(hold)))
                .toList();
        int unheld = Math.max(0, claims.size() - left.count(hold.service(), hold.owner()));
        for (PendingRequest waiting : claims.subList(0, unheld)) {
            remove(waiting);
            waiting.hold = Optional.empty();
            waiting.awaits.clear();
            waiting.fail(hold.service(), why);
            answerIfDone(waiting);
        }
    }

    private void answerIfDone(PendingRequest waiting) {
        if (waiting.isStart() || !waiting.complete || !waiting.awaits.isEmpty()) {
            return; // a start goes on once all that happens at once is settled
        }
        remove(waiting);
        waiting.hold.ifPresent(hold -> observer.answered(hold, !waiting.hasFailed()));
        if (waiting.number != Input.NOBODY) {
            answers.add(new Effect.Answer(waiting.number, List.copyOf(waiting.failures), List.copyOf(waiting.notes)));
        }
    }

    private void remove(PendingRequest waiting) {
        byNumber.remove(waiting.number);
        waiting.awaits.keySet().forEach(service -> drop(byAwaited, service, waiting));
        waiting.hold.ifPresent(hold -> drop(byHeld, hold.service(), waiting));
        waiting.sender.ifPresent(sender -> {
            drop(bySender, sender, waiting);
            observer.waitChanged(sender.service());
        });
    }

    private static <K> void put(Map<K, Set<PendingRequest>> index, K key, PendingRequest waiting) {
        index.computeIfAbsent(key, k -> new LinkedHashSet<>()).add(waiting);
    }

    private static <K> void drop(Map<K, Set<PendingRequest>> index, K key, PendingRequest waiting) {
        index.computeIfPresent(key, (k, waitings) -> {
            waitings.remove(waiting);
            return waitings.isEmpty() ? null : waitings;
        });
    }
}
