package bellhop.core;

import static bellhop.core.Moment.isDown;
import static bellhop.core.Moment.isHeadingUp;

import bellhop.core.Ledger.Claim;
import bellhop.definition.Definition;
import bellhop.definition.Ready;
import bellhop.definition.Restart;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules that hold in every world at every moment, one method each. They are checked after each input,
 * before its effects are carried out, against the kernel's own knowledge and the {@link Ledger}.
 */
final class Invariants {

    private final Supervisor supervisor;
    private final FakeKernel kernel;
    private final Ledger ledger;
    private final Map<Long, Incarnation> incarnations = new HashMap<>();
    private final Map<ServiceName, Incarnation> last = new HashMap<>();
    private final Map<Long, ScriptLife> scripts = new HashMap<>();
    private final Map<ServiceName, Effect.Save> saved = new HashMap<>();
    private final Map<ServiceName, Long> delayedUntil = new HashMap<>();
    private final Set<Long> answered = new HashSet<>();
    /** The launches of this moment. */
    private final Set<Long> launched = new HashSet<>();

    private final Map<ServiceName, List<Long>> relaunches = new HashMap<>();
    private long greatestIncarnation;
    private long greatestLaunch;

    /** What is known of one life of a service. */
    private static final class Incarnation {
        final Life life;
        boolean preSucceeded;
        boolean preFailed;
        int launches;
        int posts;
        boolean ended;
        /** How the last launch of run ended, or is ending; and what ended it. */
        Optional<Exit> exit = Optional.empty();

        Optional<RunResult> result = Optional.empty();

        Incarnation(Life life) {
            this.life = life;
            this.preSucceeded = !life.definition().has(Script.PRE)
                    && life.definition().requires().isEmpty();
        }
    }

    /** What is known of one script that was told to run, or to be stopped. */
    private static final class ScriptLife {
        final Life life;
        final Optional<Script> script;
        final long launchedAt;
        boolean wasUp;
        long ownTime;
        long lastSeen;
        Optional<Long> stoppedAt = Optional.empty();
        long killDue = Lifecycle.NEVER;
        boolean saidReady;
        long lastSign;
        Optional<Long> killedAt = Optional.empty();
        boolean exited;
        boolean isWaiting;

        ScriptLife(Life life, Optional<Script> script, long now) {
            this.life = life;
            this.script = script;
            this.launchedAt = now;
            this.lastSeen = now;
        }

        boolean is(Script which) {
            return script.equals(Optional.of(which));
        }

        Optional<Duration> limit() {
            return script.map(life.definition().timeouts()::get);
        }

        /** When what follows its death may be launched at the earliest, if it is over now. */
        long delayedUntil(long now) {
            Restart restart = life.definition().restart();
            long delay = Math.min(restart.delay().toNanos(), restart.maxDelay().toNanos());
            return (wasUp ? launchedAt : now) + delay;
        }

        long graceNanos() {
            return life.definition().stop().gracePeriod().toNanos();
        }
    }

    Invariants(Supervisor supervisor, FakeKernel kernel, Ledger ledger) {
        this.supervisor = supervisor;
        this.kernel = kernel;
        this.ledger = ledger;
    }

    /** Checks everything that has to hold after one input. */
    void check(Moment moment) {
        passOwnTime(moment.now());
        if (moment.input() instanceof Input.StoodStill(long nanos)) {
            nobodyHadTheTimeOfAStandStill(nanos);
        }
        noteNews(moment);
        launched.clear();
        for (Effect effect : moment.effects()) {
            switch (effect) {
                case Effect.Launch launch -> {
                    thereIsNeverMoreThanOneScriptOfAService(launch);
                    launchNumbersAreNeverReused(launch);
                    Incarnation life = incarnation(launch.life());
                    preGoesBeforeRunAndRunBeforePost(launch, life);
                    anIncarnationKeepsItsDefinition(launch, life);
                    restartsWaitForTheirDelayUnlessStartedByHand(launch, moment);
                    postIsToldHowRunEnded(launch, life);
                    launched.add(launch.launch());
                    life.launches++;
                    life.posts += launch.script() == Script.POST ? 1 : 0;
                    scripts.put(
                            launch.launch(), new ScriptLife(launch.life(), Optional.of(launch.script()), moment.now()));
                }
                case Effect.End end -> {
                    effectsConcernTheLatestLaunch(end.service(), end.launch());
                    noteEnd(end, moment);
                }
                case Effect.Reap reap -> effectsConcernTheLatestLaunch(reap.service(), reap.launch());
                case Effect.Save save -> {
                    require(
                            !save.equals(saved.put(save.service().name(), save)) || !isOfNoConsequence(moment.input()),
                            "what changes nothing writes no record",
                            save,
                            "by",
                            moment.input());
                    if (save.service().isDown() || save.service().state() instanceof State.Requiring) {
                        delayedUntil.remove(save.service().name()); // the next failure has a delay of its own
                    }
                    save.service()
                            .life()
                            .ifPresent(life -> noteLife(save.service().name(), life));
                    notePrepared(save.service());
                }
                case Effect.CheckHealth check -> {}
                case Effect.Adopt adopt -> {}
                case Effect.Warn warn -> {}
                case Effect.Answer answer -> {}
            }
        }
        savesGoBeforeWhatTheyAnnounce(moment);
        answersComeLast(moment);
        ledger.note(moment);
        aRefusalNamesItsCauseAndChangesNothing(moment);
        onlyACircleIsRefusedAsOne(moment);
        requestsAreAnsweredOnceAsTheyMust(moment);
        savesTellTheTruth(moment);
        aStopCancelsARestartAtOnce(moment);
        aStopIsOverWithItsLastProcess(moment);
        aStartByHandWaitsForNoDelay(moment);
        for (ServiceName name : moment.changed()) {
            incarnationsBeginWithWhatTheDirectorySaidLast(name, moment);
            aDeathKeepsTheIncarnation(name, moment);
            if (moment.isStopped(name) && !failedToGetWhatItRequires(name, moment)) {
                nobodyIsStoppedWithoutACause(name, moment);
                requirersEndBeforeWhatTheyRequire(name, moment);
            }
            if (moment.isEnd(name)) {
                postRunsOncePerPreThatSucceeded(incarnation(
                        Objects.requireNonNull(moment.before().get(name)).life().orElseThrow()));
            }
        }
        startsGoOnAsTheyMust(moment);
        whatIsOptionalIsHeldIfItCanBeHad(moment);
        whoIsStartedForAFailureIsOnRecordBeforeIt(moment);
        anEndOfRunMeansWhatItsDefinitionSays(moment);
        for (Service service : moment.after().values()) {
            nobodyIsUpBeforeItIsReady(service);
            aJobIsUpOnceItHasEndedWell(service);
            signsOfLifeAreDue(service, moment);
            onlyWhatIsUpAndUnwantedLingers(service, moment);
            relaunchesAreLimited(service, moment);
            pinsAreThoseOfTheLedger(service);
            unwantedServicesHeadDown(service);
            wantedServicesAreNotLeftDown(service);
        }
        ledger.scripts().forEach((name, launch) -> {
            ScriptLife script = Objects.requireNonNull(scripts.get(launch));
            boolean waited = script.isWaiting;
            script.isWaiting = !ledger.waitsFor(name).isEmpty();
            nobodyWaitsInACircle(name);
            limitsCountOwnTime(name, script, waited, moment);
            killFollowsTheGrace(name, script, moment);
        });
    }

