package bellhop.engine.process;

import bellhop.catalog.Programs;
import bellhop.core.Life;
import bellhop.definition.Definition;
import bellhop.definition.EnvironmentSettings;
import bellhop.definition.ProcessSettings;
import bellhop.definition.ProcessSettings.Ulimit;
import bellhop.definition.Script;
import bellhop.linux.Accounts;
import bellhop.linux.Self;
import bellhop.linux.Spawn;
import bellhop.yaml.EnvFile;
import bellhop.yaml.EnvFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a script is started: its command line, environment and directory.
 *
 * <p>User, limits and priorities are set by <em>chain loading</em>: each setting is a program of the field, {@code
 * nice}, {@code choom}, {@code prlimit}, {@code setpriv}, that changes itself and then executes the next. So the
 * command line can be shown, and run manually. These programs are found by Bellhop at a search path of its own; the
 * service's {@code PATH} decides where its own program is found, and nothing else. One thing no program does: what runs
 * as another user is spawned with a session keyring of its own, instead of the one with the manager's keys.
 *
 * <p>{@code run} and its probes get all settings. {@code pre} and {@code post} prepare what needs the manager's
 * rights: they get the environment and the limits of the incarnation as a whole, and nothing else.
 */
public final class ScriptCommand {

    private final ScriptEnvironment environment;
    private final Cgroups cgroups;

    public ScriptCommand(ScriptEnvironment environment, Cgroups cgroups) {
        this.environment = environment;
        this.cgroups = cgroups;
    }

    /**
     * Returns the command for a script.
     *
     * @param moreEnvironment each {@code NAME=value}; wins over what the definition says
     * @param out a descriptor for its standard output
     * @param err likewise for its standard error
     * @throws IOException if something that it needs is not there: one line that begins with the key at fault
     */
    Spawn.Command command(Life life, Script script, List<String> moreEnvironment, int out, int err) throws IOException {
        List<String> command =
                Objects.requireNonNull(life.definition().commands().get(script));
        return command(life, script == Script.RUN, command, moreEnvironment, out, err);
    }

    /**
     * Returns the command for a probe of {@code run}, under the same user and limits, in the same directory.
     *
     * @param mark as in {@link ProbeSpawner#spawn}
     * @param out a descriptor for its standard output
     * @param err likewise for its standard error
     * @throws IOException as for {@link #command}
     */
    public Spawn.Command probe(Life life, List<String> command, String mark, int out, int err) throws IOException {
        return command(life, true, command, List.of(mark), out, err);
    }

    private Spawn.Command command(
            Life life, boolean asRun, List<String> command, List<String> moreEnvironment, int out, int err)
            throws IOException {
        Definition definition = life.definition();
        List<String> variables = environment(life, asRun, moreEnvironment);
        Path directory =
                asRun ? definition.process().workingDir().orElse(definition.directory()) : definition.directory();
        Optional<Path> cgroup = cgroups.enter(definition, life.incarnation());
        List<String> argv = chain(definition.process(), asRun, cgroup, command);
        Spawn.Command bare = new Spawn.Command(command, variables, directory, out, err);
        if (argv.equals(command)) {
            return bare;
        }
        // The last of the chain would say it only in the log, and by an exit status that may be the program's own.
        Spawn.check(bare);
        return new Spawn.Command(argv, variables, directory, out, err)
                .withKeysOfItsOwn(asRun && userOf(definition) != Self.euid());
    }

    /**
     * The command line by which a script is started, for people. Where {@code mem_limit}, {@code cpus} and {@code
     * pids_limit} are in force the manager puts another program before it, which enters the incarnation's cgroup.
     *
     * @throws IOException if a program that a setting needs is not there, or a user or group is none: one line that
     *     begins with the key at fault
     */
    public static List<String> commandLine(Definition definition, Script script) throws IOException {
        List<String> command = Objects.requireNonNull(definition.commands().get(script), "no such script");
        return chain(definition.process(), script == Script.RUN, Optional.empty(), command);
    }

    /**
     * The user that {@code run} runs as.
     *
     * @throws IOException if there is no such user
     */
    public static int userOf(Definition definition) throws IOException {
        Optional<String> user = definition.process().user();
        return user.isEmpty() ? Self.euid() : Person.of(user.get()).uid();
    }

