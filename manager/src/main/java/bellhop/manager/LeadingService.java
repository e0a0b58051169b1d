package bellhop.manager;

import bellhop.core.Exit;
import bellhop.core.Run;
import bellhop.core.Service;
import bellhop.core.Word;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import java.util.Optional;

/** The service with which the manager ends, {@code --exit-with}: whether it has ended for good, and how. */
final class LeadingService {

    private final ServiceName name;
    private Optional<Exit> last = Optional.empty();
    private int status = ExitCode.FAILED;

    LeadingService(ServiceName name) {
        this.name = name;
    }

    ServiceName name() {
        return name;
    }

    /** A process of some service has ended; how {@code post} ends is not the service's exit status. */
    void exited(ServiceName service, Run run, Exit exit) {
        if (service.equals(name) && run.script() != Script.POST) {
            last = Optional.of(exit);
        }
    }

    /** Whether the service that is now like this is the one, was begun, is down, and will not be restarted. */
    boolean hasEnded(Service service) {
        if (!service.name().equals(name) || service.attempt() == 0) {
            return false;
        }
        return switch (service.word()) {
            case STOPPED, FINISHED -> ended(last.map(ExitCode::of).orElse(ExitCode.OK));
            case FAILED ->
                // A service whose processes all exited 0 can have failed all the same.
                ended(Math.max(last.map(ExitCode::of).orElse(0), ExitCode.FAILED));
            case STARTING, STARTED, RESTARTING, STOPPING -> false;
        };
    }

    private boolean ended(int newStatus) {
        status = newStatus;
        return true;
    }

    /** The exit status of the service that {@link #hasEnded}. */
    int status() {
        return status;
    }

    /** What happened to it, as one says it. */
    static String phrase(Service service) {
        return service.name() + " has ended" + (service.detail().isEmpty() ? "" : " (" + service.detail() + ")")
                + (service.word() == Word.FAILED ? " and failed" : "");
    }
}
