package bellhop.engine.process;

import bellhop.definition.Definition;
import bellhop.definition.ResourceLimits;
import bellhop.definition.ServiceName;
import bellhop.linux.Directories;
import bellhop.linux.FileErrors;
import bellhop.linux.Proc;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The groups of processes in which {@code mem_limit}, {@code cpus} and {@code pids_limit} are in force, {@code
 * cgroups(7)}: one for each incarnation whose definition asks for them. Everything that its scripts start stays in
 * it, so that processes that are left at the stop are found there, too.
 *
 * <p>Only cgroup v2 will do, with a group of Bellhop's own that it may divide further. The kernel wants processes in
 * the leaves only, so Bellhop goes into one itself, once the first definition asks for limits. Where any of this is
 * not to be had the limits are not in force: that is said once for each of them, and services start without.
 */
public final class Cgroups {

    private static final List<String> CONTROLLERS = List.of("memory", "cpu", "pids");
    private static final String OWN_LEAF = "bellhop";
    private static final String PROCS = "cgroup.procs";

    /** In {@code memory.events}, before the number. */
    private static final String OOM_KILL = "oom_kill ";

    /** {@code cpu.max}: microseconds. */
    private static final long PERIOD = 100_000;

    private static final long LEAST_QUOTA = 1_000;

    private final Path mounts;
    private final Path own;
    private final Consumer<String> warnings;

    private @Nullable Base base;
    private final Set<String> warned = new HashSet<>();
    private final Map<ServiceName, Path> groups = new HashMap<>();
    /** How many processes had been killed for memory in the group of a service at the last query; absent means none. */
    private final Map<ServiceName, Long> killed = new HashMap<>();
    /** Groups of earlier incarnations with processes in them that were left alive on purpose. */
    private final Set<Path> left = new HashSet<>();

    /**
     * Where groups can be made.
     *
     * @param directory the group of Bellhop's own
     * @param controllers those that hold in the groups below it
     * @param otherwise why there are not more of them
     */
    record Base(Path directory, Set<String> controllers, String otherwise) {
        /** A base in which all limits can be in force. */
        Base(Path directory) {
            this(directory, Set.copyOf(CONTROLLERS), "");
        }
    }

    /** One limit: the key that asks for it, the controller that enforces it, and the file that it is written to. */
    private record ControllerLimit(String key, String controller, String file, String value) {}

    /** The kernel's, which is not looked at before a definition asks for limits. */
    public Cgroups(Consumer<String> warnings) {
        this(Path.of("/proc/self/mountinfo"), Path.of("/proc/self/cgroup"), warnings);
    }

    /**
     * As the kernel would report it.
     *
     * @param mounts as {@code /proc/self/mountinfo}
     * @param own as {@code /proc/self/cgroup}
     */
    Cgroups(Path mounts, Path own, Consumer<String> warnings) {
        this.mounts = mounts;
        this.own = own;
        this.warnings = warnings;
    }

    Cgroups(Base base, Consumer<String> warnings) {
        this(Path.of("/"), Path.of("/"), warnings);
        this.base = base;
    }

    /** The group that a script of this incarnation must enter; empty if no limit is requested or in force. */
    Optional<Path> enter(Definition definition, long incarnation) {
        List<ControllerLimit> limits = limits(definition.resources());
        if (limits.isEmpty()) {
            return Optional.empty();
        }
        Base found = base();
        List<ControllerLimit> kept = new ArrayList<>();
        for (ControllerLimit limit : limits) {
            if (found.controllers.contains(limit.controller)) {
                kept.add(limit);
            } else if (warned.add(limit.key)) {
                warnings.accept(limit.key + ": not in force for any service: " + found.otherwise);
            }
        }
        if (kept.isEmpty()) {
            return Optional.empty();
        }
        ServiceName service = definition.name();
        Path group = found.directory.resolve(service + "." + incarnation);
        if (!group.equals(groups.get(service))) {
            try {
                if (!Files.isDirectory(group)) { // else a manager before this one made it
                    Directories.make(group, 0755);
                }
            } catch (IOException e) {
                warnings.accept(service + ": its limits are not in force: " + FileErrors.withFile(e));
                return Optional.empty();
            }
            Path before = groups.put(service, group);
            killed.remove(service);
            if (before != null) {
                left.add(before);
            }
            kept.forEach(limit -> set(service, group, limit));
        }
        return Optional.of(group);
    }

    private void set(ServiceName service, Path group, ControllerLimit limit) {
        try {
            write(group.resolve(limit.file), limit.value);
        } catch (IOException e) {
            warnings.accept(service + ": " + limit.key + " is not in force: " + FileErrors.withFile(e));
        }
    }

    private static List<ControllerLimit> limits(ResourceLimits resources) {
        List<ControllerLimit> limits = new ArrayList<>();
        resources
                .memLimit()
                .ifPresent(bytes ->
                        limits.add(new ControllerLimit("mem_limit", "memory", "memory.max", Long.toString(bytes))));
        resources
                .cpus()
                .ifPresent(
                        cpus -> limits.add(new ControllerLimit("cpus", "cpu", "cpu.max", quota(cpus) + " " + PERIOD)));
        resources
                .pidsLimit()
                .ifPresent(count ->
                        limits.add(new ControllerLimit("pids_limit", "pids", "pids.max", Long.toString(count))));
        return limits;
    }

    private static long quota(BigDecimal cpus) {
        return Math.max(
                LEAST_QUOTA,
                cpus.multiply(BigDecimal.valueOf(PERIOD))
                        .setScale(0, RoundingMode.HALF_UP)
                        .longValue());
    }

