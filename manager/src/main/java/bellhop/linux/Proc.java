package bellhop.linux;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** {@code /proc}: the processes there are. A process that goes while it is looked at is simply not there. */
public final class Proc {

    private static final int STAT_MAX = 4096;
    private static final int ENVIRON_CHUNK = 16 * 1024;
    private static final int MOST_LOOKS = 20;
    private static final long BETWEEN_LOOKS_NANOS = 1_000_000;

    private Proc() {}

    private static final CFunction GETPID = CFunction.named("getpid");

    /**
     * Where the kernel lists the children that this process has inherited, whose parent ended. The kernel gives them to
     * the first thread, which the JVM leaves idle, whereas each other thread keeps what it has started. What others
     * start with the first thread, or was started before this program was executed, is among them as well.
     */
    public static final String INHERITED = "/proc/self/task/" + self() + "/children";

    /** Where it lists what the calling thread has started, and whom that has made its siblings (CLONE_PARENT). */
    public static final String STARTED = "/proc/thread-self/children";

    /** The number of this process. */
    public static int self() {
        return GETPID.call(CallFrame.get());
    }

    /**
     * A process, of {@code /proc/PID/stat}.
     *
     * @param ppid its parent
     * @param pgrp its group
     * @param session its session
     * @param state {@code R S D T t Z X I}
     * @param startTime when it started, in clock ticks since the machine did: with the boot id and the number it is
     *     this process and no other
     */
    public record Task(int pid, int ppid, int pgrp, int session, char state, long startTime) {

        /** Whether it has ended and only waits for being reaped. */
        public boolean isDead() {
            return state == 'Z' || state == 'X';
        }
    }

