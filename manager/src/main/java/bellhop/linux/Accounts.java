package bellhop.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The users and groups of this machine, {@code getpwnam(3)} and {@code getgrnam(3)}. */
public final class Accounts {
    private static final CFunction GETPWNAM_R = CFunction.named("getpwnam_r");
    private static final CFunction GETPWUID_R = CFunction.named("getpwuid_r");
    private static final CFunction GETGRNAM_R = CFunction.named("getgrnam_r");
    private static final CFunction GETGROUPLIST = CFunction.named("getgrouplist");
    private static final int FIRST_SIZE = 4096;
    private static final int MOST = 1 << 20;
    private static final int MOST_GROUPS = 1 << 16;

    // struct passwd { char *name, *passwd; uid_t uid; gid_t gid; char *gecos, *dir, *shell; }, pwd.h
    // struct group { char *name, *passwd; gid_t gid; char **mem; }, grp.h
    private static final int STRUCT_MAX = 64;
    static final int UID = 16;
    static final int GID = 20;
    static final int DIR = 32;
    static final int SHELL = 40;
    static final int GROUP_GID = 16;

    private Accounts() {}

    /**
     * A user.
     *
     * @param uid the user's number; above 2147483647 it is negative here
     * @param gid the number of the main group
     * @param home the home directory
     * @param shell the login shell; empty if none is named
     */
    public record Account(String name, int uid, int gid, String home, String shell) {}

    /** The result of a lookup, copied out of its memory before that is freed. */
    private interface Copy<T> {
        T of(ByteBuffer struct);
    }

    /**
     * The user of that name.
     *
     * @throws PosixException if the users could not be asked for
     */
    public static Optional<Account> user(String name) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            return lookUp("getpwnam_r", GETPWNAM_R, arena.allocateFrom(name).address(), name, Accounts::user);
        }
    }

    /**
     * The user of that number.
     *
     * @throws PosixException if the users could not be asked for
     */
    public static Optional<Account> user(int uid) throws PosixException {
        return lookUp("getpwuid_r", GETPWUID_R, uid, Integer.toUnsignedString(uid), Accounts::user);
    }

    /**
     * The number of the group of that name.
     *
     * @throws PosixException if the groups could not be asked for
     */
    public static OptionalInt group(String name) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            Optional<Integer> gid = lookUp(
                    "getgrnam_r",
                    GETGRNAM_R,
                    arena.allocateFrom(name).address(),
                    name,
                    struct -> struct.getInt(GROUP_GID));
            return gid.map(OptionalInt::of).orElseGet(OptionalInt::empty);
        }
    }

    /** The numbers of all groups that a user is in, {@code getgrouplist(3)}, the given main group first. */
    public static List<Integer> groups(Account user, int mainGroup) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment groups = arena.allocate((long) MOST_GROUPS * Integer.BYTES, Integer.BYTES);
            MemorySegment count = arena.allocateFrom(ValueLayout.JAVA_INT, MOST_GROUPS);
            long name = arena.allocateFrom(user.name()).address();
            GETGROUPLIST.call(CallFrame.get(), name, mainGroup, groups.address(), count.address());
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < Math.min(MOST_GROUPS, count.get(ValueLayout.JAVA_INT, 0)); i++) {
                found.add(groups.getAtIndex(ValueLayout.JAVA_INT, i));
            }
            return found;
        }
    }

    private static Account user(ByteBuffer struct) {
        return new Account(
                text(struct.getLong(0)),
                struct.getInt(UID),
                struct.getInt(GID),
                text(struct.getLong(DIR)),
                text(struct.getLong(SHELL)));
    }

    private static String text(long address) {
        if (address == CFunction.NULL) {
            return "";
        }
        byte[] bytes = MemorySegment.ofAddress(address)
                .reinterpret(MOST)
                .getString(0, java.nio.charset.StandardCharsets.ISO_8859_1)
                .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        return CText.decode(bytes, 0, bytes.length);
    }

    private static <T> Optional<T> lookUp(String call, CFunction function, long key, String shown, Copy<T> copy)
            throws PosixException {
        for (int size = FIRST_SIZE; ; size *= 4) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment struct = arena.allocate(STRUCT_MAX, Long.BYTES);
                MemorySegment strings = arena.allocate(size, Long.BYTES);
                MemorySegment result = arena.allocate(ValueLayout.JAVA_LONG);
                // It returns its error.
                int error = function.call(
                        CallFrame.get(), key, struct.address(), strings.address(), size, result.address());
                if (error == Errno.ERANGE && size < MOST) {
                    continue;
                }
                boolean found = CallFrame.buffer(result).getLong(0) != CFunction.NULL;
                if (found) {
                    return Optional.of(copy.of(CallFrame.buffer(struct)));
                }
                // What else says that there is none differs by the source of the names.
                if (error == 0 || error == Errno.ENOENT || error == Errno.ESRCH || error == Errno.EPERM) {
                    return Optional.empty();
                }
                throw new PosixException(call, error, shown);
            }
        }
    }
}
