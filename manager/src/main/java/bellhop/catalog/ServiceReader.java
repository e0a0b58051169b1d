package bellhop.catalog;

import bellhop.definition.Definition;
import bellhop.definition.ServiceName;
import bellhop.yaml.Explanation;
import bellhop.yaml.Problem;
import bellhop.yaml.Reading;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;

/** Reads service directories for one request or one check, and each of them once. Not for two threads at once. */
public final class ServiceReader {

    private final ServiceDirectories directories;
    /** Those that could be read; among them such as cannot be used for another reason. */
    private final Map<ServiceName, Reading> readings = new HashMap<>();

    private final Map<ServiceName, Finding> findings = new HashMap<>();
    private final StaticCheck.Installation machine = new StaticCheck.Installation();

    private final Function<ServiceName, Optional<Finding>> known;

    public ServiceReader(ServiceDirectories directories) {
        this(directories, name -> Optional.empty());
    }

    /** For one who keeps findings: if a directory says the same again, {@code known} is what it said. */
    ServiceReader(ServiceDirectories directories, Function<ServiceName, Optional<Finding>> known) {
        this.directories = directories;
        this.known = known;
    }

    /** What its directory says, and whether all that it needs is in place. */
    public Finding find(ServiceName name) {
        return find(name, DirectoryFingerprint.NONE);
    }

    /** The same; {@code files} tells one content of a template from another. */
    Finding find(ServiceName name, DirectoryFingerprint files) {
        reading(name)
                .ifPresent(reading -> findings.computeIfAbsent(name, it -> oneForAll(name, judged(reading, files))));
        return Objects.requireNonNull(findings.get(name));
    }

    private Finding oneForAll(ServiceName name, Finding finding) {
        return known.apply(name).filter(finding::equals).orElse(finding);
    }

    private Optional<Reading> reading(ServiceName name) {
        if (!readings.containsKey(name) && !findings.containsKey(name)) {
            try {
                readings.put(name, directories.read(name));
            } catch (UnusableException e) {
                findings.put(name, e.finding());
            }
        }
        return Optional.ofNullable(readings.get(name));
    }

    private Finding judged(Reading reading, DirectoryFingerprint files) {
        List<Problem> problems = StaticCheck.problems(reading, directories, machine);
        if (!problems.isEmpty()) {
            return new Finding.Broken(problems);
        }
        return reading.lacksTarget()
                ? new Finding.Template(
                        List.of(Problem.of(targetMissing(reading.definition().name()))), files)
                : new Finding.Usable(reading.definition());
    }

    private static String targetMissing(ServiceName name) {
        return name + " is a template and needs a target: " + name + "@TARGET";
    }

    /** Has it read again when it is asked for next: it may be whole by then. */
    void forget(ServiceName name) {
        readings.remove(name);
        findings.remove(name);
    }

    /** What its directory says, if that can be read, and if it may be that not all is in place that it needs. */
    public Optional<Definition> readable(ServiceName name) {
        return reading(name).map(Reading::definition);
    }

    /** What holds for a service that can be used, and where each part of it comes from. */
    public Optional<Explanation> explain(ServiceName name) {
        return find(name).usable().flatMap(it -> reading(name)).map(Explanation::of);
    }

    /**
     * Finds what is wrong with services; templates without a target are looked at as well.
     *
     * @param names the services; their requirements are looked at as far as these concern them
     * @return each thing that is wrong, service by service
     */
    public List<Problem> check(List<ServiceName> names) {
        Set<Problem> problems = new LinkedHashSet<>();
        for (ServiceName name : names) {
            switch (find(name)) {
                case Finding.Broken broken -> problems.addAll(broken.problems());
                case Finding.Missing missing -> problems.addAll(missing.problems());
                case Finding.Usable _, Finding.Template _, Finding.Masked _ -> {}
            }
            reading(name).ifPresent(reading -> problems.addAll(templatesRequired(reading)));
        }
        problems.addAll(circles(names));
        return List.copyOf(problems);
    }

