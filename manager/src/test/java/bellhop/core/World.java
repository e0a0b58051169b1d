package bellhop.core;

import bellhop.DefinitionBuilder;
import bellhop.definition.Definition;
import bellhop.definition.KillMode;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One simulated world: a few services, the core that looks after them, a kernel that is not there, and a
 * crowd that asks for this and that. All of it follows from one seed.
 */
final class World {

    /** More than any world needs to come to rest. */
    private static final int MOST_EVENTS = 5_000;

    /** Nothing but signs of life for so long: nothing else is to come. */
    private static final Duration QUIET = Duration.ofMinutes(5);

    private static final List<ServiceName> NAMES =
            List.of(Draft.name("a"), Draft.name("b"), Draft.name("c"), Draft.name("d"), Draft.name("e"));

    private final Chance chance;
    private final Story story;
    private final VirtualClock clock = new VirtualClock();
    private Supervisor supervisor = new Supervisor(1, () -> "secret");
    private final Ledger ledger = new Ledger();
    private final CrashRules crashRules;
    /** Whether the manager of this world is killed now and then. */
    private final boolean isDangerous;
    /** What is on record of each service. */
    private final Map<ServiceName, Effect.Save> records = new HashMap<>();

    private boolean calm;
    private boolean managerRuns = true;
    /** Whether the manager alone stands still; whatever comes for it waits until it goes on. */
    private boolean standsStill;

    private final Deque<Input> unread = new ArrayDeque<>();
    private int crashes;
    private final FakeKernel kernel;
    private final Crowd crowd;
    private final Invariants invariants;
    private final Map<ServiceName, Definition> directories = new HashMap<>();
    private final List<ServiceName> names;

    private Map<ServiceName, Service> seen = Map.of();
    private long timer = Lifecycle.NEVER;
    private long lastNews;
    private int events;

    World(long seed, Story story) {
        this.story = story;
        chance = new Chance(seed);
        names = NAMES.subList(0, chance.either(1, 2, 2, 3, 3, 4, 5));
        names.forEach(name -> directories.put(name, anything(name)));
        kernel = new FakeKernel(clock, chance, this::tell);
        crowd = new Crowd(this, chance, clock, kernel);
        kernel.plays(crowd::perform, crowd::bury);
        invariants = new Invariants(supervisor, kernel, ledger);
        crashRules = new CrashRules(kernel);
        isDangerous = chance.oneIn(3);
    }

    /** Lets it live, calm down, and stop; returns how many things happened. */
    int live() {
        story.setting(directories.values());
        crowd.gather();
        settle();
        story.chapter(clock.now(), "everybody calms down");
        calm = true;
        while ((!managerRuns || standsStill) && clock.tick()) {}
        crowd.calmDown();
        tell(straightened());
        kernel.calmDown();
        comeToRest();
        checkAtRest();
        story.chapter(clock.now(), "at rest; everything is stopped");
        crowd.stopEverything();
        comeToRest();
        checkAtRest();
        if (crashes == 0) {
            invariants.checkAllStopped();
        }
        crashRules.checkAllStopped(supervisor);
        return events;
    }

    private void checkAtRest() {
        if (crashes == 0) {
            invariants.checkAtRest();
        }
        crashRules.checkAtRest(supervisor, crowd.waiting());
    }

    // What the crowd may look at.

    List<ServiceName> names() {
        return names;
    }

    Supervisor supervisor() {
        return supervisor;
    }

    Ledger ledger() {
        return ledger;
    }

    /** What the directory of a service says now; now and then somebody has changed it. */
    Definition read(ServiceName name) {
        if (chance.oneIn(12)) {
            directories.put(name, anything(name));
        }
        return directories.getOrDefault(name, Draft.of(name).definition());
    }

    /** What all directories say now; of some it cannot be used. */
    Input.Read readAll() {
        List<Definition> usable = new ArrayList<>();
        Map<ServiceName, String> unusable = new HashMap<>();
        for (ServiceName name : names) {
            Definition definition = read(name);
            if (chance.oneIn(10)) {
                unusable.put(name, "its service.yaml has errors");
            } else if (!chance.oneIn(10)) {
                usable.add(definition);
            }
        }
        return new Input.Read(usable, unusable);
    }

    /** Whatever is wrong with the directories is mended: no circles, all can be used. */
    private Input.Read straightened() {
        List<Definition> all = new ArrayList<>();
        for (ServiceName name : names) {
            directories.computeIfPresent(name, (n, directory) -> straight(directory));
            all.add(Objects.requireNonNull(directories.get(name)));
        }
        return new Input.Read(all, Map.of());
    }

