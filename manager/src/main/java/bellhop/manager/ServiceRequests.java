package bellhop.manager;

import bellhop.catalog.Findings;
import bellhop.core.Input;
import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import java.util.List;
import java.util.Map;

/**
 * Asks the core for services whose directories have been read: it is told first what they require. Confined to the
 * loop's thread.
 */
public final class ServiceRequests {

    /** What is asked for services. */
    @FunctionalInterface
    public interface ServiceQuestion {
        Input about(long request, List<Definition> services);
    }

    private final Engine engine;

    ServiceRequests(Engine engine) {
        this.engine = engine;
    }

    /** Tells the core what directories say now; nothing is begun by that. */
    void tell(List<Definition> usable, Map<ServiceName, String> unusable) {
        if (!usable.isEmpty() || !unusable.isEmpty()) {
            engine.request(id -> new Input.Read(usable, unusable));
        }
    }

    /** Asks; returns the number of the request. */
    public long ask(Findings services, ServiceQuestion question, Engine.Completion reply) {
        tell(services.requiredServices(), services.unusable());
        return engine.request(id -> question.about(id, services.services()), reply);
    }

    /** Asks for what nobody waits for. */
    void ask(Findings services, ServiceQuestion question) {
        tell(services.requiredServices(), services.unusable());
        engine.request(id -> question.about(id, services.services()));
    }
}
