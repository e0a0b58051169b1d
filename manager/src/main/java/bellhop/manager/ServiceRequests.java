package bellhop.manager;

import bellhop.catalog.Finding;
import bellhop.catalog.Findings;
import bellhop.catalog.ServiceDirectories;
import bellhop.catalog.ServiceReader;
import bellhop.core.Input;
import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.engine.Engine;
import bellhop.engine.Origin;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Asks the core for services whose directories have been read: it is told first what they require. Confined to the
 * loop's thread.
 */
public final class ServiceRequests {

    private static final long FOR_ITSELF = 6 << 20;
    private static final long FOR_A_SERVICE = 6 << 10;

    /** What is asked for services. */
    @FunctionalInterface
    public interface ServiceQuestion {
        Input about(long request, List<Definition> services);
    }

    private final Engine engine;
    private final int most;
    private final Consumer<String> warnings;

    /**
     * For all who ask.
     *
     * @param most so many services the core may know; further ones are refused
     * @param warnings gets what is refused that nobody waits for, a line each
     */
    ServiceRequests(Engine engine, int most, Consumer<String> warnings) {
        this.engine = engine;
        this.most = most;
        this.warnings = warnings;
    }

    /** How many services a manager's memory is enough for: each took 4.5 KiB of the heap, and a start leaves garbage. */
    static int mostOfHeap() {
        return (int) Math.max(0, (Runtime.getRuntime().maxMemory() - FOR_ITSELF) / FOR_A_SERVICE);
    }

    /** Tells the core what directories say now; nothing is begun by that. */
    void tell(List<Definition> usable, Map<ServiceName, String> unusable) {
        if (!usable.isEmpty() || !unusable.isEmpty()) {
            engine.request(Origin.NONE, id -> new Input.Read(usable, unusable));
        }
    }

    /** Tells the core whether these may be started, after that has changed; of a service that it knows. */
    public void readAgain(List<ServiceName> services, ServiceDirectories directories) {
        if (services.isEmpty()) {
            return;
        }
        Map<ServiceName, String> unusable = new HashMap<>();
        Findings findings = new ServiceReader(directories).read(services);
        findings.asked().forEach((name, finding) -> {
            if (finding instanceof Finding.Unusable why) {
                unusable.put(name, why.summary());
            }
        });
        tell(findings.services(), unusable);
    }

    /** Asks; returns the number of the request. */
    public long ask(Origin origin, Findings services, ServiceQuestion question, Engine.Completion reply) {
        List<String> refused = refused(services);
        if (!refused.isEmpty()) {
            reply.done(refused, List.of());
            return Input.NOBODY;
        }
        tell(services.requiredServices(), services.unusable());
        return engine.request(origin, id -> question.about(id, services.services()), reply);
    }

    /** Asks for what nobody waits for. */
    void ask(Origin origin, Findings services, ServiceQuestion question) {
        List<String> refused = refused(services);
        refused.forEach(warnings);
        if (refused.isEmpty()) {
            tell(services.requiredServices(), services.unusable());
            engine.request(origin, id -> question.about(id, services.services()));
        }
    }

    private List<String> refused(Findings services) {
        int room = most - engine.services().services().size();
        return Stream.concat(services.services().stream(), services.requiredServices().stream())
                .map(Definition::name)
                .filter(name -> engine.services().service(name).isEmpty())
                .skip(Math.max(0, room))
                .map(name -> name + ": refused: the manager's memory is enough for " + most + " services")
                .toList();
    }
}
