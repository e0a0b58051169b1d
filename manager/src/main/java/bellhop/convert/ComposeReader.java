package bellhop.convert;

import bellhop.convert.CommandWord.WordPart;
import bellhop.definition.Quote;
import bellhop.definition.Script;
import bellhop.definition.Value;
import bellhop.definition.Value.Entry;
import bellhop.definition.Value.Kind;
import bellhop.definition.Value.Mapping;
import bellhop.definition.Value.Position;
import bellhop.definition.Value.Scalar;
import bellhop.definition.Value.Sequence;
import bellhop.yaml.KnownNames;
import bellhop.yaml.Problem;
import bellhop.yaml.YamlTree;
import java.nio.file.Path;
import java.util.ArrayList;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes services of those of a Compose file that have a command and no image. */
final class ComposeReader {

    /** The keys that mean the same in {@code service.yaml}, in all their forms. */
    private static final Set<String> SAME = Set.of(
            "working_dir", "mem_limit", "cpus", "pids_limit", "oom_score_adj", "stop_signal", "stop_grace_period");

    private static final Set<String> LISTS = Set.of("group_add", "cap_drop");

    private static final Map<String, String> WITHOUT = Map.ofEntries(
            Map.entry("ports", "the service listens on the machine's own addresses"),
            Map.entry("expose", "the service listens on the machine's own addresses"),
            Map.entry("networks", "the service uses the machine's own network"),
            Map.entry("network_mode", "the service uses the machine's own network"),
            Map.entry("dns", "the service uses the machine's own network"),
            Map.entry("extra_hosts", "the service uses the machine's own network"),
            Map.entry("hostname", "the service has the machine's own name"),
            Map.entry("volumes", "the service uses the machine's own files"),
            Map.entry("tmpfs", "the service uses the machine's own files"),
            Map.entry("read_only", "the service uses the machine's own files"),
            Map.entry("secrets", "the service uses the machine's own files; see env_file"),
            Map.entry("configs", "the service uses the machine's own files"),
            Map.entry("container_name", "there is no container"),
            Map.entry("labels", "there is no container"),
            Map.entry("annotations", "there is no container"),
            Map.entry("privileged", "there is no container; see user and cap_drop"),
            Map.entry("cap_add", "a service has the capabilities of its user; see cap_drop"),
            Map.entry("tty", "a service has no terminal"),
            Map.entry("stdin_open", "a service has no standard input"),
            Map.entry("attach", "bh logs -f shows the output"),
            Map.entry("sysctls", "the service uses the machine's own settings"),
            Map.entry("shm_size", "the service uses the machine's own memory"),
            Map.entry("platform", "there is no container"),
            Map.entry("runtime", "there is no container"),
            Map.entry("pull_policy", "there is no image"),
            Map.entry("links", "there is no container; see requires"),
            Map.entry("external_links", "there is no container"),
            Map.entry("develop", "there is no container"),
            Map.entry("mem_reservation", "only limits are set; see mem_limit"),
            Map.entry("memswap_limit", "only limits are set; see mem_limit"),
            Map.entry("scale", "a service is one process tree; a template has several instances"),
            Map.entry("post_start", "nothing is run once a service is up"),
            Map.entry("pre_stop", "a stop sends stop_signal and runs nothing before"));

    private final Path file;
    private final Importer.ImportSite here;
    private final ImportReport report;
    private final Map<String, ImportedService> made = new LinkedHashMap<>();
    private final Map<String, Object> tests = new LinkedHashMap<>();

    private ComposeReader(Path file, Importer.ImportSite here, ImportReport report) {
        this.file = file;
        this.here = here;
        this.report = report;
    }

    static List<ImportedService> read(Path file, Importer.ImportSite here, ImportReport report) throws ImportException {
        List<Problem> problems = new ArrayList<>();
        Optional<Value> root = YamlTree.read(file, problems);
        if (!problems.isEmpty() || root.isEmpty()) {
            throw new ImportException(
                    problems.isEmpty()
                            ? Quote.onOneLine(file) + ": empty"
                            : problems.getFirst().toString());
        }
        ComposeReader reader = new ComposeReader(file, here, report);
        if (root.get() instanceof Mapping mapping) {
            reader.file(mapping);
        }
        return List.copyOf(reader.made.values());
    }

