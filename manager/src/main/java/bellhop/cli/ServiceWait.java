package bellhop.cli;

import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/**
 * A request that waits until all of some services are where they are to be at one moment. Confined to the loop's thread.
 * It is told of changes, and is over with the first service that cannot get there, with its time, or with its client.
 */
final class ServiceWait {

    private final Session request;
    private final List<ServiceName> services;
    private final Goal goal;
    private final Set<ServiceName> missing = new TreeSet<>();
    private final List<Runnable> atEnd = new ArrayList<>();
    private IntUnaryOperator status = outcome -> outcome;
    private boolean over;

    /** Where a service is to be. */
    interface Goal {
        /**
         * Looks at a service.
         *
         * @param service what is known of it; empty if nothing was ever asked of it
         */
        Progress of(ServiceName name, Optional<Service> service);
    }

    /** How far a service is. */
    enum Outlook {
        THERE,
        ON_THE_WAY,
        NEVER
    }

    /**
     * How far it is.
     *
     * @param why if it will never get there: why, a phrase
     */
    record Progress(Outlook outlook, String why) {
        static final Progress THERE = new Progress(Outlook.THERE, "");
        static final Progress ON_THE_WAY = new Progress(Outlook.ON_THE_WAY, "");

        static Progress never(String why) {
            return new Progress(Outlook.NEVER, why);
        }
    }

    ServiceWait(Session request, List<ServiceName> services, Goal goal) {
        this.request = request;
        this.services = services;
        this.goal = goal;
    }

    /** Begins to wait; the request is answered by this. */
    void begin() {
        Supervisor all = request.engine().services();
        boolean never = false;
        for (ServiceName name : services) {
            never |= !isPossible(name, all.service(name));
        }
        if (never || missing.isEmpty()) {
            end(never ? ExitCode.FAILED : ExitCode.OK);
            return;
        }
        atEnd.add(request.watchers().watch(services, this::changed));
        request.client().onGone(() -> request.onLoop(() -> end(ExitCode.OK)));
    }

    /** Has the client exit with the status that this makes of {@link ExitCode#OK} or {@link ExitCode#FAILED}. */
    void exitingWith(IntUnaryOperator newStatus) {
        status = newStatus;
    }

    /** Looks at all services again: where they are to be has changed. */
    void lookAgain() {
        Supervisor all = request.engine().services();
        services.forEach(name -> looked(name, all.service(name)));
    }

    /**
     * Limits the time that is waited.
     *
     * @param late what is said of a service that is not there by then, a phrase
     */
    void limit(Duration time, int status, Function<ServiceName, String> late) {
        after(time, () -> {
            missing.forEach(name -> request.complain(name + ": " + late.apply(name)));
            end(status);
        });
    }

    /** Does this after a time, if it is not over by then. */
    void after(Duration time, Runnable action) {
        if (!over) {
            atEnd.add(request.engine().after(time, () -> request.answering(action)));
        }
    }

    private void changed(Service service) {
        looked(service.name(), Optional.of(service));
    }

    private void looked(ServiceName name, Optional<Service> service) {
        if (over) {
            return;
        }
        try {
            boolean possible = isPossible(name, service);
            if (!possible || missing.isEmpty()) {
                end(possible ? ExitCode.OK : ExitCode.FAILED);
            }
        } catch (RuntimeException | Error e) { // the service that has changed is not to fail of it
            request.complain("internal error: " + e);
            end(ExitCode.FAILED);
        }
    }

    /** Whether it may get there yet; if not it is said why. */
    private boolean isPossible(ServiceName name, Optional<Service> service) {
        Progress progress = goal.of(name, service);
        if (progress.outlook() == Outlook.THERE) {
            missing.remove(name);
        } else {
            missing.add(name);
        }
        if (progress.outlook() == Outlook.NEVER) {
            request.complain(name + ": " + progress.why());
        }
        return progress.outlook() != Outlook.NEVER;
    }

    private void end(int outcome) {
        if (!over) {
            over = true;
            atEnd.forEach(Runnable::run);
            request.exit(status.applyAsInt(outcome));
        }
    }
}
