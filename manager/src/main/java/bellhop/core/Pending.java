package bellhop.core;

import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.HashMap;
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

    private final Set<PendingRequest> all = new LinkedHashSet<>();
    private final Map<Sender, Set<PendingRequest>> bySender = new HashMap<>();
    private final List<Effect.Answer> answers = new ArrayList<>();
    private final HoldOutcome holds;

    /** Hears what becomes of the hold that an answered request asked for. */
    interface HoldOutcome {
        /** The request was answered; a hold is given back if it failed. */
        void answered(PendingHold hold, boolean isKept);
    }

    /**
     * Who is seen to wait: a script, as long as it is the one that its service runs.
     *
     * @param launch the script's; 0 for the service itself, which waits for what it requires before it runs any
     */
    record Sender(ServiceName service, long launch) {}

    /** The owner of a hold, and the service that it holds. */
    record PendingHold(ServiceName service, Owner owner) {}

    /** Waits until the service is up, by this attempt at the latest, or until it is down. */
    private record Awaited(ServiceName service, boolean up, long attempt) {}

    /** A request, or the start of a service, while it waits. */
    static final class PendingRequest {
        private final long request;
        private final Optional<Sender> sender;
        private final String failurePrefix;
        private final Set<Awaited> awaits = new LinkedHashSet<>();
        private final List<String> failures = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        /** What its failure gives back. */
        private Optional<PendingHold> hold = Optional.empty();

        private boolean complete;

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

        void awaitUp(ServiceName service, long attempt) {
            awaits.add(new Awaited(service, true, attempt));
        }

        void awaitDown(ServiceName service) {
            awaits.add(new Awaited(service, false, 0));
        }

        /** Fails together with this hold, and gives it back if it fails otherwise. */
        void claim(PendingHold claimed) {
            hold = Optional.of(claimed);
        }

        /** A sentence for whoever asked, whatever the outcome. */
        void note(String text) {
            notes.add(text);
        }

        void fail(ServiceName awaited, String why) {
            failures.add(failurePrefix + awaited + ": " + why);
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
            return awaits.removeIf(a -> a.service.equals(service) && a.up == up && a.attempt <= attempt);
        }
    }

    Pending(HoldOutcome holds) {
        this.holds = holds;
    }

    /** It waits from now on, though it may not be complete yet. */
    void add(PendingRequest waiting) {
        all.add(waiting);
        waiting.sender.ifPresent(sender ->
                bySender.computeIfAbsent(sender, s -> new LinkedHashSet<>()).add(waiting));
    }

    /** It is complete as asked; it is answered now if nothing is left to wait for. */
    void complete(PendingRequest waiting) {
        waiting.complete = true;
        add(waiting);
        answerIfDone(waiting);
    }

    /** The start of this service has gone on, or was given up. */
    void endStart(ServiceName service) {
        start(service).ifPresent(this::remove);
    }

    /** Forgets a request whose client is gone; returns the holds that nobody has asked for any more. */
    List<PendingHold> forget(long request) {
        List<PendingHold> unclaimed = new ArrayList<>();
        for (PendingRequest waiting : List.copyOf(all)) {
            if (waiting.request == request && request != Input.NOBODY) {
                remove(waiting);
                waiting.hold.ifPresent(unclaimed::add);
            }
        }
        return unclaimed;
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
            waiting.awaits.forEach(a -> awaited.add(a.service));
        }
        return awaited;
    }

    /** The owners of holds on this service whose requests are not answered yet, one entry per hold. */
    List<Owner> unanswered(ServiceName service) {
        return all.stream()
                .flatMap(waiting -> waiting.hold.stream())
                .filter(hold -> hold.service().equals(service))
                .map(PendingHold::owner)
                .toList();
    }

    /** A service has changed: ends the waits for what it is now, and for what it can no longer become. */
    void moved(Service before, Service after) {
        ServiceName name = after.name();
        String log = " (log: bh logs " + name + ")";
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
        failUp(service, Lifecycle.NEVER, why);
    }

    private void failUp(ServiceName service, long attempt, String why) {
        settle(service, true, attempt, waiting -> waiting.fail(service, why));
    }

    private void settle(ServiceName service, boolean up, long attempt, Consumer<PendingRequest> outcome) {
        for (PendingRequest waiting : List.copyOf(all)) {
            if (waiting.settle(service, up, attempt)) {
                outcome.accept(waiting);
                answerIfDone(waiting);
            }
        }
    }

    /** An incarnation has ended: what was required in its name fails, as far as these holds do not cover it. */
    void failUnheld(Owner ended, Holds left) {
        for (PendingRequest waiting : List.copyOf(all)) {
            waiting.hold
                    .filter(hold -> hold.owner().equals(ended))
                    .ifPresent(hold -> failUnheld(hold, left, ended + ", for which it was required, has ended"));
        }
    }

    /** As many requires can still succeed as there are holds for them; of more, the first ones fail. */
    void failUnheld(PendingHold hold, Holds left, String why) {
        List<PendingRequest> claims = all.stream()
                .filter(waiting -> waiting.hold.equals(Optional.of(hold)))
                .toList();
        int unheld = Math.max(0, claims.size() - left.count(hold.service(), hold.owner()));
        for (PendingRequest waiting : claims.subList(0, unheld)) {
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
        waiting.hold.ifPresent(hold -> holds.answered(hold, !waiting.hasFailed()));
        if (waiting.request != Input.NOBODY) {
            answers.add(new Effect.Answer(waiting.request, List.copyOf(waiting.failures), List.copyOf(waiting.notes)));
        }
    }

    private void remove(PendingRequest waiting) {
        all.remove(waiting);
        waiting.sender.ifPresent(sender -> bySender.computeIfPresent(sender, (s, waitings) -> {
            waitings.remove(waiting);
            return waitings.isEmpty() ? null : waitings;
        }));
    }
}