    /** What was not touched need not be looked at: a walk over all services finds nothing to do. */
    static void nothingIsLeftToDo(Supervisor supervisor, long now) {
        List<Effect> missed = supervisor.lookAtAll(now);
        require(missed.isEmpty(), "whatever a change leads to is done at once", missed);
        long next = supervisor.services().stream()
                .mapToLong(service -> Math.min(service.deadline(), service.lingersUntil()))
                .min()
                .orElse(Lifecycle.NEVER);
        require(supervisor.nextDeadline() == next, "the next deadline is the least of all", next);
        boolean allDown = supervisor.services().stream().allMatch(service -> service.isDown() && !service.headsUp());
        require(supervisor.isAllDown() == allDown, "all are down once each is", allDown);
    }

    /** Checks what has to hold once nothing is left to happen. */
    void checkAtRest() {
        for (Claim claim : ledger.claims()) {
            throw new RuleBroken("every request is answered", claim.request, "waits for", claim.open.keySet());
        }
        require(
                kernel.zombie().isEmpty(),
                "nobody is forgotten",
                kernel.zombie().flatMap(process -> process.order));
        for (Service service : supervisor.services()) {
            ServiceName name = service.name();
            Word word = Moment.word(service);
            boolean mayRun = ledger.isWanted(name) && !ledger.isHeldDown(name);
            require(
                    mayRun ? word == Word.STARTED || word == Word.FAILED || word == Word.FINISHED : isDown(word),
                    "in the end what is wanted is up, and what is not wanted is down",
                    name,
                    "is",
                    word.text(),
                    (mayRun ? ", wanted" : ", not wanted"));
            require(
                    !isDown(word) || kernel.scriptThatMayLive(name).isEmpty(),
                    "nobody is forgotten",
                    name,
                    "is down, and yet a script of it lives");
        }
    }

    /** Checks what has to hold once everything was stopped. */
    void checkAllStopped() {
        for (Service service : supervisor.services()) {
            require(isDown(Moment.word(service)), "a stop of everything stops everything", service);
            require(
                    supervisor.holders(service.name()).isEmpty() && !service.pinned() && !service.heldDown(),
                    "a stop of everything drops all holds and pins",
                    service,
                    "",
                    supervisor.holders(service.name()));
        }
        require(!supervisor.isStoppingEverything(), "a stop of everything comes to an end", "it has not");
        require(supervisor.isNobodyWaiting(), "nobody waits once everything is stopped", "somebody does");
        require(supervisor.nextDeadline() == Lifecycle.NEVER, "what is down has no timer", "there is one");
    }

    // What is required, readiness, watchdogs, limits, lingering.

    private static boolean wasRequiring(ServiceName name, Moment moment) {
        Service before = moment.before().get(name);
        return before != null && before.state() instanceof State.Requiring;
    }

    private static boolean failedToGetWhatItRequires(ServiceName name, Moment moment) {
        return wasRequiring(name, moment)
                || Objects.requireNonNull(moment.after().get(name)).detail().contains("requires ");
    }

    /** No pre is run before all that is required was up, and none waits for more than that. */
    private void startsGoOnAsTheyMust(Moment moment) {
        for (Service service : moment.after().values()) {
            Claim start = ledger.starts().get(service.name());
            boolean waits = service.state() instanceof State.Requiring;
            require(waits == (start != null), "a start waits for what it requires, and for nothing else", service);
            if (start != null) {
                require(
                        !start.failed && !start.open.isEmpty(),
                        "a start goes on, or fails, with the first attempt of what it requires",
                        service,
                        start.open);
                nobodyWaitsInACircle(service.name());
            }
        }
        for (Effect effect : moment.effects()) {
            if (effect instanceof Effect.Launch launch
                    && incarnation(launch.life()).launches == 1
                    && launch.script() != Script.POST
                    && !wasRequiring(launch.service(), moment)) {
                for (ServiceName required : launch.life().definition().requires()) {
                    if (launch.life().definition().isOptional(required)) {
                        continue;
                    }
                    require(
                            moment.wordAfter(required) == Word.STARTED || moment.wordBefore(required) == Word.STARTED,
                            "what is required is up before anything is launched",
                            launch,
                            required);
                }
            }
        }
    }

    /** A manager that is killed in between leaves a failure that comes again, and not one that nobody hears of. */
    private void whoIsStartedForAFailureIsOnRecordBeforeIt(Moment moment) {
        Map<ServiceName, Service> sofar = new HashMap<>(moment.before());
        for (Effect effect : moment.effects()) {
            if (!(effect instanceof Effect.Save save)) {
                continue;
            }
            Service after = save.service();
            Service before = sofar.put(after.name(), after);
            if (before == null || before.isDown() || !after.hasFailedForGood() || ledger.isStoppingEverything()) {
                continue;
            }
            Definition definition = before.life().map(Life::definition).orElse(before.latest());
            for (ServiceName name : definition.onFailure().orElse(List.of())) {
                if (ledger.isStartedForFailure(name)
                        && before.life().flatMap(Life::failure).isEmpty()) {
                    Service started = Objects.requireNonNull(sofar.get(name));
                    require(
                            started.pinned()
                                    && (moment.keepsUp(name)
                                            || started.failure()
                                                    .filter(it -> it.service().equals(after.name()))
                                                    .isPresent()),
                            "who is started for a failure is on record before it",
                            after,
                            started);
                }
            }
        }
    }

