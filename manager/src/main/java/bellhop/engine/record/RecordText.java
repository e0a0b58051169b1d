package bellhop.engine.record;

import bellhop.core.TimeLimit;
import bellhop.definition.InvalidNameException;
import bellhop.definition.Quote;
import bellhop.definition.ServiceName;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A tree of records as text, and back. Each value has a line of its own: where it is in the tree, a space, and what it
 * is.
 *
 * <pre>
 *     saved.service.state Up
 *     saved.service.state.life Life
 *     saved.service.state.life.incarnation 17
 * </pre>
 *
 * <p>A record says which one it is, a list and a map how many there are; an empty optional has no line. What there are
 * components for in the program, and nothing else, has to be in the text, so that neither a word of another version nor
 * a torn one is taken for something that it is not. A component that is new and an optional reads older text.
 */
final class RecordText {

    /** Records in whose place another name is written than they have now: what is on file keeps its name. */
    private static final Map<Class<?>, String> WRITTEN = Map.of(TimeLimit.class, "Limit");

    private static final int FIRST_PRINTABLE = 0x20;

    private RecordText() {}

    /** One component of a record. */
    private record Component(String name, Method accessor, Type type) {
        Object of(Record tree) {
            try {
                return Objects.requireNonNull(accessor.invoke(tree));
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException(tree.getClass() + "." + name, e);
            }
        }

        String below(String path) {
            return path.isEmpty() ? name : path + "." + name;
        }
    }

    /** The shape of a record's class, looked up once. */
    private record Shape(List<Component> components, Constructor<?> constructor) {
        private static final ClassValue<Shape> KNOWN = new ClassValue<>() {
            @Override
            protected Shape computeValue(Class<?> type) {
                List<Component> components = new ArrayList<>();
                List<Class<?>> types = new ArrayList<>();
                for (RecordComponent component : type.getRecordComponents()) {
                    Method accessor = component.getAccessor();
                    accessor.setAccessible(true); // each call would look for its caller, to check that it has access
                    components.add(new Component(component.getName(), accessor, component.getGenericType()));
                    types.add(component.getType());
                }
                try {
                    return new Shape(components, type.getDeclaredConstructor(types.toArray(new Class<?>[0])));
                } catch (NoSuchMethodException e) {
                    throw new IllegalStateException(type + " is not a record type", e);
                }
            }
        };

        static Shape of(Class<?> type) {
            return KNOWN.get(type);
        }
    }

    /** Says what is wrong with a text. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(Quote.onOneLine(message));
        }
    }

    /** Names the parts of a tree that have files of their own: where a part would be, there is its name after an {@code @}. */
    @FunctionalInterface
    interface PartNames {

        /** All is in one text. */
        PartNames NONE = tree -> Optional.empty();

        /** The name of what is kept elsewhere; empty for anything else. */
        Optional<String> name(Record tree);
    }

    /** Reads the parts that are kept elsewhere. */
    @FunctionalInterface
    interface PartReader {

        /** There are none. */
        PartReader NONE = name -> {
            throw new MalformedException("\"" + name + "\" is not there");
        };

        /**
         * The part of that name.
         *
         * @throws MalformedException if there is no such part, or it is torn
         */
        Record read(String name) throws MalformedException;
    }

    private static final String ELSEWHERE = "@";

    /** The lines of a record's components. */
    static String text(Record value) {
        return text(value, PartNames.NONE);
    }

    /** The same, with the names of parts that are kept elsewhere. */
    static String text(Record value, PartNames parts) {
        TreeWriter writer = new TreeWriter(parts);
        writer.components(value);
        return writer.text.toString();
    }

    private static String written(Class<?> record) {
        String name = WRITTEN.get(record);
        return name == null ? record.getSimpleName() : name;
    }

    private static final class TreeWriter {

        private final PartNames parts;
        private final StringBuilder text = new StringBuilder(2048);
        /** Where the writer is in the tree. */
        private final StringBuilder path = new StringBuilder();

        TreeWriter(PartNames parts) {
            this.parts = parts;
        }

        void components(Record tree) {
            for (Component component : Shape.of(tree.getClass()).components()) {
                below(component.name(), component.of(tree));
            }
        }

        private void below(String name, Object value) {
            int length = path.length();
            if (length > 0) {
                path.append('.');
            }
            path.append(name);
            write(value);
            path.setLength(length);
        }