    /** The processes in the group of a service; none if it has no group. */
    List<Integer> members(ServiceName service) {
        Path group = groups.get(service);
        if (group == null) {
            return List.of();
        }
        try {
            return Files.readAllLines(group.resolve(PROCS)).stream()
                    .filter(line -> !line.isBlank())
                    .map(line -> Integer.valueOf(line.strip()))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Whether the kernel has killed a process in the group of a service for memory since the last query. */
    boolean killedForMemory(ServiceName service) {
        Path group = groups.get(service);
        if (group == null) {
            return false;
        }
        try {
            for (String line : Files.readAllLines(group.resolve("memory.events"))) {
                if (line.startsWith(OOM_KILL)) {
                    long now = Long.parseLong(line.substring(OOM_KILL.length()));
                    return now > Objects.requireNonNullElse(killed.put(service, now), 0L);
                }
            }
        } catch (IOException e) {
            // No memory controller here.
        }
        return false;
    }

    /** Kills everyone in the group of a service in one go, which outruns any that multiply. */
    void kill(ServiceName service) {
        Path group = groups.get(service);
        if (group != null) {
            try {
                write(group.resolve("cgroup.kill"), "1");
            } catch (IOException e) {
                // A kernel before 5.14 has no such file: its members are killed one by one.
            }
        }
    }

    /** Removes the group of a service if it is empty, and empty groups that were left. */
    void removeIfEmpty(ServiceName service) {
        Path group = groups.get(service);
        if (group != null && isRemoved(group)) {
            groups.remove(service);
            killed.remove(service);
        }
        left.removeIf(Cgroups::isRemoved);
    }

    private static boolean isRemoved(Path group) {
        try {
            Files.deleteIfExists(group);
            return true;
        } catch (IOException e) {
            return false; // Somebody is in it.
        }
    }

    private Base base() {
        Base known = base;
        if (known == null) {
            known = find();
            base = known;
        }
        return known;
    }

    private Base find() {
        try {
            Optional<Path> directory = ownGroup();
            return directory.isEmpty()
                    ? new Base(Path.of("/"), Set.of(), "no cgroup v2 is mounted here")
                    : divide(directory.get());
        } catch (IOException e) {
            return new Base(Path.of("/"), Set.of(), FileErrors.withFile(e));
        }
    }

    /** The group that Bellhop was started in. */
    private Optional<Path> ownGroup() throws IOException {
        String path = "";
        for (String line : Files.readAllLines(own)) {
            if (line.startsWith("0::/")) {
                path = line.substring("0::".length());
            }
        }
        for (String line : Files.readAllLines(mounts)) {
            String[] halves = line.split(" - ", 2);
            String[] fields = halves[0].split(" ", -1);
            if (halves.length == 2 && fields.length > 4 && halves[1].startsWith("cgroup2 ") && !path.isEmpty()) {
                String root = unescaped(fields[3]);
                Path mount = Path.of(unescaped(fields[4]));
                Path below = Path.of(root).relativize(Path.of(path));
                if (!below.startsWith("..")) {
                    Path group = mount.resolve(below).normalize();
                    boolean isOwnLeaf = group.endsWith(OWN_LEAF) && !group.equals(mount);
                    return Optional.of(isOwnLeaf ? Objects.requireNonNull(group.getParent()) : group);
                }
            }
        }
        return Optional.empty();
    }

    /** {@code mountinfo} writes white space and backslashes in octal. */
    private static String unescaped(String field) {
        return field.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
    }

    /** Has the controllers hold below this group. */
    private Base divide(Path group) throws IOException {
        Set<String> there = Set.of(
                Files.readString(group.resolve("cgroup.controllers")).strip().split("\\s+"));
        List<String> wanted = CONTROLLERS.stream().filter(there::contains).toList();
        if (wanted.isEmpty()) {
            return new Base(group, Set.of(), "cgroup v2 at " + group + " has no such controller");
        }
        if (!Files.isWritable(group) || !Files.isWritable(group.resolve(PROCS))) {
            return new Base(group, Set.of(), "cgroup v2 at " + group + " is not writable for this user");
        }
        // The group above all others has no type, and may have processes of its own.
        if (Files.exists(group.resolve("cgroup.type"))) {
            moveToLeaf(group);
        }
        Map<String, String> refused = new LinkedHashMap<>();
        for (String controller : wanted) {
            try {
                write(group.resolve("cgroup.subtree_control"), "+" + controller);
            } catch (IOException e) {
                refused.put(controller, FileErrors.withFile(e));
            }
        }
        Set<String> enabled = new HashSet<>(wanted);
        enabled.removeAll(refused.keySet());
        String otherwise =
                refused.values().stream().findFirst().orElse("cgroup v2 at " + group + " has no such controller");
        return new Base(group, enabled, otherwise);
    }

    /** Moves this process, and what it has started so far, out of the way. */
    private static void moveToLeaf(Path group) throws IOException {
        Path leaf = group.resolve(OWN_LEAF);
        if (!Files.isDirectory(leaf)) {
            Directories.make(leaf, 0755);
        }
        int self = (int) ProcessHandle.current().pid();
        write(leaf.resolve(PROCS), Integer.toString(self));
        Set<Integer> there = new HashSet<>();
        for (String line : Files.readAllLines(group.resolve(PROCS))) {
            there.add(Integer.valueOf(line.strip()));
        }
        for (Proc.Task task : new Census(Proc.census()).descendants(self)) {
            if (there.contains(task.pid())) {
                try {
                    write(leaf.resolve(PROCS), Integer.toString(task.pid()));
                } catch (IOException e) {
                    // It has ended meanwhile; else the kernel will not divide the group, and says so.
                }
            }
        }
    }

    /** One write, as the kernel wants it; it makes nothing of an offset. */
    private static void write(Path file, String line) throws IOException {
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
