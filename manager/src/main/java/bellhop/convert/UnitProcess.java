package bellhop.convert;

import bellhop.yaml.KnownNames;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What the processes of a unit run with: user, directories, variables, limits, rights, and where their output goes. */
final class UnitProcess {
    private static final Set<String> SIZES =
            Set.of("FSIZE", "DATA", "STACK", "CORE", "RSS", "AS", "MEMLOCK", "MSGQUEUE");
    private static final long MOST = 999_999_999_999_999_999L;
    private static final String NO_RUN = "a setting of what pre runs";

    private final UnitSettings settings;
    private final Specifiers specifiers;
    private final SystemPlaces places;
    private final ImportedService service;
    private final ImportReport report;

    private Optional<String> user = Optional.empty();
    private Optional<String> group = Optional.empty();
    private Optional<String> umask = Optional.empty();
    private String workingDirectory = "/";
    private final List<String> identity = new ArrayList<>();
    private final List<String> rights = new ArrayList<>();
    private final List<String> chain = new ArrayList<>();
    private final List<String> directories = new ArrayList<>();
    private final List<String> removals = new ArrayList<>();
    private final List<String> unset = new ArrayList<>();

    UnitProcess(
            UnitSettings settings,
            Specifiers specifiers,
            SystemPlaces places,
            ImportedService service,
            ImportReport report) {
        this.settings = settings;
        this.specifiers = specifiers;
        this.places = places;
        this.service = service;
        this.report = report;
    }

    /** A value in which specifiers stand for what they mean; empty, and reported, if that cannot be expressed. */
    Optional<String> text(SourceKey key, String as) {
        return specifiers.text(key.value(), what -> report.lost(key, as + ": " + what));
    }

    /**
     * Reads all of it.
     *
     * @param lasts whether the commands are run by {@code pre}, so that no key concerns {@code run}
     */
    void read(List<UnitCommand> starts, boolean lasts) {
        boolean elevated = starts.stream().anyMatch(it -> it.has('+') || it.has('!'));
        identity(elevated, lasts);
        settings.last("Service.UMask").ifPresent(key -> umask(key, lasts));
        workingDirectory(lasts);
        priorities(lasts);
        limits(lasts);
        capabilities(lasts || starts.stream().anyMatch(it -> it.has('+')) || (elevated && starts.size() > 1), lasts);
        environment();
        allDirectories();
        output();
        resources();
    }

    /** The name of a user or group. */
    private Optional<String> account(SourceKey key) {
        Optional<String> name = specifiers
                .text(
                        key.value(),
                        what -> report.essential(
                                key, key.key() + ": " + what + "; it would run as the manager's " + kind(key)))
                .filter(it -> !it.isEmpty());
        if (name.isPresent() && !KnownNames.isAccount(name.get())) {
            report.essential(key, "not a name or number of service.yaml; it would run as the manager's " + kind(key));
        }
        return name.filter(KnownNames::isAccount);
    }

    private static String kind(SourceKey key) {
        return key.key().toLowerCase(Locale.ROOT);
    }