    private static Definition straight(Definition d) {
        return DefinitionBuilder.of(d.name(), d.directory(), d.commands())
                .restart(d.restart())
                .stop(d.stop())
                .timeout(Script.PRE, d.timeouts().get(Script.PRE))
                .timeout(Script.RUN, d.timeouts().get(Script.RUN))
                .timeout(Script.POST, d.timeouts().get(Script.POST))
                .requires(d.requires().stream()
                        .filter(other -> other.compareTo(d.name()) > 0)
                        .toList())
                .ready(d.ready().orElse(null))
                .health(d.health().orElse(null))
                .linger(d.linger())
                .exits(d.exits())
                .onFailure(d.onFailure())
                .optional(d.optional()
                        .map(optional -> optional.stream()
                                .filter(other -> other.compareTo(d.name()) > 0)
                                .toList()))
                .build();
    }

    private Definition anything(ServiceName name) {
        Draft draft = Draft.of(name)
                .restart(chance.either(RestartPolicy.values()))
                .killMode(chance.either(KillMode.ALL, KillMode.ALL, KillMode.GROUP, KillMode.PROCESS))
                .restartDelay(
                        Duration.ofMillis(chance.either(0, 100, 100, 3_000)),
                        Duration.ofMillis(chance.either(100, 400, 10_000)))
                .stopGracePeriod(Duration.ofMillis(chance.either(0, 500, 3_000, 10_000)));
        if (chance.oneIn(6)) {
            draft.without(Script.RUN);
        }
        for (Script script : List.of(Script.PRE, Script.POST)) {
            if (!chance.oneIn(4)) {
                draft.with(script);
            }
            draft.limit(script, Duration.ofMillis(chance.either(1, 2_000, 10_000)));
            if (chance.oneIn(5)) {
                draft.noLimit(script);
            }
        }
        List<ServiceName> required = new ArrayList<>();
        for (int more = chance.either(0, 0, 0, 1, 1, 2); more > 0; more--) {
            ServiceName other = chance.of(names);
            if (chance.oneIn(5) || other.compareTo(name) > 0) {
                required.add(other);
            }
        }
        draft.requires(required);
        draft.optional(
                required.stream().filter(it -> chance.oneIn(3)).distinct().toList());
        if (chance.oneIn(3)) {
            draft.saysReady(Duration.ofMillis(chance.either(50_000, 60_000)));
            if (chance.oneIn(2)) {
                draft.watchdog(Duration.ofSeconds(chance.either(10, 30)));
            }
        }
        if (chance.oneIn(4)) {
            draft.health();
        }
        if (chance.oneIn(4)) {
            draft.linger(Duration.ofMillis(chance.either(100, 30_000)));
        }
        if (chance.oneIn(3)) {
            int times = chance.between(1, 3);
            if (chance.oneIn(2)) {
                draft.restartLimit(times);
            } else {
                draft.restartLimit(times, Duration.ofSeconds(chance.either(1, 10, 60)));
            }
        }
        if (chance.oneIn(5)) {
            draft.with(Script.RUN).job().restart(chance.either(RestartPolicy.ON_FAILURE, RestartPolicy.NO));
            if (chance.oneIn(2)) {
                draft.noLimit(Script.RUN);
            } else {
                draft.limit(Script.RUN, Duration.ofMillis(chance.either(1, 2_000, 60_000)));
            }
        }
        if (chance.oneIn(3)) {
            draft.onFailure(names.stream()
                    .filter(other -> !other.equals(name) && chance.oneIn(2))
                    .toList());
        }
        if (chance.oneIn(3)) {
            draft.success(chance.either("0", "1", "3", "TERM", "SEGV"));
        }
        if (chance.oneIn(3)) {
            draft.prevent(chance.either("0", "1", "3", "TERM", "SEGV"));
        }
        return draft.definition();
    }

    // How it goes on.

