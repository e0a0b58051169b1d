package bellhop.core;

import static bellhop.core.Moment.incarnation;
import static bellhop.core.Moment.isDown;
import static bellhop.core.Moment.isHeadingUp;
import static bellhop.core.Moment.word;

import bellhop.definition.Definition;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A second account of pins, holds and requests, kept by other means than the core's: from what was asked
 * and from what could be seen, never from what the core counts. It knows what every request has to be
 * answered, and when.
 */
final class Ledger {

    /** Whether a request waits for its services to be up, or to be down. */
    enum Direction {
        UP,
        DOWN
    }

    /** Whose hold on what. */
    record Hold(ServiceName service, Owner owner) {}

    /** The script that a request comes from. */
    record Sender(ServiceName service, long launch) {}

    /** A request, until it is answered; those that nobody waits for have a negative number. */
    static final class Claim {
        final long request;
        final Direction direction;
        final Optional<Sender> sender;
        /** What is still waited for; of those that are to be up, by which attempt. */
        final Map<ServiceName, Long> open = new LinkedHashMap<>();

        Optional<Hold> hold = Optional.empty();
        boolean failed;
        /** Those without which it goes on. */
        Set<ServiceName> optional = Set.of();

        Claim(long request, Direction direction, Optional<Sender> sender) {
            this.request = request;
            this.direction = direction;
            this.sender = sender;
        }
    }

    private final Map<ServiceName, Map<Owner, Integer>> holds = new HashMap<>();
    private final Set<ServiceName> pinned = new HashSet<>();
    private final Set<ServiceName> heldDown = new HashSet<>();
    private final Map<ServiceName, Definition> latest = new HashMap<>();
    private final Map<Long, Claim> claims = new LinkedHashMap<>();
    /** The starts that wait for what they require. */
    private final Map<ServiceName, Claim> starts = new HashMap<>();

    /** Those whose directories cannot be used, as far as was told. */
    private final Set<ServiceName> unusable = new HashSet<>();

    private final Map<ServiceName, Long> attempts = new HashMap<>();
    private final Map<ServiceName, Long> attemptsOfThisMoment = new HashMap<>();
    private final Set<Long> begun = new HashSet<>();
    private final Set<Long> ran = new HashSet<>();
    private final Map<ServiceName, Long> scripts = new HashMap<>();
    private final Map<Long, Script> launches = new HashMap<>();
    private final Set<Long> unclean = new HashSet<>();
    private boolean stoppingEverything;
    /** Those that were started in this moment because another one has failed. */
    private final Set<ServiceName> startedForFailure = new HashSet<>();

    private Optional<String> refusal = Optional.empty();
    private boolean isOverRelease;
    private Optional<Sender> sender = Optional.empty();
    private long silent;

    // What is on account.

    int count(ServiceName service, Owner owner) {
        return holders(service).getOrDefault(owner, 0);
    }

    Map<Owner, Integer> holders(ServiceName service) {
        return holds.getOrDefault(service, Map.of());
    }

    boolean isHeld(ServiceName service) {
        return !holders(service).isEmpty();
    }

    boolean isPinned(ServiceName service) {
        return pinned.contains(service);
    }

    boolean isHeldDown(ServiceName service) {
        return heldDown.contains(service);
    }

    boolean isWanted(ServiceName service) {
        return isPinned(service) || isHeld(service);
    }

    boolean isStoppingEverything() {
        return stoppingEverything;
    }

    /** What its directory said when it was last read. */
    Optional<Definition> latest(ServiceName service) {
        return Optional.ofNullable(latest.get(service));
    }

    /** The last launch of each service, if it is not done with. */
    Map<ServiceName, Long> scripts() {
        return scripts;
    }

    /** The last launch of the service that is not done with. */
    Optional<Long> script(ServiceName service) {
        return Optional.ofNullable(scripts.get(service));
    }

    /** The starts that wait for what they require. */
    Map<ServiceName, Claim> starts() {
        return starts;
    }

