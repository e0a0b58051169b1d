package bellhop.convert;

import bellhop.definition.Script;
import bellhop.linux.Signals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a service of a unit of systemd and its drop-ins: what is run, how it gets ready and how it ends. What it runs
 * with is {@link UnitProcess}'s part, what it has to do with other units {@link UnitRelations}'.
 */
final class UnitReader {
    private static final String DEFAULT_TIMEOUT = "1m30s";
    private static final int DEFAULT_STARTS = 5;
    private static final String DEFAULT_INTERVAL = "10s";

    /** Both managers' default. */
    private static final String LEAST_UNLIMITED_DELAY = "100ms";

    private static final Set<String> LASTING = Set.of("yes", "true", "1", "on", "y", "t");

    /** How well-known programs are kept in the foreground; for advice alone. */
    private static final Map<String, String> FOREGROUND = Map.ofEntries(
            Map.entry("nginx", "-g 'daemon off;' (in place of daemon on)"),
            Map.entry("chronyd", "-n"),
            Map.entry("dnsmasq", "--keep-in-foreground"),
            Map.entry("sshd", "-D"),
            Map.entry("rsyslogd", "-n"),
            Map.entry("cron", "-f"),
            Map.entry("crond", "-f"),
            Map.entry("apache2", "-D FOREGROUND"),
            Map.entry("httpd", "-D FOREGROUND"),
            Map.entry("haproxy", "-db"),
            Map.entry("named", "-f"),
            Map.entry("smbd", "--foreground --no-process-group"),
            Map.entry("nmbd", "--foreground --no-process-group"),
            Map.entry("snmpd", "-f"),
            Map.entry("vsftpd", "-obackground=NO"),
            Map.entry("hostapd", "(without -B)"),
            Map.entry("wpa_supplicant", "(without -B)"),
            Map.entry("lighttpd", "-D"),
            Map.entry("ntpd", "-n"),
            Map.entry("dropbear", "-F"));

    private final Path file;
    private final UnitName unit;
    private final UnitSettings settings;
    private final Specifiers specifiers;
    private final ImportedService service;
    private final ImportReport report;
    private final UnitProcess process;
    private final UnitRelations relations;

    private UnitReader(
            Path file,
            UnitName unit,
            String name,
            UnitSettings settings,
            Importer.ImportSite here,
            ImportReport report) {
        this.file = file;
        this.unit = unit;
        this.settings = settings;
        this.specifiers = new Specifiers(unit, here.places());
        this.service = new ImportedService(name, file.toString());
        this.report = report;
        this.process = new UnitProcess(settings, specifiers, here.places(), service, report);
        this.relations = new UnitRelations(unit, settings, specifiers, here, service, report);
    }

    /**
     * Reads a unit.
     *
     * @param name the name that the service will have
     * @return nothing if no service can be made of it; the report says why
     */
    static Optional<ImportedService> read(Path file, String name, Importer.ImportSite here, ImportReport report)
            throws ImportException {
        UnitName unit = UnitName.of(String.valueOf(file.getFileName()));
        List<UnitFile.Assignment> assignments =
                UnitFile.read(file, unit, here.places().units());
        UnitSettings settings = new UnitSettings(assignments, report);
        if (!unit.type().equals(".service")) {
            UnitKeys.tellRest(unit, settings, report);
            return Optional.empty();
        }
        UnitReader reader = new UnitReader(file, unit, name, settings, here, report);
        boolean isSecret = assignments.stream()
                .map(it -> it.key().file())
                .distinct()
                .anyMatch(it -> !Importer.isReadableByAll(Path.of(it)));
        if (isSecret) {
            reader.service.keepPrivate();
        }
        boolean made = reader.make();
        UnitKeys.tellRest(unit, settings, report);
        reader.timer(here);
        return made ? Optional.of(reader.service) : Optional.empty();
    }

    /** A timer of the same name starts the service, unless somebody else does. */
    private void timer(Importer.ImportSite here) throws ImportException {
        Path timer = file.resolveSibling(unit.toString().replaceAll("\\.service$", ".timer"));
        if (Files.isRegularFile(timer)) {
            UnitName name = UnitName.of(String.valueOf(timer.getFileName()));
            UnitKeys.tellRest(
                    name,
                    new UnitSettings(UnitFile.read(timer, name, here.places().units()), report),
                    report);
        }
    }