    private void identity(boolean elevated, boolean lasts) {
        String where = lasts ? NO_RUN : "user";
        settings.last("Service.User")
                .ifPresent(key -> account(key).ifPresent(name -> {
                    user = Optional.of(name);
                    if (elevated) {
                        report.otherwise(
                                key,
                                "the prefix of ExecStart keeps the manager's user for it; other commands run as "
                                        + name);
                    } else {
                        report.carried(key, where);
                        of(lasts, "user", name);
                    }
                }));
        settings.last("Service.Group")
                .ifPresent(key -> account(key).ifPresent(name -> {
                    group = Optional.of(name);
                    report.carried(
                            key,
                            elevated ? "the group of other commands and of what pre makes" : lasts ? NO_RUN : "group");
                    if (!elevated) {
                        of(lasts, "group", name);
                    }
                }));
        List<String> more = new ArrayList<>();
        for (SourceKey key : settings.list("Service.SupplementaryGroups")) {
            List<String> names = UnitWords.split(key.value());
            names.stream()
                    .filter(name -> !KnownNames.isAccount(name))
                    .forEach(name -> report.lost(key, "not a name or number of service.yaml: " + name));
            more.addAll(names.stream().filter(KnownNames::isAccount).toList());
            if (lasts || elevated) {
                report.lost(key, "only run has supplementary groups of its own");
            } else {
                report.carried(key, "group_add, of run");
            }
        }
        if (!more.isEmpty() && !lasts && !elevated) {
            service.set("group_add", more);
        }
        settings.truth("Service.DynamicUser")
                .ifPresent(is -> settings.last("Service.DynamicUser").ifPresent(key -> {
                    if (!is) {
                        report.carried(key, "the default");
                    } else if (user.isPresent()) {
                        report.essential(key, "there are no dynamic users; make the user " + user.get());
                    } else {
                        report.essential(
                                key,
                                "there are no dynamic users, so it would run as the manager's; make a user for it");
                    }
                }));
        user.ifPresent(name -> {
            identity.add("--reuid=" + Shell.quote(name));
            identity.add("--regid=" + groupOf(name));
            identity.add("--init-groups");
        });
        if (user.isEmpty()) {
            group.ifPresent(name -> {
                identity.add("--regid=" + Shell.quote(name));
                identity.add("--keep-groups");
            });
        }
    }

    /** The group that is given, or else the user's own, as a word of a script. */
    private String groupOf(String name) {
        return group.map(Shell::quote).orElse("\"$(id -g " + Shell.quote(name) + ")\"");
    }

    /** Sets a key that concerns run, if there is one. */
    private void of(boolean lasts, String key, Object value) {
        if (!lasts) {
            service.set(key, value);
        }
    }

    private void umask(SourceKey key, boolean lasts) {
        String digits = key.value().replaceFirst("^0+(?=[0-7]{3}$)", "");
        if (!digits.matches("[0-7]{1,3}")) {
            report.lost(key, "not a mask of three octal digits");
            return;
        }
        String mask = "0".repeat(3 - digits.length()) + digits;
        umask = Optional.of(mask);
        of(lasts, "umask", mask);
        report.carried(key, lasts ? NO_RUN : "umask");
    }

    private void workingDirectory(boolean lasts) {
        settings.last("Service.WorkingDirectory").ifPresent(key -> {
            String value = key.value();
            if (value.startsWith("~") || value.startsWith("-~")) {
                report.lost(key, "write the directory itself as working_dir; it is / now");
                return;
            }
            specifiers
                    .text(value.replaceFirst("^-", ""), what -> report.lost(key, "working_dir: " + what))
                    .ifPresent(path -> {
                        if (!path.startsWith("/")) {
                            report.lost(key, "not an absolute path; working_dir is /");
                            return;
                        }
                        workingDirectory = path;
                        if (value.startsWith("-")) {
                            report.otherwise(key, "working_dir: it must exist");
                        } else {
                            report.carried(key, lasts ? NO_RUN : "working_dir");
                        }
                    });
        });
        of(lasts, "working_dir", workingDirectory);
    }

    private void priorities(boolean lasts) {
        settings.last("Service.Nice")
                .ifPresent(key -> number(key, -20, 19).ifPresent(value -> {
                    of(lasts, "nice", value);
                    chain.addAll(List.of("nice", "-n", Integer.toString(value)));
                    report.carried(key, lasts ? NO_RUN : "nice, of run");
                }));
        settings.last("Service.OOMScoreAdjust")
                .ifPresent(key -> number(key, -1000, 1000).ifPresent(value -> {
                    of(lasts, "oom_score_adj", value);
                    chain.addAll(List.of("choom", "-n", Integer.toString(value), "--"));
                    report.carried(key, lasts ? NO_RUN : "oom_score_adj, of run");
                }));
    }

