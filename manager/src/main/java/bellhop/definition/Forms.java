package bellhop.definition;

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
final class Forms {
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

    private Forms() {}

    static SequencedMap<String, Object> string() {
        return Schema.of("type", "string");
    }

    private static SequencedMap<String, Object> pattern(String pattern) {
        return Schema.of("type", "string", "pattern", pattern);
    }

    /** Any text on any lines. */
    static Form<String> text() {
        return new Form.Text<>("a text", STRING, string(), (text, place) -> place.expand(text));
    }

    /** A word of a command line: what YAML takes for a number is a word there too, as it is written. */
    private static Form<String> argument() {
        return new Form.Text<>(
                "a word",
                WORDS,
                Schema.of("type", List.of("string", "number", "boolean")),
                (text, place) -> place.expand(text));
    }

    static Form<Duration> duration(Duration least) {
        String expected = Durations.EXPECTED + (least.isZero() ? "" : ", at least " + shown(least));
        return new Form.Text<>(expected, STRING, pattern(DURATION_PATTERN), (text, place) -> {
            Duration duration = parseDuration(text);
            if (duration.compareTo(least) < 0) {
                throw new Form.Wrong("");
            }
            return duration;
        });
    }

    static Duration parseDuration(String text) throws Form.Wrong {
        Duration duration = Duration.ZERO;
        Matcher part = DURATION.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!part.region(at, text.length()).lookingAt()) {
                throw new Form.Wrong("");
            }
            BigDecimal nanos = new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(nanosOf(part.group(2))));
            if (nanos.compareTo(BigDecimal.valueOf(LONGEST.toNanos())) > 0) {
                throw new Form.Wrong(TOO_LONG);
            }
            duration = duration.plusNanos(nanos.longValue());
            at = part.end();
        }
        if (text.isEmpty()) {
            throw new Form.Wrong("");
        }
        if (duration.compareTo(LONGEST) > 0) {
            throw new Form.Wrong(TOO_LONG);
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
    static Form<Long> size(long least) {
        SequencedMap<String, Object> schema =
                Schema.of("anyOf", List.of(Schema.of("type", "integer", "minimum", least), pattern(SIZE_PATTERN)));
        return new Form.Text<>(
                "a size such as 64m, 512KiB or 1gb" + (least > 0 ? ", at least " + least : ""),
                NUMBER,
                schema,
                (text, place) -> {
                    Matcher size = SIZE.matcher(text);
                    if (!size.matches()) {
                        throw new Form.Wrong("");
                    }
                    int power = "kmgt".indexOf(size.group(2).toLowerCase(Locale.ROOT)) + 1;
                    BigDecimal bytes = new BigDecimal(size.group(1))
                            .multiply(BigDecimal.valueOf(size.group(2).isEmpty() ? 1L : 1L << (10 * power)));
                    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE / 2)) > 0) {
                        throw new Form.Wrong("too big");
                    }
                    if (bytes.longValue() < least) {
                        throw new Form.Wrong("");
                    }
                    return bytes.longValue();
                });
    }

    /** A whole number. */
    static Form<Long> whole(String what, long least, long most) {
        String expected = what + " from " + least + " to " + most;
        return new Form.Text<>(
                expected,
                EnumSet.of(Value.Kind.INTEGER),
                Schema.of("type", "integer", "minimum", least, "maximum", most),
                (text, place) -> {
                    BigInteger number = integer(text);
                    if (number.compareTo(BigInteger.valueOf(least)) < 0
                            || number.compareTo(BigInteger.valueOf(most)) > 0) {
                        throw new Form.Wrong("");
                    }
                    return number.longValue();
                });
    }

    /** As YAML's core schema has them: 10, 0o17, 0xff. */
    private static BigInteger integer(String text) throws Form.Wrong {
        try {
            return text.startsWith("0o")
                    ? new BigInteger(text.substring(2), 8)
                    : text.startsWith("0x") ? new BigInteger(text.substring(2), 16) : new BigInteger(text);
        } catch (NumberFormatException e) {
            throw new Form.Wrong("");
        }
    }

    static Form<BigDecimal> cpus() {
        return new Form.Text<>(
                "a number of processors above 0, such as 0.5",
                NUMBER,
                Schema.of(
                        "anyOf",
                        List.of(
                                Schema.of("type", "number", "exclusiveMinimum", 0),
                                pattern("^[0-9]{1,6}(\\.[0-9]{1,6})?$"))),
                (text, place) -> {
                    if (!text.matches("[0-9]{1,6}(\\.[0-9]{1,6})?") || new BigDecimal(text).signum() == 0) {
                        throw new Form.Wrong("");
                    }
                    return new BigDecimal(text);
                });
    }

    /** At least one path, and no impossible one. */
    static Form<Path> path(String expected) {
        return new Form.Text<>(expected, STRING, Schema.of("type", "string", "minLength", 1), (text, place) -> {
            if (text.isEmpty()) {
                throw new Form.Wrong("");
            }
            try {
                return place.yaml().directory().resolve(place.expand(text)).normalize();
            } catch (InvalidPathException e) {
                throw new Form.Wrong("file names are in " + System.getProperty("sun.jnu.encoding")
                        + " here, which has no such name");
            }
        });
    }

    /** What is to be executed: a list of words, or one text that is split as a shell would, and only split. */
    static Form<List<String>> command() {
        Form<List<String>> line = new Form.Text<>(
                "a command line", STRING, Schema.of("type", "string", "pattern", "\\S"), (text, place) -> {
                    List<String> words = new ArrayList<>();
                    for (String word : split(text)) {
                        words.add(place.expand(word));
                    }
                    return words;
                });
        return notEmpty(new Form.ListOf<>(argument(), "a list of words, or one text", line), "a program");
    }

    /** A test as Compose has it: a text or CMD-SHELL for a shell, CMD for a program; NONE where there may be none. */
    static Form<List<String>> test(boolean mayBeNone) {
        Form<List<String>> line = new Form.Text<>(
                "a command line", STRING, Schema.of("type", "string", "pattern", "\\S"), (text, place) -> {
                    if (text.isBlank()) {
                        throw new Form.Wrong("");
                    }
                    return List.of("CMD-SHELL", place.expand(text));
                });
        String first = mayBeNone ? "CMD, CMD-SHELL or NONE" : "CMD or CMD-SHELL";
        Form<List<String>> list = new Form.ListOf<>(argument(), "a text, or a list that begins with " + first, line);
        return new Checked<>(
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
                Schema.of(
                        "anyOf",
                        List.of(
                                Schema.of("type", "string", "pattern", "\\S"),
                                Schema.of(
                                        "type",
                                        "array",
                                        "items",
                                        argument().schema(),
                                        "minItems",
                                        mayBeNone ? 1 : 2,
                                        "prefixItems",
                                        List.of(Schema.of(
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
    static List<String> split(String line) throws Form.Wrong {
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
                    throw new Form.Wrong("a backslash at the end stands for nothing");
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
            throw new Form.Wrong("a quote is not closed; expected " + quote);
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }

    private static Form<List<String>> notEmpty(Form<List<String>> form, String what) {
        SequencedMap<String, Object> schema = Schema.of(
                "anyOf",
                List.of(
                        Schema.of("type", "string", "pattern", "\\S"),
                        Schema.of("type", "array", "items", argument().schema(), "minItems", 1)));
        return new Checked<>(
                form,
                words -> words.isEmpty() || words.getFirst().isEmpty() ? "empty; expected " + what : "",
                schema,
                words -> words);
    }

    /** A number of a user or group, or its name. */
    static Form<String> account(String expected) {
        return new Form.Text<>(expected, WORD_OR_INTEGER, accountSchema(ACCOUNT_PATTERN), (text, place) -> {
            String name = place.expand(text);
            if (!isAccount(name)) {
                throw new Form.Wrong("");
            }
            return name;
        });
    }

    static boolean isAccount(String name) {
        return ACCOUNT.matcher(name).matches()
                && (!name.matches("[0-9]+") || (name.length() <= 10 && Long.parseLong(name) < 0xFFFF_FFFFL));
    }

    /** As Compose has it: a user, and after a colon the group. */
    static Form<List<String>> user() {
        String name = "[A-Za-z0-9_][A-Za-z0-9_.-]*\\$?";
        return new Form.Text<>(
                "a user's name or number, or user:group",
                WORD_OR_INTEGER,
                accountSchema("^" + name + "(:" + name + ")?$"),
                (text, place) -> {
                    List<String> parts = List.of(text.split(":", -1));
                    if (parts.size() > 2 || !parts.stream().allMatch(Forms::isAccount)) {
                        throw new Form.Wrong("");
                    }
                    return parts;
                });
    }

    private static SequencedMap<String, Object> accountSchema(String pattern) {
        return Schema.of(
                "anyOf",
                List.of(Schema.of("type", "integer", "minimum", 0, "maximum", 0xFFFF_FFFEL), pattern(pattern)));
    }

    /** The number of a signal by its name, with or without SIG. */
    static Form<Integer> signal() {
        List<Object> names = new ArrayList<>();
        Signals.names().forEach(name -> {
            names.add(name);
            names.add("SIG" + name);
        });
        return new Form.Text<>(
                "a signal such as SIGTERM, TERM or 15",
                WORD_OR_INTEGER,
                Schema.of(
                        "anyOf",
                        List.of(
                                Schema.of("enum", names),
                                Schema.of("type", "integer", "minimum", 1, "maximum", Signals.GREATEST))),
                (text, place) -> {
                    if (text.matches("[0-9]{1,3}")) {
                        int number = Integer.parseInt(text);
                        if (number < 1 || number > Signals.GREATEST) {
                            throw new Form.Wrong("");
                        }
                        return number;
                    }
                    String name = text.startsWith("SIG") ? text.substring(3) : text;
                    List<String> valid = Signals.names();
                    if (!valid.contains(name)) {
                        throw new Form.Wrong("no such signal; expected one such as SIGTERM, TERM or 15"
                                + Nearest.hint(name.toUpperCase(Locale.ROOT), valid, "SIG"));
                    }
                    return Signals.number(name).orElseThrow();
                });
    }

    static Form<Integer> umask() {
        return new Form.Text<>(
                "three octal digits in quotes, such as \"022\"", STRING, pattern("^0?[0-7]{3}$"), (text, place) -> {
                    if (!text.matches("0?[0-7]{3}")) {
                        throw new Form.Wrong("");
                    }
                    return Integer.parseInt(text, 8);
                });
    }

    static Form<ServiceName> service() {
        return new Form.Text<>(
                "the name of a service",
                WORD_OR_INTEGER,
                Schema.of("type", List.of("string", "integer"), "minLength", 1),
                (text, place) -> {
                    try {
                        return ServiceName.parse(place.expand(text));
                    } catch (InvalidNameException e) {
                        throw new Form.Wrong("no service name: " + e.reason());
                    }
                });
    }

    static Form<Ready.Tcp> tcp() {
        return new Form.Text<>(
                "ADDRESS:PORT with a literal address or localhost, such as 127.0.0.1:53 or [::1]:53",
                STRING,
                pattern("^(\\[[0-9A-Fa-f:.]+\\]|[0-9.]+|localhost):[0-9]{1,5}$"),
                (text, place) -> {
                    Matcher tcp = TCP.matcher(text);
                    if (!tcp.matches()) {
                        throw new Form.Wrong("");
                    }
                    int port = Integer.parseInt(tcp.group(2));
                    String host = tcp.group(1).replaceAll("[\\[\\]]", "");
                    if (port < 1 || port > 65535) {
                        throw new Form.Wrong("no port has the number " + port + "; expected 1 to 65535");
                    }
                    if (!host.equals("localhost") && !isAddress(host)) {
                        throw new Form.Wrong("no address: " + host + "; expected one such as 127.0.0.1 or [::1]");
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
    static Form<String> variable() {
        return new Form.Text<>(
                "the name of a variable",
                STRING,
                pattern("^" + VARIABLE_PATTERN + "$"),
                (text, place) -> variable(text));
    }

    private static String variable(String name) throws Form.Wrong {
        if (!VARIABLE.matcher(name).matches()) {
            throw new Form.Wrong("no name of a variable; expected letters, digits and _ . -, no digit first");
        }
        if (ManagersVariables.contains(name)) {
            throw new Form.Wrong("set by the manager; expected another name");
        }
        return name;
    }

    /** A map of names and values, or a list of {@code NAME=VALUE}; a name alone is taken from the manager's own. */
    static Form<Map<String, String>> environment() {
        Form<String> value = new Form.Text<>(
                "a text, number or truth value, or nothing for the manager's own",
                WORDS,
                Schema.of("type", List.of("string", "number", "boolean", "null")),
                (text, place) -> place.expand(text));
        Form<Map<String, String>> map = new Form.Made<>(
                new Form.MapOf<>(variable(), new EnvironmentValue(value), "a map or a list of NAME=VALUE"),
                Forms::withInherited);
        Form<List<String>> entry = new Form.Text<>(
                "NAME=VALUE, or NAME for the manager's own",
                STRING,
                pattern("^" + VARIABLE_PATTERN + "(=[\\s\\S]*)?$"),
                (text, place) -> {
                    int equals = text.indexOf('=');
                    String name = variable(equals < 0 ? text : text.substring(0, equals));
                    return equals < 0 ? List.of(name) : List.of(name, place.expand(text.substring(equals + 1)));
                });
        Form<Map<String, String>> list =
                new Form.Made<>(new Form.ListOf<>(entry, "a map or a list of NAME=VALUE", null), entries -> {
                    Map<String, List<String>> variables = new LinkedHashMap<>();
                    entries.forEach(it -> variables.put(it.getFirst(), it.subList(1, it.size())));
                    return withInherited(variables);
                });
        return new Form.MapOr<>(map, list, "a map or a list of NAME=VALUE");
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
    static Form<List<EnvironmentSettings.File>> envFiles() {
        Form<EnvironmentSettings.File> plain = new Form.Made<>(
                path("the path of a file of variables"), path -> new EnvironmentSettings.File(path, true));
        final class Draft {
            @org.jspecify.annotations.Nullable
            Path path;

            boolean required = true;
        }
        Supplier<Draft> make = Draft::new;
        Form<EnvironmentSettings.File> map = new Form.Fields<Draft, EnvironmentSettings.File>(
                List.of(
                        new Key<Draft, Path>(
                                "path",
                                "The file.",
                                "",
                                path("the path of a file of variables"),
                                (draft, value) -> draft.path = value),
                        new Key<Draft, Boolean>(
                                "required",
                                "Whether the service cannot be started without it.",
                                "true",
                                new Form.Flag(),
                                (draft, value) -> draft.required = value)),
                make,
                (draft, node, place) -> draft.path == null
                        ? place.complain(node, "path is missing")
                        : Optional.of(new EnvironmentSettings.File(draft.path, draft.required)),
                Schema.of("required", List.of("path")));
        Form<EnvironmentSettings.File> one = new Form.MapOr<>(map, plain, "a path, or a map of path and required");
        return new Form.ListOf<>(one, "a path, or a list of paths", new Form.Made<>(one, List::of));
    }

    static Form<SequencedMap<String, ProcessSettings.Ulimit>> ulimits() {
        Form<Long> limit = new Form.Text<>(
                "a number, -1 or unlimited",
                WORD_OR_INTEGER,
                Schema.of(
                        "anyOf", List.of(Schema.of("type", "integer", "minimum", -1), Schema.of("const", "unlimited"))),
                (text, place) -> {
                    if (text.equals("-1") || text.equals("unlimited")) {
                        return ProcessSettings.Ulimit.UNLIMITED;
                    }
                    if (!text.matches("[0-9]{1,18}")) {
                        throw new Form.Wrong("");
                    }
                    return Long.parseLong(text);
                });
        final class Draft {
            @org.jspecify.annotations.Nullable
            Long soft;

            @org.jspecify.annotations.Nullable
            Long hard;
        }
        Supplier<Draft> make = Draft::new;
        Form<ProcessSettings.Ulimit> both = new Form.Fields<Draft, ProcessSettings.Ulimit>(
                List.of(
                        new Key<Draft, Long>(
                                "soft", "What is in force.", "", limit, (draft, value) -> draft.soft = value),
                        new Key<Draft, Long>(
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
                Schema.of("required", List.of("soft", "hard")));
        Form<ProcessSettings.Ulimit> one = new Form.MapOr<>(
                both,
                new Form.Made<>(limit, value -> new ProcessSettings.Ulimit(value, value)),
                "a number, or a map of soft and hard");
        return new Form.MapOf<>(named("a limit", "", ULIMITS), one, "a map of limits, such as {nofile: 1024}");
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

    static Form<List<String>> capabilities() {
        return new Form.ListOf<>(
                named("a capability", "cap_", CAPABILITIES),
                "a list of capabilities, such as [NET_RAW] or [ALL]",
                null);
    }

    /** One of many names, in small letters or capitals where a prefix may stand before it, else as it is. */
    private static Form<String> named(String what, String prefix, List<String> names) {
        List<Object> all = new ArrayList<>();
        for (String name : names) {
            all.add(name);
            if (!prefix.isEmpty()) {
                all.add(name.toUpperCase(Locale.ROOT));
                all.add(prefix + name);
                all.add((prefix + name).toUpperCase(Locale.ROOT));
            }
        }
        return new Form.Text<>(what, STRING, Schema.of("enum", all), (text, place) -> {
            String name = prefix.isEmpty() ? text : text.toLowerCase(Locale.ROOT);
            name = !prefix.isEmpty() && name.startsWith(prefix) ? name.substring(prefix.length()) : name;
            if (!names.contains(name)) {
                String hint = Nearest.hint(name, names);
                throw new Form.Wrong("not " + what
                        + (!hint.isEmpty() || !prefix.isEmpty()
                                ? hint
                                : "; expected one of " + String.join(", ", names)));
            }
            return name;
        });
    }

    static Form<Long> pidsLimit() {
        return new Form.Text<>(
                "a number from 1, or -1 for no limit",
                EnumSet.of(Value.Kind.INTEGER),
                Schema.of("type", "integer", "not", Schema.of("const", 0), "minimum", -1, "maximum", 4_194_304),
                (text, place) -> {
                    BigInteger number = integer(text);
                    if (number.signum() == 0
                            || number.longValue() < -1
                            || number.bitLength() > 23
                            || number.longValue() > 4_194_304) {
                        throw new Form.Wrong("");
                    }
                    return number.longValue();
                });
    }
}
