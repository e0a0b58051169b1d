package bellhop.linux;

import static bellhop.linux.Native.INT;
import static bellhop.linux.Native.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code posix_spawn(3)}: starts a process that has nothing of ours but its limits, umask, priority
 * and user. It is the leader of a session and group of its own, every signal has its default
 * disposition and none is blocked, standard input is {@code /dev/null}, and no descriptor past 2 is
 * open.
 */
public final class Spawn {

    /**
     * What to start.
     *
     * @param argv the program and its arguments; the program is a path (a relative one from {@code directory}) or,
     *     without a slash, looked for in the PATH of {@code environment}
     * @param environment each {@code NAME=value}
     * @param directory where it starts
     * @param stdout a descriptor of ours for its standard output; stays open here
     * @param stderr likewise; may be the same
     */
    public record Command(List<String> argv, List<String> environment, Path directory, int stdout, int stderr) {
        public Command {
            argv = List.copyOf(argv);
            environment = List.copyOf(environment);
            if (argv.isEmpty()) {
                throw new IllegalArgumentException("no program to start");
            }
        }
    }

    /** How far a start got that failed. */
    public enum Stage {
        /** No process could be made: too many of them, no memory. */
        FORKING("starting a process for"),
        /** The working directory is not there or may not be entered. */
        CHANGING_DIRECTORY("changing directory to"),
        /** {@code /dev/null} could not be opened. */
        OPENING_INPUT("opening"),
        /** One of the descriptors for output is none. */
        OPENING_OUTPUT("taking over"),
        /** The program is not there, may not be executed, is none, or its arguments are too long. */
        EXECUTING("executing"),
        /** It is a script, or needs a loader, that names a program which is not there or may not be executed. */
        INTERPRETER("executing the interpreter");

        private final String phrase;

        Stage(String phrase) {
            this.phrase = phrase;
        }

        String phrase() {
            return phrase;
        }
    }

    // <spawn.h>
    private static final short POSIX_SPAWN_SETSIGDEF = 0x04;
    private static final short POSIX_SPAWN_SETSIGMASK = 0x08;
    private static final short POSIX_SPAWN_SETSID = 0x80;
    static final int SPAWNATTR_SIZE = 336;
    static final int FILE_ACTIONS_SIZE = 80;
    static final int SIGSET_SIZE = 128;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final int SHEBANG_MAX = 256;
    private static final String DEV_NULL = "/dev/null";
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final MethodHandle SPAWN =
            returningError("posix_spawn", POINTER, POINTER, POINTER, POINTER, POINTER, POINTER);
    private static final MethodHandle ACTIONS_INIT = returningError("posix_spawn_file_actions_init", POINTER);
    private static final MethodHandle ACTIONS_DESTROY = returningError("posix_spawn_file_actions_destroy", POINTER);
    private static final MethodHandle ADD_OPEN =
            returningError("posix_spawn_file_actions_addopen", POINTER, INT, POINTER, INT, INT);
    private static final MethodHandle ADD_DUP2 = returningError("posix_spawn_file_actions_adddup2", POINTER, INT, INT);
    private static final MethodHandle ADD_CHDIR =
            returningError("posix_spawn_file_actions_addchdir_np", POINTER, POINTER);
    private static final MethodHandle ADD_CLOSEFROM =
            returningError("posix_spawn_file_actions_addclosefrom_np", POINTER, INT);

    /** Made once and never changed: what every child gets. */
    private static final MemorySegment ATTRIBUTES = attributes();

    private static final MemorySegment NULL_DEVICE = Arena.global().allocateFrom(DEV_NULL);

    static {
        Signals.heedChildren();
    }

    private Spawn() {}

    /** The functions of {@code <spawn.h>} return their error and leave {@code errno} alone. */
    private static MethodHandle returningError(String name, MemoryLayout... parameters) {
        return Native.plainFunction(name, INT, parameters);
    }

