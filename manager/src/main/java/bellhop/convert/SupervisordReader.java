package bellhop.convert;

import bellhop.convert.CommandWord.Literal;
import bellhop.convert.CommandWord.ShellOutput;
import bellhop.convert.CommandWord.Variable;
import bellhop.convert.CommandWord.WordPart;
import bellhop.definition.Script;
import bellhop.linux.Signals;
import bellhop.yaml.KnownNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes a service of each process of the programs in a configuration of supervisord. */
final class SupervisordReader {
    private static final Pattern EXPANSION = Pattern.compile("%(?:\\(([^)]*)\\)([0-9]*)([sd])|(%))");
    private static final Pattern ASSIGNMENT = Pattern.compile(
            "\\s*([A-Za-z_][A-Za-z0-9_]*)\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)'|([^,]*?))\\s*(?:,|\\z)", Pattern.DOTALL);
    private static final int LONGEST_WIDTH = 3;
    private static final int MOST_PROCESSES = 1000;
    private static final Map<String, String> OTHER_SECTIONS = Map.of(
            "unix_http_server", "there is no HTTP; bh asks the manager over a socket in its run directory",
            "inet_http_server", "there is no HTTP; bh asks the manager over a socket in its run directory",
            "supervisorctl", "bh needs no settings",
            "supervisord", "a setting of supervisord itself; bh-run(1) has those of the manager",
            "rpcinterface", "there are no interfaces for remote calls",
            "fcgi-program", "no sockets are passed to programs; no service was made of this",
            "eventlistener", "there are no event listeners; bh events has what happened");

    private static final String INCLUDE = "include";

    private final Path file;
    private final ImportReport report;
    private final List<ImportedService> services = new ArrayList<>();
    private Optional<SourceKey> commonVariables = Optional.empty();
    private Optional<SourceKey> commonDirectory = Optional.empty();
    private Optional<SourceKey> commonUser = Optional.empty();
    private final Map<String, String> groups = new HashMap<>();

    private SupervisordReader(Path file, ImportReport report) {
        this.file = file;
        this.report = report;
    }

    static List<ImportedService> read(Path file, ImportReport report) throws ImportException {
        SupervisordReader reader = new SupervisordReader(file, report);
        Map<String, IniFile.IniSection> found = new LinkedHashMap<>();
        IniFile.read(file, found, report);
        reader.include(found);
        List<IniFile.IniSection> sections = List.copyOf(found.values());
        sections.forEach(reader::others);
        for (IniFile.IniSection section : sections) {
            if (section.name().startsWith("program:")) {
                reader.program(section.name().substring("program:".length()).strip(), section);
            }
        }
        for (IniFile.IniSection section : sections) {
            section.keys().values().stream()
                    .filter(key -> !report.isTold(key))
                    .forEach(key -> report.lost(key, "unknown to this import"));
        }
        return reader.services;
    }

    /** Reads the files that are included, as if they were part of this one; as in supervisord, they include nothing. */
    private void include(Map<String, IniFile.IniSection> sections) throws ImportException {
        IniFile.IniSection section = sections.remove(INCLUDE);
        if (section == null) {
            return;
        }
        SourceKey files = section.keys().remove("files");
        section.keys().values().forEach(key -> report.lost(key, "only files are included"));
        if (files == null || files.value().isEmpty()) {
            report.lost(files == null ? section.header() : files, "it names no file");
            return;
        }
        Set<Path> read = new HashSet<>(Set.of(file.toAbsolutePath().normalize()));
        for (String pattern : text(files, files.value(), Map.of()).orElse("").split("\\s+", -1)) {
            List<Path> matches = FilePattern.matches(file, pattern);
            if (matches.isEmpty() && !pattern.isEmpty()) {
                report.lost(files, "there is no file " + pattern);
            }
            for (Path match : matches) {
                if (!read.add(match.toAbsolutePath().normalize())) {
                    report.otherwise(files, match + " is read once");
                    continue;
                }
                report.carried(files, match + " is read");
                IniFile.read(match, sections, report);
                Optional.ofNullable(sections.remove(INCLUDE))
                        .ifPresent(nested -> nested.keys()
                                .values()
                                .forEach(key ->
                                        report.lost(key, "an included file includes nothing, as in supervisord")));
            }
        }
    }