    /** Tells the core, checks every rule, and does what is to be done. */
    void tell(Input input) {
        if (!managerRuns) {
            crowd.loseManager();
            return;
        }
        if (standsStill) {
            unread.add(input);
            return;
        }
        events++;
        Map<ServiceName, Service> before = seen;
        ledger.foresee(input, before);
        List<Effect> effects = supervisor.handle(input, clock.now());
        seen = look();
        story.tell(clock.now(), input, effects);
        Moment moment = new Moment(clock.now(), input, before, seen, effects);
        Invariants.nothingIsLeftToDo(supervisor, clock.now());
        if (crashes == 0) {
            invariants.check(moment);
        }
        crashRules.check(moment, supervisor);
        boolean isPing =
                input instanceof Input.Happened(ServiceName name, Event event) && event instanceof Event.Pinged;
        if (!isPing && !seen.equals(before)) {
            lastNews = clock.now();
        }
        boolean crashesNow = isDangerous && !calm && chance.oneIn(40);
        int carriedOut = crashesNow ? chance.between(0, effects.size()) : effects.size();
        effects.subList(0, carriedOut).forEach(this::carryOut);
        if (crashesNow) {
            crash(effects.size() - carriedOut);
        } else {
            setTimer();
            kernel.answerAdoptions();
            if (!calm && chance.oneIn(80)) {
                clock.after(Duration.ZERO, this::standStill);
            }
        }
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Launch launch -> {
                crashRules.launched(launch);
                kernel.launch(launch);
            }
            case Effect.End end -> kernel.end(end);
            case Effect.Reap reap -> kernel.reap(reap);
            case Effect.Answer answer -> crowd.hear(answer);
            case Effect.Save save -> {
                records.put(save.service().name(), save);
                crashRules.recorded(save);
            }
            case Effect.CheckHealth check -> crowd.check(check);
            case Effect.Adopt adopt -> kernel.adopt(adopt);
            case Effect.Warn warn -> {}
        }
    }

    /** The manager is killed, and some time later there is another, which knows only what is on record. */
    private void crash(int lostEffects) {
        story.chapter(clock.now(), "the manager is killed, " + lostEffects + " effects are lost");
        crashes++;
        managerRuns = false;
        timer = Lifecycle.NEVER;
        kernel.loseManager();
        crowd.loseManager();
        clock.after(chance.oneIn(3) ? chance.upTo(Duration.ofSeconds(60)) : chance.delay(), this::startManager);
    }

    /** The manager is stopped, or everybody is frozen with it. */
    private void standStill() {
        if (calm || standsStill || !managerRuns) {
            return;
        }
        Duration time = Duration.ofSeconds(1).plus(chance.upTo(Duration.ofSeconds(30)));
        if (chance.oneIn(2)) {
            story.chapter(clock.now(), "everybody is frozen");
            clock.freeze(time);
            goOn(time);
        } else {
            story.chapter(clock.now(), "the manager stands still");
            standsStill = true;
            clock.after(time, () -> goOn(time));
        }
    }

    /** What lies there is read first; what is due by now, is due after that. */
    private void goOn(Duration stillFor) {
        story.chapter(clock.now(), "the manager goes on");
        standsStill = false;
        List<Input> all = new ArrayList<>(unread);
        unread.clear();
        tell(new Input.StoodStill(stillFor.toNanos()));
        all.forEach(this::tell);
        tell(new Input.TimePassed(clock.now()));
    }

    private void startManager() {
        supervisor = new Supervisor(crashRules.greatestNumber() + 1, () -> "secret");
        seen = Map.of();
        managerRuns = true;
        crashRules.forget();
        tell(readAll());
        if (managerRuns) {
            crashRules.expect(records.values());
            tell(new Input.Adopted(List.copyOf(records.values())));
        }
    }

    private Map<ServiceName, Service> look() {
        Map<ServiceName, Service> now = HashMap.newHashMap(names.size());
        for (Service service : supervisor.services()) {
            now.put(service.name(), service);
        }
        return now;
    }

    private void setTimer() {
        long deadline = supervisor.nextDeadline();
        if (deadline != Lifecycle.NEVER && deadline != timer) {
            long late = chance.oneIn(3) ? chance.delay().toNanos() : 0;
            clock.at(Math.max(deadline, clock.now()) + late, () -> ring(deadline));
        }
        timer = deadline;
    }

    /** A timer that was overtaken by another rings all the same. */
    private void ring(long deadline) {
        if (!standsStill && (timer == deadline || chance.oneIn(4))) {
            timer = Lifecycle.NEVER;
            tell(new Input.TimePassed(clock.now()));
        }
    }

    private void settle() {
        while (crowd.isBusy() && events < MOST_EVENTS && clock.tick()) {}
    }

    private void comeToRest() {
        lastNews = clock.now();
        while (clock.now() - lastNews < QUIET.toNanos() && clock.tick()) {
            if (events > MOST_EVENTS) {
                throw new RuleBroken(
                        "every world comes to rest", "this one goes on and on: " + new ArrayList<>(seen.values()));
            }
        }
    }
}
