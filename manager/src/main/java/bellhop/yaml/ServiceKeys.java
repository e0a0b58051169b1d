package bellhop.yaml;

import bellhop.definition.HealthCheck;
import bellhop.definition.KillMode;
import bellhop.definition.LogSettings;
import bellhop.definition.Quote;
import bellhop.definition.Ready;
import bellhop.definition.Restart;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.Value;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** The keys of {@code service.yaml}: the reader, the schema and the papers are all made of these declarations. */
public final class ServiceKeys {
    private static final Duration ANY = Duration.ZERO;
    private static final Duration SOME = Duration.ofMillis(1);

    /** What is written at once: a smaller file could not keep to its size. */
    private static final long LEAST_LOG = 64 * 1024;

    /** The keys at the top, in the order of the manual. */
    static final List<YamlKey<ServiceDraft, ?>> ALL = List.of(
            key(
                    "description",
                    "A sentence for people. {service} and {target} expand.",
                    "",
                    Scalars.text(),
                    (it, value) -> it.description = value),
            key(
                    "command",
                    "What to execute instead of a run script: a list of words, or one text that is split as a shell"
                            + " would, quotes honoured and nothing else. {service} and {target} expand.",
                    "the script run",
                    CommandLines.command(),
                    (it, value) -> it.command = value),
            key(
                    "requires",
                    "The services that are held from before pre until after post. {service} and {target} expand.",
                    "none",
                    new Syntax.ListOf<>(Scalars.service(), "a list of services", null),
                    (it, value) -> it.requires = value),
            key(
                    "autostart",
                    "Whether the service is pinned when the manager starts.",
                    "false",
                    new Syntax.Flag(),
                    (it, value) -> it.autostart = value),
            key(
                    "restart",
                    "What to do once run has ended by itself: always, on-failure (on-failure:3 at most three times"
                            + " in a row) or no. unless-stopped is the same as always.",
                    "always",
                    restart(),
                    (it, value) -> {
                        it.restart = value.policy();
                        it.restartLimit = value.limit().orElse(it.restartLimit);
                    }),
            key(
                    "restart_delay",
                    "The wait before the first relaunch; it doubles after each quick death, and is this again after"
                            + " 10 s of life.",
                    "100ms",
                    Scalars.duration(SOME),
                    (it, value) -> it.restartDelay = value),
            key(
                    "restart_max_delay",
                    "The longest wait before a relaunch.",
                    "10s, or restart_delay where that is longer",
                    Scalars.duration(SOME),
                    (it, value) -> it.restartMaxDelay = value),
            key(
                    "restart_limit",
                    "How many relaunches there may be before the service has failed.",
                    "no limit",
                    restartLimit(),
                    (it, value) -> it.restartLimit = value),
            key(
                    "stop_signal",
                    "The signal that asks the service to end, with or without SIG, or its number.",
                    "SIGTERM",
                    Scalars.signal(),
                    (it, value) -> it.stopSignal = value),
            key(
                    "stop_grace_period",
                    "How long a stop waits between that signal and KILL.",
                    "10s",
                    Scalars.duration(ANY),
                    (it, value) -> it.stopGracePeriod = value),
            key(
                    "kill_mode",
                    "How far a stop reaches: every process of the service, the process group of its script,"
                            + " or the script's process alone.",
                    "all",
                    Syntax.WordSyntax.of(
                            Map.of(), "all", KillMode.ALL, "group", KillMode.GROUP, "process", KillMode.PROCESS),
                    (it, value) -> it.killMode = value),
            key(
                    "timeouts",
                    "How long the scripts may take; the time that they wait for other services does not count.",
                    "",
                    timeouts(),
                    (it, value) -> it.timeouts = value),
            key(
                    "user",
                    "The user in whose name run and its tests are executed: a name or number; after a colon the"
                            + " group. HOME, USER, LOGNAME and SHELL become that user's, unless environment or env_file"
                            + " sets them, and XDG_RUNTIME_DIR and its like of another user are left out. A number that is not in"
                            + " the list of users needs group beside it. Another user than the manager's gets a session"
                            + " keyring of its own.",
                    "the manager's",
                    Rights.user(),
                    (it, value) -> {
                        it.user = value.getFirst();
                        it.group = value.size() > 1 ? value.get(1) : it.group;
                    }),
            key(
                    "group",
                    "The main group, a name or number.",
                    "the user's",
                    Rights.account("a group's name or number"),
                    (it, value) -> it.group = value),
            key(
                    "group_add",
                    "Further groups, names or numbers.",
                    "none",
                    new Syntax.ListOf<>(Rights.account("a group's name or number"), "a list of groups", null),
                    (it, value) -> it.groupAdd = value),
            key(
                    "working_dir",
                    "Where run and its tests start. {service} and {target} expand.",
                    "the service directory",
                    Scalars.path("the path of a directory"),
                    (it, value) -> it.workingDir = value),
            key(
                    "umask",
                    "The permissions that new files of run do not get, in octal digits and quotes.",
                    "the manager's",
                    Rights.umask(),
                    (it, value) -> it.umask = value),
            key(
                    "environment",
                    "Variables for the scripts, as a map or a list of NAME=VALUE; a name alone takes the manager's own"
                            + " value. They win over those of env_file, and Bellhop's own over both. {service} and"
                            + " {target} expand.",
                    "none",
                    Environments.environment(),
                    (it, value) -> it.environment = value),
            key(
                    "env_file",
                    "Files of variables, read at each launch; later ones win. A path from the service directory, a"
                            + " list of them, or maps of path and required. {service} and {target} expand. What is in"
                            + " them is never shown.",
                    "none",
                    Environments.envFiles(),
                    (it, value) -> it.envFiles = value),
            key(
                    "ulimits",
                    "Limits of run as prlimit(1) has them, a number or a map of soft and hard; -1 or unlimited for"
                            + " none.",
                    "the manager's",
                    Limits.ulimits(),
                    (it, value) -> it.ulimits = value),
            key(
                    "nice",
                    "The priority of run, from -20 (first) to 19 (last).",
                    "the manager's",
                    Scalars.whole("a number", -20, 19),
                    (it, value) -> it.nice = value.intValue()),
            key(
                    "oom_score_adj",
                    "How soon run is killed when memory runs out, from -1000 (never) to 1000 (first).",
                    "the manager's",
                    Scalars.whole("a number", -1000, 1000),
                    (it, value) -> it.oomScoreAdj = value.intValue()),
            key(
                    "cap_drop",
                    "Capabilities that run and all it executes can never have, as capabilities(7) has them, with or"
                            + " without CAP_; ALL for all.",
                    "none",
                    Rights.capabilities(),
                    (it, value) -> it.capDrop = value),
            key(
                    "no_new_privileges",
                    "Whether nothing that run executes can gain rights, as by a set-user-ID bit.",
                    "false",
                    new Syntax.Flag(),
                    (it, value) -> it.noNewPrivileges = value),
            key(
                    "mem_limit",
                    "The memory that all processes of the service together may use; units are powers of 1024. A"
                            + " script that ends badly because the kernel has killed for it is said to be out of memory."
                            + " Where cgroup v2 can be written to.",
                    "no limit",
                    Scalars.size(1),
                    (it, value) -> it.memLimit = value),
            key(
                    "cpus",
                    "The processors that all processes of the service together may use, such as 0.5. Where cgroup v2"
                            + " can be written to.",
                    "no limit",
                    Limits.cpus(),
                    (it, value) -> it.cpus = value),
            key(
                    "pids_limit",
                    "How many processes and threads the service may have; -1 for any number. Where cgroup v2 can be"
                            + " written to.",
                    "no limit",
                    Limits.pidsLimit(),
                    (it, value) -> it.pidsLimit = value),
            key(
                    "ready",
                    "How run tells that it is ready; until then the service is starting, and whoever asked for it"
                            + " waits. Exactly one of notify, fd, path, tcp and test.",
                    "ready once it was spawned",
                    ready(),
                    (it, value) -> it.ready = value),
            key(
                    "healthcheck",
                    "How the health of run is asked for. A service that is unhealthy is restarted as restart says.",
                    "none",
                    healthCheck(),
                    (it, value) -> it.health = value.orElse(null)),
            key(
                    "linger",
                    "How long the service is kept after its last hold went.",
                    "0s",
                    Scalars.duration(ANY),
                    (it, value) -> it.linger = value),
            key(
                    "control_socket",
                    "Whether NAME/socket in the run dir stops the service for whoever connects to it.",
                    "false",
                    new Syntax.Flag(),
                    (it, value) -> it.controlSocket = value),
            key("log", "Where the output of the scripts goes.", "", log(), (it, value) -> it.log = value),
            key(
                    "triggers",
                    "The plugins that start and stop the service as hardware comes and goes, such as wifi and getty,"
                            + " each with the plugin's own keys. Beside those, interval is the time between two looks"
                            + " (1s where nothing else is said), settle how long what is seen must stay before it"
                            + " counts. Nothing expands in them.",
                    "none",
                    new Syntax.MapOf<>(
                            new Syntax.TextSyntax<>(
                                    "the name of a plugin: small letters, digits and -",
                                    java.util.EnumSet.of(Value.Kind.STRING),
                                    JsonSchema.of("type", "string", "pattern", "^[a-z][a-z0-9-]{0,31}$"),
                                    (text, place) -> {
                                        if (!text.matches("[a-z][a-z0-9-]{0,31}")) {
                                            throw new Syntax.InvalidValueException("");
                                        }
                                        return text;
                                    }),
                            new Syntax.Foreign(),
                            "a map of plugins"),
                    (it, value) -> it.triggers = value),
            key(
                    "template",
                    "Whether the service can only be started with a target, NAME@TARGET.",
                    "true where {target} or a trigger is used, else false",
                    new Syntax.Flag(),
                    (it, value) -> it.template = value));

