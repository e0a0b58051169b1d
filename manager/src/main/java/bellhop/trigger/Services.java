package bellhop.trigger;

import bellhop.definition.ServiceName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What triggers ask of the services. Called on the thread of triggers alone, which it may keep for a moment. */
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
     * @param outcome told once, from any thread: why it failed, in which case there is no hold, or nothing
     */
    void require(ServiceName instance, String plugin, Consumer<Optional<String>> outcome);

    /** Drops a hold; not wrong if there is none. */
    void release(ServiceName instance, String plugin);

    /** Stops a service and starts it anew. */
    void restart(ServiceName service);
}