    private void others(IniFile.IniSection section) {
        String kind = section.name().replaceAll(":.*", "");
        if (kind.equals("program")) {
            return;
        }
        if (kind.equals("group")) {
            group(section);
            return;
        }
        if (kind.equals("supervisord")) {
            commonVariables = Optional.ofNullable(section.keys().get("environment"));
            commonDirectory = Optional.ofNullable(section.keys().get("directory"));
            commonUser = Optional.ofNullable(section.keys().get("user"));
            commonVariables.ifPresent(key -> report.carried(key, "environment of each service"));
            commonDirectory.ifPresent(key -> report.carried(key, "working_dir of services without a directory"));
            commonUser.ifPresent(key ->
                    report.otherwise(key, "user of each service that has none; pre and post run as the manager's"));
        }
        String why = OTHER_SECTIONS.getOrDefault(kind, "a section that is unknown to this import");
        if (section.keys().isEmpty() || kind.equals("eventlistener") || kind.equals("fcgi-program")) {
            report.lost(section.header(), why);
        }
        section.keys().values().stream().filter(key -> !report.isTold(key)).forEach(key -> report.lost(key, why));
    }

    private void group(IniFile.IniSection section) {
        String name = section.name().substring("group:".length()).strip();
        section.keys().forEach((key, value) -> {
            if (key.equals("programs")) {
                List.of(value.value().split(",", -1)).forEach(program -> groups.put(program.strip(), name));
                report.lost(value, "there are no groups; name the services: bh start NAME...");
            } else if (key.equals("priority")) {
                report.lost(value, "order comes from requires alone");
            }
        });
    }

    private void program(String program, IniFile.IniSection section) {
        Map<String, SourceKey> keys = section.keys();
        SourceKey command = keys.get("command");
        if (command == null) {
            report.essential(section.header(), "there is no command; no service was made of it");
            return;
        }
        int count = number(keys.get("numprocs"), 1);
        int first = number(keys.get("numprocs_start"), 0);
        String pattern = Optional.ofNullable(keys.get("process_name"))
                .map(SourceKey::value)
                .orElse(count > 1 ? "%(program_name)s_%(process_num)02d" : "%(program_name)s");
        if (count > MOST_PROCESSES) {
            report.essential(section.header(), "numprocs: too many; at most " + MOST_PROCESSES + " were made");
        }
        for (int i = 0; i < Math.min(count, MOST_PROCESSES); i++) {
            Map<String, String> known = new HashMap<>();
            known.put("program_name", program);
            known.put("group_name", groups.getOrDefault(program, program));
            known.put("process_num", Integer.toString(first + i));
            known.put("numprocs", Integer.toString(count));
            String name = new CommandWord(expand(command, pattern, known, what -> report.lost(command, what))).yaml();
            services.add(service(name, section, known));
        }
        Optional.ofNullable(keys.get("numprocs"))
                .filter(key -> !report.isTold(key))
                .ifPresent(key -> report.carried(
                        key, count == 1 ? "one service" : count + " services, each with a directory of its own"));
        Optional.ofNullable(keys.get("numprocs_start"))
                .ifPresent(key -> report.carried(key, "the numbers in their names"));
        Optional.ofNullable(keys.get("process_name")).ifPresent(key -> report.carried(key, "the name of the service"));
    }

    private int number(@Nullable SourceKey key, int otherwise) {
        if (key == null) {
            return otherwise;
        }
        if (key.value().matches("[0-9]{1,6}")) {
            return Integer.parseInt(key.value());
        }
        report.lost(key, "not a number; taken for " + otherwise);
        return otherwise;
    }

