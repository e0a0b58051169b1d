package bellhop.core;

import bellhop.core.Pending.Sender;
import bellhop.definition.InvalidNameException;
import bellhop.definition.ServiceName;
import java.util.Optional;

/** Whose a request is, and whose a hold: of a script, of the life of a service, of a device, or of a name. */
final class Owners {

    private final ServiceTable services;
    private final Holds holds;

    Owners(ServiceTable services, Holds holds) {
        this.services = services;
        this.holds = holds;
    }

    /** The script that waits for the answer, if one does. */
    Optional<Sender> sender(Caller caller) {
        return switch (caller) {
            case Caller.Operator _ -> Optional.empty();
            case Caller.ScriptCaller(ServiceName name, long incarnation) ->
                services.find(name).filter(s -> s.launch() != 0).map(s -> new Sender(name, s.launch()));
        };
    }

    /** A service's name stands for its present incarnation, whoever names it. */
    Owner of(Caller caller, Optional<Owner> named) {
        if (named.isPresent()) {
            return named.flatMap(Owners::serviceOf)
                    .flatMap(services::find)
                    .flatMap(Owners::incarnation)
                    .orElse(named.get());
        }
        return switch (caller) {
            case Caller.Operator _ -> Owner.OPERATOR;
            case Caller.ScriptCaller(ServiceName name, long incarnation) -> new Owner.Incarnation(name, incarnation);
        };
    }

    private static Optional<ServiceName> serviceOf(Owner owner) {
        try {
            return owner instanceof Owner.Label(String text) ? Optional.of(ServiceName.parse(text)) : Optional.empty();
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }

    /** Whose hold on a service is meant; one made in the name of a service that was down is still a label. */
    Owner holder(ServiceName service, Caller caller, Optional<Owner> named) {
        Owner owner = of(caller, named);
        return named.isPresent() && holds.count(service, owner) == 0 ? named.get() : owner;
    }

    /** Why a hold cannot be released. */
    String notHeld(ServiceName service, Owner owner) {
        boolean isDevices = holds.holders(service).stream()
                .anyMatch(other ->
                        other instanceof Owner.Device && other.toString().equals(owner.toString()));
        return "not held by " + owner + (isDevices ? " but by the device" : "") + ", so there is nothing to release"
                + (isDevices ? "; bh stop " + service + " stops it" : "");
    }

    /** A life that has ended holds nothing, and one that waits for what it requires will require it again. */
    boolean mayHold(Owner owner) {
        return switch (owner) {
            case Owner.Label _, Owner.Device _ -> true;
            case Owner.Incarnation(ServiceName name, long number) ->
                services.find(name)
                        .filter(holder -> holder.incarnation() == number)
                        .filter(holder -> !(holder.state() instanceof State.Requiring))
                        .isPresent();
        };
    }

    /** The owner of what a service holds in this life of it; empty if it does not live. */
    static Optional<Owner> incarnation(Service service) {
        return service.life().map(life -> new Owner.Incarnation(service.name(), life.incarnation()));
    }
}
