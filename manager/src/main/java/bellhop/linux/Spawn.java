package bellhop.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * {@code posix_spawn(3)}: starts a process that has nothing of ours but its limits, umask, priority
 * and user. It is the leader of a session and group of its own, every signal has its default
 * disposition and none is blocked, standard input is {@code /dev/null}, and no descriptor past 2 is
 * open.
 */
public final class Spawn {

    /**
     * A program to start.
     *
     * @param argv the program and its arguments; the program is a path (a relative one from {@code directory}) or,
     *     without a slash, looked for in the PATH of {@code environment}
     * @param environment each {@code NAME=value}
     * @param directory its working directory
     * @param stdout a descriptor of ours for its standard output; stays open here
     * @param stderr likewise; may be the same
     * @param opened what else it finds open
     * @param keysOfItsOwn whether it gets a new session keyring instead of ours
     */
    public record Command(
            List<String> argv,
            List<String> environment,
            Path directory,
            int stdout,
            int stderr,
            List<Opened> opened,
            boolean keysOfItsOwn) {
        public Command {
            argv = List.copyOf(argv);
            environment = List.copyOf(environment);
            opened = List.copyOf(opened);
            if (argv.isEmpty()) {
                throw new IllegalArgumentException("no program to start");
            }
        }

        /** One that finds no more open than the first three descriptors. */
        public Command(List<String> argv, List<String> environment, Path directory, int stdout, int stderr) {
            this(argv, environment, directory, stdout, stderr, List.of(), false);
        }

        /** The same, with these files open. */
        public Command with(List<Opened> files) {
            return new Command(argv, environment, directory, stdout, stderr, files, keysOfItsOwn);
        }

        /** The same, with a new session keyring if this is so. */
        public Command withKeysOfItsOwn(boolean isSo) {
            return new Command(argv, environment, directory, stdout, stderr, opened, isSo);
        }

        /** The same, with all output to this descriptor. */
        public Command writingTo(int out) {
            return new Command(argv, environment, directory, out, out, opened, keysOfItsOwn);
        }

        /** Without the environment, which may hold secrets. */
        @Override
        public String toString() {
            return argv + " in " + directory;
        }
    }

    /**
     * A file that the child opens for reading and writing before it executes its program.
     *
     * @param fd the descriptor's number, 3 or more
     * @param file an absolute path; a FIFO is opened at once, for the child is its own reader
     */
    public record Opened(int fd, Path file) {
        public Opened {
            if (fd <= 2) {
                throw new IllegalArgumentException("a standard descriptor: " + fd);
            }
        }