    /** The whole file. */
    static final Syntax.MapSyntax<ServiceDraft, ServiceDraft> FILE =
            new Syntax.MapSyntax<>(ALL, ServiceDraft::new, (settings, node, place) -> Optional.of(settings));

    private ServiceKeys() {}

    private static <S, T> YamlKey<S, T> key(
            String name, String meaning, String byDefault, Syntax<T> form, java.util.function.BiConsumer<S, T> store) {
        return new YamlKey<>(name, meaning, byDefault, form, store);
    }

    /** The names of all keys at the top, in the order of the manual. */
    public static List<String> names() {
        List<String> names = new ArrayList<>();
        ALL.forEach(key -> names.add(key.name()));
        return names;
    }

    private static Syntax<Restart> restart() {
        Syntax<RestartPolicy> word = Syntax.WordSyntax.of(
                Map.of("unless-stopped", RestartPolicy.ALWAYS),
                "always",
                RestartPolicy.ALWAYS,
                "on-failure",
                RestartPolicy.ON_FAILURE,
                "no",
                RestartPolicy.NO);
        return new RestartForm(word);
    }

    /** A word, or {@code on-failure:3}. */
    private record RestartForm(Syntax<RestartPolicy> word) implements Syntax<Restart> {
        private static final String LIMITED = "on-failure:[1-9][0-9]{0,5}";