    private boolean make() {
        describe();
        List<UnitCommand> starts = commands("ExecStart");
        String type = type(starts);
        boolean isOneshot = type.equals("oneshot");
        if (starts.isEmpty()) {
            report.essential(
                    new SourceKey(file.toString(), 1, "[Service]", ""), "there is no ExecStart; no service was made");
            return false;
        }
        if (starts.size() > 1 && !isOneshot) {
            starts.subList(0, starts.size() - 1)
                    .forEach(it -> report.lost(it.key(), "systemd runs one command unless Type=oneshot"));
            starts = List.of(starts.getLast());
        }
        boolean lasts = isOneshot && lasts();
        relations.read(lasts);
        process.read(starts, lasts);
        prepare(starts, lasts);
        if (!lasts) {
            run(starts, isOneshot);
        }
        ready(type, lasts);
        restarts(lasts);
        stop(lasts);
        cleanUp(lasts);
        if (unit.isTemplate()) {
            service.set("template", true);
        }
        return true;
    }

    private void describe() {
        settings.last("Unit.Description")
                .ifPresent(key -> process.text(key, "description").ifPresent(text -> {
                    service.set("description", text);
                    report.carried(key, "description");
                }));
        settings.list("Unit.Documentation").forEach(key -> {
            service.comment("See " + key.value());
            report.carried(key, "a comment");
        });
    }

    private List<UnitCommand> commands(String name) {
        List<UnitCommand> commands = new ArrayList<>();
        for (SourceKey key : settings.list("Service." + name)) {
            List<UnitCommand> found = UnitCommand.of(key, specifiers, report);
            if (found.isEmpty()) {
                report.lost(key, "there is no command");
            }
            for (UnitCommand command : found) {
                if (command.splits()) {
                    report.otherwise(
                            key, "the value of a variable is split at blanks; quotes within it are not removed");
                }
                if (command.uses("MAINPID") && !name.equals("ExecReload") && !name.equals("ExecStop")) {
                    report.otherwise(key, "MAINPID is not set");
                }
                commands.add(command);
            }
        }
        return commands;
    }

    private String type(List<UnitCommand> starts) {
        Optional<SourceKey> given = settings.last("Service.Type");
        String type = given.map(SourceKey::value)
                .orElseGet(() -> starts.isEmpty()
                        ? "oneshot"
                        : settings.every("Service.BusName").isEmpty() ? "simple" : "dbus");
        settings.last("Service.PIDFile")
                .ifPresent(key -> report.lost(key, "Bellhop knows the process that it started"));
        given.ifPresent(key -> tellType(key, starts));
        return type;
    }

    private void tellType(SourceKey key, List<UnitCommand> starts) {
        switch (key.value()) {
            case "simple", "exec" -> report.carried(key, "command or run; started as soon as it is executed");
            case "oneshot" ->
                report.carried(key, lasts() ? "a directory without run" : "run, which is not started again");
            case "notify", "notify-reload" -> report.carried(key, "ready: {notify: true}");
            case "idle" -> report.otherwise(key, "it does not wait until other services have been started");
            case "dbus" ->
                report.otherwise(
                        key, "it counts as started as soon as it is executed, not once it has its name on the bus");
            case "forking" -> report.essential(key, foreground(starts));
            default -> report.essential(key, "no such type is known; expected one of simple, exec, notify, oneshot");
        }
    }

    /** What the user has to change so that the program does not leave its launcher. */
    private String foreground(List<UnitCommand> starts) {
        Optional<UnitCommand> start = starts.isEmpty() ? Optional.empty() : Optional.of(starts.getLast());
        boolean isCommand = start.filter(it -> it.fitsYaml()).isPresent();
        return "run must stay in the foreground, and this one forks away; change "
                + (isCommand ? "command in service.yaml" : "run")
                + " so that the program does not become a daemon: "
                + start.map(UnitCommand::program)
                        .filter(FOREGROUND::containsKey)
                        .map(program -> program + " " + FOREGROUND.get(program))
                        .orElse("its manual has the option, often called foreground or no-daemon");
    }

    private boolean lasts() {
        return settings.every("Service.RemainAfterExit").stream()
                .reduce((first, second) -> second)
                .filter(key -> LASTING.contains(key.value()))
                .isPresent();
    }