    /** A life that begins leaves out nothing that could be had, and nobody goes down for want of what is optional. */
    private void whatIsOptionalIsHeldIfItCanBeHad(Moment moment) {
        for (ServiceName name : moment.changed()) {
            Service service = Objects.requireNonNull(moment.after().get(name));
            Optional<Long> number = moment.incarnationAfter(name);
            if (number.isEmpty() || number.equals(moment.incarnationBefore(name))) {
                continue;
            }
            Definition definition = service.life().orElseThrow().definition();
            for (ServiceName other : definition.optional().orElse(List.of())) {
                boolean isHeld = ledger.count(other, new Owner.Incarnation(name, number.get())) > 0;
                boolean mayBeLeftOut = !ledger.isUsable(other)
                        || ledger.isStoppingEverything()
                        || other.equals(name)
                        || isLeftOutForACircle(name, other, moment);
                require(isHeld || mayBeLeftOut, "what is optional is held if it can be had", service, other);
            }
        }
        Map<ServiceName, Service> sofar = new HashMap<>(moment.before());
        for (Effect effect : moment.effects()) {
            if (effect instanceof Effect.Save save) {
                String detail = save.service().detail();
                Optional.ofNullable(sofar.put(save.service().name(), save.service()))
                        .filter(before -> before.state() instanceof State.Requiring)
                        .flatMap(Service::life)
                        .flatMap(life -> life.definition().optional())
                        .ifPresent(optional -> require(
                                optional.stream().noneMatch(it -> detail.startsWith("requires " + it + ":")),
                                "nobody fails for want of what is optional",
                                save));
            }
        }
    }

    /** A circle may be there for a part of the moment only. */
    private static boolean isLeftOutForACircle(ServiceName name, ServiceName other, Moment moment) {
        String why = "starts without " + other + ": refused: circular wait: " + name + " -> " + other;
        return moment.effects().stream()
                .anyMatch(effect -> effect instanceof Effect.Warn(ServiceName service, String what)
                        && service.equals(name)
                        && what.startsWith(why)
                        && what.endsWith(" -> " + name));
    }

    private void nobodyIsUpBeforeItIsReady(Service service) {
        boolean mustSay = service.state() instanceof State.Up(Life life, Optional<Run> run)
                && run.isPresent()
                && life.definition().ready().isPresent();
        require(
                !mustSay || Objects.requireNonNull(scripts.get(service.launch())).saidReady,
                "nobody is up before it is ready",
                service);
    }

    private void aJobIsUpOnceItHasEndedWell(Service service) {
        if (service.state() instanceof State.Up(Life life, Optional<Run> run) && isJob(life.definition())) {
            Incarnation known = incarnation(life);
            require(
                    run.isEmpty()
                            && known.result.equals(Optional.of(RunResult.SUCCESS))
                            && known.exit
                                    .map(exit -> isSuccess(life.definition(), exit))
                                    .orElse(false)
                            && known.posts == 0
                            && kernel.scriptThatMayLive(service.name()).isEmpty()
                            && !kernel.isAnybodyLeft(life),
                    "a job is up once it has ended well, with all its processes, and before its post",
                    service);
        }
    }

    private static boolean isJob(Definition definition) {
        return definition.ready().orElse(null) instanceof Ready.Finished;
    }

    private void signsOfLifeAreDue(Service service, Moment moment) {
        if (!(service.state() instanceof State.Up(Life life, Optional<Run> run)
                && run.isPresent()
                && life.definition().ready().orElse(null) instanceof Ready.Notify(Optional<Duration> watchdog)
                && watchdog.isPresent())) {
            return;
        }
        long due = Objects.requireNonNull(scripts.get(run.get().launch())).lastSign
                + watchdog.get().toNanos();
        require(
                moment.now() < due || !(moment.input() instanceof Input.TimePassed),
                "who gives no sign of life is ended",
                service);
        require(supervisor.nextDeadline() <= due, "there is a timer for every watchdog", service);
    }

    private void onlyWhatIsUpAndUnwantedLingers(Service service, Moment moment) {
        boolean isLeft = Moment.word(service) == Word.STARTED && !ledger.isWanted(service.name());
        if (!service.isLingering()) {
            require(!isLeft || ledger.isStoppingEverything(), "what is not wanted, or held down, heads down", service);
            return;
        }
        long longest = service.life().orElseThrow().definition().linger().toNanos();
        require(
                isLeft && moment.now() < service.lingersUntil() && service.lingersUntil() <= moment.now() + longest,
                "only what is up and not wanted lingers, and not for long",
                service);
        require(supervisor.nextDeadline() <= service.lingersUntil(), "there is a timer for who lingers", service);
    }

    private static boolean isAmong(ServiceName name, List<Definition> services) {
        return services.stream().anyMatch(definition -> definition.name().equals(name));
    }

    private void relaunchesAreLimited(Service service, Moment moment) {
        ServiceName name = service.name();
        List<Long> all = relaunches.computeIfAbsent(name, n -> new ArrayList<>());
        boolean isAsked = isAmong(
                        name, moment.input() instanceof Input.StartRequest start ? start.services() : List.of())
                || isAmong(name, moment.input() instanceof Input.RestartRequest again ? again.services() : List.of());
        boolean byHand = isStartedForFailure(name, moment)
                || (isAsked && ledger.refusal().isEmpty());
        if (byHand) {
            all.clear();
        }
        Service before = moment.before().get(name);
        if (before == null || !isDueByItself(moment) || service.attempt() == before.attempt()) {
            return;
        }
        boolean isRelaunch = before.state() instanceof State.Restarting
                || (before.state() instanceof State.Clearing clearing && !clearing.again());
        if (!isRelaunch || wasDown(name, moment) || isStartedForFailure(name, moment)) {
            return;
        }
        Definition next = before.life().map(Life::definition).orElse(before.latest());
        Optional<Restart.Limit> limit = next.restart().limit();
        if (limit.isEmpty()) {
            all.clear();
            return;
        }
        all.add(moment.now());
        long within = limit.get().within().map(Duration::toNanos).orElse(Lifecycle.NEVER);
        long recent = all.stream().filter(then -> moment.now() - then < within).count();
        require(
                recent <= limit.get().times() || before.life().isEmpty(),
                "nobody is relaunched more often than its limit says",
                service,
                all);
        while (all.size() > limit.get().times()) {
            all.removeFirst();
        }
    }

