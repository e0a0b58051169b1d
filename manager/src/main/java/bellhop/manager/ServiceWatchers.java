package bellhop.manager;

import bellhop.core.Service;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Who watches which services. Confined to the loop's thread. A change of a service that nobody watches costs one
 * look-up.
 */
public final class ServiceWatchers {

    private final Engine engine;
    private final Map<ServiceName, List<Consumer<Service>>> watchers = new HashMap<>();
    private boolean hearsReports;

    ServiceWatchers(Engine engine) {
        this.engine = engine;
    }

    /**
     * Has a watcher see services whenever one of them, or its report, may have changed. Returns what ends that.
     *
     * @param watcher may not block or fail
     */
    public Runnable watch(Collection<ServiceName> services, Consumer<Service> watcher) {
        if (!hearsReports) {
            hearsReports = true;
            engine.onReports(this::reported);
        }
        List<ServiceName> names = List.copyOf(services);
        names.forEach(
                name -> watchers.computeIfAbsent(name, n -> new ArrayList<>()).add(watcher));
        return () -> names.forEach(name -> watchers.computeIfPresent(name, (n, left) -> {
            left.remove(watcher);
            return left.isEmpty() ? null : left;
        }));
    }

    void changed(Service service) {
        if (watchers.isEmpty()) {
            return;
        }
        List<Consumer<Service>> those = watchers.get(service.name());
        if (those != null) {
            List.copyOf(those).forEach(watcher -> watcher.accept(service));
        }
    }

    private void reported(ServiceName name) {
        if (watchers.containsKey(name)) {
            engine.services().service(name).ifPresent(this::changed);
        }
    }
}