    private static List<String> chain(
            ProcessSettings process, boolean asRun, Optional<Path> cgroup, List<String> command) throws IOException {
        List<String> chain = new ArrayList<>();
        List<String> steps = new ArrayList<>();
        cgroup.ifPresent(group -> steps.add("echo $$ >\"$0/cgroup.procs\""));
        if (asRun && process.umask().isPresent()) {
            steps.add(String.format("umask %03o", process.umask().getAsInt()));
        }
        if (!steps.isEmpty()) {
            steps.add("exec \"$@\"");
            String name = cgroup.map(Path::toString).orElse("sh");
            chain.addAll(List.of(tool("umask", "sh"), "-c", String.join(" && ", steps), name));
        }
        if (asRun) {
            if (process.nice().isPresent()) {
                chain.addAll(List.of(
                        tool("nice", "nice"),
                        "-n",
                        Integer.toString(process.nice().getAsInt())));
            }
            if (process.oomScoreAdj().isPresent()) {
                String adjustment = Integer.toString(process.oomScoreAdj().getAsInt());
                chain.addAll(List.of(tool("oom_score_adj", "choom"), "-n", adjustment, "--"));
            }
            if (!process.ulimits().isEmpty()) {
                chain.add(tool("ulimits", "prlimit"));
                process.ulimits().forEach((name, limit) -> chain.add("--" + name + "=" + text(limit)));
                chain.add("--");
            }
            List<String> rights = rights(process);
            if (!rights.isEmpty()) {
                chain.add(tool("user, group, group_add, cap_drop, no_new_privileges", "setpriv"));
                chain.addAll(rights);
                chain.add("--");
            }
        }
        chain.addAll(command);
        return chain;
    }

    private static String text(Ulimit limit) {
        return text(limit.soft()) + ":" + text(limit.hard());
    }

    private static String text(long limit) {
        return limit == Ulimit.UNLIMITED ? "unlimited" : Long.toString(limit);
    }

    /** The absolute path of a program of the chain. */
    private static String tool(String key, String name) throws IOException {
        return Programs.tool(name)
                .orElseThrow(() -> new IOException(key + ": " + Programs.missing(name)))
                .toString();
    }

    /** A user as a definition names it; a number need not be in the system's list. */
    private record Person(int uid, Optional<Accounts.Account> account) {
        static Person of(String user) throws IOException {
            OptionalInt number = number(user);
            Optional<Accounts.Account> account =
                    number.isPresent() ? Accounts.user(number.getAsInt()) : Accounts.user(user);
            if (account.isEmpty() && number.isEmpty()) {
                throw new IOException("user: there is no user " + user);
            }
            return new Person(account.map(Accounts.Account::uid).orElseGet(number::getAsInt), account);
        }

        int mainGroup() throws IOException {
            return account.map(Accounts.Account::gid)
                    .orElseThrow(() -> new IOException("user: uid " + Integer.toUnsignedString(uid)
                            + " is not in the list of users, so its group is unknown; expected group as well"));
        }
    }

