package bellhop.terminal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which of some services require, hold and are held by which. */
final class Relations {

    private static final String HOLDS = "holds";
    private static final String REQUIRES = "requires";
    private static final String SERVICE = "service:";

    private final Map<String, Fact> services = new LinkedHashMap<>();

    /** How one service needs another. */
    enum Need {
        /** Declared by {@code requires}, and held. */
        BOTH,
        /** Held, as by {@code bh-require} in a script, and not declared. */
        TAKEN,
        /** Declared, and not held now. */
        DECLARED
    }

    void add(Fact service) {
        services.put(service.raw("name").orElse(""), service);
    }

    Set<String> names() {
        return services.keySet();
    }

    /** What is known of a service; only its name if that is all. */
    Fact service(String name) {
        return services.getOrDefault(name, new Fact("service", List.of("name=" + name, "state=stopped")));
    }

    String state(String name) {
        return service(name).text("state");
    }

    boolean isUp(String name) {
        String state = state(name);
        return state.equals("started") || state.equals("finished");
    }

    private boolean isDown(String name) {
        String state = state(name);
        return state.equals("stopped") || state.equals("failed") || state.equals("finished");
    }

    /** What a service needs, by name. */
    Map<String, Need> needs(String name) {
        Fact service = service(name);
        Map<String, Need> needs = new TreeMap<>();
        for (String declared : service.all(REQUIRES)) {
            needs.put(declared, Need.DECLARED);
        }
        for (String held : service.all(HOLDS)) {
            needs.merge(held, Need.TAKEN, (_, _) -> Need.BOTH);
        }
        return needs;
    }

    /** The same for programs. */
    List<JsonText> needsAsJson(Map<String, Need> needs) {
        List<JsonText> objects = new ArrayList<>();
        needs.forEach((name, need) -> objects.add(new JsonText()
                .text("name", name)
                .text("state", state(name))
                .is("declared", need != Need.TAKEN)
                .is("held", need != Need.DECLARED)));
        return objects;
    }

    /** The services that hold it. */
    Set<String> requirers(String name) {
        Set<String> requirers = new TreeSet<>();
        for (String holder : service(name).all("holder")) {
            if (holder.startsWith(SERVICE)) {
                requirers.add(holder.substring(SERVICE.length()));
            }
        }
        return requirers;
    }

    /** What else holds it: devices, and names that were given to holds. */
    List<String> otherHolders(String name) {
        List<String> others = new ArrayList<>(service(name).all("holder"));
        others.removeIf(holder -> holder.startsWith(SERVICE));
        return others;
    }

    private boolean isWanted(String name, Set<String> gone) {
        Fact service = service(name);
        return service.is("pinned")
                || !otherHolders(name).isEmpty()
                || requirers(name).stream().anyMatch(requirer -> !gone.contains(requirer));
    }

    /** What would stop with a service if nobody wanted that any more: it alone has wanted those. */
    Set<String> wouldStop(String name) {
        Set<String> gone = new LinkedHashSet<>(Set.of(name));
        Set<String> stopping = new LinkedHashSet<>();
        boolean grows = true;
        while (grows) {
            grows = false;
            for (String service : services.keySet()) {
                if (!gone.contains(service) && !isDown(service) && !isWanted(service, gone)) {
                    gone.add(service);
                    stopping.add(service);
                    grows = true;
                }
            }
        }
        return stopping;
    }

    /** What would be started with a service: all that it requires, and so on, and is not up. */
    Set<String> wouldStart(String name) {
        Set<String> found = new LinkedHashSet<>(Set.of(name));
        List<String> due = new ArrayList<>(List.of(name));
        Set<String> starting = new LinkedHashSet<>();
        while (!due.isEmpty()) {
            for (String required : service(due.removeFirst()).all(REQUIRES)) {
                if (found.add(required)) {
                    due.add(required);
                    if (!isUp(required)) {
                        starting.add(required);
                    }
                }
            }
        }
        return starting;
    }
}