        private String phrase() {
            return file + " as descriptor " + fd;
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
        /** A further file could not be opened, or not with that number: it is beyond the limit of open files. */
        OPENING_FILE("opening"),
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
    static final int POSIX_SPAWN_SETSIGDEF = 0x04;
    static final int POSIX_SPAWN_SETSIGMASK = 0x08;
    private static final int POSIX_SPAWN_SETSID = 0x80;
    static final int SPAWNATTR_SIZE = 336;
    static final int FILE_ACTIONS_SIZE = 80;
    static final int SIGSET_SIZE = 128;

    // <signal.h>
    static final int SIGACTION_SIZE = 152;
    static final int SA_HANDLER = 0;
    static final long SIG_DFL = 0;
    static final long SIG_IGN = 1;

    private static final int SHEBANG_MAX = 256;
    private static final String DEV_NULL = "/dev/null";
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    // Each of these returns its error and leaves errno alone.
    private static final CFunction SPAWN = CFunction.named("posix_spawn");
    private static final CFunction ACTIONS_INIT = CFunction.named("posix_spawn_file_actions_init");
    private static final CFunction ACTIONS_DESTROY = CFunction.named("posix_spawn_file_actions_destroy");
    private static final CFunction ADD_OPEN = CFunction.named("posix_spawn_file_actions_addopen");
    private static final CFunction ADD_DUP2 = CFunction.named("posix_spawn_file_actions_adddup2");
    private static final CFunction ADD_CHDIR = CFunction.named("posix_spawn_file_actions_addchdir_np");
    private static final CFunction ADD_CLOSEFROM = CFunction.named("posix_spawn_file_actions_addclosefrom_np");

    /** Made once and never changed: what every child gets. */
    private static final MemorySegment ATTRIBUTES =
            attributes(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);

    private static final MemorySegment NULL_DEVICE = CallFrame.string(Arena.global(), CText.encode(DEV_NULL));

    static {
        heedChildren();
    }

    private Spawn() {}

    /**
     * Gives CHLD its default disposition if the parent of this process had it ignored: the kernel would
     * forget how our children ended. A handler stays.
     *
     * <pre>{@code
     * struct sigaction {              // 152 bytes on x86-64 and on aarch64
     *     __sighandler_t sa_handler;  //   0
     *     ...
     * };
     * }</pre>
     */
    private static void heedChildren() {
        CFunction sigaction = CFunction.named("sigaction");
        CallFrame frame = CallFrame.get();
        ByteBuffer action = frame.struct;
        int result = sigaction.call(frame, Signals.CHLD, CFunction.NULL, frame.structAddress);
        if (result == 0 && action.getLong(SA_HANDLER) == SIG_IGN) {
            action.put(0, new byte[SIGACTION_SIZE]).putLong(SA_HANDLER, SIG_DFL);
            sigaction.call(frame, Signals.CHLD, frame.structAddress, CFunction.NULL);
        }
    }

    /** All signals have their defaults and none is blocked, if the flags say so. */
    static MemorySegment attributes(int flags) {
        CFunction init = CFunction.named("posix_spawnattr_init");
        CFunction setFlags = CFunction.named("posix_spawnattr_setflags");
        CFunction setDefault = CFunction.named("posix_spawnattr_setsigdefault");
        CFunction setMask = CFunction.named("posix_spawnattr_setsigmask");
        CallFrame frame = CallFrame.get();
        MemorySegment attributes = Arena.global().allocate(SPAWNATTR_SIZE, Long.BYTES);
        long address = attributes.address();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment none = arena.allocate(SIGSET_SIZE, Long.BYTES);
            // Not sigfillset: that leaves out 32 and 33, which glibc would then set to be ignored.
            MemorySegment all = arena.allocate(SIGSET_SIZE, Long.BYTES).fill((byte) 0xFF);
            require(init.call(frame, address));
            require(setFlags.call(frame, address, flags));
            require(setDefault.call(frame, address, all.address()));
            require(setMask.call(frame, address, none.address()));
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

    /**
     * Looks whether the program is there and may be executed, without starting it: for one that another program
     * is going to execute in its place.
     *
     * @throws SpawnException as {@link #start} would
     */
    public static void check(Command command) throws SpawnException {
        String program = find(command);
        String file = from(command.directory, program);
        if (!isRegular(file) || !Fd.access(file, Fd.X_OK)) {
            int error = exists(file) ? Errno.EACCES : Errno.ENOENT;
            throw explain(command, program, new PosixException("execve", error, program));
        }
    }

    private static int spawn(Arena arena, String program, Command command, int stdout, int stderr)
            throws PosixException {
        CallFrame frame = CallFrame.get();
        long path = string(arena, program);
        long argv = strings(arena, command.argv);
        long environment = strings(arena, command.environment);
        long directory = string(arena, CText.of(command.directory));
        long actions = arena.allocate(FILE_ACTIONS_SIZE, Long.BYTES).address();
        require(ACTIONS_INIT.call(frame, actions));
        int error;
        try {
            require(ADD_OPEN.call(frame, actions, 0, NULL_DEVICE.address(), Fd.O_RDONLY, 0));
            takeOver(frame, actions, stdout, 1);
            takeOver(frame, actions, stderr, 2);
            require(ADD_CLOSEFROM.call(frame, actions, 3));
            for (Opened file : command.opened) {
                open(frame, actions, file, string(arena, CText.of(file.file)));
            }
            require(ADD_CHDIR.call(frame, actions, directory));
            IntSupplier spawn = () ->
                    SPAWN.call(frame, frame.structAddress, path, actions, ATTRIBUTES.address(), argv, environment);
            error = command.keysOfItsOwn ? SessionKeyring.anew(frame, spawn) : spawn.getAsInt();
        } finally {
            ACTIONS_DESTROY.call(frame, actions);
        }
        if (error != 0) {
            throw new PosixException("posix_spawn", error, program);
        }
        return frame.struct.getInt(0);
    }

    // These two look at their arguments: a descriptor that no process may have is refused at once.

    private static void takeOver(CallFrame frame, long actions, int fd, int as) throws PosixException {
        int error = ADD_DUP2.call(frame, actions, fd, as);
        if (error != 0) {
            throw new PosixException("posix_spawn_file_actions_adddup2", error, "descriptor " + fd);
        }
    }

    private static void open(CallFrame frame, long actions, Opened file, long path) throws PosixException {
        int error = ADD_OPEN.call(frame, actions, file.fd, path, Fd.O_RDWR, 0);
        if (error != 0) {
            throw new PosixException("posix_spawn_file_actions_addopen", error, file.phrase());
        }
    }

    /** For the functions that only fill a struct in memory. */
    static void require(int error) {
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

    /**
     * {@code posix_spawn} returns the error but not the stage, so each stage is checked again, in the child's order.
     */
    private static SpawnException explain(Command command, String program, PosixException failure) {
        int error = failure.errno();
        String directory = CText.of(command.directory);
        String file = from(command.directory, program);
        return switch (error) {
            case Errno.EAGAIN, Errno.ENOMEM, Errno.EMFILE, Errno.ENFILE, Errno.EDQUOT ->
                new SpawnException(Stage.FORKING, program, error, failure);
            case Errno.EBADF -> explainDescriptor(command, failure);
            default -> {
                if (!Fd.access(DEV_NULL, Fd.R_OK)) {
                    yield new SpawnException(Stage.OPENING_INPUT, DEV_NULL, error, failure);
                }
                Optional<Opened> unopened =
                        command.opened.stream().filter(o -> !isOpenable(o)).findFirst();
                if (unopened.isPresent()) {
                    yield new SpawnException(Stage.OPENING_FILE, unopened.get().phrase(), error, failure);
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

    private static SpawnException explainDescriptor(Command command, PosixException failure) {
        boolean out = Fd.isOpen(command.stdout);
        if (out && Fd.isOpen(command.stderr)) {
            String files = String.join(
                    ", ", command.opened.stream().map(Opened::phrase).toList());
            return new SpawnException(Stage.OPENING_FILE, files, failure.errno(), failure);
        }
        String descriptor = "descriptor " + (out ? command.stderr : command.stdout);
        return new SpawnException(Stage.OPENING_OUTPUT, descriptor, failure.errno(), failure);
    }

    private static boolean isOpenable(Opened opened) {
        return Fd.access(CText.of(opened.file), Fd.R_OK | Fd.W_OK);
    }

    private static String from(Path directory, String path) {
        return path.startsWith("/") ? path : CText.of(directory) + "/" + path;
    }

    private static boolean isRegular(String path) {
        try {
            return Fd.stat(path).isRegular();
        } catch (PosixException _) {
            return false;
        }
    }

    private static boolean exists(String path) {
        try {
            var _ = Fd.stat(path);
            return true;
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
     * The interpreter in the script's first line, and a space. A carriage return at the end of that line, a file from
     * another system, belongs to the name and is shown.
     */
    private static String interpreter(String script) {
        try {
            int fd = Fd.open(script, Fd.O_RDONLY, 0);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(SHEBANG_MAX);
                int length = Math.max(Fd.read(fd, memory), 0);
                byte[] head = new byte[length];
                CallFrame.buffer(memory).get(0, head);
                return interpreterOf(CText.decode(head, 0, length))
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

    static long strings(Arena arena, List<String> strings) throws PosixException {
        MemorySegment array = arena.allocate((strings.size() + 1L) * Long.BYTES, Long.BYTES);
        ByteBuffer addresses = CallFrame.buffer(array); // zeros: the last one ends the list
        for (String text : strings) {
            addresses.putLong(string(arena, text));
        }
        return array.address();
    }

    static long string(Arena arena, String text) throws PosixException {
        if (text.indexOf('\0') >= 0) {
            // Of a variable its name only: its value may be a secret.
            String shown = text.substring(0, text.indexOf('\0')).replaceFirst("(?s)=.*", "=") + "\\0...";
            throw new PosixException("posix_spawn", Errno.EINVAL, shown);
        }
        return CallFrame.string(arena, CText.encode(text)).address();
    }
}
