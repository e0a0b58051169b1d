package bellhop.yaml;

import bellhop.definition.Quote;
import bellhop.definition.RestartPolicy;
import bellhop.definition.ServiceName;
import bellhop.definition.Value;
import bellhop.linux.FileErrors;
import bellhop.linux.RegularFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ParserException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.Schema;

/**
 * Reads a {@code service.yaml}: YAML 1.2 with its core schema, so {@code no} is a word and only {@code true}
 * and {@code false} are truth values. Whatever is in the file ends as settings or as lines that say what is
 * wrong where; size, depth and the number of aliases are limited. No other class leads to the YAML library,
 * which therefore is loaded with the first such file.
 */
public final class ServiceYaml {
    static final int MAX_BYTES = 64 * 1024;
    static final int MAX_DEPTH = 32;
    private static final int MAX_ALIASES = 32;
    private static final int READ_AT_ONCE = 4096;

    /** The core schema as YAML 1.2 has it: without the merge key of 1.1, and with nothing to make objects from. */
    private static final class Core implements Schema {
        @Override
        public ScalarResolver getScalarResolver() {
            return new CoreScalarResolver(false);
        }

        @Override
        public Map<Tag, ConstructNode> getSchemaTagConstructors() {
            return Map.of();
        }
    }

    private static final int MOST_VALUES = 20_000;
    /** No path: what the marks have of the service's own file. */
    private static final String OWN = "";

    private static final String SERVICE = "{service}";
    private static final String TARGET = "{target}";

    private final Path file;
    private final List<Path> overrides;
    private final Path directory;
    private final ServiceName name;
    private final List<Problem> problems;
    private final Map<String, Node> given = new LinkedHashMap<>();
    /** What each override is called in the marks of its nodes. */
    private final Map<String, Path> labels = new HashMap<>();
    /** The nulls of overrides, by the keys that they take back to the default. */
    private final Map<String, Node> reset = new HashMap<>();
    /** The maps that others were put over, the lowest first. */
    private final Map<String, List<Node>> below = new HashMap<>();

    private Values values = Values.NONE;
    private boolean usesTarget;
    private boolean standsForItself;
    private int valuesRead;

    private ServiceYaml(Path file, List<Path> overrides, Path directory, ServiceName name, List<Problem> problems) {
        this.file = file;
        this.overrides = overrides;
        this.directory = directory;
        this.name = name;
        this.problems = problems;
    }

    /**
     * Reads a regular file.
     *
     * @param name the service that it is read for; where it is a template without a target, {@code {target}} stays
     * @param problems where each thing goes that is wrong
     */
    public static ServiceYaml read(Path file, ServiceName name, List<Problem> problems) {
        Path directory = file.toAbsolutePath().getParent();
        return read(directory == null ? Path.of("/") : directory, Optional.of(file), List.of(), name, problems);
    }

    /**
     * Reads a file, and what overrides it key by key; one of all these there is.
     *
     * @param directory the absolute service directory, from which relative paths start in each of the files
     * @param file the {@code service.yaml}
     * @param overrides the first goes before the others
     * @param name as for the file alone
     * @param problems as for the file alone; each names the file that it is in
     */
    public static ServiceYaml read(
            Path directory, Optional<Path> file, List<Path> overrides, ServiceName name, List<Problem> problems) {
        ServiceYaml yaml = new ServiceYaml(file.orElseGet(overrides::getLast), overrides, directory, name, problems);
        yaml.read(file);
        return yaml;
    }

    /** Reads a file of another program as it stands; nothing in it is expanded, and merge keys are keys like others. */
    static Optional<Value> tree(Path file, List<Problem> problems) {
        ServiceYaml yaml =
                new ServiceYaml(file, List.of(), Path.of("/"), new ServiceName("yaml", Optional.empty()), problems);
        return yaml.composed(file, OWN).flatMap(root -> new Syntax.Foreign().read(root, new YamlCursor(yaml, "")));
    }

    /** What the file sets; good only where there were no problems. */
    Values values() {
        return values;
    }

