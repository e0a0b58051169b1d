package bellhop.catalog;

import bellhop.definition.Definition;
import bellhop.definition.EnvironmentSettings;
import bellhop.definition.ProcessSettings;
import bellhop.definition.Quote;
import bellhop.definition.Ready;
import bellhop.definition.Script;
import bellhop.definition.ServiceName;
import bellhop.linux.Accounts;
import bellhop.linux.PosixException;
import bellhop.linux.Self;
import bellhop.yaml.EnvFile;
import bellhop.yaml.EnvFileException;
import bellhop.yaml.Problem;
import bellhop.yaml.Reading;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks whether all is in place that a definition names: programs, tools, users, files of variables and required
 * services, and whether this process has the rights it would take.
 */
final class StaticCheck {

    /** What this machine has, each thing looked up once. */
    static final class Installation {
        private final Map<List<String>, Boolean> programs = new HashMap<>();
        private final Map<String, Boolean> tools = new HashMap<>();
        private final Map<String, Boolean> users = new HashMap<>();
        private final Map<String, Boolean> groups = new HashMap<>();

        private boolean isOnPath(String program, List<String> path) {
            List<String> key = new ArrayList<>(path);
            key.add(program);
            return programs.computeIfAbsent(
                    key, it -> Programs.on(path, program).isPresent());
        }

        private boolean hasTool(String tool) {
            return tools.computeIfAbsent(tool, it -> Programs.tool(it).isPresent());
        }

        private boolean hasUser(String name) throws PosixException {
            Boolean known = users.get(name);
            if (known == null) {
                known = Accounts.user(name).isPresent();
                users.put(name, known);
            }
            return known;
        }

        private boolean hasGroup(String name) throws PosixException {
            Boolean known = groups.get(name);
            if (known == null) {
                known = Accounts.group(name).isPresent();
                groups.put(name, known);
            }
            return known;
        }
    }

    private final Reading reading;
    private final Definition definition;
    private final Installation machine;
    private final List<Problem> problems = new ArrayList<>();

    private StaticCheck(Reading reading, Installation machine) {
        this.reading = reading;
        this.definition = reading.definition();
        this.machine = machine;
    }

    /**
     * What is not in place.
     *
     * @param machine what is known of the machine already, where many services are looked at
     */
    static List<Problem> problems(Reading reading, ServiceDirectories directories, Installation machine) {
        if (reading.yaml().isEmpty()) {
            return List.of();
        }
        StaticCheck check = new StaticCheck(reading, machine);
        check.programs();
        check.accounts();
        check.tools();
        check.rights();
        check.environmentFiles();
        check.required(directories);
        check.startedForFailure(directories);
        return check.problems;
    }

    private void complain(String key, String what) {
        problems.add(reading.problem(key, what));
    }

    private boolean isGiven(String key) {
        return reading.yaml().map(yaml -> yaml.given().containsKey(key)).orElse(false);
    }

    private void programs() {
        if (isGiven("command")) {
            program("command", definition.commands().getOrDefault(Script.RUN, List.of()));
        }
        definition.ready().ifPresent(ready -> {
            if (ready instanceof Ready.Test(List<String> command)) {
                program("ready.test", command);
            }
        });
        definition.health().ifPresent(health -> program("healthcheck.test", health.test()));
    }

    private void program(String key, List<String> command) {
        String program = command.isEmpty() ? "" : command.getFirst();
        if (program.isEmpty() || (reading.lacksTarget() && program.contains("{target}"))) {
            return;
        }
        try {
            if (program.contains("/")) {
                Optional<Path> file = Programs.file(definition, program);
                if (file.isEmpty()) {
                    complain(key, Quote.of(program) + ": no such program; expected one that exists");
                } else if (Files.isDirectory(file.get()) || !Files.isExecutable(file.get())) {
                    complain(key, Quote.of(program) + ": not executable; expected a program");
                }
                return;
            }
            List<String> path = Programs.path(definition);
            if (!machine.isOnPath(program, path)) {
                complain(
                        key,
                        Quote.of(program) + ": no such program in " + Quote.onOneLine(String.join(":", path))
                                + "; install it, or write its full path");
            }
        } catch (InvalidPathException e) {
            complain(key, Quote.of(program) + ": not the name of a program in this locale");
        }
    }

