package bellhop.trigger;

import bellhop.definition.ServiceName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The requests of triggers to the services. Called only on the thread of triggers, which it may block for a moment. */
public interface Services {

    /** Which services want which plugins, by what their directories say now. */
    List<TriggerUse> uses();

    /** The holds of devices that an earlier manager left: by plugin, the instances that it held for their targets. */
    Map<String, Set<ServiceName>> held();

    /**
     * Adds a hold, which starts the service.
     *
     * @param instance the service; its target is the device whose hold it is
     * @param plugin who says that this device is present
     * @param outcome called once, from any thread, with the reason of a failure, in which case there is no hold, or
     *     empty
     */
    void require(ServiceName instance, String plugin, Consumer<Optional<String>> outcome);

    /** Drops a hold; not wrong if there is none. */
    void release(ServiceName instance, String plugin);

    /** Stops a service and starts it again. */
    void restart(ServiceName service);
}
