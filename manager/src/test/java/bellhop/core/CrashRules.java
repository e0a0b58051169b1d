package bellhop.core;

import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules that hold even where managers are killed, whatever of their decisions they have carried out. They are
 * checked against what the kernel knows and what was on record, over all managers of a world.
 */
final class CrashRules {

    private final FakeKernel kernel;
    private final Map<Long, Integer> posts = new HashMap<>();
    private final Map<Long, Life> lives = new HashMap<>();
    /** The incarnations whose pre succeeded, or that have none. */
    private final Set<Long> prepared = new HashSet<>();

    private final Set<Long> launches = new HashSet<>();
    private final Set<Long> answered = new HashSet<>();
    private final Map<ServiceName, Effect.Save> saved = new HashMap<>();
    private Optional<Map<ServiceName, Effect.Save>> expected = Optional.empty();
    private long greatestNumber;
    private int adoptions;

    CrashRules(FakeKernel kernel) {
        this.kernel = kernel;
    }

    /** The greatest number that any manager has put on record. */
    long greatestNumber() {
        return greatestNumber;
    }

    /** The next input is the adoption of these. */
    void expect(Collection<Effect.Save> records) {
        Map<ServiceName, Effect.Save> byName = new HashMap<>();
        records.forEach(record -> byName.put(record.service().name(), record));
        expected = Optional.of(byName);
        adoptions++;
    }

    /** Another manager begins, and knows nothing yet. */
    void forget() {
        saved.clear();
    }

    void check(Moment moment, Supervisor supervisor) {
        boolean isAdoption = moment.input() instanceof Input.Adopted;
        for (Effect effect : moment.effects()) {
            switch (effect) {
                case Effect.Save save -> note(save);
                case Effect.Launch launch -> check(launch);
                case Effect.Answer answer ->
                    require(answered.add(answer.request()), "a request is answered once", answer);
                case Effect.End end -> {}
                case Effect.Reap reap -> {}
                case Effect.CheckHealth check -> {}
                case Effect.Adopt adopt -> require(isAdoption, "nothing is adopted later on", adopt);
                case Effect.Warn warn -> {}
            }
        }
        for (Service service : moment.after().values()) {
            Effect.Save save = saved.get(service.name());
            require(
                    save == null ? service.isUntouched() : save.service().equals(service),
                    "the record is always what is",
                    service);
            for (Owner owner : supervisor.holders(service.name())) {
                require(
                        !(owner instanceof Owner.Incarnation(ServiceName holder, long number))
                                || moment.incarnationAfter(holder).equals(Optional.of(number)),
                        "a hold goes with the incarnation that owns it",
                        service.name(),
                        owner);
            }
        }
        if (isAdoption) {
            whatWasOnRecordGoesOn(moment, supervisor);
            expected = Optional.empty();
        }
    }

    private void note(Effect.Save save) {
        saved.put(save.service().name(), save);
        greatestNumber = Math.max(
                greatestNumber,
                Math.max(save.service().incarnation(), save.service().launch()));
    }

    /** It is on record by now. */
    void recorded(Effect.Save save) {
        save.service().life().ifPresent(life -> {
            lives.put(life.incarnation(), life);
            if (save.service().state() instanceof State.Launching
                    || save.service().isUp()) {
                prepared.add(life.incarnation());
            }
        });
    }

    private void check(Effect.Launch launch) {
        kernel.scriptThatMayLive(launch.service()).ifPresent(other -> {
            throw new RuleBroken("there is never more than one script of a service", launch, other.launch);
        });
        require(launches.add(launch.launch()), "launch numbers are never reused", launch);
    }

    /** It is carried out, and not lost with the manager that decided on it. */
    void launched(Effect.Launch launch) {
        if (launch.script() == Script.POST) {
            require(launch.life().end().isPresent(), "post is told how run ended", launch);
            int count = posts.merge(launch.life().incarnation(), 1, Integer::sum);
            require(count <= 1 + adoptions, "post runs once for each pre that succeeded", launch, count);
        } else {
            require(
                    !posts.containsKey(launch.life().incarnation()),
                    "nothing of an incarnation is run after its post",
                    launch);
        }
    }