    private Optional<Integer> number(SourceKey key, int least, int most) {
        if (key.value().matches("[-+]?[0-9]{1,5}")) {
            int value = Integer.parseInt(key.value());
            if (value >= least && value <= most) {
                return Optional.of(value);
            }
        }
        report.lost(key, "not a number from " + least + " to " + most);
        return Optional.empty();
    }

    private void limits(boolean lasts) {
        Map<String, Object> ulimits = new LinkedHashMap<>();
        for (String name : KnownNames.ulimits()) {
            String upper = name.toUpperCase(Locale.ROOT);
            settings.last("Service.Limit" + upper).ifPresent(key -> {
                List<String> parts = List.of(key.value().split(":", -1));
                List<Optional<Object>> values =
                        parts.stream().map(part -> limit(upper, part.strip())).toList();
                if (parts.size() > 2 || values.stream().anyMatch(Optional::isEmpty) || upper.equals("NICE")) {
                    report.lost(key, "ulimits: not a number, or soft:hard");
                    return;
                }
                Object soft = values.getFirst().orElseThrow();
                Object hard = values.getLast().orElseThrow();
                boolean isAbove = hard instanceof Long most && (!(soft instanceof Long least) || least > most);
                if (isAbove) {
                    report.lost(key, "soft is above hard");
                    return;
                }
                Map<String, Object> both = new LinkedHashMap<>();
                both.put("soft", soft);
                both.put("hard", hard);
                ulimits.put(name, parts.size() == 1 ? soft : both);
                report.otherwise(
                        key,
                        (lasts ? NO_RUN : "ulimits." + name + ", of run")
                                + "; if it is above the manager's own and may not be raised, the start fails");
            });
        }
        if (!ulimits.isEmpty()) {
            of(lasts, "ulimits", ulimits);
            chain.add("prlimit");
            ulimits.forEach((name, value) -> chain.add("--" + name + "="
                    + (value instanceof Map<?, ?> both ? both.get("soft") + ":" + both.get("hard") : value)));
            chain.add("--");
        }
    }