    /**
     * Puts values in place of their names.
     *
     * @param key where the text comes from, and so which directory is here
     */
    private static List<WordPart> expand(
            SourceKey key, String text, Map<String, String> known, Consumer<String> complain) {
        List<WordPart> parts = new ArrayList<>();
        Matcher matcher = EXPANSION.matcher(text);
        int at = 0;
        while (matcher.find()) {
            parts.add(new Literal(text.substring(at, matcher.start())));
            at = matcher.end();
            String name = matcher.group(1);
            if (name == null) {
                parts.add(new Literal("%"));
            } else if (name.startsWith("ENV_") && name.substring(4).matches("[A-Za-z_][A-Za-z0-9_]*")) {
                parts.add(new Variable(name.substring(4), "", "", false));
            } else if (name.equals("host_node_name")) {
                parts.add(new ShellOutput("uname -n"));
            } else if (name.equals("here")) {
                Path here = Path.of(key.file()).toAbsolutePath().normalize().getParent();
                parts.add(new Literal(here == null ? "/" : here.toString()));
            } else if (known.containsKey(name) && matcher.group(2).length() <= LONGEST_WIDTH) {
                parts.add(new Literal(padded(known.get(name), matcher.group(2), matcher.group(3))));
            } else {
                complain.accept(matcher.group() + " stands for nothing that is known");
                parts.add(new Literal(matcher.group()));
            }
        }
        parts.add(new Literal(text.substring(at)));
        return parts.stream()
                .filter(part -> !(part instanceof Literal(String literal) && literal.isEmpty()))
                .toList();
    }

    private static String padded(String value, String width, String kind) {
        int least = width.isEmpty() ? 0 : Math.min(Integer.parseInt(width), 20);
        String fill = kind.equals("d") && width.startsWith("0") ? "0" : " ";
        return fill.repeat(Math.max(0, least - value.length())) + value;
    }

    private ImportedService service(String name, IniFile.IniSection section, Map<String, String> known) {
        ImportedService service = new ImportedService(name, section.header().file());
        Map<String, SourceKey> keys = new HashMap<>(section.keys());
        boolean isSecret = section.keys().values().stream()
                .map(key -> Path.of(key.file()))
                .distinct()
                .anyMatch(it -> !Importer.isReadableByAll(it));
        if (isSecret) {
            service.keepPrivate();
        }
        Optional.ofNullable(keys.get("command")).ifPresent(key -> command(key, service, known));
        keys.computeIfAbsent("user", it -> commonUser.orElse(null));
        Optional.ofNullable(keys.get("user"))
                .filter(key -> !key.value().isEmpty())
                .ifPresent(key -> user(key, service, known));
        keys.computeIfAbsent("directory", it -> commonDirectory.orElse(null));
        service.set("working_dir", text(keys, "directory", known).orElse("/"));
        if (keys.get("directory") == null) {
            report.otherwise(section.header(), "working_dir is /; supervisord starts it in its own working directory");
        } else {
            carried(keys, "directory", "working_dir");
        }
        text(keys, "umask", known).ifPresent(value -> {
            String digits = "0".repeat(Math.max(0, 3 - value.length())) + value.replaceFirst("^0(?=[0-7]{3}$)", "");
            if (digits.matches("[0-7]{3}")) {
                service.set("umask", digits);
                carried(keys, "umask", "umask");
            } else {
                tellOf(keys, "umask", "not a mask of three octal digits");
            }
        });
        commonVariables.ifPresent(key -> variables(key, service, known));
        Optional.ofNullable(keys.get("environment")).ifPresent(key -> {
            variables(key, service, known);
            if (!report.isTold(key)) {
                report.carried(key, "environment");
            }
        });
        lifecycle(keys, section, service);
        output(keys, service);
        tellOf(keys, "priority", "order comes from requires alone");
        tellOf(keys, "serverurl", "there is no HTTP");
        return service;
    }

    private void user(SourceKey key, ImportedService service, Map<String, String> known) {
        String lost = "; it would run as the manager's user";
        CommandWord user = new CommandWord(expand(key, key.value(), known, what -> report.essential(key, what + lost)));
        if (!user.fitsYaml()) {
            report.essential(key, "service.yaml has no variables of the manager here; write the user itself" + lost);
        } else if (!KnownNames.isAccount(user.yaml())) {
            report.essential(key, "not a name or number of service.yaml" + lost);
        } else {
            service.set("user", user.yaml());
            report.otherwise(key, "user; HOME and USER are that user's as well");
        }
    }

    private void carried(Map<String, SourceKey> keys, String name, String as) {
        Optional.ofNullable(keys.get(name))
                .filter(key -> !report.isTold(key))
                .ifPresent(key -> report.carried(key, as));
    }

    private void tell(Map<String, SourceKey> keys, String name, String how) {
        Optional.ofNullable(keys.get(name)).ifPresent(key -> report.otherwise(key, how));
    }

    private void tellOf(Map<String, SourceKey> keys, String name, String why) {
        Optional.ofNullable(keys.get(name)).ifPresent(key -> report.lost(key, why));
    }

