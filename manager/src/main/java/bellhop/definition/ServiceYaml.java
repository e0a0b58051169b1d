package bellhop.definition;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.Schema;

/**
 * Reads a {@code service.yaml}: YAML 1.2 with its core schema, so {@code no} is a word and only {@code true}
 * and {@code false} are truth values. Whatever is in the file ends as settings or as lines that say what is
 * wrong where; size, depth and the number of aliases are limited. No other class leads to the YAML library,
 * which therefore is loaded with the first such file.
 */
final class ServiceYaml {
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

    private final Path file;
    private final Settings settings;
    private final List<String> problems;

    private ServiceYaml(Path file, Settings settings, List<String> problems) {
        this.file = file;
        this.settings = settings;
        this.problems = problems;
    }

    /**
     * Reads a regular file.
     *
     * @param settings where its values go
     * @param problems where a line goes for each thing that is wrong
     */
    static void read(Path file, Settings settings, List<String> problems) {
        new ServiceYaml(file, settings, problems).read();
    }

    private void read() {
        String text = text();
        if (text == null) {
            return;
        }
        try {
            LoadSettings load = LoadSettings.builder()
                    .setSchema(new Core())
                    .setAllowNonScalarKeys(true)
                    .setBufferSize(READ_AT_ONCE)
                    .setMaxAliasesForCollections(MAX_ALIASES)
                    .setCodePointLimit(MAX_BYTES)
                    .build();
            if (isShallow(new Parse(load).parseString(text))) {
                new Compose(load).composeString(text).ifPresent(this::readAll);
            }
        } catch (MarkedYamlEngineException e) {
            problem(e.getProblemMark().or(e::getContextMark), Quote.onOneLine(e.getProblem()));
        } catch (ReaderException e) {
            String before = text.substring(0, text.offsetByCodePoints(0, e.getPosition()));
            problem(before, String.format("the character U+%04X is not allowed in YAML", e.getCodePoint()));
        } catch (YamlEngineException e) {
            problem(Optional.empty(), Quote.onOneLine(String.valueOf(e.getMessage())));
        }
    }

    private @Nullable String text() {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (IOException e) {
            problems.add(Quote.onOneLine(file) + ": " + Reason.of(e));
            return null;
        }
        if (bytes.length > MAX_BYTES) {
            problems.add(Quote.onOneLine(file) + ": too long; expected at most " + MAX_BYTES + " bytes");
            return null;
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer text = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(ByteBuffer.wrap(bytes), text, true);
        String decoded = text.flip().toString();
        if (result.isError()) {
            problem(decoded, "these bytes are not UTF-8");
            return null;
        }
        return decoded;
    }

    /** Each level of nesting costs the composer stack; its parser's events cost none. */
    private boolean isShallow(Iterable<Event> events) {
        int depth = 0;
        for (Event event : events) {
            if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
                problem(event.getStartMark(), "nested too deeply; expected at most " + MAX_DEPTH + " levels");
                return false;
            }
            if (event instanceof CollectionEndEvent) {
                depth--;
            }
        }
        return true;
    }

    private void readAll(Node root) {
        if (root.getTag().equals(Tag.NULL)) {
            return;
        }
        if (!(root instanceof MappingNode mapping)) {
            problem(root.getStartMark(), Form.whatIsThere(root) + "; expected lines of the form key: value");
            return;
        }
        Map<String, Node> seen = new HashMap<>();
        for (NodeTuple entry : mapping.getValue()) {
            Node keyNode = entry.getKeyNode();
            if (!(keyNode instanceof ScalarNode scalar) || !scalar.getTag().equals(Tag.STR)) {
                problem(keyNode.getStartMark(), Form.whatIsThere(keyNode) + " is not a key; expected a word");
                continue;
            }
            String name = scalar.getValue();
            Node first = seen.putIfAbsent(name, keyNode);
            if (first != null) {
                problem(keyNode.getStartMark(), shown(name) + ": given twice; the first is in line " + line(first));
                continue;
            }
            Optional<Key<?>> key = Key.named(name);
            if (key.isPresent()) {
                key.get()
                        .read(
                                entry.getValueNode(),
                                settings,
                                (where, what) -> problem(where.getStartMark(), name + ": " + what));
            } else {
                problem(keyNode.getStartMark(), shown(name) + ": " + whyUnknown(name));
            }
        }
        checkTogether(seen);
    }

    /** What each key may say alone and not beside another. */
    private void checkTogether(Map<String, Node> keys) {
        Node autostart = keys.get("autostart");
        Path directory = file.toAbsolutePath().getParent();
        boolean isInstance =
                directory != null && String.valueOf(directory.getFileName()).contains("@");
        if (settings.autostart && settings.template && autostart != null && !isInstance) {
            problem(
                    autostart.getStartMark(),
                    "autostart: a template does not start by itself; expected it in the directory of an instance,"
                            + " NAME@TARGET");
        }
    }

    private static String whyUnknown(String name) {
        if (Key.NOT_YET.contains(name)) {
            return "not supported yet by this version";
        }
        List<String> names = Key.names();
        String hint = Nearest.hint(name, names);
        return "unknown key" + (hint.isEmpty() ? "; expected one of " + String.join(", ", names) : hint);
    }

    /** A key needs quotes only where it is not the plain word that a key is. */
    private static String shown(String name) {
        return name.matches("\\w{1,40}") ? name : Quote.of(name);
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    private void problem(Optional<Mark> where, String what) {
        String position = where.map(mark -> ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1))
                .orElse("");
        problems.add(Quote.onOneLine(file) + position + ": " + what);
    }

    /** A problem right after a part of the text. */
    private void problem(String before, String what) {
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        int column = 1 + before.codePointCount(before.lastIndexOf('\n') + 1, before.length());
        problems.add(Quote.onOneLine(file) + ":" + line + ":" + column + ": " + what);
    }
}