    /** Holds by what is on record: what was not answered is gone, and so is what ended lives held. */
    private void whatWasOnRecordGoesOn(Moment moment, Supervisor supervisor) {
        Map<ServiceName, Effect.Save> records = expected.orElseThrow();
        records.forEach((name, record) -> {
            Service left = record.service();
            Service now = Optional.ofNullable(moment.after().get(name))
                    .orElseThrow(() -> new RuleBroken("what is on record is adopted", left));
            boolean isPinnedForFailure = now.pinned() && (now.failure().isPresent() || moment.keepsUp(name));
            require(now.pinned() == left.pinned() || isPinnedForFailure, "pins outlive a manager", left, now);
            boolean endsNow = moment.effects().stream()
                    .anyMatch(effect ->
                            effect instanceof Effect.End end && end.service().equals(name));
            if (left.run().isPresent() && !endsNow) {
                require(
                        now.launch() == left.launch() && now.incarnation() == left.incarnation(),
                        "what ran runs on",
                        left,
                        now);
            }
            List<Owner> due = new ArrayList<>(record.holders());
            record.unanswered().forEach(due::remove);
            due.removeIf(owner -> owner instanceof Owner.Incarnation(ServiceName holder, long number)
                    && !lives(records.get(holder), number));
            List<Owner> held = new ArrayList<>(supervisor.holders(name));
            for (Owner owner : due) {
                boolean goesDown = owner instanceof Owner.Incarnation(ServiceName holder, long number)
                        && !moment.incarnationAfter(holder).equals(Optional.of(number));
                require(held.remove(owner) || goesDown, "holds outlive a manager", name, owner);
            }
            for (Owner owner : held) {
                require(
                        owner instanceof Owner.Incarnation(ServiceName holder, long number)
                                && Optional.ofNullable(moment.after().get(holder))
                                        .flatMap(Service::life)
                                        .filter(life ->
                                                life.definition().requires().contains(name))
                                        .isPresent(),
                        "nothing is held twice",
                        name,
                        owner);
            }
        });
    }

    private static boolean lives(Effect.@Nullable Save holder, long number) {
        return holder != null
                && holder.service().incarnation() == number
                && !(holder.service().state() instanceof State.Requiring);
    }

    /** Nothing is left to happen. */
    void checkAtRest(Supervisor supervisor, Set<Long> waiting) {
        require(waiting.isEmpty(), "every request is answered", waiting);
        require(
                kernel.zombie().isEmpty(),
                "nobody is forgotten",
                kernel.zombie().map(z -> z.service));
        for (Service service : supervisor.services()) {
            Word word = Moment.word(service);
            boolean wanted =
                    service.pinned() || !supervisor.holders(service.name()).isEmpty();
            boolean mayRun = wanted && !service.heldDown();
            require(
                    mayRun ? word == Word.STARTED || word == Word.FAILED || word == Word.FINISHED : Moment.isDown(word),
                    "in the end what is wanted is up, and what is not wanted is down",
                    service);
            require(
                    !Moment.isDown(word)
                            || kernel.scriptThatMayLive(service.name()).isEmpty(),
                    "nobody is forgotten",
                    service);
        }
        for (Map.Entry<Long, Life> life : lives.entrySet()) {
            boolean isOver = supervisor.services().stream().noneMatch(s -> s.incarnation() == life.getKey());
            boolean isDue = isOver
                    && prepared.contains(life.getKey())
                    && life.getValue().definition().has(Script.POST);
            require(!isDue || posts.containsKey(life.getKey()), "post runs for each pre that succeeded", life);
            require(!isOver || !kernel.isAnybodyLeft(life.getValue()), "nobody is forgotten", life);
        }
    }

    /** Everything was stopped. */
    void checkAllStopped(Supervisor supervisor) {
        for (Service service : supervisor.services()) {
            require(
                    Moment.isDown(Moment.word(service))
                            && supervisor.holders(service.name()).isEmpty()
                            && !service.pinned(),
                    "a stop of everything stops everything",
                    service);
        }
        require(!supervisor.isStoppingEverything(), "a stop of everything comes to an end", "it has not");
    }

    private static void require(boolean kept, String rule, Object... how) {
        if (!kept) {
            throw new RuleBroken(rule, how);
        }
    }
}