    private SourceKey key(String name, Entry entry) {
        return key(name, entry.key(), shown(entry.value()));
    }

    private SourceKey key(String name, Position at, String value) {
        return new SourceKey(fileOf(at).toString(), at.line(), name, value);
    }

    /** The file that a place is in, which is another one for what a service has by extends. */
    private Path fileOf(Position at) {
        return at.override().orElse(file);
    }

    static String shown(Value value) {
        return switch (value) {
            case Scalar scalar -> scalar.text().replace("\n", " ");
            case Sequence sequence ->
                sequence.items().stream().map(ComposeReader::shown).collect(Collectors.joining(", ", "[", "]"));
            case Mapping mapping ->
                mapping.entries().entrySet().stream()
                        .map(entry ->
                                entry.getKey() + ": " + shown(entry.getValue().value()))
                        .collect(Collectors.joining(", ", "{", "}"));
        };
    }

    /** The entries of a map, with those that its merge keys name and it does not have itself. */
    static SequencedMap<String, Entry> merged(Mapping mapping) {
        SequencedMap<String, Entry> entries = new LinkedHashMap<>(mapping.entries());
        Entry merge = entries.remove("<<");
        if (merge != null) {
            List<Value> sources =
                    merge.value() instanceof Sequence sequence ? sequence.items() : List.of(merge.value());
            for (Value source : sources) {
                if (source instanceof Mapping other) {
                    merged(other).forEach(entries::putIfAbsent);
                }
            }
        }
        return entries;
    }

    private void file(Mapping root) throws ImportException {
        for (Map.Entry<String, Entry> part : merged(root).entrySet()) {
            String name = part.getKey();
            Entry entry = part.getValue();
            if (!name.equals("services")) {
                report.lost(
                        key(name, entry),
                        name.startsWith("x-")
                                ? "an extension; what refers to it has been read there"
                                : name.equals("include")
                                        ? "not followed; import these files as well"
                                        : "only services are imported");
            } else if (entry.value() instanceof Mapping services) {
                services(services);
            } else {
                report.lost(key(name, entry), "not a map");
            }
        }
    }

    private void services(Mapping services) throws ImportException {
        ComposeExtends bases = new ComposeExtends(file, services, report);
        Map<String, SequencedMap<String, Entry>> keys = new LinkedHashMap<>();
        for (Map.Entry<String, Entry> service : merged(services).entrySet()) {
            Entry it = service.getValue();
            if (it.value() instanceof Mapping settings) {
                keys.put(service.getKey(), bases.keys(service.getKey(), settings));
            } else {
                report.essential(key("services." + service.getKey(), it), "not a map; no service was made of it");
            }
        }
        keys.forEach((name, of) ->
                service(name, Objects.requireNonNull(merged(services).get(name)), of));
        keys.forEach(this::dependencies);
        if (bases.arePrivate()) {
            made.values().forEach(ImportedService::keepPrivate);
        }
    }

    private void service(String name, Entry at, SequencedMap<String, Entry> keys) {
        Entry image = keys.getOrDefault("image", keys.get("build"));
        String prefix = "services." + name + ".";
        if (image != null || (!keys.containsKey("command") && !keys.containsKey("entrypoint"))) {
            String why = image == null
                    ? "it has no command; no service was made of it"
                    : "it runs in an image, which cannot be carried over; install the program, and give it a command alone";
            report.essential(key("services." + name, at.key(), image == null ? "" : shown(image.value())), why);
            keys.forEach((key, entry) -> report.lost(key(prefix + key, entry), "no service was made of " + name));
            return;
        }
        ImportedService service = new ImportedService(name, file.toString());
        made.put(name, service);
        command(prefix, keys, service);
        service.set("restart", "no");
        service.set("working_dir", "/");
        keys.forEach((key, entry) -> setting(key, key(prefix + key, entry), entry.value(), service));
    }

