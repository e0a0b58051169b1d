package bellhop.convert;

import bellhop.definition.Quote;
import bellhop.definition.Value;
import bellhop.definition.Value.Entry;
import bellhop.definition.Value.Kind;
import bellhop.definition.Value.Mapping;
import bellhop.definition.Value.Position;
import bellhop.definition.Value.Scalar;
import bellhop.definition.Value.Sequence;
import bellhop.yaml.Problem;
import bellhop.yaml.YamlTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Follows {@code extends} of Compose: a service has the keys of another one, of the same file or of another, and its own
 * go before them as the specification merges them. A position names the file that it is in if that is another one.
 */
final class ComposeExtends {

    /** Lists that are the whole value, to which nothing is added. */
    private static final Set<String> REPLACED = Set.of("command", "entrypoint", "healthcheck.test");

    /** Lists of names with values, which are maps in another form. */
    private static final Set<String> NAMED =
            Set.of("environment", "depends_on", "labels", "annotations", "sysctls", "networks", "extra_hosts");

    /** What is one of a list, or a list. */
    private static final Set<String> ONE_OR_MORE = Set.of("env_file", "dns", "dns_search", "tmpfs");

    private final Path file;
    private final Mapping services;
    private final ImportReport report;
    private final Map<Path, Mapping> others = new LinkedHashMap<>();

    /**
     * Begins with one file.
     *
     * @param services its {@code services}
     */
    ComposeExtends(Path file, Mapping services, ImportReport report) {
        this.file = file;
        this.services = services;
        this.report = report;
    }

    /**
     * The keys of a service, with those of the services that it extends.
     *
     * @throws ImportException if one of these is not there or cannot be read, or extends the service itself
     */
    SequencedMap<String, Entry> keys(String service, Mapping settings) throws ImportException {
        return keys(service, settings, List.of(named(file, service)));
    }

    private SequencedMap<String, Entry> keys(String service, Mapping settings, List<String> chain)
            throws ImportException {
        SequencedMap<String, Entry> own = ComposeReader.merged(settings);
        Entry entry = own.remove("extends");
        if (entry == null) {
            return own;
        }
        Path at = fileOf(entry.key());
        SourceKey key = new SourceKey(
                at.toString(),
                entry.key().line(),
                "services." + service + ".extends",
                ComposeReader.shown(entry.value()));
        Map<String, Entry> parts =
                entry.value() instanceof Mapping mapping ? ComposeReader.merged(mapping) : Map.of("service", entry);
        parts.forEach((name, part) -> {
            if (!Set.of("service", "file").contains(name)) {
                report.lost(
                        new SourceKey(
                                key.file(),
                                part.key().line(),
                                key.key() + "." + name,
                                ComposeReader.shown(part.value())),
                        "unknown to this import");
            }
        });
        String extended = text(key, parts, "service")
                .orElseThrow(() -> new ImportException(key + ": it names no service; expected service: NAME"));
        Path from = text(key, parts, "file").map(at::resolveSibling).orElse(at);
        List<String> longer =
                Stream.concat(chain.stream(), Stream.of(named(from, extended))).toList();
        if (chain.contains(longer.getLast())) {
            throw new ImportException(key + ": a service cannot extend itself: "
                    + String.join(" extends ", longer.subList(longer.indexOf(longer.getLast()), longer.size())));
        }
        Entry base = ComposeReader.merged(services(key, from)).get(extended);
        if (base == null || !(base.value() instanceof Mapping settingsOfBase)) {
            throw new ImportException(key + ": there is no service " + Quote.onOneLine(extended) + " in " + from);
        }
        report.carried(key, "the keys of " + extended + " in " + from);
        SequencedMap<String, Entry> both = new LinkedHashMap<>(keys(service, settingsOfBase, longer));
        String prefix = "services." + service + ".";
        own.forEach((name, it) -> both.merge(name, it, (before, after) -> over(prefix, name, before, after)));
        return both;
    }

    private static String named(Path file, String service) {
        return Quote.onOneLine(service + " in " + file.normalize());
    }

    private Optional<String> text(SourceKey key, Map<String, Entry> parts, String name) {
        return Optional.ofNullable(parts.get(name))
                .map(Entry::value)
                .filter(Scalar.class::isInstance)
                .flatMap(value -> Interpolation.text(key, ((Scalar) value).text(), report))
                .filter(text -> !text.isEmpty());
    }

    /** Whether one of the other files is not for all to read. */
    boolean arePrivate() {
        return !others.keySet().stream().allMatch(Importer::isReadableByAll);
    }

    private Path fileOf(Position position) {
        return position.override().orElse(file);
    }

