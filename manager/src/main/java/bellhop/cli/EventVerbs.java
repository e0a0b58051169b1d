package bellhop.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs that show what has happened. */
final class EventVerbs {

    private EventVerbs() {}

    @Command(description = "Show what has happened to services, why, and who asked.")
    static final class Events extends Verbs.Common implements Verbs.Verb {
        @Option(names = "-f", description = "Keep printing new events as they come.")
        boolean follow;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                description = "Only those since then: 10m, 2h, today, HH:MM[:SS] or YYYY-MM-DD[ HH:MM[:SS]].")
        @Nullable
        String since;

        @Option(names = "--json", description = "As JSON, an object on each line.")
        boolean json;

        @Parameters(paramLabel = "NAME", arity = "0..*", description = "The services, or patterns; all if not given.")
        List<String> names = List.of();

        @Override
        boolean take(List<String> operands) {
            names = operands;
            return true;
        }

        @Override
        public void act(Session request) {
            List<String> renderer = new ArrayList<>(List.of("name=events"));
            if (follow) {
                renderer.add("follow=yes");
            }
            if (json) {
                renderer.add("json=yes");
            }
            if (since != null) {
                renderer.add("since=" + since);
            }
            new EventAnswer(request, renderer, List.copyOf(names), follow).send();
        }
    }

    @Command(description = "Show what the last boot waited for.")
    static final class Slow extends Verbs.Common implements Verbs.Verb {
        @Option(names = "--json", description = "As JSON.")
        boolean json;

        @Override
        boolean take(List<String> operands) {
            return operands.isEmpty();
        }

        @Override
        public void act(Session request) {
            new EventAnswer(request, List.of("name=slow", json ? "json=yes" : "json=no"), List.of(), false).send();
        }
    }
}
