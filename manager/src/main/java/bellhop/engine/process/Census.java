package bellhop.engine.process;

import bellhop.definition.Definition;
import bellhop.linux.PosixException;
import bellhop.linux.Proc;
import bellhop.linux.Self;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The processes of one moment, all or those that can concern whoever looks, as a tree. */
final class Census {

    /** The process that takes it. */
    static final int SELF = (int) ProcessHandle.current().pid();

    private final boolean taken;
    private final List<Proc.Task> living = new ArrayList<>();
    private final Map<Integer, Proc.Task> byNumber = new HashMap<>();
    private final Map<Integer, List<Proc.Task>> bySession = new HashMap<>();
    private final Map<Integer, List<Proc.Task>> byGroup = new HashMap<>();
    private final Map<Integer, List<Proc.Task>> byParent = new HashMap<>();
    private @Nullable List<Proc.Task> orphans;
    private @Nullable List<Proc.Task> strangers;
    /** The marks of those that were asked for them: one look serves all services of a round. */
    private final Map<Integer, Map<String, String>> environments = new HashMap<>();

    Census(List<Proc.Task> tasks) {
        this(tasks, true);
    }

    private Census(List<Proc.Task> tasks, boolean taken) {
        this.taken = taken;
        for (Proc.Task task : tasks) {
            if (!task.isDead()) {
                living.add(task);
                byNumber.put(task.pid(), task);
                add(bySession, task.session(), task);
                add(byGroup, task.pgrp(), task);
                add(byParent, task.ppid(), task);
            }
        }
    }

    private static void add(Map<Integer, List<Proc.Task>> index, int number, Proc.Task task) {
        index.computeIfAbsent(number, _ -> new ArrayList<>(1)).add(task);
    }

    /** Returns the processes that exist now; none, with a warning, if they cannot be listed. */
    static Census take(Consumer<String> warnings) {
        try {
            return new Census(Proc.census());
        } catch (PosixException e) {
            warnings.accept("cannot search for processes: " + e.getMessage());
            return new Census(List.of(), false);
        }
    }

    /** Whether it could be taken; if not, nobody is in it. */
    boolean isTaken() {
        return taken;
    }

    /** Those that are not zombies. */
    List<Proc.Task> living() {
        return living;
    }

    /** The one of that number, if it lives. */
    Optional<Proc.Task> living(int pid) {
        return Optional.ofNullable(byNumber.get(pid));
    }

    /** Those of the session, and of the group, that a process leads or has led. */
    List<Proc.Task> ledBy(int pid) {
        List<Proc.Task> led = new ArrayList<>(bySession.getOrDefault(pid, List.of()));
        led.addAll(byGroup.getOrDefault(pid, List.of()));
        return led;
    }

    /** Children, their children and so on, without the process itself. */
    List<Proc.Task> descendants(int pid) {
        List<Proc.Task> found = new ArrayList<>();
        Deque<Proc.Task> open = new ArrayDeque<>(byParent.getOrDefault(pid, List.of()));
        while (!open.isEmpty()) {
            Proc.Task task = open.pop();
            found.add(task);
            open.addAll(byParent.getOrDefault(task.pid(), List.of()));
        }
        return found;
    }

    /** The children of this process that it does not own, and all their descendants: one search serves a round. */
    List<Proc.Task> orphans(IntPredicate owned) {
        if (orphans == null) {
            orphans = new ArrayList<>();
            for (Proc.Task child : byParent.getOrDefault(SELF, List.of())) {
                if (!owned.test(child.pid())) {
                    orphans.add(child);
                    orphans.addAll(descendants(child.pid()));
                }
            }
        }
        return orphans;
    }

    /** All but this process and the children that it owns. Tasks of the kernel have no session. */
    List<Proc.Task> strangers(IntPredicate owned) {
        if (strangers == null) {
            strangers = living.stream()
                    .filter(task -> task.pid() != SELF && task.session() != 0 && !owned.test(task.pid()))
                    .toList();
        }
        return strangers;
    }

    /** The variables of these names in the environment of a process, and perhaps others. */
    private Map<String, String> environment(int pid, Set<String> names) throws PosixException {
        if (!ScriptEnvironment.OWN.containsAll(names)) {
            return Proc.environment(pid, names);
        }
        Map<String, String> known = environments.get(pid);
        if (known == null) {
            known = Proc.environment(pid, ScriptEnvironment.OWN);
            environments.put(pid, known);
        }
        return known;
    }

    /**
     * Whether a process has all these marks in its environment.
     *
     * @param marks values by the names of variables
     */
    boolean bears(Proc.Task task, Map<String, String> marks) throws PosixException {
        Map<String, String> found = environment(task.pid(), marks.keySet());
        if (!found.keySet().containsAll(marks.keySet())) {
            return false;
        }
        List<String> others = marks.keySet().stream()
                .filter(name -> !Objects.equals(found.get(name), marks.get(name)))
                .toList();
        // The run dir may have had another name when the process was spawned.
        return others.isEmpty()
                || (others.equals(List.of(ScriptEnvironment.RUN_DIR))
                        && isSameFile(
                                Objects.requireNonNull(found.get(ScriptEnvironment.RUN_DIR)),
                                Objects.requireNonNull(marks.get(ScriptEnvironment.RUN_DIR))));
    }

    /**
     * Whether a process is known by its marks as one of a service: of root's or the service's user, if it has one.
     * Another process that has obtained those marks does not belong to it.
     */
    boolean belongs(Proc.Task task, Map<String, String> marks, Definition definition) throws PosixException {
        if (!bears(task, marks)) {
            return false;
        }
        if (Self.euid() != 0 || definition.process().user().isEmpty()) {
            return true;
        }
        OptionalInt user = Proc.user(task.pid());
        return user.isPresent() && (user.getAsInt() == 0 || isUserOf(definition, user.getAsInt()));
    }

    private static boolean isUserOf(Definition definition, int user) {
        try {
            return ScriptCommand.userOf(definition) == user;
        } catch (IOException e) {
            return true; // the list of users has it no more, and the marks are all there is to go by
        }
    }

    private static boolean isSameFile(String there, String expected) {
        try {
            return Files.isSameFile(Path.of(there), Path.of(expected));
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }
}
