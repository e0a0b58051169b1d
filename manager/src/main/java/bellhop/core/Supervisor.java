package bellhop.core;

import bellhop.core.Pending.PendingHold;
import bellhop.core.Pending.PendingRequest;
import bellhop.core.Pending.Sender;
import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    private final ServiceTable services = new ServiceTable();
    private final Map<ServiceName, String> unusable = new HashMap<>();
    private final Pending pending = new Pending(new EndOfWait());
    private final Holds holds = new Holds();
    private final Owners owners = new Owners(services, holds);
    private List<Effect> effects = new ArrayList<>();
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
                if (services.contains(service)) {
                    dispatch(service, event, now);
                }
            }
            case Input.TimePassed(long until) -> timePassed(until, now);
            case Input.StoodStill(long nanos) ->
                services.names().forEach(name -> services.store(Lifecycle.stoodStill(services.get(name), nanos)));
        }
        return settled(now);
    }

    /** Whether no request waits, and no start. */
    boolean isNobodyWaiting() {
        return pending.isEmpty();
    }

    /** Looks at all services, and not at those alone that a change has touched: the same, with more work. */
    List<Effect> lookAtAll(long now) {
        services.names().forEach(services::touch);
        return settled(now);
    }

    private List<Effect> settled(long now) {
        settle(now);
        saveAll();
        effects.addAll(pending.takeAnswers()); // last: whoever is answered finds what was done on record
        List<Effect> done = effects;
        effects = new ArrayList<>();
        return done;
    }

    /** The least deadline of all services; {@link Lifecycle#NEVER} if nothing is due. */
    public long nextDeadline() {
        return services.nextDue();
    }

    /** All services that were ever read or asked for, by name. */
    public Collection<Service> services() {
        return services.all();
    }

    /** One of them. */
    public Optional<Service> service(ServiceName name) {
        return services.find(name);
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
        return service(service).flatMap(Owners::incarnation).map(holds::heldBy).stream()
                .flatMap(Set::stream)
                .toList();
    }

    /** Whether a stop of everything is under way. */
    public boolean isStoppingEverything() {
        return stoppingEverything;
    }

    /** Whether no service has a process or is to get one. */
    public boolean isAllDown() {
        return services.areAllDown();
    }

    // What is asked.

    private void start(Input.StartRequest start, long now) {
        PendingRequest waiting = PendingRequest.request(start.request(), owners.sender(start.caller()));
        Set<ServiceName> awaited = new LinkedHashSet<>();
        for (Definition definition : start.services()) {
            if (!isUp(definition.name(), true)) {
                awaited.add(definition.name());
            }
        }
        if (isRefused(waiting, start.caller(), awaited, true)) {
            return;
        }
        for (Definition definition : start.services()) {
            know(definition);
            services.store(
                    services.get(definition.name()).pinned(true).heldDown(false).startedFor(Optional.empty()));
            begin(definition, waiting, true, now);
        }
        pending.complete(waiting);
    }

    private void stop(Input.StopRequest stop, long now) {
        PendingRequest waiting = PendingRequest.request(stop.request(), owners.sender(stop.caller()));
        Set<ServiceName> awaited = new LinkedHashSet<>(stop.services());
        awaited.removeIf(this::isDown);
        if (isRefused(waiting, stop.caller(), awaited, false)) {
            return;
        }
        for (ServiceName name : new LinkedHashSet<>(stop.services())) {
            if (!services.contains(name)) {
                continue; // never asked for: as down as can be
            }
            pending.failUp(name, "was stopped before it was up");
            boolean held = holds.isHeld(name);
            if (held) {
                waiting.note(name + ": still held by " + names(holds.holders(name))
                        + "; held down until the next start or require");
            }
            services.store(services.get(name).pinned(false).heldDown(held).startedFor(Optional.empty()));
            dispatch(name, new Event.Halt(), now);
            awaitDown(waiting, name);
        }
        pending.complete(waiting);
    }

    private void restart(Input.RestartRequest restart, long now) {
        PendingRequest waiting = PendingRequest.request(restart.request(), owners.sender(restart.caller()));
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
            services.store(services.get(name)
                    .pinned(services.get(name).pinned() || !isWanted(name))
                    .heldDown(false)
                    .startedFor(Optional.empty()));
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
        PendingRequest waiting = PendingRequest.request(stopAll.request(), owners.sender(stopAll.caller()));
        List<ServiceName> awaited =
                services.names().stream().filter(name -> !isDown(name)).toList();
        if (isRefused(waiting, stopAll.caller(), awaited, false)) {
            return;
        }
        stoppingEverything = true;
        holds.dropAll(owner -> !(owner instanceof Owner.Incarnation)).forEach(this::holdsChanged);
        for (ServiceName name : services.names()) {
            services.store(services.get(name).pinned(false));
            services.touch(name);
            pending.failUp(name, "refused: everything is being stopped");
            awaitDown(waiting, name);
        }
        pending.complete(waiting);
    }

    private void require(Input.RequireRequest require, long now) {
        ServiceName name = require.service().name();
        Owner owner = owners.of(require.caller(), require.owner());
        PendingRequest waiting = PendingRequest.request(require.request(), owners.sender(require.caller()));
        Set<ServiceName> awaited = isUp(name) ? Set.of() : Set.of(name);
        if (isRefused(waiting, require.caller(), awaited, true)) {
            return;
        }
        if (holds.count(name) >= Holds.MOST) {
            waiting.refuse(name + ": has " + Holds.MOST + " holds, the maximum; release some first");
            pending.complete(waiting);
            return;
        }
        know(require.service());
        hold(name, owner);
        pending.claim(waiting, new PendingHold(name, owner));
        begin(require.service(), waiting, false, now);
        pending.complete(waiting);
    }

    private void release(Input.ReleaseRequest release) {
        ServiceName name = release.service();
        Owner owner = owners.holder(name, release.caller(), release.owner());
        PendingRequest waiting = PendingRequest.request(release.request(), owners.sender(release.caller()));
        boolean isLast = holds.count(name, owner) == 1
                && holds.count(name) == 1
                && !services.get(name).pinned();
        boolean lingers = isLast && mayLinger(name);
        boolean stops = isLast && !lingers && !isDown(name);
        if (isRefused(waiting, release.caller(), stops ? Set.of(name) : Set.of(), false)) {
            return;
        }
        if (!letGo(name, owner)) {
            waiting.fail(name, owners.notHeld(name, owner));
            pending.complete(waiting);
            return;
        }
        pending.failUnheld(new PendingHold(name, owner), holds, "its hold was released before it was up");
        if (stops) {
            awaitDown(waiting, name);
        }
        if (lingers) {
            waiting.note(
                    name + ": kept for " + Lifecycle.seconds(services.get(name).lingerNanos()));
        }
        pending.complete(waiting);
    }

    private void gone(long request) {
        pending.forget(request).ifPresent(hold -> letGo(hold.service(), hold.owner()));
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
                return Optional.of("refused: the request comes from incarnation " + incarnation + " of " + name
                        + ", which has ended");
            }
            for (ServiceName target : awaited) {
                Optional<String> circle = circle(name, target);
                if (circle.isPresent()) {
                    return circle.map(why -> target + ": " + why);
                }
            }
        }
        return wantsUp && stoppingEverything ? Optional.of("refused: everything is being stopped") : Optional.empty();
    }

    /** Why this one may not wait for the target, if so. */
    private Optional<String> circle(ServiceName waiter, ServiceName target) {
        return Holds.circle(waiter, target, this::waitsFor)
                .map(circle -> "refused: circular wait: "
                        + String.join(
                                " -> ",
                                circle.stream().map(ServiceName::toString).toList()));
    }

    // What an earlier manager left.

    private void adopt(List<Effect.Save> records, long now) {
        for (Effect.Save left : records) {
            Service service = left.service();
            Definition latest = service(service.name()).map(Service::latest).orElse(service.latest());
            services.learn(service.read(latest));
        }
        for (Effect.Save left : records) {
            List<Owner> holders = new ArrayList<>(left.holders());
            left.unanswered().forEach(holders::remove);
            holders.stream()
                    .filter(owners::mayHold)
                    .forEach(owner -> holds.add(left.service().name(), owner));
            holdsChanged(left.service().name());
        }
        for (Effect.Save left : records) {
            Lifecycle.Step step = Lifecycle.adopt(services.get(left.service().name()), now);
            services.store(step.service());
            effects.addAll(step.effects());
        }
        for (Effect.Save left : records) {
            Service service = services.get(left.service().name());
            if (isWanted(service.name()) && !service.heldDown() && service.isStopped()) {
                // A restart had got no further than its stop.
                dispatch(service.name(), new Event.Begin(service.latest(), false), now);
            }
        }
    }

    // What is required.

    /** A start that waits for what it requires: asks for it, or goes on once the outcome is known. */
    private void provide(ServiceName name, Life life, long now) {
        Optional<PendingRequest> start = pending.start(name);
        if (start.isEmpty()) {
            require(name, life, now);
        } else if (start.get().hasFailed()) {
            String failure = start.get().firstFailure().orElseThrow();
            dispatch(name, new Event.Lacking(life.incarnation(), failure), now);
        } else if (start.get().awaitsNothing()) {
            warnOfWhatIsLacking(name, start.get());
            dispatch(name, new Event.Provided(life.incarnation()), now);
        }
    }

    /**
     * Holds all that an incarnation requires and begins it, all at once. If one cannot be had nothing is changed, unless
     * the incarnation also lives without it: then that one is left out.
     */
    private void require(ServiceName name, Life life, long now) {
        PendingRequest start = PendingRequest.start(name);
        pending.add(start);
        Set<ServiceName> required = new LinkedHashSet<>();
        for (ServiceName target : new LinkedHashSet<>(life.definition().requires())) {
            if (life.definition().isOptional(target)) {
                start.mayLack(target);
            }
            notToBeHad(name, target).ifPresentOrElse(why -> start.fail(target, why), () -> required.add(target));
        }
        if (start.hasFailed()) {
            return;
        }
        warnOfWhatIsLacking(name, start);
        Owner owner = new Owner.Incarnation(name, life.incarnation());
        required.forEach(target -> hold(target, owner));
        required.forEach(target -> begin(services.get(target).latest(), start, false, now));
    }

    private void warnOfWhatIsLacking(ServiceName name, PendingRequest start) {
        start.takeNotes().forEach(what -> effects.add(new Effect.Warn(name, what)));
    }

    private Optional<String> notToBeHad(ServiceName name, ServiceName target) {
        if (isUp(target)) {
            return Optional.empty();
        }
        if (stoppingEverything) {
            return Optional.of("refused: everything is being stopped");
        }
        if (unusable.containsKey(target)) {
            return unusable(target);
        }
        return services.contains(target) ? circle(name, target) : Optional.of("no such service");
    }

    // What is wanted.

    private boolean isWanted(ServiceName name) {
        return services.get(name).pinned() || holds.isHeld(name);
    }

    private boolean isUp(ServiceName name) {
        return service(name).map(Service::isUp).orElse(false);
    }

    /** Whether nothing is to be awaited by who begins it; a job does its work once more if that is {@code atOnce}. */
    private boolean isUp(ServiceName name, boolean atOnce) {
        return isUp(name) && !(atOnce && services.get(name).hasFinished());
    }

    private boolean isDown(ServiceName name) {
        return service(name).map(s -> s.isDown() && !s.headsUp()).orElse(true);
    }

    /** Begins those whose turn has come, and lets every service that is not wanted go down. */
    private void settle(long now) {
        services.dueBy(now).forEach(services::touch); // one that lingered may have its time behind it
        while (!services.waysUp().isEmpty() || !services.waysDown().isEmpty()) {
            if (services.waysUp().isEmpty()) { // else those first: what they require again was never unwanted
                services.waysDown().pass(name -> stepDown(name, now));
            }
            services.waysUp().pass(name -> stepUp(name, now));
        }
        if (stoppingEverything && isAllDown()) {
            stoppingEverything = false;
        }
    }

    private void stepUp(ServiceName name, long now) {
        Service service = services.get(name);
        if (mustGoDown(service, now)) {
            return; // its turn comes
        }
        if (service.state() instanceof State.Down down && down.again()) {
            dispatch(name, new Event.Begin(service.latest(), false), now);
        } else if (service.state() instanceof State.Requiring(Life life)) {
            provide(name, life, now);
        } else if (service.hasClock() && service.clockStands() == waitsFor(name).isEmpty()) {
            dispatch(name, service.clockStands() ? new Event.ClockResumed() : new Event.ClockStopped(), now);
        }
    }

    private void stepDown(ServiceName name, long now) {
        linger(name, now);
        if (mustGoDown(services.get(name), now)) {
            halt(name, stoppingEverything ? "everything is being stopped" : "is no longer wanted", now);
        }
    }

    private boolean mustGoDown(Service service, long now) {
        ServiceName name = service.name();
        if (!service.headsUp()) {
            return false;
        }
        if (stoppingEverything) {
            return service.isDown() || holds.nobodyGoesBefore(name);
        }
        boolean isKept = service.isLingering() && now < service.lingersUntil();
        return service.heldDown() || (!isWanted(name) && !isKept);
    }

    /** What is up and not wanted any more may stay for a while. */
    private void linger(ServiceName name, long now) {
        Service service = services.get(name);
        boolean lingers = mayLinger(name) && !isWanted(name);
        if (lingers != service.isLingering()) {
            services.store(service.lingering(lingers ? now + service.lingerNanos() : Lifecycle.NEVER));
        }
    }

    private boolean mayLinger(ServiceName name) {
        return !stoppingEverything && services.get(name).lingerNanos() > 0;
    }

    private void timePassed(long until, long now) {
        for (ServiceName name : services.dueBy(until)) {
            if (services.get(name).deadline() <= until) {
                dispatch(name, new Event.DeadlinePassed(), now);
            }
        }
    }

    private void know(Definition definition) {
        ServiceName name = definition.name();
        unusable.remove(name);
        Optional<Service> known = service(name);
        if (known.isEmpty() || known.get().isUntouched()) {
            services.learn(Service.of(definition)); // goes on record once something is asked of it
        } else {
            services.store(known.get().read(definition));
        }
    }

    private void begin(Definition definition, PendingRequest waiting, boolean atOnce, long now) {
        ServiceName name = definition.name();
        if (!isUp(name, atOnce)) {
            Service service = services.get(name);
            long attempt = service.attemptIsOpen() ? service.attempt() : service.attempt() + 1;
            pending.awaitUp(waiting, name, attempt);
        }
        dispatch(name, new Event.Begin(definition, atOnce), now);
    }

    private void halt(ServiceName name, String why, long now) {
        pending.failUp(name, why);
        dispatch(name, new Event.Halt(), now);
    }

    /** One event to one service. The one place where a new state is stored. */
    private void dispatch(ServiceName name, Event event, long now) {
        Service before = services.get(name);
        Lifecycle.Step step = Lifecycle.next(before, event, now, fresh++, secrets);
        Service after = step.service();
        if (after.hasFailedForGood() && !before.isDown()) {
            startForFailure(before, after, now); // before that is on record: rather twice than never
        }
        services.store(after);
        boolean isDue = services.takeUnsaved(name);
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
        if (before.incarnation() != after.incarnation()) {
            Owners.incarnation(before).ifPresent(this::dropAll);
        }
        pending.moved(before, after);
    }

    /** Starts what is named for the failure of a service; of one that was started for a failure itself nothing is. */
    private void startForFailure(Service failing, Service failed, long now) {
        Definition definition = failing.life().map(Life::definition).orElse(failing.latest());
        if (definition.onFailure().isEmpty()
                || failing.life().flatMap(Life::failure).isPresent()) {
            return;
        }
        RunEnd end = failed.end().orElse(new RunEnd(RunResult.FAILED, Optional.empty()));
        Failure failure = new Failure(
                failed.name(), failed.detail(), new RunEnd(end.result().ofFailure(), end.exit()));
        for (ServiceName named : definition.onFailure().get()) {
            ServiceName name = toBeStarted(named, failed.name());
            Optional<String> why = stoppingEverything
                    ? Optional.of("refused: everything is being stopped")
                    : services.contains(name)
                            ? unusable(name)
                            : unusable(name).or(() -> Optional.of("no such service"));
            if (why.isPresent()) {
                effects.add(new Effect.Warn(failed.name(), "on_failure: " + name + ": " + why.get()));
                continue;
            }
            Service started = services.get(name).pinned(true).heldDown(false);
            if (started.canBeStartedForFailure()) {
                services.store(started.startedFor(Optional.of(failure)));
                dispatch(name, new Event.Begin(started.latest(), true), now);
            } else {
                services.store(started);
                if (services.takeUnsaved(name)) {
                    save(name);
                }
                String word = started.word().text();
                effects.add(
                        new Effect.Warn(failed.name(), "on_failure: " + name + ": not started again: it is " + word));
            }
        }
    }

    /** Of a template the instance that has the failed service as target; it is known if there is a template. */
    private ServiceName toBeStarted(ServiceName named, ServiceName failed) {
        return named.instance(failed.toString())
                .filter(instance -> services.contains(instance) || unusable.containsKey(instance))
                .orElse(named);
    }

    private void save(ServiceName name) {
        services.takeUnsaved(name);
        effects.add(record(name));
    }

    private void saveAll() {
        services.unsaved().forEach(this::save);
    }

    /** What is to be on record of a service now. */
    public Effect.Save record(ServiceName name) {
        return new Effect.Save(services.get(name), holds.holders(name), pending.unanswered(name));
    }

    private void hold(ServiceName name, Owner owner) {
        holds.add(name, owner);
        holdsChanged(name);
        services.store(services.get(name).heldDown(false));
    }

    /** Drops one hold; returns false if the owner has none. */
    private boolean letGo(ServiceName name, Owner owner) {
        boolean dropped = holds.drop(name, owner);
        if (dropped) {
            holdsChanged(name);
        }
        return dropped;
    }

    private void holdsChanged(ServiceName name) {
        services.markUnsaved(name);
        services.touch(name);
        if (!holds.isHeld(name)) {
            services.store(services.get(name).heldDown(false));
        }
        if (stoppingEverything && holds.nobodyGoesBefore(name)) {
            holds.allRequirers(name).forEach(services::touch); // its circle, which goes together
        }
    }

    // Who waits.

    private void awaitDown(PendingRequest waiting, ServiceName name) {
        if (!isDown(name)) {
            pending.awaitDown(waiting, name);
        }
    }

    private final class EndOfWait implements Pending.WaitObserver {
        @Override
        public void answered(PendingHold hold, boolean isKept) {
            services.markUnsaved(hold.service()); // from now on it outlives this manager, or is gone
            if (!isKept) {
                letGo(hold.service(), hold.owner()); // a require that failed leaves no hold behind
            }
        }

        @Override
        public void waitChanged(ServiceName sender) {
            services.touch(sender);
        }
    }

    /** An incarnation has ended, and its holds with it. */
    private void dropAll(Owner ended) {
        for (ServiceName held : holds.dropAll(ended)) {
            holdsChanged(held);
            pending.failUnheld(new PendingHold(held, ended), holds, ended + ", which required it, has ended");
        }
    }

    private static String names(List<Owner> holders) {
        return String.join(
                ", ", holders.stream().map(Owner::toString).distinct().toList());
    }
}