    private void prepare(List<UnitCommand> starts, boolean lasts) {
        List<UnitCommand> before = commands("ExecStartPre");
        List<UnitCommand> checks = commands("ExecCondition");
        List<UnitCommand> after = commands("ExecStartPost");
        List<String> lines = new ArrayList<>(relations.conditions());
        lines.addAll(process.directories());
        List<UnitCommand> all = new ArrayList<>(checks);
        all.addAll(before);
        if (lasts) {
            all.addAll(starts);
            all.addAll(after);
        }
        if (!all.isEmpty()) {
            lines.addAll(process.scriptBeginning(lasts));
        }
        all.forEach(command -> lines.add(process.line(command, lasts)));
        checks.forEach(it -> report.otherwise(it.key(), "pre; if it fails, the start fails and is not just skipped"));
        before.forEach(it -> tellOnce(it.key(), Script.PRE));
        if (lasts) {
            starts.forEach(it -> report.carried(it.key(), "pre"));
            after.forEach(it -> report.carried(it.key(), "pre"));
        } else {
            after.forEach(it -> report.lost(
                    it.key(),
                    "nothing is run once a service is up; a service of its own that requires it could do that"));
        }
        if (!lines.isEmpty()) {
            service.line(Script.PRE, "set -e" + (all.stream().anyMatch(UnitCommand::splits) ? " -f" : ""));
            lines.forEach(line -> service.line(Script.PRE, line));
        }
        startTimeout(!all.isEmpty(), lasts);
    }

    /** A restart runs neither pre nor post again, and systemd runs both. */
    private void tellOnce(SourceKey key, Script script) {
        boolean restarts = settings.last("Service.Restart")
                .filter(it -> !it.value().equals("no"))
                .isPresent();
        if (restarts) {
            report.otherwise(key, script.fileName() + "; a restart of run does not run it again");
        } else {
            report.carried(key, script.fileName());
        }
    }

    /** One limit of systemd is one for each script here. */
    private void startTimeout(boolean hasCommands, boolean lasts) {
        Optional<SourceKey> given = settings.last("Service.TimeoutSec", "Service.TimeoutStartSec");
        String limit = given.flatMap(key -> UnitValues.timeout(key.value()))
                .orElse(lasts ? UnitValues.LONGEST : DEFAULT_TIMEOUT);
        if (hasCommands) {
            service.set("timeouts", "pre", limit);
        }
        boolean notifies = settings.last("Service.Type")
                .filter(key -> key.value().startsWith("notify"))
                .isPresent();
        if (notifies) {
            service.set("timeouts", "ready", limit);
        }
        given.ifPresent(key -> {
            if (UnitValues.timeout(key.value()).isEmpty()) {
                report.lost(key, "not a time");
            } else if (notifies && hasCommands) {
                report.otherwise(key, "timeouts.pre and timeouts.ready: pre and run have this time each");
            } else if (notifies || hasCommands) {
                report.carried(key, notifies ? "timeouts.ready" : "timeouts.pre");
            } else if (key.key().equals("TimeoutStartSec")) {
                report.lost(key, "run is started as soon as it is executed; there is nothing to limit");
            }
        });
    }

    private void run(List<UnitCommand> starts, boolean isOneshot) {
        UnitCommand only = starts.getFirst();
        List<String> unset = process.unset();
        boolean elevated = starts.stream().anyMatch(it -> it.has('+') || it.has('!'));
        boolean hasUser = settings.last("Service.User").isPresent();
        if (starts.size() == 1 && only.fitsYaml() && unset.isEmpty()) {
            service.set("command", only.words().stream().map(CommandWord::yaml).toList());
            report.carried(only.key(), "command");
        } else {
            if (starts.size() > 1 || starts.stream().anyMatch(UnitCommand::splits)) {
                service.line(
                        Script.RUN,
                        "set" + (starts.size() > 1 ? " -e" : "")
                                + (starts.stream().anyMatch(UnitCommand::splits) ? " -f" : ""));
            }
            unset.forEach(variable -> service.line(Script.RUN, "unset " + variable));
            for (UnitCommand start : starts) {
                String line = CommandWord.line(start.words());
                boolean changesUser = elevated && hasUser && !start.has('+') && !start.has('!');
                service.line(
                        Script.RUN,
                        starts.size() == 1
                                ? "exec " + line
                                : elevated ? process.line(start, false) : start.has('-') ? line + " || true" : line);
                if (changesUser) {
                    report.otherwise(
                            start.key(), "run, which the manager's user executes and which changes to User= for this");
                } else {
                    report.carried(start.key(), "run");
                }
            }
        }
        for (UnitCommand start : starts) {
            if (start.has('-') && starts.size() == 1) {
                report.otherwise(start.key(), "the prefix - is ignored: an exit status other than 0 is a failure");
            }
            if (isOneshot) {
                report.otherwise(
                        start.key(), "a service that requires it does not wait for its end; only pre is waited for");
            }
        }
    }

