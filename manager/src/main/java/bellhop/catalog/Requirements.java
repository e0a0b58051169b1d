package bellhop.catalog;

import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.yaml.Problem;
import bellhop.yaml.Reading;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Follows what services require, each read once. */
final class Requirements {

    private final ServiceDirectories directories;
    private final Map<ServiceName, Followed> followed = new HashMap<>();
    private final StaticCheck.Installation machine = new StaticCheck.Installation();

    /** What became of reading a service: one of the two. */
    private record Followed(
            @Nullable Reading reading, @Nullable DefinitionException failure) {}

    Requirements(ServiceDirectories directories) {
        this.directories = directories;
    }

    private Followed look(ServiceName name) {
        Followed known = followed.get(name);
        if (known == null) {
            try {
                known = new Followed(directories.read(name), null);
            } catch (DefinitionException e) {
                known = new Followed(null, e);
            }
            followed.put(name, known);
        }
        return known;
    }

    List<Problem> check(List<ServiceName> names) {
        Set<Problem> problems = new LinkedHashSet<>();
        for (ServiceName name : names) {
            Followed found = look(name);
            if (found.failure != null) {
                problems.addAll(found.failure.details());
            } else if (found.reading != null) {
                problems.addAll(StaticCheck.problems(found.reading, directories, machine));
                problems.addAll(templatesRequired(found.reading));
            }
        }
        problems.addAll(circles(names));
        return List.copyOf(problems);
    }

    private List<Problem> templatesRequired(Reading reading) {
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < reading.requires().size(); i++) {
            ServiceName required = reading.requires().get(i);
            Followed found = look(required);
            if (found.reading != null && found.reading.lacksTarget()) {
                problems.add(reading.problem(
                        "requires[" + i + "]",
                        new TargetMissingException(required).problems().getFirst()));
            }
        }
        return problems;
    }

    ServiceDirectories.Required of(List<Definition> definitions) {
        Set<ServiceName> given = definitions.stream().map(Definition::name).collect(Collectors.toSet());
        Map<ServiceName, Definition> usable = new LinkedHashMap<>();
        Map<ServiceName, String> unusable = new LinkedHashMap<>();
        Deque<ServiceName> ahead = new ArrayDeque<>();
        definitions.forEach(definition -> ahead.addAll(definition.requires()));
        Set<ServiceName> seen = new HashSet<>(given);
        while (!ahead.isEmpty()) {
            ServiceName name = ahead.removeFirst();
            if (!seen.add(name)) {
                continue;
            }
            Followed found = look(name);
            try {
                if (found.failure != null) {
                    throw found.failure;
                }
                if (found.reading != null) {
                    StaticCheck.of(found.reading, directories);
                    usable.put(name, found.reading.definition());
                    ahead.addAll(found.reading.requires());
                }
            } catch (DefinitionException e) {
                int more = e.problems().size() - 1;
                unusable.put(name, e.problems().getFirst() + (more > 0 ? " (and " + more + " more)" : ""));
            }
        }
        boolean any = definitions.stream()
                .anyMatch(definition -> !definition.requires().isEmpty());
        return new ServiceDirectories.Required(
                List.copyOf(usable.values()), unusable, any ? circles(List.copyOf(given)) : List.of());
    }

    /** A service on the way down from where the search began. */
    private static final class Frame {
        private final ServiceName name;
        private final List<ServiceName> requires;
        private int next;

        Frame(ServiceName name, List<ServiceName> requires) {
            this.name = name;
            this.requires = requires;
        }
    }

    /** Goes down from each service, and is in a circle when it meets one it came from. */
    private List<Problem> circles(List<ServiceName> from) {
        List<Problem> circles = new ArrayList<>();
        Set<ServiceName> done = new HashSet<>();
        for (ServiceName start : from.stream().sorted().toList()) {
            List<Frame> way = new ArrayList<>();
            if (done.add(start)) {
                way.add(step(start));
            }
            while (!way.isEmpty()) {
                Frame here = way.getLast();
                if (here.next == here.requires.size()) {
                    way.removeLast();
                    continue;
                }
                int index = here.next++;
                ServiceName required = here.requires.get(index);
                List<ServiceName> names = way.stream().map(step -> step.name).toList();
                int at = names.indexOf(required);
                Reading reading = look(here.name).reading;
                if (at >= 0 && at < names.size() - 1 && reading != null) {
                    circles.add(reading.problem("requires[" + index + "]", shown(names.subList(at, names.size()))));
                } else if (at < 0 && done.add(required)) {
                    way.add(step(required));
                }
            }
        }
        return circles;
    }

    private Frame step(ServiceName name) {
        Reading reading = look(name).reading;
        return new Frame(name, reading == null ? List.of() : reading.requires());
    }

    private static String shown(List<ServiceName> circle) {
        List<String> steps = new ArrayList<>();
        for (int i = 0; i < circle.size(); i++) {
            steps.add(circle.get(i) + " requires " + circle.get((i + 1) % circle.size()));
        }
        return "a circle that nobody could start: " + String.join(", ", steps) + "; take one of them out";
    }
}
