package bellhop.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Files and pipes by descriptor: a descriptor is a plain {@code int} that its owner closes. Every
 * descriptor made here is close-on-exec. Safe for any thread.
 */
public final class Fd {

    /** The result of {@link #read}, {@link #write} and {@link #tee} if a non-blocking descriptor would wait. */
    public static final int WOULD_BLOCK = -1;

    // <asm-generic/fcntl.h>
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_NOCTTY = 0x100;
    public static final int O_TRUNC = 0x200;
    public static final int O_APPEND = 0x400;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_PATH = 0x200000;
    // <asm/fcntl.h>: aarch64 has its own two.
    public static final int O_DIRECTORY = Architecture.THIS == Architecture.AARCH64 ? 0x4000 : 0x10000;
    public static final int O_NOFOLLOW = Architecture.THIS == Architecture.AARCH64 ? 0x8000 : 0x20000;

    // <sys/file.h>
    public static final int LOCK_SH = 1;
    public static final int LOCK_EX = 2;
    public static final int LOCK_NB = 4;
    public static final int LOCK_UN = 8;

    /** For {@link #tee}: do not wait, {@code <bits/fcntl-linux.h>}. */
    public static final int SPLICE_F_NONBLOCK = 2;

    // <unistd.h>
    static final int R_OK = 4;
    static final int W_OK = 2;
    static final int X_OK = 1;

    // <asm-generic/ioctls.h>
    private static final int FIONREAD = 0x541B;

    // <fcntl.h>
    private static final int AT_EACCESS = 0x200;
    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;
    private static final int F_SETFL = 4;
    private static final int F_GETFL = 3;
    private static final int F_DUPFD_CLOEXEC = 1030;

    private static final CFunction OPEN = CFunction.named("open");
    private static final CFunction OPENAT = CFunction.named("openat");
    private static final CFunction UNLINKAT = CFunction.named("unlinkat");
    private static final CFunction RENAMEAT = CFunction.named("renameat");
    private static final CFunction READLINKAT = CFunction.named("readlinkat");
    private static final CFunction CLOSE = CFunction.named("close");
    private static final CFunction READ = CFunction.named("read");
    private static final CFunction WRITE = CFunction.named("write");
    private static final CFunction TEE = CFunction.named("tee");
    private static final CFunction PIPE2 = CFunction.named("pipe2");
    private static final CFunction MKFIFO = CFunction.named("mkfifo");
    private static final CFunction EVENTFD = CFunction.named("eventfd");
    private static final CFunction DUP2 = CFunction.named("dup2");
    private static final CFunction FLOCK = CFunction.named("flock");
    private static final CFunction FACCESSAT = CFunction.named("faccessat");
    private static final CFunction CHMOD = CFunction.named("chmod");
    private static final CFunction FCHMOD = CFunction.named("fchmod");
    private static final CFunction FCHOWN = CFunction.named("fchown");
    private static final CFunction FSYNC = CFunction.named("fsync");
    private static final CFunction ISATTY = CFunction.named("isatty");
    private static final CFunction FCNTL = CFunction.named("fcntl");
    private static final CFunction IOCTL = CFunction.named("ioctl");

    private Fd() {}

    /** As {@link #open(String, int, int)}. */
    public static int open(Path path, int flags, int mode) throws PosixException {
        return open(CText.of(path), flags, mode);
    }

    /**
     * Opens, with O_CLOEXEC added.
     *
     * @param mode of a file that O_CREAT makes, less the umask
     * @return the descriptor
     */
    public static int open(String path, int flags, int mode) throws PosixException {
        CallFrame frame = CallFrame.get();
        long name = frame.path("open", path);
        while (true) {
            int fd = OPEN.call(frame, name, flags | O_CLOEXEC, mode);
            if (fd >= 0) {
                return fd;
            }
            if (frame.lastError() != Errno.EINTR) {
                throw frame.failure("open", path);
            }
        }
    }

