package bellhop.convert;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Why the keys that have no counterpart here are not carried over. */
final class UnitKeys {

    private record Group(Pattern names, String why) {
        static Group of(String names, String why) {
            return new Group(Pattern.compile(names), why);
        }
    }

    private static final List<Group> GROUPS = List.of(
            Group.of(
                    "Service\\.(Protect|Private|Restrict|SystemCall|Device|LockPersonality|MemoryDenyWriteExecute|IPAddress"
                            + "|SocketBind|NoExecPaths|ExecPaths|ReadWrite|ReadOnly|Inaccessible|Bind|TemporaryFileSystem"
                            + "|RemoveIPC|KeyringMode|ProcSubset|SecureBits|AppArmor|SELinux|Smack|Mount|NetworkNamespace"
                            + "|JoinsNamespaceOf|IPCNamespace|UserNamespace|BPF).*",
                    "there is no sandbox; this is not enforced"),
            Group.of(
                    "Service\\.(Root|ExtensionImages|ExtensionDirectories).*", "there is no root directory of its own"),
            Group.of(
                    "Service\\.(CPUScheduling|IOScheduling|NUMA|CPUAffinity|TimerSlackNSec|Personality|CoredumpFilter).*",
                    "only nice and oom_score_adj are set; start the program by chrt(1), ionice(1) or taskset(1)"),
            Group.of(
                    "Service\\.(Memory|CPU|IO|BlockIO|Startup|Tasks|Allowed|Slice|Delegate|ManagedOOM|DefaultMemory|"
                            + "DisableControllers).*",
                    "of resources only memory, processors and the number of processes are limited"),
            Group.of("Service\\.(Syslog|Log).*", "the log has lines alone, without levels and names"),
            Group.of(
                    "Service\\.(TTY.*|UtmpIdentifier|UtmpMode|PAMName)",
                    "a service has no terminal and no login session"),
            Group.of(
                    "Service\\.(LoadCredential|SetCredential|ImportCredential).*",
                    "there are no credentials; see env_file"),
            Group.of(
                    "Service\\.(SuccessExitStatus|RestartPreventExitStatus)",
                    "they concern run, and this unit has none"),
            Group.of(
                    "Service\\.RestartForceExitStatus",
                    "an end restarts run as restart says, or never: see restart_prevent"),
            Group.of(
                    "Service\\.(SendSIGHUP|SendSIGKILL|FinalKillSignal|RestartKillSignal|WatchdogSignal|TimeoutAbortSec"
                            + "|TimeoutStartFailureMode|TimeoutStopFailureMode|OOMPolicy|ExitType|GuessMainPID)",
                    "a stop sends stop_signal, and KILL after stop_grace_period"),
            Group.of(
                    "Service\\.(Restart(Steps|MaxDelaySec|Mode|RandomizedDelaySec))",
                    "see restart_delay and restart_max_delay"),
            Group.of(
                    "Service\\.RuntimeMaxSec|Service\\.RuntimeRandomizedExtraSec|Unit\\.JobRunning.*|Unit\\.JobTimeout.*",
                    "nothing limits how long a service runs"),
            Group.of(
                    "Service\\.(Sockets|FileDescriptorStore.*|NonBlocking|OpenFile|USBFunction.*)",
                    "there is no socket activation, and no descriptors are passed"),
            Group.of("Service\\.(BusName|BusPolicy)", "the bus is not asked whether the service is up"),
            Group.of(
                    "Unit\\.(OnSuccess|StartLimitAction|FailureAction|SuccessAction|RebootArgument).*",
                    "nothing else is done when a service ends; see on_failure"),
            Group.of(
                    "Unit\\.(PartOf|PropagatesStopTo|StopPropagatedFrom|Upholds|PropagatesReloadTo|ReloadPropagatedFrom)",
                    "the stop of another service never stops this one, and a reload reaches one service"),
            Group.of("Unit\\.Conflicts", "services do not exclude each other; bh mask keeps one from being started"),
            Group.of("Unit\\.(RequiresMountsFor|WantsMountsFor)", "the mounts are expected to be there"),
            Group.of("Unit\\.(Condition|Assert).*", "write the test into pre, which fails if it must not be started"),
            Group.of(
                    "Unit\\.(DefaultDependencies|IgnoreOnIsolate|AllowIsolate|RefuseManual.*|CollectMode|SourcePath|"
                            + "SurviveFinalKillSignal|OnFailureJobMode)",
                    "of no use here: it is about systemd's own units and jobs"),
            Group.of("Timer\\..*", "there are no timers yet; a cron can run: bh start NAME"),
            Group.of("Socket\\..*", "there is no socket activation; the service opens its sockets itself"),
            Group.of("Path\\..*", "nothing watches paths"));

    private static final Map<String, String> TYPES = Map.of(
            ".timer", "it belongs to a timer, and there are no timers yet",
            ".socket", "it belongs to a socket, and there is no socket activation",
            ".path", "it belongs to a path unit, and nothing watches paths");

    private UnitKeys() {}

    /** Reports each assignment that has not been looked at. */
    static void tellRest(UnitName unit, UnitSettings settings, ImportReport report) {
        boolean isService = unit.type().equals(".service");
        settings.untold()
                .forEach((name, keys) -> keys.forEach(key -> {
                    String why = GROUPS.stream()
                            .filter(group -> group.names.matcher(name).matches())
                            .map(Group::why)
                            .findFirst()
                            .orElse(name.startsWith("X-") ? "it is not systemd's own" : "unknown to this import");
                    report.lost(
                            key,
                            isService || name.matches("(Timer|Socket|Path)\\..*")
                                    ? why
                                    : TYPES.getOrDefault(
                                            unit.type(),
                                            "only services are imported, not units of type " + unit.type()));
                }));
    }
}