    private void command(String prefix, Map<String, Entry> keys, ImportedService service) {
        List<CommandWord> words = new ArrayList<>();
        for (String name : List.of("entrypoint", "command")) {
            Entry entry = keys.get(name);
            if (entry == null) {
                continue;
            }
            SourceKey key = key(prefix + name, entry);
            try {
                List<CommandWord> more = words(key, entry.value());
                words.addAll(more);
                if (more.stream().allMatch(CommandWord::fitsYaml)) {
                    report.carried(key, "command");
                } else {
                    report.otherwise(key, "run: variables are those of the service and the manager at each launch");
                }
            } catch (ImportException e) {
                report.essential(key, String.valueOf(e.getMessage()));
            }
        }
        if (words.isEmpty()) {
            Stream.of("command", "entrypoint")
                    .forEach(name -> Optional.ofNullable(keys.get(name))
                            .ifPresent(entry -> report.essential(key(prefix + name, entry), "there is no program")));
            service.set("command", List.of("false"));
        } else if (words.stream().allMatch(CommandWord::fitsYaml)) {
            service.set("command", words.stream().map(CommandWord::yaml).toList());
        } else {
            if (words.stream().anyMatch(CommandWord::splits)) {
                service.line(Script.RUN, "set -f");
            }
            service.line(Script.RUN, "exec " + CommandWord.line(words));
        }
    }

    private List<CommandWord> words(SourceKey key, Value value) throws ImportException {
        Function<String, List<WordPart>> parts = text -> Interpolation.parts(text, what -> report.otherwise(key, what));
        List<CommandWord> words = new ArrayList<>();
        switch (value) {
            case Sequence sequence -> {
                for (Value item : sequence.items()) {
                    words.add(new CommandWord(parts.apply(shown(item))));
                }
            }
            case Scalar scalar -> words.addAll(ShellWords.split(parts.apply(scalar.text())));
            case Mapping _ -> throw new ImportException("a map; expected a list or a text");
        }
        return words;
    }

    private void setting(String name, SourceKey key, Value value, ImportedService service) {
        if (SAME.contains(name)) {
            plain(value, key).ifPresent(it -> {
                service.set(name, it);
                report.carried(key, name);
            });
            return;
        }
        if (LISTS.contains(name)) {
            service.set(
                    name,
                    items(value).stream()
                            .map(item -> plain(item, key).orElse(""))
                            .toList());
            report.carried(key, name);
            return;
        }
        switch (name) {
            case "command", "entrypoint", "depends_on" -> {}
            case "user" -> user(key, value, service);
            case "restart" ->
                plain(value, key).ifPresent(it -> {
                    service.set("restart", it.equals("unless-stopped") ? "always" : it);
                    report.carried(key, "restart");
                });
            case "environment" -> environment(key, value, service);
            case "env_file" -> envFile(key, value, service);
            case "healthcheck" -> healthCheck(key, value, service);
            case "ulimits" ->
                tree(key, value).ifPresent(it -> {
                    service.set("ulimits", it);
                    report.carried(key, "ulimits");
                });
            case "security_opt" ->
                items(value).forEach(item -> {
                    if (shown(item).matches("no-new-privileges([:=]true)?")) {
                        service.set("no_new_privileges", true);
                        report.carried(key, "no_new_privileges");
                    } else {
                        report.lost(key, "there is no sandbox: " + shown(item));
                    }
                });
            case "init" -> report.carried(key, "the manager reaps what services leave");
            case "logging" -> logging(key, value, service);
            case "deploy" -> deploy(key, value, service);
            case "profiles" -> report.otherwise(key, "there are no profiles; nothing is enabled yet");
            default ->
                report.lost(
                        key,
                        name.startsWith("x-") ? "an extension" : WITHOUT.getOrDefault(name, "unknown to this import"));
        }
    }

    /** Without it the service would have more rights than it was meant to have. */
    private void user(SourceKey key, Value value, ImportedService service) {
        String lost = "; it would run as the manager's user";
        if (!(value instanceof Scalar scalar)) {
            report.essential(key, "not a word" + lost);
            return;
        }
        Interpolation.text(key, scalar.text(), report, what -> report.essential(key, what + lost))
                .filter(text -> !text.isEmpty())
                .ifPresent(text -> {
                    List<String> parts = List.of(text.split(":", -1));
                    if (parts.size() <= 2 && parts.stream().allMatch(KnownNames::isAccount)) {
                        service.set("user", text);
                        report.carried(key, "user");
                    } else {
                        report.essential(key, "not a user or user:group of service.yaml" + lost);
                    }
                });
        if (!report.isTold(key)) {
            report.carried(key, "there is none");
        }
    }

    static List<Value> items(Value value) {
        return value instanceof Sequence sequence ? sequence.items() : List.of(value);
    }