    /** What follows if {@code run} ends by itself: nothing else is under way that would decide. */
    private static void anEndOfRunMeansWhatItsDefinitionSays(Moment moment) {
        if (!(moment.input() instanceof Input.Happened(ServiceName name, Event event))
                || !(event instanceof Event.ScriptExited(long launch, Exit exit))) {
            return;
        }
        Service before = moment.before().get(name);
        if (before == null || before.launch() != launch || !isRunning(before.state())) {
            return;
        }
        Definition definition = before.life().orElseThrow().definition();
        boolean isJob = isJob(definition);
        boolean wasEarly =
                before.state() instanceof State.Launching && definition.ready().isPresent() && !isJob;
        boolean isSuccess = !wasEarly && isSuccess(definition, exit);
        boolean isPrevented = definition.exits().orElseThrow().prevent().contains(status(exit));
        boolean mayRestart = !isPrevented
                && switch (definition.restart().policy()) {
                    case ALWAYS -> true;
                    case ON_FAILURE -> !isSuccess;
                    case NO -> false;
                };
        State after = firstSaved(name, moment).state();
        require(
                after instanceof State.Clearing clearing
                        && (isJob && isSuccess) == (clearing.after() instanceof After.Finish)
                        && (mayRestart || !clearing.after().leadsUp())
                        && clearing.after().ending().word() == (isSuccess && !mayRestart ? Word.FINISHED : Word.FAILED),
                "an end of run means what its definition says",
                before,
                exit,
                after);
    }

    private static boolean isRunning(State state) {
        return state instanceof State.Launching || state instanceof State.Up || state instanceof State.Leaving;
    }

    private static boolean isSuccess(Definition definition, Exit exit) {
        boolean isNamed = definition.exits().orElseThrow().success().contains(status(exit));
        return exit.success() || (isNamed && !(exit instanceof Exit.OutOfMemory));
    }

    private static String status(Exit exit) {
        return switch (exit) {
            case Exit.Exited(int code) -> Integer.toString(code);
            case Exit.Killed(String signal, boolean _) -> signal;
            case Exit.OutOfMemory(Exit end) -> status(end);
            case Exit.Unknown _ -> "";
        };
    }

    /** What became of a service at first: what nobody wants any more is halted right after that. */
    private static Service firstSaved(ServiceName name, Moment moment) {
        for (Effect effect : moment.effects()) {
            if (effect instanceof Effect.Save save && save.service().name().equals(name)) {
                return save.service();
            }
        }
        return Objects.requireNonNull(moment.after().get(name));
    }

    private static boolean isStartedForFailure(ServiceName name, Moment moment) {
        Optional<Failure> failure =
                Objects.requireNonNull(moment.after().get(name)).failure();
        return failure.filter(it -> wasDown(it.service(), moment)).isPresent();
    }

    /** Whether it was down in between, and begun again by another one's requirement. */
    private static boolean wasDown(ServiceName name, Moment moment) {
        return moment.effects().stream()
                .anyMatch(effect -> effect instanceof Effect.Save save
                        && save.service().name().equals(name)
                        && save.service().hasFailedForGood());
    }

    // One incarnation, one script.

    private void thereIsNeverMoreThanOneScriptOfAService(Effect.Launch launch) {
        kernel.scriptThatMayLive(launch.service()).ifPresent(other -> {
            throw new RuleBroken(
                    "there is never more than one script of a service",
                    launch,
                    "while launch",
                    other.launch,
                    "may be alive");
        });
    }

    private void noteLife(ServiceName name, Life life) {
        if (incarnations.containsKey(life.incarnation())) {
            return;
        }
        require(life.incarnation() > greatestIncarnation, "incarnation numbers are never reused", name, life);
        greatestIncarnation = life.incarnation();
        Incarnation begun = new Incarnation(life);
        incarnations.put(life.incarnation(), begun);
        Incarnation previous = last.put(name, begun);
        if (previous != null) {
            postRunsOncePerPreThatSucceeded(previous);
            require(!kernel.isAnybodyLeft(previous.life), "a service is down when everybody is gone", name);
        }
    }

    /** Without a pre, a life is prepared once it has what it requires. */
    private void notePrepared(Service service) {
        boolean isPast = service.state() instanceof State.Launching || service.state() instanceof State.Up;
        Optional<Life> life =
                service.life().filter(l -> isPast && !l.definition().has(Script.PRE));
        life.ifPresent(l -> incarnation(l).preSucceeded = true);
    }

    private void launchNumbersAreNeverReused(Effect.Launch launch) {
        require(launch.launch() > greatestLaunch, "launch numbers are never reused", launch);
        greatestLaunch = launch.launch();
    }

    private static void preGoesBeforeRunAndRunBeforePost(Effect.Launch launch, Incarnation life) {
        boolean inOrder = !life.ended
                && life.posts == 0
                && switch (launch.script()) {
                    case PRE -> life.launches == 0;
                    case RUN, POST -> life.preSucceeded;
                };
        require(inOrder, "pre goes before run, run before post, and nothing follows a pre that failed", launch);
        require(launch.life().definition().has(launch.script()), "only what there is is run", launch);
    }

    private static void anIncarnationKeepsItsDefinition(Effect.Launch launch, Incarnation life) {
        require(
                life.life.definition().equals(launch.life().definition()),
                "post runs by the definition that its pre ran by",
                launch);
    }

