package bellhop.yaml;

import bellhop.definition.EnvironmentSettings;
import bellhop.definition.InvalidNameException;
import bellhop.definition.Nearest;
import bellhop.definition.ProcessSettings;
import bellhop.definition.Quote;
import bellhop.definition.Ready;
import bellhop.definition.ServiceName;
import bellhop.definition.Value;
import bellhop.linux.KeptVariables;
import bellhop.linux.Signals;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The forms of which the keys are made. */
final class Syntaxes {
    private static final Set<Value.Kind> STRING = EnumSet.of(Value.Kind.STRING);
    private static final Set<Value.Kind> WORDS =
            EnumSet.of(Value.Kind.STRING, Value.Kind.INTEGER, Value.Kind.DECIMAL, Value.Kind.BOOLEAN);
    private static final Set<Value.Kind> WORD_OR_INTEGER = EnumSet.of(Value.Kind.STRING, Value.Kind.INTEGER);
    private static final Set<Value.Kind> NUMBER = EnumSet.of(Value.Kind.STRING, Value.Kind.INTEGER, Value.Kind.DECIMAL);
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,9})?)(us|ms|s|m|h)");
    private static final String DURATION_PATTERN = "^([0-9]{1,12}(\\.[0-9]{1,9})?(us|ms|s|m|h))+$";
    private static final Duration LONGEST = Duration.ofHours(100_000);
    private static final String TOO_LONG = "too long; expected at most 100000h";
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?) ?([kmgtKMGT]?)(?:[iI]?[bB])?");
    private static final String SIZE_PATTERN = "^[0-9]{1,15}(\\.[0-9]{1,9})? ?[kmgtKMGT]?([iI]?[bB])?$";
    private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*\\$?");
    private static final String ACCOUNT_PATTERN = "^[A-Za-z0-9_][A-Za-z0-9_.-]*\\$?$";
    private static final String VARIABLE_PATTERN = "[A-Za-z_][A-Za-z0-9_.-]*";
    private static final Pattern VARIABLE = Pattern.compile(VARIABLE_PATTERN);
    private static final Pattern TCP = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[0-9.]+|localhost):([0-9]{1,5})");

    private Syntaxes() {}

    static SequencedMap<String, Object> string() {
        return JsonSchema.of("type", "string");
    }

    private static SequencedMap<String, Object> pattern(String pattern) {
        return JsonSchema.of("type", "string", "pattern", pattern);
    }

    /** Any text on any lines. */
    static Syntax<String> text() {
        return new Syntax.TextSyntax<>("a text", STRING, string(), (text, place) -> place.expand(text));
    }

    /** A word of a command line: what YAML takes for a number is a word there too, as it is written. */
    private static Syntax<String> argument() {
        return new Syntax.TextSyntax<>(
                "a word",
                WORDS,
                JsonSchema.of("type", List.of("string", "number", "boolean")),
                (text, place) -> place.expand(text));
    }

    static Syntax<Duration> duration(Duration least) {
        String expected = Durations.EXPECTED + (least.isZero() ? "" : ", at least " + shown(least));
        return new Syntax.TextSyntax<>(expected, STRING, pattern(DURATION_PATTERN), (text, place) -> {
            Duration duration = parseDuration(text);
            if (duration.compareTo(least) < 0) {
                throw new Syntax.InvalidValueException("");
            }
            return duration;
        });
    }

    static Duration parseDuration(String text) throws Syntax.InvalidValueException {
        Duration duration = Duration.ZERO;
        Matcher part = DURATION.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!part.region(at, text.length()).lookingAt()) {
                throw new Syntax.InvalidValueException("");
            }
            BigDecimal nanos = new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(nanosOf(part.group(2))));
            if (nanos.compareTo(BigDecimal.valueOf(LONGEST.toNanos())) > 0) {
                throw new Syntax.InvalidValueException(TOO_LONG);
            }
            duration = duration.plusNanos(nanos.longValue());
            at = part.end();
        }
        if (text.isEmpty()) {
            throw new Syntax.InvalidValueException("");
        }
        if (duration.compareTo(LONGEST) > 0) {
            throw new Syntax.InvalidValueException(TOO_LONG);
        }
        return duration;
    }

    private static String shown(Duration duration) {
        return duration.toMillis() >= 1000 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }

    private static long nanosOf(String unit) {
        return switch (unit) {
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3_600_000_000_000L;
        };
    }

    /** Bytes, of units that are powers of 1024, as Compose has them. */
    static Syntax<Long> size(long least) {
        SequencedMap<String, Object> schema = JsonSchema.of(
                "anyOf", List.of(JsonSchema.of("type", "integer", "minimum", least), pattern(SIZE_PATTERN)));
        return new Syntax.TextSyntax<>(
                "a size such as 64m, 512KiB or 1gb" + (least > 0 ? ", at least " + least : ""),
                NUMBER,
                schema,
                (text, place) -> {
                    Matcher size = SIZE.matcher(text);
                    if (!size.matches()) {
                        throw new Syntax.InvalidValueException("");
                    }
                    int power = "kmgt".indexOf(size.group(2).toLowerCase(Locale.ROOT)) + 1;
                    BigDecimal bytes = new BigDecimal(size.group(1))
                            .multiply(BigDecimal.valueOf(size.group(2).isEmpty() ? 1L : 1L << (10 * power)));
                    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE / 2)) > 0) {
                        throw new Syntax.InvalidValueException("too big");
                    }
                    if (bytes.longValue() < least) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return bytes.longValue();
                });
    }

    /** A whole number. */
    static Syntax<Long> whole(String what, long least, long most) {
        String expected = what + " from " + least + " to " + most;
        return new Syntax.TextSyntax<>(
                expected,
                EnumSet.of(Value.Kind.INTEGER),
                JsonSchema.of("type", "integer", "minimum", least, "maximum", most),
                (text, place) -> {
                    BigInteger number = integer(text);
                    if (number.compareTo(BigInteger.valueOf(least)) < 0
                            || number.compareTo(BigInteger.valueOf(most)) > 0) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return number.longValue();
                });
    }

    /** As YAML's core schema has them: 10, 0o17, 0xff. */
    private static BigInteger integer(String text) throws Syntax.InvalidValueException {
        try {
            return text.startsWith("0o")
                    ? new BigInteger(text.substring(2), 8)
                    : text.startsWith("0x") ? new BigInteger(text.substring(2), 16) : new BigInteger(text);
        } catch (NumberFormatException e) {
            throw new Syntax.InvalidValueException("");
        }
    }

    static Syntax<BigDecimal> cpus() {
        return new Syntax.TextSyntax<>(
                "a number of processors above 0, such as 0.5",
                NUMBER,
                JsonSchema.of(
                        "anyOf",
                        List.of(
                                JsonSchema.of("type", "number", "exclusiveMinimum", 0),
                                pattern("^[0-9]{1,6}(\\.[0-9]{1,6})?$"))),
                (text, place) -> {
                    if (!text.matches("[0-9]{1,6}(\\.[0-9]{1,6})?") || new BigDecimal(text).signum() == 0) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return new BigDecimal(text);
                });
    }

    /** At least one path, and no impossible one. */
    static Syntax<Path> path(String expected) {
        return new Syntax.TextSyntax<>(
                expected, STRING, JsonSchema.of("type", "string", "minLength", 1), (text, place) -> {
                    if (text.isEmpty()) {
                        throw new Syntax.InvalidValueException("");
                    }
                    try {
                        return place.yaml()
                                .directory()
                                .resolve(place.expand(text))
                                .normalize();
                    } catch (InvalidPathException e) {
                        throw new Syntax.InvalidValueException("file names are in "
                                + System.getProperty("sun.jnu.encoding") + " here, which has no such name");
                    }
                });
    }

    /** What is to be executed: a list of words, or one text that is split as a shell would, and only split. */
    static Syntax<List<String>> command() {
        Syntax<List<String>> line = new Syntax.TextSyntax<>(
                "a command line", STRING, JsonSchema.of("type", "string", "pattern", "\\S"), (text, place) -> {
                    List<String> words = new ArrayList<>();
                    for (String word : split(text)) {
                        words.add(place.expand(word));
                    }
                    return words;
                });
        return notEmpty(new Syntax.ListOf<>(argument(), "a list of words, or one text", line), "a program");
    }

    /** A test as Compose has it: a text or CMD-SHELL for a shell, CMD for a program; NONE where there may be none. */
    static Syntax<List<String>> test(boolean mayBeNone) {
        Syntax<List<String>> line = new Syntax.TextSyntax<>(
                "a command line", STRING, JsonSchema.of("type", "string", "pattern", "\\S"), (text, place) -> {
                    if (text.isBlank()) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return List.of("CMD-SHELL", place.expand(text));
                });
        String first = mayBeNone ? "CMD, CMD-SHELL or NONE" : "CMD or CMD-SHELL";
        Syntax<List<String>> list =
                new Syntax.ListOf<>(argument(), "a text, or a list that begins with " + first, line);
        return new Validated<>(
                list,
                words -> {
                    String kind = words.isEmpty() ? "" : words.getFirst();
                    return switch (kind) {
                        case "CMD" -> words.size() > 1 && !words.get(1).isEmpty() ? "" : "expected a program after CMD";
                        case "CMD-SHELL" ->
                            words.size() == 2 && !words.get(1).isBlank()
                                    ? ""
                                    : "expected one command line after CMD-SHELL";
                        case "NONE" ->
                            mayBeNone && words.size() == 1 ? "" : "a list that begins with NONE; expected " + first;
                        default -> "a list that begins with " + Quote.of(kind) + "; expected " + first + " there";
                    };
                },
                JsonSchema.of(
                        "anyOf",
                        List.of(
                                JsonSchema.of("type", "string", "pattern", "\\S"),
                                JsonSchema.of(
                                        "type",
                                        "array",
                                        "items",
                                        argument().schema(),
                                        "minItems",
                                        mayBeNone ? 1 : 2,
                                        "prefixItems",
                                        List.of(JsonSchema.of(
                                                "enum",
                                                mayBeNone
                                                        ? List.of("CMD", "CMD-SHELL", "NONE")
                                                        : List.of("CMD", "CMD-SHELL")))))),
                words -> switch (words.getFirst()) {
                    case "CMD" -> words.subList(1, words.size());
                    case "CMD-SHELL" -> List.of("/bin/sh", "-c", words.get(1));
                    default -> List.of();
                });
    }

    /** The words of a line as a shell splits them: quotes and backslashes are honoured, nothing is expanded. */
    static List<String> split(String line) throws Syntax.InvalidValueException {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote == '\'' ? c == '\'' : quote == '"' && c == '"') {
                quote = 0;
            } else if (quote == '\'') {
                word.append(c);
            } else if (c == '\\') {
                if (++i == line.length()) {
                    throw new Syntax.InvalidValueException("a backslash at the end stands for nothing");
                }
                char next = line.charAt(i);
                if (quote == '"' && "\\\"$`\n".indexOf(next) < 0) {
                    word.append(c);
                }
                word.append(next);
                inWord = true;
            } else if (quote == '"') {
                word.append(c);
            } else if (c == '\'' || c == '"') {
                quote = c;
                inWord = true;
            } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (quote != 0) {
            throw new Syntax.InvalidValueException("a quote is not closed; expected " + quote);
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }

    private static Syntax<List<String>> notEmpty(Syntax<List<String>> form, String what) {
        SequencedMap<String, Object> schema = JsonSchema.of(
                "anyOf",
                List.of(
                        JsonSchema.of("type", "string", "pattern", "\\S"),
                        JsonSchema.of("type", "array", "items", argument().schema(), "minItems", 1)));
        return new Validated<>(
                form,
                words -> words.isEmpty() || words.getFirst().isEmpty() ? "empty; expected " + what : "",
                schema,
                words -> words);
    }

    /** A number of a user or group, or its name. */
    static Syntax<String> account(String expected) {
        return new Syntax.TextSyntax<>(expected, WORD_OR_INTEGER, accountSchema(ACCOUNT_PATTERN), (text, place) -> {
            String name = place.expand(text);
            if (!isAccount(name)) {
                throw new Syntax.InvalidValueException("");
            }
            return name;
        });
    }

    static boolean isAccount(String name) {
        return ACCOUNT.matcher(name).matches()
                && (!name.matches("[0-9]+") || (name.length() <= 10 && Long.parseLong(name) < 0xFFFF_FFFFL));
    }

    /** As Compose has it: a user, and after a colon the group. */
    static Syntax<List<String>> user() {
        String name = "[A-Za-z0-9_][A-Za-z0-9_.-]*\\$?";
        return new Syntax.TextSyntax<>(
                "a user's name or number, or user:group",
                WORD_OR_INTEGER,
                accountSchema("^" + name + "(:" + name + ")?$"),
                (text, place) -> {
                    List<String> parts = List.of(text.split(":", -1));
                    if (parts.size() > 2 || !parts.stream().allMatch(Syntaxes::isAccount)) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return parts;
                });
    }

    private static SequencedMap<String, Object> accountSchema(String pattern) {
        return JsonSchema.of(
                "anyOf",
                List.of(JsonSchema.of("type", "integer", "minimum", 0, "maximum", 0xFFFF_FFFEL), pattern(pattern)));
    }

    /** The number of a signal by its name, with or without SIG. */
    static Syntax<Integer> signal() {
        List<Object> names = new ArrayList<>();
        Signals.names().forEach(name -> {
            names.add(name);
            names.add("SIG" + name);
        });
        return new Syntax.TextSyntax<>(
                "a signal such as SIGTERM, TERM or 15",
                WORD_OR_INTEGER,
                JsonSchema.of(
                        "anyOf",
                        List.of(
                                JsonSchema.of("enum", names),
                                JsonSchema.of("type", "integer", "minimum", 1, "maximum", Signals.GREATEST))),
                (text, place) -> {
                    if (text.matches("[0-9]{1,3}")) {
                        int number = Integer.parseInt(text);
                        if (number < 1 || number > Signals.GREATEST) {
                            throw new Syntax.InvalidValueException("");
                        }
                        return number;
                    }
                    String name = text.startsWith("SIG") ? text.substring(3) : text;
                    List<String> valid = Signals.names();
                    if (!valid.contains(name)) {
                        throw new Syntax.InvalidValueException(
                                "no such signal; expected one such as SIGTERM, TERM or 15"
                                        + Nearest.hint(name.toUpperCase(Locale.ROOT), valid, "SIG"));
                    }
                    return Signals.number(name).orElseThrow();
                });
    }

    static Syntax<Integer> umask() {
        return new Syntax.TextSyntax<>(
                "three octal digits in quotes, such as \"022\"", STRING, pattern("^0?[0-7]{3}$"), (text, place) -> {
                    if (!text.matches("0?[0-7]{3}")) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return Integer.parseInt(text, 8);
                });
    }

    static Syntax<ServiceName> service() {
        return new Syntax.TextSyntax<>(
                "the name of a service",
                WORD_OR_INTEGER,
                JsonSchema.of("type", List.of("string", "integer"), "minLength", 1),
                (text, place) -> {
                    try {
                        return ServiceName.parse(place.expand(text));
                    } catch (InvalidNameException e) {
                        throw new Syntax.InvalidValueException("no service name: " + e.reason());
                    }
                });
    }

    static Syntax<Ready.Tcp> tcp() {
        return new Syntax.TextSyntax<>(
                "ADDRESS:PORT with a literal address or localhost, such as 127.0.0.1:53 or [::1]:53",
                STRING,
                pattern("^(\\[[0-9A-Fa-f:.]+\\]|[0-9.]+|localhost):[0-9]{1,5}$"),
                (text, place) -> {
                    Matcher tcp = TCP.matcher(text);
                    if (!tcp.matches()) {
                        throw new Syntax.InvalidValueException("");
                    }
                    int port = Integer.parseInt(tcp.group(2));
                    String host = tcp.group(1).replaceAll("[\\[\\]]", "");
                    if (port < 1 || port > 65535) {
                        throw new Syntax.InvalidValueException(
                                "no port has the number " + port + "; expected 1 to 65535");
                    }
                    if (!host.equals("localhost") && !isAddress(host)) {
                        throw new Syntax.InvalidValueException(
                                "no address: " + host + "; expected one such as 127.0.0.1 or [::1]");
                    }
                    return new Ready.Tcp(host, port);
                });
    }

    private static boolean isAddress(String host) {
        try {
            var _ = host.contains(":") ? java.net.Inet6Address.ofLiteral(host) : java.net.Inet4Address.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The name of a variable that the manager does not set itself. */
    static Syntax<String> variable() {
        return new Syntax.TextSyntax<>(
                "the name of a variable",
                STRING,
                pattern("^" + VARIABLE_PATTERN + "$"),
                (text, place) -> variable(text));
    }

    private static String variable(String name) throws Syntax.InvalidValueException {
        if (!VARIABLE.matcher(name).matches()) {
            throw new Syntax.InvalidValueException(
                    "no name of a variable; expected letters, digits and _ . -, no digit first");
        }
        if (ManagersVariables.contains(name)) {
            throw new Syntax.InvalidValueException("set by the manager; expected another name");
        }
        return name;
    }

    /** A map of names and values, or a list of {@code NAME=VALUE}; a name alone is taken from the manager's own. */
    static Syntax<Map<String, String>> environment() {
        Syntax<String> value = new Syntax.TextSyntax<>(
                "a text, number or truth value, or nothing for the manager's own",
                WORDS,
                JsonSchema.of("type", List.of("string", "number", "boolean", "null")),
                (text, place) -> place.expand(text));
        Syntax<Map<String, String>> map = new Syntax.Converted<>(
                new Syntax.MapOf<>(variable(), new EnvironmentValue(value), "a map or a list of NAME=VALUE"),
                Syntaxes::withInherited);
        Syntax<List<String>> entry = new Syntax.TextSyntax<>(
                "NAME=VALUE, or NAME for the manager's own",
                STRING,
                pattern("^" + VARIABLE_PATTERN + "(=[\\s\\S]*)?$"),
                (text, place) -> {
                    int equals = text.indexOf('=');
                    String name = variable(equals < 0 ? text : text.substring(0, equals));
                    return equals < 0 ? List.of(name) : List.of(name, place.expand(text.substring(equals + 1)));
                });
        Syntax<Map<String, String>> list =
                new Syntax.Converted<>(new Syntax.ListOf<>(entry, "a map or a list of NAME=VALUE", null), entries -> {
                    Map<String, List<String>> variables = new LinkedHashMap<>();
                    entries.forEach(it -> variables.put(it.getFirst(), it.subList(1, it.size())));
                    return withInherited(variables);
                });
        return new Syntax.MapOr<>(map, list, "a map or a list of NAME=VALUE");
    }

    private static Map<String, String> withInherited(Map<String, List<String>> given) {
        Map<String, String> variables = new LinkedHashMap<>();
        given.forEach((name, value) -> {
            String own = value.isEmpty() ? KeptVariables.value(name) : value.getFirst();
            if (own != null) {
                variables.put(name, own);
            }
        });
        return variables;
    }

    /** Files of variables: one, or a list; each a path, or a map that says whether it is required. */
    static Syntax<List<EnvironmentSettings.File>> envFiles() {
        Syntax<EnvironmentSettings.File> plain = new Syntax.Converted<>(
                path("the path of a file of variables"), path -> new EnvironmentSettings.File(path, true));
        final class FileDraft {
            @org.jspecify.annotations.Nullable
            Path path;

            boolean required = true;
        }
        Supplier<FileDraft> make = FileDraft::new;
        Syntax<EnvironmentSettings.File> map = new Syntax.MapSyntax<FileDraft, EnvironmentSettings.File>(
                List.of(
                        new YamlKey<FileDraft, Path>(
                                "path",
                                "The file.",
                                "",
                                path("the path of a file of variables"),
                                (draft, value) -> draft.path = value),
                        new YamlKey<FileDraft, Boolean>(
                                "required",
                                "Whether the service cannot be started without it.",
                                "true",
                                new Syntax.Flag(),
                                (draft, value) -> draft.required = value)),
                make,
                (draft, node, place) -> draft.path == null
                        ? place.complain(node, "path is missing")
                        : Optional.of(new EnvironmentSettings.File(draft.path, draft.required)),
                JsonSchema.of("required", List.of("path")));
        Syntax<EnvironmentSettings.File> one = new Syntax.MapOr<>(map, plain, "a path, or a map of path and required");
        return new Syntax.ListOf<>(one, "a path, or a list of paths", new Syntax.Converted<>(one, List::of));
    }

    static Syntax<SequencedMap<String, ProcessSettings.Ulimit>> ulimits() {
        Syntax<Long> limit = new Syntax.TextSyntax<>(
                "a number, -1 or unlimited",
                WORD_OR_INTEGER,
                JsonSchema.of(
                        "anyOf",
                        List.of(JsonSchema.of("type", "integer", "minimum", -1), JsonSchema.of("const", "unlimited"))),
                (text, place) -> {
                    if (text.equals("-1") || text.equals("unlimited")) {
                        return ProcessSettings.Ulimit.UNLIMITED;
                    }
                    if (!text.matches("[0-9]{1,18}")) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return Long.parseLong(text);
                });
        final class UlimitDraft {
            @org.jspecify.annotations.Nullable
            Long soft;

            @org.jspecify.annotations.Nullable
            Long hard;
        }
        Supplier<UlimitDraft> make = UlimitDraft::new;
        Syntax<ProcessSettings.Ulimit> both = new Syntax.MapSyntax<UlimitDraft, ProcessSettings.Ulimit>(
                List.of(
                        new YamlKey<UlimitDraft, Long>(
                                "soft", "What is in force.", "", limit, (draft, value) -> draft.soft = value),
                        new YamlKey<UlimitDraft, Long>(
                                "hard", "How far it may be raised.", "", limit, (draft, value) -> draft.hard = value)),
                make,
                (draft, node, place) -> {
                    if (draft.soft == null || draft.hard == null) {
                        return place.complain(node, "expected both soft and hard");
                    }
                    if (draft.soft > draft.hard) {
                        return place.complain(node, "soft is above hard; expected at most as much");
                    }
                    return Optional.of(new ProcessSettings.Ulimit(draft.soft, draft.hard));
                },
                JsonSchema.of("required", List.of("soft", "hard")));
        Syntax<ProcessSettings.Ulimit> one = new Syntax.MapOr<>(
                both,
                new Syntax.Converted<>(limit, value -> new ProcessSettings.Ulimit(value, value)),
                "a number, or a map of soft and hard");
        return new Syntax.MapOf<>(named("a limit", "", ULIMITS), one, "a map of limits, such as {nofile: 1024}");
    }

    static final List<String> ULIMITS = List.of(
            "as",
            "core",
            "cpu",
            "data",
            "fsize",
            "locks",
            "memlock",
            "msgqueue",
            "nice",
            "nofile",
            "nproc",
            "rss",
            "rtprio",
            "rttime",
            "sigpending",
            "stack");

    static final List<String> CAPABILITIES = List.of(
            "all",
            "audit_control",
            "audit_read",
            "audit_write",
            "block_suspend",
            "bpf",
            "checkpoint_restore",
            "chown",
            "dac_override",
            "dac_read_search",
            "fowner",
            "fsetid",
            "ipc_lock",
            "ipc_owner",
            "kill",
            "lease",
            "linux_immutable",
            "mac_admin",
            "mac_override",
            "mknod",
            "net_admin",
            "net_bind_service",
            "net_broadcast",
            "net_raw",
            "perfmon",
            "setfcap",
            "setgid",
            "setpcap",
            "setuid",
            "sys_admin",
            "sys_boot",
            "sys_chroot",
            "sys_module",
            "sys_nice",
            "sys_pacct",
            "sys_ptrace",
            "sys_rawio",
            "sys_resource",
            "sys_time",
            "sys_tty_config",
            "syslog",
            "wake_alarm");

    static Syntax<List<String>> capabilities() {
        return new Syntax.ListOf<>(
                named("a capability", "cap_", CAPABILITIES),
                "a list of capabilities, such as [NET_RAW] or [ALL]",
                null);
    }

    /** One of many names, in small letters or capitals where a prefix may stand before it, else as it is. */
    private static Syntax<String> named(String what, String prefix, List<String> names) {
        List<Object> all = new ArrayList<>();
        for (String name : names) {
            all.add(name);
            if (!prefix.isEmpty()) {
                all.add(name.toUpperCase(Locale.ROOT));
                all.add(prefix + name);
                all.add((prefix + name).toUpperCase(Locale.ROOT));
            }
        }
        return new Syntax.TextSyntax<>(what, STRING, JsonSchema.of("enum", all), (text, place) -> {
            String name = prefix.isEmpty() ? text : text.toLowerCase(Locale.ROOT);
            name = !prefix.isEmpty() && name.startsWith(prefix) ? name.substring(prefix.length()) : name;
            if (!names.contains(name)) {
                String hint = Nearest.hint(name, names);
                throw new Syntax.InvalidValueException("not " + what
                        + (!hint.isEmpty() || !prefix.isEmpty()
                                ? hint
                                : "; expected one of " + String.join(", ", names)));
            }
            return name;
        });
    }

    static Syntax<Long> pidsLimit() {
        return new Syntax.TextSyntax<>(
                "a number from 1, or -1 for no limit",
                EnumSet.of(Value.Kind.INTEGER),
                JsonSchema.of("type", "integer", "not", JsonSchema.of("const", 0), "minimum", -1, "maximum", 4_194_304),
                (text, place) -> {
                    BigInteger number = integer(text);
                    if (number.signum() == 0
                            || number.longValue() < -1
                            || number.bitLength() > 23
                            || number.longValue() > 4_194_304) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return number.longValue();
                });
    }
}
