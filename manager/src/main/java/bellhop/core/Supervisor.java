package bellhop.core;

import bellhop.core.Pending.PendingHold;
import bellhop.core.Pending.PendingRequest;
import bellhop.core.Pending.Sender;
import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

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
    private final Map<ServiceName, String> unusable = new HashMap<>();
    private final Pending pending = new Pending(this::answered);
    private final Set<ServiceName> unsaved = new LinkedHashSet<>();
    private List<Effect> effects = new ArrayList<>();
    private Holds holds = Holds.NONE;
    private boolean stoppingEverything;
    private final Supplier<String> secrets;
    private long fresh;

    /**
     * Begins with no services.
     *
     * @param first the first incarnation's number; greater than any that was ever given in this run dir
     * @param secrets gives each incarnation a text of one word that nobody can guess
     */
    public Supervisor(long first, Supplier<String> secrets) {
        this.fresh = first;
        this.secrets = secrets;
    }

    /**
     * Takes one input.
     *
     * @param now monotonic nanoseconds, never less than at the call before
     * @return what should be done, in this order
     */
    public List<Effect> handle(Input input, long now) {
        switch (input) {
            case Input.StartRequest start -> start(start, now);
            case Input.StopRequest stop -> stop(stop, now);
            case Input.RestartRequest restart -> restart(restart, now);
            case Input.StopAllRequest stopAll -> stopAll(stopAll);
            case Input.RequireRequest require -> require(require, now);
            case Input.ReleaseRequest release -> release(release);
            case Input.Read read -> {
                read.definitions().forEach(this::know);
                unusable.putAll(read.unusable());
            }
            case Input.Adopted(List<Effect.Save> records) -> adopt(records, now);
            case Input.Gone(long request) -> gone(request);
            case Input.Happened(ServiceName service, Event event) -> {
                if (services.containsKey(service)) {
                    dispatch(service, event, now);
                }
            }
            case Input.TimePassed(long until) -> timePassed(until, now);
            case Input.StoodStill(long nanos) ->
                services.values().stream().toList().forEach(service -> store(Lifecycle.stoodStill(service, nanos)));
        }
        settle(now);
        saveAll();
        effects.addAll(pending.takeAnswers()); // last: whoever is answered finds what was done on record
        List<Effect> done = effects;
        effects = new ArrayList<>();
        return done;
    }

    /** The least deadline of all services; {@link Lifecycle#NEVER} if nothing is due. */
    public long nextDeadline() {
        long next = Lifecycle.NEVER;
        for (Service service : services.values()) {
            next = Math.min(next, Math.min(service.deadline(), service.lingersUntil()));
        }
        return next;
    }

    /** All services that were ever read or asked for, by name. */
    public Collection<Service> services() {
        return Collections.unmodifiableCollection(services.values());
    }

    /** One of them. */
    public Optional<Service> service(ServiceName name) {
        return Optional.ofNullable(services.get(name));
    }

    /** Why what its directory says now cannot be used, if so; a service that runs goes on with what it has. */
    public Optional<String> unusable(ServiceName name) {
        return Optional.ofNullable(unusable.get(name));
    }

    /** The services that this one's script waits for, or the service itself before it runs any. */
    public Set<ServiceName> waitsFor(ServiceName name) {
        return pending.awaitedBy(
                new Sender(name, service(name).map(Service::launch).orElse(0L)));
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

    private void start(Input.StartRequest start, long now) {
        PendingRequest waiting = PendingRequest.request(start.request(), sender(start.caller()));
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
        pending.complete(waiting);
    }

    private void stop(Input.StopRequest stop, long now) {
        PendingRequest waiting = PendingRequest.request(stop.request(), sender(stop.caller()));
        Set<ServiceName> awaited = new LinkedHashSet<>(stop.services());
        awaited.removeIf(this::isDown);
        if (isRefused(waiting, stop.caller(), awaited, false)) {
            return;
        }
        for (ServiceName name : new LinkedHashSet<>(stop.services())) {
            if (!services.containsKey(name)) {
                continue; // never asked for: as down as can be
            }
            pending.failUp(name, "was stopped before it was up");
            boolean held = holds.isHeld(name);
            if (held) {
                waiting.note(name + ": still held by " + names(holds.holders(name))
                        + "; held down until the next start or require");
            }
            store(known(name).pinned(false).heldDown(held));
            dispatch(name, new Event.Halt(), now);
            awaitDown(waiting, name);
        }
        pending.complete(waiting);
    }

    private void restart(Input.RestartRequest restart, long now) {
        PendingRequest waiting = PendingRequest.request(restart.request(), sender(restart.caller()));
        List<ServiceName> names =
                restart.services().stream().map(Definition::name).toList();
        if (isRefused(waiting, restart.caller(), names, true)) {
            return;
        }
        for (Definition definition : restart.services()) {
            know(definition);
            pending.failUp(definition.name(), "was restarted before it was up");
        }
        for (ServiceName name : names) { // before the first is halted: they may hold each other
            store(known(name).pinned(known(name).pinned() || !isWanted(name)).heldDown(false));
        }
        Set<ServiceName> begun = new HashSet<>();
        for (Definition definition : restart.services()) {
            if (begun.add(definition.name())) {
                dispatch(definition.name(), new Event.Halt(), now);
                begin(definition, waiting, true, now);
            }
        }
        pending.complete(waiting);
    }

    private void stopAll(Input.StopAllRequest stopAll) {
        PendingRequest waiting = PendingRequest.request(stopAll.request(), sender(stopAll.caller()));
        List<ServiceName> awaited =
                services.keySet().stream().filter(name -> !isDown(name)).toList();
        if (isRefused(waiting, stopAll.caller(), awaited, false)) {
            return;
        }
        stoppingEverything = true;
        change(holds.dropAll(owner -> !(owner instanceof Owner.Incarnation)));
        for (ServiceName name : List.copyOf(services.keySet())) {
            store(known(name).pinned(false));
            pending.failUp(name, "refused, everything is being stopped");
            awaitDown(waiting, name);
        }
        pending.complete(waiting);
    }

    private void require(Input.RequireRequest require, long now) {
        ServiceName name = require.service().name();
        Owner owner = owner(require.caller(), require.owner());
        PendingRequest waiting = PendingRequest.request(require.request(), sender(require.caller()));
        Set<ServiceName> awaited = isUp(name) ? Set.of() : Set.of(name);
        if (isRefused(waiting, require.caller(), awaited, true)) {
            return;
        }
        if (holds.count(name) >= Holds.MOST) {
            waiting.refuse(name + ": has " + Holds.MOST + " holds, and more are not given; release some first");
            pending.complete(waiting);
            return;
        }
        know(require.service());
        change(holds.add(name, owner));
        waiting.claim(new PendingHold(name, owner));
        store(known(name).heldDown(false));
        begin(require.service(), waiting, false, now);
        pending.complete(waiting);
    }

    private void release(Input.ReleaseRequest release) {
        ServiceName name = release.service();
        Owner owner = holder(name, release.caller(), release.owner());
        PendingRequest waiting = PendingRequest.request(release.request(), sender(release.caller()));
        Optional<Holds> dropped = holds.drop(name, owner);
        boolean wasLast = dropped.isPresent()
                && !dropped.get().isHeld(name)
                && !known(name).pinned();
        boolean lingers = wasLast && mayLinger(name);
        boolean stops = wasLast && !lingers && !isDown(name);
        if (isRefused(waiting, release.caller(), stops ? Set.of(name) : Set.of(), false)) {
            return;
        }
        if (dropped.isEmpty()) {
            waiting.fail(name, notHeld(name, owner));
            pending.complete(waiting);
            return;
        }
        change(dropped.get());
        pending.failUnheld(new PendingHold(name, owner), holds, "its hold was released before it was up");
        if (stops) {
            awaitDown(waiting, name);
        }
        if (lingers) {
            waiting.note(name + ": kept for " + Lifecycle.seconds(known(name).lingerNanos()));
        }
        pending.complete(waiting);
    }

    private void gone(long request) {
        pending.forget(request).forEach(this::giveBack);
    }

    /** Answers a request that cannot be granted; nothing was changed for it. */
    private boolean isRefused(PendingRequest waiting, Caller caller, Collection<ServiceName> awaited, boolean wantsUp) {
        refusal(caller, awaited, wantsUp).ifPresent(why -> {
            waiting.refuse(why);
            pending.complete(waiting);
        });
        return waiting.hasFailed();
    }

    private Optional<String> refusal(Caller caller, Collection<ServiceName> awaited, boolean wantsUp) {
        if (caller instanceof Caller.ScriptCaller(ServiceName name, long incarnation)) {
            boolean lives = service(name)
                    .flatMap(Service::life)
                    .filter(life -> life.incarnation() == incarnation)
                    .isPresent();
            if (!lives) {
                return Optional.of(
                        "refused: it comes from incarnation " + incarnation + " of " + name + ", which has ended");
            }
            for (ServiceName target : awaited) {
                Optional<String> circle = circle(name, target);
                if (circle.isPresent()) {
                    return circle.map(why -> target + ": " + why);
                }
            }
        }
        return wantsUp && stoppingEverything ? Optional.of("refused: stopping everything") : Optional.empty();
    }

    /** Why this one may not wait for the target, if so. */
    private Optional<String> circle(ServiceName waiter, ServiceName target) {
        return Holds.circle(waiter, target, this::waitsFor)
                .map(circle -> "refused, it would wait in a circle: "
                        + String.join(
                                " -> ",
                                circle.stream().map(ServiceName::toString).toList()));
    }

    // What an earlier manager left.

    private void adopt(List<Effect.Save> records, long now) {
        for (Effect.Save left : records) {
            Service service = left.service();
            Definition latest = service(service.name()).map(Service::latest).orElse(service.latest());
            services.put(service.name(), service.read(latest));
        }
        Holds kept = holds;
        for (Effect.Save left : records) {
            List<Owner> holders = new ArrayList<>(left.holders());
            left.unanswered().forEach(holders::remove);
            for (Owner owner : holders) {
                kept = mayHold(owner) ? kept.add(left.service().name(), owner) : kept;
            }
        }
        change(kept);
        for (Effect.Save left : records) {
            Lifecycle.Step step = Lifecycle.adopt(known(left.service().name()), now);
            store(step.service());
            unsaved.add(step.service().name());
            effects.addAll(step.effects());
        }
        for (Effect.Save left : records) {
            Service service = known(left.service().name());
            if (isWanted(service.name()) && !service.heldDown() && service.isStopped()) {
                // A restart had got no further than its stop.
                dispatch(service.name(), new Event.Begin(service.latest(), false), now);
            }
        }
    }

    /** A life that has ended holds nothing, and one that waits for what it requires will require it again. */
    private boolean mayHold(Owner owner) {
        return switch (owner) {
            case Owner.Label _, Owner.Device _ -> true;
            case Owner.Incarnation(ServiceName name, long number) ->
                service(name)
                        .filter(holder -> holder.incarnation() == number)
                        .filter(holder -> !(holder.state() instanceof State.Requiring))
                        .isPresent();
        };
    }

    // What is required.

    /** A start that waits for what it requires: asks for it, or goes on once the outcome is known. */
    private boolean provide(ServiceName name, Life life, long now) {
        Optional<PendingRequest> start = pending.start(name);
        if (start.isEmpty()) {
            require(name, life, now);
            return true;
        }
        Optional<String> failure = start.get().firstFailure();
        if (failure.isPresent()) {
            return dispatch(name, new Event.Lacking(life.incarnation(), failure.get()), now);
        }
        return start.get().awaitsNothing() && dispatch(name, new Event.Provided(life.incarnation()), now);
    }

    /** Holds all that an incarnation requires and begins it, all at once; nothing is changed if one cannot be had. */
    private void require(ServiceName name, Life life, long now) {
        PendingRequest start = PendingRequest.start(name);
        pending.add(start);
        Set<ServiceName> required = new LinkedHashSet<>(life.definition().requires());
        for (ServiceName target : required) {
            notToBeHad(name, target).ifPresent(why -> start.fail(target, why));
        }
        if (start.hasFailed()) {
            return;
        }
        Owner owner = new Owner.Incarnation(name, life.incarnation());
        Holds all = holds;
        for (ServiceName target : required) {
            all = all.add(target, owner);
        }
        change(all);
        for (ServiceName target : required) {
            store(known(target).heldDown(false));
            begin(known(target).latest(), start, false, now);
        }
    }

    private Optional<String> notToBeHad(ServiceName name, ServiceName target) {
        if (isUp(target)) {
            return Optional.empty();
        }
        if (stoppingEverything) {
            return Optional.of("refused, everything is being stopped");
        }
        if (unusable.containsKey(target)) {
            return unusable(target);
        }
        return services.containsKey(target) ? circle(name, target) : Optional.of("no such service");
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

    /** Begins those whose turn has come, and lets every service that is not wanted go down. */
    private void settle(long now) {
        boolean changed = true;
        while (changed) {
            // Those on their way up first: what they require again was never unwanted.
            changed = stepWaysUp(now) || haltUnwanted(now);
        }
        if (stoppingEverything && isAllDown()) {
            stoppingEverything = false;
        }
    }

    private boolean stepWaysUp(long now) {
        boolean changed = false;
        for (ServiceName name : List.copyOf(services.keySet())) {
            Service service = known(name);
            if (service.state() instanceof State.Down(Ending ending, boolean again) && again) {
                changed |= haltIfUnwanted(name, now) || dispatch(name, new Event.Begin(service.latest(), false), now);
            } else if (service.state() instanceof State.Requiring(Life life)) {
                changed |= haltIfUnwanted(name, now) || provide(name, life, now);
            } else if (service.hasClock()
                    && service.clockStands() == waitsFor(name).isEmpty()) {
                changed |= dispatch(
                        name, service.clockStands() ? new Event.ClockResumed() : new Event.ClockStopped(), now);
            }
        }
        return changed;
    }

    private boolean haltUnwanted(long now) {
        boolean changed = false;
        for (ServiceName name : List.copyOf(services.keySet())) {
            changed |= linger(name, now);
            changed |= haltIfUnwanted(name, now);
        }
        return changed;
    }

    private boolean haltIfUnwanted(ServiceName name, long now) {
        boolean isDue = known(name).headsUp() && mustGoDown(name, now);
        if (isDue) {
            halt(name, stoppingEverything ? "everything is being stopped" : "is no longer wanted", now);
        }
        return isDue;
    }

    private boolean mustGoDown(ServiceName name, long now) {
        Service service = known(name);
        if (stoppingEverything) {
            return service.isDown() || holds.nobodyGoesBefore(name);
        }
        boolean isKept = service.isLingering() && now < service.lingersUntil();
        return service.heldDown() || (!isWanted(name) && !isKept);
    }

    /** What is up and not wanted any more may stay for a while; returns whether that has begun or ended. */
    private boolean linger(ServiceName name, long now) {
        Service service = known(name);
        boolean lingers = mayLinger(name) && !isWanted(name);
        if (lingers == service.isLingering()) {
            return false;
        }
        store(service.lingering(lingers ? now + service.lingerNanos() : Lifecycle.NEVER));
        return true;
    }

    private boolean mayLinger(ServiceName name) {
        return !stoppingEverything && known(name).lingerNanos() > 0;
    }

    private void timePassed(long until, long now) {
        for (ServiceName name : List.copyOf(services.keySet())) {
            if (known(name).deadline() <= until) {
                dispatch(name, new Event.DeadlinePassed(), now);
            }
        }
    }

    private void know(Definition definition) {
        ServiceName name = definition.name();
        unusable.remove(name);
        Service known = services.get(name);
        if (known == null || known.isUntouched()) {
            services.put(name, Service.of(definition)); // goes on record once something is asked of it
        } else {
            store(known.read(definition));
        }
    }

    private void begin(Definition definition, PendingRequest waiting, boolean atOnce, long now) {
        ServiceName name = definition.name();
        if (!isUp(name)) {
            Service service = known(name);
            long attempt = service.attemptIsOpen() ? service.attempt() : service.attempt() + 1;
            waiting.awaitUp(name, attempt);
            pending.add(waiting);
        }
        dispatch(name, new Event.Begin(definition, atOnce), now);
    }

    private void halt(ServiceName name, String why, long now) {
        pending.failUp(name, why);
        dispatch(name, new Event.Halt(), now);
    }

    /** One event to one service. The one place where a new state is stored; returns whether there is one. */
    private boolean dispatch(ServiceName name, Event event, long now) {
        Service before = known(name);
        Lifecycle.Step step = Lifecycle.next(before, event, now, fresh++, secrets);
        Service after = step.service();
        store(after);
        boolean isDue = unsaved.remove(name);
        if (!step.effects().isEmpty()) {
            // The holds that a life needs are on record before its script is launched. The service itself comes last:
            // a hold of one that does not live yet can be recognised, a life without its holds cannot.
            saveAll();
        }
        if (isDue) {
            save(name);
        }
        effects.addAll(step.effects());
        if (before.state() instanceof State.Requiring && !after.state().equals(before.state())) {
            pending.endStart(name);
        }
        if (!incarnation(before).equals(incarnation(after))) {
            incarnation(before).ifPresent(this::dropAll);
        }
        pending.moved(before, after);
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
        effects.add(record(name));
    }

    private void saveAll() {
        List.copyOf(unsaved).forEach(this::save);
    }

    /** What is to be on record of a service now. */
    public Effect.Save record(ServiceName name) {
        return new Effect.Save(known(name), holds.holders(name), pending.unanswered(name));
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
            case Caller.ScriptCaller(ServiceName name, long incarnation) ->
                service(name).filter(s -> s.launch() != 0).map(s -> new Sender(name, s.launch()));
        };
    }

    /** A service's name stands for its present incarnation, whoever names it. */
    private Owner owner(Caller caller, Optional<Owner> named) {
        if (named.isPresent()) {
            if (named.get() instanceof Owner.Label(String text)) {
                for (Service service : services.values()) {
                    if (service.name().toString().equals(text)) {
                        return incarnation(service).orElse(named.get());
                    }
                }
            }
            return named.get();
        }
        return switch (caller) {
            case Caller.Operator o -> Owner.OPERATOR;
            case Caller.ScriptCaller(ServiceName name, long incarnation) -> new Owner.Incarnation(name, incarnation);
        };
    }

    /** Whose hold on a service is meant; one made in the name of a service that was down is still a label. */
    private Owner holder(ServiceName service, Caller caller, Optional<Owner> named) {
        Owner owner = owner(caller, named);
        return named.isPresent() && holds.count(service, owner) == 0 ? named.get() : owner;
    }

    private String notHeld(ServiceName service, Owner owner) {
        boolean isDevices = holders(service).stream()
                .anyMatch(other ->
                        other instanceof Owner.Device && other.toString().equals(owner.toString()));
        return "not held by " + owner + (isDevices ? " but by the device" : "") + ", so there is nothing to release"
                + (isDevices ? "; bh stop " + service + " stops it" : "");
    }

    // Who waits.

    private void awaitDown(PendingRequest waiting, ServiceName name) {
        if (!isDown(name)) {
            waiting.awaitDown(name);
        }
    }

    private void answered(PendingHold hold, boolean isKept) {
        unsaved.add(hold.service()); // from now on it outlives this manager, or is gone
        if (!isKept) {
            giveBack(hold);
        }
    }

    /** A require that failed leaves no hold behind. */
    private void giveBack(PendingHold hold) {
        holds.drop(hold.service(), hold.owner()).ifPresent(this::change);
    }

    /** An incarnation has ended, and its holds with it. */
    private void dropAll(Owner ended) {
        change(holds.dropAll(ended::equals));
        pending.failUnheld(ended, holds);
    }

    private static String names(List<Owner> owners) {
        return String.join(", ", owners.stream().map(Owner::toString).distinct().toList());
    }
}