    private static Optional<Object> limit(String name, String text) {
        if (text.equals("infinity")) {
            return Optional.of("unlimited");
        }
        if (SIZES.contains(name)) {
            return UnitValues.bytes(text).filter(it -> it <= MOST).map(Object.class::cast);
        }
        if (name.equals("CPU") || name.equals("RTTIME")) {
            long unit = name.equals("CPU") ? 1_000_000L : 1L;
            return UnitValues.micros(text, unit)
                    .map(it -> it.divide(BigDecimal.valueOf(unit), 0, RoundingMode.CEILING)
                            .min(BigDecimal.valueOf(MOST))
                            .longValue());
        }
        return text.matches("[0-9]{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    /**
     * What the processes may not do.
     *
     * @param single whether it concerns single commands and not all of {@code run}, which keeps what others of them need
     */
    private void capabilities(boolean single, boolean lasts) {
        String inRun = lasts ? NO_RUN : "a setting of the commands that have no prefix +";
        List<SourceKey> bounds = settings.every("Service.CapabilityBoundingSet");
        if (!bounds.isEmpty()) {
            List<String> known = KnownNames.capabilities();
            Set<String> kept = new LinkedHashSet<>(known);
            boolean first = true;
            for (SourceKey key : bounds) {
                boolean inverted = key.value().startsWith("~");
                List<String> names = new ArrayList<>();
                for (String word : UnitWords.split(inverted ? key.value().substring(1) : key.value())) {
                    String name = word.toLowerCase(Locale.ROOT).replaceFirst("^cap_", "");
                    if (known.contains(name)) {
                        names.add(name);
                    } else {
                        report.otherwise(key, "cap_drop: no such capability is known: " + word);
                    }
                }
                if (inverted && !names.isEmpty()) {
                    names.forEach(kept::remove);
                } else if (inverted) {
                    kept.addAll(known);
                } else if (first || names.isEmpty()) {
                    kept.retainAll(names);
                } else {
                    kept.addAll(names);
                }
                first = false;
                report.carried(key, single ? inRun : "cap_drop, of run");
            }
            List<String> dropped = new ArrayList<>(known);
            dropped.removeAll(kept);
            if (!dropped.isEmpty()) {
                List<String> names = kept.isEmpty()
                        ? List.of("ALL")
                        : dropped.stream()
                                .map(it -> it.toUpperCase(Locale.ROOT))
                                .toList();
                of(single, "cap_drop", names);
                rights.add("--bounding-set="
                        + String.join(
                                ",",
                                names.stream()
                                        .map(it -> "-" + it.toLowerCase(Locale.ROOT))
                                        .toList()));
            }
        }
        for (SourceKey key : settings.every("Service.AmbientCapabilities")) {
            if (key.value().isEmpty()) {
                report.carried(key, "there are none");
            } else if (user.isPresent()) {
                report.essential(
                        key,
                        "a user gets no capabilities here; remove user, and have the program change to it, or set them by setcap(8)");
            } else {
                report.carried(key, "the manager's user has all that cap_drop leaves");
            }
        }
        settings.truth("Service.NoNewPrivileges").ifPresent(is -> {
            if (is) {
                of(single, "no_new_privileges", true);
                rights.add("--no-new-privs");
            }
            settings.last("Service.NoNewPrivileges")
                    .ifPresent(key ->
                            report.carried(key, !is ? "the default" : single ? inRun : "no_new_privileges, of run"));
        });
    }

    private void environment() {
        List<SourceKey> files = settings.list("Service.EnvironmentFile");
        for (SourceKey key : settings.list("Service.Environment")) {
            for (String word : UnitWords.split(key.value())) {
                variable(key, word, !files.isEmpty());
            }
        }
        List<Object> named = new ArrayList<>();
        for (SourceKey key : files) {
            boolean optional = key.value().startsWith("-");
            String path = optional ? key.value().substring(1) : key.value();
            if (path.matches(".*[*?\\[].*")) {
                report.lost(key, "env_file takes no patterns; name each file");
                continue;
            }
            specifiers.text(path, what -> report.lost(key, what)).ifPresent(it -> {
                if (!it.startsWith("/")) {
                    report.lost(key, "not an absolute path");
                    return;
                }
                Map<String, Object> map = new LinkedHashMap<>();
                map.put("path", it);
                map.put("required", false);
                named.add(optional ? map : it);
                report.carried(key, "env_file; service.yaml(5) says how it is read");
            });
        }
        if (service.hasVariables()) {
            named.addFirst(ImportedService.VARIABLES);
        }
        if (!named.isEmpty()) {
            service.set("env_file", named);
        }
        settings.list("Service.PassEnvironment")
                .forEach(key -> report.carried(key, "all variables of the manager are passed"));
        for (SourceKey key : settings.list("Service.UnsetEnvironment")) {
            for (String name : UnitWords.split(key.value())) {
                if (name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                    unset.add(name);
                    report.carried(key, "run, which unsets it");
                } else {
                    report.lost(key, "a variable is not unset for one value alone");
                }
            }
        }
    }

    /** Files override Environment= there, and do not override environment here: so these go into a file before them. */
    private void variable(SourceKey key, String word, boolean filesFollow) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        if (equals < 0 || !name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            report.lost(key, "not an assignment: " + word);
            return;
        }
        if (KnownNames.isManagersVariable(name)) {
            report.lost(key, name + " is set by the manager");
            return;
        }
        specifiers
                .text(word.substring(equals + 1), what -> report.lost(key, name + ": " + what))
                .ifPresent(value -> {
                    if (filesFollow && !value.contains("{target}")) {
                        service.variable(name, value);
                        report.carried(
                                key, "the file " + ImportedService.VARIABLES + ", which the other files override");
                    } else {
                        service.set("environment", name, value);
                        if (filesFollow) {
                            report.otherwise(key, "environment: no file overrides it");
                        } else {
                            report.carried(key, "environment");
                        }
                    }
                });
    }

    private void allDirectories() {
        directories("RuntimeDirectory", "RUNTIME_DIRECTORY", places.run());
        directories("StateDirectory", "STATE_DIRECTORY", places.state());
        directories("CacheDirectory", "CACHE_DIRECTORY", places.cache());
        directories("LogsDirectory", "LOGS_DIRECTORY", places.logs());
        directories("ConfigurationDirectory", "CONFIGURATION_DIRECTORY", places.configuration());
        settings.last("Service.RuntimeDirectoryPreserve").ifPresent(key -> {
            if (UnitValues.truth(key.value()).orElse(false)) {
                removals.clear();
                report.carried(key, "post removes nothing");
            } else {
                report.carried(key, "post removes it; a restart does not run post");
            }
        });
    }

    private void directories(String name, String variable, String parent) {
        Optional<SourceKey> modeKey = settings.last("Service." + name + "Mode");
        String mode = modeKey.map(SourceKey::value)
                .filter(it -> it.matches("[0-7]{3,4}"))
                .orElse("0755");
        modeKey.ifPresent(key -> {
            if (key.value().equals(mode)) {
                report.carried(key, "pre");
            } else {
                report.lost(key, "not a mode of three or four octal digits");
            }
        });
        List<String> paths = new ArrayList<>();
        for (SourceKey key : settings.list("Service." + name)) {
            for (String word : UnitWords.split(key.value())) {
                if (word.contains(":")) {
                    report.lost(key, "no link is made; add it to pre");
                }
                String relative = word.contains(":") ? word.substring(0, word.indexOf(':')) : word;
                specifiers.text(relative, what -> report.otherwise(key, what)).ifPresent(text -> {
                    Path path = Path.of(text);
                    String normal = path.normalize().toString();
                    boolean climbs = Stream.iterate(path, Objects::nonNull, Path::getParent)
                            .anyMatch(it -> it.endsWith(".."));
                    if (path.isAbsolute() || normal.isEmpty() || climbs) {
                        report.lost(key, "not a relative path");
                        return;
                    }
                    paths.add(parent + "/" + normal);
                    report.carried(
                            key, name.equals("RuntimeDirectory") ? "pre makes it, post removes it" : "pre makes it");
                });
            }
        }
        String owner = name.equals("ConfigurationDirectory")
                ? ""
                : user.map(it -> " -o " + Shell.quote(it) + " -g " + groupOf(it))
                        .orElseGet(
                                () -> group.map(it -> " -g " + Shell.quote(it)).orElse(""));
        // One that is above others has to be there before them.
        for (String path : paths.stream().distinct().sorted().toList()) {
            String word = inScript(path);
            boolean isBelow = paths.stream().anyMatch(it -> path.startsWith(it + "/"));
            if (isBelow && !owner.isEmpty() && user.isPresent()) {
                // The user owns what is above, and could have put a link there that leads the manager elsewhere.
                String as = user.get();
                directories.add("setpriv --reuid=" + Shell.quote(as) + " --regid=" + groupOf(as)
                        + " --clear-groups -- mkdir -p -m " + mode + " " + word);
            } else {
                directories.add("install -d -m " + mode + owner + " " + word);
            }
            if (name.equals("RuntimeDirectory") && !isBelow) {
                removals.add("rm -rf " + word);
            }
        }
        if (!paths.isEmpty()) {
            service.set("environment", variable, String.join(":", paths));
        }
    }

    /** A text in which {@code {target}} stands for the target, as a word of a script. */
    private static String inScript(String text) {
        List<CommandWord.WordPart> parts = new ArrayList<>();
        String rest = text;
        for (int at = rest.indexOf("{target}"); at >= 0; at = rest.indexOf("{target}")) {
            parts.add(new CommandWord.Literal(rest.substring(0, at)));
            parts.add(new CommandWord.TargetPart());
            rest = rest.substring(at + "{target}".length());
        }
        if (!rest.isEmpty()) {
            parts.add(new CommandWord.Literal(rest));
        }
        return new CommandWord(parts).shell(false);
    }

    private void output() {
        Optional<SourceKey> out = settings.last("Service.StandardOutput");
        Optional<SourceKey> err = settings.last("Service.StandardError");
        String toOut = out.map(SourceKey::value).orElse("journal");
        String toErr = err.map(SourceKey::value).orElse("inherit");
        boolean silent = toOut.equals("null") && (toErr.equals("null") || toErr.equals("inherit"));
        if (silent) {
            service.set("log", "to", "none");
        }
        out.ifPresent(key -> tellOutput(key, silent));
        err.ifPresent(key -> tellOutput(key, silent));
        settings.last("Service.StandardInput").ifPresent(key -> {
            if (key.value().equals("null")) {
                report.carried(key, "there is no standard input");
            } else if (key.value().equals("socket")) {
                report.essential(key, "there is no socket activation");
            } else {
                report.lost(key, "a service has no standard input");
            }
        });
    }

    private void tellOutput(SourceKey key, boolean silent) {
        if (silent) {
            report.carried(key, "log: {to: none}");
        } else if (List.of("journal", "inherit", "syslog", "journal+console", "syslog+console")
                .contains(key.value())) {
            report.carried(key, "the log of the service: bh logs " + service.name());
        } else {
            report.otherwise(key, "goes to the log of the service: bh logs " + service.name());
        }
    }

    private void resources() {
        settings.last("Service.MemoryMax", "Service.MemoryLimit").ifPresent(key -> {
            Optional<Long> bytes = UnitValues.bytes(key.value());
            if (bytes.isEmpty() || bytes.get() == 0) {
                report.lost(key, "mem_limit takes a number of bytes");
            } else {
                bytes.filter(it -> it > 0).ifPresent(it -> service.set("mem_limit", it));
                report.carried(key, bytes.get() > 0 ? "mem_limit" : "no limit");
            }
        });
        settings.last("Service.CPUQuota").ifPresent(key -> {
            if (key.value().matches("[0-9]{1,6}(\\.[0-9]{1,2})?%")
                    && !key.value().matches("[0.]+%")) {
                service.set(
                        "cpus",
                        new BigDecimal(key.value().replace("%", ""))
                                .movePointLeft(2)
                                .stripTrailingZeros()
                                .toPlainString());
                report.carried(key, "cpus");
            } else {
                report.lost(key, "not a percentage");
            }
        });
        settings.last("Service.TasksMax").ifPresent(key -> {
            if (key.value().equals("infinity")) {
                report.carried(key, "no limit");
            } else if (key.value().matches("[1-9][0-9]{0,5}")) {
                service.set("pids_limit", Integer.parseInt(key.value()));
                report.carried(key, "pids_limit");
            } else {
                report.lost(key, "pids_limit takes a number");
            }
        });
    }

    /** The lines that make directories. */
    List<String> directories() {
        return directories;
    }

    /** The lines that remove what lasts only as long as the service. */
    List<String> removals() {
        return removals;
    }

    /** Variables that are unset. */
    List<String> unset() {
        return unset;
    }

    /** What comes before the commands in a script other than run. */
    List<String> scriptBeginning(boolean lasts) {
        List<String> lines = new ArrayList<>();
        umask.ifPresent(mask -> lines.add("umask " + mask));
        lines.add("cd " + inScript(workingDirectory));
        if (lasts) {
            unset.forEach(name -> lines.add("unset " + name));
        }
        return lines;
    }

    /** A command in a script, with the rights that the unit gives it and the script does not have. */
    String line(UnitCommand command, boolean lasts) {
        List<String> words = new ArrayList<>();
        if (lasts) {
            words.addAll(chain);
        }
        List<String> less = new ArrayList<>();
        if (!command.has('+')) {
            less.addAll(command.has('!') ? List.of() : identity);
            less.addAll(rights);
        }
        if (!less.isEmpty()) {
            words.add("setpriv");
            words.addAll(less);
            words.add("--");
        }
        words.add(CommandWord.line(command.words()));
        return String.join(" ", words) + (command.has('-') ? " || true" : "");
    }
}