    private Optional<String> plain(Value value, SourceKey key) {
        if (!(value instanceof Scalar scalar)) {
            report.lost(key, "not a word");
            return Optional.empty();
        }
        return Interpolation.text(key, scalar.text(), report).filter(text -> fits(key, text));
    }

    private boolean fits(SourceKey key, String text) {
        if (!CommandWord.fitsYaml(text)) {
            report.lost(key, "service.yaml cannot express {service} and {target} as a text");
        }
        return CommandWord.fitsYaml(text);
    }

    /** A value as it is, numbers and truth values among them. */
    private Optional<Object> tree(SourceKey key, Value value) {
        return switch (value) {
            case Scalar scalar ->
                switch (scalar.kind()) {
                    case BOOLEAN -> Optional.of(Boolean.valueOf(scalar.text()));
                    case INTEGER ->
                        scalar.text().matches("-?[0-9]{1,18}")
                                ? Optional.of(Long.parseLong(scalar.text()))
                                : Optional.of(scalar.text());
                    case STRING, DECIMAL, NULL -> plain(scalar, key).map(Object.class::cast);
                };
            case Sequence sequence -> {
                List<Object> items = new ArrayList<>();
                for (Value item : sequence.items()) {
                    tree(key, item).ifPresent(items::add);
                }
                yield Optional.of(items);
            }
            case Mapping mapping -> {
                Map<String, Object> entries = new LinkedHashMap<>();
                merged(mapping)
                        .forEach((name, entry) -> tree(key, entry.value()).ifPresent(it -> entries.put(name, it)));
                yield Optional.of(entries);
            }
        };
    }

    private void environment(SourceKey key, Value value, ImportedService service) {
        if (value instanceof Mapping mapping) {
            merged(mapping)
                    .forEach((name, entry) -> variable(
                            key("%s.%s".formatted(key.key(), name), entry),
                            name,
                            Optional.of(entry.value()).filter(it -> !isNull(it)).map(ComposeReader::shownLines),
                            service));
        } else {
            items(value).forEach(item -> {
                String text = shownLines(item);
                int equals = text.indexOf('=');
                SourceKey at = key(key.key(), item.position(), text);
                variable(
                        at,
                        equals < 0 ? text : text.substring(0, equals),
                        equals < 0 ? Optional.empty() : Optional.of(text.substring(equals + 1)),
                        service);
            });
        }
    }

    private static boolean isNull(Value value) {
        return value instanceof Scalar scalar && scalar.kind() == Kind.NULL;
    }

    private static String shownLines(Value value) {
        return value instanceof Scalar scalar ? scalar.text() : shown(value);
    }

    private void variable(SourceKey key, String name, Optional<String> value, ImportedService service) {
        if (value.isEmpty() || value.get().matches("\\$\\{?" + name + "\\}?")) {
            report.carried(key, "the manager's own variable is passed");
            return;
        }
        Interpolation.text(key, value.get(), report)
                .filter(text -> fits(key, text))
                .ifPresent(text -> {
                    service.set("environment", name, text);
                    report.carried(key, "environment");
                });
    }

    private void envFile(SourceKey key, Value value, ImportedService service) {
        List<Object> files = new ArrayList<>();
        for (Value item : items(value)) {
            Path itself = fileOf(item.position()).toAbsolutePath().normalize();
            if (item instanceof Mapping mapping) {
                SequencedMap<String, Entry> keys = merged(mapping);
                Entry path = keys.get("path");
                if (keys.containsKey("format")) {
                    report.otherwise(key, "format is ignored");
                }
                if (path != null) {
                    plain(path.value(), key).ifPresent(it -> {
                        Map<String, Object> entry = new LinkedHashMap<>();
                        entry.put("path", itself.resolveSibling(it).normalize().toString());
                        Entry required = keys.get("required");
                        entry.put(
                                "required",
                                required == null || !shown(required.value()).equals("false"));
                        files.add(entry);
                    });
                }
            } else {
                plain(item, key)
                        .ifPresent(it ->
                                files.add(itself.resolveSibling(it).normalize().toString()));
            }
        }
        if (!files.isEmpty()) {
            service.set("env_file", files);
            report.carried(key, "env_file; docs/compose.md has the differences in how it is read");
        } else if (!report.isTold(key)) {
            report.lost(key, "it names no file");
        }
    }