    private void ready(String type, boolean lasts) {
        boolean notifies = type.startsWith("notify");
        if (notifies) {
            service.set("ready", "notify", true);
        }
        settings.last("Service.RemainAfterExit").ifPresent(key -> {
            if (!lasts()) {
                report.carried(key, "the default");
            } else if (type.equals("oneshot")) {
                report.carried(key, "a directory without run: it stays started");
            } else {
                report.otherwise(key, "once run has ended, the service is finished, not started");
            }
        });
        settings.last("Service.NotifyAccess").ifPresent(key -> {
            if (!notifies) {
                report.lost(key, "only of use with Type=notify");
            } else if (key.value().equals("none")) {
                report.otherwise(key, "messages of the service are accepted");
            } else {
                report.carried(key, "messages of all processes of the service are accepted");
            }
        });
        settings.last("Service.WatchdogSec").ifPresent(key -> {
            Optional<String> time = UnitValues.timeout(key.value());
            if (!notifies) {
                report.lost(key, "there is a watchdog only with ready: {notify: true}");
            } else if (time.isEmpty()) {
                report.lost(key, "not a time");
            } else if (time.get().equals(UnitValues.LONGEST)) {
                report.carried(key, "no watchdog");
            } else {
                service.set("ready", "watchdog", time.get());
                report.carried(key, "ready.watchdog");
            }
        });
        reload(type, lasts);
    }

    private void reload(String type, boolean lasts) {
        List<UnitCommand> commands = commands("ExecReload");
        Optional<String> signal = commands.stream()
                .map(UnitReader::killed)
                .flatMap(Optional::stream)
                .findFirst();
        if (type.equals("notify-reload")) {
            Optional<SourceKey> given = settings.last("Service.ReloadSignal");
            given.ifPresent(key -> report.carried(key, "reload_signal"));
            signal = Optional.of(given.map(SourceKey::value).orElse("SIGHUP"));
        }
        if (!lasts) {
            signal.ifPresent(it -> service.set("reload_signal", it));
        }
        for (UnitCommand command : commands) {
            if (lasts) {
                report.lost(command.key(), "there is no process that could read its configuration again");
            } else if (killed(command).isPresent()) {
                report.carried(command.key(), "reload_signal, for bh reload " + service.name());
            } else if (signal.isPresent()) {
                report.otherwise(
                        command.key(), "bh reload " + service.name() + " sends the signal without running this");
            } else {
                report.lost(
                        command.key(),
                        "bh reload sends a signal and runs nothing; set reload_signal if the program has one for it");
            }
        }
    }

