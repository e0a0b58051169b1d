package bellhop.core;

import bellhop.definition.Definition;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What happened in a simulated world, one line for each thing that was told, and what was to be done about it. */
final class Story {

    /** Nobody listens: costs nothing. */
    static final Story UNTOLD = new Story(Optional.empty());

    private final Optional<StringBuilder> text;

    private Story(Optional<StringBuilder> text) {
        this.text = text;
    }

    static Story told() {
        return new Story(Optional.of(new StringBuilder()));
    }

    void setting(Collection<Definition> services) {
        text.ifPresent(t -> services.forEach(d -> t.append(describe(d)).append('\n')));
    }

    void chapter(long now, String title) {
        text.ifPresent(t -> t.append(time(now)).append("-- ").append(title).append('\n'));
    }

    void tell(long now, Input input, List<Effect> effects) {
        text.ifPresent(t -> {
            t.append(time(now)).append(say(input)).append('\n');
            for (Effect effect : effects) {
                t.append(" ".repeat(16)).append("=> ").append(say(effect)).append('\n');
            }
        });
    }

    @Override
    public String toString() {
        return text.map(StringBuilder::toString).orElse("(untold)");
    }

    private static String time(long now) {
        return String.format(Locale.ROOT, "%12.6f s  ", now / 1e9);
    }

    private static String describe(Definition definition) {
        String scripts = List.of(Script.values()).stream()
                .filter(definition::has)
                .map(script -> script.fileName()
                        + Optional.ofNullable(definition.timeouts().get(script))
                                .map(limit -> " (limit " + limit.toMillis() + " ms)")
                                .orElse(""))
                .collect(Collectors.joining(" "));
        return "  service " + definition.name() + ": " + scripts + "; restart "
                + definition.restart().policy() + " after "
                + definition.restart().delay().toMillis() + " ms; kill mode "
                + definition.stop().killMode() + ", grace "
                + definition.stop().gracePeriod().toMillis() + " ms; requires " + definition.requires()
                + "; ready " + definition.ready() + "; health "
                + definition.health().isPresent() + "; linger " + definition.linger() + "; limit "
                + definition.restart().limit();
    }

    static String say(Input input) {
        return switch (input) {
            case Input.StartRequest(long request, Caller caller, List<Definition> services) ->
                ask(request, caller, "start " + names(services));
            case Input.StopRequest stop -> ask(stop.request(), stop.caller(), "stop " + stop.services());
            case Input.RestartRequest(long request, Caller caller, List<Definition> services) ->
                ask(request, caller, "restart " + names(services));
            case Input.StopAllRequest(long request, Caller caller) -> ask(request, caller, "stopall");
            case Input.RequireRequest(long request, Caller caller, Optional<Owner> owner, Definition service) ->
                ask(request, caller, "require " + service.name() + as(owner));
            case Input.ReleaseRequest release ->
                ask(release.request(), release.caller(), "release " + release.service() + as(release.owner()));
            case Input.Read read -> "read " + names(read.definitions()) + ", unusable " + read.unusable();
            case Input.Adopted adopted ->
                "a new manager adopts " + adopted.records().size() + " services";
            case Input.Gone(long request) -> "the client of #" + request + " is gone";
            case Input.Happened happened -> happened.service() + ": " + say(happened.event());
            case Input.TimePassed t -> "time passed";
            case Input.StoodStill(long nanos) -> "the manager finds that it stood still for " + nanos + " ns";
        };
    }

    private static String ask(long request, Caller caller, String what) {
        String who = switch (caller) {
            case Caller.Operator o -> "operator";
            case Caller.ScriptCaller script -> script.service() + " in incarnation " + script.incarnation();
        };
        return "#" + request + " " + who + ": " + what;
    }

    private static String as(Optional<Owner> owner) {
        return owner.map(o -> " as " + o.getClass().getSimpleName() + " " + o).orElse("");
    }

    private static String names(List<Definition> services) {
        return services.stream().map(Definition::name).toList().toString();
    }

    private static String say(Event event) {
        return switch (event) {
            case Event.Provided(long incarnation) -> "incarnation " + incarnation + " has what it requires";
            case Event.Lacking(long incarnation, String why) -> "incarnation " + incarnation + " " + why;
            case Event.Spawned(long launch, int pid) -> "launch " + launch + " is process " + pid;
            case Event.SpawnFailed(long launch, String why) -> "launch " + launch + " failed: " + why;
            case Event.ScriptExited(long launch, Exit exit) -> "launch " + launch + " " + exit.phrase();
            case Event.Cleared(long launch, int left) ->
                "launch " + launch + " is cleared" + (left == 0 ? "" : ", " + left + " left alive");
            case Event.BecameReady(long launch) -> "launch " + launch + " is ready";
            case Event.Extended(long launch, long nanos) -> "launch " + launch + " needs " + nanos + " ns more";
            case Event.Pinged(long launch) -> "launch " + launch + " is well";
            case Event.StopAnnounced(long launch) -> "launch " + launch + " is leaving";
            case Event.Unhealthy(long launch, String why) -> "launch " + launch + " is unhealthy: " + why;
            case Event.Begin b -> "begin";
            case Event.Halt h -> "halt";
            case Event.DeadlinePassed d -> "deadline passed";
            case Event.ClockStopped c -> "clock stopped";
            case Event.ClockResumed c -> "clock resumed";
        };
    }

    private static String say(Effect effect) {
        return switch (effect) {
            case Effect.Save(Service service, List<Owner> holders, List<Owner> unanswered) ->
                "save " + service.name() + ": " + service.word().text() + (service.pinned() ? ", pinned" : "")
                        + (service.heldDown() ? ", held down" : "") + (holders.isEmpty() ? "" : ", held by " + holders)
                        + "  " + service.state().getClass().getSimpleName();
            case Effect.Launch launch ->
                "launch " + launch.launch() + ": " + launch.script().fileName() + " of " + launch.service()
                        + " in incarnation " + launch.life().incarnation();
            case Effect.End end -> "send " + end.signal() + " to launch " + end.launch() + " of " + end.service();
            case Effect.Adopt adopt ->
                "adopt launch " + adopt.run().launch() + " of " + adopt.service() + " in incarnation "
                        + adopt.life().incarnation();
            case Effect.Warn(ServiceName service, String what) -> "warn: " + service + ": " + what;
            case Effect.CheckHealth check -> "check health of launch " + check.launch() + " of " + check.service();
            case Effect.Reap reap -> "reap launch " + reap.launch() + " of " + reap.service();
            case Effect.Answer(long request, List<String> failures, List<String> notes) ->
                "answer #" + request + ": " + (failures.isEmpty() ? "done" : failures)
                        + (notes.isEmpty() ? "" : " " + notes);
        };
    }
}
