package bellhop.engine;

import bellhop.core.Exit;
import bellhop.core.Run;
import bellhop.core.Service;
import bellhop.definition.ServiceName;
import java.util.Collection;

/** Observes services. The loop calls it, so it must not block. */
public interface ServiceObserver {

    /** A service is now as described; its word or its detail differ from before. */
    void changed(Service service);

    /** The same, with what led to it; after {@link #changed} or {@link #adopted}. */
    default void noted(ServiceChange change) {}

    /** The process of one of its scripts has ended; the effect on the service is reported later. */
    default void exited(ServiceName service, Run run, Exit exit) {}

    /**
     * One of its scripts could not be run, or is unhealthy; the effect on the service is reported later.
     *
     * @param why a phrase: for a script that could not be run the stage, and the system's reason
     */
    default void failed(ServiceName service, String why) {}

    /** These are stopped by request; nothing was signalled yet. */
    default void stopping(Collection<ServiceName> services) {}

    /** Everything is stopped by request of this one; nothing was signalled yet. */
    default void stoppingEverything(Origin origin) {}

    /** All that has happened by now was told; nothing comes until the loop has waited. */
    default void roundEnds() {}

    /** A service that an earlier manager left is looked after from now on, and is as described. */
    default void adopted(Service service) {
        changed(service);
    }

    /** Something that the operator should know, one line. */
    void warn(String line);
}
