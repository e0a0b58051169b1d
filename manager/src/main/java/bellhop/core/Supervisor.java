package bellhop.core;

import bellhop.core.Lifecycle.Ending;
import bellhop.core.Lifecycle.Event;
import bellhop.core.Lifecycle.State;
import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All services together: who is wanted, who waits for whom, and which event goes to whose
 * {@link Lifecycle}. One call of {@link #handle} takes one input and answers with what should be done,
 * in order.
 *
 * <p>Two phases, so that nothing is decided on half a count: first the input changes pins, holds and
 * waiters; then {@link #settle} compares what is wanted with where each service is heading, until
 * nothing changes any more.
 *
 * <p>Confined to one thread. Time comes in as an argument, numbers are counted up from the first.
 */
public final class Supervisor {

    private final SortedMap<ServiceName, Service> services = new TreeMap<>();
    private final Set<Waiting> requests = new LinkedHashSet<>();
    private final Set<ServiceName> unsaved = new LinkedHashSet<>();
    private final List<Lifecycle.Effect> answers = new ArrayList<>();
    private List<Lifecycle.Effect> effects = new ArrayList<>();
    private Holds holds = Holds.NONE;
    private boolean stoppingEverything;
    private long fresh;

    /**
     * Begins with no services.
     *
     * @param first the first incarnation's number; greater than any that was ever given in this run dir
     */
    public Supervisor(long first) {
        this.fresh = first;
    }

    /**
     * Takes one input.
     *
     * @param now monotonic nanoseconds, never less than at the call before
     * @return what should be done, in this order
     */
    public List<Lifecycle.Effect> handle(Input input, long now) {
        switch (input) {
            case Input.Start start -> start(start, now);
            case Input.Stop stop -> stop(stop, now);
            case Input.Restart restart -> restart(restart, now);
            case Input.StopAll stopAll -> stopAll(stopAll);
            case Input.Require require -> require(require, now);
            case Input.Release release -> release(release);
            case Input.Gone(long request) -> gone(request);
            case Input.Happened(ServiceName service, Event event) -> {
                if (services.containsKey(service)) {
                    dispatch(service, event, now);
                }
            }
            case Input.TimePassed t -> timePassed(now);
        }
        settle(now);
        List.copyOf(unsaved).forEach(this::save);
        effects.addAll(answers); // last: whoever is answered finds what was done on record
        answers.clear();
        List<Lifecycle.Effect> done = effects;
        effects = new ArrayList<>();
        return done;
    }

    /** The least deadline of all services; {@link Lifecycle#NEVER} if nothing is due. */
    public long nextDeadline() {
        long next = Lifecycle.NEVER;
        for (Service service : services.values()) {
            next = Math.min(next, service.deadline());
        }
        return next;
    }

    /** All services that were ever asked for, by name. */
    public Collection<Service> services() {
        return Collections.unmodifiableCollection(services.values());
    }

    /** One of them. */
    public Optional<Service> service(ServiceName name) {
        return Optional.ofNullable(services.get(name));
    }

    /** The owners of the holds on a service, one entry per hold. */
    public List<Owner> holders(ServiceName service) {
        return holds.holders(service);
    }

    /** The services that one service holds. */
    public List<ServiceName> heldBy(ServiceName service) {
        return services.keySet().stream()
                .filter(other -> holds.requirers(other).contains(service))
                .toList();
    }

    /** Whether a stop of everything is under way. */
    public boolean isStoppingEverything() {
        return stoppingEverything;
    }

    /** Whether no service has a process or is to get one. */
    public boolean isAllDown() {
        return services.values().stream().allMatch(s -> s.isDown() && !s.headsUp());
    }

    // What is asked.

    private void start(Input.Start start, long now) {
        Waiting waiting = new Waiting(start.request(), sender(start.caller()));
        Set<ServiceName> awaited = new LinkedHashSet<>();
        for (Definition definition : start.services()) {
            if (!isUp(definition.name())) {
                awaited.add(definition.name());
            }
        }
        if (isRefused(waiting, start.caller(), awaited, true)) {
            return;
        }
        for (Definition definition : start.services()) {
            know(definition);
            store(known(definition.name()).pinned(true).heldDown(false));
            begin(definition, waiting, true, now);
        }
        register(waiting);
    }

    private void stop(Input.Stop stop, long now) {
        Waiting waiting = new Waiting(stop.request(), sender(stop.caller()));
        Set<ServiceName> awaited = new LinkedHashSet<>(stop.services());
        awaited.removeIf(this::isDown);
        if (isRefused(waiting, stop.caller(), awaited, false)) {
            return;
        }
        for (ServiceName name : new LinkedHashSet<>(stop.services())) {
            if (!services.containsKey(name)) {
                continue; // never asked for: as down as can be
            }
            failWaitersForUp(name, Lifecycle.NEVER, "was stopped before it was up");
            boolean held = holds.isHeld(name);
            if (held) {
                waiting.notes.add(name + ": still held by " + names(holds.holders(name))
                        + "; held down until the next start or require");
            }
            store(known(name).pinned(false).heldDown(held));
            dispatch(name, new Event.Halt(), now);
            awaitDown(waiting, name);
        }
        register(waiting);
    }

    private void restart(Input.Restart restart, long now) {
        Waiting waiting = new Waiting(restart.request(), sender(restart.caller()));
        List<ServiceName> names =
                restart.services().stream().map(Definition::name).toList();
        if (isRefused(waiting, restart.caller(), names, true)) {
            return;
        }
        Set<ServiceName> begun = new HashSet<>();
        for (Definition definition : restart.services()) {
            ServiceName name = definition.name();
            if (!begun.add(name)) {
                continue;
            }
            know(definition);
            failWaitersForUp(name, Lifecycle.NEVER, "was restarted before it was up");
            if (!isWanted(name)) {
                store(known(name).pinned(true));
            }
            store(known(name).heldDown(false));
            dispatch(name, new Event.Halt(), now);
            begin(definition, waiting, true, now);
        }
        register(waiting);
    }

    private void stopAll(Input.StopAll stopAll) {
        Waiting waiting = new Waiting(stopAll.request(), sender(stopAll.caller()));
        List<ServiceName> awaited =
                services.keySet().stream().filter(name -> !isDown(name)).toList();
        if (isRefused(waiting, stopAll.caller(), awaited, false)) {
            return;
        }
        stoppingEverything = true;
        change(holds.dropAll(owner -> owner instanceof Owner.Label));
        for (ServiceName name : List.copyOf(services.keySet())) {
            store(known(name).pinned(false));
            failWaitersForUp(name, Lifecycle.NEVER, "refused, everything is being stopped");
            awaitDown(waiting, name);
        }
        register(waiting);
    }

    private void require(Input.Require require, long now) {
        ServiceName name = require.service().name();
        Owner owner = owner(require.caller(), require.owner());
        Waiting waiting = new Waiting(require.request(), sender(require.caller()));
        Set<ServiceName> awaited = isUp(name) ? Set.of() : Set.of(name);
        if (isRefused(waiting, require.caller(), awaited, true)) {
            return;
        }
        know(require.service());
        change(holds.add(name, owner));
        waiting.hold = Optional.of(new Hold(name, owner));
        store(known(name).heldDown(false));
        begin(require.service(), waiting, false, now);
        register(waiting);
    }

    private void release(Input.Release release) {
        ServiceName name = release.service();
        Owner owner = holder(name, release.caller(), release.owner());
        Waiting waiting = new Waiting(release.request(), sender(release.caller()));
        Optional<Holds> dropped = holds.drop(name, owner);
        boolean stops = dropped.isPresent()
                && !dropped.get().isHeld(name)
                && !known(name).pinned()
                && !isDown(name);
        if (isRefused(waiting, release.caller(), stops ? Set.of(name) : Set.of(), false)) {
            return;
        }
        if (dropped.isEmpty()) {
            waiting.failures.add(name + ": not held by " + owner + ", so there is nothing to release");
            register(waiting);
            return;
        }
        change(dropped.get());
        failUnheld(new Hold(name, owner), "its hold was released before it was up");
        if (stops) {
            awaitDown(waiting, name);
        }
        register(waiting);
    }

    private void gone(long request) {
        for (Waiting waiting : List.copyOf(requests)) {
            if (waiting.request == request) {
                requests.remove(waiting);
                waiting.hold.ifPresent(this::giveBack);
            }
        }
    }

    /** Answers a request that cannot be granted; nothing was changed for it. */
    private boolean isRefused(Waiting waiting, Caller caller, Collection<ServiceName> awaited, boolean wantsUp) {
        refusal(caller, awaited, wantsUp).ifPresent(why -> {
            waiting.failures.add(why);
            register(waiting);
        });
        return !waiting.failures.isEmpty();
    }

    private Optional<String> refusal(Caller caller, Collection<ServiceName> awaited, boolean wantsUp) {
        if (caller instanceof Caller.Script(ServiceName name, long incarnation)) {
            boolean lives = service(name)
                    .flatMap(Service::life)
                    .filter(life -> life.incarnation() == incarnation)
                    .isPresent();
            if (!lives) {
                return Optional.of(
                        "refused: it comes from incarnation " + incarnation + " of " + name + ", which has ended");
            }
            for (ServiceName target : awaited) {
                Optional<List<ServiceName>> circle = Holds.circle(name, target, this::waitsFor);
                if (circle.isPresent()) {
                    return Optional.of(target + ": refused, it would wait in a circle: "
                            + String.join(
                                    " -> ",
                                    circle.get().stream()
                                            .map(ServiceName::toString)
                                            .toList()));
                }
            }
        }
        return wantsUp && stoppingEverything ? Optional.of("refused: stopping everything") : Optional.empty();
    }

    /** The services that this one's script is waiting for. */
    private Set<ServiceName> waitsFor(ServiceName name) {
        long launch = service(name).map(Service::launch).orElse(0L);
        Set<ServiceName> awaited = new HashSet<>();
        if (launch != 0) {
            for (Waiting waiting : requests) {
                if (waiting.sender.filter(new Sender(name, launch)::equals).isPresent()) {
                    waiting.awaits.forEach(a -> awaited.add(a.service));
                }
            }
        }
        return awaited;
    }

    // What is wanted.

    private boolean isWanted(ServiceName name) {
        return known(name).pinned() || holds.isHeld(name);
    }

    private boolean isUp(ServiceName name) {
        return service(name).map(Service::isUp).orElse(false);
    }

    private boolean isDown(ServiceName name) {
        return service(name).map(s -> s.isDown() && !s.headsUp()).orElse(true);
    }

    /** Lets every service that is not wanted go down, and begins those whose turn has come. */
    private void settle(long now) {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (ServiceName name : List.copyOf(services.keySet())) {
                Service service = known(name);
                if (service.headsUp() && mustGoDown(name)) {
                    halt(name, stoppingEverything ? "everything is being stopped" : "is no longer wanted", now);
                    changed = true;
                } else if (service.state() instanceof State.Down(Ending ending, boolean again) && again) {
                    dispatch(name, new Event.Begin(service.latest(), false), now);
                    changed = true;
                } else if (service.hasClock()
                        && service.clockStands() == waitsFor(name).isEmpty()) {
                    changed |= dispatch(
                            name, service.clockStands() ? new Event.ClockResumed() : new Event.ClockStopped(), now);
                }
            }
        }
        if (stoppingEverything && isAllDown()) {
            stoppingEverything = false;
        }
    }

    private boolean mustGoDown(ServiceName name) {
        Service service = known(name);
        return stoppingEverything
                ? service.isDown() || holds.nobodyGoesBefore(name)
                : !isWanted(name) || service.heldDown();
    }

    private void timePassed(long now) {
        for (ServiceName name : List.copyOf(services.keySet())) {
            if (known(name).deadline() <= now) {
                dispatch(name, new Event.DeadlinePassed(), now);
            }
        }
    }

    private void know(Definition definition) {
        Service known = services.get(definition.name());
        store(known == null ? Service.of(definition) : known.read(definition));
    }

    private void begin(Definition definition, Waiting waiting, boolean atOnce, long now) {
        ServiceName name = definition.name();
        if (!isUp(name)) {
            Service service = known(name);
            long attempt = service.attemptIsOpen() ? service.attempt() : service.attempt() + 1;
            waiting.awaits.add(new Awaited(name, true, attempt));
            requests.add(waiting);
        }
        dispatch(name, new Event.Begin(definition, atOnce), now);
    }

    private void halt(ServiceName name, String why, long now) {
        failWaitersForUp(name, Lifecycle.NEVER, why);
        dispatch(name, new Event.Halt(), now);
    }

    /** One event to one service. The one place where a new state is stored; returns whether there is one. */
    private boolean dispatch(ServiceName name, Event event, long now) {
        Service before = known(name);
        Lifecycle.Step step = Lifecycle.next(before, event, now, fresh++);
        Service after = step.service();
        store(after);
        if (!after.equals(before)) {
            save(name);
        }
        effects.addAll(step.effects());
        if (!incarnation(before).equals(incarnation(after))) {
            incarnation(before).ifPresent(this::dropAll);
        }
        tellWaiters(before, after);
        return !after.equals(before);
    }

    private static Optional<Owner> incarnation(Service service) {
        return service.life().map(life -> new Owner.Incarnation(service.name(), life.incarnation()));
    }

    private Service known(ServiceName name) {
        return Objects.requireNonNull(services.get(name), () -> "no service " + name);
    }

    private void store(Service service) {
        Service before = services.put(service.name(), service);
        if (!service.equals(before)) {
            unsaved.add(service.name());
        }
    }

    private void save(ServiceName name) {
        unsaved.remove(name);
        effects.add(new Lifecycle.Effect.Save(known(name), holds.holders(name)));
    }

    private void change(Holds changed) {
        for (ServiceName name : services.keySet()) {
            if (!holds.counts()
                    .getOrDefault(name, Map.of())
                    .equals(changed.counts().getOrDefault(name, Map.of()))) {
                unsaved.add(name);
            }
            if (!changed.isHeld(name)) {
                store(known(name).heldDown(false));
            }
        }
        holds = changed;
    }

    private Optional<Sender> sender(Caller caller) {
        return switch (caller) {
            case Caller.Operator o -> Optional.empty();
            case Caller.Script(ServiceName name, long incarnation) ->
                service(name).filter(s -> s.launch() != 0).map(s -> new Sender(name, s.launch()));
        };
    }

    /** A service's name stands for its present incarnation, whoever names it. */
    private Owner owner(Caller caller, Optional<String> named) {
        if (named.isPresent()) {
            for (Service service : services.values()) {
                if (service.name().toString().equals(named.get())) {
                    return incarnation(service).orElse(new Owner.Label(named.get()));
                }
            }
            return new Owner.Label(named.get());
        }
        return switch (caller) {
            case Caller.Operator o -> Owner.OPERATOR;
            case Caller.Script(ServiceName name, long incarnation) -> new Owner.Incarnation(name, incarnation);
        };
    }

    /** Whose hold on a service is meant; one made in the name of a service that was down is still a label. */
    private Owner holder(ServiceName service, Caller caller, Optional<String> named) {
        Owner owner = owner(caller, named);
        return named.isPresent() && holds.count(service, owner) == 0 ? new Owner.Label(named.get()) : owner;
    }

    // Who waits.

    /** A script that sent a request: it waits as long as it is the one that its service runs. */
    private record Sender(ServiceName service, long launch) {}

    private record Hold(ServiceName service, Owner owner) {}

    /** Waits until the service is up, by this attempt at the latest, or until it is down. */
    private record Awaited(ServiceName service, boolean up, long attempt) {}

    /** A request that is not answered yet. */
    private static final class Waiting {
        final long request;
        final Optional<Sender> sender;
        final Set<Awaited> awaits = new LinkedHashSet<>();
        final List<String> failures = new ArrayList<>();
        final List<String> notes = new ArrayList<>();
        Optional<Hold> hold = Optional.empty();
        boolean complete;

        Waiting(long request, Optional<Sender> sender) {
            this.request = request;
            this.sender = sender;
        }
    }

    private void awaitDown(Waiting waiting, ServiceName name) {
        if (!isDown(name)) {
            waiting.awaits.add(new Awaited(name, false, 0));
        }
    }

    /** The request is complete as asked; it is answered now if nothing is left to wait for. */
    private void register(Waiting waiting) {
        waiting.complete = true;
        requests.add(waiting);
        answerIfDone(waiting);
    }

    private void tellWaiters(Service before, Service after) {
        ServiceName name = after.name();
        if (after.attempt() != before.attempt()) {
            failWaitersForUp(name, before.attempt(), howItWent(before));
        }
        if (after.isUp() && !before.isUp()) {
            settleWaiters(name, true, after.attempt(), Optional.empty());
        }
        boolean rests = after.isDown() || after.state() instanceof State.Restarting;
        if (rests && after.state().getClass() != before.state().getClass()) {
            failWaitersForUp(name, after.attempt(), howItWent(after));
        }
        if (after.state() instanceof State.Down(Ending ending, boolean again)) {
            Optional<String> failure = ending.clean() ? Optional.empty() : Optional.of(name + ": " + ending.detail());
            settleWaiters(name, false, 0, failure);
        }
    }

    private static String howItWent(Service service) {
        return service.detail() + " (log: bh logs " + service.name() + ")";
    }

    private void failWaitersForUp(ServiceName name, long attempt, String why) {
        settleWaiters(name, true, attempt, Optional.of(name + ": " + why));
    }

    private void settleWaiters(ServiceName name, boolean up, long attempt, Optional<String> failure) {
        for (Waiting waiting : List.copyOf(requests)) {
            boolean settled =
                    waiting.awaits.removeIf(a -> a.service.equals(name) && a.up == up && a.attempt <= attempt);
            if (settled) {
                failure.ifPresent(waiting.failures::add);
                answerIfDone(waiting);
            }
        }
    }

    private void answerIfDone(Waiting waiting) {
        if (!waiting.complete || !waiting.awaits.isEmpty()) {
            return;
        }
        requests.remove(waiting);
        if (!waiting.failures.isEmpty()) {
            waiting.hold.ifPresent(this::giveBack);
        }
        if (waiting.request != Input.NOBODY) {
            answers.add(new Lifecycle.Effect.Answer(
                    waiting.request, List.copyOf(waiting.failures), List.copyOf(waiting.notes)));
        }
    }

    /** A require that failed leaves no hold behind. */
    private void giveBack(Hold hold) {
        holds.drop(hold.service, hold.owner).ifPresent(this::change);
    }

    /** An incarnation has ended, and its holds with it. */
    private void dropAll(Owner ended) {
        change(holds.dropAll(ended::equals));
        for (Waiting waiting : List.copyOf(requests)) {
            waiting.hold
                    .filter(hold -> hold.owner.equals(ended))
                    .ifPresent(hold -> failUnheld(hold, ended + ", for which it was required, has ended"));
        }
    }

    /** As many requires can still succeed as there are holds for them; of more, the first ones fail. */
    private void failUnheld(Hold hold, String why) {
        List<Waiting> claims = requests.stream()
                .filter(waiting -> waiting.hold.equals(Optional.of(hold)))
                .toList();
        int unheld = Math.max(0, claims.size() - holds.count(hold.service, hold.owner));
        for (Waiting waiting : claims.subList(0, unheld)) {
            waiting.hold = Optional.empty();
            waiting.awaits.clear();
            waiting.failures.add(hold.service + ": " + why);
            answerIfDone(waiting);
        }
    }

    private static String names(List<Owner> owners) {
        return String.join(", ", owners.stream().map(Owner::toString).distinct().toList());
    }
}