    Collection<Claim> claims() {
        return claims.values();
    }

    /** Why the request of this moment is refused: how the answer begins, or what it has to contain. */
    Optional<String> refusal() {
        return refusal;
    }

    /** Whether the request of this moment releases what its owner does not hold. */
    boolean isOverRelease() {
        return isOverRelease;
    }

    /** Those that the script of this service waits for. */
    Set<ServiceName> waitsFor(ServiceName service) {
        Claim start = starts.get(service);
        if (start != null) {
            return start.open.keySet();
        }
        Long script = scripts.get(service);
        if (script == null || claims.isEmpty()) {
            return Set.of();
        }
        Set<ServiceName> awaited = new HashSet<>();
        Optional<Sender> self = Optional.of(new Sender(service, script));
        for (Claim claim : claims.values()) {
            if (claim.sender.equals(self)) {
                awaited.addAll(claim.open.keySet());
            }
        }
        return awaited;
    }

    /** The services whose living incarnation holds this one. */
    Set<ServiceName> requirers(ServiceName service) {
        Set<ServiceName> requirers = new HashSet<>();
        for (Owner owner : holders(service).keySet()) {
            if (owner instanceof Owner.Incarnation(ServiceName name, long number)) {
                requirers.add(name);
            }
        }
        return requirers;
    }

    // What is to be expected of a request, before the core has seen it.

    void foresee(Input input, Map<ServiceName, Service> now) {
        refusal = Optional.empty();
        isOverRelease = false;
        switch (input) {
            case Input.StartRequest(long request, Caller caller, List<Definition> services) ->
                foresee(caller, notUpAnew(names(services), now), true, now);
            case Input.RestartRequest(long request, Caller caller, List<Definition> services) ->
                foresee(caller, names(services), true, now);
            case Input.RequireRequest(long request, Caller caller, Optional<Owner> owner, Definition service) ->
                foresee(caller, notUp(List.of(service.name()), now), true, now);
            case Input.StopRequest(long request, Caller caller, List<ServiceName> services) ->
                foresee(caller, notDown(services, now), false, now);
            case Input.StopAllRequest(long request, Caller caller) ->
                foresee(caller, notDown(now.keySet(), now), false, now);
            case Input.ReleaseRequest release -> {
                boolean stops = stops(release, now);
                foresee(release.caller(), stops ? List.of(release.service()) : List.of(), false, now);
                isOverRelease = refusal.isEmpty() && count(release.service(), holder(release, now)) == 0;
            }
            case Input.Read read -> {}
            case Input.Adopted adopted -> {}
            case Input.Gone gone -> {}
            case Input.Happened happened -> {}
            case Input.TimePassed time -> {}
            case Input.StoodStill still -> {}
        }
    }

    private void foresee(
            Caller caller, Collection<ServiceName> awaited, boolean wantsUp, Map<ServiceName, Service> now) {
        sender = Optional.empty();
        if (wantsUp && stoppingEverything) {
            refusal = Optional.of("refused: everything is being stopped");
        }
        if (caller instanceof Caller.ScriptCaller(ServiceName name, long incarnation)) {
            sender = script(name).map(launch -> new Sender(name, launch));
            if (awaited.stream().anyMatch(target -> isAwaiting(target, name, new HashSet<>()))) {
                refusal = Optional.of("refused: circular wait: " + name + " -> ");
            }
            if (!incarnation(now, name).equals(Optional.of(incarnation))) {
                refusal = Optional.of("refused: the request comes from incarnation " + incarnation + " of " + name);
            }
        }
    }

    private boolean isAwaiting(ServiceName from, ServiceName to, Set<ServiceName> seen) {
        return from.equals(to)
                || (seen.add(from) && waitsFor(from).stream().anyMatch(next -> isAwaiting(next, to, seen)));
    }

    private boolean stops(Input.ReleaseRequest release, Map<ServiceName, Service> now) {
        ServiceName service = release.service();
        return count(service, holder(release, now)) == 1
                && holders(service).size() == 1
                && !isPinned(service)
                && !lingers(now.get(service))
                && !isDown(word(now, service));
    }

