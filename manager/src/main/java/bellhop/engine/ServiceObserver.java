package bellhop.engine;

import bellhop.core.Exit;
import bellhop.core.Service;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;

/** Observes services. The loop calls it, so it must not block. */
public interface ServiceObserver {

    /** A service is now as described; its word or its detail differ from before. */
    void changed(Service service);

    /** The process of one of its scripts has ended; the effect on the service is reported later. */
    default void exited(ServiceName service, Script script, Exit exit) {}

    /** A service that an earlier manager left is looked after from now on, and is as described. */
    default void adopted(Service service) {
        changed(service);
    }

    /** Something that the operator should know, one line. */
    void warn(String line);
}