    private void healthCheck(SourceKey key, Value value, ImportedService service) {
        if (!(value instanceof Mapping mapping)) {
            report.lost(key, "not a map");
            return;
        }
        Set<String> known = Set.of("interval", "timeout", "retries", "start_period", "start_interval", "disable");
        merged(mapping).forEach((name, entry) -> {
            SourceKey at = key(key.key() + "." + name, entry);
            if (name.equals("test")) {
                test(at, entry.value()).ifPresent(it -> {
                    service.set("healthcheck", "test", it);
                    tests.put(service.name(), it);
                    report.carried(at, "healthcheck.test; restart says what becomes of an unhealthy service");
                });
            } else if (known.contains(name)) {
                tree(at, entry.value()).ifPresent(it -> {
                    service.set("healthcheck", name, it);
                    report.carried(at, "healthcheck." + name);
                });
            } else {
                report.lost(at, "unknown to this import");
            }
        });
    }

    /** A test is run by a shell where Compose's is, and there variables are those of the service. */
    private Optional<Object> test(SourceKey key, Value value) {
        List<String> words =
                items(value).stream().map(ComposeReader::shownLines).toList();
        List<String> plain = new ArrayList<>();
        for (String word : words) {
            Optional<String> text = Interpolation.text(key, word, report).filter(it -> fits(key, it));
            if (text.isEmpty()) {
                return Optional.empty();
            }
            plain.add(text.get());
        }
        return value instanceof Sequence ? Optional.of(plain) : Optional.of(plain.getFirst());
    }

    private void logging(SourceKey key, Value value, ImportedService service) {
        if (!(value instanceof Mapping mapping)) {
            report.lost(key, "not a map");
            return;
        }
        merged(mapping).forEach((name, entry) -> {
            SourceKey at = key(key.key() + "." + name, entry);
            if (name.equals("driver")) {
                if (shown(entry.value()).equals("none")) {
                    service.set("log", "to", "none");
                    report.carried(at, "log: {to: none}");
                } else {
                    report.otherwise(at, "the log of the service: bh logs " + service.name());
                }
            } else if (name.equals("options") && entry.value() instanceof Mapping options) {
                merged(options).forEach((option, it) -> {
                    SourceKey inner = key(at.key() + "." + option, it);
                    if (option.equals("max-file") && shown(it.value()).matches("[1-9][0-9]{0,2}")) {
                        service.set("log", "keep", Integer.parseInt(shown(it.value())) - 1);
                        report.carried(inner, "log.keep, which does not count the file in use");
                    } else if (option.equals("max-size")) {
                        plain(it.value(), inner).ifPresent(size -> {
                            service.set("log", "max_size", size);
                            report.carried(inner, "log.max_size");
                        });
                    } else {
                        report.lost(inner, "the log of a service has no such option");
                    }
                });
            } else {
                report.lost(at, "unknown to this import");
            }
        });
    }

    private void deploy(SourceKey key, Value value, ImportedService service) {
        if (!(value instanceof Mapping mapping)) {
            report.lost(key, "not a map");
            return;
        }
        merged(mapping).forEach((name, entry) -> {
            String at = key.key() + "." + name;
            if (name.equals("resources") && entry.value() instanceof Mapping resources) {
                merged(resources).forEach((kind, it) -> {
                    if (kind.equals("limits") && it.value() instanceof Mapping limits) {
                        Map<String, String> names = Map.of("memory", "mem_limit", "cpus", "cpus", "pids", "pids_limit");
                        merged(limits).forEach((limit, amount) -> {
                            SourceKey inner = key(at + ".limits." + limit, amount);
                            String as = names.get(limit);
                            if (as == null) {
                                report.lost(inner, "no such limit");
                            } else {
                                tree(inner, amount.value()).ifPresent(number -> {
                                    service.set(as, number);
                                    report.carried(inner, as);
                                });
                            }
                        });
                    } else {
                        report.lost(key(at + "." + kind, it), "only limits are set");
                    }
                });
            } else if (name.equals("restart_policy") && entry.value() instanceof Mapping policy) {
                merged(policy)
                        .forEach((part, it) -> restartPolicy(key(at + "." + part, it), part, it.value(), service));
            } else {
                report.lost(key(at, entry), "of a cluster; a service is one process tree on this machine");
            }
        });
    }