    /**
     * Opens what has that name in a directory, with O_CLOEXEC added.
     *
     * @param directory a descriptor of it, at least O_PATH
     * @param mode of a file that O_CREAT makes, less the umask
     * @return the descriptor
     */
    public static int openat(int directory, String name, int flags, int mode) throws PosixException {
        CallFrame frame = CallFrame.get();
        long bytes = frame.path("openat", name);
        while (true) {
            int fd = OPENAT.call(frame, directory, bytes, flags | O_CLOEXEC, mode);
            if (fd >= 0) {
                return fd;
            }
            if (frame.lastError() != Errno.EINTR) {
                throw frame.failure("openat", directory, name);
            }
        }
    }

    /** Removes a name of a file from a directory. */
    public static void unlinkat(int directory, String name) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = UNLINKAT.call(frame, directory, frame.path("unlinkat", name), 0);
        if (result < 0) {
            throw frame.failure("unlinkat", directory, name);
        }
    }

    /** Gives a file of a directory another name in it, in place of what has that name now. */
    public static void renameat(int directory, String from, String to) throws PosixException {
        CallFrame frame = CallFrame.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = CallFrame.string(arena, CText.encode(to));
            int result = RENAMEAT.call(frame, directory, frame.path("renameat", from), directory, target.address());
            if (result < 0) {
                throw frame.failure("renameat", directory, from, to);
            }
        }
    }

    /** Where a symbolic link leads to, by an O_PATH descriptor of the link itself. */
    public static String readlink(int fd) throws PosixException {
        CallFrame frame = CallFrame.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(CallFrame.PATH_MAX);
            int count = READLINKAT.call(frame, fd, frame.path("readlinkat", ""), target.address(), target.byteSize());
            if (count < 0) {
                throw frame.failure("readlinkat", fd);
            }
            byte[] path = new byte[count];
            CallFrame.buffer(target).get(0, path);
            return CText.decode(path, 0, count);
        }
    }

    /** Closes a descriptor. It is gone even if this throws. */
    public static void close(int fd) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = CLOSE.call(frame, fd);
        if (result < 0 && frame.lastError() != Errno.EINTR) {
            throw frame.failure("close", fd);
        }
    }

    /**
     * Reads into the buffer's remaining room and moves its position.
     *
     * @param buffer a direct one
     * @return how many bytes; 0 at the end (or for a full buffer), {@link #WOULD_BLOCK} if an O_NONBLOCK one has
     *     nothing now
     */
    public static int read(int fd, ByteBuffer buffer) throws PosixException {
        int count = read(fd, memory(buffer));
        if (count > 0) {
            buffer.position(buffer.position() + count);
        }
        return count;
    }

    static int read(int fd, MemorySegment memory) throws PosixException {
        CallFrame frame = CallFrame.get();
        while (true) {
            long count;
            try {
                count = READ.callLong(frame, fd, memory.address(), memory.byteSize());
            } finally {
                Reference.reachabilityFence(memory);
            }
            if (count >= 0) {
                return (int) count;
            }
            if (wouldBlock(frame, "read", fd)) {
                return WOULD_BLOCK;
            }
        }
    }

    /**
     * Writes what remains in the buffer, or the first part of it, and moves its position.
     *
     * @param buffer a direct one
     * @return how many bytes, or {@link #WOULD_BLOCK} if an O_NONBLOCK one takes nothing now
     */
    public static int write(int fd, ByteBuffer buffer) throws PosixException {
        int count = write(fd, memory(buffer));
        if (count > 0) {
            buffer.position(buffer.position() + count);
        }
        return count;
    }

    static int write(int fd, MemorySegment memory) throws PosixException {
        CallFrame frame = CallFrame.get();
        while (true) {
            long count;
            try {
                count = WRITE.callLong(frame, fd, memory.address(), memory.byteSize());
            } finally {
                Reference.reachabilityFence(memory);
            }
            if (count >= 0) {
                return (int) count;
            }
            if (wouldBlock(frame, "write", fd)) {
                return WOULD_BLOCK;
            }
        }
    }

    /**
     * Copies what is in one pipe to another and leaves it in the first.
     *
     * @param flags 0 or {@link #SPLICE_F_NONBLOCK}
     * @return how many bytes; 0 if the first pipe is empty and has no writer any more;
     *     {@link #WOULD_BLOCK} if it is empty, or the other full, now
     */
    public static int tee(int from, int to, int length, int flags) throws PosixException {
        CallFrame frame = CallFrame.get();
        while (true) {
            long count = TEE.callLong(frame, from, to, length, flags);
            if (count >= 0) {
                return (int) count;
            }
            if (wouldBlock(frame, "tee", from)) {
                return WOULD_BLOCK;
            }
        }
    }

    /**
     * Makes a pipe.
     *
     * @param flags 0 or {@link #O_NONBLOCK}; O_CLOEXEC is added
     * @return the end to read and the end to write
     */
    public static int[] pipe(int flags) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = PIPE2.call(frame, frame.structAddress, flags | O_CLOEXEC);
        if (result < 0) {
            throw frame.failure("pipe2");
        }
        return new int[] {frame.struct.getInt(0), frame.struct.getInt(Integer.BYTES)};
    }

    /** Makes a FIFO. Its mode is less the umask; use {@link #fchmod} if that matters. */
    public static void mkfifo(Path path, int mode) throws PosixException {
        CallFrame frame = CallFrame.get();
        String name = CText.of(path);
        long bytes = frame.path("mkfifo", name);
        int result = MKFIFO.call(frame, bytes, mode);
        if (result < 0) {
            throw frame.failure("mkfifo", name);
        }
    }

    /** Makes a non-blocking event counter at 0; see {@link Wakeup}. */
    public static int eventfd() throws PosixException {
        CallFrame frame = CallFrame.get();
        int fd = EVENTFD.call(frame, 0, O_CLOEXEC | O_NONBLOCK);
        if (fd < 0) {
            throw frame.failure("eventfd");
        }
        return fd;
    }

    /**
     * Locks or unlocks the open file; the lock goes with the last descriptor of it.
     *
     * @param operation {@link #LOCK_SH}, {@link #LOCK_EX} or {@link #LOCK_UN}, with {@link #LOCK_NB} or not
     * @return false only if LOCK_NB was given and another holds it
     */
    public static boolean flock(int fd, int operation) throws PosixException {
        CallFrame frame = CallFrame.get();
        while (true) {
            int result = FLOCK.call(frame, fd, operation);
            if (result == 0) {
                return true;
            }
            if (wouldBlock(frame, "flock", fd)) {
                return false;
            }
        }
    }

    /** The metadata of an open descriptor. */
    public static Stat fstat(int fd) throws PosixException {
        return Statx.of(fd, "", Statx.AT_EMPTY_PATH, "fd " + fd);
    }

    /** The metadata of the file at the path; for a symbolic link, of the link. */
    public static Stat lstat(Path path) throws PosixException {
        String name = CText.of(path);
        return Statx.of(Statx.AT_FDCWD, name, Statx.AT_SYMLINK_NOFOLLOW, name);
    }

    /** The metadata of the file with that name in a directory; for a symbolic link, of the link. */
    public static Stat lstatat(int directory, String name) throws PosixException {
        return Statx.of(directory, name, Statx.AT_SYMLINK_NOFOLLOW, name);
    }

    /** The metadata of the file at the path, after following links. */
    public static Stat stat(Path path) throws PosixException {
        return stat(CText.of(path));
    }

    static Stat stat(String path) throws PosixException {
        return Statx.of(Statx.AT_FDCWD, path, 0, path);
    }

    /** Whether this process may write to what has that name in a directory. */
    public static boolean isWritable(int directory, String name) {
        return access(directory, name, W_OK);
    }

    /** Whether this process, with the rights it has now, may do so; false also for what is not there. */
    static boolean access(String path, int how) {
        return access(Statx.AT_FDCWD, path, how);
    }

    private static boolean access(int directory, String path, int how) {
        CallFrame frame = CallFrame.get();
        try {
            return FACCESSAT.call(frame, directory, frame.path("faccessat", path), how, AT_EACCESS) == 0;
        } catch (PosixException _) {
            return false;
        }
    }

    /** Sets the permission bits of what is at the path, at the end of any links. */
    public static void chmod(Path path, int mode) throws PosixException {
        CallFrame frame = CallFrame.get();
        String name = CText.of(path);
        int result = CHMOD.call(frame, frame.path("chmod", name), mode);
        if (result < 0) {
            throw frame.failure("chmod", name, "0" + Integer.toOctalString(mode));
        }
    }

    /** Sets the permission bits. */
    public static void fchmod(int fd, int mode) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = FCHMOD.call(frame, fd, mode);
        if (result < 0) {
            throw frame.failure("fchmod", fd, "0" + Integer.toOctalString(mode));
        }
    }

    /** Sets owner and group; -1 leaves one as it is. */
    public static void fchown(int fd, int uid, int gid) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = FCHOWN.call(frame, fd, uid, gid);
        if (result < 0) {
            throw frame.failure("fchown", fd, uid, gid);
        }
    }

    /** Returns once what was written is on the disk. */
    public static void fsync(int fd) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = FSYNC.call(frame, fd);
        if (result < 0) {
            throw frame.failure("fsync", fd);
        }
    }

    /** Whether it is a terminal; false for what is no descriptor at all. */
    public static boolean isatty(int fd) {
        return ISATTY.call(CallFrame.get(), fd) == 1;
    }

    /** How many unread bytes a pipe holds. */
    public static int unread(int fd) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = IOCTL.call(frame, fd, FIONREAD, frame.structAddress);
        if (result < 0) {
            throw frame.failure("ioctl", fd, "FIONREAD");
        }
        return frame.struct.getInt(0);
    }

    private static int fcntl(int fd, int command, String name, int argument) throws PosixException {
        CallFrame frame = CallFrame.get();
        int result = FCNTL.call(frame, fd, command, argument);
        if (result < 0) {
            throw frame.failure("fcntl", fd, name);
        }
        return result;
    }

    /** Whether it is a descriptor of this process. */
    public static boolean isOpen(int fd) {
        try {
            fcntl(fd, F_GETFD, "F_GETFD", 0);
            return true;
        } catch (PosixException _) {
            return false;
        }
    }

    /** Another descriptor of the same open file, the lowest one free from {@code lowest} on. */
    public static int duplicate(int fd, int lowest) throws PosixException {
        return fcntl(fd, F_DUPFD_CLOEXEC, "F_DUPFD_CLOEXEC", lowest);
    }

    /** Makes a descriptor, whatever it was, one of the open file of another; it stays open over an {@link Exec}. */
    static void replace(int fd, int other) throws PosixException {
        CallFrame frame = CallFrame.get();
        if (DUP2.call(frame, other, fd) < 0) {
            throw frame.failure("dup2", other, fd);
        }
    }

    /** Closes it when this process executes another program; not wrong if it is closed by now. */
    static void closeOnExec(int fd) throws PosixException {
        try {
            fcntl(fd, F_SETFD, "F_SETFD", FD_CLOEXEC);
        } catch (PosixException e) {
            if (e.errno() != Errno.EBADF) {
                throw e;
            }
        }
    }

    /** Makes the open file O_NONBLOCK or not, for everybody who has it. */
    public static void setNonBlocking(int fd, boolean nonBlocking) throws PosixException {
        int flags = fcntl(fd, F_GETFL, "F_GETFL", 0);
        fcntl(fd, F_SETFL, "F_SETFL", nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
    }

    /** Whether the call that failed would have to wait; if not, a signal cut it short and it is to be made again. */
    private static boolean wouldBlock(CallFrame frame, String call, int fd) throws PosixException {
        return switch (frame.lastError()) {
            case Errno.EAGAIN -> true;
            case Errno.EINTR -> false;
            default -> throw frame.failure(call, fd);
        };
    }

    private static MemorySegment memory(ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            throw new IllegalArgumentException("the kernel takes direct buffers only");
        }
        return MemorySegment.ofBuffer(buffer);
    }
}