    private Mapping services(SourceKey key, Path from) throws ImportException {
        if (from.normalize().equals(file.normalize())) {
            return services;
        }
        Mapping known = others.get(from.normalize());
        if (known != null) {
            return known;
        }
        List<Problem> problems = new ArrayList<>();
        Optional<Value> root = YamlTree.read(from, problems);
        if (!problems.isEmpty()) {
            throw new ImportException(key + ": " + problems.getFirst());
        }
        if (root.isEmpty()
                || !(root.get() instanceof Mapping all)
                || all.entries().get("services") == null
                || !(all.entries().get("services").value() instanceof Mapping found)) {
            throw new ImportException(key + ": " + Quote.onOneLine(from) + " has no services");
        }
        Mapping there = (Mapping) in(from, found);
        others.put(from.normalize(), there);
        return there;
    }

    /** The same value, each place of which names its file. */
    private static Value in(Path file, Value value) {
        return switch (value) {
            case Scalar scalar -> new Scalar(scalar.text(), scalar.kind(), in(file, scalar.position()));
            case Sequence sequence ->
                new Sequence(
                        sequence.items().stream().map(item -> in(file, item)).toList(), in(file, sequence.position()));
            case Mapping mapping -> {
                SequencedMap<String, Entry> entries = new LinkedHashMap<>();
                mapping.entries()
                        .forEach((name, entry) ->
                                entries.put(name, new Entry(in(file, entry.key()), in(file, entry.value()))));
                yield new Mapping(entries, in(file, mapping.position()));
            }
        };
    }

    private static Position in(Path file, Position position) {
        return new Position(position.line(), position.column(), Optional.of(file));
    }

    private Entry over(String prefix, String name, Entry base, Entry own) {
        if (own.value() instanceof Scalar scalar && scalar.kind() == Kind.NULL) {
            return base;
        }
        if (NAMED.contains(name)) {
            return merged(prefix, name, map(name, base), map(name, own));
        }
        if (ONE_OR_MORE.contains(name)) {
            return both(base, own);
        }
        return name.equals("logging") && !haveOneDriver(base, own)
                ? replaced(prefix + name, base, own)
                : merged(prefix, name, base, own);
    }

    private Entry merged(String prefix, String path, Entry base, Entry own) {
        if (base.value() instanceof Mapping below && own.value() instanceof Mapping above) {
            SequencedMap<String, Entry> entries = ComposeReader.merged(below);
            ComposeReader.merged(above)
                    .forEach((name, entry) -> entries.merge(
                            name, entry, (before, after) -> merged(prefix, path + "." + name, before, after)));
            return new Entry(own.key(), new Mapping(entries, above.position()));
        }
        boolean areLists = base.value() instanceof Sequence && own.value() instanceof Sequence;
        return areLists && !REPLACED.contains(path) ? both(base, own) : replaced(prefix + path, base, own);
    }

    private static Entry both(Entry base, Entry own) {
        List<Value> items = Stream.of(base, own)
                .flatMap(entry -> ComposeReader.items(entry.value()).stream())
                .toList();
        return new Entry(own.key(), new Sequence(items, own.value().position()));
    }

    private Entry replaced(String name, Entry base, Entry own) {
        SourceKey key = new SourceKey(
                fileOf(base.key()).toString(), base.key().line(), name, ComposeReader.shown(base.value()));
        report.carried(key, "replaced by " + fileOf(own.key()) + ":" + own.key().line());
        return own;
    }

    /** Whether the options of both are for the same driver. */
    private static boolean haveOneDriver(Entry base, Entry own) {
        return base.value() instanceof Mapping below
                && own.value() instanceof Mapping above
                && Stream.of(below, above)
                                .flatMap(it -> Optional.ofNullable(it.entries().get("driver")).stream())
                                .map(driver -> ComposeReader.shown(driver.value()))
                                .distinct()
                                .count()
                        < 2;
    }

    /** A list of names with values as a map. */
    private static Entry map(String name, Entry entry) {
        if (!(entry.value() instanceof Sequence sequence)) {
            return entry;
        }
        SequencedMap<String, Entry> entries = new LinkedHashMap<>();
        for (Value item : sequence.items()) {
            String text = item instanceof Scalar scalar ? scalar.text() : ComposeReader.shown(item);
            int equals = name.equals("depends_on") || name.equals("networks") ? -1 : text.indexOf('=');
            Position place = item.position();
            entries.put(
                    equals < 0 ? text : text.substring(0, equals),
                    new Entry(
                            place,
                            equals < 0
                                    ? new Scalar("", Kind.NULL, place)
                                    : new Scalar(text.substring(equals + 1), Kind.STRING, place)));
        }
        return new Entry(entry.key(), new Mapping(entries, sequence.position()));
    }
}