    private void incarnationsBeginWithWhatTheDirectorySaidLast(ServiceName name, Moment moment) {
        Optional<Long> incarnation = moment.incarnationAfter(name);
        if (incarnation.isPresent() && !incarnation.equals(moment.incarnationBefore(name))) {
            Life life = Objects.requireNonNull(moment.after().get(name)).life().orElseThrow();
            require(
                    ledger.latest(name).equals(Optional.of(life.definition())),
                    "an incarnation begins with what the directory said last",
                    life);
        }
    }

    private static void postRunsOncePerPreThatSucceeded(Incarnation ended) {
        ended.ended = true;
        int due = ended.preSucceeded && ended.life.definition().has(Script.POST) ? 1 : 0;
        require(ended.posts == due, "post runs once for each pre that succeeded", ended.life, ended.posts);
    }

    private void effectsConcernTheLatestLaunch(ServiceName name, long launch) {
        long latest = ledger.script(name).orElse(0L);
        require(
                launch == latest || launched.contains(launch) || launch > greatestLaunch,
                "effects concern the latest launch",
                name,
                ":",
                launch,
                "instead of",
                latest);
    }

    private Incarnation incarnation(Life life) {
        return Optional.ofNullable(incarnations.get(life.incarnation()))
                .orElseThrow(() -> new RuleBroken("what is not on record is not begun", life));
    }

    private void noteEnd(Effect.End end, Moment moment) {
        ScriptLife script =
                scripts.computeIfAbsent(end.launch(), l -> new ScriptLife(end.life(), Optional.empty(), moment.now()));
        greatestLaunch = Math.max(greatestLaunch, end.launch());
        boolean byTheClock = moment.input() instanceof Input.TimePassed
                && moment.before().containsKey(end.service())
                && isDue(end.service(), moment);
        if (script.is(Script.RUN) && !script.exited && script.stoppedAt.isEmpty()) {
            incarnation(end.life()).result = Optional.of(whyRunIsEnded(end, byTheClock, moment));
        }
        switch (end.signal()) {
            case STOP, ABORT -> {
                Service before = moment.before().get(end.service());
                if (byTheClock && script.stoppedAt.isEmpty() && !script.exited) {
                    noteOverrun(script, end);
                    whoKeepsItsDutiesIsNotEnded(script, Objects.requireNonNull(before), moment);
                }
                boolean again = before != null && before.state() instanceof State.Clearing;
                if (script.stoppedAt.isEmpty() || !again) {
                    script.stoppedAt = Optional.of(moment.now());
                    script.killDue = moment.now() + script.graceNanos();
                }
            }
            case KILL -> {
                require(moment.now() >= script.killDue, "KILL comes once the grace is over", end);
                script.stoppedAt = script.stoppedAt.or(() -> Optional.of(moment.now()));
                script.killedAt = Optional.of(moment.now());
            }
        }
    }

    private static RunResult whyRunIsEnded(Effect.End end, boolean byTheClock, Moment moment) {
        if (byTheClock) {
            boolean wasUp =
                    Objects.requireNonNull(moment.before().get(end.service())).isUp();
            return wasUp ? RunResult.WATCHDOG : RunResult.TIMEOUT;
        }
        if (moment.input() instanceof Input.Happened(ServiceName name, Event event) && name.equals(end.service())) {
            return event instanceof Event.Unhealthy
                    ? RunResult.UNHEALTHY
                    : event instanceof Event.StopAnnounced && moment.wordBefore(name) == Word.STARTING
                            ? RunResult.FAILED
                            : RunResult.STOPPED;
        }
        return RunResult.STOPPED;
    }

    private void noteEndOfRun(ScriptLife script, Exit exit, @Nullable Service before) {
        if (!script.is(Script.RUN)) {
            return;
        }
        Incarnation life = incarnation(script.life);
        life.exit = Optional.of(exit);
        if (script.stoppedAt.isEmpty()) {
            boolean wasEarly = before != null
                    && before.state() instanceof State.Launching
                    && script.life.definition().ready().isPresent()
                    && !isJob(script.life.definition());
            life.result = Optional.of(
                    !wasEarly && isSuccess(script.life.definition(), exit)
                            ? RunResult.SUCCESS
                            : exit instanceof Exit.OutOfMemory ? RunResult.MEMORY : RunResult.FAILED);
        }
    }

    private void postIsToldHowRunEnded(Effect.Launch launch, Incarnation life) {
        if (launch.script() == Script.RUN) {
            life.exit = Optional.empty();
            life.result = Optional.empty();
        } else if (launch.script() == Script.POST) {
            RunEnd end = launch.life().end().orElseThrow(() -> new RuleBroken("post is told how run ended", launch));
            require(
                    end.exit().equals(life.exit)
                            && life.result.map(it -> it == end.result()).orElse(true),
                    "post is told how run ended",
                    launch,
                    end,
                    "and not",
                    life.result,
                    life.exit);
        }
    }

    private void noteOverrun(ScriptLife script, Effect.End end) {
        Optional<Duration> limit = script.limit();
        if (limit.isPresent() && !script.is(Script.RUN)) {
            require(
                    script.ownTime >= limit.get().toNanos(),
                    "limits count a script's own time",
                    end,
                    "after",
                    Duration.ofNanos(script.ownTime),
                    "of",
                    limit.get());
            if (script.is(Script.PRE)) {
                incarnation(end.life()).preFailed = true;
            }
        }
    }

    private static void whoKeepsItsDutiesIsNotEnded(ScriptLife script, Service before, Moment moment) {
        boolean isOverdue = switch (before.state()) {
            case State.Launching launching ->
                script.ownTime >= script.limit().orElseThrow().toNanos();
            case State.Up up -> moment.now() - script.lastSign >= up.life().watchdogNanos();
            default -> true;
        };
        require(isOverdue, "who keeps its duties while the manager runs is ended by no deadline", before);
    }

