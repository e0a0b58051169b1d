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

    /**
     * The holds that an earlier manager left.
     *
     * @param owners the owners that are triggers'
     * @return by owner, the services that it holds
     */
    Map<String, Set<ServiceName>> held(java.util.function.Predicate<String> owners);

    /**
     * Adds a hold, which starts the service.
     *
     * @param owner whose hold it is: {@code wifi:wlan0}
     * @param outcome told once, from any thread: why it failed, in which case there is no hold, or nothing
     */
    void require(ServiceName service, String owner, Consumer<Optional<String>> outcome);

    /** Drops a hold; not wrong if there is none. */
    void release(ServiceName service, String owner);

    /** Stops a service and starts it anew. */
    void restart(ServiceName service);
}
