package bellhop.engine;

import bellhop.core.Effect;
import bellhop.core.Event;
import bellhop.core.Exit;
import bellhop.core.Failure;
import bellhop.core.Input;
import bellhop.core.Life;
import bellhop.core.Lifecycle;
import bellhop.core.Owner;
import bellhop.core.Run;
import bellhop.core.Service;
import bellhop.core.State;
import bellhop.core.Supervisor;
import bellhop.core.Word;
import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why a service has changed: from the input that the core was given, and from how the service was before. The
 * core decides; this only puts into words what led to it.
 */
final class Causes {

    static final String BY_REQUEST = "by request";
    static final String AUTOSTART = "autostart";
    static final String ENABLED = "enabled";
    static final String ADOPTED = "adopted";
    static final String REQUIRED_BY = "required by ";
    static final String FAILURE_OF = "on_failure of ";
    static final String RELEASED_BY = "released by ";
    static final String NOT_REQUIRED = "no longer required";
    static final String STOPPING_ALL = "everything is being stopped";

    private static final long TENTH = 100_000_000L;

    private final Supervisor core;
    /** Each service as it was last told of. */
    private final Map<ServiceName, Seen> seen = new HashMap<>();
    /** Who asked for services that were still on their way down, and are begun once they are down. */
    private final Map<ServiceName, Origin> later = new HashMap<>();
    /** Who had the last hold on services that are kept for a while, or wait until they may go. */
    private final Map<ServiceName, Owner> lastHolders = new HashMap<>();

    private @Nullable Input input;
    private Origin origin = Origin.NONE;
    private Set<ServiceName> named = Set.of();

    Causes(Supervisor core) {
        this.core = core;
    }

    /**
     * A service as it was told of.
     *
     * @param since when it got its word, monotonic nanoseconds; empty if an earlier manager saw that
     */
    private record Seen(Effect.Save save, OptionalLong since) {}

    /** From now on, what changes does so because of this. */
    void handling(Input next, Origin from) {
        input = next;
        origin = from;
        if (next instanceof Input.StartRequest start) {
            named = names(start.services());
        } else if (next instanceof Input.RestartRequest restart) {
            named = names(restart.services());
        } else {
            named = next instanceof Input.StopRequest stop ? new HashSet<>(stop.services()) : Set.of();
        }
    }

    /** What was asked for has been handled: who is still on the way down is begun later, and for the same reason. */
    void handled() {
        if (input instanceof Input.StartRequest || input instanceof Input.RestartRequest) {
            for (ServiceName name : named) {
                if (core.service(name).filter(it -> it.word() == Word.STOPPING).isPresent()) {
                    later.put(name, origin);
                }
            }
        } else if (input instanceof Input.StopRequest && !later.isEmpty()) {
            later.keySet().removeAll(named);
        }
    }

    private static Set<ServiceName> names(List<Definition> definitions) {
        Set<ServiceName> names = new HashSet<>();
        for (Definition definition : definitions) {
            names.add(definition.name());
        }
        return names;
    }

    /** What is new of a service; null if neither its word nor its detail is. */
    @Nullable
    ServiceChange news(Effect.Save save, long now) {
        Service service = save.service();
        Word word = service.word();
        Seen last = seen.get(service.name());
        Effect.Save before = last == null ? null : last.save;
        OptionalLong since = last != null && last.save.service().word() == word ? last.since : OptionalLong.of(now);
        seen.put(service.name(), new Seen(save, since));
        noteHolders(save, before);
        if (before != null
                && before.service().word() == word
                && before.service().detail().equals(service.detail())) {
            return null;
        }
        Origin asked = word == Word.STOPPING || later.isEmpty() ? null : later.remove(service.name());
        if (asked != null && word == Word.STARTING) {
            return new ServiceChange(service, incarnation(service, before), BY_REQUEST, asked);
        }
        return new ServiceChange(service, incarnation(service, before), cause(save, before, now), origin);
    }

    /** A service that an earlier manager left. */
    ServiceChange adopted(Effect.Save save) {
        Service service = save.service();
        seen.put(service.name(), new Seen(save, OptionalLong.empty()));
        return new ServiceChange(service, incarnation(service, null), ADOPTED, Origin.NONE);
    }

    /** When a service got the word that it has, monotonic nanoseconds; empty if this is not known. */
    OptionalLong since(ServiceName name) {
        Seen last = seen.get(name);
        return last == null ? OptionalLong.empty() : last.since;
    }

    private void noteHolders(Effect.Save save, Effect.@Nullable Save before) {
        if (!save.holders().isEmpty()) {
            if (!lastHolders.isEmpty()) {
                lastHolders.remove(save.service().name());
            }
        } else if (before != null && !before.holders().isEmpty()) {
            lastHolders.put(save.service().name(), before.holders().getLast());
        }
    }