        @Override
        public String expected() {
            return word.expected();
        }

        @Override
        public Optional<Restart> read(Node node, YamlCursor place) {
            String text = node instanceof org.snakeyaml.engine.v2.nodes.ScalarNode scalar ? scalar.getValue() : "";
            if (text.matches(LIMITED)) {
                int times = Integer.parseInt(text.substring(text.indexOf(':') + 1));
                return Optional.of(
                        restart(RestartPolicy.ON_FAILURE, Optional.of(new Restart.Limit(times, Optional.empty()))));
            }
            if (text.startsWith("on-failure:")) {
                return place.complain(node, Quote.of(text) + ": expected a number from 1 after the colon");
            }
            return word.read(node, place).map(policy -> restart(policy, Optional.empty()));
        }

        private static Restart restart(RestartPolicy policy, Optional<Restart.Limit> limit) {
            return new Restart(policy, Restart.DEFAULT.delay(), Restart.DEFAULT.maxDelay(), limit);
        }

        @Override
        public SequencedMap<String, Object> schema() {
            return JsonSchema.of(
                    "anyOf", List.of(word.schema(), JsonSchema.of("type", "string", "pattern", "^" + LIMITED + "$")));
        }
    }

    private static final class LimitDraft {
        @Nullable
        Integer times;

        @Nullable
        Duration within;
    }

    private static Syntax<Restart.Limit> restartLimit() {
        return new Syntax.MapSyntax<LimitDraft, Restart.Limit>(
                List.of(
                        key(
                                "times",
                                "How many relaunches there may be.",
                                "",
                                Scalars.whole("a number", 1, 1_000_000),
                                (LimitDraft it, Long value) -> it.times = value.intValue()),
                        key(
                                "within",
                                "In which time.",
                                "since it was last started manually",
                                Scalars.duration(SOME),
                                (LimitDraft it, Duration value) -> it.within = value)),
                LimitDraft::new,
                (it, node, place) -> it.times == null
                        ? place.complain(node, "times is missing")
                        : Optional.of(new Restart.Limit(it.times, Optional.ofNullable(it.within))),
                JsonSchema.of("required", List.of("times")));
    }

