package bellhop.yaml;

import bellhop.definition.EnvironmentSettings;
import bellhop.definition.HealthCheck;
import bellhop.definition.KillMode;
import bellhop.definition.LogSettings;
import bellhop.definition.ProcessSettings;
import bellhop.definition.Ready;
import bellhop.definition.Restart;
import bellhop.definition.RestartPolicy;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.definition.Value;
import bellhop.linux.Signals;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The keys of {@code service.yaml}, in the order of the manual. The keys of a mapping in it have a class of their own:
 * {@link RestartKeys}, {@link TimeoutKeys}, {@link ReadyKeys}, {@link HealthKeys}, {@link LogKeys}. A new key is declared
 * here, and {@link DefinitionMaker} puts its value to where it acts.
 */
final class ServiceKeys {
    static final KeyList KEYS = new KeyList();

    static final YamlKey<String> DESCRIPTION = KEYS.add(YamlKey.of(
            "description",
            Scalars.text(),
            Default.of(""),
            "A description for people. {service} and {target} are expanded."));

    static final YamlKey<List<String>> COMMAND = KEYS.add(
            YamlKey.of(
                    "command",
                    CommandLines.command(),
                    Default.says("the script run"),
                    "The command to execute instead of a run script: a list of words, or a text that is split into words as a shell does, with quotes but without expansions. {service} and {target} are expanded."));

    static final YamlKey<List<Requirement>> REQUIRES = KEYS.add(
            YamlKey.of(
                    "requires",
                    new Syntax.ListOf<>(new Requirement.Form(), "a list of services", null),
                    Default.of(List.of()),
                    "The services that are required from before pre until after post. One as {NAME: optional} is waited for and held if it can be had; its failure or absence stops nobody. {service} and {target} are expanded."));

    static final YamlKey<List<ServiceName>> ON_FAILURE = KEYS.add(
            YamlKey.of(
                    "on_failure",
                    new Syntax.ListOf<>(Scalars.service(), "a list of services", null),
                    Default.of(List.of()),
                    "The services that are started, but not held, once this one has failed for good; of a template without a target the instance with this service as target. BELLHOP_FAILED_SERVICE, BELLHOP_FAILURE and BELLHOP_RESULT in their environment say what has failed, and how. One that was started for a failure starts nothing by its own. {service} and {target} are expanded."));

    static final YamlKey<Boolean> AUTOSTART = KEYS.add(YamlKey.of(
            "autostart",
            new Syntax.Flag(),
            Default.of(false),
            "true: the service is started, and pinned, when the manager starts."));

    static final YamlKey<RestartKeys.LimitedPolicy> RESTART = KEYS.add(
            YamlKey.of(
                    "restart",
                    RestartKeys.POLICY,
                    Default.of(
                            new RestartKeys.LimitedPolicy(RestartPolicy.ALWAYS, Optional.empty()),
                            "on-failure with ready: {finished: true}"),
                    "Whether run is started again after it has ended by itself: always, on-failure (on-failure:3 at most three times in a row) or no. unless-stopped is the same as always."));

    static final YamlKey<Duration> RESTART_DELAY = KEYS.add(YamlKey.of(
                    "restart_delay",
                    Scalars.duration(),
                    Default.of(Duration.ofMillis(100)),
                    "The shortest time from one launch of run to the next; if run was never up, the time from its end. It doubles after each death before run has lived 10 s, and is reset after a longer life.")
            .forRun());

    static final YamlKey<Duration> RESTART_MAX_DELAY = KEYS.add(YamlKey.of(
                    "restart_max_delay",
                    Scalars.duration(),
                    Default.of(Duration.ofSeconds(10), "restart_delay if that is longer"),
                    "The upper bound of that delay.")
            .forRun());

    static final YamlKey<Restart.Limit> RESTART_LIMIT = KEYS.add(YamlKey.of(
                    "restart_limit",
                    RestartKeys.LIMIT,
                    Default.says("no limit"),
                    "How many restarts are allowed; after that the service has failed.")
            .forRun());

    static final YamlKey<List<String>> RESTART_PREVENT = KEYS.add(YamlKey.of(
                    "restart_prevent",
                    Scalars.exitStatuses(),
                    Default.of(List.of()),
                    "The ends after which run is not started again, whatever restart says: numbers are exit codes, names are signals, such as [78, SIGSEGV].")
            .forRun());

    static final YamlKey<List<String>> SUCCESS_EXIT_STATUS = KEYS.add(YamlKey.of(
                    "success_exit_status",
                    Scalars.exitStatuses(),
                    Default.of(List.of()),
                    "The ends of run that are a success beside an exit status of 0, for restart: on-failure and for the word finished: numbers are exit codes, names are signals, such as [3, SIGTERM].")
            .forRun());