    private void restartPolicy(SourceKey key, String part, Value value, ImportedService service) {
        String text = shown(value);
        switch (part) {
            case "condition" -> {
                service.set("restart", text.equals("any") ? "always" : text.equals("on-failure") ? "on-failure" : "no");
                report.carried(key, "restart");
            }
            case "delay" -> {
                service.set("restart_delay", text);
                service.set("restart_max_delay", text);
                report.otherwise(key, "restart_delay, which counts from the launch of run, not from its end");
            }
            default -> report.lost(key, "see restart_limit");
        }
    }

    private void dependencies(String name, Map<String, Entry> keys) {
        Entry entry = keys.get("depends_on");
        if (entry == null) {
            return;
        }
        ImportedService service = made.get(name);
        if (service == null) {
            return;
        }
        SourceKey key = key("services." + name + ".depends_on", entry);
        Set<String> required = new LinkedHashSet<>();
        Set<String> optional = new HashSet<>();
        if (entry.value() instanceof Mapping mapping) {
            merged(mapping).forEach((other, it) -> {
                SourceKey at = key(key.key() + "." + other, it);
                String condition = "service_started";
                if (it.value() instanceof Mapping settings) {
                    Entry given = settings.entries().get("condition");
                    condition = given == null ? condition : shown(given.value());
                    settings.entries().forEach((inner, extra) -> {
                        boolean isRequired = !inner.equals("required")
                                || !shown(extra.value()).equals("false");
                        if (!isRequired) {
                            optional.add(other);
                            report.carried(key(at.key() + "." + inner, extra), "requires: {" + other + ": optional}");
                        } else if (!inner.equals("condition")) {
                            report.lost(
                                    key(at.key() + "." + inner, extra),
                                    inner.equals("restart")
                                            ? "the restart of a required service never restarts this one"
                                            : inner.equals("required")
                                                    ? "so it is here unless it says optional"
                                                    : "unknown to this import");
                        }
                    });
                }
                dependency(at, other, condition, optional.contains(other), required);
            });
        } else {
            for (Value item : items(entry.value())) {
                dependency(
                        key(key.key(), item.position(), shown(item)), shown(item), "service_started", false, required);
            }
        }
        if (!required.isEmpty()) {
            service.set(
                    "requires",
                    required.stream()
                            .map(it -> optional.contains(it) ? Map.of(it, "optional") : it)
                            .toList());
        }
    }

    private void dependency(SourceKey key, String other, String condition, boolean isOptional, Set<String> required) {
        ImportedService dependency = made.get(other);
        if (dependency == null && !here.isKnown(other) && isOptional) {
            report.lost(key, "there is no service " + other + " here, and none is needed");
            return;
        }
        if (dependency == null && !here.isKnown(other)) {
            report.essential(key, "there is no service " + other + " here; make it, and add it to requires");
            return;
        }
        required.add(other);
        switch (condition) {
            case "service_started" ->
                report.carried(key, "requires, a hold: what nothing holds and nobody started is stopped");
            case "service_healthy" -> {
                Object test = tests.get(other);
                if (dependency != null && test != null) {
                    if (!dependency.has("ready")) {
                        dependency.set("ready", "test", test);
                    }
                    report.carried(key, "requires, and ready.test of " + other);
                } else {
                    report.otherwise(
                            key, "requires: it does not wait for the health of " + other + "; give that ready");
                }
            }
            case "service_completed_successfully" -> {
                if (dependency != null && isJob(dependency)) {
                    report.carried(key, "requires, and ready.finished of " + other + ", for all that depend on it");
                } else {
                    report.otherwise(
                            key,
                            "requires: it does not wait for the end of " + other
                                    + "; for that give it ready: {finished: true}, which excludes restart: always and a"
                                    + " healthcheck");
                }
            }
            default -> report.lost(key, "no such condition is known; requires is set");
        }
    }

    /** Makes a job of a service, unless its other keys exclude that. */
    private static boolean isJob(ImportedService service) {
        boolean mayBe = !service.has("ready")
                && !service.has("healthcheck")
                && !service.has("linger")
                && !service.is("restart", "always");
        if (mayBe) {
            service.set("ready", "finished", true);
        }
        return service.has("ready", "finished");
    }
}