    /** What the kernel said, before anything is checked. */
    private void noteNews(Moment moment) {
        if (moment.input() instanceof Input.Happened(ServiceName name, Event event)) {
            Service after = moment.after().get(name);
            if (after != null && after.state() instanceof State.Up up) {
                up.run().map(run -> scripts.get(run.launch())).ifPresent(script -> script.wasUp = true);
            }
            if (event instanceof Event.ScriptExited(long launch, Exit exit)) {
                ScriptLife script = scripts.get(launch);
                if (script != null && !script.exited) {
                    script.exited = true;
                    noteExit(script, exit);
                    noteEndOfRun(script, exit, moment.before().get(name));
                }
            } else if (event instanceof Event.SpawnFailed(long launch, String why)) {
                ScriptLife script = scripts.get(launch);
                if (script != null) {
                    script.exited = true;
                    if (script.is(Script.RUN) && script.stoppedAt.isEmpty()) {
                        incarnation(script.life).result = Optional.of(RunResult.FAILED);
                    }
                }
            } else if (event instanceof Event.BecameReady(long launch)) {
                ScriptLife script = scripts.get(launch);
                if (script != null && !script.saidReady) {
                    script.saidReady = true;
                    script.lastSign = moment.now();
                }
            } else if (event instanceof Event.Pinged(long launch)) {
                ScriptLife script = scripts.get(launch);
                if (script != null) {
                    script.lastSign = moment.now();
                }
            } else if (event instanceof Event.StopAnnounced(long launch)) {
                ScriptLife script = scripts.get(launch);
                boolean isNew = moment.wordBefore(name) == Word.STARTED && moment.wordAfter(name) == Word.STOPPING;
                if (script != null && isNew) {
                    script.killDue = moment.now() + script.graceNanos();
                }
            } else if (event instanceof Event.Extended(long launch, long nanos)) {
                ScriptLife script = scripts.get(launch);
                if (script != null && script.killDue != Lifecycle.NEVER && script.killedAt.isEmpty()) {
                    script.killDue = Math.max(script.killDue, moment.now() + nanos);
                }
            } else if (event instanceof Event.Spawned(long launch, int pid)) {
                whoIsSpawnedAfterTheStopIsStopped(name, launch, moment);
            } else if (event instanceof Event.Cleared(long launch, int left)) {
                ScriptLife script = scripts.get(launch);
                if (script != null && ledger.script(name).equals(Optional.of(launch))) {
                    delayedUntil.put(name, script.delayedUntil(moment.now()));
                }
            }
        }
    }

    private void whoIsSpawnedAfterTheStopIsStopped(ServiceName name, long launch, Moment moment) {
        ScriptLife script = scripts.get(launch);
        if (script != null
                && script.stoppedAt.isPresent()
                && ledger.script(name).equals(Optional.of(launch))) {
            require(
                    moment.effects().stream()
                            .anyMatch(effect -> effect instanceof Effect.End end && end.launch() == launch),
                    "who is spawned after the stop is stopped",
                    name);
        }
    }

    private void noteExit(ScriptLife script, Exit exit) {
        if (script.is(Script.PRE)) {
            Incarnation life = incarnation(script.life);
            life.preSucceeded = exit.success() && !life.preFailed;
            life.preFailed |= !exit.success();
        }
    }

    // Time.

    private void passOwnTime(long now) {
        for (long launch : ledger.scripts().values()) {
            ScriptLife script = Objects.requireNonNull(scripts.get(launch));
            script.ownTime += script.isWaiting ? 0 : now - script.lastSeen;
            script.lastSeen = now;
        }
    }

    private void nobodyHadTheTimeOfAStandStill(long nanos) {
        for (long launch : ledger.scripts().values()) {
            ScriptLife script = Objects.requireNonNull(scripts.get(launch));
            script.ownTime -= script.isWaiting ? 0 : nanos;
            script.lastSign += nanos;
            script.killDue += script.killDue == Lifecycle.NEVER ? 0 : nanos;
        }
    }

    private void limitsCountOwnTime(ServiceName name, ScriptLife script, boolean waited, Moment moment) {
        Optional<Duration> limit = script.limit();
        boolean timed = limit.isPresent() && !script.exited && script.stoppedAt.isEmpty();
        if (!timed || script.is(Script.RUN) || script.isWaiting) {
            return;
        }
        long left = limit.get().toNanos() - script.ownTime;
        require(
                left > 0 || waited || !(moment.input() instanceof Input.TimePassed),
                "no script overruns its limit without being stopped",
                name,
                "has",
                left,
                "ns left");
        require(
                supervisor.nextDeadline() <= moment.now() + Math.max(0, left),
                "there is a timer for every limit",
                name,
                "has",
                left,
                "ns left");
    }

    private void killFollowsTheGrace(ServiceName name, ScriptLife script, Moment moment) {
        if (script.stoppedAt.isEmpty() || script.killedAt.isPresent()) {
            return;
        }
        long due = script.killDue;
        boolean isNew = script.stoppedAt.equals(Optional.of(moment.now()));
        require(
                isNew || moment.now() < due || !(moment.input() instanceof Input.TimePassed),
                "KILL comes once the grace is over",
                name,
                "was not killed");
        require(supervisor.nextDeadline() <= due, "there is a timer for every grace", name);
    }

    /** Nobody is waited for, and no time, once everyone within reach is gone. */
    private static void aStopIsOverWithItsLastProcess(Moment moment) {
        if (moment.input() instanceof Input.Happened(ServiceName name, Event event)
                && event instanceof Event.Cleared(long launch, int left)) {
            require(
                    !isClearing(moment.before().get(name), launch)
                            || !isClearing(moment.after().get(name), launch),
                    "a stop is over with its last process",
                    name);
        }
    }

    private static boolean isClearing(@Nullable Service service, long launch) {
        return service != null
                && service.state() instanceof State.Clearing clearing
                && clearing.of().launch() == launch;
    }

    private void restartsWaitForTheirDelayUnlessStartedByHand(Effect.Launch launch, Moment moment) {
        boolean restarts = moment.wordBefore(launch.service()) == Word.RESTARTING && launch.script() != Script.POST;
        if (!restarts) {
            return;
        }
        boolean byHand = moment.input() instanceof Input.StartRequest
                || moment.input() instanceof Input.RestartRequest
                || isStartedForFailure(launch.service(), moment);
        Service before = Objects.requireNonNull(moment.before().get(launch.service()));
        boolean askedMeanwhile = before.state() instanceof State.Clearing clearing && clearing.again();
        require(
                byHand || askedMeanwhile || isDueByItself(moment),
                "a restart waits for its delay unless it is started by hand",
                launch);
        if (!byHand && !askedMeanwhile) {
            require(
                    moment.now() >= delayedUntil.getOrDefault(launch.service(), 0L),
                    "a restart waits for its delay unless it is started by hand",
                    launch);
        }
    }