    static final YamlKey<Integer> STOP_SIGNAL = KEYS.add(YamlKey.of(
            "stop_signal",
            Scalars.signal(),
            Default.of(Signals.TERM),
            "The signal that asks the service to end: a name, with or without SIG, or a number."));

    static final YamlKey<Duration> STOP_GRACE_PERIOD = KEYS.add(YamlKey.of(
            "stop_grace_period",
            Scalars.durationOrZero(),
            Default.of(Duration.ofSeconds(10)),
            "The time between the stop signal and KILL."));

    static final YamlKey<KillMode> KILL_MODE = KEYS.add(
            YamlKey.of(
                    "kill_mode",
                    Syntax.WordSyntax.of(
                            Map.of(), "all", KillMode.ALL, "group", KillMode.GROUP, "process", KillMode.PROCESS),
                    Default.of(KillMode.ALL),
                    "Which processes a stop signals: all of the service, the process group of its script, or the process of the script alone."));

    static final YamlKey<Integer> RELOAD_SIGNAL = KEYS.add(YamlKey.of(
                    "reload_signal",
                    Scalars.signal(),
                    Default.says("none"),
                    "The signal at which run reads its configuration again, for bh reload NAME: a name, with or without SIG, or a number. With ready: {notify: true}, a service that reports RELOADING=1 is waited for until it reports READY=1.")
            .forRun());

    static final YamlKey<Map<Script, Duration>> TIMEOUTS = KEYS.add(YamlKey.of(
            "timeouts",
            TimeoutKeys.FORM,
            "How long the scripts may take. The time during which they wait for other services does not count."));

    static final YamlKey<List<String>> USER = KEYS.add(YamlKey.of(
                    "user",
                    Rights.user(),
                    Default.says("the manager's"),
                    "The user that executes run and its tests: a name or a number, optionally with a colon and the group. HOME, USER, LOGNAME and SHELL are set to that user's, unless environment or env_file sets them; variables of the manager's session such as XDG_RUNTIME_DIR are removed. A number that is not in the list of users needs group as well. A user other than the manager's gets a session keyring of its own.")
            .forRun()
            .needing("setpriv"));

    static final YamlKey<String> GROUP = KEYS.add(YamlKey.of(
                    "group",
                    Rights.account("a group's name or number"),
                    Default.says("the user's"),
                    "The main group, a name or a number.")
            .forRun()
            .needing("setpriv"));

    static final YamlKey<List<String>> GROUP_ADD = KEYS.add(YamlKey.of(
                    "group_add",
                    new Syntax.ListOf<>(Rights.account("a group's name or number"), "a list of groups", null),
                    Default.of(List.of()),
                    "Supplementary groups, names or numbers.")
            .forRun()
            .needing("setpriv"));

    static final YamlKey<Path> WORKING_DIR = KEYS.add(YamlKey.of(
                    "working_dir",
                    Scalars.path("the path of a directory"),
                    Default.says("the service directory"),
                    "The working directory of run and its tests. {service} and {target} are expanded.")
            .forRun());

    static final YamlKey<Integer> UMASK = KEYS.add(YamlKey.of(
                    "umask",
                    Rights.umask(),
                    Default.says("the manager's"),
                    "The permissions that new files of run do not get, in octal digits within quotes.")
            .forRun()
            .needing("sh"));

    static final YamlKey<Map<String, String>> ENVIRONMENT = KEYS.add(
            YamlKey.of(
                    "environment",
                    Environments.environment(),
                    Default.of(Map.of()),
                    "Variables for the scripts, as a map or a list of NAME=VALUE; a name alone takes the manager's value. They override those of env_file, and Bellhop's own override both. {service} and {target} are expanded."));

    static final YamlKey<List<EnvironmentSettings.File>> ENV_FILE = KEYS.add(
            YamlKey.of(
                    "env_file",
                    Environments.envFiles(),
                    Default.of(List.of()),
                    "Files of variables, read at each launch; a later file overrides an earlier one. A path relative to the service directory, a list of paths, or maps with path and required. {service} and {target} are expanded. Their content is never shown."));

    static final YamlKey<SequencedMap<String, ProcessSettings.Ulimit>> ULIMITS = KEYS.add(YamlKey.of(
                    "ulimits",
                    Limits.ulimits(),
                    Default.says("the manager's"),
                    "Resource limits of run, with the names of prlimit(1): a number, or a map with soft and hard; -1 or unlimited for no limit.")
            .forRun()
            .needing("prlimit"));

    static final YamlKey<Integer> NICE = KEYS.add(YamlKey.of(
                    "nice",
                    Scalars.whole("a number", -20, 19),
                    Default.says("the manager's"),
                    "The nice value of run, from -20 (highest priority) to 19 (lowest).")
            .forRun()
            .needing("nice"));