        private void write(Object value) {
            switch (value) {
                case Optional<?> optional -> optional.ifPresent(this::write);
                case OptionalInt number -> number.ifPresent(it -> line(Integer.toString(it)));
                case OptionalLong number -> number.ifPresent(it -> line(Long.toString(it)));
                case List<?> list -> {
                    line(Integer.toString(list.size()));
                    for (int i = 0; i < list.size(); i++) {
                        below(Integer.toString(i), list.get(i));
                    }
                }
                case Map<?, ?> map -> {
                    line(Integer.toString(map.size()));
                    int i = 0;
                    for (Map.Entry<?, ?> entry : map.entrySet()) {
                        below(i + ".key", Objects.requireNonNull(entry.getKey()));
                        below(i + ".value", Objects.requireNonNull(entry.getValue()));
                        i++;
                    }
                }
                case ServiceName name -> line(name.toString());
                case Record tree -> {
                    Optional<String> part = parts.name(tree);
                    if (part.isPresent()) {
                        line(ELSEWHERE + part.get());
                    } else {
                        line(written(tree.getClass()));
                        components(tree);
                    }
                }
                case Enum<?> constant -> line(constant.name());
                default -> line(value.toString());
            }
        }

        private void line(String value) {
            text.append(path).append(' ');
            if (isPlain(value)) {
                text.append(value);
            } else {
                escape(value);
            }
            text.append('\n');
        }

        private static boolean isPlain(String value) {
            for (int i = 0; i < value.length(); i++) {
                if (isEscaped(value.charAt(i))) {
                    return false;
                }
            }
            return true;
        }

        private void escape(String value) {
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (isEscaped(c)) {
                    text.append(String.format("\\%04x", (int) c));
                } else {
                    text.append(c);
                }
            }
        }