    /** Whether the service can only be started with a target. */
    boolean isTemplate() {
        return values.given(ServiceKeys.TEMPLATE)
                .orElseGet(() -> usesTarget || !values.get(ServiceKeys.TRIGGERS).isEmpty());
    }

    /** What stands in the file, by the key with those around it. */
    public Map<String, Node> given() {
        return given;
    }

    boolean isGiven(YamlKey<?> key) {
        return given.containsKey(key.name());
    }

    /** Where a key has its value; empty where it is not in the file. */
    Optional<Value.Position> position(String key) {
        return Optional.ofNullable(given.get(key)).map(node -> new YamlCursor(this, key).position(node));
    }

    Path file() {
        return file;
    }

    /** The absolute service directory. */
    Path directory() {
        return directory;
    }

    List<Problem> problems() {
        return problems;
    }

    /** The files that go before the service's own, the first before the others. */
    List<Path> overrides() {
        return overrides;
    }

    /** Where an override takes a key back to its default; empty if none does. */
    Optional<Value.Position> reset(String key) {
        return Optional.ofNullable(reset.get(key)).map(node -> new YamlCursor(this, key).position(node));
    }

    /** Where the maps are that the map of a key was put over, the nearest first. */
    List<Value.Position> below(String key) {
        return below.getOrDefault(key, List.of()).reversed().stream()
                .map(node -> new YamlCursor(this, key).position(node))
                .toList();
    }

    void isReset(String key, Node by) {
        reset.put(key, by);
    }

    void isPutOver(String key, Node lower) {
        below.computeIfAbsent(key, it -> new ArrayList<>()).add(lower);
    }

    /** A place in one of the files. */
    Value.Position position(Mark mark) {
        return new Value.Position(
                mark.getLine() + 1, mark.getColumn() + 1, Optional.ofNullable(labels.get(mark.getName())));
    }

    void problem(Value.Position position, String key, String what) {
        problems.add(Problem.at(file, position, key, what));
    }

    boolean mayRead(String key) {
        valuesRead++;
        if (valuesRead == MOST_VALUES) {
            problem(
                    new Value.Position(1, 1),
                    key,
                    "its aliases expand to too much; expected at most " + MOST_VALUES + " values");
        }
        return valuesRead < MOST_VALUES;
    }

    /** Exactly {@code {service}} and {@code {target}} stand for something; all other braces for themselves. */
    String expand(String text) {
        if (text.indexOf('{') < 0) {
            return text;
        }
        usesTarget |= text.contains(TARGET);
        StringBuilder expanded = new StringBuilder();
        int from = 0;
        while (from < text.length()) {
            if (text.startsWith(SERVICE, from)) {
                expanded.append(name);
                from += SERVICE.length();
            } else if (text.startsWith(TARGET, from)) {
                expanded.append(name.target().orElse(standsForItself ? name.argument() : TARGET));
                from += TARGET.length();
            } else {
                expanded.append(text.charAt(from++));
            }
        }
        return expanded.toString();
    }

    private void read(Optional<Path> own) {
        Optional<Node> root = own.flatMap(it -> composed(it, OWN));
        boolean isMapping = root.isEmpty() || isMapping(root.get());
        Overriding overriding = new Overriding(this);
        for (Path override : overrides.reversed()) {
            String label = override.toString();
            labels.put(label, override);
            Optional<Node> over = composed(override, label);
            if (over.isPresent() && isMapping(over.get()) && isMapping) {
                root = Optional.of(overriding.merged(root, over.get()));
            }
        }
        if (root.isPresent() && isMapping) {
            readAll(root.get());
        }
    }

    private boolean isMapping(Node root) {
        if (root instanceof MappingNode || root.getTag().equals(Tag.NULL)) {
            return true;
        }
        problem(root.getStartMark(), Syntax.whatIsThere(root) + "; expected lines of the form key: value");
        return false;
    }

    /** The content of a file; empty if there is none, or after a complaint. */
    private Optional<Node> composed(Path from, String label) {
        String text = text(from);
        if (text == null) {
            return Optional.empty();
        }
        LoadSettings load = LoadSettings.builder()
                .setSchema(new Core())
                .setAllowNonScalarKeys(true)
                .setBufferSize(READ_AT_ONCE)
                .setMaxAliasesForCollections(MAX_ALIASES)
                .setCodePointLimit(MAX_BYTES)
                .setLabel(label)
                .build();
        StreamReader reader = new StreamReader(load, text);
        return composed(load, from, text, reader);
    }