    /** The signal that a command like {@code kill -HUP $MAINPID} sends. */
    private static Optional<String> killed(UnitCommand command) {
        if (!command.program().equals("kill") || !command.uses("MAINPID")) {
            return Optional.empty();
        }
        List<String> words = command.words().stream().map(CommandWord::yaml).toList();
        String signal = "TERM";
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("-s") || word.equals("--signal") || word.equals("-n")) {
                signal = i + 1 < words.size() ? words.get(++i) : signal;
            } else if (word.startsWith("--signal=")) {
                signal = word.substring("--signal=".length());
            } else if (word.startsWith("-") && word.length() > 1) {
                signal = word.substring(1);
            }
        }
        return signal(signal);
    }

    /** A signal as {@code service.yaml} has it, if it is one. */
    private static Optional<String> signal(String text) {
        String name = text.startsWith("SIG") ? text.substring(3) : text;
        return Signals.names().contains(name)
                ? Optional.of("SIG" + name)
                : name.matches("[1-9]|[1-5][0-9]|6[0-4]") ? Optional.of(name) : Optional.empty();
    }

    private void restarts(boolean lasts) {
        Optional<SourceKey> given = settings.last("Service.Restart");
        String restart = switch (given.map(SourceKey::value).orElse("no")) {
            case "always" -> "always";
            case "on-failure", "on-abnormal", "on-abort", "on-watchdog" -> "on-failure";
            default -> "no";
        };
        service.set("restart", restart);
        given.ifPresent(key -> {
            switch (key.value()) {
                case "no" -> report.carried(key, "restart");
                case "always" -> report.carried(key, "restart; the delay counts from the launch, see restart_delay");
                case "on-failure" ->
                    report.otherwise(
                            key,
                            "restart: on-failure, also after HUP, INT, TERM and PIPE, which systemd counts as success");
                case "on-abnormal", "on-abort", "on-watchdog" ->
                    report.otherwise(key, "restart: on-failure, also after an exit status other than 0");
                case "on-success" -> report.lost(key, "Bellhop cannot restart after success alone; restart is no");
                default -> report.lost(key, "no such policy is known; restart is no");
            }
        });
        limit(given, restart, lasts);
        settings.last("Service.RestartSec").ifPresent(key -> delay(key, restart, lasts));
        if (!lasts) {
            new UnitExits(settings, service, report).read(restart);
        }
    }

    private void delay(SourceKey key, String restart, boolean lasts) {
        Optional<String> time = UnitValues.duration(key.value()).map(it -> it.equals("0s") ? "1ms" : it);
        if (time.isEmpty() || lasts || restart.equals("no")) {
            report.lost(key, time.isEmpty() ? "not a time" : "there is no restart of run that it could delay");
            return;
        }
        String counted = "it counts from the launch of run, not from its end; restart_max_delay keeps it from doubling";
        boolean spins = !service.has("restart_limit") && UnitValues.isShorter(key.value(), LEAST_UNLIMITED_DELAY);
        String delay = spins ? LEAST_UNLIMITED_DELAY : time.get();
        service.set("restart_delay", delay);
        service.set("restart_max_delay", delay);
        report.otherwise(
                key,
                spins
                        ? "restart_delay: " + delay
                                + ", because the unit has no limit of starts, and a service that ends"
                                + " at once would take all the time of a processor; " + counted
                        : "restart_delay: " + counted);
    }

    /** The one that systemd has for a unit that says nothing of it, without which a short delay would let it spin. */
    private void defaultLimit(SourceKey restart) {
        service.set("restart_limit", "times", DEFAULT_STARTS - 1);
        service.set("restart_limit", "within", DEFAULT_INTERVAL);
        report.otherwise(
                restart,
                "restart_limit: systemd's default, " + DEFAULT_STARTS + " starts in " + DEFAULT_INTERVAL
                        + "; a manual start is never refused");
    }

    private void limit(Optional<SourceKey> policy, String restart, boolean lasts) {
        Optional<SourceKey> interval = settings.last(
                "Unit.StartLimitIntervalSec",
                "Unit.StartLimitInterval",
                "Service.StartLimitIntervalSec",
                "Service.StartLimitInterval");
        Optional<SourceKey> burst = settings.last("Unit.StartLimitBurst", "Service.StartLimitBurst");
        List<SourceKey> given = new ArrayList<>();
        interval.ifPresent(given::add);
        burst.ifPresent(given::add);
        if (given.isEmpty()) {
            if (!restart.equals("no") && !lasts) {
                policy.ifPresent(this::defaultLimit);
            }
            return;
        }
        String within =
                interval.map(key -> UnitValues.duration(key.value()).orElse("")).orElse(DEFAULT_INTERVAL);
        int starts = burst.map(SourceKey::value)
                .filter(it -> it.matches("[0-9]{1,6}"))
                .map(Integer::parseInt)
                .orElse(DEFAULT_STARTS);
        if (within.isEmpty() || restart.equals("no") || lasts) {
            given.forEach(key -> report.lost(
                    key,
                    within.isEmpty()
                            ? "not a time"
                            : "there are no restarts to limit; a manual start is never refused"));
        } else if (within.equals("0s") || starts == 0) {
            given.forEach(key -> report.carried(key, "no limit"));
        } else {
            service.set("restart_limit", "times", Math.max(1, starts - 1));
            service.set("restart_limit", "within", within);
            given.forEach(key -> report.otherwise(
                    key, "restart_limit; the first start does not count, and a manual start is never refused"));
        }
    }

    private void stop(boolean lasts) {
        Optional<SourceKey> timeout = settings.last("Service.TimeoutSec", "Service.TimeoutStopSec");
        String limit = timeout.flatMap(key -> UnitValues.timeout(key.value())).orElse(DEFAULT_TIMEOUT);
        if (!lasts) {
            service.set("stop_grace_period", limit);
        }
        timeout.ifPresent(key -> {
            if (UnitValues.timeout(key.value()).isEmpty()) {
                report.lost(key, "not a time");
            } else {
                report.carried(
                        key,
                        key.key().equals("TimeoutSec")
                                ? "stop_grace_period, and timeouts of the scripts"
                                : lasts ? "timeouts.post" : "stop_grace_period");
            }
        });
        settings.last("Service.KillMode").ifPresent(key -> {
            switch (key.value()) {
                case "control-group" -> report.carried(key, "kill_mode: all, the default");
                case "mixed" ->
                    report.otherwise(
                            key, "kill_mode: all: the stop signal goes to all processes, not to the main one alone");
                case "process" -> {
                    service.set("kill_mode", "process");
                    report.carried(key, "kill_mode");
                }
                case "none" -> {
                    service.set("kill_mode", "process");
                    report.otherwise(key, "kill_mode: process: the main process is ended");
                }
                default -> report.lost(key, "no such mode is known; kill_mode is all");
            }
        });
        settings.last("Service.KillSignal")
                .ifPresent(key -> signal(key.value())
                        .ifPresentOrElse(
                                it -> {
                                    service.set("stop_signal", it);
                                    report.carried(key, "stop_signal");
                                },
                                () -> report.lost(key, "no such signal; stop_signal is SIGTERM")));
        if (!lasts) {
            commands("ExecStop").forEach(this::stopCommand);
        }
    }

    private void stopCommand(UnitCommand command) {
        Optional<String> killed = killed(command);
        List<String> words = command.words().stream().map(CommandWord::yaml).toList();
        int retry = words.indexOf("--retry");
        if (killed.isPresent()) {
            service.set("stop_signal", killed.get());
            report.carried(command.key(), "stop_signal");
        } else if (command.program().equals("start-stop-daemon")
                && retry > 0
                && retry + 1 < words.size()
                && signal(words.get(retry + 1).replaceAll("^-|/.*", "")).isPresent()) {
            String signal =
                    signal(words.get(retry + 1).replaceAll("^-|/.*", "")).orElseThrow();
            service.set("stop_signal", signal);
            report.otherwise(
                    command.key(), "stop_signal: " + signal + ", then KILL after stop_grace_period; nothing is run");
        } else {
            report.lost(
                    command.key(),
                    "a stop sends stop_signal and runs nothing before; what may come after the end belongs into post");
        }
    }

    private void cleanUp(boolean lasts) {
        List<UnitCommand> commands = new ArrayList<>(lasts ? commands("ExecStop") : List.of());
        commands.addAll(commands("ExecStopPost"));
        List<String> lines = new ArrayList<>();
        if (!commands.isEmpty()) {
            if (commands.stream().anyMatch(UnitCommand::splits)) {
                lines.add("set -f");
            }
            lines.addAll(process.scriptBeginning(lasts));
            service.set(
                    "timeouts",
                    "post",
                    settings.last("Service.TimeoutSec", "Service.TimeoutStopSec")
                            .flatMap(key -> UnitValues.timeout(key.value()))
                            .orElse(DEFAULT_TIMEOUT));
        }
        for (UnitCommand command : commands) {
            lines.add(process.line(command, lasts));
            boolean asks = List.of("SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS").stream()
                    .anyMatch(command::uses);
            if (asks) {
                report.otherwise(command.key(), "post; SERVICE_RESULT, EXIT_CODE and EXIT_STATUS are not set");
            } else if (commands.size() > 1) {
                report.otherwise(command.key(), "post; it is run also if a command before it has failed");
            } else {
                tellOnce(command.key(), Script.POST);
            }
        }
        lines.addAll(process.removals());
        lines.forEach(line -> service.line(Script.POST, line));
    }
}