    private static Syntax<Map<Script, Duration>> timeouts() {
        Supplier<Map<Script, Duration>> make = () -> new EnumMap<>(Script.class);
        return new Syntax.MapSyntax<Map<Script, Duration>, Map<Script, Duration>>(
                List.of(
                        key(
                                "pre",
                                "How long pre may take.",
                                "10s",
                                Scalars.duration(SOME),
                                (it, value) -> it.put(Script.PRE, value)),
                        key(
                                "ready",
                                "How long run may take until it is ready; only beside ready.",
                                "60s",
                                Scalars.duration(SOME),
                                (it, value) -> it.put(Script.RUN, value)),
                        key(
                                "post",
                                "How long post may take.",
                                "10s",
                                Scalars.duration(SOME),
                                (it, value) -> it.put(Script.POST, value))),
                make,
                (it, node, place) -> Optional.of(it));
    }

    private static final class ReadyDraft {
        @Nullable
        Boolean notify;

        @Nullable
        Duration watchdog;

        @Nullable
        Integer fd;

        @Nullable
        Path path;

        Ready.@Nullable Tcp tcp;

        @Nullable
        List<String> test;
    }

    private static Syntax<Ready> ready() {
        return new Syntax.MapSyntax<ReadyDraft, Ready>(
                List.of(
                        key(
                                "notify",
                                "READY=1 in a datagram to $NOTIFY_SOCKET, sd_notify(3).",
                                "",
                                new Syntax.Flag(),
                                (ReadyDraft it, Boolean value) -> it.notify = value),
                        key(
                                "watchdog",
                                "Beside notify: the longest time between two WATCHDOG=1; a service that is silent for"
                                        + " longer is killed and restarted.",
                                "",
                                Scalars.duration(SOME),
                                (ReadyDraft it, Duration value) -> it.watchdog = value),
                        key(
                                "fd",
                                "A newline on this descriptor, as s6 has it.",
                                "",
                                Scalars.whole("a descriptor", 3, 255),
                                (ReadyDraft it, Long value) -> it.fd = value.intValue()),
                        key(
                                "path",
                                "A file that appears; one that was there before the launch does not count. {service}"
                                        + " and {target} expand.",
                                "",
                                Scalars.path("the path of a file"),
                                (ReadyDraft it, Path value) -> it.path = value),
                        key(
                                "tcp",
                                "An address and port that take connections.",
                                "",
                                Scalars.tcp(),
                                (ReadyDraft it, Ready.Tcp value) -> it.tcp = value),
                        key(
                                "test",
                                "A command that exits 0: a text for a shell, [CMD-SHELL, TEXT], or [CMD, PROGRAM,"
                                        + " ...]. {service} and {target} expand.",
                                "",
                                CommandLines.test(false),
                                (ReadyDraft it, List<String> value) -> it.test = value)),
                ReadyDraft::new,
                ServiceKeys::ready,
                JsonSchema.of(
                        "oneOf",
                        Stream.of("notify", "fd", "path", "tcp", "test")
                                .map(way -> JsonSchema.of("required", List.of(way)))
                                .toList(),
                        "dependentRequired",
                        JsonSchema.of("watchdog", List.of("notify"))));
    }

    private static Optional<Ready> ready(ReadyDraft it, Node node, YamlCursor place) {
        List<Ready> ways = new ArrayList<>();
        if (it.notify != null) {
            if (!it.notify) {
                return place.complain(node, "notify: false says nothing; expected true, or another way");
            }
            ways.add(new Ready.Notify(Optional.ofNullable(it.watchdog)));
        } else if (it.watchdog != null) {
            return place.complain(node, "watchdog needs notify: true beside it");
        }
        if (it.fd != null) {
            ways.add(new Ready.Descriptor(it.fd));
        }
        if (it.path != null) {
            ways.add(new Ready.Appears(it.path));
        }
        if (it.tcp != null) {
            ways.add(it.tcp);
        }
        if (it.test != null) {
            ways.add(new Ready.Test(it.test));
        }
        return ways.size() == 1
                ? Optional.of(ways.getFirst())
                : place.complain(node, "expected exactly one of notify, fd, path, tcp, test");
    }

    private static final class HealthDraft {
        @Nullable
        List<String> test;

        Duration interval = Duration.ofSeconds(30);
        Duration timeout = Duration.ofSeconds(30);
        int retries = 3;
        Duration startPeriod = Duration.ZERO;
        Duration startInterval = Duration.ofSeconds(5);
        boolean disable;
    }

