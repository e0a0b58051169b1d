package bellhop.core;

import bellhop.definition.ServiceName;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One input, what was to be done about it, and how the services were before and after. */
record Moment(
        long now,
        Input input,
        Map<ServiceName, Service> before,
        Map<ServiceName, Service> after,
        Set<ServiceName> changed,
        List<Effect> effects) {

    Moment(
            long now,
            Input input,
            Map<ServiceName, Service> before,
            Map<ServiceName, Service> after,
            List<Effect> effects) {
        this(now, input, before, after, new LinkedHashSet<>(), effects);
        after.forEach((name, service) -> {
            if (!service.equals(before.get(name))) {
                changed.add(name);
            }
        });
    }

    /** Whether somebody waits for an answer to this input. */
    boolean isWaitedFor() {
        return switch (input) {
            case Input.StartRequest start -> start.request() != Input.NOBODY;
            case Input.StopRequest stop -> stop.request() != Input.NOBODY;
            case Input.RestartRequest restart -> restart.request() != Input.NOBODY;
            case Input.StopAllRequest all -> all.request() != Input.NOBODY;
            case Input.RequireRequest require -> require.request() != Input.NOBODY;
            case Input.ReleaseRequest release -> release.request() != Input.NOBODY;
            case Input.Read read -> false;
            case Input.Adopted adopted -> false;
            case Input.Gone gone -> false;
            case Input.Happened happened -> false;
            case Input.TimePassed time -> false;
            case Input.StoodStill still -> false;
        };
    }

    Word wordBefore(ServiceName name) {
        return word(before, name);
    }

    Word wordAfter(ServiceName name) {
        return word(after, name);
    }

    Optional<Long> incarnationBefore(ServiceName name) {
        return incarnation(before, name);
    }

    Optional<Long> incarnationAfter(ServiceName name) {
        return incarnation(after, name);
    }

    /** Whether an incarnation of the service ended. */
    boolean isEnd(ServiceName name) {
        Optional<Long> ended = incarnationBefore(name);
        return ended.isPresent() && !ended.equals(incarnationAfter(name));
    }

    /** Whether the service was up or on its way up, and is no longer. */
    boolean isStopped(ServiceName name) {
        return isHeadingUp(wordBefore(name)) && !isHeadingUp(wordAfter(name));
    }

    static boolean isDown(Word word) {
        return word == Word.STOPPED || word == Word.FAILED || word == Word.FINISHED;
    }

    static boolean isHeadingUp(Word word) {
        return word == Word.STARTING || word == Word.STARTED || word == Word.RESTARTING;
    }

    static Word word(Map<ServiceName, Service> services, ServiceName name) {
        Service service = services.get(name);
        return service == null ? Word.STOPPED : word(service);
    }

    /** A job that has finished is up as long as it lives, and only its word is that of one that is down. */
    static Word word(Service service) {
        return service.word() == Word.FINISHED && service.life().isPresent() ? Word.STARTED : service.word();
    }

    static Optional<Long> incarnation(Map<ServiceName, Service> services, ServiceName name) {
        return Optional.ofNullable(services.get(name)).flatMap(Service::life).map(Life::incarnation);
    }

    /** Whether this one was up, or on its way up, when it should have been started for a failure: it is only pinned. */
    boolean keepsUp(ServiceName name) {
        String said = "on_failure: " + name + ": not started again";
        return effects.stream()
                .anyMatch(it -> it instanceof Effect.Warn(ServiceName _, String line) && line.startsWith(said));
    }
}