    private void accounts() {
        ProcessSettings process = definition.process();
        process.user().filter(this::isName).ifPresent(name -> {
            try {
                if (!machine.hasUser(name)) {
                    complain("user", Quote.of(name) + ": no such user; make it, or name another");
                }
            } catch (PosixException e) {
                complain("user", Quote.of(name) + ": " + e.getMessage());
            }
        });
        process.group().ifPresent(name -> group(isGiven("group") ? "group" : "user", name));
        for (int i = 0; i < process.groupAdd().size(); i++) {
            group("group_add[" + i + "]", process.groupAdd().get(i));
        }
    }

    private void group(String key, String name) {
        if (!isName(name)) {
            return;
        }
        try {
            if (!machine.hasGroup(name)) {
                complain(key, Quote.of(name) + ": no such group; make it, or name another");
            }
        } catch (PosixException e) {
            complain(key, Quote.of(name) + ": " + e.getMessage());
        }
    }

    /** Whether it stands for an account by its name, known by now. */
    private boolean isName(String account) {
        return !account.matches("[0-9]+") && !account.contains("{");
    }

    private void tools() {
        reading.tools().forEach((tool, key) -> {
            if (!machine.hasTool(tool)) {
                complain(key, Programs.missing(tool));
            }
        });
    }

    private void rights() {
        if (Self.euid() == 0) {
            return;
        }
        ProcessSettings process = definition.process();
        process.user().filter(user -> !user.contains("{") && !isOneself(user)).ifPresent(user -> needsRoot("user"));
        if (process.group().isPresent() && !isOwnGroup(process.group().get())) {
            needsRoot(isGiven("group") ? "group" : "user");
        }
        if (!process.groupAdd().isEmpty()) {
            needsRoot("group_add");
        }
        if (process.nice().orElse(0) < 0) {
            needsRoot("nice");
        }
        if (process.oomScoreAdj().orElse(0) < 0) {
            needsRoot("oom_score_adj");
        }
        if (!process.capDrop().isEmpty()) {
            needsRoot("cap_drop");
        }
    }

    private void needsRoot(String key) {
        complain(key, "only root's manager can do that; remove it, or run the manager as root");
    }

    private static boolean isOneself(String user) {
        try {
            return user.equals(Integer.toUnsignedString(Self.euid()))
                    || Accounts.user(user).map(it -> it.uid() == Self.euid()).orElse(false);
        } catch (PosixException e) {
            return false;
        }
    }

    private static boolean isOwnGroup(String group) {
        try {
            return group.equals(Integer.toUnsignedString(Self.gid()))
                    || Accounts.group(group).orElse(-1) == Self.gid();
        } catch (PosixException e) {
            return false;
        }
    }

    private void environmentFiles() {
        List<EnvironmentSettings.File> files = definition.environment().files();
        for (int i = 0; i < files.size(); i++) {
            EnvironmentSettings.File file = files.get(i);
            if (reading.lacksTarget() && file.path().toString().contains("{target}")) {
                continue;
            }
            try {
                EnvFile.read(file);
            } catch (EnvFileException e) {
                String key = isGiven("env_file[" + i + "]") ? "env_file[" + i + "]" : "env_file";
                for (Problem problem : e.problems()) {
                    if (problem.line() > 0) {
                        problems.add(problem);
                    } else {
                        complain(key, problem.toString());
                    }
                }
            }
        }
    }

    private void required(ServiceDirectories directories) {
        List<ServiceName> requires = definition.requires();
        for (int i = 0; i < requires.size(); i++) {
            String key = "requires[" + i + "]";
            ServiceName required = requires.get(i);
            if (required.equals(definition.name())) {
                complain(key, required + " requires itself");
                continue;
            }
            if (definition.isOptional(required)) {
                continue;
            }
            isThere(key, required, directories);
        }
    }

    private void startedForFailure(ServiceDirectories directories) {
        List<ServiceName> services = definition.onFailure().orElse(List.of());
        for (int i = 0; i < services.size(); i++) {
            if (services.get(i).equals(definition.name())) {
                complain("on_failure[" + i + "]", services.get(i) + " starts itself; expected another service");
            } else {
                isThere("on_failure[" + i + "]", services.get(i), directories);
            }
        }
    }

    private void isThere(String key, ServiceName name, ServiceDirectories directories) {
        try {
            var _ = directories.locate(name);
        } catch (UnusableException e) {
            Problem why = e.finding().problems().getFirst();
            complain(key, (e.finding() instanceof Finding.Missing ? "" : "cannot be read: ") + why);
        }
    }
}