    private static MemorySegment attributes() {
        MethodHandle init = returningError("posix_spawnattr_init", POINTER);
        MethodHandle setFlags = returningError("posix_spawnattr_setflags", POINTER, SHORT);
        MethodHandle setDefault = returningError("posix_spawnattr_setsigdefault", POINTER, POINTER);
        MethodHandle setMask = returningError("posix_spawnattr_setsigmask", POINTER, POINTER);
        MemorySegment attributes = Arena.global().allocate(SPAWNATTR_SIZE, Long.BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment none = arena.allocate(SIGSET_SIZE, Long.BYTES);
            // Not sigfillset: that leaves out 32 and 33, which glibc would then set to be ignored.
            MemorySegment all = arena.allocate(SIGSET_SIZE, Long.BYTES).fill((byte) 0xFF);
            require((int) init.invokeExact(attributes));
            require((int) setFlags.invokeExact(
                    attributes, (short) (POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID)));
            require((int) setDefault.invokeExact(attributes, all));
            require((int) setMask.invokeExact(attributes, none));
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
        return attributes;
    }

    /**
     * Starts it.
     *
     * @return its number, which is that of its group and session too; a child to be reaped
     */
    public static int start(Command command) throws SpawnException {
        String program = find(command);
        int[] outputs = outputs(command);
        try (Arena arena = Arena.ofConfined()) {
            return spawn(arena, program, command, outputs[0], outputs[1]);
        } catch (PosixException failure) {
            throw explain(command, program, failure);
        } finally {
            release(outputs[0], command.stdout);
            release(outputs[1], command.stderr);
        }
    }

    private static int spawn(Arena arena, String program, Command command, int stdout, int stderr)
            throws PosixException {
        MemorySegment pid = arena.allocate(INT);
        MemorySegment path = string(arena, program);
        MemorySegment argv = strings(arena, command.argv);
        MemorySegment environment = strings(arena, command.environment);
        MemorySegment directory = string(arena, Text.of(command.directory));
        MemorySegment actions = arena.allocate(FILE_ACTIONS_SIZE, Long.BYTES);
        int error;
        try {
            require((int) ACTIONS_INIT.invokeExact(actions));
            try {
                require((int) ADD_OPEN.invokeExact(actions, 0, NULL_DEVICE, Fd.O_RDONLY, 0));
                require((int) ADD_DUP2.invokeExact(actions, stdout, 1));
                require((int) ADD_DUP2.invokeExact(actions, stderr, 2));
                require((int) ADD_CLOSEFROM.invokeExact(actions, 3));
                require((int) ADD_CHDIR.invokeExact(actions, directory));
                error = (int) SPAWN.invokeExact(pid, path, actions, ATTRIBUTES, argv, environment);
            } finally {
                int _ = (int) ACTIONS_DESTROY.invokeExact(actions);
            }
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
        if (error != 0) {
            throw new PosixException("posix_spawn", error, program);
        }
        return pid.get(INT, 0);
    }

    /** For the functions that only fill a struct in memory. */
    private static void require(int error) {
        if (error != 0) {
            throw new OutOfMemoryError("posix_spawn: " + Errno.describe(error));
        }
    }

    /** The descriptors for output, moved out of the way of 0, 1 and 2, which the child fills in that order. */
    private static int[] outputs(Command command) throws SpawnException {
        int stdout = output(command.stdout);
        try {
            return new int[] {stdout, output(command.stderr)};
        } catch (SpawnException failure) {
            release(stdout, command.stdout);
            throw failure;
        }
    }

    private static int output(int fd) throws SpawnException {
        if (fd > 2) {
            return fd;
        }
        try {
            return Fd.duplicate(fd, 3);
        } catch (PosixException failure) {
            throw new SpawnException(Stage.OPENING_OUTPUT, "descriptor " + fd, failure.errno(), failure);
        }
    }

    private static void release(int fd, int original) {
        if (fd != original) {
            try {
                Fd.close(fd);
            } catch (PosixException _) {
                // It was a duplicate: nothing is lost with it.
            }
        }
    }

    /** The program's path: a name without a slash is looked for as a shell does. */
    private static String find(Command command) throws SpawnException {
        String program = command.argv.getFirst();
        if (program.indexOf('/') >= 0) {
            return program;
        }
        int error = Errno.ENOENT;
        for (String element : searchPath(command).split(":", -1)) {
            String candidate = (element.isEmpty() ? "." : element) + "/" + program;
            String file = from(command.directory, candidate);
            if (isRegular(file)) {
                if (Fd.access(file, Fd.X_OK)) {
                    return candidate;
                }
                error = Errno.EACCES;
            }
        }
        throw new SpawnException(Stage.EXECUTING, program, error, new PosixException("execve", error, program));
    }

    private static String searchPath(Command command) {
        return command.environment.stream()
                .filter(entry -> entry.startsWith("PATH="))
                .findFirst()
                .map(entry -> entry.substring("PATH=".length()))
                .orElse(DEFAULT_PATH);
    }

    /** {@code posix_spawn} tells why but not where, so each stage is looked at again, in the child's order. */
    private static SpawnException explain(Command command, String program, PosixException failure) {
        int error = failure.errno();
        String directory = Text.of(command.directory);
        String file = from(command.directory, program);
        return switch (error) {
            case Errno.EAGAIN, Errno.ENOMEM, Errno.EMFILE, Errno.ENFILE ->
                new SpawnException(Stage.FORKING, program, error, failure);
            case Errno.EBADF ->
                new SpawnException(
                        Stage.OPENING_OUTPUT,
                        "descriptor " + (Fd.isOpen(command.stdout) ? command.stderr : command.stdout),
                        error,
                        failure);
            default -> {
                if (!Fd.access(DEV_NULL, Fd.R_OK)) {
                    yield new SpawnException(Stage.OPENING_INPUT, DEV_NULL, error, failure);
                }
                if (!isDirectory(directory) || !Fd.access(directory, Fd.X_OK)) {
                    yield new SpawnException(Stage.CHANGING_DIRECTORY, directory, error, failure);
                }
                if ((error == Errno.ENOENT || error == Errno.EACCES) && isRegular(file) && Fd.access(file, Fd.X_OK)) {
                    yield new SpawnException(Stage.INTERPRETER, interpreter(file) + "of " + program, error, failure);
                }
                yield new SpawnException(Stage.EXECUTING, program, error, failure);
            }
        };
    }

    private static String from(Path directory, String path) {
        return path.startsWith("/") ? path : Text.of(directory) + "/" + path;
    }

    private static boolean isRegular(String path) {
        try {
            return Fd.stat(path).isRegular();
        } catch (PosixException _) {
            return false;
        }
    }

    private static boolean isDirectory(String path) {
        try {
            return Fd.stat(path).isDirectory();
        } catch (PosixException _) {
            return false;
        }
    }

    /**
     * What the script's first line names, and a space. A carriage return at the end of that line, a file from
     * another system, belongs to the name and is shown.
     */
    private static String interpreter(String script) {
        try {
            int fd = Fd.open(script, Fd.O_RDONLY, 0);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(SHEBANG_MAX);
                int length = Math.max(Fd.read(fd, memory), 0);
                byte[] head = memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
                return interpreterOf(Text.decode(head, 0, length))
                        .map(i -> i + " ")
                        .orElse("");
            } finally {
                Fd.close(fd);
            }
        } catch (PosixException _) {
            return "";
        }
    }

    /** The program that the head of a script names. */
    static Optional<String> interpreterOf(String head) {
        if (!head.startsWith("#!")) {
            return Optional.empty();
        }
        int end = head.indexOf('\n');
        String line = head.substring(2, end < 0 ? head.length() : end).strip();
        boolean carriageReturn = end > 0 && head.charAt(end - 1) == '\r';
        String[] words = line.split("[ \t]+", 2);
        return Optional.of(words.length == 1 && carriageReturn ? words[0] + "\\r" : words[0]);
    }

    private static MemorySegment strings(Arena arena, List<String> strings) throws PosixException {
        MemorySegment array = arena.allocate(ValueLayout.ADDRESS, strings.size() + 1L);
        for (int i = 0; i < strings.size(); i++) {
            array.setAtIndex(ValueLayout.ADDRESS, i, string(arena, strings.get(i)));
        }
        return array;
    }

    private static MemorySegment string(Arena arena, String text) throws PosixException {
        if (text.indexOf('\0') >= 0) {
            throw new PosixException("posix_spawn", Errno.EINVAL, text.replace("\0", "\\0"));
        }
        byte[] bytes = Text.encode(text);
        MemorySegment memory = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return memory;
    }
}