    private Optional<Node> composed(LoadSettings load, Path from, String text, StreamReader reader) {
        try {
            return new Composer(load, new Shallow(new ParserImpl(load, reader))).getSingleNode();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            // The library trips over an escape of which the digits are missing, or stand for no character.
            problem(reader.getMark(), "not YAML from here on; expected whole escapes, such as \\x41, within quotes");
        } catch (MarkedYamlEngineException e) {
            problem(e.getProblemMark().or(e::getContextMark), Quote.onOneLine(e.getProblem()));
        } catch (ReaderException e) {
            String before = text.substring(0, text.offsetByCodePoints(0, e.getPosition()));
            problem(from, before, String.format("the character U+%04X is not allowed in YAML", e.getCodePoint()));
        } catch (YamlEngineException e) {
            problems.add(Problem.with(from, Quote.onOneLine(String.valueOf(e.getMessage()))));
        }
        return Optional.empty();
    }

    private @Nullable String text(Path from) {
        byte[] bytes;
        try {
            bytes = RegularFile.read(from, MAX_BYTES + 1);
        } catch (IOException e) {
            problems.add(Problem.with(from, FileErrors.of(e)));
            return null;
        }
        if (bytes.length > MAX_BYTES) {
            problems.add(Problem.with(from, "too long; expected at most " + MAX_BYTES + " bytes"));
            return null;
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer text = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(ByteBuffer.wrap(bytes), text, true);
        String decoded = text.flip().toString();
        if (result.isError()) {
            problem(from, decoded, "these bytes are not UTF-8");
            return null;
        }
        return decoded;
    }

    /** Each level of nesting costs the composer stack; its parser's events cost none, and come first. */
    private static final class Shallow implements Parser {
        private final Parser parser;
        private int depth;

        Shallow(Parser parser) {
            this.parser = parser;
        }

        @Override
        public boolean checkEvent(Event.ID choice) {
            return parser.checkEvent(choice);
        }

        @Override
        public Event peekEvent() {
            return parser.peekEvent();
        }

        @Override
        public boolean hasNext() {
            return parser.hasNext();
        }

        @Override
        public Event next() {
            Event event = parser.next();
            if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
                throw new ParserException(
                        "nested too deeply; expected at most " + MAX_DEPTH + " levels", event.getStartMark());
            }
            if (event instanceof CollectionEndEvent) {
                depth--;
            }
            return event;
        }
    }

    private void readAll(Node root) {
        if (!(root instanceof MappingNode mapping)) {
            return;
        }
        // Said first, as it decides what {target} stands for in a name without one.
        standsForItself = mapping.getValue().stream()
                .anyMatch(entry -> isScalar(entry.getKeyNode(), ServiceKeys.TEMPLATE.name())
                        && isScalar(entry.getValueNode(), "false"));
        values = ServiceKeys.KEYS.read(root, new YamlCursor(this, ""));
        checkTogether();
    }

    private static boolean isScalar(Node node, String text) {
        return node instanceof ScalarNode scalar && scalar.getValue().equals(text);
    }