    /**
     * Every process that can be seen. It is no snapshot: one that is forked meanwhile may be missing.
     */
    public static List<Task> census() throws PosixException {
        String[] names = new File("/proc").list();
        if (names == null) {
            Fd.close(Fd.open("/proc", Fd.O_RDONLY, 0)); // says why: most likely no descriptor is left
            throw new PosixException("opendir", Errno.ENOENT, "/proc");
        }
        List<Task> tasks = new ArrayList<>(names.length);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(STAT_MAX);
            byte[] bytes = new byte[STAT_MAX];
            for (String name : names) {
                if (name.charAt(0) >= '1' && name.charAt(0) <= '9') {
                    task(name, memory, bytes).ifPresent(tasks::add);
                }
            }
        }
        return tasks;
    }

    /**
     * The children in one of the kernel's lists, dead ones too. One may be missed while another is reaped.
     *
     * @param file {@link #INHERITED}, {@link #STARTED}, or that of a thread of another process
     * @return nothing if there is no such file, which depends on CONFIG_PROC_CHILDREN
     */
    public static Optional<List<Integer>> children(String file) throws PosixException {
        byte[] bytes;
        try {
            bytes = readAll(file);
        } catch (PosixException failure) {
            if (isGone(failure)) {
                return Optional.empty();
            }
            throw failure;
        }
        return Optional.of(numbers(bytes));
    }

    /** Each number is followed by a blank. */
    private static List<Integer> numbers(byte[] bytes) {
        List<Integer> numbers = new ArrayList<>();
        int number = 0;
        for (byte c : bytes) {
            if (c == ' ') {
                numbers.add(number);
                number = 0;
            } else {
                number = number * 10 + (c - '0');
            }
        }
        return numbers;
    }

    /**
     * A process and all its descendants, without a look at anybody else; on a kernel that has {@link #INHERITED}. The
     * kernel may miss a child while a sibling is reaped, so descendants count once two looks have found the same.
     *
     * @return nothing if they change too fast
     */
    public static Optional<List<Task>> tree(int pid) throws PosixException {
        List<Task> tree = lookAtTree(pid);
        for (int look = 1; look < MOST_LOOKS; look++) {
            List<Task> again = lookAtTree(pid);
            if (pids(again).equals(pids(tree))) {
                return Optional.of(again);
            }
            tree = again;
        }
        return Optional.empty();
    }

    private static List<Task> lookAtTree(int pid) throws PosixException {
        List<Task> tree = new ArrayList<>();
        Deque<Integer> open = new ArrayDeque<>(List.of(pid));
        while (!open.isEmpty()) {
            int next = open.pop();
            Optional<Task> task = task(next);
            if (task.isPresent()) {
                tree.add(task.get());
                open.addAll(childrenOf(next));
            }
        }
        return tree;
    }

    private static Set<Integer> pids(List<Task> tasks) {
        return tasks.stream().map(Task::pid).collect(Collectors.toSet());
    }

    private static List<Integer> childrenOf(int pid) throws PosixException {
        String[] threads = new File("/proc/" + pid + "/task").list();
        if (threads == null && task(pid).isPresent()) {
            throw new PosixException("opendir", Errno.EMFILE, "/proc/" + pid + "/task");
        }
        List<Integer> children = new ArrayList<>();
        for (String thread : threads == null ? new String[0] : threads) {
            children("/proc/" + pid + "/task/" + thread + "/children").ifPresent(children::addAll);
        }
        return children;
    }

    /** Whether a process that was seen is there still, as a zombie at least, and its number not another's. */
    public static boolean isStill(Task seen) throws PosixException {
        return task(seen.pid()).map(Task::startTime).equals(Optional.of(seen.startTime()));
    }

    /** One process; empty if there is none of that number. */
    public static Optional<Task> task(int pid) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            return task(Integer.toString(pid), arena.allocate(STAT_MAX), new byte[STAT_MAX]);
        }
    }

    private static Optional<Task> task(String pid, MemorySegment memory, byte[] bytes) throws PosixException {
        try {
            int fd = Fd.open("/proc/" + pid + "/stat", Fd.O_RDONLY, 0);
            int length;
            try {
                length = Math.max(Fd.read(fd, memory), 0);
            } finally {
                Fd.close(fd);
            }
            CallFrame.buffer(memory).get(0, bytes, 0, length);
            return parse(bytes, length);
        } catch (PosixException failure) {
            if (isGone(failure)) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private static boolean isGone(PosixException failure) {
        return failure.errno() == Errno.ENOENT || failure.errno() == Errno.ESRCH;
    }

    /**
     * Reads a line of {@code stat}. The second field is the program's name in parentheses and may itself hold
     * spaces, parentheses and newlines: what follows is found from its end.
     */
    static Optional<Task> parse(byte[] line, int length) {
        int close = length - 1;
        while (close >= 0 && line[close] != ')') {
            close--;
        }
        if (close < 0) {
            return Optional.empty();
        }
        StatFields before = new StatFields(line, 0);
        StatFields after = new StatFields(line, close + 2);
        int pid = (int) before.number();
        char state = after.character();
        int ppid = (int) after.number();
        int pgrp = (int) after.number();
        int session = (int) after.number();
        after.skip(15);
        return Optional.of(new Task(pid, ppid, pgrp, session, state, after.number()));
    }

    private static final class StatFields {
        private final byte[] line;
        private int at;

        StatFields(byte[] line, int at) {
            this.line = line;
            this.at = at;
        }

        char character() {
            char character = (char) line[at];
            at += 2;
            return character;
        }

        long number() {
            boolean negative = line[at] == '-';
            if (negative) {
                at++;
            }
            long value = 0;
            while (line[at] >= '0' && line[at] <= '9') {
                value = value * 10 + (line[at++] - '0');
            }
            at++;
            return negative ? -value : value;
        }

        void skip(int fields) {
            for (int i = 0; i < fields; i++) {
                while (line[at] != ' ') {
                    at++;
                }
                at++;
            }
        }
    }

    /**
     * The user that started a process, whatever rights a program of other bits gave it since; empty if it is gone.
     */
    public static OptionalInt user(int pid) throws PosixException {
        byte[] bytes;
        try {
            bytes = readAll("/proc/" + pid + "/status");
        } catch (PosixException failure) {
            if (isGone(failure)) {
                return OptionalInt.empty();
            }
            throw failure;
        }
        String status = CText.decode(bytes, 0, bytes.length);
        // The name in the first line has its newlines escaped: no process can have a line of its own here.
        int start = status.indexOf("\nUid:\t") + 6;
        int end = status.indexOf('\t', start);
        return start < 6 || end < 0
                ? OptionalInt.empty()
                : OptionalInt.of(Integer.parseUnsignedInt(status.substring(start, end)));
    }

    /** One variable of the environment that a process was started with; empty if it or the process is not there. */
    public static Optional<String> environment(int pid, String name) throws PosixException {
        return Optional.ofNullable(environment(pid, Set.of(name)).get(name));
    }

    /**
     * Some variables of the environment that a process was started with. A process has none for a moment
     * while it executes a program: one that {@link Spawn#start} has just returned may still be there, and so
     * may a child that has just forked and executes another. This waits for the end of that moment, for at most 20 ms.
     *
     * @return those that there are; none if the process is gone or is not ours to look at
     */
    public static Map<String, String> environment(int pid, Set<String> names) throws PosixException {
        String file = "/proc/" + pid + "/environ";
        List<String> entries = environment(file);
        for (int look = 1; look < MOST_LOOKS && entries.isEmpty() && isAtWork(pid); look++) {
            LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
            entries = environment(file);
        }
        Map<String, String> found = new HashMap<>();
        for (String entry : entries) {
            int equals = entry.indexOf('=');
            if (equals > 0 && names.contains(entry.substring(0, equals))) {
                found.putIfAbsent(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        return found;
    }

    /** Whether it runs or waits for a disk, as a process that executes a program does. */
    private static boolean isAtWork(int pid) throws PosixException {
        return task(pid)
                .filter(task -> task.state() == 'R' || task.state() == 'D')
                .isPresent();
    }

    /**
     * The environment that this process was started with, each {@code NAME=value}. Unlike {@code
     * System.getenv} it keeps every byte, whatever the locale; {@link Spawn} gives them on unchanged.
     */
    public static List<String> ownEnvironment() throws PosixException {
        return environment("/proc/self/environ");
    }

    private static List<String> environment(String file) throws PosixException {
        byte[] bytes;
        try {
            bytes = readAll(file);
        } catch (PosixException failure) {
            if (isGone(failure) || failure.errno() == Errno.EACCES || failure.errno() == Errno.EPERM) {
                return List.of();
            }
            throw failure;
        }
        List<String> entries = split(bytes);
        entries.removeIf(String::isEmpty);
        return entries;
    }

    /**
     * The command line that this process was started with. Unlike the arguments of {@code main} it keeps
     * every byte, whatever the locale; {@link Spawn} gives them on unchanged.
     */
    public static List<String> ownCommandLine() throws PosixException {
        return commandLine(ownCommandLineAsBytes());
    }

    /** The same as the kernel has it. */
    public static byte[] ownCommandLineAsBytes() throws PosixException {
        return readAll("/proc/self/cmdline");
    }

    /** The words of what is {@link #ownCommandLineAsBytes} elsewhere. */
    public static List<String> commandLine(byte[] bytes) {
        return split(bytes);
    }

    /** The text before each NUL, and after the last one if there is any. */
    private static List<String> split(byte[] bytes) {
        List<String> entries = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                entries.add(CText.decode(bytes, from, i));
                from = i + 1;
            }
        }
        if (from < bytes.length) {
            entries.add(CText.decode(bytes, from, bytes.length));
        }
        return entries;
    }

    /** Differs from one start of the machine to the next. */
    public static String bootId() throws PosixException {
        byte[] bytes = readAll("/proc/sys/kernel/random/boot_id");
        return CText.decode(bytes, 0, bytes.length).strip();
    }

    /** Files of /proc have no size: they are read to their end. */
    static byte[] readAll(String file) throws PosixException {
        int fd = Fd.open(file, Fd.O_RDONLY, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(ENVIRON_CHUNK);
            ByteBuffer read = CallFrame.buffer(memory);
            byte[] bytes = new byte[ENVIRON_CHUNK];
            int length = 0;
            while (true) {
                int count = Fd.read(fd, memory);
                if (count <= 0) {
                    return Arrays.copyOf(bytes, length);
                }
                if (length + count > bytes.length) {
                    bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
                }
                read.get(0, bytes, length, count);
                length += count;
            }
        } finally {
            Fd.close(fd);
        }
    }
}