    private void command(SourceKey key, ImportedService service, Map<String, String> known) {
        try {
            List<CommandWord> words = ShellWords.split(
                    expand(key, key.value().replace("\n", " "), known, what -> report.lost(key, what)));
            if (words.isEmpty()) {
                report.essential(key, "there is no program");
                service.set("command", List.of("false"));
            } else if (words.stream().allMatch(CommandWord::fitsYaml)) {
                service.set("command", words.stream().map(CommandWord::yaml).toList());
                report.carried(key, "command");
            } else {
                if (words.stream().anyMatch(CommandWord::splits)) {
                    service.line(Script.RUN, "set -f");
                    report.otherwise(
                            key, "run: a variable is the manager's own; quotes within its value are not removed");
                } else {
                    report.carried(key, "run");
                }
                service.line(Script.RUN, "exec " + CommandWord.line(words));
            }
        } catch (ImportException e) {
            report.essential(key, String.valueOf(e.getMessage()));
            service.set("command", List.of("false"));
        }
    }

    /** The value of a key in which nothing is left to a launch. */
    private Optional<String> text(Map<String, SourceKey> keys, String name, Map<String, String> known) {
        return Optional.ofNullable(keys.get(name))
                .filter(key -> !key.value().isEmpty())
                .flatMap(key -> text(key, key.value(), known));
    }

    private Optional<String> text(SourceKey key, String value, Map<String, String> known) {
        CommandWord word = new CommandWord(expand(key, value, known, what -> report.lost(key, what)));
        if (word.fitsYaml()) {
            return Optional.of(word.yaml());
        }
        report.lost(key, "service.yaml has no variables of the manager here; write the value itself");
        return Optional.empty();
    }

    private void variables(SourceKey key, ImportedService service, Map<String, String> known) {
        Matcher assignment = ASSIGNMENT.matcher(key.value());
        int at = 0;
        while (at < key.value().length()
                && assignment.region(at, key.value().length()).lookingAt()) {
            String value = assignment.group(2) != null
                    ? assignment.group(2)
                    : assignment.group(3) != null ? assignment.group(3) : assignment.group(4);
            String name = assignment.group(1);
            if (value.equals("%(ENV_" + name + ")s")) {
                at = assignment.end();
                continue; // the manager's own is passed anyway
            }
            text(key, value, known).ifPresent(it -> service.set("environment", name, it));
            at = assignment.end();
        }
        if (!key.value().substring(at).isBlank()) {
            report.lost(key, "not NAME=\"VALUE\" from here on: " + key.value().substring(at));
        }
    }

    private void lifecycle(Map<String, SourceKey> keys, IniFile.IniSection section, ImportedService service) {
        boolean starts = truth(keys, "autostart", true);
        service.set("autostart", starts);
        carried(keys, "autostart", "autostart");
        String again = Optional.ofNullable(keys.get("autorestart"))
                .map(key -> key.value().toLowerCase(Locale.ROOT))
                .orElse("unexpected");
        String restart = again.equals("unexpected") ? "on-failure" : truth(keys, "autorestart", true) ? "always" : "no";
        service.set("restart", restart);
        carried(keys, "autorestart", "restart: " + restart);
        Optional.ofNullable(keys.get("exitcodes")).ifPresent(key -> {
            if (key.value().equals("0") || !restart.equals("on-failure")) {
                report.carried(key, "restart");
            } else {
                report.lost(key, "an exit status of 0 is success and any other a failure");
            }
        });
        tell(keys, "startsecs", "it counts as started as soon as it is executed, unless service.yaml has ready");
        Optional.ofNullable(keys.get("startretries")).ifPresent(key -> {
            if (restart.equals("no") || !key.value().matches("[1-9][0-9]{0,5}")) {
                report.lost(key, "there are no restarts to limit");
                return;
            }
            service.set("restart_limit", "times", Integer.parseInt(key.value()));
            service.set("restart_limit", "within", "1m");
            report.otherwise(key, "restart_limit, within a minute, however long the program lived");
        });
        if (!keys.containsKey("startretries") && !restart.equals("no")) {
            report.otherwise(
                    section.header(),
                    "supervisord gives up after 3 quick failures; Bellhop goes on, after longer delays, unless restart_limit is set");
        }
        Optional.ofNullable(keys.get("stopsignal")).ifPresent(key -> {
            String signal = key.value().toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
            if (Signals.names().contains(signal)) {
                service.set("stop_signal", "SIG" + signal);
                report.carried(key, "stop_signal");
            } else {
                report.lost(key, "no such signal; stop_signal is SIGTERM");
            }
        });
        Optional.ofNullable(keys.get("stopwaitsecs")).ifPresent(key -> {
            if (key.value().matches("[0-9]{1,8}")) {
                service.set("stop_grace_period", key.value() + "s");
                report.carried(key, "stop_grace_period");
            } else {
                report.lost(key, "not a number of seconds");
            }
        });
        boolean group = truth(keys, "stopasgroup", false);
        if (group) {
            service.set("kill_mode", "group");
        }
        carried(keys, "stopasgroup", group ? "kill_mode: group" : "the default");
        Optional.ofNullable(keys.get("killasgroup")).ifPresent(key -> {
            if (group && !truth(keys, "killasgroup", true)) {
                report.otherwise(key, "kill_mode: KILL goes to the group as well");
            } else {
                report.carried(key, "kill_mode");
            }
        });
        if (!group) {
            report.otherwise(
                    section.header(),
                    "a stop reaches all processes of the service, not its first alone; see kill_mode");
        }
    }

