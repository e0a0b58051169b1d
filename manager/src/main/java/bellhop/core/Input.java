package bellhop.core;

import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What comes in to the machine of all services: what somebody asks, what happened to a service, that time
 * went by. A {@code request} is a number that is given once; the {@link Effect.Answer} with
 * that number is given exactly once too, unless the client has {@link Gone gone}.
 */
public sealed interface Input {

    /** The request number of those who do not wait for an answer. */
    long NOBODY = 0;

    /** Pin these, and answer once the first attempt of each has ended. */
    record StartRequest(long request, Caller caller, List<Definition> services) implements Input {}

    /** Unpin and stop these, and answer once all are down. */
    record StopRequest(long request, Caller caller, List<ServiceName> services) implements Input {}

    /** Stop these and start them again; pin those that nobody wants. */
    record RestartRequest(long request, Caller caller, List<Definition> services) implements Input {}

    /** Unpin all, drop all holds, stop everything, requirers first. */
    record StopAllRequest(long request, Caller caller) implements Input {}

    /**
     * Add a hold, and answer once the attempt has ended.
     *
     * @param owner whose, if not the caller's; a label that is a service's name stands for its present incarnation
     */
    record RequireRequest(long request, Caller caller, Optional<Owner> owner, Definition service) implements Input {}

    /** Drop one hold of this owner; if nobody wants the service any more, answer once it is down. */
    record ReleaseRequest(long request, Caller caller, Optional<Owner> owner, ServiceName service) implements Input {}

    /**
     * What service directories say now. The next incarnation of each begins with it; none is begun by this.
     *
     * @param definitions those that can be used, also of services that were never asked for
     * @param unusable why a service has none that can be used, a phrase; one that runs goes on with what it has
     */
    record Read(List<Definition> definitions, Map<ServiceName, String> unusable) implements Input {}

    /**
     * What an earlier manager left on record, before anything else is asked. Its requests are gone: whoever made them
     * was told so.
     *
     * @param records the last record of each service
     */
    record Adopted(List<Effect.Save> records) implements Input {}

    /** The client that made this request no longer waits. */
    record Gone(long request) implements Input {}

    /** Something happened to a service. */
    record Happened(ServiceName service, Event event) implements Input {}

    /**
     * Time went by, and all that could be heard by then was told.
     *
     * @param until whatever was due by this instant is due; what has become due since may have been met meanwhile
     */
    record TimePassed(long until) implements Input {}

    /** The manager stood still for so many nanoseconds: nobody has missed a deadline by them. */
    record StoodStill(long nanos) implements Input {}
}
