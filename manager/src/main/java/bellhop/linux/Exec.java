package bellhop.linux;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code execve(2)}: this process becomes another program. It keeps its number, its children and what is known of
 * their ends, its session, limits, user and working directory (of one that was removed, the root), and its standard
 * input, output and error; every other descriptor but that of {@link QuitSignal} is closed, no signal stays blocked, and all other threads are gone.
 */
public final class Exec {

    private static final int SIG_SETMASK = 2;

    private static final CFunction EXECVE = CFunction.named("execve");
    private static final CFunction CHDIR = CFunction.named("chdir");
    private static final CFunction SIGMASK = CFunction.named("pthread_sigmask");

    private Exec() {}

    /**
     * Becomes the program. What other threads are about is cut off wherever they are: whatever is to be finished is
     * finished before.
     *
     * @param argv the program's path, and its arguments
     * @param environment each {@code NAME=value}
     * @return never: if there is an answer, it is why this is still the same program
     */
    public static PosixException replace(List<String> argv, List<String> environment) {
        CallFrame frame = CallFrame.get();
        try (Arena arena = Arena.ofConfined()) {
            long program = Spawn.string(arena, argv.getFirst());
            long arguments = Spawn.strings(arena, argv);
            long variables = Spawn.strings(arena, environment);
            MemorySegment nothingBlocked = arena.allocate(Spawn.SIGSET_SIZE, Long.BYTES);
            MemorySegment before = arena.allocate(Spawn.SIGSET_SIZE, Long.BYTES);
            closeAllOnExec();
            leaveRemovedDirectory(frame);
            setMask(frame, nothingBlocked, before);
            EXECVE.call(frame, program, arguments, variables);
            PosixException failure = frame.failure("execve", argv.getFirst());
            setMask(frame, before, nothingBlocked);
            return failure;
        } catch (PosixException e) {
            return e;
        }
    }

    /** No JVM starts in one. */
    private static void leaveRemovedDirectory(CallFrame frame) throws PosixException {
        try {
            if (Files.notExists(Files.readSymbolicLink(Path.of("/proc/self/cwd")))) {
                CHDIR.call(frame, frame.path("chdir", "/"));
            }
        } catch (IOException e) {
            // Whether it is there is not known: it may well be.
        }
    }

    /** The JVM and its libraries have some that stay open otherwise. */
    private static void closeAllOnExec() throws PosixException {
        String[] open = new File("/proc/self/fd").list();
        if (open == null) {
            throw new PosixException("opendir", Errno.ENOENT, "/proc/self/fd");
        }
        for (String name : open) {
            int fd = Integer.parseInt(name);
            if (fd > 2 && !QuitSignal.isOn(fd)) {
                Fd.closeOnExec(fd);
            }
        }
    }

    private static void setMask(CallFrame frame, MemorySegment mask, MemorySegment old) throws PosixException {
        int error = SIGMASK.call(frame, SIG_SETMASK, mask.address(), old.address());
        if (error != 0) {
            throw new PosixException("pthread_sigmask", error, "SIG_SETMASK");
        }
    }
}