    /** A delay is over, or was over before the script was. */
    private static boolean isDueByItself(Moment moment) {
        return moment.input() instanceof Input.TimePassed
                || (moment.input() instanceof Input.Happened(ServiceName _, Event event)
                        && event instanceof Event.Cleared);
    }

    // The record.

    /** What a script may say as often as it likes, and what happens to all services at once. */
    private static boolean isOfNoConsequence(Input input) {
        return input instanceof Input.StoodStill
                || (input instanceof Input.Happened(ServiceName _, Event event)
                        && (event instanceof Event.Pinged || event instanceof Event.Extended));
    }

    private void savesGoBeforeWhatTheyAnnounce(Moment moment) {
        Map<ServiceName, Service> written = new HashMap<>();
        for (Effect effect : moment.effects()) {
            if (effect instanceof Effect.Save save) {
                written.put(save.service().name(), save.service());
            } else if (effect instanceof Effect.Launch launch) {
                Optional<Service> onRecord = Optional.ofNullable(written.get(launch.service()));
                require(
                        onRecord.map(Service::launch).equals(Optional.of(launch.launch())),
                        "what is not on record is not begun",
                        launch,
                        "after",
                        onRecord);
            }
        }
    }

    private void savesTellTheTruth(Moment moment) {
        for (Service service : moment.after().values()) {
            Effect.Save save = saved.get(service.name());
            if (save == null && service.isUntouched()) {
                continue; // its directory was read, and nothing was asked of it
            }
            if (save == null || !save.service().equals(service)) {
                throw new RuleBroken("the record is always what is", service, "is not on record");
            }
            List<Owner> holders = supervisor.holders(service.name());
            require(save.holders().equals(holders), "the record is always what is", save, "is not", holders);
            countsAreThoseOfTheLedger(service.name(), holders);
            holdsBelongToTheLiving(service.name(), holders, moment);
        }
    }

    private static void answersComeLast(Moment moment) {
        boolean answered = false;
        for (Effect effect : moment.effects()) {
            answered |= effect instanceof Effect.Answer;
            require(
                    !answered || effect instanceof Effect.Answer,
                    "whoever is answered finds what was done on record",
                    effect);
        }
    }

    // Requests.

    private void aRefusalNamesItsCauseAndChangesNothing(Moment moment) {
        // Who has lingered long enough goes down with whatever comes first.
        boolean isTimeUp =
                moment.before().values().stream().anyMatch(service -> service.lingersUntil() <= moment.now());
        if ((ledger.refusal().isEmpty() && !ledger.isOverRelease()) || isTimeUp) {
            return;
        }
        String cause = ledger.refusal().orElse("so there is nothing to release");
        boolean names = moment.isWaitedFor()
                ? (moment.effects().size() == 1
                        && moment.effects().getFirst() instanceof Effect.Answer(long request, var failures, var notes)
                        && failures.size() == 1
                        && failures.getFirst().contains(cause))
                : moment.effects().isEmpty();
        require(
                names && moment.before().equals(moment.after()),
                "a refusal names its cause and changes nothing",
                cause,
                moment.effects());
    }

    /** Which the answer names from the caller round to the caller. */
    private void onlyACircleIsRefusedAsOne(Moment moment) {
        for (Effect effect : moment.effects()) {
            if (effect instanceof Effect.Answer answer
                    && !answer.failures().isEmpty()
                    && answer.failures().getFirst().contains(" circle: ")
                    && !answer.failures().getFirst().contains("requires ")) {
                String failure = answer.failures().getFirst();
                List<ServiceName> path = Stream.of(failure.substring(failure.indexOf(" circle: ") + 9)
                                .split(" -> "))
                        .map(Draft::name)
                        .toList();
                for (int i = 1; i + 1 < path.size(); i++) {
                    require(
                            ledger.waitsFor(path.get(i)).contains(path.get(i + 1)),
                            "only a circle is refused as one",
                            failure);
                }
                require(path.getFirst().equals(path.getLast()), "only a circle is refused as one", failure);
            }
        }
    }

    private void requestsAreAnsweredOnceAsTheyMust(Moment moment) {
        for (Effect effect : moment.effects()) {
            if (effect instanceof Effect.Answer answer) {
                require(answered.add(answer.request()), "a request is answered once", answer);
                if (ledger.refusal().isEmpty()) {
                    checkAnswer(answer);
                }
            }
        }
        for (Claim claim : List.copyOf(ledger.claims())) {
            if (claim.request < 0 && claim.open.isEmpty()) {
                ledger.close(claim);
                continue;
            }
            require(
                    !claim.open.isEmpty(),
                    "a request is answered by the first attempt that it waited for",
                    claim.request,
                    "is not answered yet");
        }
    }

    private void checkAnswer(Effect.Answer answer) {
        Claim claim = ledger.claims().stream()
                .filter(c -> c.request == answer.request())
                .findFirst()
                .orElseThrow(() -> new RuleBroken("only who waits is answered", answer.toString()));
        require(
                claim.open.isEmpty(),
                "a request is answered by the first attempt that it waited for, and no sooner",
                answer,
                "while",
                claim.open.keySet(),
                "are open");
        require(
                claim.failed != answer.failures().isEmpty(),
                "an answer says what became of the request",
                answer,
                "of what",
                (claim.failed ? "failed" : "succeeded"));
        ledger.close(claim);
    }

    private void nobodyWaitsInACircle(ServiceName name) {
        Set<ServiceName> front = ledger.waitsFor(name);
        if (front.isEmpty()) {
            return;
        }
        Set<ServiceName> awaited = new HashSet<>();
        while (!front.isEmpty()) {
            Set<ServiceName> further = new HashSet<>();
            for (ServiceName next : front) {
                require(!next.equals(name), "nobody waits in a circle", name, "waits for itself");
                if (awaited.add(next)) {
                    further.addAll(ledger.waitsFor(next));
                }
            }
            front = further;
        }
    }