    /** A life that is over is told of with its end. */
    private static long incarnation(Service service, Effect.@Nullable Save before) {
        Life life = service.life().orElse(null);
        if (life == null && before != null) {
            life = before.service().life().orElse(null);
        }
        return life == null ? 0 : life.incarnation();
    }

    private String cause(Effect.Save save, Effect.@Nullable Save before, long now) {
        Service service = save.service();
        ServiceName name = service.name();
        if (named.contains(name)) {
            return origin.isBoot() ? service.latest().autostart() ? AUTOSTART : ENABLED : BY_REQUEST;
        }
        if (input instanceof Input.ReleaseRequest release && release.service().equals(name)) {
            Owner last = lastHolders.remove(name);
            return last == null ? NOT_REQUIRED : RELEASED_BY + last;
        }
        if (input instanceof Input.Happened(ServiceName of, Event event)
                && of.equals(name)
                && service.word() != Word.STARTING) {
            return happened(event, before, now);
        }
        return followed(save, before);
    }

    /** What the event of the service itself says; a {@code switch} over types would take a boot a millisecond. */
    private static String happened(Event event, Effect.@Nullable Save before, long now) {
        Run run = before == null ? null : before.service().run().orElse(null);
        if (event instanceof Event.Spawned) {
            return "run was started";
        }
        if (event instanceof Event.BecameReady) {
            return "run is ready";
        }
        if (event instanceof Event.ScriptExited(long _, Exit exit)) {
            return script(run) + " " + exit.phrase() + after(run, now);
        }
        if (event instanceof Event.Cleared) {
            return "all its processes have ended";
        }
        if (event instanceof Event.SpawnFailed(long _, String why)) {
            return script(run) + " could not be run: " + why;
        }
        if (event instanceof Event.Unhealthy(long _, String why)) {
            return "unhealthy: " + why;
        }
        if (event instanceof Event.Lacking(long _, String why)) {
            return why;
        }
        return event instanceof Event.StopAnnounced ? "run announced its end" : "stopping was cut short";
    }

    private static String script(@Nullable Run run) {
        return run == null ? "a script" : run.script().fileName();
    }

    /** Without a formatter: its first use takes as long as a launch. */
    private static String after(@Nullable Run run, long now) {
        if (run == null) {
            return "";
        }
        long tenths = (now - run.since() + TENTH / 2) / TENTH;
        return " after " + tenths / 10 + "." + tenths % 10 + " s";
    }

    /** What has changed because another one did, or because it was time. */
    private String followed(Effect.Save save, Effect.@Nullable Save before) {
        Service service = save.service();
        State was = before == null ? null : before.service().state();
        return switch (service.word()) {
            case STARTING -> started(save, was, before);
            case STARTED -> was instanceof State.Requiring ? "what it requires has started" : "ready";
            case STOPPING, STOPPED -> unwanted(service, was, before);
            case RESTARTING, FAILED, FINISHED -> failed(was);
        };
    }

    private String started(Effect.Save save, @Nullable State was, Effect.@Nullable Save before) {
        if (was instanceof State.Restarting) {
            return "the delay before its restart is over";
        }
        Failure failure = save.service().life().flatMap(Life::failure).orElse(null);
        if (failure != null && (before == null || before.service().isAtEnd())) {
            return FAILURE_OF + failure.service();
        }
        boolean isRestarted = before != null && before.service().word() == Word.RESTARTING;
        return isRestarted ? "its restart has no delay left" : required(save, before);
    }

    private static String failed(@Nullable State was) {
        if (was instanceof State.Requiring) {
            return "what it requires did not start";
        }
        return was instanceof State.Up ? "no sign of life" : "timed out";
    }

    private String required(Effect.Save save, Effect.@Nullable Save before) {
        List<Owner> fresh = new ArrayList<>(save.holders());
        if (before != null) {
            fresh.removeAll(before.holders());
        }
        List<Owner> holders = fresh.isEmpty() ? save.holders() : fresh;
        return holders.isEmpty() ? BY_REQUEST : REQUIRED_BY + shown(holders.getFirst());
    }

    private static String shown(Owner holder) {
        return holder instanceof Owner.Device ? "device " + holder : holder.toString();
    }

    private String unwanted(Service service, @Nullable State was, Effect.@Nullable Save before) {
        if (input instanceof Input.StopAllRequest || core.isStoppingEverything()) {
            return STOPPING_ALL;
        }
        if (was instanceof State.Launching || was instanceof State.Preparing || was instanceof State.CleaningUp) {
            if (input instanceof Input.TimePassed) {
                return "timed out";
            }
        }
        if (before != null && before.service().lingersUntil() != Lifecycle.NEVER) {
            return NOT_REQUIRED + ", and the time to linger is over";
        }
        Owner last = lastHolders.remove(service.name());
        return last == null ? NOT_REQUIRED : NOT_REQUIRED + " by " + shown(last);
    }
}
