package bellhop.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Runs a program in the foreground, as a shell does, and waits for it: unlike {@link Spawn}, it has this process's
 * session, group, terminal, working directory and first three descriptors.
 */
public final class Foreground {
    private static final CFunction SPAWN = CFunction.named("posix_spawn");
    private static final CFunction ACTIONS_INIT = CFunction.named("posix_spawn_file_actions_init");
    private static final CFunction ACTIONS_DESTROY = CFunction.named("posix_spawn_file_actions_destroy");
    private static final CFunction ADD_CLOSEFROM = CFunction.named("posix_spawn_file_actions_addclosefrom_np");
    private static final CFunction SIGACTION = CFunction.named("sigaction");

    /** What a terminal sends to all of its foreground group. */
    private static final List<Integer> FROM_TERMINAL = List.of(Signals.INT, Signals.QUIT);

    private Foreground() {}

    /**
     * Runs it to its end. Meanwhile this process ignores the signals of keys: they are for the program.
     *
     * @param argv the program's path, and its arguments
     * @param environment each {@code NAME=value}
     * @throws PosixException if it cannot be started
     */
    public static ExitStatus run(List<String> argv, List<String> environment) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ignored = arena.allocate(Spawn.SIGACTION_SIZE, Long.BYTES);
            CallFrame.buffer(ignored).putLong(Spawn.SA_HANDLER, Spawn.SIG_IGN);
            List<MemorySegment> before = FROM_TERMINAL.stream()
                    .map(_ -> arena.allocate(Spawn.SIGACTION_SIZE, Long.BYTES))
                    .toList();
            for (int i = 0; i < before.size(); i++) {
                set(FROM_TERMINAL.get(i), ignored.address(), before.get(i).address());
            }
            try {
                return Wait.reapPid(start(arena, argv, environment));
            } finally {
                for (int i = 0; i < before.size(); i++) {
                    set(FROM_TERMINAL.get(i), before.get(i).address(), CFunction.NULL);
                }
            }
        }
    }

    private static int start(Arena arena, List<String> argv, List<String> environment) throws PosixException {
        CallFrame frame = CallFrame.get();
        long path = Spawn.string(arena, argv.getFirst());
        long words = Spawn.strings(arena, argv);
        long variables = Spawn.strings(arena, environment);
        long actions = arena.allocate(Spawn.FILE_ACTIONS_SIZE, Long.BYTES).address();
        long attributes = Spawn.attributes(Spawn.POSIX_SPAWN_SETSIGDEF | Spawn.POSIX_SPAWN_SETSIGMASK)
                .address();
        Spawn.require(ACTIONS_INIT.call(frame, actions));
        int error;
        try {
            Spawn.require(ADD_CLOSEFROM.call(frame, actions, 3));
            error = SPAWN.call(frame, frame.structAddress, path, actions, attributes, words, variables);
        } finally {
            ACTIONS_DESTROY.call(frame, actions);
        }
        if (error != 0) {
            throw new PosixException("posix_spawn", error, argv.getFirst());
        }
        return frame.struct.getInt(0);
    }

    private static void set(int signal, long action, long old) throws PosixException {
        CallFrame frame = CallFrame.get();
        if (SIGACTION.call(frame, signal, action, old) < 0) {
            throw frame.failure("sigaction", Signals.name(signal));
        }
    }
}