        private static boolean isEscaped(char c) {
            return c < FIRST_PRINTABLE || c == '\\' || Character.isSurrogate(c);
        }
    }

    /**
     * Reads what {@link #text} wrote.
     *
     * @throws MalformedException if it is not exactly that: what is missing, is too much or has a value that it cannot have
     */
    static <T extends Record> T parse(String text, Class<T> type) throws MalformedException {
        return parse(text, type, PartReader.NONE);
    }

    /** As {@link #parse(String, Class)}, with parts that are kept elsewhere. */
    static <T extends Record> T parse(String text, Class<T> type, PartReader parts) throws MalformedException {
        Reader reader = new Reader(text, parts);
        T value = type.cast(reader.components("", type));
        reader.checkEnd();
        return value;
    }

    private static final class Reader {

        private final Map<String, String> lines = new HashMap<>();
        private final PartReader parts;

        Reader(String text, PartReader parts) throws MalformedException {
            this.parts = parts;
            for (String line : text.split("\n", -1)) {
                int blank = line.indexOf(' ');
                if (line.isEmpty()) {
                    continue;
                }
                if (blank < 0 || lines.put(line.substring(0, blank), line.substring(blank + 1)) != null) {
                    throw new MalformedException("unexpected line: " + line);
                }
            }
        }

        void checkEnd() throws MalformedException {
            Optional<String> left = lines.keySet().stream().sorted().findFirst();
            if (left.isPresent()) {
                throw new MalformedException("unexpected line: " + left.get());
            }
        }

        Object read(String path, Type type) throws MalformedException {
            Class<?> raw = (Class<?>) (type instanceof ParameterizedType generic ? generic.getRawType() : type);
            if (raw == Optional.class) {
                return lines.containsKey(path) ? Optional.of(read(path, argument(type, 0))) : Optional.empty();
            }
            if (raw == OptionalInt.class) {
                return lines.containsKey(path) ? OptionalInt.of((int) number(path)) : OptionalInt.empty();
            }
            if (raw == OptionalLong.class) {
                return lines.containsKey(path) ? OptionalLong.of(number(path)) : OptionalLong.empty();
            }
            if (raw == List.class) {
                List<Object> list = new ArrayList<>();
                long count = number(path);
                for (long i = 0; i < count; i++) {
                    list.add(read(path + "." + i, argument(type, 0)));
                }
                return list;
            }
            if (Map.class.isAssignableFrom(raw)) {
                Map<Object, Object> map = new LinkedHashMap<>();
                long count = number(path);
                for (long i = 0; i < count; i++) {
                    Object key = read(path + "." + i + ".key", argument(type, 0));
                    map.put(key, read(path + "." + i + ".value", argument(type, 1)));
                }
                return map;
            }
            if (!raw.isSealed() && (!raw.isRecord() || raw == ServiceName.class)) {
                return leaf(path, raw);
            }
            return lines.getOrDefault(path, "").startsWith(ELSEWHERE)
                    ? part(path, raw)
                    : components(path, named(path, raw));
        }

        private Object part(String path, Class<?> raw) throws MalformedException {
            Record part = parts.read(take(path).substring(ELSEWHERE.length()));
            if (!raw.isInstance(part)) {
                throw new MalformedException(path + ": a " + written(part.getClass()) + " is no " + written(raw));
            }
            return part;
        }

        private static Type argument(Type type, int index) {
            return ((ParameterizedType) type).getActualTypeArguments()[index];
        }

        Object components(String path, Class<?> record) throws MalformedException {
            Shape shape = Shape.of(record);
            List<Object> values = new ArrayList<>();
            for (Component component : shape.components()) {
                values.add(read(component.below(path), component.type()));
            }
            try {
                return shape.constructor().newInstance(values.toArray());
            } catch (InvocationTargetException e) {
                throw new MalformedException(path + ": " + reason(e));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(record + " cannot be created", e);
            }
        }

        private static String reason(InvocationTargetException e) {
            return e.getCause() instanceof IllegalArgumentException why && why.getMessage() != null
                    ? why.getMessage()
                    : "parts that do not fit together";
        }

        private Class<?> named(String path, Class<?> raw) throws MalformedException {
            String name = take(path);
            List<Class<?>> candidates = raw.isSealed() ? List.of(raw.getPermittedSubclasses()) : List.of(raw);
            for (Class<?> candidate : candidates) {
                if (written(candidate).equals(name)) {
                    return candidate;
                }
            }
            throw new MalformedException(path + ": \"" + name + "\" is not one of "
                    + String.join(
                            ", ", candidates.stream().map(RecordText::written).toList()));
        }

        private Object leaf(String path, Class<?> raw) throws MalformedException {
            String text = take(path);
            try {
                if (raw == String.class) {
                    return text;
                }
                if (raw == int.class) {
                    return Integer.valueOf(text);
                }
                if (raw == long.class || raw == Long.class) {
                    return Long.valueOf(text);
                }
                if (raw == boolean.class && (text.equals("true") || text.equals("false"))) {
                    return Boolean.valueOf(text);
                }
                if (raw == Path.class) {
                    return Path.of(text);
                }
                if (raw == Duration.class) {
                    return Duration.parse(text);
                }
                if (raw == BigDecimal.class) {
                    return new BigDecimal(text);
                }
                if (raw == ServiceName.class) {
                    return ServiceName.parse(text);
                }
                for (Object constant : Objects.requireNonNullElse(raw.getEnumConstants(), new Object[0])) {
                    if (((Enum<?>) constant).name().equals(text)) {
                        return constant;
                    }
                }
            } catch (RuntimeException | InvalidNameException e) {
                throw new MalformedException(path + ": \"" + text + "\" is not of type " + raw.getSimpleName());
            }
            throw new MalformedException(path + ": \"" + text + "\" is not of type " + raw.getSimpleName());
        }

        private long number(String path) throws MalformedException {
            String text = take(path);
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw new MalformedException(path + ": \"" + text + "\" is not a number");
            }
        }

        private String take(String path) throws MalformedException {
            String value = lines.remove(path);
            if (value == null) {
                throw new MalformedException(path + " is missing");
            }
            return value.indexOf('\\') < 0 ? value : unescaped(path, value);
        }

        private static String unescaped(String path, String value) throws MalformedException {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < value.length(); i++) {
                if (value.charAt(i) != '\\') {
                    text.append(value.charAt(i));
                    continue;
                }
                try {
                    text.append((char) Integer.parseInt(value.substring(i + 1, i + 5), 16));
                    i += 4;
                } catch (IndexOutOfBoundsException | NumberFormatException e) {
                    throw new MalformedException(path + ": a \\ without four digits after it");
                }
            }
            return text.toString();
        }
    }
}