    private static Syntax<Optional<HealthCheck>> healthCheck() {
        return new Syntax.MapSyntax<HealthDraft, Optional<HealthCheck>>(
                List.of(
                        key(
                                "test",
                                "A command that exits 0 if all is well: a text for a shell, [CMD-SHELL, TEXT], [CMD,"
                                        + " PROGRAM, ...], or [NONE]. {service} and {target} expand.",
                                "",
                                CommandLines.test(true),
                                (HealthDraft it, List<String> value) -> it.test = value),
                        key(
                                "interval",
                                "The time between the end of one test and the start of the next.",
                                "30s",
                                Scalars.duration(SOME),
                                (HealthDraft it, Duration value) -> it.interval = value),
                        key(
                                "timeout",
                                "How long a test may take; one that takes longer is killed and has failed.",
                                "30s",
                                Scalars.duration(SOME),
                                (HealthDraft it, Duration value) -> it.timeout = value),
                        key(
                                "retries",
                                "How many tests must fail in a row.",
                                "3",
                                Scalars.whole("a number", 1, 1_000_000),
                                (HealthDraft it, Long value) -> it.retries = value.intValue()),
                        key(
                                "start_period",
                                "The time after the launch in which a failed test does not count.",
                                "0s",
                                Scalars.duration(ANY),
                                (HealthDraft it, Duration value) -> it.startPeriod = value),
                        key(
                                "start_interval",
                                "The time between two tests in the start period.",
                                "5s",
                                Scalars.duration(SOME),
                                (HealthDraft it, Duration value) -> it.startInterval = value),
                        key(
                                "disable",
                                "Whether there are no tests after all.",
                                "false",
                                new Syntax.Flag(),
                                (HealthDraft it, Boolean value) -> it.disable = value)),
                HealthDraft::new,
                ServiceKeys::healthCheck,
                JsonSchema.of(
                        "anyOf",
                        List.of(
                                JsonSchema.of("required", List.of("test")),
                                JsonSchema.of("required", List.of("disable")))));
    }

    private static Optional<Optional<HealthCheck>> healthCheck(HealthDraft it, Node node, YamlCursor place) {
        if (it.disable || (it.test != null && it.test.isEmpty())) {
            return Optional.of(Optional.empty());
        }
        if (it.test == null) {
            return place.complain(node, "test is missing");
        }
        return Optional.of(Optional.of(
                new HealthCheck(it.test, it.interval, it.timeout, it.retries, it.startPeriod, it.startInterval)));
    }

    private static final class LogDraft {
        LogSettings.To to = LogSettings.DEFAULT.to();

        @Nullable
        Long maxSize;

        @Nullable
        Integer keep;

        @Nullable
        Boolean timestamps;

        boolean direct;
    }

    private static Syntax<LogSettings> log() {
        return new Syntax.MapSyntax<LogDraft, LogSettings>(
                List.of(
                        key(
                                "to",
                                "A file of the service's own in the log dir, the console (the manager's standard"
                                        + " output), or none.",
                                "file",
                                Syntax.WordSyntax.of(
                                        Map.of(),
                                        "file",
                                        LogSettings.To.FILE,
                                        "console",
                                        LogSettings.To.CONSOLE,
                                        "none",
                                        LogSettings.To.NONE),
                                (LogDraft it, LogSettings.To value) -> it.to = value),
                        key(
                                "max_size",
                                "How big the file may be before it is rotated, 64KiB at the least; units are powers of"
                                        + " 1024.",
                                "1MiB",
                                Scalars.size(LEAST_LOG),
                                (LogDraft it, Long value) -> it.maxSize = value),
                        key(
                                "keep",
                                "How many older files stay beside it.",
                                "5",
                                Scalars.whole("a number", 0, 1000),
                                (LogDraft it, Long value) -> it.keep = value.intValue()),
                        key(
                                "timestamps",
                                "Whether each line begins with its time.",
                                "true",
                                new Syntax.Flag(),
                                (LogDraft it, Boolean value) -> it.timestamps = value),
                        key(
                                "direct",
                                "Whether the service appends to the file itself, unrotated and without time stamps.",
                                "false",
                                new Syntax.Flag(),
                                (LogDraft it, Boolean value) -> it.direct = value)),
                LogDraft::new,
                ServiceKeys::log);
    }

    private static Optional<LogSettings> log(LogDraft it, Node node, YamlCursor place) {
        if (it.direct && it.to != LogSettings.To.FILE) {
            return place.complain(node, "direct needs to: file");
        }
        if (it.direct && (it.maxSize != null || it.keep != null || Boolean.TRUE.equals(it.timestamps))) {
            return place.complain(node, "direct goes without max_size, keep and timestamps: nobody rotates or stamps");
        }
        LogSettings none = LogSettings.DEFAULT;
        return Optional.of(new LogSettings(
                it.to,
                it.maxSize == null ? none.maxSize() : it.maxSize,
                it.keep == null ? none.keep() : it.keep,
                it.timestamps == null ? none.timestamps() && !it.direct : it.timestamps,
                it.direct));
    }
}
