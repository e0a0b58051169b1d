package bellhop.core;

import bellhop.core.Lifecycle.Effect;
import bellhop.core.Lifecycle.Life;
import bellhop.core.Lifecycle.Word;
import bellhop.definition.ServiceName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One input, what was to be done about it, and how the services were before and after. */
record Moment(
        long now,
        Input input,
        Map<ServiceName, Service> before,
        Map<ServiceName, Service> after,
        List<Effect> effects) {

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

    static boolean isDown(Word word) {
        return word == Word.STOPPED || word == Word.FAILED || word == Word.FINISHED;
    }

    static boolean isHeadingUp(Word word) {
        return word == Word.STARTING || word == Word.STARTED || word == Word.RESTARTING;
    }

    private static Word word(Map<ServiceName, Service> services, ServiceName name) {
        Service service = services.get(name);
        return service == null ? Word.STOPPED : service.word();
    }

    private static Optional<Long> incarnation(Map<ServiceName, Service> services, ServiceName name) {
        return Optional.ofNullable(services.get(name)).flatMap(Service::life).map(Life::incarnation);
    }
}