    private static boolean truth(Map<String, SourceKey> keys, String name, boolean otherwise) {
        SourceKey key = keys.get(name);
        return key == null
                ? otherwise
                : List.of("true", "yes", "on", "1").contains(key.value().toLowerCase(Locale.ROOT));
    }

    private void output(Map<String, SourceKey> keys, ImportedService service) {
        SourceKey file = keys.get("stdout_logfile");
        String to = file == null ? "AUTO" : file.value();
        if (file != null) {
            if (to.equalsIgnoreCase("NONE")) {
                service.set("log", "to", "none");
                report.carried(file, "log: {to: none}");
            } else if (to.matches("/dev/(stdout|fd/1|stderr|fd/2)")) {
                service.set("log", "to", "console");
                report.carried(file, "log: {to: console}");
            } else if (to.equalsIgnoreCase("AUTO")) {
                report.carried(file, "the log of the service: bh logs " + service.name());
            } else {
                report.otherwise(file, "goes to the log of the service: bh logs " + service.name());
            }
        }
        boolean toFile = !to.equalsIgnoreCase("NONE") && !to.startsWith("/dev/");
        Optional.ofNullable(keys.get("stdout_logfile_maxbytes")).ifPresent(key -> {
            Matcher size = Pattern.compile("([0-9]{1,12})\\s*(KB|MB|GB)?")
                    .matcher(key.value().toUpperCase(Locale.ROOT));
            if (toFile && size.matches() && !size.group(1).matches("0+")) {
                String unit = size.group(2) == null ? "" : size.group(2);
                service.set(
                        "log",
                        "max_size",
                        unit.isEmpty()
                                ? Math.max(65536L, Long.parseLong(size.group(1)))
                                : size.group(1) + unit.toLowerCase(Locale.ROOT));
                report.carried(key, "log.max_size");
            } else if (toFile) {
                report.lost(key, "a log is always rotated; see log.max_size");
            } else {
                report.carried(key, "there is no file to rotate");
            }
        });
        Optional.ofNullable(keys.get("stdout_logfile_backups")).ifPresent(key -> {
            if (toFile && key.value().matches("[0-9]{1,3}")) {
                service.set("log", "keep", Integer.parseInt(key.value()));
                report.carried(key, "log.keep");
            } else {
                report.lost(key, toFile ? "log.keep takes a number up to 1000" : "there is no file to rotate");
            }
        });
        boolean joined = truth(keys, "redirect_stderr", false);
        carried(keys, "redirect_stderr", joined ? "both go to one log" : "the default");
        keys.forEach((name, key) -> {
            if (name.startsWith("stderr_") || name.startsWith("stdout_")) {
                if (!report.isTold(key)) {
                    report.otherwise(
                            key,
                            name.startsWith("stderr_")
                                    ? "standard output and standard error go to one log"
                                    : "the log is the only destination");
                }
            }
        });
        if (keys.get("redirect_stderr") != null && !joined) {
            report.otherwise(
                    keys.get("redirect_stderr"), "standard output and standard error go to one log all the same");
        }
    }
}