    private static OptionalInt number(String text) {
        try {
            return text.matches("[0-9]+") ? OptionalInt.of(Integer.parseUnsignedInt(text)) : OptionalInt.empty();
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    private static int groupNumber(String key, String group) throws IOException {
        OptionalInt number = number(group);
        OptionalInt found = number.isPresent() ? number : Accounts.group(group);
        return found.orElseThrow(() -> new IOException(key + ": there is no group " + group));
    }

    /** The options of {@code setpriv}; none if it is not needed. */
    private static List<String> rights(ProcessSettings process) throws IOException {
        List<String> options = new ArrayList<>(Self.euid() == 0 ? identity(process) : checkedIdentity(process));
        if (!process.capDrop().isEmpty()) {
            if (Self.euid() != 0) {
                throw new IOException("cap_drop: only root's manager can drop capabilities");
            }
            String less = process.capDrop().stream().map(name -> "-" + name).collect(Collectors.joining(","));
            options.add("--bounding-set=" + less);
            options.add("--inh-caps=" + less);
        }
        if (process.noNewPrivileges()) {
            options.add("--no-new-privs");
        }
        return options;
    }

    private static List<String> identity(ProcessSettings process) throws IOException {
        Optional<Person> person = Optional.empty();
        if (process.user().isPresent()) {
            person = Optional.of(Person.of(process.user().get()));
        }
        boolean isOneself = person.isEmpty() || person.get().uid() == Self.euid();
        if (isOneself && process.group().isEmpty() && process.groupAdd().isEmpty()) {
            return List.of();
        }
        int group = Self.gid();
        if (process.group().isPresent()) {
            group = groupNumber("group", process.group().get());
        } else if (person.isPresent()) {
            group = person.get().mainGroup();
        }
        List<String> options = new ArrayList<>();
        person.ifPresent(p -> options.add("--reuid=" + Integer.toUnsignedString(p.uid())));
        options.add("--regid=" + Integer.toUnsignedString(group));
        options.add(supplementaryGroups(process, person, group));
        return options;
    }

    private static String supplementaryGroups(ProcessSettings process, Optional<Person> person, int group)
            throws IOException {
        Optional<Accounts.Account> account = person.flatMap(Person::account);
        if (process.groupAdd().isEmpty()) {
            return person.isEmpty() ? "--keep-groups" : account.isPresent() ? "--init-groups" : "--clear-groups";
        }
        Set<Integer> groups = new LinkedHashSet<>();
        if (person.isEmpty()) {
            groups.addAll(Self.groups());
        }
        account.ifPresent(a -> groups.addAll(Accounts.groups(a, group)));
        for (String more : process.groupAdd()) {
            groups.add(groupNumber("group_add", more));
        }
        return "--groups=" + groups.stream().map(Integer::toUnsignedString).collect(Collectors.joining(","));
    }

    /** A manager of an ordinary user runs services as that user: what is so already needs nothing done. */
    private static List<String> checkedIdentity(ProcessSettings process) throws IOException {
        if (process.user().isPresent() && Person.of(process.user().get()).uid() != Self.euid()) {
            throw new IOException("user: only root's manager can run a service as "
                    + process.user().get());
        }
        if (process.group().isPresent() && groupNumber("group", process.group().get()) != Self.gid()) {
            throw new IOException("group: only root's manager can run a service in group "
                    + process.group().get());
        }
        for (String group : process.groupAdd()) {
            if (!Self.groups().contains(groupNumber("group_add", group))) {
                throw new IOException("group_add: only root's manager can add the group " + group);
            }
        }
        return List.of();
    }

    /**
     * Returns the environment of the service. Each of these overrides the one before: the manager's own, the
     * user's {@code HOME}, {@code USER}, {@code LOGNAME} and {@code SHELL}, the files, the variables, Bellhop's marks.
     */
    private List<String> environment(Life life, boolean asRun, List<String> more) throws IOException {
        Definition definition = life.definition();
        Map<String, String> variables = new LinkedHashMap<>();
        environment.inherited().forEach(entry -> put(variables, entry));
        if (asRun && definition.process().user().isPresent()) {
            putUser(variables, Person.of(definition.process().user().get()));
        }
        for (EnvironmentSettings.File file : definition.environment().files()) {
            variables.putAll(variables(file));
        }
        variables.putAll(definition.environment().variables());
        variables.putAll(environment.facts(definition.name()));
        more.forEach(entry -> put(variables, entry));
        variables.putAll(environment.marks(definition.name(), life));
        return variables.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
    }

    /** Mistakes in a file are reported without its content. */
    private static Map<String, String> variables(EnvironmentSettings.File file) throws IOException {
        try {
            return EnvFile.read(file);
        } catch (EnvFileException e) {
            throw new IOException(
                    e.problems().stream().map(Object::toString).collect(Collectors.joining("; ", "env_file: ", "")));
        }
    }

    private static void put(Map<String, String> variables, String entry) {
        int end = entry.indexOf('=');
        if (end > 0) {
            variables.put(entry.substring(0, end), entry.substring(end + 1));
        }
    }

    /** The directories of one user by the XDG base directory specification, which are no other's. */
    private static final List<String> OF_USER =
            List.of("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME");

    /** As systemd sets them; a number without a name has no name and, as in a container, the root for its home. */
    private static void putUser(Map<String, String> variables, Person person) {
        List.of("HOME", "USER", "LOGNAME", "SHELL").forEach(variables::remove);
        if (person.uid() != Self.euid()) {
            OF_USER.forEach(variables::remove);
        }
        variables.put(
                "HOME",
                person.account()
                        .map(Accounts.Account::home)
                        .filter(home -> !home.isEmpty())
                        .orElse("/"));
        person.account().ifPresent(account -> {
            variables.put("USER", account.name());
            variables.put("LOGNAME", account.name());
            variables.put("SHELL", account.shell().isEmpty() ? "/bin/sh" : account.shell());
        });
    }

    /** The cgroup of an incarnation, if it has one. */
    Cgroups cgroups() {
        return cgroups;
    }
}