    private List<Problem> templatesRequired(Reading reading) {
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < reading.requires().size(); i++) {
            ServiceName required = reading.requires().get(i);
            if (reading(required).filter(Reading::lacksTarget).isPresent()) {
                problems.add(reading.problem("requires[" + i + "]", targetMissing(required)));
            }
        }
        return problems;
    }

    /** Reads services, and what they require, to start them: one that is masked is found to be that. */
    public Findings read(Collection<ServiceName> names) {
        return read(names, List.of());
    }

    /**
     * Reads services, and what they require, to start them: one that is masked is found to be that.
     *
     * @param lives definitions that are in use, whatever their directories say now: what these require is read as well
     */
    public Findings read(Collection<ServiceName> names, Collection<Definition> lives) {
        Optional<NameFiles> masks = directories.masks();
        SequencedMap<ServiceName, Finding> asked = new LinkedHashMap<>();
        names.forEach(name -> asked.put(name, toStart(name, masks)));
        Deque<ServiceName> ahead = new ArrayDeque<>();
        Set<ServiceName> forFailure = new LinkedHashSet<>();
        lives.forEach(life -> addRequired(life, ahead, forFailure));
        asked.values().forEach(finding -> finding.usable().ifPresent(it -> addRequired(it, ahead, forFailure)));
        Map<ServiceName, Finding> required = new LinkedHashMap<>();
        readAll(ahead, forFailure, asked, required, masks);
        // What these start for their own failure is of no use: they start nothing.
        readAll(new ArrayDeque<>(forFailure), new LinkedHashSet<>(), asked, required, masks);
        List<ServiceName> usable = asked.keySet().stream()
                .filter(name -> asked.get(name) instanceof Finding.Usable)
                .toList();
        return new Findings(asked, required, circles(usable));
    }

    private Finding toStart(ServiceName name, Optional<NameFiles> masks) {
        Finding finding = find(name);
        if (masks.isEmpty() || !(finding instanceof Finding.Usable)) {
            return finding;
        }
        Optional<ServiceName> by = masks.get().chooses(name);
        return by.isPresent() ? new Finding.Masked(name, by.get()) : finding;
    }

    private void readAll(
            Deque<ServiceName> ahead,
            Set<ServiceName> forFailure,
            Map<ServiceName, Finding> asked,
            Map<ServiceName, Finding> required,
            Optional<NameFiles> masks) {
        while (!ahead.isEmpty()) {
            ServiceName name = ahead.removeFirst();
            if (!asked.containsKey(name) && !required.containsKey(name)) {
                Finding finding = toStart(name, masks);
                required.put(name, finding);
                finding.usable().ifPresent(it -> addRequired(it, ahead, forFailure));
            }
        }
    }

    private void addRequired(Definition definition, Deque<ServiceName> ahead, Set<ServiceName> forFailure) {
        ahead.addAll(definition.requires());
        for (ServiceName named : definition.onFailure().orElse(List.of())) {
            boolean isTemplate = reading(named).filter(Reading::lacksTarget).isPresent();
            Optional<ServiceName> instance =
                    isTemplate ? named.instance(definition.name().toString()) : Optional.empty();
            forFailure.add(instance.orElse(named));
        }
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
                if (at >= 0 && at < names.size() - 1) {
                    String circle = shown(names.subList(at, names.size()));
                    reading(here.name).ifPresent(it -> circles.add(it.problem("requires[" + index + "]", circle)));
                } else if (at < 0 && done.add(required)) {
                    way.add(step(required));
                }
            }
        }
        return circles;
    }

    private Frame step(ServiceName name) {
        return new Frame(name, reading(name).map(Reading::requires).orElse(List.of()));
    }

    private static String shown(List<ServiceName> circle) {
        List<String> steps = new ArrayList<>();
        for (int i = 0; i < circle.size(); i++) {
            steps.add(circle.get(i) + " requires " + circle.get((i + 1) % circle.size()));
        }
        return "circular requirements: " + String.join(", ", steps) + "; remove one of them";
    }
}