    private boolean lingers(@Nullable Service service) {
        return service != null
                && Moment.word(service) == Word.STARTED
                && !stoppingEverything
                && !service.life().orElseThrow().definition().linger().isZero();
    }

    private static List<ServiceName> notUp(List<ServiceName> names, Map<ServiceName, Service> now) {
        return names.stream().filter(name -> word(now, name) != Word.STARTED).toList();
    }

    /** A job does its work once more. */
    private static List<ServiceName> notUpAnew(List<ServiceName> names, Map<ServiceName, Service> now) {
        return names.stream()
                .filter(name -> word(now, name) != Word.STARTED || isJobThatIsUp(now.get(name)))
                .toList();
    }

    private static boolean isJobThatIsUp(@Nullable Service service) {
        return service != null
                && service.word() == Word.FINISHED
                && service.life().isPresent();
    }

    private static List<ServiceName> notDown(Collection<ServiceName> names, Map<ServiceName, Service> now) {
        return names.stream().filter(name -> !isDown(word(now, name))).toList();
    }

    private static List<ServiceName> names(List<Definition> services) {
        return services.stream().map(Definition::name).toList();
    }

    private static Owner owner(Caller caller, Optional<Owner> named, Map<ServiceName, Service> now) {
        if (named.isPresent()) {
            return now.keySet().stream()
                    .filter(name -> named.get().equals(new Owner.Label(name.toString())))
                    .findFirst()
                    .flatMap(name -> incarnation(now, name).<Owner>map(number -> new Owner.Incarnation(name, number)))
                    .orElse(named.get());
        }
        return switch (caller) {
            case Caller.Operator o -> Owner.OPERATOR;
            case Caller.ScriptCaller(ServiceName name, long incarnation) -> new Owner.Incarnation(name, incarnation);
        };
    }

    private Owner holder(Input.ReleaseRequest release, Map<ServiceName, Service> now) {
        Owner owner = owner(release.caller(), release.owner(), now);
        return release.owner().isPresent() && count(release.service(), owner) == 0
                ? release.owner().get()
                : owner;
    }

    // What has become of it.

