package bellhop.yaml;

import bellhop.definition.Ready;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The keys of {@code ready}. */
final class ReadyKeys {
    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[0-9.]+|localhost):([0-9]{1,5})");

    private static final KeyList KEYS = new KeyList();

    private static final YamlKey<Boolean> NOTIFY = KEYS.add(YamlKey.of(
            "notify",
            new Syntax.Flag(),
            Default.nothing(),
            "true: READY=1 in a datagram to $NOTIFY_SOCKET, as in sd_notify(3)."));

    private static final YamlKey<Duration> WATCHDOG = KEYS.add(
            YamlKey.of(
                    "watchdog",
                    Scalars.duration(),
                    Default.nothing(),
                    "Together with notify: the longest time between two WATCHDOG=1; a service that is silent for longer is killed and restarted."));

    private static final YamlKey<Integer> FD = KEYS.add(YamlKey.of(
            "fd", Scalars.whole("a descriptor", 3, 255), Default.nothing(), "A newline on this descriptor, as in s6."));

    private static final YamlKey<Path> PATH = KEYS.add(
            YamlKey.of(
                    "path",
                    Scalars.path("the path of a file"),
                    Default.nothing(),
                    "A file that appears; one that existed before the launch does not count. {service} and {target} are expanded."));

    private static final YamlKey<Ready.Tcp> TCP =
            KEYS.add(YamlKey.of("tcp", tcp(), Default.nothing(), "An address and port that accept connections."));

    private static final YamlKey<List<String>> TEST = KEYS.add(
            YamlKey.of(
                    "test",
                    CommandLines.test(false),
                    Default.nothing(),
                    "A command that exits 0: a text for a shell, [CMD-SHELL, TEXT], or [CMD, PROGRAM, ...]. {service} and {target} are expanded."));

    private static final YamlKey<Boolean> FINISHED = KEYS.add(
            YamlKey.of(
                    "finished",
                    new Syntax.Flag(),
                    Default.nothing(),
                    "true: run is a job that is ready once it has exited 0, or as success_exit_status says. The service is then finished, without a process, until its last hold and its pin are gone; then post is executed. bh start executes run again. There is no limit unless timeouts has ready."));

    static final Syntax.MapSyntax<Ready> FORM = new Syntax.MapSyntax<>(
            KEYS,
            ReadyKeys::wrong,
            values -> ways(values).getFirst(),
            JsonSchema.of(
                    "oneOf",
                    Stream.of(NOTIFY, FD, PATH, TCP, TEST, FINISHED)
                            .map(way -> JsonSchema.of("required", List.of(way.name())))
                            .toList(),
                    "dependentRequired",
                    JsonSchema.of(WATCHDOG.name(), List.of(NOTIFY.name()))));

    private ReadyKeys() {}

    private static String wrong(Values values) {
        if (!values.given(NOTIFY).orElse(true)) {
            return "notify: false has no effect; expected true, or another way";
        }
        if (!values.given(FINISHED).orElse(true)) {
            return "finished: false has no effect; expected true, or another way";
        }
        if (values.has(WATCHDOG) && !values.has(NOTIFY)) {
            return "watchdog also needs notify: true";
        }
        return ways(values).size() == 1 ? "" : "expected exactly one of notify, fd, path, tcp, test, finished";
    }

    private static List<Ready> ways(Values values) {
        List<Ready> ways = new ArrayList<>();
        values.given(NOTIFY).ifPresent(notify -> ways.add(new Ready.Notify(values.given(WATCHDOG))));
        values.given(FD).ifPresent(fd -> ways.add(new Ready.Descriptor(fd)));
        values.given(PATH).ifPresent(path -> ways.add(new Ready.Appears(path)));
        values.given(TCP).ifPresent(ways::add);
        values.given(TEST).ifPresent(test -> ways.add(new Ready.Test(test)));
        values.given(FINISHED).ifPresent(finished -> ways.add(new Ready.Finished()));
        return ways;
    }

    private static Syntax<Ready.Tcp> tcp() {
        return new Syntax.TextSyntax<>(
                "ADDRESS:PORT with a literal address or localhost, such as 127.0.0.1:53 or [::1]:53",
                Scalars.STRING,
                Scalars.pattern("^(\\[[0-9A-Fa-f:.]+\\]|[0-9.]+|localhost):[0-9]{1,5}$"),
                (text, place) -> {
                    Matcher tcp = ADDRESS.matcher(text);
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
                                "not an address: " + host + "; expected one such as 127.0.0.1 or [::1]");
                    }
                    return new Ready.Tcp(host, port);
                });
    }

    private static boolean isAddress(String host) {
        try {
            var _ = host.contains(":") ? Inet6Address.ofLiteral(host) : Inet4Address.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
