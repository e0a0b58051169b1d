package bellhop.cli;

import bellhop.cli.Verbs.OfOneService;
import bellhop.cli.Verbs.Verb;
import bellhop.core.Owner;
import bellhop.core.Service;
import bellhop.core.Supervisor;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The verbs that show what services have to do with each other. */
final class WhyVerbs {

    private WhyVerbs() {}

    @Command(description = "Say why a service runs, or does not.")
    static final class Why extends OfOneService implements Verb {
        @Option(names = "--json", description = "As JSON.")
        boolean json;

        @Override
        public void act(Session request) {
            String text = name;
            String asJson = json ? "json=yes" : "json=no";
            request.look(services -> {
                List<ServiceName> named = request.name(text).filter(it -> request.isThere(it, services)).stream()
                        .toList();
                if (named.isEmpty()) {
                    request.exit(ExitCode.FAILED);
                    return;
                }
                request.fact("render", "name=why", "service=" + named.getFirst(), asJson);
                if (services.isStoppingEverything()) {
                    request.fact("manager", "stopping=yes");
                }
                tell(request, services, related(request, services, named, true), ExitCode.OK);
            });
        }
    }

    @Command(description = "Show which services hold which.")
    static final class Tree extends StatusVerbs.OfAnyServices {
        @Option(names = "--json", description = "As JSON.")
        boolean json;

        @Option(names = "--mermaid", description = "As a graph in the language of Mermaid.")
        boolean mermaid;

        @Option(names = "--yaml", description = "As requires in the form of service.yaml.")
        boolean yaml;

        @Option(names = "--observed", description = "Only holds that are taken, not those that are merely declared.")
        boolean observed;

        @Override
        public void act(Session request) {
            List<String> asked = List.copyOf(names);
            List<String> forms = new ArrayList<>();
            if (json) {
                forms.add("json");
            }
            if (mermaid) {
                forms.add("mermaid");
            }
            if (yaml) {
                forms.add("yaml");
            }
            if (forms.size() > 1) {
                request.fail("--" + String.join(" and --", forms) + ": expected one of them", ExitCode.USAGE);
                return;
            }
            List<String> renderer = new ArrayList<>(List.of("name=tree"));
            renderer.add("form=" + (forms.isEmpty() ? "tree" : forms.getFirst()));
            renderer.add("observed=" + (observed ? "yes" : "no"));
            request.look(services -> {
                List<ServiceName> roots = new ArrayList<>();
                if (asked.isEmpty()) {
                    services.services().stream().map(Service::name).forEach(roots::add);
                }
                int exit = ExitCode.OK;
                for (String name : asked) {
                    List<ServiceName> there = request.there(name, services);
                    roots.addAll(there);
                    exit = there.isEmpty() ? ExitCode.FAILED : exit;
                }
                if (!asked.isEmpty()) {
                    roots.forEach(root -> renderer.add("root=" + root));
                }
                request.fact("render", renderer);
                tell(request, services, related(request, services, roots, false), exit);
            });
        }
    }

    private static void tell(Session request, Supervisor services, Collection<ServiceName> names, int exit) {
        List<List<String>> facts = new ArrayList<>();
        for (ServiceName name : names) {
            ServiceStatus status = request.status(name, services);
            List<String> fact = status.fact();
            fact.addAll(status.relations());
            facts.add(fact);
        }
        request.facts(facts, exit);
    }

    /** These, what they require or hold, and what that does; with {@code up} those who hold them as well. */
    private static Set<ServiceName> related(
            Session request, Supervisor services, Collection<ServiceName> begin, boolean up) {
        Set<ServiceName> found = new LinkedHashSet<>(begin);
        Deque<ServiceName> due = new ArrayDeque<>(begin);
        while (!due.isEmpty()) {
            ServiceName next = due.remove();
            List<ServiceName> near = new ArrayList<>(services.heldBy(next));
            near.addAll(request.status(next, services).requires());
            if (up) {
                for (Owner owner : services.holders(next)) {
                    if (owner instanceof Owner.Incarnation(ServiceName requirer, long _)) {
                        near.add(requirer);
                    }
                }
            }
            for (ServiceName name : near) {
                if (found.add(name)) {
                    due.add(name);
                }
            }
        }
        return found;
    }
}
