package bellhop.yaml;

import bellhop.definition.HttpUrl;
import bellhop.definition.Ready;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The keys of {@code ready}. */
final class ReadyKeys {
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

    private static final YamlKey<Ready.Tcp> TCP = KEYS.add(
            YamlKey.of("tcp", Addresses.tcp(), Default.nothing(), "An address and port that accept connections."));

    private static final YamlKey<HttpUrl> HTTP = KEYS.add(
            YamlKey.of(
                    "http",
                    Addresses.http(),
                    Default.nothing(),
                    "A URL that is answered with a status of 2xx or 3xx. It is asked for with GET; http alone, to a literal address or localhost. A question that is not answered within 5 seconds is asked again."));

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
                    Stream.of(NOTIFY, FD, PATH, TCP, HTTP, TEST, FINISHED)
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
        return ways(values).size() == 1 ? "" : "expected exactly one of notify, fd, path, tcp, http, test, finished";
    }

    private static List<Ready> ways(Values values) {
        List<Ready> ways = new ArrayList<>();
        values.given(NOTIFY).ifPresent(notify -> ways.add(new Ready.Notify(values.given(WATCHDOG))));
        values.given(FD).ifPresent(fd -> ways.add(new Ready.Descriptor(fd)));
        values.given(PATH).ifPresent(path -> ways.add(new Ready.Appears(path)));
        values.given(TCP).ifPresent(ways::add);
        values.given(HTTP).ifPresent(url -> ways.add(new Ready.Http(url)));
        values.given(TEST).ifPresent(test -> ways.add(new Ready.Test(test)));
        values.given(FINISHED).ifPresent(finished -> ways.add(new Ready.Finished()));
        return ways;
    }
}