    // Holds and pins.

    private void countsAreThoseOfTheLedger(ServiceName name, List<Owner> holders) {
        Map<Owner, Integer> counted = holders.isEmpty() ? Map.of() : new HashMap<>();
        for (Owner owner : holders) {
            counted.merge(owner, 1, Integer::sum);
        }
        require(counted.equals(ledger.holders(name)), "counts are right", name, counted, ledger.holders(name));
    }

    private static void holdsBelongToTheLiving(ServiceName name, List<Owner> holders, Moment moment) {
        for (Owner owner : holders) {
            require(
                    !(owner instanceof Owner.Incarnation(ServiceName holder, long number))
                            || moment.incarnationAfter(holder).equals(Optional.of(number)),
                    "a hold goes with the incarnation that owns it",
                    name,
                    "is held by",
                    owner);
        }
    }

    private void pinsAreThoseOfTheLedger(Service service) {
        boolean isPinned = ledger.isPinned(service.name());
        boolean isHeldDown = ledger.isHeldDown(service.name());
        require(service.pinned() == isPinned, "pins are right", service);
        require(service.heldDown() == isHeldDown, "who is held down is right", service);
    }

    // Up and down.

    private void unwantedServicesHeadDown(Service service) {
        boolean mayRun = ledger.isWanted(service.name()) && !ledger.isHeldDown(service.name());
        require(
                mayRun || ledger.isStoppingEverything() || service.isLingering() || !isHeadingUp(Moment.word(service)),
                "what is not wanted, or held down, heads down",
                service);
    }

    private void wantedServicesAreNotLeftDown(Service service) {
        boolean mayRun = ledger.isWanted(service.name()) && !ledger.isHeldDown(service.name());
        require(
                !mayRun || ledger.isStoppingEverything() || Moment.word(service) != Word.STOPPED,
                "what is wanted is not left down",
                service);
    }

    private void nobodyIsStoppedWithoutACause(ServiceName name, Moment moment) {
        boolean asked = switch (moment.input()) {
            case Input.StopRequest stop -> stop.services().contains(name);
            case Input.RestartRequest restart ->
                restart.services().stream()
                        .anyMatch(definition -> definition.name().equals(name));
            case Input.Happened happened -> happened.service().equals(name);
            case Input.TimePassed time -> isDue(name, moment);
            case Input.StoodStill still -> false;
            case Input.StopAllRequest all -> true;
            case Input.StartRequest start -> isAmong(name, start.services()) && isJobOfAnotherDefinition(name, moment);
            case Input.RequireRequest require -> false;
            case Input.ReleaseRequest release -> false;
            case Input.Read read -> false;
            case Input.Adopted adopted -> true;
            case Input.Gone gone -> false;
        };
        require(
                asked
                        || (ledger.isStartedForFailure(name) && isJobOfAnotherDefinition(name, moment))
                        || !ledger.isWanted(name)
                        || ledger.isStoppingEverything(),
                "nobody is stopped by what happens to another",
                name,
                "at",
                Story.say(moment.input()));
    }

    /** It does its work once more in another life. */
    private static boolean isJobOfAnotherDefinition(ServiceName name, Moment moment) {
        return Optional.ofNullable(moment.before().get(name))
                .filter(Service::hasFinished)
                .flatMap(Service::life)
                .filter(life -> !life.definition()
                        .equals(Objects.requireNonNull(moment.after().get(name)).latest()))
                .isPresent();
    }

    private static boolean isDue(ServiceName name, Moment moment) {
        return Objects.requireNonNull(moment.before().get(name)).deadline() <= moment.now();
    }

    private void aStopCancelsARestartAtOnce(Moment moment) {
        if (moment.input() instanceof Input.StopRequest stop && ledger.refusal().isEmpty()) {
            for (ServiceName name : stop.services()) {
                require(
                        !isHeadingUp(moment.wordAfter(name)) || ledger.isStartedForFailure(name),
                        "a stop cancels a restart at once",
                        name);
            }
        }
    }

    private void aStartByHandWaitsForNoDelay(Moment moment) {
        if (moment.input() instanceof Input.StartRequest start
                && ledger.refusal().isEmpty()) {
            for (Definition definition : start.services()) {
                require(
                        !definition.requires().isEmpty()
                                || wasRequiring(definition.name(), moment)
                                || !(Objects.requireNonNull(moment.after().get(definition.name()))
                                                .state()
                                        instanceof State.Restarting),
                        "a start by hand waits for no delay",
                        definition);
            }
        }
    }

    private void aDeathKeepsTheIncarnation(ServiceName name, Moment moment) {
        if (moment.wordBefore(name) == Word.STARTED && moment.wordAfter(name) == Word.RESTARTING) {
            require(
                    moment.incarnationBefore(name).equals(moment.incarnationAfter(name)),
                    "a restart of run keeps the incarnation and its holds",
                    name);
        }
    }

    private void requirersEndBeforeWhatTheyRequire(ServiceName name, Moment moment) {
        boolean byHand = moment.input() instanceof Input.StopRequest stop
                && stop.services().contains(name);
        boolean byItself = moment.input() instanceof Input.Happened happened
                && happened.service().equals(name);
        boolean byTheClock = moment.input() instanceof Input.TimePassed && isDue(name, moment);
        if (!ledger.isStoppingEverything() || byHand || byItself || byTheClock) {
            return;
        }
        Set<ServiceName> requirers = requirers(name);
        for (ServiceName requirer : requirers) {
            require(
                    requirers(requirer).contains(name),
                    "requirers end before what they require",
                    name,
                    "is stopped before",
                    requirer);
        }
    }

    private Set<ServiceName> requirers(ServiceName name) {
        Set<ServiceName> found = new HashSet<>();
        Set<ServiceName> front = ledger.requirers(name);
        while (!front.isEmpty()) {
            Set<ServiceName> further = new HashSet<>();
            for (ServiceName next : front) {
                if (found.add(next)) {
                    further.addAll(ledger.requirers(next));
                }
            }
            front = further;
        }
        return found;
    }

    private static void require(boolean holds, String rule, Object... how) {
        if (!holds) {
            throw new RuleBroken(rule, how);
        }
    }
}