    /** Takes in one moment. Claims that have to be answered in it have nothing open afterwards. */
    void note(Moment moment) {
        noteAttempts(moment);
        noteScripts(moment);
        if (refusal.isEmpty()) {
            apply(moment);
        }
        noteFailures(moment);
        noteEnds(moment);
        noteStarts(moment);
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Claim claim : claims.values()) {
                changed |= settle(claim, moment);
            }
            for (Claim start : starts.values()) {
                changed |= settle(start, moment);
            }
        }
        heldDown.removeIf(service -> !isHeld(service));
        if (stoppingEverything) {
            stoppingEverything = moment.after().keySet().stream().anyMatch(name -> !isDown(moment.wordAfter(name)));
        }
    }

    /** Who fails for good has those started that it names, unless everything is being stopped. */
    private void noteFailures(Moment moment) {
        startedForFailure.clear();
        Map<ServiceName, Service> sofar = new HashMap<>(moment.before());
        for (Effect effect : moment.effects()) {
            if (!(effect instanceof Effect.Save save)) {
                continue;
            }
            Service failed = save.service();
            Service before = sofar.put(failed.name(), failed);
            if (before == null || stoppingEverything || !endsInFailure(before, failed)) {
                continue;
            }
            Definition definition = before.life().map(Life::definition).orElse(before.latest());
            boolean isItself = before.life().flatMap(Life::failure).isPresent();
            for (ServiceName name :
                    isItself ? List.<ServiceName>of() : definition.onFailure().orElse(List.of())) {
                if (isUsable(name)) {
                    pinned.add(name);
                    heldDown.remove(name);
                    startedForFailure.add(name);
                }
            }
        }
    }

    private static boolean endsInFailure(Service before, Service after) {
        return !before.isDown() && after.isDown() && after.word() == Word.FAILED;
    }

    /** Whether it was started in this moment because another one has failed. */
    boolean isStartedForFailure(ServiceName service) {
        return startedForFailure.contains(service);
    }

    /** The request was answered. */
    void close(Claim claim) {
        claims.remove(claim.request);
    }

    private void apply(Moment moment) {
        switch (moment.input()) {
            case Input.StartRequest start -> start(start, moment);
            case Input.RestartRequest restart -> restart(restart);
            case Input.RequireRequest require -> require(require, moment);
            case Input.StopRequest stop -> stop(stop, moment);
            case Input.StopAllRequest all -> stopAll(all, moment);
            case Input.ReleaseRequest release -> release(release, moment);
            case Input.Read read -> {
                read.definitions().forEach(d -> learn(d));
                unusable.addAll(read.unusable().keySet());
            }
            case Input.Gone(long request) -> forget(request);
            case Input.Adopted adopted -> {}
            case Input.Happened happened -> {}
            case Input.TimePassed time -> {}
            case Input.StoodStill still -> {}
        }
    }

    private void learn(Definition definition) {
        latest.put(definition.name(), definition);
        unusable.remove(definition.name());
    }

    /** Whether its directory can be used, as far as was told. */
    boolean isUsable(ServiceName service) {
        return latest.containsKey(service) && !unusable.contains(service);
    }

    private void start(Input.StartRequest start, Moment moment) {
        Claim claim = claim(start.request(), Direction.UP);
        for (Definition definition : start.services()) {
            learn(definition);
            pinned.add(definition.name());
            heldDown.remove(definition.name());
            if (isJobThatIsUp(moment.before().get(definition.name()))) {
                claim.open.put(definition.name(), attemptsBefore(definition.name()) + 1);
            } else {
                awaitUp(claim, definition.name(), moment);
            }
        }
    }

    private void restart(Input.RestartRequest restart) {
        Claim claim = claim(restart.request(), Direction.UP);
        for (Definition definition : restart.services()) {
            ServiceName name = definition.name();
            learn(definition);
            failAll(name);
            if (!isWanted(name)) {
                pinned.add(name);
            }
            heldDown.remove(name);
            claim.open.put(name, attemptsBefore(name) + 1);
        }
    }

    private void require(Input.RequireRequest require, Moment moment) {
        ServiceName name = require.service().name();
        Claim claim = claim(require.request(), Direction.UP);
        Hold hold = new Hold(name, owner(require.caller(), require.owner(), moment.before()));
        learn(require.service());
        holds.computeIfAbsent(name, n -> new HashMap<>()).merge(hold.owner, 1, Integer::sum);
        claim.hold = Optional.of(hold);
        heldDown.remove(name);
        awaitUp(claim, name, moment);
    }

    private void stop(Input.StopRequest stop, Moment moment) {
        Claim claim = claim(stop.request(), Direction.DOWN);
        for (ServiceName name : stop.services()) {
            failAll(name);
            pinned.remove(name);
            if (isHeld(name)) {
                heldDown.add(name);
            }
            awaitDown(claim, name, moment);
        }
    }

    private void stopAll(Input.StopAllRequest all, Moment moment) {
        Claim claim = claim(all.request(), Direction.DOWN);
        stoppingEverything = true;
        pinned.clear();
        holds.values().forEach(owners -> owners.keySet().removeIf(owner -> !(owner instanceof Owner.Incarnation)));
        for (ServiceName name : moment.before().keySet()) {
            failAll(name);
            awaitDown(claim, name, moment);
        }
    }

    private void release(Input.ReleaseRequest release, Moment moment) {
        Claim claim = claim(release.request(), Direction.DOWN);
        if (isOverRelease) {
            claim.failed = true;
            return;
        }
        if (stops(release, moment.before())) {
            claim.open.put(release.service(), 0L);
        }
        drop(new Hold(release.service(), holder(release, moment.before())));
        surrender();
    }

    private void forget(long request) {
        Claim claim = claims.remove(request);
        if (claim != null) {
            claim.hold.ifPresent(this::drop);
        }
    }

    private Claim claim(long request, Direction direction) {
        Claim claim = new Claim(request == Input.NOBODY ? --silent : request, direction, sender);
        claims.put(claim.request, claim);
        return claim;
    }

    private void awaitUp(Claim claim, ServiceName name, Moment moment) {
        Word word = moment.wordBefore(name);
        if (word != Word.STARTED) {
            claim.open.put(name, attemptsBefore(name) + (word == Word.STARTING ? 0 : 1));
        }
    }

    private static void awaitDown(Claim claim, ServiceName name, Moment moment) {
        if (!isDown(moment.wordBefore(name))) {
            claim.open.put(name, 0L);
        }
    }

    /** Whoever waits for it to be up has waited in vain. */
    private void failAll(ServiceName name) {
        for (Claim claim : claims.values()) {
            if (claim.direction == Direction.UP && claim.open.containsKey(name)) {
                fail(claim, name);
            }
        }
        for (Claim start : starts.values()) {
            if (start.open.containsKey(name)) {
                fail(start, name);
            }
        }
    }

    /** As many requires can still succeed as there are holds for them; of more, the first ones fail. */
    private void surrender() {
        Map<Hold, List<Claim>> requires = new LinkedHashMap<>();
        for (Claim claim : claims.values()) {
            claim.hold.ifPresent(hold ->
                    requires.computeIfAbsent(hold, h -> new ArrayList<>()).add(claim));
        }
        requires.forEach((hold, waiting) -> {
            int held = count(hold.service, hold.owner);
            for (Claim claim : waiting.subList(0, Math.max(0, waiting.size() - held))) {
                claim.open.clear();
                claim.failed = true;
                claim.hold = Optional.empty();
            }
        });
    }

    private void drop(Hold hold) {
        holds.getOrDefault(hold.service, new HashMap<>())
                .computeIfPresent(hold.owner, (owner, count) -> count == 1 ? null : count - 1);
    }

    /** Which script each service is at, and which incarnations could not be cleaned up after. */
    private void noteScripts(Moment moment) {
        if (moment.input() instanceof Input.Happened(ServiceName name, Event event)) {
            switch (event) {
                case Event.Cleared(long launch, int left) -> {
                    scripts.remove(name, launch);
                }
                case Event.ScriptExited(long launch, Exit exit) -> noteOutcome(name, launch, exit.success(), moment);
                case Event.SpawnFailed(long launch, String why) -> noteOutcome(name, launch, false, moment);
                case Event.Spawned spawned -> {}
                case Event.Provided provided -> {}
                case Event.Lacking lacking -> {}
                case Event.BecameReady ready -> {}
                case Event.Extended extended -> {}
                case Event.Pinged pinged -> {}
                case Event.StopAnnounced leaving -> {}
                case Event.Unhealthy unhealthy -> {}
                case Event.Begin begin -> {}
                case Event.Halt halt -> {}
                case Event.DeadlinePassed deadline -> {}
                case Event.ClockStopped stopped -> {}
                case Event.ClockResumed resumed -> {}
            }
        }
        for (Effect effect : moment.effects()) {
            switch (effect) {
                case Effect.Launch launch -> {
                    scripts.put(launch.service(), launch.launch());
                    launches.put(launch.launch(), launch.script());
                }
                case Effect.Reap reap -> scripts.remove(reap.service(), reap.launch());
                case Effect.End end -> {
                    scripts.put(end.service(), end.launch());
                    if (moment.input() instanceof Input.TimePassed
                            && end.signal() == Signal.STOP
                            && launches.get(end.launch()) == Script.POST) {
                        unclean.add(end.life().incarnation()); // it took too long
                    }
                }
                case Effect.Save save -> {}
                case Effect.CheckHealth check -> {}
                case Effect.Adopt adopt -> {}
                case Effect.Warn warn -> {}
                case Effect.Answer answer -> {}
            }
        }
    }

    private void noteOutcome(ServiceName name, long launch, boolean success, Moment moment) {
        boolean isPost = script(name).equals(Optional.of(launch)) && launches.get(launch) == Script.POST;
        if (isPost && !success && moment.wordBefore(name) == Word.STOPPING) {
            moment.incarnationBefore(name).ifPresent(unclean::add);
        }
    }

    /** Each incarnation that begins is an attempt, and each launch of run in it but the first. */
    private void noteAttempts(Moment moment) {
        attemptsOfThisMoment.clear();
        for (Effect effect : moment.effects()) {
            if (effect instanceof Effect.Save save) {
                save.service()
                        .life()
                        .filter(life -> begun.add(life.incarnation()))
                        .ifPresent(life ->
                                attemptsOfThisMoment.merge(save.service().name(), 1L, Long::sum));
            } else if (effect instanceof Effect.Launch launch
                    && launch.script() == Script.RUN
                    && !ran.add(launch.life().incarnation())) {
                attemptsOfThisMoment.merge(launch.service(), 1L, Long::sum);
            }
        }
        attemptsOfThisMoment.forEach((name, count) -> attempts.merge(name, count, Long::sum));
    }

    /** How many attempts there had been when the request of this moment came in. */
    private long attemptsBefore(ServiceName name) {
        return attempts.getOrDefault(name, 0L) - attemptsOfThisMoment.getOrDefault(name, 0L);
    }

    /** Whose life began with requirements, and who waits for them. */
    private void noteStarts(Moment moment) {
        for (ServiceName name : moment.changed()) {
            Service service = Objects.requireNonNull(moment.after().get(name));
            boolean isRequiring = service.state() instanceof State.Requiring;
            if (!isRequiring) {
                starts.remove(name);
            }
            Optional<Long> incarnation = moment.incarnationAfter(name);
            if (incarnation.isEmpty() || incarnation.equals(moment.incarnationBefore(name))) {
                continue;
            }
            starts.remove(name);
            Owner owner = new Owner.Incarnation(name, incarnation.get());
            Definition definition = service.life().orElseThrow().definition();
            Set<ServiceName> required = new LinkedHashSet<>(definition.requires());
            required.removeIf(other -> definition.isOptional(other) && !isSavedAsHeld(other, owner, moment));
            required.forEach(
                    other -> holds.computeIfAbsent(other, o -> new HashMap<>()).merge(owner, 1, Integer::sum));
            if (isRequiring) {
                Claim start = new Claim(--silent, Direction.UP, Optional.empty());
                start.optional = Set.copyOf(definition.optional().orElse(List.of()));
                for (ServiceName other : required) {
                    Optional<Service> found = asFound(other, owner, moment);
                    Word word = found.map(Moment::word).orElse(Word.STOPPED);
                    if (word != Word.STARTED) {
                        long attempt = attemptsBefore(other)
                                + found.map(it -> it.attempt() - attemptBefore(other, moment))
                                        .orElse(0L);
                        start.open.put(other, attempt + (word == Word.STARTING ? 0 : 1));
                    }
                }
                starts.put(name, start);
            }
        }
        for (Effect effect : moment.effects()) {
            if (effect instanceof Effect.Save save && isRequiredAnew(save, moment)) {
                heldDown.remove(save.service().name());
            }
        }
    }

    /** What a start finds: it may be one of several steps of this moment. */
    private static Optional<Service> asFound(ServiceName required, Owner starting, Moment moment) {
        Optional<Service> found = Optional.ofNullable(moment.before().get(required));
        for (Effect effect : moment.effects()) {
            if (effect instanceof Effect.Save save && save.service().name().equals(required)) {
                if (save.holders().contains(starting)) {
                    return found;
                }
                found = Optional.of(save.service());
            }
        }
        return found;
    }

    private static long attemptBefore(ServiceName service, Moment moment) {
        return Optional.ofNullable(moment.before().get(service))
                .map(Service::attempt)
                .orElse(0L);
    }

    /** Whether what is optional could be had; that it could not be is a rule of its own. */
    private static boolean isSavedAsHeld(ServiceName service, Owner owner, Moment moment) {
        return moment.effects().stream()
                .anyMatch(effect -> effect instanceof Effect.Save save
                        && save.service().name().equals(service)
                        && save.holders().contains(owner));
    }

    /** Whether an incarnation that began in this moment holds it, because its directory says so. */
    private static boolean isRequiredAnew(Effect.Save save, Moment moment) {
        return save.holders().stream()
                .anyMatch(owner -> owner instanceof Owner.Incarnation(ServiceName holder, long number)
                        && !moment.incarnationBefore(holder).equals(Optional.of(number)));
    }

    private void noteEnds(Moment moment) {
        for (ServiceName name : moment.changed()) {
            if (moment.isEnd(name)) {
                Owner ended = new Owner.Incarnation(
                        name, moment.incarnationBefore(name).orElseThrow());
                holds.values().forEach(owners -> owners.keySet().remove(ended));
                surrender();
            }
        }
    }

    /** Whether something was settled that may settle more. */
    private boolean settle(Claim claim, Moment moment) {
        boolean failedBefore = claim.failed;
        for (ServiceName name : List.copyOf(claim.open.keySet())) {
            switch (claim.direction) {
                case UP -> settleUp(claim, name, moment);
                case DOWN -> settleDown(claim, name, moment);
            }
        }
        return claim.failed && !failedBefore;
    }

    private void settleUp(Claim claim, ServiceName name, Moment moment) {
        long awaited = claim.open.getOrDefault(name, 0L);
        long present = attempts.getOrDefault(name, 0L);
        Word word = moment.wordAfter(name);
        boolean isOver = present > awaited
                || (present == awaited && isDown(word))
                || (present == awaited && cameToRestart(name, moment));
        boolean isDropped = !isWanted(name) && (awaited > present || isHeadingUp(moment.wordBefore(name)));
        if (isDropped || isOver) {
            fail(claim, name);
        } else if (word == Word.STARTED) {
            claim.open.remove(name);
        }
    }

    /** Whether its attempt came to a wait for the next one, be it for no time. */
    private static boolean cameToRestart(ServiceName name, Moment moment) {
        return moment.effects().stream()
                .anyMatch(effect -> effect instanceof Effect.Save save
                        && save.service().name().equals(name)
                        && save.service().state() instanceof State.Restarting
                        && save.service().attempt()
                                == Objects.requireNonNull(moment.after().get(name))
                                        .attempt()
                        && !isAsBefore(save.service(), moment));
    }

    private static boolean isAsBefore(Service service, Moment moment) {
        Service before = moment.before().get(service.name());
        return before != null
                && before.attempt() == service.attempt()
                && before.state().equals(service.state());
    }

    /** One of its services is not up; a require gives back its hold. */
    private void fail(Claim claim, ServiceName name) {
        claim.open.remove(name);
        if (claim.optional.contains(name)) {
            return;
        }
        claim.failed = true;
        claim.hold.ifPresent(this::drop);
        claim.hold = Optional.empty();
    }

    private static boolean wasSavedDown(ServiceName name, Moment moment) {
        return moment.effects().stream()
                .anyMatch(effect -> effect instanceof Effect.Save save
                        && save.service().name().equals(name)
                        && save.service().isDown()
                        && !save.service().headsUp());
    }

    private void settleDown(Claim claim, ServiceName name, Moment moment) {
        Word before = moment.wordBefore(name);
        Word after = moment.wordAfter(name);
        boolean wasDown = isDown(after)
                || (before == Word.STOPPING && moment.isEnd(name))
                || (isStartedForFailure(name) && wasSavedDown(name, moment));
        if (wasDown) {
            claim.open.remove(name);
            claim.failed |=
                    moment.incarnationBefore(name).filter(unclean::contains).isPresent();
        }
    }
}