    static final YamlKey<Integer> OOM_SCORE_ADJ = KEYS.add(YamlKey.of(
                    "oom_score_adj",
                    Scalars.whole("a number", -1000, 1000),
                    Default.says("the manager's"),
                    "How likely the kernel is to kill run if memory runs out, from -1000 (never) to 1000 (first).")
            .forRun()
            .needing("choom"));

    static final YamlKey<List<String>> CAP_DROP = KEYS.add(YamlKey.of(
                    "cap_drop",
                    Rights.capabilities(),
                    Default.of(List.of()),
                    "Capabilities that run and everything it executes cannot have, by their names in capabilities(7), with or without CAP_; ALL for all.")
            .forRun()
            .needing("setpriv"));

    static final YamlKey<Boolean> NO_NEW_PRIVILEGES = KEYS.add(YamlKey.of(
                    "no_new_privileges",
                    new Syntax.Flag(),
                    Default.of(false),
                    "true: run and everything it executes cannot gain privileges, for example from a set-user-ID program.")
            .forRun()
            .needing("setpriv"));

    static final YamlKey<Long> MEM_LIMIT = KEYS.add(
            YamlKey.of(
                    "mem_limit",
                    Scalars.size(1),
                    Default.says("no limit"),
                    "The memory that all processes of the service together may use; units are powers of 1024. If the kernel kills a process because of this limit and the script fails, the message says out of memory. Needs a writable cgroup v2."));

    static final YamlKey<BigDecimal> CPUS = KEYS.add(
            YamlKey.of(
                    "cpus",
                    Limits.cpus(),
                    Default.says("no limit"),
                    "The processors that all processes of the service together may use, such as 0.5. Needs a writable cgroup v2."));

    static final YamlKey<Long> PIDS_LIMIT = KEYS.add(YamlKey.of(
            "pids_limit",
            Limits.pidsLimit(),
            Default.says("no limit"),
            "How many processes and threads the service may have; -1 for no limit. Needs a writable cgroup v2."));

    static final YamlKey<Ready> READY = KEYS.add(YamlKey.of(
                    "ready",
                    ReadyKeys.FORM,
                    Default.says("ready as soon as it is spawned"),
                    "How run reports that it is ready; until then the service is starting, and its requirers and clients wait. Exactly one of notify, fd, path, tcp, http, test and finished.")
            .forRun());

    static final YamlKey<Optional<HealthCheck>> HEALTHCHECK = KEYS.add(YamlKey.of(
                    "healthcheck",
                    HealthKeys.FORM,
                    Default.of(Optional.empty()),
                    "How the health of run is checked. An unhealthy service is treated as one that failed: see restart.")
            .forRun());

    static final YamlKey<Duration> LINGER = KEYS.add(YamlKey.of(
            "linger",
            Scalars.durationOrZero(),
            Default.of(Duration.ZERO),
            "How long the service stays up after its last hold was released."));

    static final YamlKey<Boolean> CONTROL_SOCKET = KEYS.add(YamlKey.of(
            "control_socket",
            new Syntax.Flag(),
            Default.of(false),
            "true: a client that connects to NAME/socket in the run directory stops the service."));

    static final YamlKey<LogSettings> LOG =
            KEYS.add(YamlKey.of("log", LogKeys.FORM, "Where the output of the scripts goes."));

    static final YamlKey<SequencedMap<String, Value>> TRIGGERS = KEYS.add(
            YamlKey.of(
                    "triggers",
                    new Syntax.MapOf<>(pluginName(), new Syntax.Foreign(), "a map of plugins"),
                    Default.of(Collections.emptySortedMap()),
                    "The plugins that start and stop the service as hardware comes and goes, such as wifi and getty, each with the plugin's own keys. Two keys exist for each plugin: interval, the time between two polls (1s, or 30s for a plugin that the kernel wakes at each change), and settle, how long a device must be present, or gone, before that counts. Nothing is expanded in them."));

    static final YamlKey<Boolean> TEMPLATE = KEYS.add(YamlKey.of(
            "template",
            new Syntax.Flag(),
            Default.says("true if {target} or a trigger is used, otherwise false"),
            "true: the service can only be started with a target, NAME@TARGET."));

    private ServiceKeys() {}

    private static Syntax<String> pluginName() {
        String pattern = "[a-z][a-z0-9-]{0,31}";
        return new Syntax.TextSyntax<>(
                "the name of a plugin: small letters, digits and -",
                Scalars.STRING,
                Scalars.pattern("^" + pattern + "$"),
                (text, place) -> {
                    if (!text.matches(pattern)) {
                        throw new Syntax.InvalidValueException("");
                    }
                    return text;
                });
    }
}