    /** What each key may say alone and not beside another. */
    private void checkTogether() {
        if (values.get(ServiceKeys.AUTOSTART) && isTemplate() && !isOfInstance(ServiceKeys.AUTOSTART)) {
            refuse(
                    ServiceKeys.AUTOSTART,
                    "a template does not start automatically; expected it in the directory of an instance,"
                            + " NAME@TARGET");
        }
        Duration delay = values.get(ServiceKeys.RESTART_DELAY);
        if (values.given(ServiceKeys.RESTART_MAX_DELAY).orElse(delay).compareTo(delay) < 0) {
            refuse(ServiceKeys.RESTART_MAX_DELAY, "shorter than restart_delay; expected at least as much");
        }
        if (isGiven(ServiceKeys.RESTART_LIMIT)) {
            String restart = text(ServiceKeys.RESTART);
            if (restart.startsWith("on-failure:")) {
                refuse(ServiceKeys.RESTART_LIMIT, "restart has a limit already; expected only one of the two");
            } else if (restart.equals("no")) {
                refuse(
                        ServiceKeys.RESTART_LIMIT,
                        "there are no restarts to limit; expected restart: always or on-failure");
            }
        }
        if (isGiven(ServiceKeys.RESTART_PREVENT) && text(ServiceKeys.RESTART).equals("no")) {
            refuse(
                    ServiceKeys.RESTART_PREVENT,
                    "there are no restarts to prevent; expected restart: always or on-failure");
        }
        if (isGiven(ServiceKeys.GROUP) && text(ServiceKeys.USER).contains(":")) {
            refuse(ServiceKeys.GROUP, "user has a group already; expected only one of the two");
        }
        if (DefinitionMaker.isJob(values)) {
            checkJob();
        }
        if (given.containsKey("timeouts.ready") && !isGiven(ServiceKeys.READY)) {
            refuse("timeouts.ready", "there is no ready for it to limit");
        }
    }

    /** What can only be said of a service that goes on. */
    private void checkJob() {
        if (values.given(ServiceKeys.RESTART)
                .filter(restart -> restart.policy() == RestartPolicy.ALWAYS)
                .isPresent()) {
            refuse(
                    ServiceKeys.RESTART,
                    "a job (ready: {finished: true}) is not restarted once it has finished; expected on-failure or no");
        }
        if (values.get(ServiceKeys.HEALTHCHECK).isPresent()) {
            refuse(
                    ServiceKeys.HEALTHCHECK,
                    "a job (ready: {finished: true}) has no process to be checked once it is up; expected only one of the two");
        }
        if (!values.get(ServiceKeys.LINGER).isZero()) {
            refuse(
                    ServiceKeys.LINGER,
                    "a job (ready: {finished: true}) has no process to be kept once it is up; expected only one of the two");
        }
    }

    /** Whether a key that is given is in the directory of an instance, and not in that of its template. */
    private boolean isOfInstance(YamlKey<?> key) {
        Optional<Path> parent = position(key.name())
                .flatMap(Value.Position::override)
                .map(Path::toAbsolutePath)
                .map(Path::getParent);
        return String.valueOf(parent.orElse(directory).getFileName()).contains("@");
    }

    /** What stands there for a key; empty if that is no word. */
    private String text(YamlKey<?> key) {
        return given.get(key.name()) instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    private void refuse(YamlKey<?> key, String what) {
        refuse(key.name(), what);
    }

    /** Says what is wrong with a key that is given, beside all else. */
    void refuse(String key, String what) {
        problem(position(key).orElseGet(() -> new Value.Position(1, 1)), key, what);
    }

    /** Keys that concern {@code run}, in a directory that has none. */
    public void checkThereIsARun(boolean hasScript) {
        if (values.has(ServiceKeys.COMMAND) && hasScript) {
            refuse(
                    ServiceKeys.COMMAND,
                    position(ServiceKeys.COMMAND.name())
                                    .flatMap(Value.Position::override)
                                    .isPresent()
                            ? "the service has a run script, which an override cannot replace; copy the whole directory"
                            : "there is a run script beside it; expected only one of the two");
        }
        if (isGiven(ServiceKeys.COMMAND) || hasScript) {
            return;
        }
        for (YamlKey<?> key : ServiceKeys.KEYS) {
            if (key.ofRun() && isGiven(key)) {
                refuse(key, "there is no run for it to apply to; expected command, or a script run");
            }
        }
    }

    private void problem(Optional<Mark> where, String what) {
        if (where.isEmpty()) {
            problems.add(Problem.with(file, what));
        } else {
            problem(position(where.get()), "", what);
        }
    }

    /** A problem right after a part of the text of a file. */
    private void problem(Path from, String before, String what) {
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        int column = 1 + before.codePointCount(before.lastIndexOf('\n') + 1, before.length());
        problems.add(Problem.at(from, new Value.Position(line, column), "", what));
    }
}
